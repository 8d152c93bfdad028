import { Check, CircleAlert, Copy, Info, TriangleAlert, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { Toast } from '../../state/toasts.ts';
import { dismissToast, useToasts } from '../../state/toasts.ts';
import { Button, IconButton } from '../../ui/button.tsx';

const icons = { info: Info, good: Check, warn: TriangleAlert, bad: CircleAlert } as const;
/** Long enough to read and to press; errors stay until they are closed. */
const shownMs = { info: 5_000, good: 7_000, warn: 10_000, bad: Infinity } as const;

export function Toaster(): ReactNode {
  const toasts = useToasts((s) => s.toasts);
  return (
    <div className="toaster" role="region" aria-label="Messages" aria-live="polite">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }): ReactNode {
  const [held, setHeld] = useState(false);
  const Icon = icons[toast.tone];
  useEffect(() => {
    const ms = shownMs[toast.tone];
    if (held || ms === Infinity) return;
    const timer = setTimeout(() => dismissToast(toast.id), ms);
    return () => clearTimeout(timer);
  }, [held, toast]);
  const act = (): void => {
    dismissToast(toast.id);
    toast.action?.run();
  };
  return (
    <div
      className={`toast ${toast.tone}`}
      role={toast.tone === 'bad' ? 'alert' : 'status'}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={16} aria-hidden />
      <div className="toast-words">
        <p className="toast-title selectable">{toast.title}</p>
        {toast.detail && <p className="muted selectable">{toast.detail}</p>}
        {(toast.action || toast.error) && (
          <div className="row">
            {toast.action && (
              <Button size="small" onClick={act}>
                {toast.action.label}
              </Button>
            )}
            {toast.error && (
              <Button
                size="small"
                tone="quiet"
                icon={Copy}
                onClick={() => void navigator.clipboard.writeText(JSON.stringify(toast.error, null, 2))}
              >
                Copy details
              </Button>
            )}
          </div>
        )}
      </div>
      <IconButton icon={X} label="Dismiss" iconSize={14} onClick={() => dismissToast(toast.id)} />
    </div>
  );
}
