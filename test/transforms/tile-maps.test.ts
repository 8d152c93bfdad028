// Maps of tiles, against numpy's numbers (fixtures/make_tile_transforms.py), and there and back again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDoubles, encodeDoubles, numbersOf } from '../../main/engine/transforms/tile/data-string.ts';
import { formatAffineField, readAffineField } from '../../main/engine/transforms/tile/affine-field.ts';
import { formatLens, polynomialOfLens, readLens } from '../../main/engine/transforms/tile/lens.ts';
import { formatPlate, readPlate } from '../../main/engine/transforms/tile/plate.ts';
import { formatPolynomial, readPolynomial } from '../../main/engine/transforms/tile/polynomial.ts';
import { formatScanDistortion, readScanDistortion } from '../../main/engine/transforms/tile/scan-distortion.ts';
import { type TileMap, tileMapOf, tileMapOfAffine } from '../../main/engine/transforms/tile/tile-map.ts';
import type { TransformSpec } from '../../preload/contract/transform.ts';

interface Fixture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly count: number;
  readonly shared: Readonly<Record<string, TransformSpec>>;
  readonly cases: ReadonlyArray<{ readonly name: string; readonly spec: TransformSpec; readonly led: string }>;
}

const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/tile-transforms.json'), 'utf8')) as Fixture;
const { widthPx, heightPx, count, cases } = fixture;
const shared = new Map(Object.entries(fixture.shared));
const sizePx = [widthPx, heightPx] as const;
const steps = [0.7548776662466927, 0.5698402909980532] as const;
const points = Float64Array.from(
  { length: 2 * count },
  (_, k) => ((0.5 + (k >> 1) * steps[k % 2 === 0 ? 0 : 1]) % 1) * sizePx[k % 2 === 0 ? 0 : 1],
);

const largest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, v, k) => Math.max(most, Math.abs(v - b[k]!)), 0);

const readMap = (spec: TransformSpec): TileMap => {
  const { map, problems } = tileMapOf([spec], shared, sizePx);
  expect(problems).toEqual([]);
  return map;
};

test('the fixture has more than ten thousand points over all classes', () => {
  expect(cases.length * count).toBeGreaterThan(10_000);
});

describe.each(cases.map((c) => [c.name, c] as const))('%s', (name, { spec, led }) => {
  // The nearest cell of a field jumps: gaps and double places between cells, and no slopes there.
  const isSmooth = name !== 'affine field, nearest';
  const map = readMap(spec);
  const truth = decodeDoubles(led, 2 * count)!;

  test('leads where numpy says', () => {
    const out = new Float64Array(2 * count);
    map.forward(points, out);
    expect(largest(out, truth)).toBeLessThan(1e-9);
  });

  test.runIf(isSmooth)('leads back', () => {
    const out = new Float64Array(2 * count);
    map.inverse(truth, out);
    expect(largest(out, points)).toBeLessThan(1e-6);
  });

  test.runIf(isSmooth)('knows its slopes', () => {
    const slopes = new Float64Array(4 * count);
    map.slopes(points, slopes);
    const [step, errors] = [1e-3, [0, 0, 0, 0]];
    for (const axis of [0, 1] as const) {
      const [before, after] = [
        points.map((v, k) => (k % 2 === axis ? v - step : v)),
        points.map((v, k) => (k % 2 === axis ? v + step : v)),
      ];
      map.forward(before, before);
      map.forward(after, after);
      for (let i = 0; i < count; i++)
        for (const row of [0, 1] as const) {
          const measured = (after[2 * i + row]! - before[2 * i + row]!) / (2 * step);
          const at = 2 * row + axis;
          errors[at] = Math.max(errors[at]!, Math.abs(measured - slopes[4 * i + at]!));
        }
    }
    expect(Math.max(...errors)).toBeLessThan(1e-5);
  });
});

