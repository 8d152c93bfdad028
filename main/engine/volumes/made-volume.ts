import type { VolumePlan } from '../formats/volume-format.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { JobEnding } from '../jobs/job.ts';
import { idOfJob } from '../store/id-of-job.ts';
import { volumeRow } from '../store/volume-rows.ts';
import { appearanceOf } from './appearance.ts';
import { volumeLevels } from './bricks-of.ts';
import { removeHalfWritten } from './half-written.ts';
import { openUnfinished, writeLevels, type LevelsWriting } from './write-levels.ts';

export interface MadeVolume {
  readonly volume: string;
  readonly bytes: number;
  readonly levels: number;
}

export interface VolumeToMake {
  readonly volume: VolumePlan;
  readonly originVoxel: Vec3;
}

/**
 * Fusing, once it is planned: writes every level, describes them last, and gives the ending that stores the volume under
 * the job's id. `stack`: what it was fused from; null where that is no stack version.
 */
export async function makeVolume(
  writing: LevelsWriting,
  { volume, originVoxel }: VolumeToMake,
  stack: string | null,
): Promise<JobEnding<MadeVolume>> {
  const { job, writer, target } = writing;
  const blocks = await writeLevels(writing);
  await removeHalfWritten(target);
  const look = await appearanceOf(await openUnfinished(writing), job.kernels, job.signal);
  for (const { key, bytes } of await writer.metadata({ attributes: { originVoxel } })) await target.put(key, bytes);
  const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
  const { name, dtype, levels, kind, times } = volume;
  const id = idOfJob('volume', job.id);
  const row = volumeRow({
    volume: {
      ...{ id, stack, name, kind, dtype, times, originVoxel, bytes },
      levels: volumeLevels(volume, look.display.dtype),
      ...look,
      createdAt: new Date().toISOString(),
    },
    folder: `volumes/${id}`,
    source: null,
    job: job.id,
  });
  return {
    label: `Fuse ${name}`,
    commit: (tx) => {
      tx.put('volume', row);
      return { volume: id, bytes, levels: levels.length };
    },
  };
}
