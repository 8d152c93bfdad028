import type { ReactNode } from 'react';
import { askAgain, type ExportWait } from '../../state/export-run.ts';
import { Button } from '../../ui/button.tsx';
import { Progress } from '../../ui/progress.tsx';

interface ExportProgressProps {
  readonly label: string;
  readonly unit: string;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
  readonly waits: readonly ExportWait[];
  readonly onCancel: () => void;
  /** Leaves out what does not come. */
  readonly onWithout: () => void;
}

/** How far an export is, how long it will take, and the way out. */
export function ExportProgress(props: ExportProgressProps): ReactNode {
  const { label, unit, done, total, secondsLeft, waits, onCancel, onWithout } = props;
  return (
    <div className="stack" aria-live="polite">
      <Progress label={label} fraction={total === 0 ? 0 : done / total} />
      {waits.length > 0 && <Waits waits={waits} onWithout={onWithout} />}
      <div className="export-end">
        <span className="hint">
          {total === 0 ? 'Beginning…' : `${Math.floor(done)} of ${total} ${unit}`}
          {secondsLeft === null || waits.length > 0 ? '' : `, about ${timeText(secondsLeft)} left`}
        </span>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </div>
  );
}

interface WaitsProps {
  readonly waits: readonly ExportWait[];
  readonly onWithout: () => void;
}

/** What does not come, layer by layer, and what can be done. */
function Waits({ waits, onWithout }: WaitsProps): ReactNode {
  return (
    <div className="export-waits" role="alert">
      <p>It waits for what does not come:</p>
      <ul>
        {waits.map(({ layer, name, why }) => (
          <li key={layer}>
            <b>{name}</b>: {why}
          </li>
        ))}
      </ul>
      <div className="export-choices">
        <Button onClick={() => askAgain(waits)}>Try again</Button>
        <Button onClick={onWithout}>Export with what is there</Button>
      </div>
    </div>
  );
}

function timeText(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  return whole < 5400 ? `${Math.round(whole / 60)} min` : `${(whole / 3600).toFixed(1)} h`;
}
