import type { ReactNode } from 'react';
import type { PlaneLook } from '../../state/register/planes.ts';
import { useRegister, volumeNamed } from '../../state/register/register.ts';
import { formatNumber } from '../../ui/format.ts';
import { jacobianColour, sideColours } from './draw-plane.ts';

const css = (rgb: readonly number[]): string => `rgb(${rgb.join(' ')})`;

interface LegendProps {
  readonly look: PlaneLook;
  readonly mostLog: number;
  /** Whether the volumes are named. */
  readonly names: boolean;
}

/** What the colours and squares of the planes mean. */
export function PlaneLegend({ look, mostLog, names }: LegendProps): ReactNode {
  const fixed = useRegister((s) => volumeNamed(s.fixed)?.name ?? '');
  const moving = useRegister((s) => volumeNamed(s.moving)?.name ?? '');
  const coloured = look === 'colours';
  return (
    <div className="reg-legend">
      {names && (
        <>
          <Line colour={coloured ? css(sideColours.fixed) : null} word="Fixed" name={fixed} />
          <Line colour={coloured ? css(sideColours.moving) : null} word="Moving" name={moving} />
        </>
      )}
      {look === 'jacobian' && <JacobianScale mostLog={mostLog} />}
    </div>
  );
}

interface LineProps {
  readonly colour: string | null;
  readonly word: string;
  readonly name: string;
}

const Line = ({ colour, word, name }: LineProps): ReactNode => (
  <p className="reg-legend-line">
    {colour && <span className="reg-swatch" style={{ background: colour }} aria-hidden />}
    <span className="faint">{word}</span>
    <span className="truncate" title={name}>
      {name}
    </span>
  </p>
);

const stops = [-1, -0.5, 0, 0.5, 1] as const;

function JacobianScale({ mostLog }: { readonly mostLog: number }): ReactNode {
  const gradient = stops.map((part) => css(jacobianColour(part * mostLog, mostLog, 160).map(Math.round))).join(', ');
  return (
    <div>
      <div className="reg-scale" style={{ background: `linear-gradient(90deg, ${gradient})` }} aria-hidden />
      <p className="reg-scale-words faint">
        <span>
          smaller, <span className="mono">{formatNumber(Math.exp(-mostLog))}</span>
        </span>
        <span>
          larger, <span className="mono">{formatNumber(Math.exp(mostLog))}</span>
        </span>
      </p>
      <p className="faint">Moving tissue over the fixed, by volume; red: it folds.</p>
    </div>
  );
}
