import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';

/**
 * All bytes of a table of this computer. `wanted`: what it should be, for those who give something else. Throws
 * 'bad-source' that names the file where it is none, or has more than `mostBytes`.
 */
export async function readWholeFile(file: string, mostBytes: number, wanted: string): Promise<Buffer> {
  const refused = (why: string, hint: string, cause?: unknown): LamellaError =>
    new LamellaError('bad-source', `${basename(file)} ${why}.`, { hint, fields: { file }, cause });
  const info = await stat(file).catch((cause: unknown) => {
    throw refused("can't be read", 'Check that it is there, and that you may read it.', cause);
  });
  if (!info.isFile()) throw refused('is no file', `Give ${wanted}.`);
  if (info.size > mostBytes)
    throw refused(`has ${info.size} bytes; at most ${mostBytes / 2 ** 20} MiB are read`, 'Split the table.');
  return readFile(file);
}
