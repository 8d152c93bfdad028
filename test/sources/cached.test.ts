import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../main/engine/sources/address.ts';
import { cachedSource, type ByteCache, type NetworkState } from '../../main/engine/sources/cached.ts';
import { openHttpSource } from '../../main/engine/sources/http.ts';
import { openPlace } from '../../main/engine/sources/index.ts';
import type { Network } from '../../main/engine/sources/network.ts';
import { BrickCache } from '../../main/engine/store/brick-cache.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { seededRandom } from '../formats/mutate.ts';
import { bucketServer } from './bucket-server.ts';
import { faultServer, type Fault, type FaultServer } from './fault-server.ts';
import { quickNetwork } from './quick-network.ts';
import { makeZip } from './zip-writer.ts';

let server: FaultServer;
let network: Network;
let cache: BrickCache;
beforeEach(async () => {
  server = await faultServer();
  network = quickNetwork();
  cache = new BrickCache({ file: null, capBytes: 64 << 20, log: () => undefined });
});
afterEach(async () => {
  network.close();
  cache.close();
  await server.close();
});

const data = seededBytes('cached', 3000);
const other = seededBytes('other', 3000);
const serve = (key: string, bytes = data, version?: string) =>
  server.files.set(`/v/${key}`, { bytes, ...(version === undefined ? {} : { version }) });
const open = (pauseMs = 0, kept: ByteCache | null = cache) =>
  cachedSource({
    source: openHttpSource({ url: `${server.origin}/v/`, network, allowPrivate: true }),
    cache: kept,
    fingerprint: 'v',
    pauseMs,
  });

/** Everything that a format may ask, once. */
async function readAll(source: ReturnType<typeof open>): Promise<readonly unknown[]> {
  return [
    await source.get('info'),
    await source.get('shard', { offset: 10, length: 100 }),
    await source.get('shard', { offset: 500, length: 7 }),
    await source.get('shard', { offset: 2999, length: 7 }),
    await source.get('empty'),
    await source.get('none'),
    await source.get('none', { offset: 0, length: 9 }),
    await source.sizeOf('shard'),
    await source.sizeOf('none'),
    await source.children(''),
  ];
}

