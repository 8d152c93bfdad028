import { open, rm, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';

/** A packed file, and which bytes of what it holds are wanted. */
export interface Packed {
  readonly source: ByteSource;
  readonly key: string;
  /** In the file, where the packed bytes begin. */
  readonly start: number;
  /** Of what it unpacks to, from its beginning: the last byte that is needed. */
  readonly needed: number;
}

const pieceBytes = 4 * 2 ** 20;
/** What may follow the voxels before the rest of the file is left alone. */
const slackBytes = 2 ** 20;
/** Deflate makes at most 1032 bytes of one. */
const mostFromOne = 1033;

/** Refuses, before anything is unpacked, a file that can't hold what its header says. */
export async function checkGzipHolds({ source, key, start, needed }: Packed): Promise<void> {
  const size = await source.sizeOf(key);
  if (size !== undefined && needed > (size - start) * mostFromOne)
    throw badFile(source, key, `its header says ${needed} bytes, more than its ${size} bytes can unpack to`);
}

/** The first bytes of what a gzipped file holds. Undefined where there is no such file. */
export async function gunzipStart(source: ByteSource, key: string, wanted: number): Promise<Uint8Array | undefined> {
  const packed = await source.get(key, { offset: 0, length: 64 * 2 ** 10 });
  if (!packed) return undefined;
  const out: Uint8Array[] = [];
  let bytes = 0;
  try {
    // No end: the file goes on behind what was read.
    for await (const piece of piped(pieces([packed]), false)) {
      out.push(piece);
      if ((bytes += piece.byteLength) >= wanted) break;
    }
  } catch (cause) {
    if (bytes === 0) throw badFile(source, key, 'it is not gzip data, or damaged', cause);
  }
  return Buffer.concat(out).subarray(0, wanted);
}

async function* pieces(of: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* of;
}

async function* fileInPieces({ source, key, start }: Packed): AsyncGenerator<Uint8Array> {
  for (let offset = start; ; offset += pieceBytes) {
    const piece = await source.get(key, { offset, length: pieceBytes });
    if (!piece || piece.byteLength === 0) return;
    yield piece;
    if (piece.byteLength < pieceBytes) return;
  }
}

/** Unpacks gzip members one after the other. Without `whole`, the data may stop anywhere. */
function piped(input: AsyncIterable<Uint8Array>, whole: boolean): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip(whole ? {} : { finishFlush: constants.Z_SYNC_FLUSH });
  // Errors of either end come out of the other, where they are thrown; stopping to read ends both.
  pipeline(Readable.from(input), gunzip, () => undefined);
  return gunzip;
}

/** A file that was unpacked, to be read at random. */
export interface Unpacked {
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Unpacks a gzipped file into a folder, as far as it is needed, without holding it in memory. Throws 'bad-source' where
 * it is damaged or ends early, 'disk-full' before it begins where there is no room.
 */
export async function unpackGzip(packed: Packed, folder: string, signal: AbortSignal): Promise<Unpacked> {
  await checkGzipHolds(packed);
  await checkRoom(packed, folder);
  return keepAs(folder, async (file) => {
    let bytes = 0;
    try {
      for await (const piece of piped(fileInPieces(packed), true)) {
        if (signal.aborted) throw cancelled();
        await writeAll(file, piece.subarray(0, Math.max(0, packed.needed - bytes)), bytes);
        bytes += piece.byteLength;
        if (bytes > packed.needed + slackBytes) break;
      }
    } catch (error) {
      throw damaged(packed, bytes, error);
    }
    if (bytes < packed.needed) throw damaged(packed, bytes);
  });
}

/** Keeps bytes that are in memory. */
export const keepBytes = (bytes: Uint8Array, folder: string): Promise<Unpacked> =>
  keepAs(folder, (file) => writeAll(file, bytes, 0));

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, offset + done);
    done += bytesWritten;
  }
}

export const cancelled = (): LamellaError =>
  new LamellaError('cancelled', 'Unpacking the file was cancelled.', { hint: 'Open it again when you need it.' });

function damaged({ source, key, needed }: Packed, bytes: number, error?: unknown): unknown {
  const isOwn = error instanceof LamellaError;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (isOwn) return error;
  if (code === 'ENOSPC') return diskFull(key, needed);
  if (error !== undefined && !code.startsWith('Z_')) return error;
  return badFile(
    source,
    key,
    `it unpacks to ${bytes} bytes and then ${error ? 'is damaged' : 'ends'}; its header says ${needed}`,
    error,
  );
}

async function checkRoom({ key, needed }: Packed, folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (needed > bavail * bsize) throw diskFull(key, needed);
}

const diskFull = (key: string, needed: number): LamellaError =>
  new LamellaError('disk-full', `"${key}" has to be unpacked before it can be read, and there is no room for it.`, {
    hint: `It takes ${Math.ceil(needed / 2 ** 20)} MiB of temporary space: free that, or unpack the file elsewhere.`,
    fields: { file: key, bytes: needed },
  });

async function keepAs(folder: string, fill: (file: FileHandle) => Promise<void>): Promise<Unpacked> {
  const path = join(folder, 'voxels.raw');
  const file = await open(path, 'w+');
  const close = async (): Promise<void> => {
    await file.close();
    await rm(path, { force: true });
  };
  try {
    await fill(file);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    },
  };
}
