import { useMemo } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { setMapSection, useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { formatNumber, formatPixels, plural } from '../../ui/format.ts';
import { type Axis, ChartFrame, Rows, side } from './chart-frame.tsx';
import { fitsOf, type SectionFit } from './fits-of-sections.ts';
import './align.css';

const { left, right } = side;
/** With the words below it, no higher than the pane at 1280 x 800. */
const [top, foot, plot] = [22, 22, 84];
const height = top + plot + foot;
const leastColumn = 6;

/** How the links of every section fit, along z: the median and the worst; a choice shows its section on the map. */
export function SectionFits(): ReactNode {
  const links = useAssemble((s) => s.links);
  const section = useAssemble((s) => s.section);
  const sections = useBoard((s) => s.sections);
  const fits = useMemo(() => fitsOf(sections, links ?? []), [sections, links]);
  const at = sections.indexOf(section ?? Number.NaN);
  const choose = (index: number): void => {
    const chosen = sections[index];
    if (chosen !== undefined) setMapSection(chosen);
  };
  if (links !== null && links.length === 0)
    return <p className="compare-none muted">No overlap was compared, so there is nothing to say of sections.</p>;
  return (
    <div className="alignment">
      <ChartFrame count={fits.length} chosen={at} onChoose={choose} plotHeight={height}>
        {(width, onKeyDown) => (
          <FitChart
            fits={fits}
            width={Math.max(width, left + right + leastColumn * fits.length)}
            chosen={at}
            onKeyDown={onKeyDown}
          />
        )}
      </ChartFrame>
      <p className="align-words selectable" aria-live="polite">
        {fits[at] && wordsOf(fits[at])}
      </p>
    </div>
  );
}

interface ChartProps {
  readonly fits: readonly SectionFit[];
  readonly width: number;
  readonly chosen: number;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

function FitChart({ fits, width, chosen, onKeyDown }: ChartProps): ReactNode {
  const column = (width - left - right) / Math.max(1, fits.length);
  const every = Math.max(1, Math.ceil(36 / column));
  const axis = axisOf(fits);
  const y = axis.at;
  return (
    <svg
      width={width}
      height={height}
      role="listbox"
      aria-label="How well the links of each section fit, along z"
      aria-orientation="horizontal"
      onKeyDown={onKeyDown}
    >
      <Rows axis={axis} width={width} text={formatNumber} />
      {fits.map((fit, i) => (
        <g
          key={fit.section}
          className={`align-pair ${i === chosen ? 'chosen' : ''}`}
          transform={`translate(${left + i * column} 0)`}
          role="option"
          aria-selected={i === chosen}
          aria-label={wordsOf(fit)}
          tabIndex={i === Math.max(0, chosen) ? 0 : -1}
          onClick={() => setMapSection(fit.section)}
        >
          <rect
            className={`align-column ${fit.dropped > 0 ? 'lost' : ''}`}
            x={0.5}
            y={top - 2}
            width={Math.max(1, column - 1)}
            height={plot + 4}
            rx={3}
          />
          {fit.within && <Spread x={column * (fit.across ? 0.35 : 0.5)} spread={fit.within} y={y} kind="within" />}
          {fit.across && <Spread x={column * (fit.within ? 0.65 : 0.5)} spread={fit.across} y={y} kind="across" />}
          {i % every === 0 && (
            <text className="align-tick" x={column / 2} y={height - 6} textAnchor="middle">
              {fit.section}
            </text>
          )}
        </g>
      ))}
      <text className="align-name" x={left + 4} y={top - 9} aria-hidden>
        residual of links, px: dot median, bar up to the worst; square: to other sections; shaded: links dropped
      </text>
    </svg>
  );
}

interface SpreadProps {
  readonly x: number;
  readonly spread: NonNullable<SectionFit['within']>;
  readonly y: (px: number) => number;
  readonly kind: 'within' | 'across';
}

const Spread = ({ x, spread: { median, most }, y, kind }: SpreadProps): ReactNode => (
  <>
    <line className="align-way" x1={x} x2={x} y1={y(median)} y2={y(most)} />
    <line className="align-way" x1={x - 2.5} x2={x + 2.5} y1={y(most)} y2={y(most)} />
    {kind === 'within' ? (
      <circle className="align-after" cx={x} cy={y(median)} r={3} />
    ) : (
      <rect className="align-across" x={x - 3} y={y(median) - 3} width={6} height={6} />
    )}
  </>
);

function wordsOf({ section, within, across, links, dropped }: SectionFit): string {
  const parts = [
    within && `links miss by ${formatPixels(within.median)} (median), ${formatPixels(within.most)} at most`,
    across && `those to other sections by ${formatPixels(across.median)}, ${formatPixels(across.most)} at most`,
    !within && !across && 'no link is used',
    `${plural(links, 'link')}, ${dropped === 0 ? 'none' : dropped} dropped`,
  ];
  return `Section ${section}: ${parts.filter((part) => typeof part === 'string').join('; ')}`;
}

/** Logarithmic, over whole powers of ten. */
function axisOf(fits: readonly SectionFit[]): Axis {
  const values = fits.flatMap(({ within, across }) => [within, across].flatMap((s) => (s ? [s.median, s.most] : [])));
  const logs = values.map((px) => Math.log10(Math.max(px, 0.01)));
  const [low, high] = [Math.floor(Math.min(-1, ...logs)), Math.ceil(Math.max(0, ...logs))];
  const at = (px: number): number => top + ((high - Math.log10(Math.max(px, 10 ** low))) / (high - low || 1)) * plot;
  return { at, ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)) };
}
