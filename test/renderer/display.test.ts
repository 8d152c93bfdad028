import fc from 'fast-check';
import { expect, test } from 'vitest';
import { autoWindow, formatGrey, formatVoxel, isExact, storedWindow, toGrey } from '../../renderer/state/display.ts';
import { regionInView, sliceBox, voxelBox } from '../../renderer/state/slice-box.ts';
import { thinVolume } from './volume.ts';

test('a window of grey values and the stored values that it means are the same window', () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      number,
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (low, span, at) => {
        const display = { dtype: 'uint16', range: [low, low + span], labels: false } as const;
        const grey = low + at * span;
        const [stored] = storedWindow(display, [grey, grey]);
        expect(Math.abs(toGrey(display, stored) - grey)).toBeLessThan(1e-6 * (Math.abs(low) + span + 1));
      },
    ),
    { seed: 61 },
  );
});

test('voxels that are sent as they are need no mapping', () => {
  const display = { dtype: 'uint8', range: [0, 255], labels: false } as const;
  expect(storedWindow(display, [10, 200])).toEqual([10, 200]);
  expect(isExact({ dtype: 'uint8', display })).toBe(true);
  expect(isExact({ dtype: 'int16', display: { dtype: 'uint16', range: [-100, 900], labels: false } })).toBe(false);
  expect(isExact({ dtype: 'uint16', display: { dtype: 'uint16', range: [0, 65_535], labels: true } })).toBe(false);
});

test('a range without extent divides by nothing', () => {
  const display = { dtype: 'uint8', range: [7, 7], labels: false } as const;
  expect(storedWindow(display, [7, 7]).every(Number.isFinite)).toBe(true);
});

test('a voxel is read as it is, ids of 64 bits with every digit', () => {
  const bytes = (...of: number[]): Uint8Array => Uint8Array.from([9, ...of]).subarray(1);
  expect(formatVoxel('uint64', bytes(255, 255, 255, 255, 255, 255, 255, 255))).toBe('18446744073709551615');
  expect(formatVoxel('uint64', bytes(1, 0, 0, 0, 0, 0, 32, 0))).toBe('9007199254740993');
  expect(formatVoxel('int64', bytes(255, 255, 255, 255, 255, 255, 255, 255))).toBe('-1');
  expect(formatVoxel('int16', bytes(0, 128))).toBe('-32768');
  expect(formatVoxel('uint32', bytes(255, 255, 255, 255))).toBe('4294967295');
  expect(formatVoxel('float32', new Uint8Array(Float32Array.of(0.1).buffer))).toBe('0.1');
  expect(formatVoxel('float64', new Uint8Array(Float64Array.of(Number.NaN).buffer))).toBe('NaN');
});

test('grey values are whole for integers and have telling digits for floats', () => {
  expect([formatGrey('uint16', 1234.4), formatGrey('int8', -3)]).toEqual(['1234', '-3']);
  expect([0, 0.000_012_34, 1.234_56, 12_345_678].map((value) => formatGrey('float32', value))).toEqual([
    '0',
    '1.234e-5',
    '1.235',
    '1.235e+7',
  ]);
});

test('automatic contrast leaves a thousandth out at either end', () => {
  const percentiles = [0.1, 1, 99, 99.9].map((percent) => ({ percent, value: percent * 10 }));
  expect(autoWindow({ counts: [], range: [0, 1000], percentiles })).toEqual([1, 999]);
  expect(autoWindow({ counts: [], range: [0, 0], percentiles: [] })).toBeNull();
});

const volume = thinVolume();
const look = {
  positionNm: [3600, 3200, 200],
  nmPerPx: 8,
  plane: 'xy',
  size: { width: 400, height: 300 },
} as const;
const looks = [look, { ...look, plane: 'xz', size: { width: 400, height: 10 } }] as const;

test('the slice in view is one voxel deep and of the level that is drawn', () => {
  expect(sliceBox(volume, look)).toEqual({ level: 1, box: '300:701,225:526,3:4' });
  expect(sliceBox(volume, { ...look, positionNm: [-1e6, -1e6, 0] }).box).toBe('0:1,0:1,0:1');
});

test('the region in view is what the panes show together, inside the volume', () => {
  expect(regionInView(volume, 0, looks)).toBe('600:1400,450:1050,2:4');
  const afar = looks.map((one) => ({ ...one, nmPerPx: 1e5 }));
  expect(regionInView(volume, 0, afar)).toBe('0:2000,0:1500,0:6');
  expect(regionInView(volume, 0, [])).toBe('0:2000,0:1500,0:6');
});

test('the voxel under a position is of the level asked for, and outside there is none', () => {
  expect(voxelBox(volume, 0, [-399, 201, 81])).toBe('0:1,0:1,0:1');
  expect(voxelBox(volume, 2, [-400 + 17, 200 + 33, 319])).toBe('1:2,2:3,5:6');
  expect(voxelBox(volume, 0, [-401, 201, 81])).toBeNull();
});
