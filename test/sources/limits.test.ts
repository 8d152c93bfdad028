import { describe, expect, it } from 'vitest';
import { Limiter } from '../../main/engine/sources/limiter.ts';
import { openNetwork } from '../../main/engine/sources/network.ts';
import { openHttpSource } from '../../main/engine/sources/http.ts';
import { jitterMs, retryAfterMs, usualBackoff } from '../../main/engine/sources/retry.ts';
import { SingleFlight } from '../../main/engine/sources/single-flight.ts';
import { splitPlace } from '../../main/engine/sources/split-place.ts';
import { parseAddress, type PathAddress } from '../../main/engine/sources/address.ts';
import { seededRandom } from '../formats/mutate.ts';
import { faultServer } from './fault-server.ts';

describe('a limiter', () => {
  it('lets as many run as it may, in the order of their coming', async () => {
    const limiter = new Limiter(3);
    const order: number[] = [];
    const ends: Array<() => void> = [];
    let [running, most] = [0, 0];
    const work = (i: number) => async (): Promise<void> => {
      order.push(i);
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running--;
    };
    const all = Array.from({ length: 10 }, (_, i) => limiter.run(undefined, work(i)));
    while (order.length < 10) {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const end of ends) end();
    await Promise.all(all);
    expect(most).toBe(3);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('halves, and grows again by successes', () => {
    const limiter = new Limiter(16);
    for (const limit of [8, 4, 2, 1, 1]) {
      limiter.slower();
      expect(limiter.limit).toBe(limit);
    }
    for (let i = 0; i < 16 * 17; i++) limiter.succeeded();
    expect(limiter.limit).toBe(16);
  });

  it('forgets who leaves while waiting, and frees the place of who fails', async () => {
    const limiter = new Limiter(1);
    let end = (): void => undefined;
    const first = limiter.run(undefined, () => new Promise<void>((resolve) => (end = resolve)));
    const stop = new AbortController();
    const left = limiter.run(stop.signal, () => Promise.resolve());
    const failing = limiter.run(undefined, () => Promise.reject(new Error('no')));
    const last = limiter.run(undefined, () => Promise.resolve(7));
    stop.abort();
    await expect(left).rejects.toMatchObject({ tag: 'cancelled' });
    end();
    await first;
    await expect(failing).rejects.toThrow('no');
    expect(await last).toBe(7);
    expect(limiter.idle).toBe(true);
  });
});

describe('a server that says "too much"', () => {
  it('gets fewer requests at once', async () => {
    const server = await faultServer();
    server.files.set('/x', { bytes: Uint8Array.of(1) });
    server.script = (_request, before) =>
      before < 30 ? { kind: 'status', status: 429 } : { kind: 'loris', everyMs: 5 };
    const network = openNetwork({ backoff: { tries: 60, baseMs: 1, capMs: 1, random: seededRandom(1) } });
    const source = openHttpSource({ url: `${server.origin}/`, network, allowPrivate: true });
    let [open, most] = [0, 0];
    server.other = undefined;
    const script = server.script;
    server.script = (request, before) => {
      if (before >= 30) most = Math.max(most, ++open);
      if (before >= 30) setTimeout(() => open--, 4);
      return script(request, before);
    };
    await Promise.all(Array.from({ length: 40 }, () => source.get('x')));
    expect(most).toBeLessThan(16);
    network.close();
    await server.close();
  });
});

describe('patience', () => {
  it('doubles what it may wait up to a cap, and waits anywhere below', () => {
    const random = seededRandom(2);
    for (let failures = 0; failures < 12; failures++) {
      const most = Math.min(usualBackoff.capMs, usualBackoff.baseMs * 2 ** failures);
      const waits = Array.from({ length: 200 }, () => jitterMs({ ...usualBackoff, random }, failures));
      expect(Math.max(...waits)).toBeLessThan(most);
      expect(Math.max(...waits)).toBeGreaterThan(most * 0.9);
      expect(Math.min(...waits)).toBeLessThan(most * 0.1);
    }
  });

  const now = new Date('2026-03-01T12:00:00Z');
  it.each([
    ['7', {}, 7000],
    ['0', {}, 0],
    ['Sun, 01 Mar 2026 12:00:30 GMT', {}, 30_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', {}, 0],
    ['Sun, 01 Mar 2026 15:00:30 GMT', { date: 'Sun, 01 Mar 2026 15:00:00 GMT' }, 30_000],
    ['soon', {}, undefined],
    ['-5', {}, undefined],
    ['1e9', {}, undefined],
  ])('reads Retry-After: %s', (value, more, ms) => {
    expect(retryAfterMs({ 'retry-after': value, ...more }, now)).toBe(ms);
  });
  it('asks for no pause where none is asked for', () => expect(retryAfterMs({}, now)).toBeUndefined());
});

describe('a single flight', () => {
  it('leaves nothing behind, whether it ends well or not', async () => {
    const flights = new SingleFlight();
    let runs = 0;
    const work = (): Promise<number> => Promise.resolve(++runs);
    expect(await Promise.all([flights.run('a', undefined, work), flights.run('a', undefined, work)])).toEqual([1, 1]);
    expect(await flights.run('a', undefined, work)).toBe(2);
    const failing = (): Promise<number> => Promise.reject(new Error('no'));
    await expect(flights.run('a', undefined, failing)).rejects.toThrow('no');
    expect(await flights.run('a', new AbortController().signal, work)).toBe(3);
  });
});

describe('a place on a server', () => {
  const split = (text: string) => {
    const { folder, key } = splitPlace(parseAddress(text) as Exclude<ReturnType<typeof parseAddress>, PathAddress>);
    return folder.kind === 'http' ? [folder.url, key] : [`${folder.bucket}/${folder.key}`, key];
  };
  it.each([
    ['https://h/a/b.zarr', 'https://h/a/b.zarr/', ''],
    ['https://h/a/b.zarr/', 'https://h/a/b.zarr/', ''],
    ['https://h/a/b%20c.nii.gz?sig=1', 'https://h/a/?sig=1', 'b c.nii.gz'],
    ['https://h/a.tif/', 'https://h/a.tif/', ''],
    ['https://h', 'https://h/', ''],
    ['https://h/a%zz.nii', 'https://h/', 'a%zz.nii'],
    ['nifti://https://h/a/scan', 'https://h/a/', 'scan'],
    ['zarr://https://h/a/x.zip', 'https://h/a/x.zip/', ''],
    ['https://h/a/x|zip:y', 'https://h/a/', 'x'],
    ['https://h/a/x/|zarr:', 'https://h/a/x/', ''],
    ['s3://bucket', 'bucket/', ''],
    ['s3://bucket/', 'bucket/', ''],
    ['s3://bucket/a/b', 'bucket/a/b/', ''],
    ['s3://bucket/b.nrrd', 'bucket/', 'b.nrrd'],
    ['gs://bucket/a b/c%20d.h5', 'bucket/a b/', 'c%20d.h5'],
  ])('%s', (text, folder, key) => expect(split(text)).toEqual([folder, key]));
});
