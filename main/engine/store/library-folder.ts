import { existsSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { asLibraryError, codeOf } from './sqlite-errors.ts';

export const DB_FILE = 'library.db';
export const OURS = ['volumes', 'blobs'] as const;

/** Whether a folder holds a library, without opening it. */
export const holdsLibrary = (folder: string): boolean => existsSync(join(folder, DB_FILE));

/** Finds or makes the folder and returns its real path. Never touches what another program left there. */
export function prepareFolder(folder: string, create: boolean): string {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) {
    throw new LamellaError('invalid-input', `${folder} is a file, and a library is a folder.`, {
      hint: 'Name a folder: an empty one, or one that does not exist yet.',
      fields: { folder },
    });
  }
  if (!holdsLibrary(folder)) {
    if (!create)
      throw new LamellaError('not-found', `There is no library in ${folder}.`, {
        hint: 'Check the path, or make a library there by opening it.',
        fields: { folder },
      });
    if (found) refuseToMix(folder);
    try {
      makeFolder(folder);
    } catch (error) {
      throw unmakeable(folder, error);
    }
  }
  return realpathSync(folder);
}

/** Parents first, each by itself: Node's recursive mkdir never ends where a system folder refuses (/proc). */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Below a read-only or missing root, making a folder fails as if its parent were missing. */
function unmakeable(folder: string, error: unknown): unknown {
  if (!/^(ENOENT|ENOTDIR)$/.test(codeOf(error))) return asLibraryError(error, folder);
  return new LamellaError('not-writable', `The folder ${folder} cannot be made.`, {
    hint: 'Check that its disk is there and that you may write on it, or choose another folder.',
    fields: { folder },
    cause: error,
  });
}

/** A library may be made beside other files, but not where its own names are taken. */
function refuseToMix(folder: string): void {
  const taken = OURS.filter((name) => {
    const path = join(folder, name);
    const there = statSync(path, { throwIfNoEntry: false });
    return there !== undefined && (!there.isDirectory() || readdirSync(path).length > 0);
  });
  if (taken.length === 0) return;
  throw new LamellaError(
    'conflict',
    `${folder} is no library, and already has something called ${taken.join(' and ')}.`,
    {
      hint: 'Choose an empty folder, or put library.db back if this was a library.',
      fields: { folder, taken: taken.join(', ') },
    },
  );
}

/** SQLite takes a file of no bytes for a new database; beside volumes it is one that was lost. */
export function refuseEmptied(folder: string, file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.size !== 0) return;
  const kept = OURS.filter((name) => existsSync(join(folder, name)) && readdirSync(join(folder, name)).length > 0);
  if (kept.length === 0) return;
  throw new LamellaError('library-damaged', `${file} is empty, and the library has ${kept.join(' and ')}.`, {
    hint: 'Put the newest library.db.backup-… of the folder in its place, or choose another folder.',
    fields: { file },
  });
}
