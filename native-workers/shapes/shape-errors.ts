import { LamellaError } from '../../preload/contract/errors.ts';

/** A file that says something that can't be. `why` has no full stop. */
export const badShape = (file: string, why: string, cause?: unknown): LamellaError =>
  new LamellaError('bad-source', `"${file}" can't be read: ${why}.`, {
    hint: 'Check that it was copied whole, and that the program that wrote it opens it; write it anew where not.',
    fields: { file },
    cause,
  });

export const tooLarge = (file: string, what: string): LamellaError =>
  new LamellaError('over-budget', `"${file}" is too large: it has ${what}.`, {
    hint: 'Simplify it, cut it into several files, or write it as precomputed meshes with levels of detail.',
    fields: { file },
  });

/** What a file says, cut to a length that fits a message. */
export const shown = (value: unknown): string => JSON.stringify(String(value).slice(0, 60));
