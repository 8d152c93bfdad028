// Volumes that no microscope makes, by the real way from files to bricks: drawn, or refused by the name of file and field.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BrickAddress } from '../../preload/contract/brick.ts';
import { unpackBricks } from '../../preload/contract/brick.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const plainScale = {
  ...{ key: 'k', size: [8, 8, 8], resolution: [8, 8, 8], voxel_offset: [0, 0, 0] },
  ...{ chunk_sizes: [[64, 64, 64]], encoding: 'raw' },
};

interface Odd {
  readonly scale?: object;
  readonly info?: object;
  readonly coarser?: readonly object[];
  /** Chunks by their names. */
  readonly chunks?: Readonly<Record<string, Uint8Array>>;
}

function writeOdd(at: string, { scale = {}, info = {}, coarser = [], chunks = {} }: Odd): string {
  mkdirSync(join(at, 'k'), { recursive: true });
  const scales = [{ ...plainScale, ...scale }, ...coarser.map((one) => ({ ...plainScale, ...one }))];
  writeFileSync(
    join(at, 'info'),
    JSON.stringify({ type: 'image', data_type: 'uint8', num_channels: 1, scales, ...info }),
  );
  for (const [name, bytes] of Object.entries(chunks)) writeFileSync(join(at, 'k', name), bytes);
  return at;
}

async function add({ client, library, result, folder }: TempEngine, odd: Odd) {
  const source = writeOdd(join(folder, 'odd'), odd);
  const { volume } = await result<{ volume: string }>(client.volume.add({ library, source, pyramid: 'none' }));
  return (await client.view.volume({ library, volume })).value;
}

async function brickOf({ client, library }: TempEngine, volume: string, address: BrickAddress, channel = 0) {
  const bricks: ReturnType<typeof unpackBricks>[number][] = [];
  const onValue = (_value: unknown, bytes?: Uint8Array): void =>
    void bricks.push(...unpackBricks(bytes ?? new Uint8Array()));
  const { signal } = new AbortController();
  await client.view.bricks({ library, volume, channel, bricks: [address] }, { signal, onValue });
  return bricks[0];
}

const ones = (count: number): Uint8Array => new Uint8Array(count).fill(1);

describe('a volume is drawn', () => {
  const drawn: readonly (readonly [name: string, odd: Odd, last: BrickAddress, size: readonly number[]])[] = [
    [
      'that is one voxel wide and 100,000 deep',
      { scale: { size: [1, 1, 100_000] }, chunks: { '0-1_0-1_99968-100000': ones(32) } },
      [0, 0, 0, 1562],
      [1, 1, 32],
    ],
    [
      'that is a line of 100,000 voxels',
      { scale: { size: [100_000, 1, 1] }, chunks: { '99968-100000_0-1_0-1': ones(32) } },
      [0, 1562, 0, 0],
      [32, 1, 1],
    ],
    [
      'that is one section of 60,000 x 60,000',
      { scale: { size: [60_000, 60_000, 1] }, chunks: { '59968-60000_59968-60000_0-1': ones(32 * 32) } },
      [0, 937, 937, 0],
      [32, 32, 1],
    ],
    [
      'that lies two thousand million voxels away',
      {
        scale: { voxel_offset: [2 ** 31 - 1, 2 ** 31 - 1, 0] },
        chunks: { '2147483647-2147483655_2147483647-2147483655_0-8': ones(512) },
      },
      [0, 0, 0, 0],
      [8, 8, 8],
    ],
    [
      'whose levels do not lie in each other',
      {
        coarser: [{ size: [3, 5, 8], resolution: [20, 13, 8], voxel_offset: [7, 0, 0] }],
        chunks: { '7-10_0-5_0-8': ones(120) },
      },
      [1, 0, 0, 0],
      [3, 5, 8],
    ],
  ];
  test.each(drawn)('%s', async (_name, odd, last, size) => {
    const at = tempEngine();
    const { id } = await add(at, odd);
    const brick = await brickOf(at, id, last);
    expect(brick?.size).toEqual(size);
    expect(brick?.voxels.every((value) => value === 1)).toBe(true);
  });

  test('with 64 channels, each its own', async () => {
    const at = tempEngine();
    const voxels = Uint8Array.from({ length: 512 * 64 }, (_, i) => 1 + Math.floor(i / 512));
    const { id, channels } = await add(at, { info: { num_channels: 64 }, chunks: { '0-8_0-8_0-8': voxels } });
    expect(channels.length).toBe(64);
    for (const channel of [0, 31, 63])
      expect((await brickOf(at, id, [0, 0, 0, 0], channel))?.voxels.every((value) => value === channel + 1)).toBe(true);
  });

  const values: readonly (readonly [name: string, voxels: Float32Array])[] = [
    ['of nothing but NaN', new Float32Array(512).fill(Number.NaN)],
    ['of nothing but infinity', new Float32Array(512).fill(Infinity)],
    ['of one value all over', new Float32Array(512).fill(7.5)],
  ];
  test.each(values)('%s, in a window that has a width', async (_name, voxels) => {
    const at = tempEngine();
    const chunks = { '0-8_0-8_0-8': new Uint8Array(voxels.buffer) };
    const { id, window } = await add(at, { info: { data_type: 'float32' }, chunks });
    expect(window.every(Number.isFinite)).toBe(true);
    expect(window[1]).toBeGreaterThan(window[0]);
    expect(await brickOf(at, id, [0, 0, 0, 0])).toMatchObject({ size: [8, 8, 8] });
  });
});

const refused: readonly (readonly [name: string, odd: Odd, field: string])[] = [
  ['an axis without voxels', { scale: { size: [8, 0, 8] } }, 'scales.0.size.1'],
  ['an axis of less than none', { scale: { size: [8, -3, 8] } }, 'scales.0.size.1'],
  ['voxels without extent', { scale: { resolution: [8, 0, 8] } }, 'scales.0.resolution.1'],
  ['voxels of negative extent', { scale: { resolution: [8, -8, 8] } }, 'scales.0.resolution.1'],
  ['voxels whose extent is no number', { scale: { resolution: [8, Number.NaN, 8] } }, 'scales.0.resolution.1'],
  ['a place beyond what is counted', { scale: { voxel_offset: [1e15, 0, 0] } }, 'scales.0.voxel_offset.0'],
  ['chunks without voxels', { scale: { chunk_sizes: [[0, 64, 64]] } }, 'scales.0.chunk_sizes.0.0'],
];
test.each(refused)('%s is refused by the name of file and field', async (_name, odd, field) => {
  const at = tempEngine();
  await expect(add(at, odd)).rejects.toMatchObject({
    ...{ tag: 'bad-source', message: expect.stringMatching(new RegExp(`"info" .*${field.replaceAll('.', '\\.')}`)) },
  });
});
