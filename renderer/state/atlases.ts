import { create } from 'zustand';
import { type Atlas, mostRegions } from '../../preload/contract/atlas.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { LayerOf } from '../../preload/contract/view-state.ts';
import { engine } from '../engine.ts';
import { afterTakingOut, onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import type { Regions } from './region-tree.ts';
import { attempt } from './toasts.ts';

/** An atlas of the library with its tree, which never changes once it is imported. */
export interface KnownAtlas extends Atlas {
  readonly tree: Regions;
  /** Where in the tree a label is. */
  readonly atOf: ReadonlyMap<string, number>;
}

interface AtlasesState {
  readonly atlases: readonly KnownAtlas[];
  /** The one whose tree is shown. */
  readonly chosen: string | null;
}

export const useAtlases = create<AtlasesState>(() => ({ atlases: [], chosen: null }));

export const chooseAtlas = (chosen: string): void => useAtlases.setState({ chosen });

export const chosenAtlas = ({ atlases, chosen }: AtlasesState): KnownAtlas | null =>
  atlases.find(({ id }) => id === chosen) ?? atlases[0] ?? null;

/** Reads which atlases the library has, and the trees of those that are new. */
async function loadAtlases(): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return useAtlases.setState({ atlases: [], chosen: null });
  const answer = await attempt(() => engine().atlas.list({ library }));
  if (!answer) return;
  const before = useAtlases.getState().atlases;
  const atlases: KnownAtlas[] = [];
  for (const atlas of answer.value.atlases) {
    const known = before.find(({ id }) => id === atlas.id);
    const tree = known?.tree ?? (await treeOf(library, atlas.id));
    if (tree) atlases.push({ ...atlas, tree, atOf: known?.atOf ?? new Map(tree.map(({ id, at }) => [id, at])) });
  }
  if (useLibrary.getState().library?.library === library) useAtlases.setState({ atlases });
}

async function treeOf(library: string, atlas: string): Promise<Regions | null> {
  const answer = await attempt(() => engine().atlas.regions({ library, atlas, most: mostRegions }));
  return answer?.value.regions ?? null;
}

let reading = Promise.resolve();
const readAtlases = (): Promise<void> => (reading = loadAtlases());

/** Until what is being read of the library's atlases is here. */
export const atlasesRead = (): Promise<void> => reading;

useLibrary.subscribe((now, before) => {
  if (now.library?.library === before.library?.library) return;
  useAtlases.setState({ atlases: [], chosen: null });
  void readAtlases();
});
onLibraryChanged(readAtlases);

/** Whether the labels of a volume are regions of an atlas: its annotation, or that seen through maps. */
export function hasItsLabels({ annotation }: Atlas, volume: string, volumes: readonly Volume[]): boolean {
  const met = new Set<string>();
  for (let id: string | undefined = volume; id !== undefined && !met.has(id);) {
    if (id === annotation) return true;
    met.add(id);
    const at: string = id;
    id = volumes.find((one) => one.id === at)?.warp?.source;
  }
  return false;
}

/** The layers of a view that show the regions of an atlas. */
export const layersOfAtlas = (
  atlas: Atlas,
  { layers, volumes }: { readonly layers: readonly { readonly type: string }[]; readonly volumes: readonly Volume[] },
): readonly LayerOf<'segmentation'>[] =>
  layers
    .filter((layer): layer is LayerOf<'segmentation'> => layer.type === 'segmentation')
    .filter(({ volume }) => hasItsLabels(atlas, volume, volumes));

export async function removeAtlas({ id, name }: Atlas): Promise<void> {
  const removed = await attempt(() => engine().atlas.remove({ library: openLibraryId(), atlas: id }));
  if (removed) await afterTakingOut(`The atlas ${name}`);
}
