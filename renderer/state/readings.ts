import type { Layer } from '../../preload/contract/view-state.ts';
import { formatGrey, isExact, toGrey } from './display.ts';
import { volumeOf } from './layers.ts';
import type { LayerReading, ViewState } from './view.ts';

/** What a layer has under the pointer, in words. */
export interface ReadingWords {
  readonly layer: Layer;
  /** A grey value or an id, with `≈` where bricks hold it less exactly than the voxel; null where it is not here yet. */
  readonly text: string | null;
  /** The id of a label. */
  readonly label: string | null;
}

/** Top layer first. Layers that are gone meanwhile are left out. Pure. */
export const readingWords = (s: ViewState, readings: readonly LayerReading[]): readonly ReadingWords[] =>
  readings.flatMap((reading) => {
    const layer = s.layers.find(({ id }) => id === reading.layer);
    return layer ? [wordsOf(s, layer, reading)] : [];
  });

function wordsOf(s: ViewState, layer: Layer, { stored, exact }: LayerReading): ReadingWords {
  const volume = volumeOf(layer, s);
  if (exact !== null) return { layer, text: exact, label: layer.type === 'segmentation' ? exact : null };
  if (typeof stored === 'string') return { layer, text: stored, label: stored };
  if (stored === null || !volume) return { layer, text: null, label: null };
  const about = isExact(volume) ? '' : '≈ ';
  return { layer, text: `${about}${formatGrey(volume.dtype, toGrey(volume.display, stored), 3)}`, label: null };
}
