import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { hasItsLabels, useAtlases } from '../../state/atlases.ts';
import { useLabelName } from '../../state/label-names.ts';
import type { ReadingWords } from '../../state/readings.ts';
import { readingWords } from '../../state/readings.ts';
import { tileAt, useTileBorders } from '../../state/tile-borders.ts';
import { useView } from '../../state/view.ts';
import { css } from '../../ui/colour-maps.ts';
import { labelColour } from '../../ui/label-colours.ts';
import { MiddleCut } from '../../ui/middle-cut.tsx';

/** Values that are told side by side; the others are in the title. */
const mostTold = 3;

/** The values under the pointer: at once as near as bricks tell, exactly once the pointer rests. */
export function ValueReadout(): ReactNode {
  const cursor = useView((s) => s.cursor);
  const layers = useView((s) => s.layers);
  const words = cursor ? readingWords({ ...useView.getState(), layers }, cursor.readings) : [];
  const [first] = words;
  if (!first) return <span aria-label="Grey value">value –</span>;
  if (words.length === 1) return <Alone words={first} />;
  const told = words.slice(0, mostTold);
  return (
    <span className="values" aria-label="Values" title={words.map(line).join('\n')}>
      {told.map((one) => (
        <span key={one.layer.id} className="value">
          <Dot words={one} />
          <span className="value-name">
            <MiddleCut text={one.layer.name} />
          </span>{' '}
          {one.text ?? '–'}
          <TileName layer={one.layer} />
          {one.layer.type === 'segmentation' && <LabelName volume={one.layer.volume} label={one.label} />}
        </span>
      ))}
      {words.length > told.length && <span className="faint">and {words.length - told.length} more</span>}
    </span>
  );
}

const line = ({ layer, text }: ReadingWords): string => `${layer.name}: ${text ?? 'not here yet'}`;

function Alone({ words }: { readonly words: ReadingWords }): ReactNode {
  if (words.layer.type !== 'segmentation')
    return (
      <span aria-label="Grey value">
        value {words.text ?? '–'} <TileName layer={words.layer} />
      </span>
    );
  return (
    <span aria-label="Label" className="label-value">
      <Dot words={words} />
      label {words.text ?? '…'}
      <LabelName volume={words.layer.volume} label={words.label} />
    </span>
  );
}

/** The tile under the pointer, where the borders of tiles are shown. */
function TileName({ layer }: Pick<ReadingWords, 'layer'>): ReactNode {
  const cursor = useView((s) => s.cursor);
  const tiles = useTileBorders((s) => s.tiles);
  if (layer.type !== 'mosaic' || !layer.borders || !cursor) return null;
  const name = tileAt(tiles, layer.id, cursor.positionNm);
  return name === null ? null : (
    <span className="value-name" aria-label="Tile">
      {name}
    </span>
  );
}

interface OfLabel {
  readonly volume: string;
  readonly label: string | null;
}

/** The name of a label, where it has one. Labels of an atlas are named as its regions, without asking. */
function LabelName({ volume, label }: OfLabel): ReactNode {
  const volumes = useView((s) => s.volumes);
  const isRegion = useAtlases((s) => s.atlases.some((atlas) => hasItsLabels(atlas, volume, volumes)));
  return isRegion ? null : <AskedName volume={volume} label={label} />;
}

function AskedName({ volume, label }: OfLabel): ReactNode {
  const name = useLabelName(volume, label === '0' ? null : label)?.name ?? '';
  return name === '' ? null : <span className="value-name">{name}</span>;
}

/** The colour that the value is drawn in: a label's own, or the tint of its layer. */
function Dot({ words: { layer, label } }: { readonly words: ReadingWords }): ReactNode {
  const colour = layer.type === 'segmentation' ? ofLabel(layer, label ?? '0') : tintOf(layer);
  return colour === null ? null : <span className="mark-dot" style={{ background: colour }} aria-hidden />;
}

const ofLabel = (layer: LayerOf<'segmentation'>, label: string): string =>
  layer.colours[label] ?? css(labelColour(label, layer.colourSeed));

const tintOf = (layer: ReadingWords['layer']): string | null =>
  (layer.type === 'image' || layer.type === 'mosaic') && 'tint' in layer.colour ? layer.colour.tint : null;
