import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import type { ByteStore } from '../../formats/byte-store.ts';
import { copyVoxels, cropVoxels } from '../../formats/crop.ts';
import { omeZarr } from '../../formats/ome-zarr.ts';
import { chunkExtent, mapAxes } from '../../formats/pyramid.ts';
import type { ChunkCodec, VolumeLevelPlan, VolumePlan } from '../../formats/volume-format.ts';

/** Where the chunks of the volume that is being made go. */
export interface VolumeWriter {
  readonly plan: VolumePlan;
  readonly store: ByteStore;
  readonly codec: ChunkCodec;
}

/** A block of whole chunks that one unit of work makes. Voxels are cut at the far edge of the level. */
export interface Region {
  readonly level: number;
  readonly firstChunk: Vec3;
  readonly chunks: Vec3;
  readonly min: Vec3;
  readonly size: Vec3;
}

/** What a unit left behind: the chunks that were not all 0. Plain JSON, kept in the ledger. */
export interface WrittenRegion {
  readonly chunks: readonly { readonly key: string; readonly bytes: number }[];
}

/** Large enough to bound the overhead of a unit, small enough to bound its memory: 8 Mi voxels, at most 1024 wide. */
const regionSide = 1024;
const regionVoxels = 2 ** 23;

/** A block of voxels of a level; it may reach beyond the level's edges. */
export interface VoxelBox {
  readonly min: Vec3;
  readonly size: Vec3;
}

/** More regions than this are a mistake of the layout, and more units than a job can hold in memory. */
const maxRegions = 500_000;

/**
 * The regions of a level that hold something: those that touch one of the boxes. x fastest, then y, then z, as tiles
 * are laid out. Takes as long as there are regions to give, however large the level: two islands of tiles may lie far
 * apart. 'over-budget' above 500,000 regions.
 */
export function regionsTouching(
  level: VolumeLevelPlan,
  index: number,
  boxes: Iterable<VoxelBox>,
  most = maxRegions,
): readonly Region[] {
  const side = Math.min(regionSide, Math.sqrt(regionVoxels / level.chunkXyz[2]));
  const step = mapAxes((i) => (i === 2 ? 1 : Math.max(1, Math.floor(side / level.chunkXyz[i]))));
  const counts = mapAxes((i) => Math.ceil(level.gridXyz[i] / step[i]));
  const places = new Set<number>();
  for (const { min, size } of boxes) {
    const placeAt = (i: 0 | 1 | 2, voxel: number): number =>
      Math.floor(Math.min(Math.max(voxel, 0), level.sizeXyz[i] - 1) / (level.chunkXyz[i] * step[i]));
    const first = mapAxes((i) => placeAt(i, min[i]));
    const last = mapAxes((i) => placeAt(i, min[i] + size[i] - 1));
    for (let z = first[2]; z <= last[2]; z++) {
      for (let y = first[1]; y <= last[1]; y++) {
        for (let x = first[0]; x <= last[0]; x++) places.add((z * counts[1] + y) * counts[0] + x);
        if (places.size > most) throw tooMany(level, most);
      }
    }
  }
  return [...places]
    .toSorted((a, b) => a - b)
    .map((place) => {
      const row = Math.floor(place / counts[0]);
      const at: Vec3 = [place % counts[0], row % counts[1], Math.floor(row / counts[1])];
      return regionAt(
        level,
        index,
        mapAxes((i) => at[i] * step[i]),
        step,
      );
    });
}

/** Where a region lies in the next coarser level. */
export const inCoarser = ({ min, size }: VoxelBox, stepXyz: Vec3): VoxelBox => {
  const from = mapAxes((i) => Math.floor(min[i] / stepXyz[i]));
  return { min: from, size: mapAxes((i) => Math.ceil((min[i] + size[i]) / stepXyz[i]) - from[i]) };
};

function tooMany({ sizeXyz }: VolumeLevelPlan, most: number): LamellaError {
  return new LamellaError(
    'over-budget',
    `The tiles cover too much of a volume of ${sizeXyz.join(' x ')} voxels: more than ${most} regions to fuse.`,
    {
      hint: 'A tile may be placed far too large: look at the layout on the tile board, or fuse the sections in parts.',
      fields: { width: sizeXyz[0], height: sizeXyz[1], depth: sizeXyz[2] },
    },
  );
}

