import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

interface ErrorNoteProps {
  /** What happened and why. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string | undefined;
  readonly children?: ReactNode;
}

export function ErrorNote({ message, hint, children }: ErrorNoteProps): ReactNode {
  return (
    <div className="note bad" role="alert">
      <CircleAlert size={16} aria-hidden />
      <div>
        <p className="selectable">{message}</p>
        {hint && <p className="muted selectable">{hint}</p>}
        {children && <div className="row">{children}</div>}
      </div>
    </div>
  );
}
