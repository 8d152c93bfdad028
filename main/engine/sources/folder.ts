import { constants, fstatSync, statSync, type Dirent, type Stats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteRange, ByteSource, Entry } from '../formats/byte-store.ts';
import { checkRange, checkSignal } from './keys.ts';

/** A folder as a source of bytes. Reads only. */
export interface FolderSource extends ByteSource {
  readonly folder: string;
  /** The absolute path of a key; 'invalid-input' where the key leaves the folder or has a name that some system forbids. */
  pathOf(key: string): string;
  /** Bytes of the file by that key, or undefined where there is none. 'bad-source' where a folder or device is instead. */
  sizeOf(key: string): number | undefined;
}

/** `name` is what messages call it. The folder need not exist: then nothing is found. */
export function openFolderSource(folder: string, name: string): FolderSource {
  const pathOf = (key: string): string => join(folder, ...checkedParts(key, name));
  return {
    name,
    folder,
    pathOf,
    sizeOf: (key) => sizeOfFile(pathOf(key), key, name),
    get: async (key, range, signal) => {
      checkSignal(signal);
      checkRange(range, key, name);
      const bytes = await readFileOf(pathOf(key), key, name, range);
      checkSignal(signal);
      return bytes;
    },
    list: async (prefix) => {
      const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const keys = await listBelow(folderOf(folder, parent, pathOf), parent, name);
      return keys.filter((key) => key.startsWith(prefix)).sort();
    },
    children: (prefix) => childrenOf(folderOf(folder, prefix, pathOf), prefix, name),
  };
}

/** `prefix` is '' or ends in a slash. */
const folderOf = (folder: string, prefix: string, pathOf: (key: string) => string): string =>
  prefix === '' ? folder : pathOf(prefix.slice(0, -1));

/** Windows opens devices by these names, whatever comes after a dot. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
/** A colon names a stream of a file to Windows, a drive after one letter; elsewhere meshes are called by it ("12:0"). */
const forbidden = process.platform === 'win32' ? /[\\:*?"<>|]/ : /[\\*?"<>|]|^[a-z]:/i;
const isControl = (letter: string): boolean => letter.charCodeAt(0) < 32;

function checkedParts(key: string, name: string): readonly string[] {
  const parts = key.split('/');
  const wrong = parts.find(
    (part) =>
      part === '' ||
      part === '.' ||
      part === '..' ||
      forbidden.test(part) ||
      /[. ]$/.test(part) ||
      reserved.test(part) ||
      [...part].some(isControl),
  );
  if (wrong === undefined && key.length <= 1024) return parts;
  throw new LamellaError('invalid-input', `"${key.slice(0, 200)}" is no name for a file inside ${name}.`, {
    hint: 'Names have no "..", no leading slash, no control characters, and none that Windows keeps for devices.',
    fields: { key: key.slice(0, 200) },
  });
}

/** A pipe would wait for its other end; files don't mind the flag, and Windows has none. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** Ranges up to here are read whatever the size of the file. */
const trustedRange = 16 << 20;
/** What one read of the system takes. */
const pieceBytes = 1 << 30;
const maxFileBytes = 4 * 2 ** 30;

function sizeOfFile(path: string, key: string, name: string): number | undefined {
  try {
    const found = statSync(path);
    checkOrdinary(found, key, name);
    return found.size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error instanceof LamellaError ? error : readError(error, key, name);
  }
}

/** A folder, a pipe or a device where a file should be is damage: not nothing, and not what it gives when it is read. */
function checkOrdinary(found: Stats, key: string, name: string): void {
  if (found.isFile()) return;
  throw badFile(key, name, found.isDirectory() ? 'it is a folder' : 'it is a pipe or a device, not a file', {
    hint: 'Check what was put in its place, and copy the file there again.',
  });
}

async function readFileOf(path: string, key: string, name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, openFlags);
    const found = fstatSync(handle.fd);
    checkOrdinary(found, key, name);
    const { size } = found;
    if (range && range.length <= trustedRange) return await readFully(handle, range.offset, range.length);
    const offset = Math.min(range?.offset ?? 0, size);
    const length = Math.min(range?.length ?? size, size - offset);
    if (length > maxFileBytes) throw tooLarge(key, name, length);
    return await readFully(handle, offset, length);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error instanceof LamellaError ? error : readError(error, key, name);
  } finally {
    await handle?.close();
  }
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(length - at, pieceBytes), offset + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

const tooLarge = (key: string, name: string, bytes: number): LamellaError =>
  new LamellaError('over-budget', `"${key}" of ${name} has ${bytes} bytes, too many to read at once.`, {
    hint: 'Convert it to a format with chunks.',
    fields: { file: key, source: name, bytes },
  });

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';

const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  EACCES: ['you may not read it', 'Check the permissions of the file and of its folder.'],
  EPERM: ['you may not read it', 'Check the permissions of the file and of its folder.'],
  EIO: [
    'the disk fails to read it (EIO)',
    'The disk or the network share may be failing: copy the data elsewhere before anything else.',
  ],
  EISDIR: ['it is a folder', 'Check what was put in its place, and copy the file there again.'],
  ELOOP: ['its links lead in a circle', 'Replace the link by the file itself.'],
};

function readError(error: unknown, key: string, name: string): LamellaError {
  const code = codeOf(error);
  const [why, hint] = reasons[code] ?? [`the system says ${code || String(error)}`, 'Check the file and its folder.'];
  return badFile(key, name, why, { hint, code, cause: error });
}

const badFile = (
  key: string,
  name: string,
  why: string,
  { hint, code, cause }: { readonly hint: string; readonly code?: string; readonly cause?: unknown },
): LamellaError =>
  new LamellaError('bad-source', `"${key}" of ${name} can't be read: ${why}.`, {
    hint,
    fields: { file: key, source: name, ...(code !== undefined && { code }) },
    cause,
  });

/** Depth first; links are not followed, so a loop of them does no harm. */
async function listBelow(folder: string, prefix: string, name: string): Promise<readonly string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw readError(error, prefix || '.', name);
  }
  const keys: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) keys.push(...(await listBelow(join(folder, entry.name), `${prefix}${entry.name}/`, name)));
    else if (entry.isFile()) keys.push(`${prefix}${entry.name}`);
  }
  return keys;
}

/** Follows links one step, so that files of an annex are seen; broken ones are left out. Sorted by name. */
async function childrenOf(folder: string, prefix: string, name: string): Promise<readonly Entry[]> {
  let found: Dirent[];
  try {
    found = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw readError(error, prefix || '.', name);
  }
  const entries = await Promise.all(found.map((entry) => entryOf(folder, entry)));
  return entries.filter((entry) => entry !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function entryOf(folder: string, entry: Dirent): Promise<Entry | undefined> {
  const kind = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
  if (kind?.isDirectory()) return { name: entry.name, isFolder: true };
  return kind?.isFile() ? { name: entry.name, isFolder: false } : undefined;
}
