import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHttpSource } from '../../main/engine/sources/http.ts';
import type { Network } from '../../main/engine/sources/network.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { seededRandom } from '../formats/mutate.ts';
import { faultServer, type Fault, type FaultServer } from './fault-server.ts';
import { quickNetwork } from './quick-network.ts';

let server: FaultServer;
let network: Network;
let lines: string[];
beforeEach(async () => {
  server = await faultServer();
  lines = [];
  network = quickNetwork({ log: (line) => lines.push(line) });
});
afterEach(async () => {
  network.close();
  await server.close();
});

const source = (path = '/data/', query = '') =>
  openHttpSource({ url: `${server.origin}${path}${query}`, network, allowPrivate: true });
const data = seededBytes('data', 5000);
const serve = (key: string, bytes = data, more: object = {}) => server.files.set(`/data/${key}`, { bytes, ...more });
const always = (fault: Fault) => {
  server.script = () => fault;
};
const once = (fault: Fault) => {
  server.script = (_request, before) => (before === 0 ? fault : undefined);
};

describe('a web server', () => {
  it('gives whole files, ranges, sizes, and says what is not there', async () => {
    serve('0/1_2-3');
    const it = source();
    expect(await it.get('0/1_2-3')).toEqual(data);
    expect(await it.get('0/1_2-3', { offset: 10, length: 20 })).toEqual(data.slice(10, 30));
    expect(await it.get('0/1_2-3', { offset: 4990, length: 100 })).toEqual(data.slice(4990));
    expect(await it.get('0/1_2-3', { offset: 5000, length: 10 })).toEqual(new Uint8Array());
    expect(await it.get('0/1_2-3', { offset: 0, length: 0 })).toEqual(new Uint8Array());
    expect(await it.sizeOf('0/1_2-3')).toBe(5000);
    expect(await it.get('none')).toBeUndefined();
    expect(await it.get('none', { offset: 0, length: 5 })).toBeUndefined();
    expect(await it.get('none', { offset: 0, length: 0 })).toBeUndefined();
    expect(await it.sizeOf('none')).toBeUndefined();
    expect(await it.children('')).toBeUndefined();
    await expect(it.list('')).rejects.toMatchObject({ tag: 'bad-source' });
  });

  it('takes empty files for what they are', async () => {
    serve('empty', new Uint8Array());
    expect(await source().get('empty')).toEqual(new Uint8Array());
    expect(await source().get('empty', { offset: 0, length: 8 })).toEqual(new Uint8Array());
    expect(await source().sizeOf('empty')).toBe(0);
  });

  it('asks for keys as they are named, with the query of the address, and keeps a signature out of every message', async () => {
    serve('a b/ü%2f+(1)');
    const it = source('/data/', '?sig=CANARY&v=1');
    expect(await it.get('a b/ü%2f+(1)')).toEqual(data);
    expect(server.seen[0]?.path).toBe('/data/a%20b/%C3%BC%252f%2B%281%29?sig=CANARY&v=1');
    always({ kind: 'status', status: 500 });
    const error = await it.get('x').catch((thrown: unknown) => thrown);
    expect(JSON.stringify([error, String(error), lines, it.name])).not.toContain('CANARY');
  });

  it('sends no cookies and no referrer, and asks for bodies as they are', async () => {
    serve('x', data, { headers: { 'set-cookie': 'a=b' } });
    await source().get('x');
    await source().get('x');
    const sent = server.seen[1]?.headers ?? {};
    expect(Object.keys(sent).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
    expect(sent['accept-encoding']).toBe('identity');
  });

  it.each(['', '..', '../x', 'a/../b', '/etc', 'a//b', 'a/', 'a\u0000b'])('never asks for the key %j', async (key) => {
    await expect(source().get(key)).rejects.toMatchObject({ tag: 'invalid-input' });
    await expect(source().sizeOf(key)).rejects.toMatchObject({ tag: 'invalid-input' });
    expect(server.seen).toEqual([]);
  });

  it.each([
    [Number.NaN, 1],
    [-1, 4],
    [0.5, 4],
    [0, -1],
    [2 ** 60, 8],
    [0, 2 ** 60],
  ])('refuses the range %d + %d', async (offset, length) => {
    await expect(source().get('x', { offset, length })).rejects.toMatchObject({ tag: 'bad-source' });
  });

  it('measures without HEAD', async () => {
    serve('x');
    serve('empty', new Uint8Array());
    server.heads = false;
    expect(await source().sizeOf('x')).toBe(5000);
    expect(await source().sizeOf('empty')).toBe(0);
    expect(await source().sizeOf('none')).toBeUndefined();
    server.ranges = false;
    expect(await source().sizeOf('x')).toBe(5000);
  });

  it('cuts a part out of a small file where the server does not do ranges, and refuses a large one', async () => {
    server.ranges = false;
    serve('small');
    expect(await source().get('small', { offset: 100, length: 50 })).toEqual(data.slice(100, 150));
    expect(await source().get('small', { offset: 4990, length: 50 })).toEqual(data.slice(4990));
    serve('large', new Uint8Array(17 << 20));
    await expect(source().get('large', { offset: 0, length: 50 })).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringMatching(/whole file \(17825792 bytes\) where a part/),
    });
  });

  it('unpacks bodies that are packed for the way, and leaves files that are gzips', async () => {
    const packed = gzipSync(data);
    serve('chunk', packed, { headers: { 'content-encoding': 'gzip' } });
    expect(await source().get('chunk')).toEqual(data);
    expect(await source().get('chunk', { offset: 7, length: 9 })).toEqual(data.slice(7, 16));
    expect(await source().sizeOf('chunk')).toBe(5000);
    serve('brain.nii.gz', packed, { headers: { 'content-encoding': 'x-gzip' } });
    expect(await source().get('brain.nii.gz')).toEqual(new Uint8Array(packed));
    serve('odd', packed, { headers: { 'content-encoding': 'zzz' } });
    await expect(source().get('odd')).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('zzz'),
    });
    serve('bad', packed.subarray(0, 100), { headers: { 'content-encoding': 'gzip' } });
    await expect(source().get('bad')).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('damaged'),
    });
  });

  it('notices that a file changed between two of its parts', async () => {
    serve('shard', data, { version: '1' });
    const it = source();
    expect(await it.get('shard', { offset: 0, length: 10 })).toEqual(data.slice(0, 10));
    serve('shard', seededBytes('other', 5000), { version: '2' });
    await expect(it.get('shard', { offset: 10, length: 10 })).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('changed while it was read'),
    });
    await expect(it.get('shard')).rejects.toMatchObject({ tag: 'bad-source' });
    it.forgetTags();
    expect(await it.get('shard', { offset: 0, length: 10 })).toEqual(seededBytes('other', 5000).slice(0, 10));
    server.files.delete('/data/shard');
    await expect(it.get('shard', { offset: 0, length: 10 })).rejects.toMatchObject({ tag: 'bad-source' });
  });

  it('notices it by the size alone where the server gives no tag', async () => {
    serve('shard');
    const it = source();
    await it.get('shard', { offset: 0, length: 10 });
    serve('shard', data.slice(0, 4000));
    await expect(it.get('shard', { offset: 10, length: 10 })).rejects.toMatchObject({ tag: 'bad-source' });
  });
});

