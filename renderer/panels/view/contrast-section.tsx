import { Contrast } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Volume } from '../../../preload/contract/library.ts';
import type { VoxelType } from '../../../preload/contract/space.ts';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { formatGrey, isFloat } from '../../state/display.ts';
import type { GreySource } from '../../state/grey-levels.ts';
import { showGreyLevels, shownLevels, useGreyLevels } from '../../state/grey-levels.ts';
import type { LayerChange } from '../../state/layer-edits.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { volumeOf } from '../../state/layers.ts';
import type { GreyWindow } from '../../state/view.ts';
import { imageInView, useView } from '../../state/view.ts';
import { Facts } from '../../ui/facts.tsx';
import { NumberField } from '../../ui/field.tsx';
import { formatCount } from '../../ui/format.ts';
import { Histogram } from '../../ui/histogram.tsx';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';

/** Contrast of the image that tools work on. */
export function ContrastInView(): ReactNode {
  const image = useView(imageInView);
  return image && <ContrastSection layer={image} />;
}

/** Grey values of an image layer, and how they become light. */
export function ContrastSection({ layer }: { readonly layer: LayerOf<'image'> }): ReactNode {
  const volume = useView((s) => volumeOf(layer, s));
  const change = (made: LayerChange<LayerOf<'image'>>): void => updateLayer(layer.id, made);
  return (
    <Section
      title="Contrast"
      aside={
        <ActionButton id="view.contrast.auto" size="small" icon={Contrast}>
          Auto
        </ActionButton>
      }
    >
      <GreyHistogram layer={layer} />
      {volume && <WindowFields layer={layer} volume={volume} />}
      <LabelledSlider
        label="Gamma"
        value={layer.gamma}
        min={0.2}
        max={3}
        step={0.05}
        onValue={(gamma) => change({ gamma })}
      />
      <label className="check">
        <input type="checkbox" checked={layer.inverted} onChange={() => change({ inverted: !layer.inverted })} />
        Invert grey levels
      </label>
      {volume && <Percentiles dtype={volume.dtype} />}
    </Section>
  );
}

const sources: ReadonlyArray<{ readonly value: GreySource; readonly label: string; readonly title: string }> = [
  { value: 'whole', label: 'Volume', title: 'Counts the volume, from a coarse level where it is large' },
  { value: 'view', label: 'View', title: 'Counts the slice that the active pane shows' },
];

function GreyHistogram({ layer }: { readonly layer: LayerOf<'image'> }): ReactNode {
  const of = useGreyLevels((s) => s.of);
  const levels = useGreyLevels(shownLevels);
  const problem = useGreyLevels((s) => s.problem);
  return (
    <>
      <Segmented label="Grey levels of" value={of} options={sources} onValue={showGreyLevels} />
      {levels ? (
        <Histogram
          label={`Grey levels of the ${of === 'whole' ? 'volume' : 'view'}, log scale`}
          counts={levels.counts}
          range={levels.range}
          window={layer.window}
          onWindow={(window) => updateLayer(layer.id, { window })}
        />
      ) : (
        <p className="faint">{problem ?? 'Counting grey levels…'}</p>
      )}
    </>
  );
}

interface WindowProps {
  readonly layer: LayerOf<'image'>;
  readonly volume: Volume;
}

function WindowFields({ layer, volume }: WindowProps): ReactNode {
  const { window } = layer;
  const put = (next: GreyWindow): void => updateLayer(layer.id, { window: next });
  const [low, high] = volume.display.range;
  const gap = isFloat(volume.dtype) ? (high - low) / 65_536 || Number.EPSILON : 1;
  return (
    <div className="two">
      <NumberField
        label="Black"
        value={window[0]}
        onNumber={(black) => put([Math.min(black, window[1] - gap), window[1]])}
      />
      <NumberField
        label="White"
        value={window[1]}
        onNumber={(white) => put([window[0], Math.max(white, window[0] + gap)])}
      />
    </div>
  );
}

const told = [1, 25, 50, 75, 99];

function Percentiles({ dtype }: { readonly dtype: VoxelType }): ReactNode {
  const levels = useGreyLevels(shownLevels);
  if (!levels) return null;
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
