import { X } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import './dialog.css';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  /** A palette shows no title bar; the title is still its accessible name. */
  readonly bare?: boolean;
  readonly children: ReactNode;
}

const firstControl = ':not(header) :is(input, select, textarea, button):not([tabindex="-1"], [aria-disabled])';

/**
 * The browser's own modal dialog: it traps the focus, closes on Escape and gives the focus back. Mounted = open. The
 * first control of its content has the focus: not the close button, whose tooltip would take the first Escape.
 */
export function Dialog({ title, onClose, wide = false, bare = false, children }: DialogProps): ReactNode {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    dialog?.querySelector<HTMLElement>(`.dialog-body > ${firstControl}`)?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={`dialog ${wide ? 'wide' : ''} ${bare ? 'bare' : ''}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === element.current && onClose()}
    >
      <div className="dialog-body">
        <header className={bare ? 'visually-hidden' : ''}>
          <h2 id={id}>{title}</h2>
          {!bare && <IconButton icon={X} label="Close" onClick={onClose} />}
        </header>
        {children}
      </div>
    </dialog>
  );
}
