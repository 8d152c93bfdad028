import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Reply } from './exchange.ts';

const decoders: Readonly<
  Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * Whether the body is packed for the way (buckets often hold chunks that way). A server that says so of a file which is
 * a gzip by its own name means the file, so that it stays as it is.
 */
export function isEncoded(key: string, headers: IncomingHttpHeaders): boolean {
  const encoding = encodingOf(headers);
  if (encoding === '' || encoding === 'identity') return false;
  return !(encoding.endsWith('gzip') && /\.t?gz$/i.test(key));
}

/** The body as it was before it was packed. Throws 'bad-source', 'over-budget' beyond `most` bytes. */
export async function decodeBody(reply: Reply, key: string, most: number): Promise<Uint8Array> {
  if (!isEncoded(key, reply.headers)) return reply.bytes;
  const encoding = encodingOf(reply.headers);
  const decode = decoders[encoding];
  if (!decode)
    throw unreadable(key, `the server packs it as ${JSON.stringify(encoding.slice(0, 40))}, which is not known`);
  try {
    return Uint8Array.from(await decode(reply.bytes, { maxOutputLength: most }));
  } catch (error) {
    if (error instanceof RangeError) {
      throw new LamellaError('over-budget', `"${key}" unpacks to more than ${most} bytes.`, {
        hint: 'Fetch it to disk, or use a format with chunks.',
        fields: { file: key, bytes: most },
        cause: error,
      });
    }
    throw unreadable(key, `its ${encoding} is damaged`, error);
  }
}

const encodingOf = (headers: IncomingHttpHeaders): string => (headers['content-encoding'] ?? '').trim().toLowerCase();

const unreadable = (key: string, why: string, cause?: unknown): LamellaError =>
  new LamellaError('bad-source', `"${key}" can't be unpacked: ${why}.`, {
    hint: 'Fetch it again, or ask who runs the server.',
    fields: { file: key },
    cause,
  });
