import type { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { LayoutCheck, stitchProcedures } from '../../../preload/contract/registration.ts';
import type { JobEnding, JobKind, JobRun } from '../jobs/job.ts';
import { isUsable, datasetRow, type StoredTile, tilesOf } from '../store/tiles.ts';
import { idOfJob } from '../store/id-of-job.ts';
import type { HandlersOf } from './call.ts';
import { checkLayout } from './stitch/check.ts';
import { exportStack } from './stitch/export.ts';
import { type FuseInput, type FuseOutput, fuseStack } from './stitch/fuse.ts';
import { gridFaults } from './stitch/grid-faults.ts';
import { type MatchParameters, matchPairs, type PairMatch } from './stitch/match.ts';
import { defaultSearchPx, findPairs, type TilePair } from './stitch/pairs.ts';
import { placeTiles } from './stitch/placements.ts';
import { reportStack } from './stitch/report.ts';
import { seamOf } from './stitch/seam.ts';
import { linkOf, solveSections } from './stitch/solve.ts';
import { checkSources } from './stitch/sources.ts';
import { layStack, showStack } from '../stacks/lay-stack.ts';
import { linksOf, type NewStack, placementsOf, stackRow } from '../stacks/stack-rows.ts';
import { requireState } from '../stacks/stack-state.ts';
import { lensesOfLayout } from '../stacks/tile-lens.ts';
import { judgeLinks, judgeStack } from './stitch/verdict.ts';

type Input = z.output<typeof stitchProcedures.start.input>;
type Output = z.output<typeof stitchProcedures.start.output>;

/** Stitch: find the overlaps, match each, solve each section, place every tile, judge, store. */
const start: JobKind<Input, Output> = {
  kind: 'stitch.start',
  label: ({ model }) => `Stitch (${model})`,
  run: async (job, input) => {
    const { name, layout } = datasetRow(job.library.read, input.dataset);
    const { tiles, usable, excluded } = tilesToStitch(job, input.dataset);
    checkSources(usable);
    const pairs = findPairs(usable);
    const parameters = { model: input.model, searchPx: input.searchPx ?? defaultSearchPx(pairs), minNcc: input.minNcc };
    if (!input.trustLayout) refuseOrder(await checkLayout(job, usable, layout, parameters), input.dataset);
    const matches = await matchPairs(job, pairs, parameters);
    const { lensOf, shared } = lensesOfLayout(job.library.read, input.dataset, tiles);
    const solved = await solveSections(job, tiles, linksOfPairs(pairs, matches, parameters), parameters, lensOf);
    const placed = placeTiles(solved);
    const links = judgeLinks(solved, parameters.minNcc);
    const quality = judgeStack(placed, excluded, links, solved);
    return finish(
      job,
      {
        id: idOfJob('stack', job.id),
        dataset: input.dataset,
        job: job.id,
        madeBy: 'stitch',
        model: input.model,
        parameters: { searchPx: parameters.searchPx, minNcc: parameters.minNcc },
        placed,
        links: links.map(({ row, link }) => ({ ...row, matches: link.points })),
        sharedTransforms: shared,
        quality,
      },
      name,
    );
  },
};

/** The same sample of overlaps that a stitch begins with, for its own sake. */
const check: JobKind<z.output<typeof stitchProcedures.check.input>, LayoutCheck> = {
  kind: 'stitch.check',
  label: () => 'Check the layout',
  run: async (job, { dataset }) => {
    const { name, layout } = datasetRow(job.library.read, dataset);
    const { tiles, usable } = tilesToStitch(job, dataset);
    checkSources(usable);
    const searchPx = defaultSearchPx(findPairs(usable));
    const found = await checkLayout(job, usable, layout, { model: 'translation', searchPx, minNcc: 0.3 });
    const result = { ...found, faults: gridFaults(tiles) };
    for (const fault of result.faults) job.warn(fault);
    if (found.verdict !== 'fits') job.warn({ subject: name, message: found.finding });
    return { label: `Check the layout of ${name}`, commit: () => result };
  },
};

/** Before the whole job: a layout that was read in the wrong order cannot be stitched. */
function refuseOrder({ verdict, finding, fix }: LayoutCheck, dataset: string): void {
  if (verdict !== 'reorder') return;
  throw new LamellaError('bad-layout', finding, {
    hint:
      fix === ''
        ? 'Import the folder again with another ;order= at the end of its layout, or stitch with --trust-layout.'
        : `Import again with it (ingest again, order ${fix.slice(fix.lastIndexOf('=') + 1)}), or stitch with --trust-layout to go on regardless.`,
    fields: { dataset, order: fix.slice(fix.lastIndexOf('=') + 1) },
  });
}

const fuse: JobKind<z.output<typeof stitchProcedures.fuse.input>, FuseOutput> = {
  kind: 'stitch.fuse',
  label: ({ name }) => (name === undefined ? 'Fuse' : `Fuse ${name}`),
  run: (job, input: FuseInput) => fuseStack(job, input),
};

export const stitchHandlers: HandlersOf<'stitch'> = {
  check,
  start,
  fuse,

  links: ({ library, stack }, call) => {
    const { read } = call.library(library);
    stackRow(read, stack);
    return { value: { links: linksOf(read, stack) } };
  },

  seam: async ({ library, ...request }, call) => {
    const { about, a, b, difference } = await seamOf(call.library(library), request, call);
    return { value: about, bytes: Buffer.concat([a, b, difference]) };
  },

  report: async ({ library, stack, out }, call) => {
    const reported = await reportStack(call.library(library), stack, call.path(out), call);
    return { ...reported, file: call.refer(reported.file) };
  },

  placements: ({ library, stack }, call) => {
    const { read } = call.library(library);
    stackRow(read, stack);
    return { value: { placements: placementsOf(read, stack) } };
  },

  export: async ({ library, stack, out }, call) => {
    const exported = await exportStack(call.library(library), stack, call.path(out));
    return { ...exported, file: call.refer(exported.file) };
  },

  remove: ({ library, stack }, call) => {
    const store = call.library(library);
    const { version } = stackRow(store.read, stack);
    requireState(store.read, stack, 'change');
    store.edit(`Remove stack v${version}`, (tx) => tx.put('stack', { id: stack, removed: 1 }));
    return { removed: true };
  },
};

interface TilesToStitch {
  readonly tiles: readonly StoredTile[];
  readonly usable: readonly StoredTile[];
  readonly excluded: readonly StoredTile[];
}

function tilesToStitch(job: JobRun, dataset: string): TilesToStitch {
  const tiles = tilesOf(job.library.read, dataset);
  const usable = tiles.filter(isUsable);
  if (usable.length > 0) return { tiles, usable, excluded: tiles.filter((tile) => !isUsable(tile)) };
  throw new LamellaError(
    'bad-source',
    `None of the ${tiles.length} tiles of ${dataset} can be stitched: all are rejected or bad.`,
    {
      hint: 'Accept tiles on the tile board, or import the dataset again.',
      fields: { dataset, tiles: tiles.length },
    },
  );
}

function linksOfPairs(
  pairs: readonly TilePair[],
  matches: readonly PairMatch[],
  { minNcc }: MatchParameters,
): ReturnType<typeof linkOf>[] {
  return pairs.flatMap((pair, i) => {
    const match = matches[i];
    return match ? [linkOf(pair, match, minNcc)] : [];
  });
}

/** A stack that failed its verdict is stored all the same, so that it can be looked at; then the job fails. */
async function finish(job: JobRun, stack: NewStack, name: string): Promise<JobEnding<Output>> {
  const { id, placed, quality } = stack;
  const { links, rmsPx, maxPx, verdict, reasons } = quality;
  const label = `Stitch ${name} (${stack.model})`;
  await layStack(job, stack);
  if (verdict === 'fail') {
    job.library.edit(label, (tx) => showStack(tx, stack.id));
    throw new LamellaError('not-good-enough', `${name} could not be stitched well: ${reasons.join('; ')}.`, {
      hint: 'Look at the links of the stack; then correct the layout, reject tiles, choose another model or, on the command line, widen the search with --search-px or take weaker links with --min-ncc.',
      fields: { stack: id, rmsPx, maxPx, links },
    });
  }
  for (const reason of reasons) job.warn({ subject: name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      showStack(tx, stack.id);
      return { stack: id, tiles: placed.length, links, rmsPx, maxPx, verdict };
    },
  };
}
