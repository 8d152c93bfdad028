import { type Dirent, type Stats, readFileSync, statSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LamellaError } from '../../../preload/contract/errors.ts';

/** A source folder as it was when it was listed. Nothing here ever writes. */
export interface SourceFolder {
  readonly folder: string;
  /** Files inside, relative with forward slashes, sorted. Hidden files and folders are left out. */
  readonly paths: readonly string[];
  /** Not everything was listed: the folder has more files than Lamella looks at. */
  readonly isCut: boolean;
}

const maxFiles = 500_000;
const maxDepth = 12;

/** Lists a folder. 'not-found' where there is none, 'bad-source' where it cannot be read. Links to folders are not followed. */
export async function listSource(folder: string): Promise<SourceFolder> {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found)
    throw new LamellaError('not-found', `There is no folder ${folder}.`, {
      hint: 'Check the path; a disk or network share may have to be connected.',
      fields: { source: folder },
    });
  if (!found.isDirectory()) {
    throw new LamellaError('bad-source', `${folder} is a file; tiles are imported from a folder.`, {
      hint: 'Name the folder that holds the tiles.',
      fields: { source: folder },
    });
  }
  const paths: string[] = [];
  const pending: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }];
  for (let next = pending.pop(); next && paths.length < maxFiles; next = pending.pop()) {
    for (const entry of await entriesOf(folder, next.path)) {
      const path = next.path === '' ? entry.name : `${next.path}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && next.depth < maxDepth) pending.push({ path, depth: next.depth + 1 });
      if (entry.isFile() || (entry.isSymbolicLink() && isFile(join(folder, path)))) paths.push(path);
    }
  }
  return { folder, paths: paths.slice(0, maxFiles).toSorted(), isCut: paths.length >= maxFiles };
}

/** The top must be readable; a folder inside that is not is passed over, its tiles will be named as missing. */
async function entriesOf(folder: string, path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(join(folder, path), { withFileTypes: true });
  } catch (cause) {
    if (path !== '') return [];
    throw new LamellaError('bad-source', `The folder ${folder} cannot be read.`, {
      hint: 'Check that you may read it.',
      fields: { source: folder },
      cause,
    });
  }
}

const imageEnding = /\.(png|tiff?|jpe?g)$/i;
export const isImagePath = (path: string): boolean => imageEnding.test(path);

export const isFile = (path: string): boolean => statFile(path) !== null;

export function statFile(path: string): Stats | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? found : null;
  } catch {
    return null;
  }
}

/** The first bytes of a file as text; '' where it cannot be read. */
export async function headOf(path: string, bytes = 4096): Promise<string> {
  try {
    const handle = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

/** Reads a layout file, looked for in the source folder first, then where its path says. */
export function readLayoutFile(
  source: SourceFolder,
  file: string,
  maxBytes: number,
): { readonly path: string; readonly text: string } {
  const path = [resolve(source.folder, file), resolve(file)].find(isFile) ?? byName(source, file);
  if (path === undefined) {
    throw new LamellaError('bad-layout', `The layout file ${file} is neither in ${source.folder} nor at that path.`, {
      hint: 'Put the layout file into the folder of the tiles, or give its whole path.',
      fields: { file, source: source.folder },
    });
  }
  const { size = 0 } = statFile(path) ?? {};
  if (size > maxBytes) {
    throw new LamellaError(
      'over-budget',
      `The layout file ${basename(path)} has ${size} bytes; at most ${maxBytes} are read.`,
      {
        hint: 'Split the layout into one file a section.',
        fields: { file, bytes: size },
      },
    );
  }
  return { path, text: readText(path) };
}

function byName(source: SourceFolder, file: string): string | undefined {
  const found = isAbsolute(file) ? undefined : source.paths.filter((path) => basename(path) === file);
  return found?.length === 1 ? join(source.folder, found[0] ?? '') : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LamellaError('bad-layout', `The layout file ${path} cannot be read.`, {
      hint: 'Check that you may read it.',
      fields: { file: path },
      cause,
    });
  }
}

/** Finds what layouts name, also where it moved: by the path, then by file name anywhere in the source folder. */
export interface Finder {
  find(reference: string): string | null;
}

export function createFinder(source: SourceFolder): Finder {
  const byFileName = new Map<string, string[]>();
  for (const path of source.paths) {
    const name = fileNameOf(path);
    const same = byFileName.get(name);
    if (same) same.push(path);
    else byFileName.set(name, [path]);
  }
  return {
    find: (reference) => {
      const path = pathOfReference(reference);
      if (path === null) return null;
      const stated = isAbsolute(path) ? path : join(source.folder, path);
      if (isFile(stated) && (isAbsolute(path) || isInside(source.folder, stated))) return stated;
      const moved = bestMatch(byFileName.get(fileNameOf(path)) ?? [], path);
      return moved === null ? null : join(source.folder, moved);
    },
  };
}

/** Of files with the same name, the one whose folders agree with the reference the longest. */
function bestMatch(candidates: readonly string[], reference: string): string | null {
  const wanted = reference.split(/[\\/]/).reverse();
  const agreement = (path: string): number => {
    const parts = path.split('/').reverse();
    const differs = parts.findIndex((part, i) => part !== wanted[i]);
    return differs < 0 ? parts.length : differs;
  };
  return candidates.reduce<string | null>(
    (best, path) => (best === null || agreement(path) > agreement(best) ? path : best),
    null,
  );
}

const isInside = (folder: string, path: string): boolean => {
  const inside = relative(folder, path);
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
};

/** The file name of a path or URL, whichever slashes it has. */
export const fileNameOf = (reference: string): string =>
  reference.slice(Math.max(reference.lastIndexOf('/'), reference.lastIndexOf('\\')) + 1);

/** A plain path, `file:` in all its forms, or for other URLs their file name. Null for what no file system can name. */
function pathOfReference(reference: string): string | null {
  if (reference.includes('\0') || reference.length > 4096) return null;
  if (/^file:/i.test(reference)) return pathOfFileUrl(reference);
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(reference) ? fileNameOf(reference.replace(/[?#].*$/s, '')) : reference;
}

/** Render writes `file:/a b/c.png`, unescaped as often as not. */
function pathOfFileUrl(reference: string): string {
  const bare = reference.replace(/^file:(\/\/)?/i, '');
  if (isFile(bare)) return bare;
  try {
    return fileURLToPath(new URL(reference));
  } catch {
    return bare;
  }
}
