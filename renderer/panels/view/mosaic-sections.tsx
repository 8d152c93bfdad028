import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { volumeOf } from '../../state/layers.ts';
import { useTileBorders } from '../../state/tile-borders.ts';
import { useView } from '../../state/view.ts';
import { NumberField } from '../../ui/field.tsx';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Section } from '../../ui/section.tsx';
import { ColourField } from './colour-field.tsx';

/** Tiles where the stage or a stitching put them: made into a picture only where they are looked at. */
export function MosaicSections({ layer }: { readonly layer: LayerOf<'mosaic'> }): ReactNode {
  const { id, window, gamma, inverted, borders } = layer;
  const volume = useView((s) => volumeOf(layer, s));
  const suggested = volume?.channels[layer.channel]?.window ?? volume?.window ?? window;
  const crowded = useTileBorders((s) => s.tooMany.has(id));
  return (
    <>
      <Section title="Contrast">
        <div className="two">
          <NumberField
            label="Black"
            value={window[0]}
            onNumber={(black) => updateLayer(id, { window: [Math.min(black, window[1] - 1), window[1]] })}
          />
          <NumberField
            label="White"
            value={window[1]}
            onNumber={(white) => updateLayer(id, { window: [window[0], Math.max(white, window[0] + 1)] })}
          />
        </div>
        {volume && (
          <div className="row">
            <button
              type="button"
              className="button link"
              onClick={() => updateLayer(id, { window: suggested, gamma: 1 })}
            >
              As the tiles suggest
            </button>
          </div>
        )}
        <LabelledSlider
          label="Gamma"
          value={gamma}
          min={0.2}
          max={3}
          step={0.05}
          onValue={(value) => updateLayer(id, { gamma: value })}
        />
        <label className="check">
          <input type="checkbox" checked={inverted} onChange={() => updateLayer(id, { inverted: !inverted })} />
          Invert grey levels
        </label>
        <label className="check">
          <input type="checkbox" checked={borders} onChange={() => updateLayer(id, { borders: !borders })} />
          Borders of the tiles
        </label>
        {borders && crowded && <p className="faint">Zoom in to see them: there are too many in view.</p>}
        <p className="faint">What the tiles hold was measured when they were imported.</p>
      </Section>
      <Section title="Colour">
        <ColourField value={layer.colour} onColour={(colour) => updateLayer(id, { colour })} />
      </Section>
    </>
  );
}
