// What the window says of a view: the voxel of the layer itself, what a 3-D pane shows, what helps.
import { expect, test } from 'vitest';
import { freshDocument, type Layer, type ViewDocument } from '../../preload/contract/view-state.ts';
import { imageLayer, mosaicLayer, segmentationLayer, shapeLayer } from '../../renderer/state/layers.ts';
import { orbitWords } from '../../renderer/state/orbit-words.ts';
import type { ViewState } from '../../renderer/state/view.ts';
import { centreOfVoxelNm } from '../../renderer/state/volume-geometry.ts';
import { whatHelps } from '../../renderer/state/what-helps.ts';
import { isVoxelThere, voxelInView, voxelStepNm, worldOfVoxel } from '../../renderer/state/voxel-in-view.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume();
const viewOf = (layers: readonly Layer[], change: Partial<ViewDocument> = {}): ViewState => ({
  ...freshDocument,
  layers,
  selectedLayer: layers[0]?.id ?? null,
  volumes: [volume],
  shapes: [],
  paneSizes: {},
  cursor: null,
  stats: null,
  graphicsRun: 0,
  ...change,
});
const image = imageLayer(volume, 0, 'image');

test('the voxel is that of the layer where it is placed, and the same voxel leads back to the place', () => {
  const at = centreOfVoxelNm(volume, [10, 20, 3]);
  expect(voxelInView(viewOf([image]), at)).toEqual([10, 20, 3]);
  // Turned by a quarter about z, twice as large, and moved.
  const placed = viewOf([{ ...image, worldFromLayer: [0, -2, 0, 1000, 2, 0, 0, -500, 0, 0, 2, 80] }]);
  const there = worldOfVoxel(placed, [10, 20, 3]);
  expect(there).toEqual([-2 * at[1] + 1000, 2 * at[0] - 500, 2 * at[2] + 80]);
  expect(voxelInView(placed, there ?? [0, 0, 0])).toEqual([10, 20, 3]);
  expect(voxelInView(placed, at)).not.toEqual([10, 20, 3]);
  expect([1, 0, 0].map((_, a) => voxelStepNm(placed, [+(a === 0), +(a === 1), +(a === 2)]))).toEqual([8, 8, 80]);
});

test('a voxel beyond the last, and one before the first, are not there', () => {
  const view = viewOf([image]);
  expect([[0, 0, 0] as const, [1999, 1499, 5] as const].map((voxel) => isVoxelThere(view, voxel))).toEqual([
    true,
    true,
  ]);
  expect([[-1, 0, 0] as const, [0, 0, 6] as const].map((voxel) => isVoxelThere(view, voxel))).toEqual([false, false]);
  expect(isVoxelThere(viewOf([]), [0, 0, 0])).toBe(false);
});

test('a layer without an extent, and a view without a volume, have no voxel', () => {
  const flat = viewOf([{ ...image, worldFromLayer: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] }]);
  for (const view of [flat, viewOf([])]) {
    expect(voxelInView(view, [0, 0, 0])).toBeNull();
    expect(voxelStepNm(view, [1, 0, 0])).toBeNull();
  }
  expect(worldOfVoxel(viewOf([]), [0, 0, 0])).toBeNull();
});

test('a 3-D pane says what it shows, that of the selected layer first', () => {
  const labels = segmentationLayer(volume, 'labels');
  const set = { id: 'shape-1', name: 'm', format: 'obj', source: { kind: 'local', text: 'm.obj' }, unitNm: 1 } as const;
  const more = { ...set, count: 1, boundsNm: null, createdAt: '' };
  const mesh = shapeLayer({ ...more, kind: 'mesh' }, []);
  const off: Layer = { ...image, volumeMode: 'off' };
  expect(orbitWords(viewOf([off], { slicesIn3d: true }))).toBe('slices');
  expect(orbitWords(viewOf([off]))).toBe('outlines alone');
  expect(orbitWords(viewOf([mesh]))).toBe('meshes');
  expect(orbitWords(viewOf([image, labels, mesh], { slicesIn3d: true }))).toBe('maximum, meshes, labels, slices');
  expect(orbitWords(viewOf([image, { ...labels, visible: false }]))).toBe('maximum');
  expect(orbitWords(viewOf([mesh], { slicesIn3d: true }))).toBe('meshes');
  const tiles = mosaicLayer(volume, { dataset: 'dataset-0a1b2c3d4e5f', stack: null }, 0, 'tiles');
  expect(orbitWords(viewOf([tiles], { slicesIn3d: true }))).toBe('slices');
});

test('of a volume an audit helps, of tiles their file and their verdict', () => {
  expect(whatHelps(volume.id)).toContain('auditing the volume');
  for (const tiles of ['stagetiles-0a1b2c3d4e5f', 'stacktiles-0a1b2c3d4e5f']) {
    expect(whatHelps(tiles)).not.toContain('audit');
    expect(whatHelps(tiles)).toMatch(/Put its file back .* reject the tile/);
  }
});
