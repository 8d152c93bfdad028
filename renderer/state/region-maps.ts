import { create } from 'zustand';
import type { atlasProcedures } from '../../preload/contract/atlas.ts';
import { readAtlasMap } from '../../preload/contract/atlas-map.ts';
import type { InputOf } from '../../preload/contract/define.ts';
import { engine } from '../engine.ts';
import { useAtlases } from './atlases.ts';
import { isVolumeLayer } from './layers.ts';
import { onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import type { RegionMap } from './region-map.ts';
import { useView } from './view.ts';

/**
 * The maps of atlases in the spaces of the volumes that are looked at. Each is fetched once, and again only when what leads
 * there may have changed: the regions under the pointer are looked up in the window, without asking.
 */
interface MapsState {
  /** By `mapKey`; what is not here is not fetched yet, or no chain of maps leads there. */
  readonly maps: ReadonlyMap<string, RegionMap>;
}
export const useRegionMaps = create<MapsState>(() => ({ maps: new Map() }));

const mapKey = (atlas: string, volume: string): string => `${atlas}/${volume}`;

export const mapFor = ({ maps }: MapsState, atlas: string, volume: string): RegionMap | null =>
  maps.get(mapKey(atlas, volume)) ?? null;

function put(key: string, map: RegionMap | null): void {
  const maps = new Map(useRegionMaps.getState().maps);
  if (map) maps.set(key, map);
  else maps.delete(key);
  useRegionMaps.setState({ maps });
}

/** A map of 25 µm of a mouse brain takes about half of it. */
const mapBytes = 32 * 2 ** 20;

/** What was asked for: whether a chain leads from there and, where registrations are in it, that it may change. */
const asked = new Map<string, { readonly reading: AbortController; through: readonly string[] }>();

async function fetchMaps(atlas: string, volumes: readonly string[]): Promise<void> {
  const library = openLibraryId();
  const reading = new AbortController();
  const { signal } = reading;
  for (const volume of volumes) asked.set(mapKey(atlas, volume), { reading, through: [] });
  try {
    const { value } = await engine().atlas.ways({ library, atlas, volumes: [...volumes] }, { signal });
    for (const { volume, through } of value.ways) {
      const key = mapKey(atlas, volume);
      if (signal.aborted || asked.get(key)?.reading !== reading) continue;
      asked.set(key, { reading, through: through ?? ['nothing'] });
      const map = through && (await mapOf(library, atlas, volume, signal));
      if (asked.get(key)?.reading === reading) put(key, map);
    }
  } catch {
    // Regions are named where they can be, and the maps asked for again with the next layer.
    for (const volume of volumes) forget(mapKey(atlas, volume), reading);
  }
}

function forget(key: string, reading: AbortController): void {
  if (asked.get(key)?.reading === reading) asked.delete(key);
}

/** Null where it can not be had: other volumes may have theirs. */
async function mapOf(library: string, atlas: string, space: string, signal: AbortSignal): Promise<RegionMap | null> {
  try {
    return await fetchMap({ library, atlas, space, budget: mapBytes }, signal);
  } catch {
    return null;
  }
}

/** The map of an atlas as fine as fits into a budget of bytes. Throws what the engine does. */
export async function fetchMap(
  asked: InputOf<(typeof atlasProcedures)['map']>,
  signal: AbortSignal,
): Promise<RegionMap> {
  const { value, bytes } = await engine().atlas.map(asked, { signal });
  const { level, size, voxelSizeNm, originNm, midline } = value;
  const runs = readAtlasMap(bytes ?? new Uint8Array(), size);
  return { level, voxelSizeNm, originNm, midline, runs, sides: runs.sides };
}

/** Asks for the maps that the layers of the view need and that were not asked for. */
function fetchNeeded(): void {
  const shown = new Set(
    useView
      .getState()
      .layers.filter(isVolumeLayer)
      .map(({ volume }) => volume),
  );
  const known = useView.getState().volumes.filter(({ id }) => shown.has(id));
  for (const { id } of useAtlases.getState().atlases) {
    const volumes = known.filter((volume) => !asked.has(mapKey(id, volume.id))).map((volume) => volume.id);
    if (volumes.length > 0) void fetchMaps(id, volumes);
  }
}

useView.subscribe((now, before) => {
  if (now.layers !== before.layers || now.volumes !== before.volumes) fetchNeeded();
});
useAtlases.subscribe(fetchNeeded);

useLibrary.subscribe((now, before) => {
  if (now.library?.library === before.library?.library) return;
  for (const { reading } of asked.values()) reading.abort();
  asked.clear();
  useRegionMaps.setState({ maps: new Map() });
});

/** Maps of a volume that is being warped by hand are made anew once it rests. */
const restMs = 400;
let resting: ReturnType<typeof setTimeout> | undefined;

onLibraryChanged(() => {
  clearTimeout(resting);
  resting = setTimeout(askAgain, restMs);
  return Promise.resolve();
});

/** What nothing led to may be reached now, and what registrations led to may lie elsewhere. Old maps serve until then. */
function askAgain(): void {
  for (const [key, { reading, through }] of asked) {
    if (through.length === 0) continue;
    reading.abort();
    asked.delete(key);
  }
  if (useLibrary.getState().library) fetchNeeded();
}
