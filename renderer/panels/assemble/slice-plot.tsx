import type { ReactNode } from 'react';
import type { LightReport } from '../../../preload/contract/intensity.ts';

const [width, height, edge] = [240, 72, 4];

/** Mean levels of sections, before (dim) and after, from the first section to the last. */
export function SlicePlot({ slices }: { readonly slices: LightReport['slices'] }): ReactNode {
  const levels = slices.flatMap(({ before, after }) => [before, after]);
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const line = (side: 'before' | 'after'): string =>
    slices
      .map((slice, i) => {
        const x = edge + (i / (slices.length - 1)) * (width - 2 * edge);
        const y = height - edge - ((slice[side] - low) / (high - low || 1)) * (height - 2 * edge);
        return `${x.toFixed(1)},${y.toFixed(1)}`;
      })
      .join(' ');
  const [first, last] = [slices[0]?.section ?? 0, slices.at(-1)?.section ?? 0];
  return (
    <figure className="slice-plot">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Mean levels of sections ${first} to ${last}: from ${low.toFixed(0)} to ${high.toFixed(0)}; the brighter line is after`}
      >
        <polyline className="before" points={line('before')} />
        <polyline className="after" points={line('after')} />
      </svg>
      <figcaption className="faint">
        <span>section {first}</span>
        <span>
          mean levels {low.toFixed(0)} to {high.toFixed(0)}
        </span>
        <span>{last}</span>
      </figcaption>
    </figure>
  );
}
