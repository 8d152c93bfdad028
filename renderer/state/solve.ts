import { create } from 'zustand';
import { solveProcedures, type SweepPoint } from '../../preload/contract/solve.ts';
import { engine } from '../engine.ts';
import type { Model } from './assemble.ts';
import { resultOf, startJob } from './jobs.ts';
import { openLibraryId } from './library.ts';
import { session, useSession } from './session.ts';

export interface Sweep {
  readonly stack: string;
  readonly model: Model;
  readonly order: 2 | 3;
  readonly points: readonly SweepPoint[];
  readonly corner: number;
}

interface SolveState {
  readonly model: Model;
  readonly order: 2 | 3;
  /** How much more firmly than usual tiles are held to the stage. */
  readonly lambda: number;
  readonly sweep: Sweep | null;
}

export const useSolve = create<SolveState>(() => ({ model: 'affine', order: 2, lambda: 1, sweep: null }));

const get = useSolve.getState;
const set = useSolve.setState;

export const setSolveModel = (model: Model): void => set({ model });
export const setOrder = (order: 2 | 3): void => set({ order });
export const setLambda = (lambda: number): void => set({ lambda });

/** The sweep of what would be solved now, if there is one. */
export function useFittingSweep(): Sweep | null {
  const stack = useSession((s) => s.stack);
  return useSolve(({ sweep, model, order }) =>
    sweep?.stack === stack && sweep.model === model && (model !== 'polynomial' || sweep.order === order) ? sweep : null,
  );
}

/** Solves the session's stack version again, into a new one. */
export async function startSolve(): Promise<void> {
  const { stack } = session();
  if (stack === null) return;
  const library = openLibraryId();
  const { model, order, lambda } = get();
  await startJob(() => engine().solve.start({ library, stack, model, order, lambda }));
}

/** Solves with many lambdas, shows the curve, and takes its corner. */
export async function startSweep(): Promise<void> {
  const { stack } = session();
  if (stack === null) return;
  const library = openLibraryId();
  const { model, order } = get();
  await startJob(
    () => engine().solve.sweep({ library, stack, model, order }),
    (job) => {
      const found = resultOf(job, solveProcedures.sweep.output);
      if (found) set({ sweep: { stack, model, order, ...found }, lambda: found.corner });
    },
  );
}
