// A bucket of another program's, which checks signatures by other code than ours, read object by object.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseAddress } from '../../main/engine/sources/address.ts';
import { openPlace, type OpenPlace } from '../../main/engine/sources/index.ts';
import { openNetwork, type Network } from '../../main/engine/sources/network.ts';
import type { BucketAccess } from '../../main/engine/sources/s3.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { Line } from './volumes.ts';

interface Served {
  readonly origin: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** SHA-256 by key. */
  readonly objects: Readonly<Record<string, string>>;
}

/** Reads what `serve_bucket.py` serves: by a key, by a wrong one, and by none. */
export async function readBuckets(bin: string): Promise<readonly Line[]> {
  const server = spawn(bin, [join(import.meta.dirname, 'serve_bucket.py')], { stdio: ['pipe', 'pipe', 'ignore'] });
  const network = openNetwork();
  try {
    const [first] = await lines(server.stdout, 1);
    const served = JSON.parse(first ?? '{}') as Served;
    const { accessKeyId, secretAccessKey } = served;
    return [
      await line('objects', () => differences(served, network)),
      await line('a wrong key', () =>
        refusal(served, network, { accessKeyId, secretAccessKey: `${secretAccessKey}x` }, 'SignatureDoesNotMatch'),
      ),
      await line('an unknown key', () =>
        refusal(served, network, { accessKeyId: 'AKIA0000000000000000', secretAccessKey }, 'InvalidAccessKeyId'),
      ),
    ];
  } finally {
    network.close();
    server.stdin.end();
  }
}

async function lines(stream: NodeJS.ReadableStream, count: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const one of createInterface({ input: stream })) if (found.push(one) === count) break;
  return found;
}

async function line(id: string, difference: () => Promise<string>): Promise<Line> {
  const detail = await difference().catch((error: unknown) => toWireError(error).message);
  return { id: `s3 ${id}`, reader: 'Lamella, a bucket of moto', ok: detail === '', detail };
}

const open = ({ origin }: Served, network: Network, access: BucketAccess): Promise<OpenPlace> =>
  openPlace(parseAddress(`s3+${origin}/volumes/brain`), { network, allowPrivate: true, credentials: () => access });

async function differences(served: Served, network: Network): Promise<string> {
  const { source } = await open(served, network, served);
  const keys = Object.keys(served.objects).map((key) => key.slice('brain/'.length));
  const listed = await source.list('');
  if (listed.join('\n') !== [...keys].sort().join('\n'))
    return `it lists ${listed.length} keys, not these ${keys.length}`;
  const folders = ((await source.children('')) ?? []).filter(({ isFolder }) => isFolder).map(({ name }) => name);
  if (!['s0', 's1', 's2'].every((name) => folders.includes(name))) return `it has the folders ${folders.join(', ')}`;
  for (const key of keys) {
    const bytes = await source.get(key);
    const sha256 = createHash('sha256')
      .update(bytes ?? '')
      .digest('hex');
    if (sha256 !== served.objects[`brain/${key}`]) return `"${key}" is not what was put there`;
    const part = await source.get(key, { offset: 1, length: 5 });
    if (Buffer.compare(part ?? Buffer.of(0), bytes?.slice(1, 6) ?? Buffer.of(1)) !== 0)
      return `a part of "${key}" differs`;
    if ((await source.sizeOf(key)) !== bytes?.byteLength) return `"${key}" has another size`;
  }
  return (await source.get('none')) === undefined ? '' : 'there is an object that was never put there';
}

async function refusal(served: Served, network: Network, access: BucketAccess, code: string): Promise<string> {
  const { source } = await open(served, network, access);
  const bytes = await source.get('info').catch((error: unknown) => toWireError(error));
  if (bytes === undefined || bytes instanceof Uint8Array) return 'it is let in';
  return bytes.tag === 'unauthorized' && bytes.message.includes(code)
    ? ''
    : `it is refused otherwise: ${bytes.message}`;
}
