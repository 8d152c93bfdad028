import { Shuffle } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { newColours } from '../../state/labels.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { setView, useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/section.tsx';
import { LabelsSection } from './labels-section.tsx';
import { VolumeShapes } from './volume-shapes.tsx';

interface OfLayer {
  readonly layer: LayerOf<'segmentation'>;
}

/** Labels: which are selected, and how they are drawn. */
export function SegmentationSections({ layer }: OfLayer): ReactNode {
  return (
    <>
      <LabelsSection layer={layer} />
      <VolumeShapes layer={layer} />
      <Colours layer={layer} />
    </>
  );
}

function Colours({ layer }: OfLayer): ReactNode {
  const { id, outlines, volumeMode } = layer;
  const slices = useView((s) => s.slicesIn3d);
  return (
    <Section
      title="Colours"
      aside={
        <Button size="small" tone="quiet" icon={Shuffle} onClick={() => newColours(id)}>
          Shuffle
        </Button>
      }
    >
      <p className="muted">Each id has a colour of its own, the same every time. 0 is background.</p>
      <label className="check">
        <input type="checkbox" checked={outlines} onChange={() => updateLayer(id, { outlines: !outlines })} />
        Outlines only
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={volumeMode === 'on'}
          onChange={() => updateLayer(id, { volumeMode: volumeMode === 'on' ? 'off' : 'on' })}
        />
        Drawn in 3-D panes
      </label>
      <label className="check">
        <input type="checkbox" checked={slices} onChange={() => setView({ slicesIn3d: !slices })} />
        Slices inside 3-D panes, for all layers
      </label>
    </Section>
  );
}
