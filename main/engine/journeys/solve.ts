import type { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { solveProcedures } from '../../../preload/contract/solve.ts';
import type { Steps } from '../formats/steps.ts';
import { inTurns } from '../jobs/in-turns.ts';
import type { JobEnding, JobKind, JobRun } from '../jobs/job.ts';
import { misfitsOf } from '../stacks/link-misfits.ts';
import { solveProblems } from '../stacks/solve-problems.ts';
import { showStack } from '../stacks/lay-stack.ts';
import { type NewStack, sharedTransformsOf, stackRow } from '../stacks/stack-rows.ts';
import { storedLinkSteps, type StoredLinks } from '../stacks/stored-links.ts';
import { idOfJob } from '../store/id-of-job.ts';
import { datasetRow } from '../store/tiles.ts';
import type { HandlersOf } from './call.ts';
import { groupSteps, type SolveGroup, solveTileSteps } from './solve/groups.ts';
import { exportMatches, importMatches } from './solve/matches.ts';
import { moveTiles } from './solve/move.ts';
import { laySolved } from './solve/lay-solved.ts';
import { fateSteps, type LinkFate, placementSteps, qualityOf } from './solve/solved.ts';
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
    const { links, groups } = await problemsOf(job, parent, 'all');
    const settings = { model, order, stageSigmaPx, lambda, robust };
    const solutions = await solveProblems(job, groups, [settings], 'sections');
    const solved = groups.flatMap((group, i) => {
      const solution = solutions[i];
      return solution ? [{ group, solution }] : [];
    });
    const placed = await gathered(job, solved, placementSteps);
    const fates = await gathered(job, solved, (one) => fateSteps(one, links));
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

interface Problems {
  readonly links: StoredLinks;
  readonly groups: readonly SolveGroup[];
}

async function problemsOf({ library, signal }: JobRun, stack: string, only: 'all' | 'kept'): Promise<Problems> {
  const links = await inTurns(storedLinkSteps(library.read, stack, only), signal);
  const tiles = await inTurns(solveTileSteps(library.read, stack), signal);
  return { links, groups: await inTurns(groupSteps(tiles, links), signal) };
}

async function gathered<T, R>(
  { signal }: JobRun,
  all: readonly T[],
  steps: (one: T) => Steps<readonly R[]>,
): Promise<readonly R[]> {
  const found: (readonly R[])[] = [];
  for (const one of all) found.push(await inTurns(steps(one), signal));
  return found.flat();
}

/** A version that failed its verdict is stored all the same, so that it can be looked at; then the job fails. */
async function finish(
  job: JobRun,
  stack: NewStack,
  fates: readonly LinkFate[],
  name: string,
): Promise<JobEnding<Output>> {
  const { links, rmsPx, maxPx, verdict, reasons } = stack.quality;
  const label = `Solve ${name} (${stack.model})`;
  await laySolved(job, stack, fates);
  if (verdict === 'fail') {
    job.library.edit(label, (tx) => showStack(tx, stack.id));
    throw new LamellaError('not-good-enough', `${name} could not be solved well: ${reasons.join('; ')}.`, {
      hint: 'Look at the links of the new version; then choose another model or lambda, pin tiles that lie well, or stitch again.',
      fields: { stack: stack.id, rmsPx, maxPx, links },
    });
  }
  for (const reason of reasons) job.warn({ subject: name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      showStack(tx, stack.id);
      return { stack: stack.id, tiles: stack.placed.length, links, rmsPx, maxPx, verdict };
    },
  };
}

/** Many lambdas over the links that the version kept. */
const sweep: JobKind<SweepInput, SweepOutput> = {
  kind: 'solve.sweep',
  label: ({ model, steps }) => `Sweep ${steps} lambdas (${model})`,
  run: async (job, { stack, model, order, stageSigmaPx, from, to, steps }) => {
    const { version } = stackRow(job.library.read, stack);
    const { groups } = await problemsOf(job, stack, 'kept');
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
  importMatches: ({ library, dataset, file }, call) =>
    importMatches(call.library(library), dataset, call.path(file), call.signal),
  exportMatches: async ({ library, stack, out }, call) => {
    const written = await exportMatches(call.library(library), stack, call.path(out), call.signal);
    return { ...written, file: call.refer(written.file) };
  },
};
