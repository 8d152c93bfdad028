import { createHash } from 'node:crypto';
import type { Atlas, atlasProcedures } from '../../../../preload/contract/atlas.ts';
import { readAtlasMap } from '../../../../preload/contract/atlas-map.ts';
import type { OutputOf, ParsedOf, WithBytes } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { atlasById, treeOf } from '../../atlases/atlas-rows.ts';
import { openWay } from '../../atlases/open-way.ts';
import { regionMap } from '../../atlases/region-map.ts';
import { valuesInSpace } from '../../atlases/regions-in-space.ts';
import { midlineOf } from '../../atlases/sides.ts';
import { regionValueOf, regionValues, type ValueChunks } from '../../atlases/value-chunks.ts';
import { wayFrom } from '../../atlases/way-from.ts';
import { idOfStep, type WayStep } from '../../atlases/way-to.ts';
import { levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { volumeById } from '../../store/volume-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { levelsOfGrid } from '../../volumes/warped/warp-grid.ts';
import type { Call } from '../call.ts';

type MapOf = typeof atlasProcedures.map;
type Answer = WithBytes<OutputOf<MapOf>>;

interface Mapped {
  readonly chunks: ValueChunks;
  /** Of what it is made: another for another map. */
  readonly key: string;
  /** Levels that are looked at, the finest first. */
  readonly levels: readonly number[];
  readonly midline: Answer['value']['midline'];
  readonly through: readonly string[];
}

/** The finest level that fits, or the one that is asked for. Kept in the cache of the library. */
export async function mapOf(
  volumes: OpenVolumes,
  library: LibraryStore,
  { atlas: id, space, level: asked, budget }: ParsedOf<MapOf>,
  call: Call,
): Promise<Answer> {
  const atlas = atlasById(library, id);
  const way = space === undefined ? [] : wayFrom(library, atlas, space);
  const found = await withMapped({ volumes, library, call, atlas, space: space ?? atlas.annotation, way }, (mapped) =>
    finest(library, { ...mapped, levels: asked === undefined ? mapped.levels : [asked] }, budget, call.signal),
  );
  if (found) return found;
  throw new LamellaError('over-budget', `The map of ${atlas.name} takes more than ${budget} bytes.`, {
    hint: asked === undefined ? 'Give a larger budget.' : 'Give a larger budget, or a coarser level.',
    fields: { atlas: atlas.id, budget },
  });
}

async function finest(
  { cache }: LibraryStore,
  { chunks, key: prefix, levels, midline, through }: Mapped,
  budget: number,
  signal: AbortSignal,
): Promise<Answer | null> {
  for (const level of levels) {
    const { sizeXyz: size, voxelSizeNm, originNm } = levelAt(chunks.plan, level);
    const key = `${prefix}/${level}`;
    const kept = cache.get(key);
    if (kept && kept.byteLength > budget) continue;
    const bytes = kept ?? (await regionMap(chunks, level, budget, signal));
    if (!bytes) continue;
    if (!kept) cache.putSoon(key, bytes);
    const runs = readAtlasMap(bytes, size).runs.length / 2;
    return { value: { level, size, voxelSizeNm, originNm, runs, through: [...through], midline }, bytes };
  }
  return null;
}

interface MapRoom {
  readonly volumes: OpenVolumes;
  readonly library: LibraryStore;
  readonly call: Call;
  readonly atlas: Atlas;
  readonly space: string;
  readonly way: readonly WayStep[];
}

/** Finer levels of another space are not tried: their maps are far beyond budgets, and take long to find out. */
const mostVoxels = 2 ** 24;

async function withMapped<R>(room: MapRoom, use: (mapped: Mapped) => Promise<R>): Promise<R> {
  const { volumes, library, atlas, space, way, call } = room;
  const { kernels, signal } = call;
  const { volume: annotation } = await volumes.shown(library, atlas.annotation, kernels);
  const stamp = volumeById(library.read, atlas.annotation).source?.fingerprint ?? '';
  const tree = treeOf(library, atlas.id);
  const midline = midlineOf(atlas.orientation, levelAt(annotation.plan, 0));
  const through = way.map(idOfStep);
  if (space === atlas.annotation) {
    const chunks = regionValues(annotation, tree, kernels);
    const levels = [...annotation.plan.levels.keys()];
    return use({ chunks, key: `atlas-map/${atlas.id}/${stamp}`, levels, midline, through });
  }
  const { plan } = (await volumes.shown(library, space, kernels)).volume;
  const levels = levelsOfGrid(plan.name, levelAt(plan, 0), annotation.plan.dtype);
  const opened = await openWay({ volumes, library, kernels, signal, lane: 'interactive' }, way);
  try {
    const valueOf = regionValueOf(tree);
    const chunks = valuesInSpace({ labels: annotation, valueOf, way: opened, levels, kernels, lane: 'interactive' });
    const small = [...levels.keys()].filter((level) => voxelsIn(levels[level]?.sizeXyz ?? [0, 0, 0]) <= mostVoxels);
    const made = createHash('sha256').update(JSON.stringify([stamp, stampOfWay(library, way), levels[0]]));
    const key = `atlas-map/${atlas.id}/${space}/${made.digest('hex').slice(0, 16)}`;
    return await use({ chunks, key, levels: small, midline: way.length === 0 ? midline : null, through });
  } finally {
    await opened.close();
  }
}

/** Another wherever a map of the way is. */
const stampOfWay = ({ read }: LibraryStore, way: readonly WayStep[]): unknown =>
  way.map(({ through, to }) =>
    'warped' in through
      ? [to, volumeById(read, through.warped).warp]
      : [to, through.registration.movingFromFixed, through.registration.fixedFromMoving],
  );
