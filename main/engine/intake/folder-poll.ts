import { type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isImagePath } from './source-files.ts';

/** A file that rested: nobody seems to write it any more. */
export interface RestedFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  /** Size and time of last change: what tells that it is still the file that was read. */
  readonly fingerprint: string;
  readonly mtimeMs: number;
  /** Nothing has changed for so long that it counts as it is, whole or not. */
  readonly isFinal: boolean;
}

export interface Look {
  /** Why the folder could not be looked into; null where it could. */
  readonly away: string | null;
  /** In the order in which they were written. */
  readonly rested: readonly RestedFile[];
  /** Images that are there and still growing. */
  readonly waiting: number;
  /** Layout files (.json, .txt) that are new or changed and have rested. */
  readonly layoutsChanged: boolean;
}

export interface PollOptions {
  readonly settleMs: number;
  readonly giveUpMs: number;
  /** A clock that only goes forward, in milliseconds. */
  readonly now?: () => number;
}

interface Known {
  fingerprint: string;
  mtimeMs: number;
  /** When the change was noticed, by our own clock: that of a file server may differ. */
  changedAt: number;
  /** Told with this fingerprint, so told again only when it changes, or once it is given up. */
  told: string | null;
  /** Was told, and turned out not to be whole. */
  deferred: boolean;
}

/** Files that were told are looked at again in turn, so many a poll, to find those that were written anew. */
const recheckedAPoll = 400;
/** All folders are listed anew every so many polls, for servers that keep old times of their folders. */
const listAllEvery = 20;
/** A folder whose time of change is younger than this may have changed within the same tick. */
const freshMs = 3000;
const maxDepth = 12;
const maxFiles = 500_000;

/**
 * Looks at a folder again and again, by listing and asking for sizes: it works on network mounts, where nobody tells of
 * changes. A look at n files costs one listing of the folders that changed, and sizes of those that are new, growing, or
 * next in turn. Never writes.
 */
export class FolderPoll {
  readonly #folder: string;
  readonly #options: PollOptions;
  readonly #now: () => number;
  readonly #files = new Map<string, Known>();
  /** Folders inside by path ('' is the top), with their files as last listed. */
  readonly #listed = new Map<string, { mtimeMs: number; listedAt: number; files: string[]; folders: string[] }>();
  /** Device and number of the top, as first seen: an unmounted disk leaves another folder in its place. */
  #identity: string | null = null;
  #polls = 0;
  #turn = 0;

