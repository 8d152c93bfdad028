import { describe, expect, it } from 'vitest';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { gridOf, map3 } from '../../renderer/state/volume-geometry.ts';
import type { Resident } from '../../renderer/scene/stage/volume/page-table.ts';
import { buildPageTable, emptyFlag, infoInts, levelOrder } from '../../renderer/scene/stage/volume/page-table.ts';
import { seededRandom } from '../formats/mutate.ts';
import { thinVolume } from './volume.ts';

/** Levels that halve all axes or x and y only, some shifted by half a voxel as programs do that take every other voxel. */
function randomVolume(random: () => number): Volume {
  const halved: Vec3 = [1, 1, Math.round(random())];
  const shifted = random() < 0.3;
  const size = map3(() => 40 + Math.floor(random() * 400));
  const brick: Vec3 = [16, 32, 16];
  const levels = Array.from({ length: 2 + Math.floor(random() * 3) }, (_, level) => {
    const by = map3((a) => 2 ** (level * halved[a]));
    return {
      size: map3((a) => Math.ceil(size[a] / by[a])),
      brick,
      voxelSizeNm: map3((a) => [4, 5, 30][a]! * by[a]),
      originNm: map3((a) => (shifted ? (-[4, 5, 30][a]! * (by[a] - 1)) / 2 : 100)),
    };
  });
  return thinVolume({ levels });
}

const randomResidents = (volume: Volume, random: () => number, share: number): readonly Resident[] =>
  volume.levels.flatMap((level, index) => {
    const [nx, ny, nz] = gridOf(level);
    return Array.from({ length: nx * ny * nz }, (_, i): Resident => {
      const at: Vec3 = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / nx / ny)];
      return { level: index, at, slot: random() < 0.1 ? null : [i, index, 7] };
    }).filter(() => random() < share);
  });

/** The brick that covers the middle of a cell, by looking at all of them. */
function expectedAt(
  volume: Volume,
  target: number,
  cell: Vec3,
  order: readonly number[],
  residents: readonly Resident[],
) {
  const t = volume.levels[target]!;
  const middle = map3((a) => t.originNm[a] + (cell[a] + 0.5) * t.brick[a] * t.voxelSizeNm[a]);
  for (const level of order.toReversed()) {
    const found = volume.levels[level]!;
    const grid = gridOf(found);
    const at = map3((a) =>
      Math.max(
        0,
        Math.min(
          grid[a] - 1,
          Math.floor((middle[a] - found.originNm[a]) / found.voxelSizeNm[a] / found.brick[a] + 1e-9),
        ),
      ),
    );
    const resident = residents.find((one) => one.level === level && one.at.every((v, a) => v === at[a]));
    if (resident) return resident;
  }
  return undefined;
}

describe('the page table', () => {
  it('gives every cell the finest brick that is here, as looking at all of them does', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 60; round++) {
      const volume = randomVolume(random);
      const target = Math.floor(random() * volume.levels.length);
      const grid = gridOf(volume.levels[target]!);
      const from = map3((a) => Math.floor(random() * grid[a]));
      const to = map3((a) => from[a] + Math.floor(random() * (grid[a] - from[a])));
      const order = levelOrder(volume.levels.length, target, target + Math.floor(random() * 3));
      const residents = randomResidents(volume, random, random());
      const table = buildPageTable({ volume, target, from, to, order, residents });
      for (let z = from[2]; z <= to[2]; z++)
        for (let y = from[1]; y <= to[1]; y++)
          for (let x = from[0]; x <= to[0]; x++) {
            const number = table.index[x - from[0] + table.cells[0] * (y - from[1] + table.cells[1] * (z - from[2]))]!;
            const expected = expectedAt(volume, target, [x, y, z], order, residents);
            expect(table.residents[number - 1]).toBe(expected);
            if (!expected) expect(number).toBe(0);
            else expect(Boolean(table.info[number * infoInts + 3]! & emptyFlag)).toBe(expected.slot === null);
          }
    }
  });

  it('says where voxels of each level lie from the first cell on', () => {
    const volume = randomVolume(seededRandom(3));
    const table = buildPageTable({ volume, target: 0, from: [1, 0, 1], to: [1, 0, 1], order: [0], residents: [] });
    const t = volume.levels[0]!;
    for (const { level, scale, offset, base } of table.levels) {
      const found = volume.levels[level]!;
      const nm = map3((a) => t.originNm[a] + ([1, 0, 1][a]! * t.brick[a] + 5.5) * t.voxelSizeNm[a]);
      const expected = map3((a) => (nm[a] - found.originNm[a]) / found.voxelSizeNm[a] - base[a]);
      for (const a of [0, 1, 2] as const) expect(5.5 * scale[a] + offset[a]).toBeCloseTo(expected[a], 9);
    }
  });

  it('wants the wished level first, then finer ones, then coarser ones', () => {
    expect(levelOrder(5, 1)).toEqual([4, 3, 2, 1]);
    expect(levelOrder(5, 1, 3)).toEqual([4, 1, 2, 3]);
    expect(levelOrder(2, 1, 9)).toEqual([1]);
  });
});
