import { Shuffle } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { setView, useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/section.tsx';

/** How labels are drawn; which of them are chosen is in the section of labels. */
export function SegmentationSections({ layer }: { readonly layer: LayerOf<'segmentation'> }): ReactNode {
  const { id, outlines, volumeMode, colourSeed } = layer;
  const slices = useView((s) => s.slicesIn3d);
  return (
    <Section
      title="Colours"
      aside={
        <Button
          size="small"
          tone="quiet"
          icon={Shuffle}
          onClick={() => updateLayer(id, { colourSeed: (colourSeed + 1) >>> 0 })}
        >
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
