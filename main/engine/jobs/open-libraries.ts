import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { Library, libraryId } from '../store/library.ts';
import type { Recents } from '../store/recents.ts';
import type { Kernels } from './job.ts';
import { Scheduler } from './scheduler.ts';
import type { KnownKind } from './scheduler.ts';

export interface LibrariesOptions {
  readonly kernels: Kernels;
  readonly kinds: ReadonlyMap<string, KnownKind>;
  readonly recents: Recents;
  readonly cacheBytes: number;
  readonly nativeBinding?: string | undefined;
  readonly version: string;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** An open library and its jobs. */
export interface OpenedLibrary {
  readonly store: Library;
  readonly jobs: Scheduler;
}

/** The libraries that this engine has open, by id. */
export class OpenLibraries {
  readonly #options: LibrariesOptions;
  readonly #open = new Map<string, OpenedLibrary>();

  constructor(options: LibrariesOptions) {
    this.#options = options;
  }

  /** Opens a folder, or gives what is open already. Throws what `Library.open` throws. */
  open(folder: string, create: boolean): OpenedLibrary {
    const already = this.#open.get(this.idOf(folder));
    if (already) return already;
    const { kernels, kinds, recents, cacheBytes, nativeBinding, version, now, log } = this.#options;
    const store = Library.open({ folder, create, cacheBytes, nativeBinding, now, log });
    const jobs = new Scheduler({ library: store, kernels, kinds, version, now, log });
    const opened = { store, jobs };
    this.#open.set(store.id, opened);
    recents.add(store, now());
    return opened;
  }

  /** A library by its id: one that is open, or one of the recent ones, which is opened again. */
  byId(id: string): OpenedLibrary {
    const open = this.#open.get(id);
    if (open) return open;
    const folder = this.#options.recents.folderOf(id);
    if (folder !== null) return this.open(folder, false);
    throw new LamellaError('not-found', `The library ${id} is not open.`, {
      hint: 'Open its folder again.',
      fields: { library: id },
    });
  }

  /** Those that are open now. */
  stores(): readonly Library[] {
    return [...this.#open.values()].map(({ store }) => store);
  }

  /** The id that a folder's library has, open or not. */
  idOf(folder: string): string {
    return libraryId(realFolder(folder));
  }

  async close(id: string): Promise<boolean> {
    const opened = this.#open.get(id);
    if (!opened) return false;
    this.#open.delete(id);
    await opened.jobs.close();
    opened.store.close();
    return true;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }
}

function realFolder(folder: string): string {
  const path = resolve(folder);
  return existsSync(path) ? realpathSync(path) : path;
}
