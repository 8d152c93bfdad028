// Pyramids whose levels are out of order, or lie of their size: each voxel is drawn where it lies, or its level is named.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json } from '../formats/ome-image.ts';
import { array, axesOf, group, image, scale, translation } from '../formats/ome-image.ts';
import { tempEngine } from './temp-engine.ts';

const put = (folder: string, key: string, value: unknown): void => {
  mkdirSync(join(folder, key, '..'), { recursive: true });
  writeFileSync(join(folder, key), value instanceof Uint8Array ? value : JSON.stringify(value));
};

/** Levels of (z, y, x) shapes; all voxels of level i are i + 1. */
function writeLevels(folder: string, levels: readonly (readonly [readonly number[], readonly Json[]])[]): string {
  const places = levels.map(([, place]) => place);
  put(folder, 'zarr.json', group({ ome: { version: '0.5', multiscales: [image(axesOf('zyx'), places)] } }));
  levels.forEach(([shape], i) => {
    put(folder, `${i}/zarr.json`, array(shape));
    put(folder, `${i}/c/0/0/0`, new Uint8Array(shape.reduce((n, side) => n * side, 1)).fill(i + 1));
  });
  return folder;
}

const halfVoxel = (nm: number): Json => translation(nm / 2, nm / 2, nm / 2);
const at = (nm: number): readonly Json[] => [scale(nm, nm, nm), halfVoxel(nm)];
const cube = (n: number): readonly number[] => [n, n, n];

async function opened(levels: Parameters<typeof writeLevels>[1]) {
  const engine = tempEngine();
  const source = writeLevels(join(engine.folder, 'odd.zarr'), levels);
  const { value } = await engine.client.volume.describe({ source });
  const firstVoxel = async (level: number): Promise<number | undefined> =>
    (await engine.client.volume.cutout({ source, level, box: '0:1,0:1,0:1' })).bytes?.[0];
  const voxels = await Promise.all(value.levels.map((_, level) => firstVoxel(level)));
  return { ...value, voxels, engine, source };
}

test('levels listed from coarse to fine are read from fine to coarse, and it is said', async () => {
  const found = await opened([
    [cube(4), at(16)],
    [cube(16), at(4)],
    [cube(8), at(8)],
  ]);
  expect(found.levels.map(({ key, size, step }) => [key, size[0], step[0]])).toEqual([
    ['1', 16, 1],
    ['2', 8, 2],
    ['0', 4, 2],
  ]);
  expect(found.voxels).toEqual([2, 3, 1]);
  expect(found.warnings.join()).toContain('not listed from fine to coarse');
  const { volume } = await found.engine.result<{ volume: string }>(
    found.engine.client.volume.add({ library: found.engine.library, source: found.source }),
  );
  const { value } = await found.engine.client.view.volume({ library: found.engine.library, volume });
  expect(value.levels.map(({ size }) => size[0])).toEqual([16, 8, 4]);
});

test.each([
  ['all levels say the voxels of the first', [cube(16), at(4)], [cube(8), at(4)], '"1"', '0 to 32 nm'],
  ['a level is not as much smaller as it says', [cube(16), at(4)], [cube(8), at(16)], '"1"', '0 to 128 nm'],
  ['a level lies elsewhere', [cube(16), at(4)], [cube(8), [scale(8, 8, 8), translation(60, 4, 4)]], '"1"', 'along z'],
  ['the sizes of two levels are swapped', [cube(16), at(8)], [cube(8), at(4)], '"1"', '0 to 32 nm'],
  [
    'a level is finer along z alone',
    [cube(16), at(4)],
    [
      [32, 8, 8],
      [scale(2, 8, 8), translation(1, 4, 4)],
    ],
    '"1"',
    'finer',
  ],
] as const)('%s: it is left out by name', async (_, first, second, name, words) => {
  const found = await opened([first, second]);
  expect(found.levels.map(({ key }) => key)).toEqual(['0']);
  expect(found.voxels).toEqual([1]);
  expect(found.warnings.join()).toMatch(new RegExp(`Level ${name} is left out: .*${words}`));
});

test('levels of sizes that are no multiples, rounded either way, are all kept', async () => {
  const found = await opened([
    [[7, 101, 33], at(4)],
    [[4, 51, 16], at(8)],
    [[3, 33, 11], at(12)],
    [[1, 9, 3], at(44)],
  ]);
  expect(found.levels).toHaveLength(4);
  expect(found.warnings.join()).not.toContain('evel');
});

test('scales of precomputed lie where they say, whatever part they cover, and are sorted', async () => {
  const engine = tempEngine();
  const source = join(engine.folder, 'scales');
  const scaleOf = (key: string, nm: number, size: number, offset: number) => ({
    ...{ key, size: cube(size), resolution: cube(nm), voxel_offset: cube(offset) },
    ...{ chunk_sizes: [cube(64)], encoding: 'raw' },
  });
  const scales = [scaleOf('coarse', 16, 8, 0), scaleOf('fine', 4, 8, 12)];
  put(source, 'info', { type: 'image', data_type: 'uint8', num_channels: 1, scales });
  const { value } = await engine.client.volume.describe({ source });
  expect(value.levels.map(({ key, originNm }) => [key, originNm[0]])).toEqual([
    ['fine', 48],
    ['coarse', 0],
  ]);
  expect(value.warnings.join()).toMatch(/Level "coarse": .*where it says/);
});
