import { statSync, type Dirent } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteSource } from '../formats/byte-store.ts';

/** A folder as a source of bytes. Reads only. */
export interface FolderSource extends ByteSource {
  readonly folder: string;
  /** The absolute path of a key; 'invalid-input' where the key leaves the folder or has a name that some system forbids. */
  pathOf(key: string): string;
  /** Bytes of the file by that key, or undefined where there is none. */
  sizeOf(key: string): number | undefined;
}

/** `name` is what messages call it. The folder need not exist: then nothing is found. */
export function openFolderSource(folder: string, name: string): FolderSource {
  const pathOf = (key: string): string => join(folder, ...checkedParts(key, name));
  return {
    name,
    folder,
    pathOf,
    sizeOf: (key) => {
      const found = statSync(pathOf(key), { throwIfNoEntry: false });
      return found?.isFile() ? found.size : undefined;
    },
    get: (key, range) => readFileOf(pathOf(key), key, name, range),
    list: async (prefix) => (await listBelow(folder, '', name)).filter((key) => key.startsWith(prefix)).toSorted(),
  };
}

/** Windows opens devices by these names, whatever comes after a dot. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
const isControl = (letter: string): boolean => letter.charCodeAt(0) < 32;

function checkedParts(key: string, name: string): readonly string[] {
  const parts = key.split('/');
  const wrong = parts.find(
    (part) =>
      part === '' ||
      part === '.' ||
      part === '..' ||
      /[\\:*?"<>|]/.test(part) ||
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

async function readFileOf(
  path: string,
  key: string,
  name: string,
  range?: { readonly offset: number; readonly length: number },
): Promise<Uint8Array | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { size } = await handle.stat();
    const offset = Math.min(range?.offset ?? 0, size);
    return await readFully(handle, offset, Math.min(range?.length ?? size, size - offset));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw readError(error, key, name);
  } finally {
    await handle?.close();
  }
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';

function readError(error: unknown, key: string, name: string): LamellaError {
  const code = codeOf(error);
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'you may not read it'
      : code === 'EIO'
        ? 'the disk fails to read it (EIO)'
        : code === 'EISDIR'
          ? 'it is a folder'
          : `the system says ${code || String(error)}`;
  const hint =
    code === 'EIO'
      ? 'The disk or the network share may be failing: copy the data elsewhere before anything else.'
      : 'Check the permissions of the file and of its folder.';
  return new LamellaError('bad-source', `"${key}" of ${name} can't be read: ${why}.`, {
    hint,
    fields: { file: key, source: name, code },
    cause: error,
  });
}

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