describe('a server in trouble', () => {
  const passing: ReadonlyArray<readonly [string, Fault]> = [
    ...[408, 429, 500, 502, 503, 504].map((status) => [String(status), { kind: 'status', status }] as const),
    ['a reset', { kind: 'reset' }],
    ['an answer that is cut', { kind: 'cut' }],
    ['a half-open connection', { kind: 'half-open' }],
    ['a stalled body', { kind: 'stall' }],
    ['a byte now and then', { kind: 'loris', everyMs: 20 }],
    ['no HTTP', { kind: 'garbage' }],
    ['a login page', { kind: 'body', type: 'text/html', body: '<!doctype html><title>Log in</title>' }],
    ['a login page of no type', { kind: 'body', type: '', body: '\n<HTML><body>Log in' }],
    [
      'an error inside 200',
      {
        kind: 'body',
        type: 'application/xml',
        body: '<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>',
      },
    ],
  ];
  it.each(passing)('gets past %s', async (_name, fault) => {
    serve('x');
    once(fault);
    expect(await source().get('x')).toEqual(data);
    once(fault);
    expect(await source().get('x', { offset: 0, length: 10 })).toEqual(data.slice(0, 10));
  });

  it.each([
    ['bytes of elsewhere', { kind: 'wrong-range' }],
    ['too few bytes', { kind: 'short-range' }],
  ] as const)('gets past %s', async (_name, fault) => {
    serve('x');
    once(fault);
    expect(await source().get('x', { offset: 5, length: 10 })).toEqual(data.slice(5, 15));
    always(fault);
    await expect(source().get('x', { offset: 5, length: 10 })).rejects.toMatchObject({ tag: 'bad-source' });
  });

  const lasting: ReadonlyArray<readonly [string, Fault, string, RegExp]> = [
    ['503', { kind: 'status', status: 503 }, 'unreachable', /127\.0\.0\.1:\d+: it answers 503 \(asked 6 times\)/],
    ['resets', { kind: 'reset' }, 'unreachable', /connection was cut \(asked 6 times\)/],
    ['silence', { kind: 'half-open' }, 'unreachable', /no answer came in 0\.15 s/],
    ['stalls', { kind: 'stall' }, 'unreachable', /stalled/],
    ['slow bytes', { kind: 'loris', everyMs: 15 }, 'unreachable', /stalled/],
    [
      'a login page',
      { kind: 'body', type: 'text/html', body: '<p>' },
      'bad-source',
      /web page where data should be \(asked 3 times\)/,
    ],
    [
      'an error in 200',
      { kind: 'body', type: '', body: '<Error><Code>InternalError</Code></Error>' },
      'bad-source',
      /error \(InternalError\)/,
    ],
    ['418', { kind: 'status', status: 418 }, 'bad-source', /answers 418/],
    ['204', { kind: 'status', status: 204 }, 'bad-source', /answers 204/],
    ['401', { kind: 'status', status: 401 }, 'unauthorized', /does not let you read/],
    ['403', { kind: 'status', status: 403 }, 'unauthorized', /403/],
    [
      'an expired signature',
      {
        kind: 'status',
        status: 403,
        body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
      },
      'unauthorized',
      /403/,
    ],
  ];
  it.each(lasting)('names %s that stays', async (_name, fault, tag, message) => {
    serve('x');
    always(fault);
    await expect(source().get('x')).rejects.toMatchObject({ tag, message: expect.stringMatching(message) });
  });

  it('takes 410, and the AccessDenied of a bucket behind it, for not there', async () => {
    always({ kind: 'status', status: 410 });
    expect(await source().get('x')).toBeUndefined();
    const it = source();
    always({ kind: 'status', status: 403, body: '<Error><Code>AccessDenied</Code></Error>' });
    expect(it.denied()).toBe(false);
    expect(await it.get('x')).toBeUndefined();
    expect(it.denied()).toBe(true);
  });

  it('takes no page for JSON either', async () => {
    always({ kind: 'body', type: 'application/json', body: '<sorry/>' });
    await expect(source().get('info')).rejects.toMatchObject({ tag: 'bad-source' });
    expect(await source().get('x.xml')).toEqual(new TextEncoder().encode('<sorry/>'));
  });

  it('waits as Retry-After says, in seconds or until a date, and gives up where that is too long', async () => {
    serve('x');
    once({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
    expect(await source().get('x')).toEqual(data);
    expect(lines.at(-1)).toMatch(/it answers 429; try 2 in 1000 ms/);
    const now = new Date();
    const later = (seconds: number) => new Date(now.getTime() + seconds * 1000).toUTCString();
    once({ kind: 'status', status: 503, headers: { date: later(0), 'retry-after': later(1) } });
    expect(await source().get('x', { offset: 0, length: 1 })).toEqual(data.slice(0, 1));
    expect(lines.at(-1)).toMatch(/it answers 503; try 2 in 1000 ms/);
    always({ kind: 'status', status: 503, headers: { 'retry-after': '3600' } });
    const seen = server.seen.length;
    await expect(source().get('x')).rejects.toMatchObject({
      tag: 'unreachable',
      message: expect.stringContaining('3600 s'),
    });
    expect(server.seen.length).toBe(seen + 1);
  });

  it('names a server that is gone, and one that has no name', async () => {
    const it = source();
    await server.close();
    await expect(it.get('x')).rejects.toMatchObject({
      tag: 'unreachable',
      message: expect.stringMatching(/refuses connections/),
    });
    const nameless = quickNetwork({
      resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
    });
    const other = openHttpSource({ url: 'https://no.such.host/a/', network: nameless, allowPrivate: false });
    await expect(other.get('x')).rejects.toMatchObject({
      tag: 'unreachable',
      message: expect.stringMatching(/no\.such\.host: its name is not known \(are you offline\?\) \(asked 2 times\)/),
    });
    nameless.close();
  });

  it('stops at once when it is told to', async () => {
    serve('x');
    always({ kind: 'half-open' });
    for (const later of [0, 30]) {
      const stop = new AbortController();
      const reading = source().get('x', undefined, stop.signal);
      setTimeout(() => stop.abort(), later);
      await expect(reading).rejects.toMatchObject({ tag: 'cancelled' });
    }
    await expect(source().get('x', undefined, AbortSignal.abort())).rejects.toMatchObject({ tag: 'cancelled' });
    always({ kind: 'status', status: 429, headers: { 'retry-after': '2' } });
    const stop = new AbortController();
    const reading = source().get('x', undefined, stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(reading).rejects.toMatchObject({ tag: 'cancelled' });
  });

  it('completes while 30 % of all answers fail, with at most half as many requests again', async () => {
    const keys = Array.from({ length: 400 }, (_, i) => `chunk/${i}`);
    for (const key of keys) serve(key, seededBytes(key, 2000));
    const faults: readonly Fault[] = [
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503 },
      { kind: 'reset' },
      { kind: 'cut' },
    ];
    // By key and try, so that the order in which requests come plays no part.
    server.script = ({ path }, before) => {
      const random = seededRandom(Number(path.slice(12)) * 64 + before);
      return random() < 0.3 ? faults[Math.floor(random() * faults.length)] : undefined;
    };
    const it = source();
    const read = await Promise.all(keys.map((key) => it.get(key)));
    expect(read).toEqual(keys.map((key) => seededBytes(key, 2000)));
    expect(server.seen.length).toBeLessThanOrEqual(keys.length * 1.5);
    expect(server.seen.length).toBeGreaterThan(keys.length * 1.2);
  });
});

describe('redirects', () => {
  const redirect = (status: number, to: string): Fault => ({ kind: 'status', status, headers: { location: to } });

  it('are followed, with their range', async () => {
    serve('x');
    server.script = ({ path }) => (path === '/data/moved' ? redirect(302, 'x') : undefined);
    expect(await source().get('moved', { offset: 1, length: 2 })).toEqual(data.slice(1, 3));
  });

  it('that lead in circles are refused', async () => {
    always(redirect(307, '/data/x'));
    await expect(source().get('x')).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('redirects without end'),
    });
    expect(server.seen.length).toBe(6);
  });

  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/x',
    'http://169.254.169.254/latest',
    'http://me:pw@127.0.0.1/',
    'data:,x',
    'http://0x7f000001/',
    'http://127.0.0.1./',
  ])('to %s are refused', async (to) => {
    always(redirect(301, to));
    await expect(source().get('x')).rejects.toMatchObject({ tag: 'forbidden' });
    expect(server.seen.length).toBe(1);
  });
});
