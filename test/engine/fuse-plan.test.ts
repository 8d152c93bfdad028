import { expect, test } from 'vitest';
import { planFuse } from '../../main/engine/journeys/stitch/fuse-plan.ts';
import type { DrawnTile } from '../../main/engine/stacks/drawn-tile.ts';
import { blocksTouching } from '../../main/engine/journeys/stitch/fuse-regions.ts';
import { blockBox } from '../../main/engine/volumes/write-blocks.ts';
import { omeZarrWriter } from '../../main/engine/formats/ome-writer.ts';
import { voxelsIn } from '../../main/engine/formats/pyramid.ts';
import type { VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { nativeCodec } from './sample-volume.ts';
import type { StoredTile } from '../../main/engine/store/tiles.ts';
import type { Affine, Dtype, Vec3 } from '../../preload/contract/space.ts';

function placed(
  section: number,
  x: number,
  y: number,
  dtype: Dtype = 'uint8',
  intensity: readonly [number, number] | null = null,
) {
  const stackFromTile: Affine = [1, 0, 0, 1, x, y];
  const tile: StoredTile = {
    id: 1,
    section,
    stageFromTile: stackFromTile,
    name: 't',
    fileName: 't.png',
    path: '/t.png',
    mipmapLevel: 0,
    widthPx: 100,
    heightPx: 60,
    dtype,
    sha256: 's',
    pixelSha256: 'p',
    bytes: 1,
    metrics: null,
    verdict: 'ok',
    reasons: [],
    review: 'unreviewed',
    hasSpec: false,
  };
  const image = { path: tile.path, scale: 1, sizePx: [100, 60] as const };
  const drawn: DrawnTile = { image, stackFromTile, map: null, mask: null, correction: null, intensity };
  return { tile, drawn: [drawn] as const };
}

const plan = (tiles: ReturnType<typeof placed>[], voxelSizeNm: Vec3 = [4, 4, 40]) =>
  planFuse({ name: 'v', voxelSizeNm, channels: [''], tiles });

test('holds every voxel with a tile over its centre, and no border of others', () => {
  const { volume, originVoxel, tilesAt } = plan([placed(3, -0.6, 10.25), placed(4, 900.75, 200)]);
  const { sizeXyz } = volume.levels[0] ?? { sizeXyz: [0, 0, 0] };
  expect(originVoxel[0]).toBeLessThanOrEqual(-1);
  expect(originVoxel[1]).toBeLessThanOrEqual(10);
  expect(originVoxel[2]).toBe(3);
  expect(originVoxel[0] + sizeXyz[0]).toBe(1001);
  expect(originVoxel[1] + sizeXyz[1]).toBe(260);
  expect(sizeXyz[2]).toBe(2);
  expect([...tilesAt.keys()]).toEqual([0, 1]);
  expect(volume.levels[0]?.originNm).toEqual([originVoxel[0] * 4, originVoxel[1] * 4, 120]);
  const nearly = plan([placed(0, -0.004, 0.003), placed(0, 60.002, 0)]);
  expect(nearly.originVoxel).toEqual([0, 0, 0]);
  expect(nearly.volume.levels[0]?.sizeXyz).toEqual([160, 60, 1]);
});

test('leaves a gap where a section is missing, and says so', () => {
  const { volume, tilesAt, notes } = plan([placed(10, 0, 0), placed(12, 0, 0)]);
  expect(volume.levels[0]?.sizeXyz[2]).toBe(3);
  expect([...tilesAt.keys()]).toEqual([0, 2]);
  expect(notes[0]).toContain('1 section is missing between 10 and 12');
});

test('stacks sections in order where their numbers are not whole, or far apart', () => {
  for (const sections of [
    [1.5, 2.25, 9],
    [1, 2, 5000],
  ]) {
    const { tilesAt, notes } = plan(sections.map((s) => placed(s, 0, 0)));
    expect([...tilesAt.keys()]).toEqual([0, 1, 2]);
    expect(notes).toHaveLength(1);
  }
});

test('takes 16 bits where any tile has them, and brings the 8-bit ones to that scale', () => {
  const { volume, tilesAt } = plan([placed(0, 0, 0, 'uint16'), placed(0, 50, 0, 'uint8')]);
  expect(volume.dtype).toBe('uint16');
  expect(tilesAt.get(0)?.map((t) => t.drawn[0]?.intensity)).toEqual([
    [0, 65_535],
    [0, 255],
  ]);
});

test('intensity ranges count only where they differ', () => {
  const same = plan([placed(0, 0, 0, 'uint16', [819, 2993]), placed(0, 50, 0, 'uint16', [819, 2993])]);
  expect(same.tilesAt.get(0)?.map((t) => t.drawn[0]?.intensity)).toEqual([null, null]);
  const mixed = plan([placed(0, 0, 0, 'uint16', [819, 2993]), placed(0, 50, 0, 'uint16', [100, 900])]);
  expect(mixed.tilesAt.get(0)?.map((t) => t.drawn[0]?.intensity)).toEqual([
    [819, 2993],
    [100, 900],
  ]);
});

test('refuses a layout that would be larger than any volume', () => {
  expect(() => plan([placed(0, 0, 0), placed(0, 1e9, 0)])).toThrow(expect.objectContaining({ tag: 'over-budget' }));
});

const writerOf = (volume: VolumePlan, blockBytes = 2 ** 23) =>
  omeZarrWriter(volume, { sharded: false, chunkXyz: volume.levels[0]?.chunkXyz, blockBytes }, nativeCodec());

test.each<[string, Vec3, number]>([
  ['flat', [4, 4, 40], 6],
  ['cubic', [8, 8, 8], 90],
  ['single', [4, 4, 40], 1],
])('blocks of a %s volume cover each voxel once', (_name, voxel, depth) => {
  const { volume } = plan([placed(0, 0, 0), placed(depth - 1, 2500, 1300)], voxel);
  const writer = writerOf(volume, 2 ** 20);
  const { sizeXyz } = volume.levels[0] ?? { sizeXyz: [0, 0, 0] as Vec3 };
  const blocks = blocksTouching(writer, [{ min: [0, 0, 0], size: sizeXyz }]).map((at) => blockBox(writer, at));
  expect(new Set(blocks.map(({ min }) => min.join())).size).toBe(blocks.length);
  expect(blocks.reduce((sum, { size }) => sum + voxelsIn(size), 0)).toBe(voxelsIn(sizeXyz));
  for (const { min, size } of blocks) {
    expect(voxelsIn(size)).toBeLessThanOrEqual(2 ** 20);
    expect(min.every((m, i) => m + (size[i] ?? 0) <= (sizeXyz[i] ?? 0))).toBe(true);
  }
});

const farApart = (): VolumePlan => plan([placed(0, 0, 0), placed(0, 9_000_000, 9_000_000)]).volume;

test('tiles far apart cost what they cover, not what lies between them', () => {
  const blocks = blocksTouching(writerOf(farApart()), [
    { min: [0, 0, 0], size: [100, 60, 1] },
    { min: [9_000_000, 9_000_000, 0], size: [100, 60, 1] },
  ]);
  expect(blocks.length).toBeLessThanOrEqual(4);
  expect(blocks.length).toBeGreaterThan(0);
});

test('a tile placed far too large is refused before the work is listed', () => {
  const volume = farApart();
  const all = [{ min: [0, 0, 0] as Vec3, size: volume.levels[0]?.sizeXyz ?? [0, 0, 0] }];
  expect(() => blocksTouching(writerOf(volume), all)).toThrow(expect.objectContaining({ tag: 'over-budget' }));
});
