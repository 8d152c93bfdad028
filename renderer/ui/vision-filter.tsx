import type { ReactNode } from 'react';
import { deficiencies, visionMatrix } from './colour-vision.ts';

/** Filters that show the window as readers with a deficiency of colour vision see it: `filter: url(#vision-NAME)`. */
export function VisionFilters(): ReactNode {
  return (
    <svg className="visually-hidden" width="0" height="0" aria-hidden focusable="false">
      {deficiencies.map((name) => (
        <filter key={name} id={`vision-${name}`} colorInterpolationFilters="linearRGB">
          <feColorMatrix type="matrix" values={rowsOf(visionMatrix[name])} />
        </filter>
      ))}
    </svg>
  );
}

/** A 3 x 3 matrix as the 4 x 5 that the filter takes. */
function rowsOf(m: readonly number[]): string {
  const rows = [0, 1, 2].map((row) => [...m.slice(3 * row, 3 * row + 3), 0, 0].join(' '));
  return [...rows, '0 0 0 1 0'].join(' ');
}
