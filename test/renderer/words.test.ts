import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viridis } from '../../renderer/ui/colour-maps.ts';
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatExtent,
  formatLength,
  formatNumber,
  formatPixels,
  plural,
  withoutExtension,
} from '../../renderer/ui/format.ts';
import { fuzzyScore } from '../../renderer/ui/fuzzy.ts';

test('lengths have a fitting unit', () => {
  expect([0.4, 40, 1240, 2e6].map(formatLength)).toEqual(['0.4 nm', '40 nm', '1.24 µm', '2 mm']);
  expect(formatExtent([7360, 7360, 240])).toBe('7.36 × 7.36 × 0.24 µm');
});

test('numbers have three digits that mean something', () => {
  expect([0, 1.23456, 36, 12_400.4, 0.00012, Number.NaN].map(formatNumber)).toEqual([
    '0',
    '1.23',
    '36',
    '12\u2009400',
    '1.2e-4',
    '–',
  ]);
});

test('bytes, pixels, counts and times are in words', () => {
  expect([0, 999, 3.6e9, 1e15].map(formatBytes)).toEqual(['0 B', '999 B', '3.6 GB', '1 PB']);
  expect([0, 0.004, 0.38, 250].map(formatPixels)).toEqual(['0.00 px', '< 0.01 px', '0.38 px', '250 px']);
  expect([plural(1, 'tile'), plural(96, 'tile'), plural(2, 'copy', 'copies')]).toEqual([
    '1 tile',
    '96 tiles',
    '2 copies',
  ]);
  expect([0.2, 40, 720, 3600, 11_400].map(formatDuration)).toEqual([
    'less than 1 s',
    '40 s',
    '12 min',
    '1 h',
    '3 h 10 min',
  ]);
  expect(withoutExtension('s001_r00_c01.png')).toBe('s001_r00_c01');
});

test('times are told from now', () => {
  const now = Date.parse('2026-05-10T12:00:00Z');
  const ago = (seconds: number): string => formatAgo(new Date(now - seconds * 1000).toISOString(), now);
  expect([5, 300, 7200, 100_000].map(ago)).toEqual(['just now', '5 min ago', '2 h ago', 'yesterday']);
});

test('no length of any size is without a number and a unit', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), (nm) =>
      /^[\d.\u2009e+-]+ (nm|µm|mm)$/.test(formatLength(nm)),
    ),
    { seed: 31 },
  );
});

test('a fuzzy search finds letters in order, and prefers starts of words', () => {
  expect(fuzzyScore('xyz', 'Go to Publish')).toBe(0);
  expect(fuzzyScore('gtp', 'Go to Publish')).toBeGreaterThan(fuzzyScore('gtp', 'Gather the paint'));
  expect(fuzzyScore('pub', 'Go to Publish')).toBeGreaterThan(fuzzyScore('pub', 'Pop up bubble'));
  expect(fuzzyScore('', 'anything')).toBeGreaterThan(0);
});

test('a fuzzy search never fits what lacks a letter', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 6 }), fc.string({ maxLength: 20 }), (query, text) => {
      const letters = query.toLowerCase().replaceAll(' ', '');
      const lacks = [...letters].some((letter) => !text.toLowerCase().includes(letter));
      return !lacks || fuzzyScore(query, text) === 0;
    }),
    { seed: 32 },
  );
});

test('viridis goes from dark violet to yellow, and stays inside', () => {
  expect(viridis(0)).toEqual([68, 1, 84]);
  expect(viridis(1)).toEqual([253, 231, 37]);
  expect(viridis(-3)).toEqual(viridis(0));
});
