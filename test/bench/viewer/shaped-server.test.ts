// What the viewers are compared over: as slow as said, no faster with more connections, and every byte counted.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ShapedServer } from './shaped-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'lamella-shaped-'));
const large = Uint8Array.from({ length: 1_000_003 }, (_, i) => i * 31);
const server = new ShapedServer(folder, { roundTripMs: 20, bytesPerSecond: 10e6 });
let origin = '';

beforeAll(async () => {
  writeFileSync(join(folder, 'small'), 'hello');
  writeFileSync(join(folder, 'large'), large);
  origin = await server.up();
});

afterAll(async () => {
  await server.down();
  rmSync(folder, { recursive: true, force: true });
});

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const bodyOf = async (path: string, headers: Record<string, string> = {}): Promise<Uint8Array> =>
  new Uint8Array(await (await fetch(`${origin}/${path}`, { headers })).arrayBuffer());

// Lower bounds hold however busy the machine is; a timer may round down by a millisecond.
test('every answer waits for a round trip, and those at the same time wait together', async () => {
  expect(await millisecondsOf(() => bodyOf('small'))).toBeGreaterThanOrEqual(19);
  server.reset();
  await Promise.all([bodyOf('small'), bodyOf('small'), bodyOf('small')]);
  expect(server.mostInFlight).toBe(3);
});

test('all connections share one line of the rate that was said', async () => {
  const alone = await millisecondsOf(() => bodyOf('large'));
  expect(alone).toBeGreaterThanOrEqual(20 + 100 - 6);
  const four = await millisecondsOf(() => Promise.all(Array.from({ length: 4 }, () => bodyOf('large'))));
  expect(four).toBeGreaterThanOrEqual(20 + 400 - 6);
});

test('bytes come as they lie there, whole and in ranges, and are counted', async () => {
  server.reset();
  expect(await bodyOf('large')).toEqual(large);
  expect(await bodyOf('large', { Range: 'bytes=7-19' })).toEqual(large.slice(7, 20));
  expect(await bodyOf('large', { Range: 'bytes=-9' })).toEqual(large.slice(-9));
  expect(await bodyOf('large', { Range: 'bytes=1000000-' })).toEqual(large.slice(1_000_000));
  expect(server.bytesUntil()).toBe(large.byteLength + 13 + 9 + 3);
  expect(server.bytesUntil(0)).toBe(0);
  expect(server.requests).toBe(4);
  expect(server.idle).toBe(true);
});

test('pages of other origins may read; what is not there, or outside, is not found', async () => {
  const answer = await fetch(`${origin}/small`, { headers: { Range: 'bytes=1-3' } });
  expect(answer.status).toBe(206);
  expect(answer.headers.get('content-range')).toBe('bytes 1-3/5');
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect((await fetch(`${origin}/missing`)).status).toBe(404);
  expect((await fetch(`${origin}/..%2f..%2fetc%2fhostname`)).status).toBe(404);
});
