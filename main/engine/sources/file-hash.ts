import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The SHA-256 of a file as it lies on disk, in hex. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const options = { highWaterMark: 2 ** 20, ...(signal && { signal }) };
  for await (const bytes of createReadStream(path, options)) hash.update(bytes as Uint8Array);
  return hash.digest('hex');
}
