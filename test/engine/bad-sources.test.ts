// Sources that stall, fail, lie, change or vanish while they are looked at: what is wrong is said by name, nothing is
// drawn that is not there, the other volumes of the same server come all the same, and all is well once the source is.
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import type { BrickAddress } from '../../preload/contract/brick.ts';
import { unpackBricks } from '../../preload/contract/brick.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { faultServer, type Fault, type FaultServer } from '../sources/fault-server.ts';
import { resultOf } from './follow-job.ts';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempFolder } from './temp-library.ts';

const impatient = {
  network: {
    timeouts: { connect: 1000, firstByte: 1000, idle: 1000, quiet: 50 },
    backoff: { tries: 3, baseMs: 1, capMs: 5, patienceMs: 300 },
  },
  patience: { overdueMs: 300, giveUpMs: 900 },
};
const sizeXyz: Vec3 = [384, 128, 128];
/** One brick of each chunk. */
const [left, middle, right]: readonly BrickAddress[] = [
  [0, 0, 0, 0],
  [0, 2, 0, 0],
  [0, 4, 0, 0],
];
const everyBrick = [left, middle, right] as BrickAddress[];
const middleChunk = '128-256_0-128_0-128';

function bench() {
  const folder = tempFolder();
  const engine = createEngine({ threads: 2, ...impatient });
  onTestFinished(() => engine.close());
  const client = engine.client();
  const library = join(folder, 'library');
  const add = async (source: string): Promise<string> => {
    const adding = client.volume.add({ library, source, pyramid: 'none', allowPrivate: true });
    const { volume } = await resultOf<{ volume: string }>(client, library, adding);
    // What adding read does not count.
    await client.volume.refresh({ library, volume });
    return volume;
  };
  const look = async (volume: string, bricks = everyBrick, signal = new AbortController().signal) => {
    const seen: { readonly sums: Map<string, number>; away: WireError | undefined; error: WireError | undefined } = {
      ...{ sums: new Map(), away: undefined, error: undefined },
    };
    const onValue = (value: { readonly away?: WireError | undefined }, bytes?: Uint8Array): void => {
      seen.away ??= value.away;
      for (const { address, voxels } of bytes && bytes.byteLength > 0 ? unpackBricks(bytes) : [])
        seen.sums.set(
          address.join(),
          voxels.reduce((sum, value) => sum + value, 0),
        );
    };
    await client.view
      .bricks({ library, volume, bricks }, { signal, onValue })
      .catch((error: unknown) => (seen.error = toWireError(error)));
    return seen;
  };
  return { folder, client, library, add, look };
}

async function served(folder: string, names: readonly string[]): Promise<FaultServer> {
  const server = await faultServer();
  onTestFinished(() => server.close());
  for (const name of names) put(server, folder, name, sizeXyz);
  return server;
}

function put(server: FaultServer, folder: string, name: string, size: Vec3, version = '1'): void {
  const at = join(folder, name);
  rmSync(at, { recursive: true, force: true });
  writeSynthetic(at, size);
  withdraw(server, name);
  for (const file of readdirSync(at, { recursive: true, encoding: 'utf8' }))
    if (statSync(join(at, file)).isFile())
      server.files.set(`/${name}/${file}`, { bytes: readFileSync(join(at, file)), version: version + file });
}

