import type { Job } from '../../preload/contract/job.ts';
import { api } from '../../preload/contract/api.ts';
import type { Grants } from './grants.ts';
import type { Scheduler } from './jobs/scheduler.ts';
import type { OpenLibraries, OpenedLibrary } from './jobs/open-libraries.ts';
import type { Call, CallerKind } from './journeys/call.ts';
import { renameRefs } from './path-refs.ts';
import type { Library } from './store/library.ts';

const LIBRARY_ID = /^library-[0-9a-f]{12}$/;

/** Finds the library that a caller names, and shows its jobs in words that the caller may use. */
export class LibraryAccess {
  readonly #libraries: OpenLibraries;
  readonly #grants: Grants;

  constructor(libraries: OpenLibraries, grants: Grants) {
    this.#libraries = libraries;
    this.#grants = grants;
  }

  /** `ref`: an id, a grant, or a path where the caller may name paths. */
  find(ref: string, caller: CallerKind, create: boolean): OpenedLibrary {
    const found = LIBRARY_ID.test(ref)
      ? this.#libraries.byId(ref)
      : this.#libraries.open(this.#grants.resolve(ref, caller), create);
    // The window means to go on where it was; the command line does what it was told and no more.
    if (caller === 'window') found.jobs.resumeInterrupted();
    return found;
  }

  open(ref: string, call: Call, create: boolean): Library {
    return this.find(ref, call.caller, create).store;
  }

  /** False where it was not open. */
  close(ref: string, call: Call): Promise<boolean> {
    return this.#libraries.close(this.idOf(ref, call));
  }

  /** Those that are open now, whoever opened them. */
  opened(): readonly Library[] {
    return this.#libraries.stores();
  }

  /** The id of a library, open or not. */
  idOf(ref: string, call: Call): string {
    return LIBRARY_ID.test(ref) ? ref : this.#libraries.idOf(this.#grants.resolve(ref, call.caller));
  }

  jobs(ref: string, call: Call): Scheduler {
    return this.find(ref, call.caller, false).jobs;
  }

  /** Paths in a job's result become references that the caller may use. */
  shown(job: Job, call: Call): Job {
    const [domain = '', verb = ''] = job.kind.split('.');
    const verbs: Readonly<Record<string, { readonly output: Parameters<typeof renameRefs>[0] }>> =
      api[domain as keyof typeof api] ?? {};
    const output = verbs[verb]?.output;
    if (!output || job.result === null) return job;
    return { ...job, result: renameRefs(output, job.result, (ref, kind) => (kind === 'path' ? call.refer(ref) : ref)) };
  }
}
