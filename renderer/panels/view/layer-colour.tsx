import type { ReactNode } from 'react';
import type { Layer } from '../../../preload/contract/view-state.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { channelColours } from '../../state/layers.ts';
import { Menu, MenuItem, MenuTitle } from '../../ui/menu.tsx';
import { LayerIcon } from './layer-icon.tsx';

const colours: ReadonlyMap<string, string> = new Map([
  ['#ffffff', 'White'],
  ...channelColours.map((tint, i) => [tint, ['Teal', 'Orange', 'Purple', 'Lime', 'Violet', 'Red'][i] ?? tint] as const),
  ['#00ff00', 'Green'],
  ['#ff00ff', 'Magenta'],
  ['#00ffff', 'Cyan'],
]);

const tintOf = (layer: Layer): string | null => {
  if (!('colour' in layer) || layer.colour === null) return null;
  if (typeof layer.colour === 'string') return layer.colour;
  return 'tint' in layer.colour ? layer.colour.tint : null;
};

/** The colour of a layer, changed where it is seen; of labels, which have many, only what they are. */
export function LayerColour({ layer, tabIndex }: { readonly layer: Layer; readonly tabIndex: number }): ReactNode {
  if (layer.type === 'segmentation')
    return (
      <span className="layer-colour">
        <LayerIcon layer={layer} />
      </span>
    );
  return (
    <Menu items={<Items layer={layer} />}>
      <button
        type="button"
        className="layer-colour"
        tabIndex={tabIndex}
        aria-label={`${layer.name}: colour`}
        title="Colour"
      >
        <LayerIcon layer={layer} />
      </button>
    </Menu>
  );
}

function Items({ layer }: { readonly layer: Layer }): ReactNode {
  const now = tintOf(layer);
  const put = (tint: string): void => {
    if (layer.type === 'image' || layer.type === 'mosaic') updateLayer(layer.id, { colour: { tint } });
    else updateLayer(layer.id, { colour: tint });
  };
  return (
    <>
      <MenuTitle>Colour</MenuTitle>
      {[...colours].map(([tint, name]) => (
        <MenuItem key={tint} checked={tint === now} onChoose={() => put(tint)}>
          <span className="colour-choice">
            <span className="swatch" style={{ background: tint }} aria-hidden />
            {name}
          </span>
        </MenuItem>
      ))}
    </>
  );
}
