import type { blockProcedures } from '../../../../preload/contract/block.ts';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import {
  blockSetRow,
  blocksOf,
  type NewBlockStack,
  type StoredBlock,
  type StoredBlockSet,
  storeBlockStack,
} from '../../stacks/block-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { doubtsAxes, fittingAxes } from './axes-check.ts';
import { BlockReader } from './block-reader.ts';
import { matchPairs, type MatchParameters } from './match.ts';
import { findPairs } from './pairs.ts';
import { placeBlocks } from './place.ts';
import { judgeBlocks } from './verdict.ts';

export type StitchInput = ParsedOf<typeof blockProcedures.stitch>;
export type StitchOutput = OutputOf<typeof blockProcedures.stitch>;

/** Finds the overlaps, matches each on one channel, places all blocks, judges, stores. */
export async function stitchBlocks(
  volumes: OpenVolumes,
  job: JobRun,
  input: StitchInput,
): Promise<JobEnding<StitchOutput>> {
  const set = blockSetRow(job.library.read, input.set);
  const blocks = blocksOf(job.library.read, input.set);
  const usable = usableOf(set, blocks, input.channel);
  const { channel, searchVox, slabVox, minNcc } = input;
  const parameters: MatchParameters = { channel, searchVox, slabVox, minNcc };
  const reader = new BlockReader(volumes, job);
  try {
    const pairs = findPairs(usable);
    const matches = await matchPairs(job, reader, pairs, parameters);
    const isDoubtful = doubtsAxes(pairs, matches);
    const turned = isDoubtful ? await fittingAxes(job, reader, usable, parameters) : null;
    const solved = await placeBlocks(job, blocks, pairs, matches, searchVox);
    const quality = judgeBlocks(blocks, solved, turned);
    const stack = idOfJob('blockstack', job.id);
    const { placements, links } = solved;
    return finish(job, set, turned, {
      ...{ id: stack, set: set.id, madeBy: 'stitch', channel, job: job.id },
      ...{ parameters: { ...parameters, report: solved.report }, quality, placements, links },
    });
  } finally {
    await reader.close();
  }
}

function usableOf(set: StoredBlockSet, blocks: readonly StoredBlock[], channel: number): readonly StoredBlock[] {
  if (channel >= set.channels.length) {
    const names = set.channels.map((name, i) => `${i} (${name})`).join(', ');
    throw new LamellaError('invalid-input', `${set.name} has no channel ${channel}.`, {
      hint: `Its channels are ${names}.`,
      fields: { channel },
    });
  }
  const usable = blocks.filter(({ verdict, sources }) => verdict !== 'bad' && sources[channel]);
  if (usable.length > 0) return usable;
  throw new LamellaError('bad-source', `None of the ${blocks.length} blocks of ${set.name} can be stitched.`, {
    hint: 'Look at their verdicts with block blocks; put missing files back and import again.',
    fields: { set: set.id, blocks: blocks.length },
  });
}

/** Blocks that failed their verdict are stored all the same, so that they can be looked at; then the job fails. */
function finish(job: JobRun, set: StoredBlockSet, axes: string | null, stack: NewBlockStack): JobEnding<StitchOutput> {
  const { links, rmsVox, maxVox, verdict, reasons } = stack.quality;
  const label = `Stitch ${set.name}`;
  if (verdict === 'fail') {
    job.library.edit(label, (tx) => storeBlockStack(tx, stack));
    throw new LamellaError('not-good-enough', `${set.name} could not be stitched well: ${reasons.join('; ')}.`, {
      hint: 'Look at the links of this version; then correct the layout or the axes, or widen the search (--search-vox).',
      fields: { set: set.id, stack: stack.id, rmsVox, maxVox, links, ...(axes !== null && { axes }) },
    });
  }
  for (const reason of reasons) job.warn({ subject: set.name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      storeBlockStack(tx, stack);
      return { stack: stack.id, blocks: stack.placements.length, links, rmsVox, maxVox, verdict };
    },
  };
}
