import type { Layer, VolumeMode } from '../../preload/contract/view-state.ts';
import { selectedLayer } from './view.ts';
import type { ViewState } from './view.ts';

/** What a 3-D pane shows, in the fewest words: `maximum, labels, slices`. Pure. */

const modes: Readonly<Record<Exclude<VolumeMode, 'off'>, string>> = {
  max: 'maximum',
  min: 'minimum',
  average: 'average',
  attenuated: 'attenuated maximum',
  translucent: 'translucent',
  surface: 'surface',
};

const isSliced = ({ type }: Layer): boolean => type === 'image' || type === 'segmentation' || type === 'mosaic';

function wordOf(layer: Layer): string | null {
  switch (layer.type) {
    case 'image':
      return layer.volumeMode === 'off' ? null : modes[layer.volumeMode];
    case 'segmentation':
      return layer.volumeMode === 'off' ? null : 'labels';
    case 'mesh':
      return 'meshes';
    case 'skeleton':
      return 'skeletons';
    case 'mosaic':
    case 'annotation':
      return null;
  }
}

/** Each kind of picture once, that of the selected layer first; what is left is the outlines. */
export function orbitWords(s: Pick<ViewState, 'layers' | 'selectedLayer' | 'slicesIn3d'>): string {
  const shown = s.layers.filter(({ visible }) => visible);
  const chosen = selectedLayer(s);
  const first = chosen?.visible === true ? [chosen] : [];
  const words = new Set([...first, ...shown.toReversed()].map(wordOf).filter((word) => word !== null));
  if (s.slicesIn3d && shown.some(isSliced)) words.add('slices');
  return words.size === 0 ? 'outlines alone' : [...words].join(', ');
}
