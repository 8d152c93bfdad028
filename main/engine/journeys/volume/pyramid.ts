import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { volumeProcedures } from '../../../../preload/contract/volume.ts';
import type { JobEnding, JobKind, JobRun } from '../../jobs/job.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { volumeById } from '../../store/volume-rows.ts';
import { volumeLevels } from '../../volumes/bricks-of.ts';
import { makeCoarseLevels } from '../../volumes/coarse-levels.ts';
import { parseByteSize, shareMemory } from '../../volumes/memory.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';

type Input = ParsedOf<typeof volumeProcedures.pyramid>;
type Output = OutputOf<typeof volumeProcedures.pyramid>;

export const pyramidKind = (volumes: OpenVolumes): JobKind<Input, Output> => ({
  kind: 'volume.pyramid',
  label: ({ volume }) => `Make coarse levels of ${volume}`,
  run: (job, input) => makePyramid(volumes, job, input),
});

/** Into a folder of its own, so that undo finds those of before where they were. */
async function makePyramid(volumes: OpenVolumes, job: JobRun, input: Input): Promise<JobEnding<Output>> {
  const { library } = job;
  const { volume, source } = volumeById(library.read, input.volume);
  if (!source) throw hasAll(volume.id, volume.name);
  const memory = shareMemory(parseByteSize(input.memory), job.kernels.threads);
  const folder = `volumes/${idOfJob('volume', job.id)}`;
  const opened = await volumes.ofJob(library, input.volume, job.kernels, job.signal);
  try {
    const method = input.method === 'auto' ? (volume.kind === 'segmentation' ? 'mode' : 'mean') : input.method;
    const level = source.levels - 1;
    const made = await makeCoarseLevels({ job, volume: opened.volume, level, folder, method, memory });
    const own = { ...opened.volume.plan, levels: opened.volume.plan.levels.slice(0, source.levels) };
    const levels = volumeLevels({ ...own, levels: [...own.levels, ...made.levels] }, volume.display.dtype);
    return {
      label: `Make coarse levels of ${volume.name}`,
      commit: (tx) => {
        const has = made.levels.length > 0;
        tx.put('volume', { id: volume.id, folder: has ? folder : null, levels: JSON.stringify(levels) });
        return { levels: made.levels.length, bytes: made.bytes };
      },
    };
  } finally {
    await opened.close();
  }
}

const hasAll = (id: string, name: string): LamellaError =>
  new LamellaError('invalid-input', `${name} was fused here and has all its levels.`, {
    hint: 'Coarse levels are made for volumes that were added.',
    fields: { volume: id },
  });
