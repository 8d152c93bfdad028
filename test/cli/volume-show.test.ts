import { expect, test } from 'vitest';
import { shownResult } from '../../main/cli-show.ts';

test('a description reads as facts and a table of levels', () => {
  const level = { key: '0', step: [1, 1, 1], originNm: [0, 0, 0] };
  const text = shownResult('volume.describe', {
    name: 'brain',
    source: '/data/brain.zarr',
    format: 'ome-zarr',
    formatLabel: 'OME-Zarr',
    storage: 'zstd',
    kind: 'image',
    dtype: 'uint16',
    axes: [
      { name: 'c', size: 2, unit: '' },
      { name: 'z', size: 30, unit: 'nm' },
    ],
    channels: [
      { name: 'GFP', color: null, window: null },
      { name: '', color: null, window: null },
    ],
    times: 1,
    secondsPerTime: null,
    levels: [
      { ...level, size: [2000, 1000, 30], chunk: [64, 64, 30], chunks: 512, voxelSizeNm: [8, 8, 40] },
      { ...level, size: [1000, 500, 30], chunk: [64, 64, 30], chunks: 128, voxelSizeNm: [16, 16, 40.123456789] },
    ],
    transforms: [{ space: 'atlas', kind: 'affine', matrix: null }],
    voxelBytes: 300_000_000,
    storedBytes: 1000,
    warnings: ['It does not say its unit.'],
  });
  expect(text).toBe(`brain
  source    /data/brain.zarr
  format    OME-Zarr, zstd
  kind      image of uint16
  axes      c 2, z 30
  size      286 MiB of voxels, 1000 bytes stored
  channels  GFP, 1
  lies in   atlas (affine)
  note      It does not say its unit.

level  voxels            chunk         chunks  voxel nm           origin nm
0      2000 x 1000 x 30  64 x 64 x 30  512     8 x 8 x 40         0, 0, 0
1      1000 x 500 x 30   64 x 64 x 30  128     16 x 16 x 40.1235  0, 0, 0`);
});

test('an audit reads as a table, what is wrong, and a verdict', () => {
  const level = { level: 0, chunks: 4, looked: 4, stored: 3, missing: 1, damaged: 1, bytes: 2048 };
  const problems = [{ key: '0/1', message: 'it is empty' }];
  expect(shownResult('volume.audit', { levels: [level], problems, ok: false })).toBe(
    `level  chunks  looked at  stored  missing  damaged  bytes
0      4       4          3       1        1        2.00 KiB

0/1: it is empty

Some chunks are damaged.`,
  );
  expect(shownResult('volume.cache', {})).toBeNull();
});
