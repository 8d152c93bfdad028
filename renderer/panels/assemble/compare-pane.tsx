import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { useAssemble } from '../../state/assemble.ts';
import type { CompareMode } from '../../state/compare.ts';
import { blink, setCompareAt, setCompareMode, setOther, useCompare } from '../../state/compare.ts';
import { useLibrary } from '../../state/library.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { Slider } from '../../ui/slider.tsx';

const modes: ReadonlyArray<{ readonly value: CompareMode; readonly label: string; readonly title: string }> = [
  { value: 'slide', label: 'Slide', title: 'The other version left of the slider, this one right of it' },
  { value: 'difference', label: 'Difference', title: 'Black where both are alike' },
  { value: 'blink', label: 'Blink', title: 'One after the other' },
];

/** This version of the stack and another one, over each other. `draw`: the scene, for the other's id. */
export function ComparePane({ draw }: { readonly draw: (other: string) => ReactNode }): ReactNode {
  const own = useAssemble((s) => s.stack);
  const stacks = useLibrary((s) => s.library?.stacks) ?? [];
  const { other: chosen, mode, at, showsOther, difference } = useCompare();
  const mine = stacks.find(({ id }) => id === own);
  const others = stacks
    .filter(({ id, dataset }) => id !== own && dataset === mine?.dataset)
    .toSorted((a, b) => b.version - a.version);
  const other = others.find(({ id }) => id === chosen) ?? others.find(({ id }) => id === mine?.parent) ?? others[0];
  useBlinking(mode === 'blink');
  if (!mine || !other) {
    return <p className="compare-none muted">Once there are two versions, they can be laid over each other here.</p>;
  }
  return (
    <div className="compare">
      <div className="compare-bar">
        <SelectField
          label={`Beside v${mine.version}`}
          value={other.id}
          options={others.map(({ id, version, model, madeBy }) => ({
            value: id,
            label: `v${version}, ${madeBy === 'stitch' ? model : madeBy}`,
          }))}
          onValue={setOther}
        />
        <Segmented label="How they are compared" value={mode} options={modes} onValue={setCompareMode} />
        {mode === 'slide' && (
          <Slider
            label="Slider between the versions"
            value={Math.round(100 * at)}
            min={0}
            max={100}
            valueText={`${Math.round(100 * at)} % of v${other.version}`}
            onValue={(percent) => setCompareAt(percent / 100)}
          />
        )}
        {mode === 'difference' && difference && (
          <span className="faint">
            In view, grey levels differ by <span className="mono">{formatNumber(difference.mean)}</span> on average and{' '}
            <span className="mono">{difference.most}</span> at most.
          </span>
        )}
        {mode === 'blink' && (
          <Button size="small" onClick={blink}>
            {`Shown: v${showsOther ? other.version : mine.version}`}
          </Button>
        )}
      </div>
      <div className="compare-picture">{draw(other.id)}</div>
    </div>
  );
}

const blinkMs = 700;

/** By itself, unless less motion is asked for: then the button does it. */
function useBlinking(on: boolean): void {
  useEffect(() => {
    if (!on || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const timer = setInterval(blink, blinkMs);
    return () => clearInterval(timer);
  }, [on]);
}
