import { useId } from 'react';
import type { ReactNode } from 'react';
import type { Range } from '../../../state/flat-map/tiles.ts';
import { measureText } from '../../../state/figure/paint.ts';
import { roundBar } from '../../../state/figure/scale-bar.ts';
import { css, viridis } from '../../../ui/colour-maps.ts';
import { formatNumber } from '../../../ui/format.ts';
import { Hatch } from './map-hatch.tsx';

interface LegendProps {
  /** Measure and unit. */
  readonly title: string;
  readonly range: Range | null;
  readonly nmPerPx: number;
  /** Whether regions without a number are in sight. */
  readonly hasNone: boolean;
  /** Height of the text, CSS pixels. */
  readonly em: number;
}

const stops = Array.from({ length: 17 }, (_, i) => i / 16);

/** How long, which number, and what is hatched. */
export function MapLegend({ title, range, nmPerPx, hasNone, em }: LegendProps): ReactNode {
  return (
    <div className="map-legend">
      <ScaleBar nmPerPx={nmPerPx} em={em} />
      {range && <Colours title={title} range={range} em={em} />}
      {hasNone && <None em={em} />}
    </div>
  );
}

/** Room for a text: the window's font may be measured before it is here. */
const widthOf = (text: string, em: number): number => Math.ceil(1.05 * measureText(text, em)) + 2;

function ScaleBar({ nmPerPx, em }: Pick<LegendProps, 'nmPerPx' | 'em'>): ReactNode {
  const bar = roundBar(nmPerPx, 8 * em);
  if (!bar) return null;
  const width = bar.widthPx + 0.6 * em + widthOf(bar.label, em);
  return (
    <svg data-part width={width} height={1.5 * em} role="img" aria-label={`Scale bar: ${bar.label}`}>
      <rect y={0.65 * em} width={bar.widthPx} height={3} fill="currentColor" />
      <text x={bar.widthPx + 0.6 * em} y={1.05 * em} fill="currentColor">
        {bar.label}
      </text>
    </svg>
  );
}

function Colours({
  title,
  range,
  em,
}: {
  readonly title: string;
  readonly range: Range;
  readonly em: number;
}): ReactNode {
  const id = useId();
  const [from, to] = [formatNumber(range.from), formatNumber(range.to)];
  const gap = 0.5 * em;
  const fromX = widthOf(title, em) + 2 * gap;
  const barX = fromX + widthOf(from, em) + gap;
  const toX = barX + 10 * em + gap;
  return (
    <svg
      data-part
      width={toX + widthOf(to, em)}
      height={1.5 * em}
      role="img"
      aria-label={`${title}: colours from ${from} to ${to}`}
    >
      <linearGradient id={id}>
        {stops.map((share) => (
          <stop key={share} offset={share} stopColor={css(viridis(share))} />
        ))}
      </linearGradient>
      <g fill="currentColor">
        <text y={1.05 * em} fontWeight={600}>
          {title}
        </text>
        <text x={fromX} y={1.05 * em}>
          {from}
        </text>
        <rect x={barX} y={0.25 * em} width={10 * em} height={em} fill={`url(#${id})`} />
        <text x={toX} y={1.05 * em}>
          {to}
        </text>
      </g>
    </svg>
  );
}

function None({ em }: { readonly em: number }): ReactNode {
  const id = useId();
  const words = 'Nothing measured';
  return (
    <svg data-part width={2.1 * em + widthOf(words, em)} height={1.5 * em} role="img" aria-label={`Hatched: ${words}`}>
      <Hatch id={id} scale={1} />
      <rect y={0.25 * em} width={1.6 * em} height={em} fill={`url(#${id})`} stroke="#000000" strokeOpacity={0.6} />
      <text x={2.1 * em} y={1.05 * em} fill="currentColor">
        {words}
      </text>
    </svg>
  );
}
