import type { LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import './menu.css';

interface MenuProps {
  /** The button that opens it. */
  readonly children: ReactElement;
  readonly items: ReactNode;
  readonly align?: 'start' | 'end';
}

/** A menu that drops from a button: arrow keys, typing and Escape are Radix's. */
export function Menu({ children, items, align = 'start' }: MenuProps): ReactNode {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" align={align} sideOffset={4} collisionPadding={8} data-own-keys>
          {items}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  readonly icon?: LucideIcon;
  readonly hint?: ReactNode;
  /** Why it can't be chosen now; it stays readable. */
  readonly whyNot?: string | null;
  readonly checked?: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}

export function MenuItem({ icon: Icon, hint, whyNot = null, checked, onChoose, children }: MenuItemProps): ReactNode {
  const inside = (
    <>
      <span className="menu-icon">{checked ? '✓' : Icon && <Icon size={14} aria-hidden />}</span>
      <span className="menu-text">
        {children}
        {whyNot !== null && <span className="menu-why">{whyNot}</span>}
      </span>
      {hint}
    </>
  );
  const choose = (event: Event): void => (whyNot === null ? onChoose() : event.preventDefault());
  const disabled = whyNot === null ? undefined : true;
  return checked === undefined ? (
    <Radix.Item className="menu-item" aria-disabled={disabled} onSelect={choose}>
      {inside}
    </Radix.Item>
  ) : (
    <Radix.CheckboxItem className="menu-item" aria-disabled={disabled} checked={checked} onSelect={choose}>
      {inside}
    </Radix.CheckboxItem>
  );
}

export const MenuLine = (): ReactNode => <Radix.Separator className="menu-line" />;
export const MenuTitle = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <Radix.Label className="menu-title">{children}</Radix.Label>
);