test('is one affine map exactly where all of the chain is affine', () => {
  const chain = cases.filter(({ name }) => ['affine', 'translation', 'rigid', 'similarity'].includes(name));
  const { map } = tileMapOf(
    chain.map(({ spec }) => spec),
    shared,
  );
  expect(map.affine).not.toBeNull();
  const [whole, parts] = [points.slice(), points.slice()];
  map.forward(whole, whole);
  for (const { spec } of chain) readMap(spec).forward(parts, parts);
  expect(largest(whole, parts)).toBeLessThan(1e-9);
});

test('affine maps lead back to within 1e-6 px', () => {
  const side = fc.double({ min: -3, max: 3, noNaN: true });
  const shift = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(side, side, side, side, shift, shift, (a, b, c, d, e, f) => {
      fc.pre(Math.abs(a * d - b * c) > 1e-2);
      const map = tileMapOfAffine([a, b, c, d, e, f]);
      const out = new Float64Array(points.length);
      map.forward(points, out);
      map.inverse(out, out);
      expect(largest(out, points)).toBeLessThan(1e-6);
    }),
    { numRuns: 50, seed: 7 },
  );
});

test('chains of lens, plate, field and affine maps lead back to within 0.01 px', () => {
  let checked = 0;
  const leaf = fc.constantFrom(...cases.filter(({ name }) => !name.includes('nearest')).map(({ spec }) => spec));
  fc.assert(
    fc.property(fc.array(leaf, { minLength: 1, maxLength: 4 }), (chain) => {
      const { map } = tileMapOf(chain, shared, sizePx);
      const out = new Float64Array(points.length);
      map.forward(points, out);
      fc.pre(out.every((v) => Math.abs(v) < 2e5) && map.foldedShare() === 0);
      const slopes = new Float64Array(2 * points.length);
      map.slopes(points, slopes);
      const back = new Float64Array(points.length);
      map.inverse(out, back);
      // Chained as they come, some stretch far from the tile until they fold there: such points say so.
      for (let k = 0; k < back.length; k += 2) {
        const det = slopes[2 * k]! * slopes[2 * k + 3]! - slopes[2 * k + 1]! * slopes[2 * k + 2]!;
        if (!(det > 0.1 && det < 10 && Number.isFinite(back[k]))) continue;
        checked++;
        expect(Math.hypot(back[k]! - points[k]!, back[k + 1]! - points[k + 1]!)).toBeLessThan(0.01);
      }
    }),
    { numRuns: 60, seed: 11 },
  );
  expect(checked).toBeGreaterThan(0.9 * 60 * count);
});

describe('folds', () => {
  // x' = x - x² / 2000: rises until x = 1000, then comes back.
  const folded: TransformSpec = {
    type: 'leaf',
    className: 'mpicbg.trakem2.transform.PolynomialTransform2D',
    dataString: '0 1 0 -0.0005 0 0 0 0 1 0 0 0',
  };

  test('are measured', () => {
    const { map } = tileMapOf([folded], new Map(), [1500, 1000]);
    expect(map.foldedShare()).toBeCloseTo(1 / 3, 1);
    expect(tileMapOf([folded], new Map(), [800, 1000]).map.foldedShare()).toBe(0);
  });

  test('give no place where two places of the tile lead, and one where one does', () => {
    const { map } = tileMapOf([folded], new Map(), [1500, 1000]);
    const wanted = Float64Array.of(480, 300, 200, 300, 600, 300);
    const out = new Float64Array(6);
    map.inverse(wanted, out);
    // 480: from 800 and 1200. 200: from 225 alone (1775 lies outside). 600: from nowhere.
    expect(Number.isNaN(out[0])).toBe(true);
    expect(out[2]).toBeCloseTo(1000 - Math.sqrt(1e6 - 4e5), 6);
    expect(out[3]).toBeCloseTo(300, 9);
    expect(Number.isNaN(out[4])).toBe(true);
  });

  test('are not taken for a mirrored tile', () => {
    const mirror: TransformSpec = { className: 'AffineModel2D', dataString: '-1 0 0 1 900 0' };
    const lens = shared.get('lens 1')!;
    const { map } = tileMapOf([lens, mirror], shared, sizePx);
    const out = new Float64Array(points.length);
    map.forward(points, out);
    map.inverse(out, out);
    expect(map.foldedShare()).toBe(0);
    expect(largest(out, points)).toBeLessThan(1e-6);
  });
});

