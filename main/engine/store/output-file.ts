import { realpathSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { LibraryStore } from './library-store.ts';
import { allVolumes } from './volume-rows.ts';

/**
 * Refuses to write the user's file where it would destroy something: over a folder, a device or a file of another kind
 * (`ending` is that of this kind, such as ".npy"), inside the library, or over a file of a source folder. Throws
 * 'conflict', and 'invalid-input' for a place inside the library.
 */
export function refuseToOverwrite(library: LibraryStore | null, out: string, ending: string): void {
  const real = realPathOf(out);
  if (library && isInside(library.folder, real)) throw insideLibrary(out, library.name);
  const found = lookAtOut(real, out);
  if (!found) return;
  if (!found.isFile()) throw inTheWay(out, found.isDirectory() ? 'it is a folder' : 'it is no ordinary file');
  if (library && (sourcesOf(library).some((folder) => isInside(folder, real)) || isTile(library, real)))
    throw inTheWay(out, 'it is among the sources of this library, which Lamella never changes');
  if (!real.toLowerCase().endsWith(ending))
    throw inTheWay(out, `it is a file of another kind, and only ${ending} files are replaced`);
}

/** Throws 'invalid-input' where a file or folder to write lies inside the library. */
export function refuseInsideLibrary({ folder, name }: LibraryStore, out: string): void {
  if (isInside(folder, realPathOf(out))) throw insideLibrary(out, name);
}

/** Throws 'not-writable' where the system won't even look: a name that is too long, links in a circle, no rights. */
export function lookAtOut(path: string, out: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = { ENAMETOOLONG: 'its name is too long', ELOOP: 'its links lead in a circle' }[code];
    throw new LamellaError('not-writable', `"${out}" can't be written: ${why ?? `the system says ${code}`}.`, {
      hint: 'Give another name or another folder.',
      fields: { out, code },
      cause: error,
    });
  }
}

/** Folders of tiles and blocks, and files and folders of volumes that were added where they lie. */
function sourcesOf({ read }: LibraryStore): readonly string[] {
  const tiles = read.all<{ source: string }>('SELECT DISTINCT source FROM dataset').map(({ source }) => source);
  const blocks = read.all<{ source: string }>('SELECT DISTINCT source FROM block_set').map(({ source }) => source);
  const added = allVolumes(read).volumes.flatMap(({ source, warp }) => [
    ...(source?.kind === 'local' ? [source.address.split('|')[0] ?? ''] : []),
    ...(warp?.steps ?? []).flatMap((step) => (step.type === 'field' ? [step.source.split('|')[0] ?? ''] : [])),
  ]);
  return [...tiles, ...blocks, ...added].map(realPathOf);
}

/** Tiles may lie outside of the source folder, where the layout says so. */
const isTile = ({ read }: LibraryStore, path: string): boolean =>
  read.get('SELECT 1 AS found FROM tile WHERE path = ? LIMIT 1', path) !== undefined;

/** With links resolved, as far as the path exists. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPathOf(parent), basename(path));
  }
}

function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

const insideLibrary = (out: string, name: string): LamellaError =>
  new LamellaError('invalid-input', `"${out}" lies inside the library ${name}.`, {
    hint: 'Give a file outside of it.',
    fields: { out },
  });

const inTheWay = (out: string, why: string): LamellaError =>
  new LamellaError('conflict', `"${out}" was not written: ${why}.`, {
    hint: 'Give another name or another folder.',
    fields: { out },
  });
