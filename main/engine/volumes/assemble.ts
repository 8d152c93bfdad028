import { open, rename, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Assembly } from '../formats/volume-format.ts';
import { asLibraryError } from '../store/sqlite-errors.ts';
import { syncFolder, type FolderTarget } from '../targets/folder.ts';

const pieceBytes = 4 * 2 ** 20;

/**
 * Puts a file together from bytes and from parts that lie in `parts`, a few megabytes at a time: written under another
 * name among the parts, fsynced, renamed. Gives its bytes. Throws 'disk-full', 'not-writable'.
 */
export async function assembleFile(
  parts: FolderTarget,
  assembly: Assembly,
  out: string,
  signal: AbortSignal,
): Promise<number> {
  const temporary = join(parts.folder, '.lamella-part-assembled');
  try {
    const bytes = await writeAll(temporary, parts, assembly, signal);
    await rename(temporary, out);
    await syncFolder(dirname(out));
    return bytes;
  } catch (error) {
    throw asLibraryError(error, out);
  }
}

async function writeAll(path: string, parts: FolderTarget, assembly: Assembly, signal: AbortSignal): Promise<number> {
  const file = await open(path, 'w');
  try {
    let bytes = 0;
    for (const piece of assembly) {
      signal.throwIfAborted();
      if ('bytes' in piece) bytes += await write(file, piece.bytes);
      else bytes += await copyPart(file, parts.pathOf(piece.part), signal);
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

async function write(file: FileHandle, bytes: Uint8Array): Promise<number> {
  for (let at = 0; at < bytes.byteLength;) at += (await file.write(bytes, at, bytes.byteLength - at)).bytesWritten;
  return bytes.byteLength;
}

async function copyPart(to: FileHandle, path: string, signal: AbortSignal): Promise<number> {
  const from = await open(path, 'r');
  const buffer = new Uint8Array(pieceBytes);
  try {
    for (let copied = 0; ;) {
      signal.throwIfAborted();
      const { bytesRead } = await from.read(buffer, 0, buffer.byteLength, null);
      if (bytesRead === 0) return copied;
      copied += await write(to, buffer.subarray(0, bytesRead));
    }
  } finally {
    await from.close();
  }
}
