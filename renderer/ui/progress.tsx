import type { ReactNode } from 'react';

interface ProgressProps {
  readonly label: string;
  /** 0 to 1. */
  readonly fraction: number;
  readonly state?: 'running' | 'paused' | 'failed';
}

export function Progress({ label, fraction, state = 'running' }: ProgressProps): ReactNode {
  const share = Math.max(0, Math.min(1, fraction));
  return (
    <div
      className={`progress ${state}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <span style={{ transform: `scaleX(${share})` }} />
    </div>
  );
}
