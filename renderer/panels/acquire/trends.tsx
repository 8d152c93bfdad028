import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { WatchMetric } from '../../../preload/contract/watch.ts';
import { selectTile, useBoard } from '../../state/board.ts';
import { useWatch } from '../../state/watch.ts';
import { LimitsDialog } from './limits-dialog.tsx';
import { TrendPlot } from '../../ui/trend-plot.tsx';

const shown: ReadonlyArray<readonly [metric: WatchMetric, title: string, about: string]> = [
  ['focus', 'Sharpness', 'Variance of the Laplacian over the variance: higher is sharper.'],
  ['brightness', 'Brightness', 'Mean grey level.'],
  ['ncc', 'Weakest overlap', 'Correlation with the neighbour that matches least; 1 is the same.'],
  ['stageStep', 'Stage step, px', 'How far a tile lies off where those before it say the stage is.'],
  [
    'lightStep',
    'Light step, part',
    'How much brighter a tile is than those before it, where they show the same: the lamp, not the tissue.',
  ],
  ['charging', 'Charging', 'Slow change of brightness over the scan lines, in contrasts.'],
  ['stageDrift', 'Stage drift, px', 'How far the stage has moved from its word.'],
];

/** How the session goes: one plot a metric, in order of arrival. */
export function Trends(): ReactNode {
  const readings = useWatch((s) => s.readings);
  const limits = useWatch((s) => s.limits);
  const alarms = useWatch((s) => s.alarms);
  const selected = useBoard((s) => s.selected);
  const [editing, setEditing] = useState<WatchMetric | null>(null);
  const edited = limits.find(({ metric }) => metric === editing);
  const flagged = useMemo(
    () => new Set(alarms.flatMap(({ tile, resolvedAt }) => (tile !== null && resolvedAt === null ? [tile] : []))),
    [alarms],
  );
  return (
    // Scrolled by keys where it does not fit.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="trends" role="group" aria-label="Trends" tabIndex={0}>
      {shown.map(([metric, title, about]) => {
        const limit = limits.find((one) => one.metric === metric);
        const points = readings.flatMap(({ tile, values }) => {
          const value = values[metric];
          return value === undefined ? [] : [{ id: tile, value, flagged: flagged.has(tile) }];
        });
        return (
          <TrendPlot
            key={metric}
            title={title}
            about={about}
            points={points}
            low={limit?.low ?? null}
            high={limit?.high ?? null}
            median={limit?.median ?? null}
            selected={selected}
            onSelect={selectTile}
            onLimits={() => setEditing(metric)}
          />
        );
      })}
      {edited && (
        <LimitsDialog
          limit={edited}
          title={shown.find(([metric]) => metric === editing)?.[1] ?? ''}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  );
}
