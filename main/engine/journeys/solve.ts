import type { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { solveProcedures } from '../../../preload/contract/solve.ts';
import type { JobEnding, JobKind, JobRun } from '../jobs/job.ts';
import { misfitsOf } from '../stacks/link-misfits.ts';
import { solveProblems } from '../stacks/solve-problems.ts';
import { type NewStack, sharedTransformsOf, stackRow, storeStack } from '../stacks/stack-rows.ts';
import { storedLinksOf } from '../stacks/stored-links.ts';
import { idOfJob } from '../store/id-of-job.ts';
import type { WriteHandle } from '../store/library-store.ts';
import { datasetRow } from '../store/tiles.ts';
import type { HandlersOf } from './call.ts';
import { groupsOf, solveTilesOf } from './solve/groups.ts';
import { exportMatches, importMatches } from './solve/matches.ts';
import { moveTiles } from './solve/move.ts';
import { fatesOfLinks, type LinkFate, placementsOfSolved, qualityOf } from './solve/solved.ts';
import { cornerOf, lambdasOf, sweepPointOf } from './solve/sweep.ts';

type Input = z.output<typeof solveProcedures.start.input>;
type Output = z.output<typeof solveProcedures.start.output>;
type SweepInput = z.output<typeof solveProcedures.sweep.input>;
type SweepOutput = z.output<typeof solveProcedures.sweep.output>;

/** Solve again: the links of a version, another model or other holds, a new version. */
const start: JobKind<Input, Output> = {
  kind: 'solve.start',
  label: ({ model }) => `Solve (${model})`,
  run: async (job, { stack: parent, model, order, stageSigmaPx, lambda, robust }) => {
    const { dataset, version } = stackRow(job.library.read, parent);
    const links = storedLinksOf(job.library.read, parent);
    const groups = groupsOf(solveTilesOf(job.library.read, parent), links);
    const settings = { model, order, stageSigmaPx, lambda, robust };
    const solutions = await solveProblems(job, groups, [settings], 'sections');
    const solved = groups.flatMap((group, i) => {
      const solution = solutions[i];
      return solution ? [{ group, solution }] : [];
    });
    const placed = solved.flatMap(placementsOfSolved);
    const fates = solved.flatMap((one) => [...fatesOfLinks(one, links)]);
    const kept = fates.filter((fate) => fate.kept).length;
    const stack: NewStack = {
      id: idOfJob('stack', job.id),
      dataset,
      job: job.id,
      madeBy: 'stitch',
      parent,
      model,
      parameters: settings,
      placed,
      links: [],
      sharedTransforms: sharedTransformsOf(job.library.read, parent),
      quality: qualityOf(solved, placed, { kept, dropped: fates.length - kept }),
    };
    return finish(job, stack, fates, `stack v${version} of ${datasetRow(job.library.read, dataset).name}`);
  },
};

/** A version that failed its verdict is stored all the same, so that it can be looked at; then the job fails. */
function finish(job: JobRun, stack: NewStack, fates: readonly LinkFate[], name: string): JobEnding<Output> {
  const { links, rmsPx, maxPx, verdict, reasons } = stack.quality;
  const label = `Solve ${name} (${stack.model})`;
  if (verdict === 'fail') {
    job.library.edit(label, (tx) => storeSolved(tx, stack, fates));
    throw new LamellaError('not-good-enough', `${name} could not be solved well: ${reasons.join('; ')}.`, {
      hint: 'Look at the links of the new version; then choose another model or lambda, pin tiles that lie well, or stitch again.',
      fields: { stack: stack.id, rmsPx, maxPx, links },
    });
  }
  for (const reason of reasons) job.warn({ subject: name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      storeSolved(tx, stack, fates);
      return { stack: stack.id, tiles: stack.placed.length, links, rmsPx, maxPx, verdict };
    },
  };
}

/** The links are those of the parent, with what became of them; grey levels are corrected as there. */
function storeSolved(tx: WriteHandle, stack: NewStack, fates: readonly LinkFate[]): void {
  storeStack(tx, stack);
  for (const [table, columns] of inherited) {
    tx.run(
      `INSERT OR IGNORE INTO ${table} (stack, ${columns}) SELECT ?, ${columns} FROM ${table} WHERE stack = ?`,
      stack.id,
      stack.parent ?? '',
    );
  }
  for (const { tileA, tileB, residualPx, kept, reason } of fates) {
    tx.run(
      'UPDATE link SET residual_px = ?, state = ?, reason = ? WHERE stack = ? AND tile_a = ? AND tile_b = ?',
      residualPx,
      kept ? 'kept' : 'outlier',
      reason,
      stack.id,
      tileA,
      tileB,
    );
  }
}

const inherited = [
  ['link', 'tile_a, tile_b, section, section_b, ncc, peak_ratio, points, residual_px, state, reason'],
  ['intensity', 'tile, channel, columns, rows, gain, level_offset'],
] as const;

/** Many lambdas over the links that the version kept. */
const sweep: JobKind<SweepInput, SweepOutput> = {
  kind: 'solve.sweep',
  label: ({ model, steps }) => `Sweep ${steps} lambdas (${model})`,
  run: async (job, { stack, model, order, stageSigmaPx, from, to, steps }) => {
    const links = storedLinksOf(job.library.read, stack, 'kept');
    const { version } = stackRow(job.library.read, stack);
    const groups = groupsOf(solveTilesOf(job.library.read, stack), links);
    const lambdas = lambdasOf(from, to, steps);
    const settings = lambdas.map((lambda) => ({ model, order, stageSigmaPx, lambda, robust: false }));
    const solutions = await solveProblems(job, groups, settings, 'solves');
    const points = lambdas.map((lambda, i) =>
      sweepPointOf(
        lambda,
        groups,
        groups.flatMap((_, g) => solutions[g * steps + i] ?? []),
      ),
    );
    return { label: `Sweep lambdas of stack v${version}`, commit: () => ({ points, corner: cornerOf(points) }) };
  },
};

export const solveHandlers: HandlersOf<'solve'> = {
  start,
  sweep,
  move: ({ library, stack, ...move }, call) => moveTiles(call.library(library), stack, move),
  misfits: ({ library, stack, tiles }, call) => {
    const { read } = call.library(library);
    stackRow(read, stack);
    return { value: { misfits: [...misfitsOf(read, stack, tiles)] } };
  },
  importMatches: ({ library, dataset, file }, call) => importMatches(call.library(library), dataset, call.path(file)),
  exportMatches: async ({ library, stack, out }, call) => {
    const written = await exportMatches(call.library(library), stack, call.path(out));
    return { ...written, file: call.refer(written.file) };
  },
};
