import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';

/** What cloud-volume puts behind the names of files that it packs; servers say it by Content-Encoding instead. */
export const packings = {
  '': (bytes: Uint8Array) => Promise.resolve(bytes),
  '.gz': (bytes: Uint8Array, most: number) => promisify(gunzip)(bytes, { maxOutputLength: most }),
  '.br': (bytes: Uint8Array, most: number) => promisify(brotliDecompress)(bytes, { maxOutputLength: most }),
} as const;

/** One mesh, skeleton or fragment: with one byte more, which tells that there is more, as much as servers are asked for at once. */
export const mostObjectBytes = 2 ** 30 - 1;

/** A file, unpacked where it lies on this computer packed; undefined where there is none. Throws 'over-budget' and 'bad-source'. */
export async function readStored(
  source: ByteSource,
  key: string,
  signal?: AbortSignal,
  most = mostObjectBytes,
): Promise<Uint8Array | undefined> {
  const endings = source.pathOf === undefined ? ([''] as const) : (['', '.gz', '.br'] as const);
  for (const ending of endings) {
    const bytes = await source.get(key + ending, { offset: 0, length: most + 1 }, signal);
    if (!bytes) continue;
    if (bytes.byteLength > most) throw tooLarge(source, key + ending, most);
    return unpacked(source, key + ending, bytes, ending, most);
  }
  return undefined;
}

/** Throws 'bad-source' where the bytes are not whole, or unpack to more than `most`. */
export async function unpacked(
  source: ByteSource,
  key: string,
  bytes: Uint8Array,
  packing: keyof typeof packings,
  most = mostObjectBytes,
): Promise<Uint8Array> {
  try {
    return await packings[packing](bytes, most);
  } catch (cause) {
    throw badFile(source, key, `it is not whole, or unpacks to over ${most} bytes`, cause);
  }
}

const tooLarge = (source: ByteSource, key: string, most: number): LamellaError =>
  new LamellaError('over-budget', `"${key}" of ${source.name} has over ${most} bytes.`, {
    hint: 'Write it with levels of detail, in fragments.',
    fields: { file: key, source: source.name },
  });
