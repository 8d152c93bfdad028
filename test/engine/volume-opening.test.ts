// Volumes on servers open from what the library keeps of them, while the server is asked whether that still holds.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import type { BrickAddress } from '../../preload/contract/brick.ts';
import { unpackBricks } from '../../preload/contract/brick.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import { faultServer, type FaultServer } from '../sources/fault-server.ts';
import { resultOf } from './follow-job.ts';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempFolder } from './temp-library.ts';

const network = {
  timeouts: { connect: 1000, firstByte: 1000, idle: 1000, quiet: 50 },
  backoff: { tries: 3, baseMs: 1, capMs: 5, patienceMs: 300 },
};

function openEngine() {
  const engine = createEngine({ threads: 1, network });
  onTestFinished(() => engine.close());
  return engine;
}

interface Looked {
  /** Of the voxels. */
  sum: number | undefined;
  away: WireError | undefined;
  error: WireError | undefined;
}

/** A volume of a library, as it is a day later: with nothing cached, in another process. */
async function addedBefore(server: FaultServer) {
  const library = join(tempFolder(), 'library');
  const first = openEngine();
  const source = `${server.origin}/a`;
  const adding = first.client().volume.add({ library, source, pyramid: 'none', allowPrivate: true });
  const { volume } = await resultOf<{ volume: string }>(first.client(), library, adding);
  await first.close();
  for (const end of ['', '-wal', '-shm']) rmSync(join(library, `cache.db${end}`), { force: true });
  const client = openEngine().client();
  const bricks: BrickAddress[] = [[0, 0, 0, 0]];
  const look = async (): Promise<Looked> => {
    const seen: Looked = { sum: undefined, away: undefined, error: undefined };
    const onValue = (value: { readonly away?: WireError | undefined }, bytes?: Uint8Array): void => {
      seen.away ??= value.away;
      for (const { voxels } of bytes && bytes.byteLength > 0 ? unpackBricks(bytes) : [])
        seen.sum = voxels.reduce((sum, value) => sum + value, 0);
    };
    await client.view
      .bricks({ library, volume, bricks }, { onValue, signal: new AbortController().signal })
      .catch((error: unknown) => (seen.error = toWireError(error)));
    return seen;
  };
  server.seen.length = 0;
  return { look };
}

async function served(): Promise<FaultServer> {
  const server = await faultServer();
  onTestFinished(() => server.close());
  for (const [name, bytes] of filesOfVolume()) server.files.set(`/a/${name}`, { bytes, version: `1${name}` });
  return server;
}

function filesOfVolume(): ReadonlyMap<string, Uint8Array> {
  const folder = join(tempFolder(), 'volume');
  mkdirSync(folder, { recursive: true });
  writeSynthetic(folder, [64, 64, 64]);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return new Map(names.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name))]));
}

const isInfo = (path: string): boolean => path.endsWith('/info');
const theChunk = (server: FaultServer): string => [...server.files.keys()].find((key) => key.includes('0-64_')) ?? '';

test('voxels are asked for before the metadata has come', async () => {
  const server = await served();
  const { look } = await addedBefore(server);
  const { sum, away, error } = await look();
  expect([away, error]).toEqual([undefined, undefined]);
  expect(sum).toBeGreaterThan(0);
  expect(server.seen.filter(({ path }) => isInfo(path))).toHaveLength(1);
  expect(server.seen.filter(({ path }) => !isInfo(path))).toHaveLength(1);
});

test('voxels are given out once the metadata has come, and not before', async () => {
  const server = await served();
  const { look } = await addedBefore(server);
  server.script = ({ path }) => (isInfo(path) ? { kind: 'stall' } : undefined);
  const stalled = await look();
  expect(server.seen.some(({ path }) => !isInfo(path))).toBe(true);
  expect(stalled).toMatchObject({ sum: undefined, away: { tag: 'unreachable' } });
  server.script = () => undefined;
  await expect.poll(async () => (await look()).sum, { timeout: 10_000 }).toBeGreaterThan(0);
});

test('a volume that was written anew meanwhile is read as it is now', async () => {
  const server = await served();
  const { look } = await addedBefore(server);
  const info = JSON.parse(Buffer.from(server.files.get('/a/info')?.bytes ?? []).toString()) as object;
  server.files.set('/a/info', { bytes: Buffer.from(JSON.stringify({ ...info, written: 'anew' })), version: '2' });
  const chunk = theChunk(server);
  const voxels = server.files.get(chunk)?.bytes ?? new Uint8Array();
  server.files.set(chunk, { bytes: new Uint8Array(voxels.length).fill(3), version: '2c' });
  const { sum, away, error } = await look();
  expect([away, error]).toEqual([undefined, undefined]);
  expect(sum).toBe(3 * voxels.length);
});

test('a volume that is another now is refused by name', async () => {
  const server = await served();
  const { look } = await addedBefore(server);
  const info = Buffer.from(server.files.get('/a/info')?.bytes ?? []).toString();
  server.files.set('/a/info', { bytes: Buffer.from(info.replaceAll('uint8', 'uint16')), version: '2' });
  const { sum, away, error } = await look();
  expect(sum).toBeUndefined();
  expect(JSON.stringify([away, error])).toContain('uint16');
});

test('a server that is gone is said to be gone', async () => {
  const server = await served();
  const { look } = await addedBefore(server);
  server.script = () => ({ kind: 'reset' });
  const { sum, away } = await look();
  expect(sum).toBeUndefined();
  expect(away).toMatchObject({ tag: 'unreachable' });
});

test('a dataset that was taken away is said to be gone', async () => {
  const server = await served();
  const { look } = await addedBefore(server);
  server.files.clear();
  const { sum, away, error } = await look();
  expect(sum).toBeUndefined();
  expect(away ?? error).toMatchObject({ tag: expect.stringMatching(/unreachable|bad-source/) });
});
