import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface EmptyProps {
  readonly icon: LucideIcon;
  readonly title: string;
  /** What is missing and what to do. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Nothing here yet: says what belongs here and offers the way to it. */
export function Empty({ icon: Icon, title, children, actions }: EmptyProps): ReactNode {
  return (
    <div className="empty">
      <Icon size={28} strokeWidth={1.5} aria-hidden />
      <h2>{title}</h2>
      {children && <p className="muted">{children}</p>}
      {actions && <div className="row">{actions}</div>}
    </div>
  );
}
