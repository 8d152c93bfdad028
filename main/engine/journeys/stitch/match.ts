import { type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import type { z } from 'zod';
import type { solveModelSchema } from '../../../../preload/contract/library.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { type TilePair, tileImage } from './pairs.ts';

export type PairMatch = TaskOutput<'correlate-pair'>;

export interface MatchParameters {
  readonly model: z.output<typeof solveModelSchema>;
  readonly searchPx: number;
  readonly minNcc: number;
}

/** Matches every pair; one whose files cannot be read any more has no points and says why. Same order as given. */
export async function matchPairs(
  job: JobRun,
  pairs: readonly TilePair[],
  parameters: MatchParameters,
  { name, weight }: { readonly name: string; readonly weight: number } = { name: 'Matching overlaps', weight: 8 },
): Promise<readonly PairMatch[]> {
  return job.stage<PairMatch>({
    name,
    unit: 'pairs',
    units: pairs.map((pair) => matchUnit(job, pair, parameters)),
    weight,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'over-budget', 'worker-died')) throw error;
      return { points: [], ncc: 0, peakRatio: 1, overlapPx: 0, reason: error.message };
    },
  });
}

/** What a pair is matched for: every model with more freedom than the rigid one wants many points. */
const matchedFor = {
  translation: 'translation',
  rigid: 'rigid',
  similarity: 'affine',
  affine: 'affine',
  polynomial: 'affine',
} as const;

function matchUnit(job: JobRun, { a, b, bFromA }: TilePair, parameters: MatchParameters): Unit<PairMatch> {
  const { searchPx } = parameters;
  const model = matchedFor[parameters.model];
  const images = { a: tileImage(a), b: tileImage(b) };
  const { path: _a, ...imageA } = images.a;
  const { path: _b, ...imageB } = images.b;
  return {
    key: unitKey(
      'correlate-pair',
      tasks['correlate-pair'].version,
      a.sha256,
      b.sha256,
      imageA,
      imageB,
      bFromA,
      searchPx,
      model,
    ),
    subject: `${a.name} and ${b.name}`,
    run: async (signal) =>
      (await job.kernels.run('correlate-pair', { ...images, bFromA, searchPx, model }, { signal })).header,
  };
}