  constructor(folder: string, options: PollOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Files that were read by an earlier run are told again only where they changed since. */
  recall(path: string, fingerprint: string): void {
    this.#files.set(path, { fingerprint, mtimeMs: 0, changedAt: -Infinity, told: fingerprint, deferred: false });
  }

  /** A file that was told is not whole: it is told again when it has changed, or when it is given up. */
  defer(path: string): void {
    const known = this.#files.get(path);
    if (known) known.deferred = true;
  }

  /** Images that are there and not told yet, or told and not whole. */
  growing(): readonly string[] {
    return [...this.#files].flatMap(([path, { told, fingerprint, deferred }]) =>
      isImagePath(path) && (told !== fingerprint || deferred) ? [path] : [],
    );
  }

  async look(): Promise<Look> {
    this.#polls += 1;
    const away = await this.#whyAway();
    if (away !== null) return { away, rested: [], waiting: 0, layoutsChanged: false };
    const present = await this.#list();
    if (present === null) {
      // It went while it was listed: what it says of itself now tells why.
      const why = (await this.#whyAway()) ?? 'it cannot be listed';
      return { away: why, rested: [], waiting: 0, layoutsChanged: false };
    }
    for (const path of this.#files.keys()) if (!present.has(path)) this.#files.delete(path);
    await this.#measure(this.#due(present));
    return { away: null, ...this.#tell(present) };
  }

  async #whyAway(): Promise<string | null> {
    try {
      const found = await stat(this.#folder);
      if (!found.isDirectory()) return 'a file is in its place';
      const identity = `${found.dev}:${found.ino}`;
      const wasElsewhere = this.#identity !== null && this.#identity !== identity;
      if (wasElsewhere && this.#files.size > 0 && (await readdir(this.#folder)).length === 0)
        return 'another, empty folder is in its place: a disk may not be connected';
      this.#identity = identity;
      return null;
    } catch (error) {
      return whyUnreadable(error);
    }
  }

  /** Paths of all files that matter; null where the top went away meanwhile. */
  async #list(): Promise<ReadonlySet<string> | null> {
    const present = new Set<string>();
    const pending: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }];
    for (let next = pending.pop(); next && present.size < maxFiles; next = pending.pop()) {
      const listing = await this.#listing(next.path);
      if (!listing && next.path === '') return null;
      for (const file of listing?.files ?? []) present.add(file);
      if (next.depth < maxDepth)
        for (const folder of listing?.folders ?? []) pending.push({ path: folder, depth: next.depth + 1 });
    }
    return present;
  }

  async #listing(path: string): Promise<{ readonly files: string[]; readonly folders: string[] } | null> {
    try {
      const { mtimeMs } = await stat(join(this.#folder, path));
      const known = this.#listed.get(path);
      const isSure = known && known.mtimeMs === mtimeMs && known.listedAt - mtimeMs > freshMs;
      if (isSure && this.#polls % listAllEvery !== 0) return known;
      const listedAt = Date.now();
      const [files, folders]: [string[], string[]] = [[], []];
      for (const entry of await readdir(join(this.#folder, path), { withFileTypes: true })) {
        if (entry.name.startsWith('.')) continue;
        const inside = path === '' ? entry.name : `${path}/${entry.name}`;
        if (entry.isDirectory()) folders.push(inside);
        else if (isImagePath(inside) || isLayoutPath(inside)) files.push(inside);
      }
      const listing = { mtimeMs, listedAt, files, folders };
      this.#listed.set(path, listing);
      return listing;
    } catch {
      this.#listed.delete(path);
      return null;
    }
  }

  /** New and growing files, and the next few of the others. */
  #due(present: ReadonlySet<string>): readonly string[] {
    const [open, told]: [string[], string[]] = [[], []];
    for (const path of present) {
      const known = this.#files.get(path);
      if (known && known.told === known.fingerprint && !known.deferred) told.push(path);
      else open.push(path);
    }
    const from = told.length === 0 ? 0 : this.#turn % told.length;
    this.#turn = from + recheckedAPoll;
    const next = told.slice(from, from + recheckedAPoll);
    return [...open, ...next];
  }

  async #measure(paths: readonly string[]): Promise<void> {
    for (let i = 0; i < paths.length; i += 64) {
      const some = paths.slice(i, i + 64);
      const found = await Promise.all(some.map((path) => stat(join(this.#folder, path)).catch(() => null)));
      some.forEach((path, j) => this.#note(path, found[j] ?? null));
    }
  }

  #note(path: string, found: Stats | null): void {
    if (!found?.isFile()) return void this.#files.delete(path);
    const fingerprint = fingerprintOf(found);
    const known = this.#files.get(path);
    if (!known) {
      const changedAt = this.#now() - Math.max(0, Date.now() - found.mtimeMs - longAgoMs);
      this.#files.set(path, { fingerprint, mtimeMs: found.mtimeMs, changedAt, told: null, deferred: false });
    } else if (known.fingerprint !== fingerprint) {
      Object.assign(known, { fingerprint, mtimeMs: found.mtimeMs, changedAt: this.#now(), deferred: false });
    }
  }

  #tell(present: ReadonlySet<string>): Omit<Look, 'away'> {
    const rested: RestedFile[] = [];
    let [waiting, layoutsChanged] = [0, false];
    for (const path of present) {
      const known = this.#files.get(path);
      if (!known || (known.told === known.fingerprint && !known.deferred)) continue;
      const restedMs = this.#now() - known.changedAt;
      const isFinal = restedMs >= this.#options.giveUpMs;
      const isDue = known.deferred
        ? isFinal
        : restedMs >= this.#options.settleMs && !known.fingerprint.startsWith('0@');
      if (!isDue && !isFinal) {
        waiting += isImagePath(path) ? 1 : 0;
        continue;
      }
      Object.assign(known, { told: known.fingerprint, deferred: false });
      if (isImagePath(path)) rested.push({ path, fingerprint: known.fingerprint, mtimeMs: known.mtimeMs, isFinal });
      else layoutsChanged = true;
    }
    const byTime = (a: RestedFile, b: RestedFile): number => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1);
    return { rested: rested.toSorted(byTime), waiting, layoutsChanged };
  }
}

/** A file that was changed longer ago than this when it is first seen has rested; within it, clocks may differ. */
const longAgoMs = 10_000;

const isLayoutPath = (path: string): boolean => /\.(json|txt)$/i.test(path);

export const fingerprintOf = ({ size, mtimeMs }: Stats): string => `${size}@${Math.round(mtimeMs)}`;

const words: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there: a disk or network share may have been disconnected',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  ENOTDIR: 'a file is in its place',
  ESTALE: 'the network share has to be connected anew',
  EIO: 'the disk does not answer',
  ENOTCONN: 'the network share is not connected',
  EHOSTDOWN: 'the file server does not answer',
  ETIMEDOUT: 'the file server does not answer',
};

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return words[code] ?? `it cannot be read (${code || String(error)})`;
}
