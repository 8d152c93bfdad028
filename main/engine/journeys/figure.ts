import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { refuseToOverwrite } from '../store/output-file.ts';
import type { HandlersOf } from './call.ts';
import type { FilesInParts } from './figure/files-in-parts.ts';

/** What the window makes. Another kind of file is never begun, so that none is replaced by one of these. */
const endings: readonly string[] = ['.png', '.tif', '.tiff', '.svg', '.webm', '.json', '.csv'];

const mostTextBytes = 32 << 20;

export function figureHandlers(files: FilesInParts, libraries: () => readonly LibraryStore[]): HandlersOf<'figure'> {
  return {
    begin: async ({ out: ref }, call) => {
      const out = call.path(ref);
      const ending = extname(out).toLowerCase();
      if (!endings.includes(ending)) throw otherKind(out, ending);
      const open = libraries();
      for (const library of open.length > 0 ? open : [null]) refuseToOverwrite(library, out, ending);
      return { file: await files.begin(out) };
    },
    write: async ({ file, at, base64 }) => ({ bytes: await files.write(file, at, bytesOf(base64)) }),
    finish: ({ file, discard }) => (discard ? files.discard(file) : files.finish(file)),
    read: async ({ file: ref }, call) => ({ value: await readText(call.path(ref)) }),
  };
}

/** Node skips what is not base64; a shorter result says that there was such a thing. */
function bytesOf(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  if (base64.length % 4 === 0 && bytes.byteLength === (base64.length / 4) * 3 - padding) return bytes;
  throw new LamellaError('invalid-input', `base64: ${base64.length} characters that are not base64 with its padding.`, {
    hint: 'Encode the part again, with "=" up to a multiple of four characters.',
    fields: { field: 'base64', characters: base64.length },
  });
}

async function readText(path: string): Promise<{ readonly text: string; readonly bytes: number }> {
  const name = basename(path);
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw notReadable(name, error);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw notText(name, 'it is no ordinary file');
    if (found.size > mostTextBytes)
      throw notText(name, `it holds ${found.size} bytes, and ${mostTextBytes} are the most`);
    const bytes = await handle.readFile();
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), bytes: bytes.byteLength };
  } catch (error) {
    if (error instanceof TypeError) throw notText(name, 'it is not text in UTF-8');
    throw error;
  } finally {
    await handle.close();
  }
}

const notReadable = (name: string, error: unknown): LamellaError => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const missing = code === 'ENOENT';
  return new LamellaError(
    missing ? 'not-found' : 'bad-source',
    `"${name}" can't be read: ${missing ? 'it is not there' : `the system says ${code}`}.`,
    { hint: 'Choose another file.', fields: { file: name, code }, cause: error },
  );
};

const notText = (name: string, why: string): LamellaError =>
  new LamellaError('bad-source', `"${name}" can't be read as text: ${why}.`, {
    hint: 'Choose a text file, such as the JSON of a Neuroglancer state.',
    fields: { file: name },
  });

const otherKind = (out: string, ending: string): LamellaError =>
  new LamellaError('invalid-input', `out: "${basename(out)}" ends in ${ending === '' ? 'nothing' : ending}.`, {
    hint: `The window makes files that end in ${endings.join(', ')}.`,
    fields: { out, ending },
  });
