import type { Vec3 } from '../../../preload/contract/space.ts';
import { chunkExtent, levelAt, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan, VolumePlan } from '../formats/volume-format.ts';
import type { Kernels, Lane } from '../jobs/job.ts';
import { WarpedVolume } from '../volumes/warped/warped-volume.ts';
import type { OpenWay } from './open-way.ts';
import { readValues, type ValueChunks, type ValueOf, valueChunks, valuesAt } from './value-chunks.ts';

export interface SeenLabels {
  /** The annotation, or another volume of labels that lies where it does. Coarser levels are read where they suffice. */
  readonly labels: OpenVolume;
  readonly valueOf: ValueOf;
  readonly way: Pick<OpenWay, 'map' | 'steps'>;
  /** Of the space: where the voxels lie that values are wanted for. */
  readonly levels: readonly VolumeLevelPlan[];
  readonly kernels: Kernels;
  readonly lane: Lane;
}

/** What the labels at the centres of voxels of another space stand for, chunk by chunk; nothing is kept. 0 beyond. */
export function valuesInSpace(seen: SeenLabels): ValueChunks {
  const { labels, valueOf, way, levels, kernels, lane } = seen;
  const plan: VolumePlan = { ...labels.plan, levels, transforms: [] };
  if (!way.steps) return { plan, chunk: (level, xyz, signal) => ledOneByOne(seen, levelAt(plan, level), xyz, signal) };
  // What the steps read of is closed by whoever opened the way.
  const chain = { steps: way.steps, fieldLevel: null, close: () => Promise.resolve() };
  const volume = new WarpedVolume({ plan, source: labels, chain, kernels, lane });
  return {
    plan,
    chunk: (level, xyz, signal) =>
      readValues({ volume, level, xyz }, valueOf, { kernels, lane, ...(signal && { signal }) }),
  };
}

/** Where a thin plate has to be searched backwards, which no kernel does. */
async function ledOneByOne(
  { labels, valueOf, way, kernels }: SeenLabels,
  planned: VolumeLevelPlan,
  xyz: Vec3,
  signal: AbortSignal = new AbortController().signal,
): Promise<Uint16Array> {
  const points = centresOf(planned, chunkExtent(planned, xyz));
  await way.map.apply(points, signal);
  const values = await valuesAt(valueChunks(labels, valueOf, kernels), points, signal);
  return Uint16Array.from(values, (value) => Math.max(0, value));
}

function centresOf(
  { originNm, voxelSizeNm }: VolumeLevelPlan,
  { min, size }: { readonly min: Vec3; readonly size: Vec3 },
): Float64Array {
  const points = new Float64Array(3 * voxelsIn(size));
  let p = 0;
  for (let z = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[0]; x++) {
        points[p++] = originNm[0] + (min[0] + x + 0.5) * voxelSizeNm[0];
        points[p++] = originNm[1] + (min[1] + y + 0.5) * voxelSizeNm[1];
        points[p++] = originNm[2] + (min[2] + z + 0.5) * voxelSizeNm[2];
      }
  return points;
}