describe('a source with a cache', () => {
  beforeEach(() => {
    serve('info');
    serve('shard', data, '1');
    serve('empty', new Uint8Array());
  });
  const expected = [
    data,
    data.slice(10, 110),
    data.slice(500, 507),
    data.slice(2999),
    new Uint8Array(),
    undefined,
    undefined,
    3000,
    undefined,
    undefined,
  ];

  it('asks the server nothing when it is opened again, and nothing of what is not there', async () => {
    expect(await readAll(open())).toEqual(expected);
    const asked = server.seen.length;
    expect(await readAll(open())).toEqual(expected);
    cache.flush();
    expect(await readAll(open())).toEqual(expected);
    expect(server.seen.length).toBe(asked);
  });

  it('serves what it has while the server is gone, and says so', async () => {
    await readAll(open());
    await server.close();
    const source = open();
    const states: NetworkState[] = [];
    const stop = source.onState((state) => states.push(state));
    expect(await readAll(source)).toEqual(expected);
    expect(source.state()).toBe('online');
    await expect(source.get('more')).rejects.toMatchObject({ tag: 'unreachable' });
    expect(source.state()).toBe('offline');
    expect(await readAll(source)).toEqual(expected);
    expect(states).toEqual(['offline']);
    stop();
    source.forget();
    expect(states).toEqual(['offline']);
  });

  it('is online again when the server is', async () => {
    const source = open();
    const states: NetworkState[] = [];
    source.onState((state) => states.push(state));
    server.script = () => ({ kind: 'reset' });
    await expect(source.get('info')).rejects.toMatchObject({ tag: 'unreachable' });
    server.script = () => undefined;
    expect(await source.get('info')).toEqual(data);
    expect(states).toEqual(['offline', 'online']);
  });

  it('fails at once for a while after the server was not there', async () => {
    const source = open(60_000);
    server.script = () => ({ kind: 'reset' });
    await expect(source.get('info')).rejects.toMatchObject({ tag: 'unreachable' });
    const asked = server.seen.length;
    await expect(source.get('info')).rejects.toMatchObject({ tag: 'unreachable' });
    await expect(source.get('shard', { offset: 0, length: 1 })).rejects.toMatchObject({ tag: 'unreachable' });
    expect(server.seen.length).toBe(asked);
  });

  it('asks once for what many want at the same time, and goes on while one of them still does', async () => {
    const source = open();
    const stop = new AbortController();
    const reads = Array.from({ length: 20 }, () => source.get('shard', { offset: 1, length: 9 }));
    const left = source.get('shard', { offset: 1, length: 9 }, stop.signal);
    stop.abort();
    await expect(left).rejects.toMatchObject({ tag: 'cancelled' });
    for (const bytes of await Promise.all(reads)) expect(bytes).toEqual(data.slice(1, 10));
    expect(server.seen.length).toBe(1);
  });

  it('stops asking when nobody wants it any more, and asks anew for who comes later', async () => {
    const source = open();
    server.script = (_request, before) => (before === 0 ? { kind: 'half-open' } : undefined);
    const stop = new AbortController();
    const reads = [1, 2].map(() => source.get('info', undefined, stop.signal));
    setTimeout(() => stop.abort(), 20);
    for (const read of reads) await expect(read).rejects.toMatchObject({ tag: 'cancelled' });
    expect(await source.get('info')).toEqual(data);
    expect(source.state()).toBe('online');
  });

  it('never completes the parts of one version by those of another, today or tomorrow', async () => {
    const source = open();
    expect(await source.get('shard', { offset: 0, length: 5 })).toEqual(data.slice(0, 5));
    serve('shard', other, '2');
    for (const later of [source, open()]) {
      await expect(later.get('shard', { offset: 5, length: 5 })).rejects.toMatchObject({
        tag: 'bad-source',
        message: expect.stringContaining('changed'),
      });
      expect(await later.get('shard', { offset: 0, length: 5 })).toEqual(data.slice(0, 5));
    }
    source.forget();
    expect(await source.get('shard', { offset: 0, length: 5 })).toEqual(other.slice(0, 5));
    expect(await open().get('shard', { offset: 5, length: 5 })).toEqual(other.slice(5, 10));
  });

  it('trusts no part whose version the cache has lost', async () => {
    const kept = new Map<string, Uint8Array>();
    const lossy: ByteCache = { get: (key) => kept.get(key), putSoon: (key, bytes) => void kept.set(key, bytes) };
    await open(0, lossy).get('shard', { offset: 0, length: 5 });
    serve('shard', other, '2');
    for (const key of kept.keys()) if (key.includes('/tag/')) kept.delete(key);
    expect(await open(0, lossy).get('shard', { offset: 0, length: 5 })).toEqual(other.slice(0, 5));
    for (const key of kept.keys()) if (key.endsWith('epoch')) kept.delete(key);
    serve('info', other);
    expect(await open(0, lossy).get('info')).toEqual(other);
  });

  it('forgets all when it is told to', async () => {
    const source = open();
    await readAll(source);
    serve('info', other);
    serve('none', other);
    expect(await source.get('info')).toEqual(data);
    source.forget();
    expect(await source.get('info')).toEqual(other);
    expect(await source.get('none')).toEqual(other);
    expect(await open().get('info')).toEqual(other);
  });

  it('keeps nothing that came after it was told to forget', async () => {
    const source = open();
    server.script = (_request, before) => (before === 0 ? { kind: 'loris', everyMs: 1 } : undefined);
    server.files.set('/v/slow', { bytes: data.slice(0, 40) });
    const reading = source.get('slow').catch(() => undefined);
    source.forget();
    serve('slow', other);
    await reading;
    expect(await source.get('slow')).toEqual(other);
  });

  it('works without a cache', async () => {
    expect(await readAll(open(0, null))).toEqual(expected);
  });

  it.each([
    ['a login page', { kind: 'body', type: 'text/html', body: '<html>' }],
    ['an error in 200', { kind: 'body', type: '', body: '<Error><Code>InternalError</Code></Error>' }],
    ['half a file', { kind: 'cut' }],
    ['bytes of elsewhere', { kind: 'wrong-range' }],
    ['too few bytes', { kind: 'short-range' }],
    ['a stall', { kind: 'stall' }],
    ['503', { kind: 'status', status: 503 }],
    ['401', { kind: 'status', status: 401 }],
    ['418', { kind: 'status', status: 418 }],
  ] as ReadonlyArray<readonly [string, Fault]>)('never keeps %s', async (_name, fault) => {
    const source = open();
    server.script = () => fault;
    await expect(source.get('shard', { offset: 3, length: 60 })).rejects.toMatchObject({ tag: expect.any(String) });
    server.script = () => undefined;
    expect(await open().get('shard', { offset: 3, length: 60 })).toEqual(data.slice(3, 63));
    expect(await open().get('info')).toEqual(data);
  });

  it('keeps only true bytes of a server that fails in every way, by a seeded script', async () => {
    const random = seededRandom(3);
    const faults: readonly Fault[] = [
      { kind: 'reset' },
      { kind: 'cut' },
      { kind: 'status', status: 500 },
      { kind: 'short-range' },
      { kind: 'wrong-range' },
      { kind: 'body', type: '', body: '<Error><Code>InternalError</Code></Error>' },
      { kind: 'garbage' },
    ];
    server.script = () => (random() < 0.4 ? faults[Math.floor(random() * faults.length)] : undefined);
    const wanted = Array.from({ length: 300 }, (_, i) => ({ offset: i * 10, length: 10 }));
    await Promise.allSettled(wanted.map((range) => open().get('shard', range)));
    await server.close();
    const read = await Promise.allSettled(wanted.map((range) => open().get('shard', range)));
    const good = read.filter((one) => one.status === 'fulfilled');
    expect(good.length).toBeGreaterThan(250);
    for (const [i, one] of read.entries()) {
      if (one.status === 'fulfilled') expect(one.value).toEqual(data.slice(i * 10, i * 10 + 10));
    }
  });
});

