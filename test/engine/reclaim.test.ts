// Buffers that nobody holds any more go when they are told to, and those that are held stay.
import { expect, test } from 'vitest';
import { reclaim } from '../../main/engine/volumes/reclaim.ts';

const megabyte = 2 ** 20;
const filled = (): Uint8Array => new Uint8Array(8 * megabyte).fill(1);

test('buffers that were let go are collected once there are more than may be', async () => {
  const held = [filled(), filled()];
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 12; i++) filled();
  reclaim(Number.MAX_SAFE_INTEGER);
  // The last one may still be on the stack, and buffers are swept on another thread.
  const left = (): number => {
    reclaim(before + 8 * megabyte);
    return process.memoryUsage().arrayBuffers;
  };
  await expect.poll(left, { timeout: 10_000, interval: 20 }).toBeLessThan(before + 9 * megabyte);
  expect(held.every((buffer) => buffer.every((byte) => byte === 1))).toBe(true);
});