function withdraw(server: FaultServer, name: string): void {
  for (const key of server.files.keys()) if (key.startsWith(`/${name}/`)) server.files.delete(key);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a chunk on a server', () => {
  const faults: readonly (readonly [name: string, fault: Fault, says: string])[] = [
    ['that never answers', { kind: 'half-open' }, 'no answer came in 0.3 s'],
    ['that stalls in its middle', { kind: 'stall' }, 'no answer came in 0.3 s'],
    ['that comes as a 500', { kind: 'status', status: 500 }, 'it answers 500'],
    ['that breaks off', { kind: 'cut' }, 'its answer broke off'],
  ];
  test.each(faults)('%s is said so, the rest comes, and it comes once it can', async (_name, fault, says) => {
    const { folder, add, look } = bench();
    const server = await served(folder, ['a']);
    const volume = await add(`${server.origin}/a`);
    server.script = ({ path }) => (path.includes(middleChunk) ? fault : undefined);
    const seen = await look(volume);
    expect(seen).toMatchObject({ away: { tag: 'unreachable', fields: { what: says } }, error: undefined });
    expect([...seen.sums.keys()].sort()).toEqual([left?.join(), right?.join()]);
    server.script = () => undefined;
    await expect.poll(async () => (await look(volume)).sums.size, { timeout: 10_000, interval: 200 }).toBe(3);
  });

  type Lie = readonly [name: string, lie: (good: Uint8Array) => Uint8Array, headers: Record<string, string>];
  const lies: readonly Lie[] = [
    ['too short', (good) => good.subarray(0, 1000), {}],
    ['too long', (good) => Uint8Array.from([...good, 1, 2, 3]), {}],
    ['empty', () => new Uint8Array(), {}],
    [
      'a gzip that breaks off',
      (good) => gzipSync(good).subarray(0, 5000),
      { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' },
    ],
  ];
  test.each(lies)('that is %s is damage, not kept, and read anew once it is sound', async (_name, lie, headers) => {
    const { folder, add, look } = bench();
    const server = await served(folder, ['a']);
    const volume = await add(`${server.origin}/a`);
    const key = `/a/8_8_8/${middleChunk}`;
    const good = server.files.get(key);
    if (!good) throw new Error('no such chunk');
    server.files.set(key, { bytes: lie(good.bytes), headers, version: 'damaged' });
    const seen = await look(volume);
    expect(seen.error).toMatchObject({ tag: 'bad-source', message: expect.stringContaining(middleChunk) });
    expect([...seen.sums.keys()].sort()).toEqual([left?.join(), right?.join()]);
    server.files.set(key, good);
    const then = await look(volume);
    expect(then).toMatchObject({ error: undefined, away: undefined });
    expect(then.sums.get(String(middle?.join()))).toBeGreaterThan(0);
  });
});

test('a volume that stalls all over leaves the other of its server alone', async () => {
  const { folder, add, look } = bench();
  const server = await served(folder, ['stuck', 'well']);
  const [stuck, well] = [await add(`${server.origin}/stuck`), await add(`${server.origin}/well`)];
  server.script = ({ path }) => (path.startsWith('/stuck/8') ? { kind: 'half-open' } : undefined);
  const stop = new AbortController();
  // More requests than one server gets at once.
  const waiting = Array.from({ length: 40 }, () => look(stuck, everyBrick, stop.signal));
  await pause(20);
  const seen = await look(well);
  expect([...seen.sums.keys()].length).toBe(3);
  expect(seen.away).toBeUndefined();
  expect((await Promise.all(waiting)).every(({ away }) => away?.tag === 'unreachable')).toBe(true);
});

