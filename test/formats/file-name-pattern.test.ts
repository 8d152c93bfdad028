import { expect, test } from 'vitest';
import { guessFileNamePatterns } from '../../main/engine/formats/file-name-guess.ts';
import { parseFileNamePattern } from '../../main/engine/formats/file-name-pattern.ts';

test.each([
  ['s{z}_r{row}_c{col}.png', 's003_r01_c12.png', { section: 3, row: 1, col: 12 }],
  ['s{z}_r{row}_c{col}.png', 'deep/folder/s3_r1_c2.png', { section: 3, row: 1, col: 2 }],
  ['s{section}/r{r}-c{c}.tif', 's7/r1-c2.tif', { section: 7, row: 1, col: 2 }],
  ['*_Y{yy}_X{xx}.tif', 'any_Y04_X10.tif', { section: 0, row: 4, col: 10 }],
  ['*{row}*{col}.png', 'a12b3.png', { section: 0, row: 12, col: 3 }],
  ['strip_{x}.tif', 'strip_7.tif', { section: 0, row: 0, col: 7 }],
  ['{yy}{xx}.tif', '0410.tif', { section: 0, row: 4, col: 10 }],
  ['a+b({row}).{column}.jpg', 'a+b(1).2.jpg', { section: 0, row: 1, col: 2 }],
  ['s{z}\\r{row}_c{col}.png', 's1/r2_c3.png', { section: 1, row: 2, col: 3 }],
])('%s places %s', (pattern, path, place) => {
  expect(parseFileNamePattern(pattern).place(path)).toEqual(place);
});

test.each([
  ['s{z}_r{row}_c{col}.png', 's1_r1.png'],
  ['r{row}_c{col}.png', 'r1_c1.pngx'],
  ['{yy}_{xx}.png', '1_1.png'],
  ['r{row}_c{col}_r{row}.png', 'r1_c1_r2.png'],
])('%s does not place %s', (pattern, path) => {
  expect(parseFileNamePattern(pattern).place(path)).toBeNull();
});

test.each([
  ['overlap=10%', { value: 0.1, unit: 'fraction' }, { value: 0.1, unit: 'fraction' }, false],
  ['overlap=0.15', { value: 0.15, unit: 'fraction' }, { value: 0.15, unit: 'fraction' }, false],
  ['overlap = 51px', { value: 51, unit: 'px' }, { value: 51, unit: 'px' }, false],
  ['overlapX=20%;overlapY=64px', { value: 0.2, unit: 'fraction' }, { value: 64, unit: 'px' }, false],
  ['', { value: 0.1, unit: 'fraction' }, { value: 0.1, unit: 'fraction' }, true],
])('reads the option %j', (options, x, y, assumed) => {
  const { overlap, overlapAssumed } = parseFileNamePattern(`r{row}_c{col}.png;${options}`);
  expect(overlap).toEqual([x, y]);
  expect(overlapAssumed).toBe(assumed);
});

test.each([
  ['tile.png', 'neither {row} nor {col}'],
  ['s{z}.png', 'neither {row} nor {col}'],
  ['r{row}_c{col}_{colour}.png', '{colour}'],
  ['{row}{col}.png', 'touch'],
  ['{row}_{col}_{constructor}.png', '{constructor}'],
  ['r{row}_c{col}.png;overlap=lots', 'overlap "lots"'],
  ['r{row}_c{col}.png;overlap=10', 'overlap "10"'],
  ['r{row}_c{col}.png;overlap=150%', 'overlap "150%"'],
  ['r{row}_c{col}.png;snake=yes', 'option "snake=yes"'],
  ['*a*b*c*r{row}_c{col}', 'wildcards'],
])('refuses %s, naming the fault', (pattern, why) => {
  expect(() => parseFileNamePattern(pattern)).toThrow(why);
});

test('guesses the pattern of a folder from the numbers that vary', () => {
  const paths = [0, 1, 2].flatMap((z) => [1, 2].flatMap((r) => [5, 6].map((c) => `run1/s00${z}_r${r}_c${c}.png`)));
  expect(guessFileNamePatterns([...paths, 'run1/overview.png'])[0]).toEqual({
    template: 's{z}_r{row}_c{col}.png',
    tiles: 12,
    sections: 3,
  });
  expect(guessFileNamePatterns(['img_X0_Y1.tif', 'img_X1_Y0.tif'])[0]?.template).toBe('img_X{col}_Y{row}.tif');
  expect(guessFileNamePatterns(['tile_00_01.tif', 'tile_01_00.tif'])[0]?.template).toBe('tile_{row}_{col}.tif');
  expect(guessFileNamePatterns(['a.tif', 'b.tif'])).toEqual([]);
});

const grid = (name: (a: number, b: number, c: number) => string): string[] =>
  [0, 1, 2].flatMap((c) => [0, 1].flatMap((a) => [0, 1].map((b) => name(a, b, c))));

test.each<[string, readonly string[], string | undefined]>([
  ['column, row', grid((a, b) => `Column${a}_Row${b}.tif`), 'Column{col}_Row{row}.tif'],
  ['section words', grid((a, b, c) => `slice${c}-x${a}-y${b}.tif`), 'slice{z}-x{col}-y{row}.tif'],
  ['sec', grid((a, b, c) => `wafer1_sec${c}_${a}_${b}.tif`), 'wafer1_sec{z}_{row}_{col}.tif'],
  ['a camera of its own each', ['c1_r1_cam2.tif', 'c1_r2_cam0.tif', 'c2_r1_cam1.tif'], 'c{col}_r{row}_cam*.tif'],
  ['a running number', ['0001_r0_c0.png', '0002_r0_c1.png', '0003_r1_c0.png'], '*_r{row}_c{col}.png'],
  ['sections without a name', grid((a, b, c) => `${c}_r${a}_c${b}.png`), '{z}_r{row}_c{col}.png'],
  ['channels', grid((a, b, c) => `r${a}_c${b}_ch${c}.png`), 'r{row}_c{col}_ch0.png'],
  ['mipmap levels of a strip', grid((a, _b, c) => `col${a}_row7.tif_level_${c}.tif`), 'col{col}_row7.tif_level_0.tif'],
  ['a row and an unnamed column', grid((a, b) => `row${a}_tile${b}.png`), 'row{row}_tile{col}.png'],
  ['words that only end like an axis', grid((a, b) => `max${a}_very${b}.tif`), 'max{row}_very{col}.tif'],
  ['a date and a running number', [1, 2, 3, 4].map((n) => `scan_2018010${n}_${n}.tif`), undefined],
  ['one number', [1, 2, 3].map((n) => `img_${n}.tif`), undefined],
])('guesses %s', (_what, paths, template) => {
  expect(guessFileNamePatterns(paths)[0]?.template).toBe(template);
});
