import { createHash } from 'node:crypto';
import type { Atlas, atlasProcedures } from '../../../../preload/contract/atlas.ts';
import { readAtlasMap } from '../../../../preload/contract/atlas-map.ts';
import type { OutputOf, ParsedOf, WithBytes } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { atlasById, treeOf } from '../../atlases/atlas-rows.ts';
import { openWay } from '../../atlases/open-way.ts';
import { regionMap } from '../../atlases/region-map.ts';
import { valuesInSpace } from '../../atlases/regions-in-space.ts';
import { sideVolume } from '../../atlases/side-volume.ts';
import { midlineOf } from '../../atlases/sides.ts';
import { plainValueOf, regionValueOf, regionValues, type ValueChunks } from '../../atlases/value-chunks.ts';
import { wayFrom } from '../../atlases/way-from.ts';
import { idOfStep, type WayStep } from '../../atlases/way-to.ts';
import { levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan } from '../../formats/volume-format.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { volumeById } from '../../store/volume-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { levelsOfGrid } from '../../volumes/warped/warp-grid.ts';
import type { Call } from '../call.ts';

type MapOf = typeof atlasProcedures.map;
type Answer = WithBytes<OutputOf<MapOf>>;

interface Mapped {
  readonly chunks: ValueChunks;
  /** Of the same levels, as BrainGlobe marks them; null where a midline tells them, or nothing does. */
  readonly sides: ValueChunks | null;
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
  mapped: Mapped,
  budget: number,
  signal: AbortSignal,
): Promise<Answer | null> {
  const { chunks, key: prefix, levels, midline, through } = mapped;
  for (const level of levels) {
    const { sizeXyz: size, voxelSizeNm, originNm } = levelAt(chunks.plan, level);
    const key = `${prefix}/${level}`;
    const kept = cache.get(key);
    if (kept && kept.byteLength > budget) continue;
    const bytes = kept ?? (await gridsOf(mapped, level, budget, signal));
    if (!bytes) continue;
    if (!kept) cache.putSoon(key, bytes);
    const { runs, sides } = readAtlasMap(bytes, size);
    const counts = { runs: runs.length / 2, sideRuns: sides && sides.runs.length / 2 };
    return { value: { level, size, voxelSizeNm, originNm, ...counts, through: [...through], midline }, bytes };
  }
  return null;
}

/** Regions, and then sides where they are told by voxels; null where both are more than `budget` bytes. */
async function gridsOf(
  { chunks, sides }: Mapped,
  level: number,
  budget: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const regions = await regionMap(chunks, level, budget, signal);
  if (!regions || !sides) return regions;
  const told = await regionMap(sides, level, budget - regions.byteLength, signal);
  return told && Buffer.concat([regions, told]);
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
  const tree = treeOf(library, atlas.id);
  const told = await sidesOf(room, levelAt(annotation.plan, 0));
  const stamps = [atlas.annotation, atlas.hemispheres].map(
    (id) => id && volumeById(library.read, id).source?.fingerprint,
  );
  const isOwn = space === atlas.annotation;
  const { plan } = isOwn ? annotation : (await volumes.shown(library, space, kernels)).volume;
  const levels = isOwn ? plan.levels : levelsOfGrid(plan.name, levelAt(plan, 0), annotation.plan.dtype);
  const opened = await openWay({ volumes, library, kernels, signal, lane: 'interactive' }, way);
  try {
    const seen = { way: opened, levels, kernels, lane: 'interactive' } as const;
    const small = (level: number): boolean => isOwn || voxelsIn(levels[level]?.sizeXyz ?? [0, 0, 0]) <= mostVoxels;
    const made = [...stamps, stampOfWay(library, way), levels[0], atlas.orientation];
    return await use({
      chunks: isOwn
        ? regionValues(annotation, tree, kernels)
        : valuesInSpace({ ...seen, labels: annotation, valueOf: regionValueOf(tree) }),
      sides: told.volume && valuesInSpace({ ...seen, labels: told.volume, valueOf: plainValueOf }),
      key: `atlas-map/${atlas.id}/${space}/${sha256(JSON.stringify(made)).slice(0, 16)}`,
      levels: [...levels.keys()].filter(small),
      midline: told.midline,
      through: way.map(idOfStep),
    });
  } finally {
    await opened.close();
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What tells left from right: a volume, a plane of the space, or nothing. Marks go before the middle, as in a look-up. */
async function sidesOf(
  { volumes, library, atlas, way, call }: MapRoom,
  annotation: VolumeLevelPlan,
): Promise<{ readonly volume: OpenVolume | null; readonly midline: Mapped['midline'] }> {
  if (atlas.hemispheres !== null) {
    const { volume } = await volumes.shown(library, atlas.hemispheres, call.kernels);
    return { volume, midline: null };
  }
  const midline = midlineOf(atlas.orientation, annotation);
  if (way.length === 0) return { volume: null, midline };
  return { volume: midline && sideVolume(annotation, midline), midline: null };
}

/** Another wherever a map of the way is. */
const stampOfWay = ({ read }: LibraryStore, way: readonly WayStep[]): unknown =>
  way.map(({ through, to }) =>
    'warped' in through
      ? [to, volumeById(read, through.warped).warp]
      : [to, through.registration.movingFromFixed, through.registration.fixedFromMoving],
  );
