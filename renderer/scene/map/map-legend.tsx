import type { ReactNode } from 'react';
import { css, viridis } from '../../ui/colour-maps.ts';
import { formatPixels } from '../../ui/format.ts';
import type { MapTile } from './map-shapes.ts';

const ramp = `linear-gradient(to right, ${[0.25, 0.5, 0.75, 1].map((at) => css(viridis(at))).join(', ')})`;

interface LegendProps {
  /** Residual at the bright end; null where there is no link. */
  readonly topPx: number | null;
  readonly dropped: boolean;
  readonly tiles: readonly MapTile[];
}

/** What is drawn now, and nothing else. */
export function MapLegend({ topPx, dropped, tiles }: LegendProps): ReactNode {
  const some = (is: (placement: MapTile['placement']) => boolean): boolean => tiles.some((tile) => is(tile.placement));
  const entries = [
    { key: 'stage', label: 'placed by the stage', shown: some(({ placedBy }) => placedBy === 'stage') },
    {
      key: 'moved',
      label: 'moved by hand',
      shown: some(({ placedBy, fixed }) => placedBy === 'user' && fixed !== true),
    },
    { key: 'pinned', label: 'pinned', shown: some(({ fixed }) => fixed === true) },
  ].filter(({ shown }) => shown);
  if (topPx === null && entries.length === 0) return null;
  return (
    <div className="legend">
      {topPx !== null && (
        <>
          <span>Residual</span>
          <span className="mono">0</span>
          <span className="ramp" style={{ background: ramp }} aria-hidden />
          <span className="mono">{formatPixels(topPx)}</span>
        </>
      )}
      {dropped && (
        <span className="legend-dropped">
          <span className="line dashed" aria-hidden />
          dropped
        </span>
      )}
      {entries.map(({ key, label }) => (
        <span key={key} className={`legend-${key}`}>
          <span className={key === 'stage' ? 'line dashed' : 'line'} aria-hidden />
          {label}
        </span>
      ))}
    </div>
  );
}
