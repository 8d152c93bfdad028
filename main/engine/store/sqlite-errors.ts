import { LamellaError } from '../../../preload/contract/errors.ts';

/** What SQLite says, in Lamella's words: which file, what is wrong with it, and the way out. */
export function asLibraryError(error: unknown, file: string): unknown {
  const code = codeOf(error);
  if (error instanceof LamellaError || code === '') return error;
  const kind = kinds.find(([pattern]) => pattern.test(code));
  if (!kind) return error;
  const [, tag, message, hint] = kind;
  return new LamellaError(tag, message(file), { hint, fields: { file, code }, cause: error });
}

/** Runs `work`, and throws what it throws as `asLibraryError` says. */
export function inLibraryWords<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asLibraryError(error, file);
  }
}

/** `SQLITE_…` or a system error's code; '' where there is none. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

export const isDamaged = (error: unknown): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));

type Kind = readonly [
  pattern: RegExp,
  tag: 'disk-full' | 'not-writable' | 'library-damaged' | 'library-locked',
  message: (file: string) => string,
  hint: string,
];

const kinds: readonly Kind[] = [
  [
    /^(SQLITE_FULL|ENOSPC|EDQUOT)/,
    'disk-full',
    (file) => `There is no room left on the disk for ${file}.`,
    'Free some space, then try again: nothing that was saved is lost, and jobs go on where they were.',
  ],
  [
    /^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM|SQLITE_AUTH|EACCES|EPERM|EROFS)/,
    'not-writable',
    (file) => `${file} cannot be written or opened.`,
    'Check that the folder exists and that you may write in it, or copy the library to a place where you may.',
  ],
  [
    /^SQLITE_IOERR/,
    'not-writable',
    (file) => `The disk failed while reading or writing ${file}.`,
    'Check the disk and its cable or network, then open the library again: what was saved before is kept.',
  ],
  [
    /^(SQLITE_CORRUPT|SQLITE_NOTADB)/,
    'library-damaged',
    (file) => `${file} is damaged: it is not a whole SQLite database any more.`,
    'Close Lamella, copy the folder, then put the newest library.db.backup-… of the folder in the place of library.db. Volumes and source files are not touched by this.',
  ],
  [
    /^SQLITE_(BUSY|LOCKED)/,
    'library-locked',
    (file) => `Another program has ${file} open.`,
    'Close the other program, then try again.',
  ],
];