describe('a dataset that is not what it was', () => {
  const change = { tag: 'conflict', fields: { what: expect.stringContaining('it has 256 x 128 x 100 voxels') } };

  test('on a server: it is said, not drawn; and drawn when the old one is back', async () => {
    const { folder, add, look } = bench();
    const server = await served(folder, ['a']);
    const volume = await add(`${server.origin}/a`);
    const before = await look(volume, [left as BrickAddress]);
    put(server, folder, 'a', [256, 128, 100], '2');
    const seen = await look(volume, [middle, right] as BrickAddress[]);
    expect(seen).toMatchObject({ away: { tag: 'conflict' }, sums: new Map() });
    expect((await look(volume)).away).toMatchObject(change);
    put(server, folder, 'a', sizeXyz, '3');
    const back = await look(volume);
    expect(back).toMatchObject({ away: undefined, error: undefined });
    expect(back.sums.get(String(left?.join()))).toBe(before.sums.get(String(left?.join())));
  });

  test('on a server that has it no more: nothing is drawn black, and nothing of that is kept', async () => {
    const { folder, add, look } = bench();
    const server = await served(folder, ['a']);
    const volume = await add(`${server.origin}/a`);
    await look(volume, [left as BrickAddress]);
    withdraw(server, 'a');
    const seen = await look(volume, [middle, right] as BrickAddress[]);
    expect(seen).toMatchObject({
      away: { tag: 'unreachable', fields: { what: 'its files are gone' } },
      sums: new Map(),
    });
    put(server, folder, 'a', sizeXyz);
    const back = async (): Promise<boolean> => {
      const { sums } = await look(volume);
      return sums.size === 3 && [...sums.values()].every((sum) => sum > 0);
    };
    await expect.poll(back, { timeout: 10_000, interval: 200 }).toBe(true);
  });

  test('on this computer: gone is not black, another is not drawn, and what comes back is', async () => {
    const { folder, add, look } = bench();
    const at = join(folder, 'a');
    writeSynthetic(at, sizeXyz);
    const volume = await add(at);
    await look(volume, [left as BrickAddress]);
    renameSync(at, join(folder, 'elsewhere'));
    const gone = await look(volume, [middle, right] as BrickAddress[]);
    expect(gone).toMatchObject({
      away: { tag: 'unreachable', fields: { what: 'its files are gone' } },
      sums: new Map(),
    });
    writeSynthetic(at, [256, 128, 100]);
    expect((await look(volume, [middle, right] as BrickAddress[])).away?.tag).toBe('conflict');
    expect((await look(volume, [middle, right] as BrickAddress[])).away).toMatchObject(change);
    rmSync(at, { recursive: true });
    expect((await look(volume, [middle] as BrickAddress[])).away).toMatchObject({ tag: 'not-found' });
    renameSync(join(folder, 'elsewhere'), at);
    const back = await look(volume);
    expect(back).toMatchObject({ away: undefined, error: undefined });
    expect([...back.sums.values()].every((sum) => sum > 0)).toBe(true);
  });

  test('that goes while it is converted ends the conversion: what is not there is not written as zeros', async () => {
    const { folder, client, library } = bench();
    const server = await served(folder, ['a']);
    server.script = ({ path }) => {
      if (path.includes(middleChunk)) withdraw(server, 'a');
      return undefined;
    };
    const source = `${server.origin}/a`;
    const convert = client.volume.convert({
      library,
      source,
      out: join(folder, 'out'),
      format: 'n5',
      allowPrivate: true,
    });
    await expect(resultOf(client, library, convert)).rejects.toMatchObject({
      ...{ tag: 'unreachable', message: expect.stringContaining('is not there any more') },
    });
  });
});

const damages: readonly (readonly [name: string, damage: (file: string) => void])[] = [
  ['is cut short', (file) => truncateSync(file, 1000)],
  ['is a folder now', (file) => (rmSync(file), mkdirSync(file))],
  ['is other data', (file) => writeFileSync(file, 'no voxels')],
];
test.each(damages)('a chunk on this computer that %s is named, and read once it is whole', async (_name, damage) => {
  const { folder, add, look } = bench();
  const at = join(folder, 'a');
  writeSynthetic(at, sizeXyz);
  const volume = await add(at);
  const file = join(at, '8_8_8', middleChunk);
  const good = readFileSync(file);
  damage(file);
  const seen = await look(volume);
  expect(seen.error).toMatchObject({ tag: 'bad-source', message: expect.stringContaining(middleChunk) });
  expect([...seen.sums.keys()].sort()).toEqual([left?.join(), right?.join()]);
  rmSync(file, { recursive: true });
  writeFileSync(file, good);
  expect((await look(volume)).sums.size).toBe(3);
});
