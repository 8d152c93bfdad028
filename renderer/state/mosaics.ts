import type { Volume } from '../../preload/contract/library.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { mosaicIdOf, mosaicOf } from '../../preload/contract/view.ts';
import { engine } from '../engine.ts';
import { addLayers } from './layer-edits.ts';
import { mosaicLayers } from './layers.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { setSession } from './session.ts';
import { attempt } from './toasts.ts';
import { setView, useView } from './view.ts';

/** Tiles as layers: each is drawn as a volume that the engine describes when a layer of it is shown. */

interface MosaicOf {
  readonly dataset: string;
  readonly stack: string | null;
}

/** Volumes of tiles that the view knows of, and that the library still has. */
export const mosaicVolumes = (): readonly Volume[] => useView.getState().volumes.filter(({ id }) => tilesOf(id));

const describe = async ({ dataset, stack }: MosaicOf): Promise<Volume | null> =>
  (await attempt(() => engine().view.mosaic({ library: openLibraryId(), dataset, stack })))?.value.volume ?? null;

/** In the place of what was known of the same tiles; where that is the same, nothing is drawn anew. */
function adopt(volume: Volume): void {
  const { volumes } = useView.getState();
  if (volumes.some((known) => known.id === volume.id && JSON.stringify(known) === JSON.stringify(volume))) return;
  const others = volumes.filter(({ id }) => id !== volume.id);
  setView({ volumes: [...others, volume] });
}

function drop(id: string): void {
  setView({ volumes: useView.getState().volumes.filter((volume) => volume.id !== id) });
}

/** Adds the tiles of a dataset, or of a stack, to the view. */
export async function addMosaic(of: MosaicOf): Promise<void> {
  const volume = await describe(of);
  if (!volume) return;
  adopt(volume);
  addLayers(mosaicLayers(volume, of, useView.getState().layers));
}

/** Looks at tiles in a view of their own, without fusing them. */
export async function viewTiles(of: MosaicOf): Promise<void> {
  const volume = await describe(of);
  if (!volume) return;
  adopt(volume);
  setSession({ volume: volume.id, room: 'view' });
}

/** What the id of a volume of tiles shows; null where the library has no such tiles. */
export function tilesOf(volume: string): MosaicOf | null {
  const of = mosaicOf(volume);
  const { library } = useLibrary.getState();
  if (!of || !library) return null;
  if (of.dataset !== null) return library.datasets.some(({ id }) => id === of.dataset) ? of : null;
  const dataset = library.stacks.find(({ id }) => id === of.stack)?.dataset;
  return dataset === undefined ? null : { dataset, stack: of.stack };
}

const asked = new Set<string>();

/** Tiles that a session or a kept layer knows by their id alone are described once. Says whether they are known now. */
export async function describeTiles(volume: string): Promise<boolean> {
  const of = tilesOf(volume);
  if (!of || asked.has(volume)) return false;
  asked.add(volume);
  const found = await describe(of);
  if (found) adopt(found);
  return found !== null;
}

function describeMissing(layers: readonly Layer[]): void {
  const { volumes } = useView.getState();
  for (const layer of layers) {
    const id = layer.type === 'mosaic' ? mosaicIdOf(layer) : null;
    if (id !== null && !volumes.some((one) => one.id === id)) void describeTiles(id);
  }
}

useView.subscribe((now, before) => {
  if (now.layers !== before.layers) describeMissing(now.layers);
});
/** Tiles in view are described again, and drawn as they were until they are; others are forgotten. */
async function describeAgain(): Promise<void> {
  asked.clear();
  const shown = new Set(useView.getState().layers.flatMap((one) => (one.type === 'mosaic' ? [mosaicIdOf(one)] : [])));
  for (const { id } of mosaicVolumes()) if (!shown.has(id) || !(await describeTiles(id))) drop(id);
}

// A tile that was rejected, or another stack: every step of the library's history brings a new summary.
useLibrary.subscribe((now, before) => {
  if (now.library !== before.library) void describeAgain();
});
