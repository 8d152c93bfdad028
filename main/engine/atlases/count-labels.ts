import type { JobRun } from '../jobs/job.ts';
import { unitKey } from '../jobs/job.ts';
import { chunksOf, levelAt } from '../formats/pyramid.ts';
import type { OpenVolume } from '../formats/volume-format.ts';
import { labelsOfChunk } from './labels-of-chunk.ts';

type Counts = readonly (readonly [label: string, voxels: number])[];

/** How many voxels of level 0 each label has; 0 is left out. Chunk by chunk; `identity`: of the data. */
export async function countLabels(
  job: JobRun,
  volume: OpenVolume,
  identity: string,
): Promise<ReadonlyMap<string, number>> {
  const units = [...chunksOf(levelAt(volume.plan, 0))].map((xyz) => ({
    key: unitKey('count-labels', 1, identity, xyz),
    subject: `chunk ${xyz.join(', ')}`,
    run: async (signal: AbortSignal): Promise<Counts> => {
      const chunk = await labelsOfChunk({ volume, level: 0, xyz }, { kernels: job.kernels, lane: 'batch', signal });
      if (!chunk) return [];
      const counts = new Float64Array(chunk.labels.length);
      for (const index of chunk.voxels) counts[index] = (counts[index] ?? 0) + 1;
      return chunk.labels.map((label, i) => [label, counts[i] ?? 0] as const).filter(([label]) => label !== '0');
    },
  }));
  const total = new Map<string, number>();
  for (const counts of await job.stage<Counts>({ name: 'Counting regions', unit: 'chunks', units }))
    for (const [label, voxels] of counts) total.set(label, (total.get(label) ?? 0) + voxels);
  return total;
}