describe('a place', () => {
  const env = () => ({ network, allowPrivate: true, cache });

  it('on a web server is opened from the cache alone, also inside a zip', async () => {
    const zip = makeZip([{ name: 'in/zarr.json', bytes: data, deflate: true }]);
    server.files.set('/v/a.zip', { bytes: zip, version: '1' });
    const address = parseAddress(`${server.origin}/v/a.zip?token=CANARY|zip:in/|zarr:`);
    const place = await openPlace(address, env());
    expect(place).toMatchObject({
      kind: 'remote',
      key: '',
      text: `${server.origin}/v/a.zip?token=REDACTED|zip:in/|zarr:`,
    });
    expect(await place.source.get('zarr.json')).toEqual(data);
    const asked = server.seen.length;
    await server.close();
    // Another token is the same place.
    const again = await openPlace(parseAddress(`${server.origin}/v/a.zip?token=NEW|zip:in/|zarr:`), env());
    expect(await again.source.get('zarr.json')).toEqual(data);
    expect(await again.source.sizeOf('zarr.json')).toBe(3000);
    await expect(Promise.resolve(again.source.get('none'))).resolves.toBeUndefined();
    expect(again.state()).toBe('online');
    expect(server.seen.length).toBe(asked);
  });

  it('that is forgotten is read anew', async () => {
    serve('b.nii', data);
    const place = await openPlace(parseAddress(`${server.origin}/v/b.nii`), env());
    expect(await place.source.get(place.key)).toEqual(data);
    serve('b.nii', other);
    place.forget();
    expect(await place.source.get(place.key)).toEqual(other);
  });

  it('in a bucket lists from the cache when the server is gone', async () => {
    const buckets = await bucketServer();
    buckets.buckets.set(
      'vol',
      new Map([
        ['a/info', data],
        ['a/x/1', data],
      ]),
    );
    const at = () => openPlace(parseAddress(`s3+${buckets.origin}/vol/a/`), env());
    const look = async () => {
      const { source } = await at();
      return [await source.children(''), await source.list(''), await source.children('x/')];
    };
    const seen = await look();
    expect(seen).toEqual([
      [
        { name: 'info', isFolder: false },
        { name: 'x', isFolder: true },
      ],
      ['info', 'x/1'],
      [{ name: '1', isFolder: false }],
    ]);
    await buckets.close();
    expect(await look()).toEqual(seen);
  });

  it('that is a folder or a file of the disk is always online', async () => {
    const place = await openPlace({ kind: 'path', path: import.meta.dirname, inside: [] }, env());
    expect([place.kind, place.key, place.state(), place.denied()]).toEqual(['local', '', 'online', false]);
    expect((await place.source.children(''))?.some(({ name }) => name === 'cached.test.ts')).toBe(true);
    const file = await openPlace({ kind: 'path', path: import.meta.filename, inside: [] }, env());
    expect(file.key).toBe('cached.test.ts');
    expect((await file.source.get(file.key, { offset: 0, length: 6 }))?.byteLength).toBe(6);
    await expect(openPlace({ kind: 'path', path: '/no/such/place', inside: [] }, env())).rejects.toMatchObject({
      tag: 'not-found',
    });
    await expect(openPlace({ kind: 'path', path: '/dev/null', inside: [] }, env())).rejects.toMatchObject({
      tag: 'not-found',
    });
  });
});
