import type { LamellaClient } from '../../preload/contract/api.ts';
import { fromWireError } from '../../preload/contract/errors.ts';
import { isJobOver, type Job } from '../../preload/contract/job.ts';

/** Follows a job to its end, whatever that is. */
export async function followJob(
  client: LamellaClient,
  library: string,
  started: Promise<{ readonly job: string }>,
  onChange: (job: Job) => void = () => undefined,
): Promise<Job> {
  const { job: id } = await started;
  const watching = new AbortController();
  let last: Job | null = null;
  await client.job.watch(
    { library },
    {
      signal: watching.signal,
      onValue: (job) => {
        if (job.id !== id) return;
        last = job;
        onChange(job);
        if (isJobOver(job.state)) watching.abort();
      },
    },
  );
  if (!last) throw new Error(`job ${id} was never seen`);
  return last;
}

/** The result of a job that ends well; throws the error that it ends with. `T` is the output that the contract declares. */
export async function resultOf<T>(
  client: LamellaClient,
  library: string,
  started: Promise<{ readonly job: string }>,
  onChange?: (job: Job) => void,
): Promise<T> {
  const job = await followJob(client, library, started, onChange);
  if (job.error) throw fromWireError(job.error);
  return job.result as T;
}