function regionAt(level: VolumeLevelPlan, index: number, firstChunk: Vec3, step: Vec3): Region {
  const chunks = mapAxes((i) => Math.min(step[i], level.gridXyz[i] - firstChunk[i]));
  const min = mapAxes((i) => firstChunk[i] * level.chunkXyz[i]);
  return {
    level: index,
    firstChunk,
    chunks,
    min,
    size: mapAxes((i) => Math.min(chunks[i] * level.chunkXyz[i], level.sizeXyz[i] - min[i])),
  };
}

/** Cuts a region's voxels into chunks, and writes those that are not all 0. */
export async function writeRegion(
  { plan, store, codec }: VolumeWriter,
  region: Region,
  voxels: Uint8Array,
): Promise<WrittenRegion> {
  const level = plan.levels[region.level];
  if (!level) throw new RangeError(`no level ${region.level}`);
  const width = bytesPerVoxel[plan.dtype];
  const written = await Promise.all(
    chunksIn(region).map(async (xyz) => {
      const { min, size } = chunkExtent(level, xyz);
      const chunk = new Uint8Array(size[0] * size[1] * size[2] * width);
      copyVoxels(
        { bytes: voxels, size: region.size, at: mapAxes((i) => min[i] - region.min[i]) },
        { bytes: chunk, size, at: [0, 0, 0] },
        size,
        width,
      );
      if (isAllZero(chunk)) return null;
      const bytes = await omeZarr.encodeChunk(plan, region.level, xyz, chunk, codec);
      const key = omeZarr.chunkKey(plan, region.level, xyz);
      await store.put(key, bytes);
      return { key, bytes: bytes.byteLength };
    }),
  );
  return { chunks: written.filter((chunk) => chunk !== null) };
}

function chunksIn({ firstChunk, chunks }: Region): readonly Vec3[] {
  const all: Vec3[] = [];
  for (let z = 0; z < chunks[2]; z++) {
    for (let y = 0; y < chunks[1]; y++) {
      for (let x = 0; x < chunks[0]; x++) all.push([firstChunk[0] + x, firstChunk[1] + y, firstChunk[2] + z]);
    }
  }
  return all;
}

/** Any box of a level that is already written, 0 where there is no chunk. */
export async function readBox(
  { plan, store, codec }: VolumeWriter,
  levelIndex: number,
  min: Vec3,
  size: Vec3,
): Promise<Uint8Array> {
  const level = plan.levels[levelIndex];
  if (!level) throw new RangeError(`no level ${levelIndex}`);
  const width = bytesPerVoxel[plan.dtype];
  const box = new Uint8Array(size[0] * size[1] * size[2] * width);
  const first = mapAxes((i) => Math.floor(min[i] / level.chunkXyz[i]));
  const chunks = mapAxes((i) => Math.ceil((min[i] + size[i]) / level.chunkXyz[i]) - first[i]);
  await Promise.all(
    chunksIn({ level: levelIndex, firstChunk: first, chunks, min, size }).map(async (xyz) => {
      const voxels = await readChunk({ plan, store, codec }, levelIndex, level, xyz);
      if (!voxels) return;
      const extent = chunkExtent(level, xyz);
      const from = mapAxes((i) => Math.max(min[i], extent.min[i]));
      const to = mapAxes((i) => Math.min(min[i] + size[i], extent.min[i] + extent.size[i]));
      copyVoxels(
        { bytes: voxels, size: extent.size, at: mapAxes((i) => from[i] - extent.min[i]) },
        { bytes: box, size, at: mapAxes((i) => from[i] - min[i]) },
        mapAxes((i) => to[i] - from[i]),
        width,
      );
    }),
  );
  return box;
}

/** Voxels of a chunk, cut at the far edge; null where it was all 0 and not written. */
export async function readChunk(
  { plan, store, codec }: VolumeWriter,
  levelIndex: number,
  level: VolumeLevelPlan,
  xyz: Vec3,
): Promise<Uint8Array | null> {
  const stored = await store.get(omeZarr.chunkKey(plan, levelIndex, xyz));
  if (!stored) return null;
  const width = bytesPerVoxel[plan.dtype];
  const full = await codec.decode(stored, level.chunkXyz[0] * level.chunkXyz[1] * level.chunkXyz[2] * width, true);
  return cropVoxels(full, level.chunkXyz, chunkExtent(level, xyz).size, width);
}

function isAllZero(bytes: Uint8Array): boolean {
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 3);
  return words.every((word) => word === 0n) && bytes.subarray(words.byteLength).every((byte) => byte === 0);
}
