import { expect, test } from 'vitest';
import type { Vec3 } from '../../preload/contract/space.ts';
import { formatPlace, parseLength, parsePlace, unitFor, writeLength } from '../../renderer/state/place-text.ts';
import { centreOfVoxelNm } from '../../renderer/state/volume-geometry.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume();
const ofVoxel = (voxel: Vec3): Vec3 => centreOfVoxelNm(volume, voxel);
const at = (text: string): readonly number[] => {
  const place = parsePlace(text, ofVoxel);
  if ('problem' in place) throw new Error(place.problem);
  return place.positionNm.map((nm) => Number(nm.toFixed(6)));
};

test.each([
  ['12400 860 60', [12_400, 860, 60]],
  ['12400, 860, 60 nm', [12_400, 860, 60]],
  ['1.2 3.4 -5 µm', [1200, 3400, -5000]],
  ['1.2um 3.4um 5um', [1200, 3400, 5000]],
  ['x 0.5 y 1 z .25 mm', [5e5, 1e6, 2.5e5]],
  ['(1e3; 2e3; 3e3)', [1000, 2000, 3000]],
  ['x 12\u2009400  y 860  z 60 nm', [12_400, 860, 60]],
  ['[1, 2, 3]', [1, 2, 3]],
  ['1 2 3 Microns', [1000, 2000, 3000]],
])('%s is a place', (text, expected) => expect(at(text)).toEqual(expected));

test('a voxel is its middle', () => {
  expect(at('10 20 3 voxels')).toEqual(centreOfVoxelNm(volume, [10, 20, 3]));
  expect(at('10.9 20.1 3 vx')).toEqual(at('10 20 3 voxels'));
});

test.each([
  ['', '0 numbers'],
  ['1 2', '2 numbers'],
  ['1 2 3 4', '4 numbers'],
  ['1 nm 2 mm 3 mm', 'One unit'],
  ['1 2 3 furlongs', 'furlongs'],
])('%j is refused, and it says why', (text, why) => {
  expect(parsePlace(text, ofVoxel)).toEqual({ problem: expect.stringContaining(why) });
});

test('voxels need a volume', () => {
  expect(parsePlace('1 2 3 voxels', () => null)).toEqual({ problem: expect.stringContaining('none is shown') });
});

test('what is written can be read again', () => {
  expect(at(formatPlace([12_400, 860, 60], 'nm', 4))).toEqual([12_400, 860, 60]);
  expect(at(formatPlace([1_234_500, 860_000, -60_000], 'µm', 100))).toEqual([1_234_500, 860_000, -60_000]);
});

test('coordinates have the unit that keeps them short, and no more digits than a pixel is wide', () => {
  expect([5e4, 5e7, 5e9].map(unitFor)).toEqual(['nm', 'µm', 'mm']);
  expect(formatPlace([1_234_567, 0, 5000], 'µm', 500)).toBe('x 1\u2009234.6  y 0.0  z 5.0 µm');
  expect(formatPlace([-0.2, 3.7, 5], 'nm', 4)).toBe('x 0  y 4  z 5 nm');
});

test.each([
  ['2500', 'nm', 2500],
  ['2.5', 'µm', 2500],
  ['2.5 mm', 'nm', 2.5e6],
  ['1e3nm', 'mm', 1000],
  ['12\u2009400', 'nm', 12_400],
  ['-0.5 um', 'nm', -500],
  ['', 'nm', null],
  ['3 voxels', 'nm', null],
  ['1 2', 'nm', null],
  ['far', 'µm', null],
] as const)('the length %j, where %s is shown, is %s nm', (text, unit, nm) => {
  expect(parseLength(text, unit)).toBe(nm);
});

test('a length is written as exactly as a pixel is, and read back within it', () => {
  expect(writeLength(12_345_678.9, 'mm', 10)).toBe('12.34568');
  expect(writeLength(12_345_678.9, 'nm', 10)).toBe('12345679');
  for (const unit of ['nm', 'µm', 'mm'] as const)
    expect(Math.abs((parseLength(writeLength(9_876_543.21, unit, 8), unit) ?? 0) - 9_876_543.21)).toBeLessThan(8);
});
