import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, MouseEvent, ReactNode } from 'react';
import { Tooltip } from './tooltip.tsx';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  readonly tone?: 'plain' | 'primary' | 'quiet' | 'link';
  readonly size?: 'normal' | 'small';
  readonly icon?: LucideIcon;
  /** Why the button can't be pressed now. It stays focusable, so that the reason can be read. */
  readonly whyNot?: string | null | undefined;
}

export function Button({
  tone = 'plain',
  size = 'normal',
  icon: Icon,
  whyNot,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps): ReactNode {
  const classes = ['button', tone === 'plain' ? '' : tone, size === 'small' ? 'small' : '', className ?? '']
    .filter(Boolean)
    .join(' ');
  const press = (event: MouseEvent<HTMLButtonElement>): void => {
    if (whyNot) event.preventDefault();
    else onClick?.(event);
  };
  const button = (
    <button type="button" {...rest} className={classes} aria-disabled={whyNot ? true : undefined} onClick={press}>
      {Icon && <Icon size={size === 'small' ? 14 : 16} aria-hidden />}
      {children}
    </button>
  );
  return whyNot ? <Tooltip text={whyNot}>{button}</Tooltip> : button;
}

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: LucideIcon;
  /** Accessible name, shown as the tooltip too. */
  readonly label: string;
  readonly hint?: ReactNode;
  readonly iconSize?: number;
}

export function IconButton({
  icon: Icon,
  label,
  hint,
  whyNot,
  tone = 'quiet',
  iconSize = 16,
  className,
  onClick,
  ...rest
}: IconButtonProps): ReactNode {
  return (
    <Tooltip
      text={
        <>
          {whyNot ? `${label}: ${whyNot}` : label} {hint}
        </>
      }
    >
      <button
        type="button"
        {...rest}
        className={`button icon ${tone === 'plain' ? '' : tone} ${className ?? ''}`}
        aria-label={label}
        aria-disabled={whyNot ? true : undefined}
        onClick={(event) => (whyNot ? event.preventDefault() : onClick?.(event))}
      >
        <Icon size={iconSize} aria-hidden />
      </button>
    </Tooltip>
  );
}
