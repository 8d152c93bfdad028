import { isLamellaError } from '../../../../preload/contract/errors.ts';
import type { WarpGrid } from '../../../../preload/contract/warp.ts';
import { chunkExtent, levelAt, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import type { OpenVolume, VolumeMap, VolumeMapStep, VolumePlan } from '../../formats/volume-format.ts';
import type { Kernels, Lane } from '../../jobs/job.ts';
import { type Affine3, composeAffine3, identity3 } from '../../transforms/affine3.ts';
import { openedTogether } from '../opened-together.ts';
import { replaced } from '../replaced.ts';
import { type Chain, type ChainStep, folded, resultFromSource, sourceFromResult } from './chain.ts';
import { fieldOf } from './field-of.ts';
import { gridBoxOf, levelsOfGrid } from './warp-grid.ts';
import { WarpedVolume } from './warped-volume.ts';

type FieldOfMap = Extract<VolumeMapStep, { type: 'field' }>;

class Unfit extends Error {}

/** A chunk of a field that is larger is not read for a brick. */
const mostChunkBytes = 256 * 2 ** 20;
/** Positions that are searched for are looked at all at once. */
const mostSearchedVoxels = 2 ** 22;
/** A result of so many more voxels than the volume is taken for a mistake. */
const mostGrowth = 64;
const around: WarpGrid = { type: 'around' };

/**
 * The volume in the space that its own dataset leads to: drawn through the map, on a grid around all of it with its own
 * voxels. Where that can't be, the volume as it is, and a warning says why.
 */
export async function withOwnMap(
  volume: OpenVolume,
  map: VolumeMap | undefined,
  env: { readonly kernels: Kernels; readonly lane: Lane; readonly signal?: AbortSignal | undefined },
): Promise<OpenVolume> {
  if (!map) return volume;
  try {
    return await drawnThrough(volume, map, env);
  } catch (error) {
    if (!(error instanceof Unfit) && !isLamellaError(error, 'bad-source', 'not-found', 'invalid-input')) throw error;
    const said = `It is not drawn through its ${nameOf(map)}: ${error.message}`;
    const warnings = [...(volume.notes.warnings ?? []), said];
    return replaced(volume, { plan: volume.plan, notes: { ...volume.notes, warnings } });
  }
}

const nameOf = ({ kind, space, steps }: VolumeMap): string => {
  const paths = steps.flatMap((step) => (step.type === 'field' ? [`"${step.path.slice(0, 200)}"`] : []));
  return [kind, ...(space === '' ? [] : [`to "${space.slice(0, 200)}"`]), ...paths.slice(0, 3)].join(' ');
};

async function drawnThrough(source: OpenVolume, map: VolumeMap, env: Parameters<typeof withOwnMap>[2]) {
  const chain = await chainOf(map);
  try {
    const plan = await planThrough(source.plan, map, chain);
    const warped = new WarpedVolume({ plan, source, chain, kernels: env.kernels, lane: env.lane });
    const storage = `${source.notes.storage ?? ''}; drawn through its ${nameOf(map)}`;
    const close = (): Promise<void> => chain.close();
    return { ...replaced(warped, { plan, notes: { ...source.notes, storage } }), close };
  } catch (error) {
    await chain.close();
    throw error;
  }
}

async function planThrough(source: VolumePlan, map: VolumeMap, chain: Chain): Promise<VolumePlan> {
  const first = levelAt(source, 0);
  const voxelNm = Math.min(...first.voxelSizeNm);
  await refuseFolds(chain, source, voxelNm);
  const back = resultFromSource(chain, voxelNm);
  const box = await gridBoxOf(around, { source: first, like: null, field: null, resultFromSource: back });
  const size = box.sizeXyz.join(' x ');
  if (!(voxelsIn(box.sizeXyz) <= mostGrowth * Math.max(voxelsIn(first.sizeXyz), 2 ** 20)))
    throw new Unfit(`it would be ${size} voxels, from ${first.sizeXyz.join(' x ')}.`);
  return {
    ...source,
    transforms: [{ space: map.space, kind: `${map.kind}, drawn through`, matrix: [...identity3] }],
    levels: levelsOfGrid(source.name, box, source.dtype),
  };
}

const chainOf = (map: VolumeMap): Promise<Chain> =>
  openedTogether(async (keep) => {
    const steps: ChainStep[] = [];
    for (const step of map.steps) {
      if (step.type === 'affine') steps.push({ type: 'affine', matrix: step.matrix });
      else {
        const { volume, unitNm } = await map.openField(step.path);
        steps.push({ type: 'field', field: fieldFor(step, keep(volume), unitNm), inverse: step.inverse });
      }
    }
    return { steps: folded(steps), fieldLevel: null };
  });

function fieldFor({ parts, unitNm, holds, interpolation, inverse }: FieldOfMap, volume: OpenVolume, own: Vec3) {
  const { plan } = volume;
  const level = levelAt(plan, 0);
  const chunk = voxelsIn(chunkExtent(level, [0, 0, 0]).size) * bytesPerVoxel[plan.dtype];
  if (chunk > mostChunkBytes) throw new Unfit(`its chunks are too large (${Math.round(chunk / 2 ** 20)} MiB).`);
  if (plan.channels.length !== parts.length)
    throw new Unfit(`its vectors have ${plan.channels.length} parts, and the image ${parts.length} axes of space.`);
  if (plan.transforms.some(({ matrix }) => matrix !== null)) throw new Unfit('its own array is turned.');
  if (holds === 'position' && inverse && voxelsIn(level.sizeXyz) > mostSearchedVoxels)
    throw new Unfit(`it has ${level.sizeXyz.join(' x ')} positions, too many to be searched for.`);
  const said = { plan, notes: { ...volume.notes, vectors: { axes: parts, unitNm: 1 } } };
  const step = { type: 'field', source: '', allowPrivate: false, holds, frame: 'volume', interpolation } as const;
  const { field } = fieldOf(replaced(volume, said), 'ome-zarr', { ...step, inverse });
  // Parts that there are none of stay where they are: half a voxel of 1 nm in.
  const missing = (['x', 'y', 'z'] as const).map((axis) => (parts.includes(axis) ? 0 : 0.5));
  return {
    ...field,
    indexFromPoint: composeAffine3(field.indexFromPoint, scaling(mapAxes((i) => own[i] / unitNm[i]))),
    nmFromVector: scaling(unitNm, missing),
  };
}

const scaling = ([x, y, z]: Vec3, [a = 0, b = 0, c = 0]: readonly number[] = []): Affine3 => [
  ...[x, 0, 0, a],
  ...[0, y, 0, b],
  ...[0, 0, z, c],
];

/** Along each edge of the volume, where it is looked whether the map leads there and back. */
const probes = 5;

/** Throws where the map leads nowhere, or where it leads does not lead back: it is folded there, or no map at all. */
async function refuseFolds(chain: Chain, { levels }: VolumePlan, voxelNm: number): Promise<void> {
  const { originNm, sizeXyz, voxelSizeNm } = levels[0]!;
  const at = (i: number): Vec3 => {
    const n = [i % probes, Math.floor(i / probes) % probes, Math.floor(i / probes ** 2)];
    return mapAxes((k) => originNm[k] + (sizeXyz[k] * voxelSizeNm[k] * (n[k]! + 0.5)) / probes);
  };
  const starts = Float64Array.from(Array.from({ length: probes ** 3 }, (_, i) => at(i)).flat());
  const led = starts.slice();
  await resultFromSource(chain, voxelNm).apply(led);
  const there = led.slice();
  await sourceFromResult(chain, voxelNm).apply(led);
  const isLed = (i: number): boolean => there.subarray(3 * i, 3 * i + 3).every(Number.isFinite);
  const all = Array.from({ length: probes ** 3 }, (_, i) => i);
  const lost = all.filter((i) => !isLed(i)).length;
  if (lost > all.length / 2)
    throw new Unfit(`it leads nowhere from ${lost} of ${all.length} places: it folds, or is no number.`);
  const astray = all.filter((i) => {
    const off = Math.hypot(...[0, 1, 2].map((k) => led[3 * i + k]! - starts[3 * i + k]!));
    return isLed(i) && Number.isFinite(off) && off > mostAstray * voxelNm;
  }).length;
  if (astray > all.length / 10)
    throw new Unfit(
      `there and back is another place for ${astray} of ${all.length}: it folds, or leads out of itself.`,
    );
}

/** Of a voxel: inverses that datasets give are only near. */
const mostAstray = 4;
