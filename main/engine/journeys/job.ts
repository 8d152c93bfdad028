import type { Job } from '../../../preload/contract/job.ts';
import type { Scheduler } from '../jobs/scheduler.ts';
import type { Call, HandlersOf } from './call.ts';

/** What the job journey needs of the engine: a library's jobs, and a job as this caller may see it. */
export interface JobAccess {
  readonly jobs: (ref: string, call: Call) => Scheduler;
  readonly shown: (job: Job, call: Call) => Job;
}

export function jobHandlers({ jobs, shown }: JobAccess): HandlersOf<'job'> {
  return {
    list: ({ library }, call) => ({
      value: {
        jobs: jobs(library, call)
          .list()
          .map((job) => shown(job, call)),
      },
    }),
    watch: async ({ library }, call) => {
      const scheduler = jobs(library, call);
      for (const job of [...scheduler.list()].reverse()) call.emit(shown(job, call));
      const stop = scheduler.watch((job) => call.emit(shown(job, call)));
      await aborted(call.signal);
      stop();
    },
    pause: ({ library, job }, call) => shown(jobs(library, call).pause(job), call),
    resume: ({ library, job }, call) => shown(jobs(library, call).resume(job), call),
    cancel: ({ library, job }, call) => shown(jobs(library, call).cancel(job), call),
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
