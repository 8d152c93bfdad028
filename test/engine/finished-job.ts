import type { LamellaClient } from '../../preload/contract/api.ts';
import { isJobOver, type Job } from '../../preload/contract/job.ts';

/** Waits for a job to be over, however it ends. */
export async function finishedJob(
  client: LamellaClient,
  library: string,
  id: string,
  onChange: (job: Job) => void = () => undefined,
): Promise<Job> {
  const stop = new AbortController();
  let last: Job | undefined;
  await client.job.watch(
    { library },
    {
      signal: stop.signal,
      onValue: (job) => {
        if (job.id !== id) return;
        onChange(job);
        if (isJobOver(job.state)) {
          last = job;
          stop.abort();
        }
      },
    },
  );
  if (!last) throw new Error(`the job ${id} was never seen to end`);
  return last;
}
