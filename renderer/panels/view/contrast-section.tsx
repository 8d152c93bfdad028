import { Contrast } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatGrey, isFloat } from '../../state/display.ts';
import type { GreySource } from '../../state/grey-levels.ts';
import { showGreyLevels, shownLevels, useGreyLevels } from '../../state/grey-levels.ts';
import { setView, setWindow, useView } from '../../state/view.ts';
import { Facts } from '../../ui/facts.tsx';
import { NumberField } from '../../ui/field.tsx';
import { formatCount, formatNumber } from '../../ui/format.ts';
import { Histogram } from '../../ui/histogram.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Slider } from '../../ui/slider.tsx';
import { ActionButton } from '../action-button.tsx';

/** Grey values and how they become light. Labels have none: their colours come from their ids. */
export function ContrastSection(): ReactNode {
  const labels = useView((s) => s.volume?.display.labels ?? false);
  return labels ? <LabelColours /> : <GreyContrast />;
}

function LabelColours(): ReactNode {
  return (
    <Section title="Colours">
      <p className="muted">
        Each id has a colour of its own, the same every time. 0 is background. Rest the pointer on a label to read its
        id.
      </p>
    </Section>
  );
}

function GreyContrast(): ReactNode {
  const inverted = useView((s) => s.inverted);
  return (
    <Section
      title="Contrast"
      aside={
        <ActionButton id="view.contrast.auto" size="small" icon={Contrast}>
          Auto
        </ActionButton>
      }
    >
      <GreyHistogram />
      <WindowFields />
      <Gamma />
      <label className="check">
        <input type="checkbox" checked={inverted} onChange={() => setView({ inverted: !inverted })} />
        Invert grey levels
      </label>
      <Percentiles />
    </Section>
  );
}

const sources: ReadonlyArray<{ readonly value: GreySource; readonly label: string; readonly title: string }> = [
  { value: 'whole', label: 'Volume', title: 'Counts the volume, from a coarse level where it is large' },
  { value: 'view', label: 'View', title: 'Counts the slice that the active pane shows' },
];

function GreyHistogram(): ReactNode {
  const of = useGreyLevels((s) => s.of);
  const levels = useGreyLevels(shownLevels);
  const problem = useGreyLevels((s) => s.problem);
  const window = useView((s) => s.window);
  return (
    <>
      <Segmented label="Grey levels of" value={of} options={sources} onValue={showGreyLevels} />
      {levels ? (
        <Histogram
          label={`Grey levels of the ${of === 'whole' ? 'volume' : 'view'}, log scale`}
          counts={levels.counts}
          range={levels.range}
          window={window}
          onWindow={setWindow}
        />
      ) : (
        <p className="faint">{problem ?? 'Counting grey levels…'}</p>
      )}
    </>
  );
}

function WindowFields(): ReactNode {
  const window = useView((s) => s.window);
  const volume = useView((s) => s.volume);
  if (!volume) return null;
  const [low, high] = volume.display.range;
  const gap = isFloat(volume.dtype) ? (high - low) / 65_536 || Number.EPSILON : 1;
  return (
    <div className="two">
      <NumberField
        label="Black"
        value={window[0]}
        onNumber={(black) => setWindow([Math.min(black, window[1] - gap), window[1]])}
      />
      <NumberField
        label="White"
        value={window[1]}
        onNumber={(white) => setWindow([window[0], Math.max(white, window[0] + gap)])}
      />
    </div>
  );
}

function Gamma(): ReactNode {
  const gamma = useView((s) => s.gamma);
  return (
    <div className="labelled">
      <span>Gamma</span>
      <Slider
        label="Gamma"
        value={gamma}
        min={0.2}
        max={3}
        step={0.05}
        valueText={formatNumber(gamma)}
        onValue={(next) => setView({ gamma: next })}
      />
      <span className="mono">{formatNumber(gamma)}</span>
    </div>
  );
}

const told = [1, 25, 50, 75, 99];

function Percentiles(): ReactNode {
  const levels = useGreyLevels(shownLevels);
  const dtype = useView((s) => s.volume?.dtype);
  if (!levels || !dtype) return null;
  const shown = levels.percentiles.filter(({ percent }) => told.includes(percent));
  return (
    <details className="more">
      <summary>Percentiles</summary>
      <Facts
        facts={[
          ...shown.map(({ percent, value }) => ({
            name: percent === 50 ? 'Median' : `${percent} %`,
            value: formatGrey(dtype, value),
          })),
          { name: 'Voxels', value: formatCount(levels.voxels), about: `Counted at level ${levels.level}` },
          ...(levels.left > 0
            ? [{ name: 'Left out', value: formatCount(levels.left), about: 'No data, or no number' }]
            : []),
        ]}
      />
    </details>
  );
}
