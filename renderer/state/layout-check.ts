import { engine } from '../engine.ts';
import { newestFirst, startJob, useJobs } from './jobs.ts';
import { openLibraryId } from './library.ts';
import { setSession, useSession } from './session.ts';

export interface LayoutFinding {
  readonly message: string;
  readonly dataset: string;
  /** As `ingest.again` takes it. */
  readonly order: string;
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
export async function importInOrder({ dataset, order }: LayoutFinding): Promise<void> {
  const library = openLibraryId();
  await startJob(
    () => engine().ingest.again({ library, dataset, order }),
    ({ result }) => {
      const made = (result as { readonly dataset?: string } | null)?.dataset;
      if (made !== undefined) setSession({ dataset: made });
    },
  );
}
