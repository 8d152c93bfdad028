import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Limit } from '../../../preload/contract/watch.ts';
import { setLimit } from '../../state/watch.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { formatNumber, plural } from '../../ui/format.ts';

interface LimitsDialogProps {
  readonly limit: Limit;
  readonly title: string;
  readonly onClose: () => void;
}

/** The limits of one metric: what was learned, and what the user wants instead. */
export function LimitsDialog({ limit, title, onClose }: LimitsDialogProps): ReactNode {
  const [low, setLow] = useState(textOf(limit.low));
  const [high, setHigh] = useState(textOf(limit.high));
  const problem = problemOf(low, high);
  const apply = (setting: Parameters<typeof setLimit>[1]): void => {
    void setLimit(limit.metric, setting);
    onClose();
  };
  return (
    <Dialog title={`Limits: ${title}`} onClose={onClose}>
      <div className="stack">
        <p className="muted">{aboutOf(limit)}</p>
        <div className="three">
          <TextField label="Alarm below" value={low} inputMode="decimal" onText={setLow} />
          <TextField label="Alarm above" value={high} inputMode="decimal" onText={setHigh} problem={problem} />
        </div>
        <p className="faint">They hold for tiles that come from now on. Leave a side empty for no limit.</p>
        <div className="row">
          <Button
            tone="primary"
            whyNot={problem ?? (low === '' && high === '' ? 'Give a limit, or choose another button' : null)}
            onClick={() =>
              apply({ ...(low !== '' && { low: Number(low) }), ...(high !== '' && { high: Number(high) }) })
            }
          >
            Set these limits
          </Button>
          <Button
            whyNot={limit.source === 'learned' || limit.source === 'learning' ? 'They are learned' : null}
            onClick={() => apply({})}
          >
            Go by what is usual
          </Button>
          <Button whyNot={limit.source === 'off' ? 'It has none' : null} onClick={() => apply({ off: true })}>
            No alarms of it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

const textOf = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(4))));

function problemOf(low: string, high: string): string | null {
  if ([low, high].some((text) => text !== '' && !Number.isFinite(Number(text)))) return 'Limits are numbers.';
  return low !== '' && high !== '' && Number(low) >= Number(high)
    ? 'The lower limit is not below the upper one.'
    : null;
}

function aboutOf({ source, median, spread, learnedFrom, spreads }: Limit): string {
  const usual = median === null || spread === null ? '' : ` Usual: ${formatNumber(median)} ± ${formatNumber(spread)}.`;
  const how = {
    learned: `Learned from the last ${plural(learnedFrom, 'tile')} that ${learnedFrom === 1 ? 'was' : 'were'} fine: ${formatNumber(spreads)} spreads from the median.`,
    learning: `Being learned: ${plural(learnedFrom, 'tile')} of 12 so far.`,
    set: 'Set by you.',
    fixed: 'The same for every microscope.',
    off: 'No limit.',
  }[source];
  return `${how}${usual}`;
}
