import { create } from 'zustand';
import { type LayoutCheck, stitchProcedures } from '../../preload/contract/registration.ts';
import { engine } from '../engine.ts';
import { newestFirst, resultOf, startJob, useJobs } from './jobs.ts';
import { openLibraryId, undoAction } from './library.ts';
import { session, setSession, useSession } from './session.ts';
import { dismissTopic, toast } from './toasts.ts';

export interface LayoutFinding {
  readonly message: string;
  readonly dataset: string;
  /** As `ingest.again` takes it. */
  readonly order: string;
}

interface LayoutCheckState {
  /** What the last check found, and of what; null where none was made, or it was closed. */
  readonly report: { readonly dataset: string; readonly found: LayoutCheck } | null;
}

const useLayoutCheck = create<LayoutCheckState>(() => ({ report: null }));

const set = useLayoutCheck.setState;

/** The report of the dataset in view. */
export function useLayoutReport(): LayoutCheck | null {
  const dataset = useSession((s) => s.dataset);
  return useLayoutCheck(({ report }) => (report?.dataset === dataset ? report.found : null));
}

export const closeLayoutReport = (): void => set({ report: null });

/** Matches a sample of overlaps, as the layout is written and in every other order, and shows what fits. */
export async function startCheck(): Promise<void> {
  const { dataset } = session();
  if (dataset === null) return;
  const library = openLibraryId();
  set({ report: null });
  // What a stitching was refused for is shown at large now.
  dismissTopic('job stitch.start');
  await startJob(
    () => engine().stitch.check({ library, dataset }),
    (job) => {
      const found = resultOf(job, stitchProcedures.check.output);
      if (found) set({ report: { dataset, found } });
    },
  );
}

/** The order that a check would have the dataset read in; null where there is nothing to mend by it. */
export function orderOf({ fix }: LayoutCheck): string | null {
  const at = fix.lastIndexOf(';order=');
  return at === -1 ? null : fix.slice(at + ';order='.length);
}

/** What the last stitching of the dataset in view was refused for; null where its layout was not at fault. */
export function useLayoutFinding(): LayoutFinding | null {
  const dataset = useSession((s) => s.dataset);
  const jobs = useJobs((s) => s.jobs);
  const last = newestFirst(jobs).find((job) => job.kind === 'stitch.start' && fieldsOf(job.error).dataset === dataset);
  const { order } = fieldsOf(last?.error);
  if (last?.error?.tag !== 'bad-layout' || dataset === null || typeof order !== 'string' || order === '') return null;
  return { message: last.error.message, dataset, order };
}

const fieldsOf = (
  error: { readonly fields?: Readonly<Record<string, unknown>> | undefined } | null | undefined,
): Readonly<Record<string, unknown>> => error?.fields ?? {};

/** Imports the dataset again with its places read in another order, and shows what came of it. */
export async function importInOrder({ dataset, order }: Pick<LayoutFinding, 'dataset' | 'order'>): Promise<void> {
  const library = openLibraryId();
  await startJob(
    () => engine().ingest.again({ library, dataset, order }),
    ({ result }) => {
      const made = (result as { readonly dataset?: string } | null)?.dataset;
      if (made === undefined) return;
      closeLayoutReport();
      setSession({ dataset: made });
      toast({
        tone: 'good',
        title: 'Imported again in the order that fits',
        detail: 'A dataset of its own; the first import is still there.',
        action: undoAction,
      });
    },
  );
}