test('says what it cannot read, and goes on', () => {
  const { problems } = tileMapOf(
    [
      { className: 'org.example.Unknown', dataString: '1 2' },
      { className: 'mpicbg.trakem2.transform.AffineModel2D', dataString: '1 0 0' },
      {
        className: 'mpicbg.trakem2.transform.ThinPlateSplineTransform',
        dataString: 'ThinPlateSplineR2LogR 2 3 null AAAA',
      },
      { type: 'ref', refId: 'gone' },
      { type: 'interpolated', a: {}, b: {} },
    ],
    new Map(),
  );
  expect(problems).toEqual([
    'transform "org.example.Unknown" is of a class that Lamella does not know and was left out',
    'transform "mpicbg.trakem2.transform.AffineModel2D" has a data string that does not fit its class and was left out',
    'transform "mpicbg.trakem2.transform.ThinPlateSplineTransform" has a data string that does not fit its class and was left out',
    'the shared transform "gone" is not in the file and was left out',
    'an interpolated transform has no lambda and was left out',
  ]);
  const loop = new Map<string, TransformSpec>([['a', { type: 'ref', refId: 'a' }]]);
  expect(tileMapOf([{ type: 'ref', refId: 'a' }], loop).problems[0]).toMatch(/nest too deep/);
});

describe('data strings', () => {
  const dataOf = (name: string): string => String(cases.find((c) => c.name === name)!.spec['dataString']);

  test('are written as they are read', () => {
    const numbers = (name: string): Float64Array => numbersOf(dataOf(name))!;
    const same = (name: string, written: string): void =>
      expect(written.trim().split(/[ ,]+/).map(asNumber)).toEqual(dataOf(name).trim().split(/[ ,]+/).map(asNumber));
    same('polynomial', formatPolynomial(readPolynomial(numbers('polynomial'))!));
    same('lens correction', formatLens(readLens(numbers('lens correction'))!));
    same('affine field', formatAffineField(readAffineField(dataOf('affine field'))!));
    expect(readAffineField(formatAffineField(readAffineField(dataOf('affine field, encoded'))!))).toEqual(
      readAffineField(dataOf('affine field, encoded')),
    );
    for (const name of ['thin plate', 'thin plate with an affine part'])
      expect(readPlate(formatPlate(readPlate(dataOf(name))!))).toEqual(readPlate(dataOf(name)));
    const scan = 'SEMDistortionTransformA';
    same('SEM distortion', formatScanDistortion(readScanDistortion(scan, numbers('SEM distortion'))!));
  });

  test('of a lens correction hold width and height in either order, and lead alike', () => {
    const lens = readLens(numbersOf(dataOf('lens correction'))!)!;
    expect(lens.sizePx).toEqual([heightPx, widthPx]);
    expect(polynomialOfLens({ ...lens, sizePx: [widthPx, heightPx] })).toEqual(polynomialOfLens(lens));
  });

  test('hold doubles, deflated or plain', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (doubles) => {
        expect(Array.from(decodeDoubles(encodeDoubles(doubles), doubles.length)!)).toEqual(doubles);
        expect(decodeDoubles(encodeDoubles(doubles), doubles.length + 1)).toBeNull();
      }),
    );
  });
});

const asNumber = (word: string): number | string => (Number.isNaN(Number(word)) ? word : Number(word));

test('nothing leads back through what is flat', () => {
  const out = new Float64Array(2);
  tileMapOfAffine([1, 1, 1, 1, 0, 0]).inverse(Float64Array.of(1, 1), out);
  expect(Array.from(out)).toEqual([NaN, NaN]);
});
