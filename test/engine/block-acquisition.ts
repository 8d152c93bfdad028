// A light-sheet acquisition with a truth: blocks of a seeded texture of three dimensions, each at a place of its own to a
// part of a voxel, as folders of TIFF slices in the two levels that TeraStitcher wants, or one folder a channel.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Vec3 } from '../../preload/contract/space.ts';
import { encodeTiff } from '../kernels/tiff.ts';
import { seeded } from './kill-harness.ts';

export interface BlockAcquisition {
  readonly rows: number;
  readonly columns: number;
  readonly sizeXyz: Vec3;
  /** Voxels that neighbours share, by the stage. */
  readonly overlap: number;
  /** The stage misses by up to so many voxels along each axis. */
  readonly errorVox: number;
  readonly noise?: number;
  readonly channels?: readonly string[];
  readonly seed: number;
  /** Rows and columns ("1/2") that show nothing but noise. */
  readonly blank?: readonly string[];
  /** Where the texture lies in the pictures: -1 mirrors the stage's x. */
  readonly mirrorX?: boolean;
}

export interface TrueBlock {
  readonly name: string;
  readonly row: number;
  readonly column: number;
  /** By the stage, voxels. */
  readonly stage: Vec3;
  /** Where it truly lies. */
  readonly truth: Vec3;
}

/** 500 nm along x and y, 1000 along z: a voxel is 5 and 10 of the tenths of a micrometre in names. */
export const voxelSizeNm: Vec3 = [500, 500, 1000];

/** Writes the blocks into `folder` and says where each truly lies. */
export function acquireBlocks(folder: string, acquisition: BlockAcquisition): readonly TrueBlock[] {
  const { rows, columns, sizeXyz, overlap, errorVox, seed, channels = [''] } = acquisition;
  const random = seeded(seed);
  const error = (): number => (2 * random() - 1) * errorVox;
  const step = [sizeXyz[0] - overlap, sizeXyz[1] - overlap] as const;
  const made: TrueBlock[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place: Vec3 = [column * step[0], row * step[1], 0];
      const at = acquisition.mirrorX ? columns - 1 - column : column;
      const truth: Vec3 = [at * step[0] + error(), place[1] + error(), error()];
      const [v, h] = [row * step[1] * 5, column * step[0] * 5].map((n) => String(n).padStart(6, '0'));
      const name = `${v}/${v}_${h}`;
      made.push({ name, row, column, stage: place, truth });
      const isBlank = acquisition.blank?.includes(`${row}/${column}`) ?? false;
      for (const [c, channel] of channels.entries())
        writeBlock(join(folder, name, channel), truth, {
          ...acquisition,
          isBlank,
          channel: c,
          seed: made.length * 10 + c,
        });
    }
  }
  return made;
}

interface Written extends BlockAcquisition {
  readonly isBlank: boolean;
  readonly channel: number;
}

function writeBlock(folder: string, truth: Vec3, { sizeXyz, noise = 6, isBlank, channel, seed }: Written): void {
  mkdirSync(folder, { recursive: true });
  const [width, height, depth] = sizeXyz;
  const level = isBlank ? new Float32Array(width * height * depth) : textureAt(truth, sizeXyz, channel);
  const random = seeded(seed);
  const pixels = new Uint16Array(width * height);
  for (let z = 0; z < depth; z++) {
    for (let i = 0; i < pixels.length; i++) {
      const grain = (random() + random() + random() - 1.5) * 2 * noise;
      pixels[i] = Math.max(0, Math.round(400 + (level[z * width * height + i] ?? 0) + grain));
    }
    const tiff = encodeTiff({ width, height, pixels, rowsPerStrip: height, deflated: false });
    writeFileSync(join(folder, `${String(z).padStart(4, '0')}.tif`), tiff);
  }
}

const cell = 9;

/** Soft blobs, two to a cell of the grid, each told by its cell alone; other channels show others of the same places. */
export function textureAt(corner: Vec3, sizeXyz: Vec3, channel = 0): Float32Array {
  const level = new Float32Array(sizeXyz[0] * sizeXyz[1] * sizeXyz[2]);
  const range = (k: 0 | 1 | 2): readonly number[] => {
    const from = Math.floor((corner[k] - cell) / cell);
    const to = Math.floor((corner[k] + sizeXyz[k] + cell) / cell);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  };
  for (const cz of range(2))
    for (const cy of range(1))
      for (const cx of range(0)) {
        const random = seeded(Math.imul(cx, 73856093) ^ Math.imul(cy, 19349663) ^ Math.imul(cz, 83492791));
        for (let i = 0; i < 2; i++) {
          const at: Vec3 = [(cx + random()) * cell, (cy + random()) * cell, (cz + random()) * cell];
          const [sigma, height] = [1.2 + 1.2 * random(), 60 + 300 * random()];
          const shown = channel === 0 ? height : height * ((i + cx + channel) % 3 === 0 ? 2 : 0.1);
          addBlob(level, sizeXyz, [at[0] - corner[0], at[1] - corner[1], at[2] - corner[2]], sigma, shown);
        }
      }
  return level;
}

/** Of a blob whose centre lies at `at`, in voxels from the centre of voxel 0. */
function addBlob(level: Float32Array, sizeXyz: Vec3, at: Vec3, sigma: number, height: number): void {
  const bells = ([0, 1, 2] as const).map((k) => {
    const from = Math.max(0, Math.ceil(at[k] - 4 * sigma));
    const to = Math.min(sizeXyz[k], Math.floor(at[k] + 4 * sigma) + 1);
    const values = Array.from({ length: Math.max(0, to - from) }, (_, i) =>
      Math.exp(-((from + i - at[k]) ** 2) / (2 * sigma * sigma)),
    );
    return { from, values };
  });
  const [bx, by, bz] = bells;
  if (!bx || !by || !bz) return;
  for (const [k, wz] of bz.values.entries())
    for (const [j, wy] of by.values.entries()) {
      const row = ((bz.from + k) * sizeXyz[1] + by.from + j) * sizeXyz[0] + bx.from;
      for (const [i, wx] of bx.values.entries()) level[row + i] = (level[row + i] ?? 0) + height * wx * wy * wz;
    }
}

/** Of places from the truth along each axis, voxels, their common shift aside. */
export function placeErrors(
  places: readonly Vec3[],
  truth: readonly Vec3[],
): { readonly most: number; readonly percentile98: number } {
  const off = places.map((place, i) => place.map((p, k) => p - (truth[i]?.[k] ?? Number.NaN)));
  const mean = [0, 1, 2].map((k) => off.reduce((sum, o) => sum + (o[k] ?? 0), 0) / off.length);
  const axes = off.flatMap((o) => o.map((v, k) => Math.abs(v - (mean[k] ?? 0)))).toSorted((a, b) => a - b);
  return { most: axes.at(-1) ?? Number.NaN, percentile98: axes[Math.ceil(axes.length * 0.98) - 1] ?? Number.NaN };
}
