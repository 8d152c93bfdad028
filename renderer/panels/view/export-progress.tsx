import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Progress } from '../../ui/progress.tsx';

interface ExportProgressProps {
  readonly label: string;
  readonly unit: string;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
  readonly onCancel: () => void;
}

/** How far an export is, how long it will take, and the way out. */
export function ExportProgress({ label, unit, done, total, secondsLeft, onCancel }: ExportProgressProps): ReactNode {
  return (
    <div className="stack" aria-live="polite">
      <Progress label={label} fraction={total === 0 ? 0 : done / total} />
      <div className="export-end">
        <span className="hint">
          {total === 0 ? 'Beginning…' : `${done} of ${total} ${unit}`}
          {secondsLeft === null ? '' : `, about ${timeText(secondsLeft)} left`}
        </span>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </div>
  );
}

function timeText(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  return whole < 5400 ? `${Math.round(whole / 60)} min` : `${(whole / 3600).toFixed(1)} h`;
}
