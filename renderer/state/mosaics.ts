import type { Volume } from '../../preload/contract/library.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { mosaicIdOf, mosaicOf } from '../../preload/contract/view.ts';
import { engine } from '../engine.ts';
import { addLayers } from './layer-edits.ts';
import { mosaicLayer } from './layers.ts';
import { onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { attempt } from './toasts.ts';
import { setView, useView } from './view.ts';

/** Tiles as layers: each is drawn as a volume that the engine describes when a layer of it is shown. */

interface MosaicOf {
  readonly dataset: string;
  readonly stack: string | null;
}

/** Volumes of tiles that the view knows of. */
export const mosaicVolumes = (): readonly Volume[] => useView.getState().volumes.filter(({ id }) => mosaicOf(id));

const describe = async ({ dataset, stack }: MosaicOf): Promise<Volume | null> =>
  (await attempt(() => engine().view.mosaic({ library: openLibraryId(), dataset, stack })))?.value.volume ?? null;

function adopt(volume: Volume): void {
  const others = useView.getState().volumes.filter(({ id }) => id !== volume.id);
  setView({ volumes: [...others, volume] });
}

/** Adds the tiles of a dataset, or of a stack, to the view. */
export async function addMosaic(of: MosaicOf): Promise<void> {
  const volume = await describe(of);
  if (!volume) return;
  adopt(volume);
  addLayers([mosaicLayer(volume, of, useView.getState().layers)]);
}

const asked = new Set<string>();

/** Layers that were kept know their tiles by id alone: what these are is asked for once. */
async function describeMissing(layers: readonly Layer[]): Promise<void> {
  if (!useLibrary.getState().library) return;
  for (const layer of layers) {
    if (layer.type !== 'mosaic') continue;
    const id = mosaicIdOf(layer);
    if (asked.has(id) || useView.getState().volumes.some((one) => one.id === id)) continue;
    asked.add(id);
    const volume = await describe(layer);
    if (volume) adopt(volume);
  }
}

useView.subscribe((now, before) => {
  if (now.layers !== before.layers) void describeMissing(now.layers);
});
// A tile that was rejected, or a new stack: the tiles are described again.
onLibraryChanged(async () => {
  asked.clear();
  const { layers, volumes } = useView.getState();
  const shown = layers.filter((layer) => layer.type === 'mosaic');
  if (shown.length === 0) return;
  const stale = new Set(shown.map(mosaicIdOf));
  setView({ volumes: volumes.filter(({ id }) => !stale.has(id)) });
  await describeMissing(shown);
});
