import type { Job } from '../../../preload/contract/job.ts';
import type { Scheduler } from '../jobs/scheduler.ts';
import type { Call, HandlersOf, StreamCall } from './call.ts';

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
    watch: ({ library }, call) => {
      const scheduler = jobs(library, call);
      return tellEach(scheduler, call, (job) => shown(job, call));
    },
    pause: ({ library, job }, call) => shown(jobs(library, call).pause(job), call),
    resume: ({ library, job }, call) => shown(jobs(library, call).resume(job), call),
    cancel: ({ library, job }, call) => shown(jobs(library, call).cancel(job), call),
  };
}

/** Emits every job, then each change. A caller that is slow, such as a window that sleeps, gets only the last of each. */
function tellEach(scheduler: Scheduler, call: StreamCall<Job>, shown: (job: Job) => Job): Promise<void> {
  const untold = new Map([...scheduler.list()].reverse().map((job) => [job.id, job]));
  let isTelling = false;
  const tell = async (): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    for (const [id, job] of untold) {
      untold.delete(id);
      call.emit(shown(job));
      await call.drained();
    }
    isTelling = false;
  };
  return new Promise((resolve, reject) => {
    const stop = scheduler.watch((job) => {
      untold.set(job.id, job);
      tell().catch(reject);
    });
    if (call.signal.aborted) resolve(stop());
    call.signal.addEventListener('abort', () => resolve(stop()), { once: true });
    tell().catch(reject);
  });
}
