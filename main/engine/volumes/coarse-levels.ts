import type { Vec3 } from '../../../preload/contract/space.ts';
import { omeZarrWriter } from '../formats/ome-writer.ts';
import { omeZarr } from '../formats/ome-zarr.ts';
import { levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan, VolumePlan } from '../formats/volume-format.ts';
import type { JobRun } from '../jobs/job.ts';
import { kernelCodec } from '../jobs/kernel-codec.ts';
import { openFolderSource } from '../sources/folder.ts';
import { openFolderTarget } from '../targets/folder.ts';
import { downsampleFrom } from './block-sources.ts';
import type { DownsampleMethod } from './downsample.ts';
import { removeHalfWritten } from './half-written.ts';
import type { MemoryPlan } from './memory.ts';
import { planOfPart } from './output-plan.ts';
import { writeLevels } from './write-levels.ts';

/** A volume is drawn at once, and counted, from a level of no more voxels than this. */
const mostCoarse = 2 ** 24;

/** Whether a volume needs coarser levels than it has. */
export const lacksCoarseLevels = ({ levels, channels }: VolumePlan): boolean =>
  voxelsIn(levels.at(-1)?.sizeXyz ?? [1, 1, 1]) * channels.length > mostCoarse;

export interface CoarseLevels {
  /** Coarser and coarser, after the last of the volume. */
  readonly levels: readonly VolumeLevelPlan[];
  readonly bytes: number;
}

export interface CoarseRequest {
  readonly job: JobRun;
  readonly volume: OpenVolume;
  /** The level that they are made from. */
  readonly level: number;
  /** Of the library, relative, forward slashes. */
  readonly folder: string;
  readonly method: DownsampleMethod;
  readonly memory: MemoryPlan;
}

/** Makes levels until one is a single chunk, as OME-Zarr in a folder of the library; none where it is one already. */
export async function makeCoarseLevels(request: CoarseRequest): Promise<CoarseLevels> {
  const { job, volume, level, folder, method, memory } = request;
  const { plan } = volume;
  const { coarse, stepXyz } = planCoarse(plan, level);
  if (coarse.levels.length === 0) return { levels: [], bytes: 0 };
  const source = openFolderSource(job.library.pathOf(...folder.split('/')), `the coarse levels of ${plan.name}`);
  const target = openFolderTarget(source);
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  const writer = omeZarrWriter(coarse, { sharded: false, blockBytes: memory.blockBytes }, codec);
  const how = { kernels: job.kernels, method, stepXyz, mostBytes: memory.partBytes };
  const blocks = await writeLevels({
    job,
    format: omeZarr,
    writer,
    target,
    identity: [folder],
    inFlight: memory.inFlight,
    allFiles: false,
    method,
    partBytes: memory.partBytes,
    mostBuffers: memory.mostBuffers,
    first: downsampleFrom(volume, level, how),
    firstName: 'Making coarse levels',
  });
  await removeHalfWritten(target);
  for (const { key, bytes } of await writer.metadata({})) await target.put(key, bytes);
  return { levels: writer.plan.levels, bytes: blocks.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function planCoarse(plan: VolumePlan, level: number): { readonly coarse: VolumePlan; readonly stepXyz: Vec3 } {
  const { sizeXyz } = levelAt(plan, level);
  const all = plan.channels.map((_, i) => i);
  const part = { level, min: [0, 0, 0] as const, size: sizeXyz, channels: all, firstTime: 0, times: plan.times };
  const { levels } = planOfPart(plan, part, { onlyOne: false });
  const coarser = levels.slice(1).map((one, i) => ({ ...one, stepXyz: i === 0 ? mapAxes(() => 1) : one.stepXyz }));
  return { coarse: { ...plan, levels: coarser }, stepXyz: levels[1]?.stepXyz ?? [1, 1, 1] };
}
