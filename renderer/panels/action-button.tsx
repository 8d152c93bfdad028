import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { keysOf, runAction } from '../state/actions/registry.ts';
import { useAction } from '../state/actions/use-action.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Keys, keysText } from '../ui/keys.tsx';

interface ActionButtonProps {
  readonly id: string;
  readonly icon?: LucideIcon;
  readonly tone?: 'plain' | 'primary' | 'quiet' | 'link';
  readonly size?: 'normal' | 'small';
  readonly pressed?: boolean;
  /** Words where the action's title is too general: "Stitch 96 tiles". */
  readonly children?: ReactNode;
}

/** A button for an action of the registry, with its keys, and with the reason where it can't be pressed. */
export function ActionButton({ id, pressed, children, ...look }: ActionButtonProps): ReactNode {
  const { action, reason } = useAction(id);
  const keys = keysOf(action.id);
  return (
    <Button
      {...look}
      whyNot={reason}
      aria-pressed={pressed}
      aria-keyshortcuts={keys && ariaKeys(keys)}
      onClick={() => runAction(id)}
    >
      {children ?? action.title}
    </Button>
  );
}

interface ActionIconProps {
  readonly id: string;
  readonly icon: LucideIcon;
  readonly pressed?: boolean;
  readonly label?: string;
}

export function ActionIcon({ id, icon, pressed, label }: ActionIconProps): ReactNode {
  const { action, reason } = useAction(id);
  const keys = keysOf(action.id);
  return (
    <IconButton
      icon={icon}
      label={label ?? action.title}
      hint={keys && <Keys keys={keys} />}
      whyNot={reason}
      aria-pressed={pressed}
      aria-keyshortcuts={keys && ariaKeys(keys)}
      onClick={() => runAction(id)}
    />
  );
}

const ariaKeys = (keys: string): string => keysText(keys).replace('Ctrl', 'Control');
