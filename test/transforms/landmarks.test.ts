// Maps between spaces, against what is known of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Landmark, LandmarkFit } from '../../preload/contract/warp.ts';
import {
  affineMap,
  type Affine3,
  composeAffine3,
  identity3,
  invertAffine3,
} from '../../main/engine/transforms/affine3.ts';
import { inverseOf } from '../../main/engine/transforms/inverse-map.ts';
import { fitLandmarks, landmarkErrors, mapOfFitted } from '../../main/engine/transforms/landmarks.ts';
import { type ExactMap, exactMap } from '../../main/engine/transforms/point-map.ts';

/** The same numbers each time, 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const scattered = (count: number, seed: number, size: Vec3 = [1e6, 8e5, 5e5]): Vec3[] => {
  const next = numbers(seed);
  return Array.from({ length: count }, () => [next() * size[0], next() * size[1], next() * size[2]]);
};

const through = (map: ExactMap, at: Vec3): Vec3 => {
  const points = Float64Array.from(at);
  map.applyNow(points);
  return [points[0]!, points[1]!, points[2]!];
};

const pairsOf = (targets: readonly Vec3[], map: (at: Vec3) => Vec3): Landmark[] =>
  targets.map((target, i) => ({ id: String(i), name: '', target, source: map(target), on: true }));

const fitted = (landmarks: readonly Landmark[], fit: LandmarkFit = 'thin-plate', stiffness = 0): ExactMap =>
  mapOfFitted(fitLandmarks({ landmarks, fit, stiffness }));

const distance = (a: Vec3, b: Vec3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const turned: Affine3 = [0.9, -0.3, 0.1, 5e4, 0.25, 1.1, -0.05, -2e5, 0.02, 0.1, 0.95, 3e5];
const bent = ([x, y, z]: Vec3): Vec3 => [
  x + 2e4 * Math.sin(y / 2e5),
  y + 3e4 * Math.cos(z / 1.5e5),
  z - 1e4 * Math.sin((x + y) / 4e5),
];

describe('affine maps', () => {
  test('are composed and inverted; a flat one has no inverse', () => {
    const back = invertAffine3(turned);
    expect(back).not.toBeNull();
    composeAffine3(back!, turned).forEach((value, i) => expect(value).toBeCloseTo(identity3[i]!, 6));
    expect(invertAffine3([1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0])).toBeNull();
  });
});

describe('a thin plate', () => {
  test('leads every target to its source, and nothing between astray', () => {
    const landmarks = pairsOf(scattered(60, 1), bent);
    const map = fitted(landmarks);
    for (const { target, source } of landmarks) expect(distance(through(map, target!), source!)).toBeLessThan(1e-4);
    for (const at of scattered(50, 2, [8e5, 6e5, 4e5]))
      expect(distance(through(map, at), bent(at))).toBeLessThan(1.2e4);
  });

  test('is an affine map where its landmarks are one', () => {
    const affine = affineMap(turned);
    const map = fitted(pairsOf(scattered(20, 3), (at) => through(affine, at)));
    for (const at of scattered(50, 4, [5e6, 5e6, 5e6]))
      expect(distance(through(map, at), through(affine, at))).toBeLessThan(1e-2);
  });

  test('is that of Bookstein in a plane: bumps of r² log r on his four corners', () => {
    // A square whose corners go up and down in turn: U(sqrt 2) = ln 2, U(2) = 4 ln 2, and opposite weights are equal.
    const corners: Vec3[] = [
      [1, 0, 0],
      [0, 1, 0],
      [-1, 0, 0],
      [0, -1, 0],
    ];
    const up = [0.1, -0.1, 0.1, -0.1];
    const landmarks = corners.map(([x, y, z], i): Landmark => ({
      id: String(i),
      name: '',
      target: [x, y, z],
      source: [x, y + up[i]!, z],
      on: true,
    }));
    const map = fitted(landmarks);
    const u = (squared: number): number => (squared > 0 ? 0.5 * squared * Math.log(squared) : 0);
    const weight = 0.1 / (u(4) - 2 * u(2));
    for (const [x, y] of [
      [0.3, 0.2],
      [0, 0],
      [-0.7, 0.9],
      [2, 1],
    ] as const) {
      const bump = corners.reduce(
        (sum, [cx, cy], i) => sum + (i % 2 === 0 ? 1 : -1) * weight * u((x - cx) ** 2 + (y - cy) ** 2),
        0,
      );
      const [toX, toY, toZ] = through(map, [x, y, 7]);
      expect([toX, toY, toZ]).toEqual([expect.closeTo(x, 9), expect.closeTo(y + bump, 9), expect.closeTo(7, 9)]);
    }
  });

  test('with stiffness misses its landmarks a little, and with much of it is the closest affine map', () => {
    const landmarks = pairsOf(scattered(30, 5), bent);
    const rms = (stiffness: number): number => landmarkErrors({ landmarks, fit: 'thin-plate', stiffness }).rmsNm;
    const [none, some, much] = [rms(0), rms(0.1), rms(1e5)];
    expect(none).toBeLessThan(1e-4);
    expect(some).toBeGreaterThan(100);
    expect(much).toBeGreaterThan(some);
    expect(much).toBeCloseTo(landmarkErrors({ landmarks, fit: 'affine', stiffness: 0 }).rmsNm, 0);
  });

  test('tells of each landmark how far off it is without itself, as fitting without it does', () => {
    const landmarks = pairsOf(scattered(12, 6), bent);
    const told = landmarkErrors({ landmarks, fit: 'thin-plate', stiffness: 0 });
    for (const [i, { target, source }] of landmarks.entries()) {
      const without = through(fitted(landmarks.toSpliced(i, 1)), target!);
      expect(told.errors[i]?.leftOutNm).toBeCloseTo(distance(without, source!), 1);
    }
  });

  test('that two landmarks would tear is refused by their names', () => {
    const landmarks = pairsOf(scattered(6, 7), bent);
    const twin: Landmark = { ...landmarks[2]!, id: 'twin', source: [0, 0, 0] };
    expect(() => fitted([...landmarks, twin])).toThrow(/2 and twin have the same place/);
    expect(() => fitted([...landmarks, twin], 'thin-plate', 0.01)).not.toThrow();
  });
});

describe('few landmarks', () => {
  test('shift, or fit within their plane; what is off or half placed is not used', () => {
    const one: Landmark = { id: '1', name: '', target: [0, 0, 0], source: [5, 6, 7], on: true };
    expect(through(fitted([]), [1, 2, 3])).toEqual([1, 2, 3]);
    expect(
      through(
        fitted([
          { ...one, on: false },
          { ...one, target: null },
        ]),
        [1, 2, 3],
      ),
    ).toEqual([1, 2, 3]);
    expect(through(fitted([one]), [1, 2, 3])).toEqual([6, 8, 10]);
    const onLine = pairsOf(
      [
        [0, 0, 0],
        [10, 10, 0],
        [30, 30, 0],
      ],
      ([x, y, z]) => [x + 1, y + 2, z + 3],
    );
    expect(through(fitted(onLine, 'affine'), [0, 5, 0])).toEqual([
      expect.closeTo(1),
      expect.closeTo(7),
      expect.closeTo(3),
    ]);
    expect(landmarkErrors({ landmarks: onLine, fit: 'thin-plate', stiffness: 0 }).spans).toBe('line');
    // A section that was laid on its side: heights over the plane stay as they are.
    const inPlane = pairsOf(
      [
        [0, 0, 4],
        [100, 0, 4],
        [0, 100, 4],
        [100, 100, 4],
      ],
      ([x, y]) => [9, 2 * x, 2 * y],
    );
    const [x, y, z] = through(fitted(inPlane, 'affine'), [10, 20, 5]);
    expect([x, y, z]).toEqual([expect.closeTo(10), expect.closeTo(20), expect.closeTo(40)]);
    expect(landmarkErrors({ landmarks: inPlane, fit: 'affine', stiffness: 0 })).toMatchObject({
      spans: 'plane',
      used: 4,
    });
  });

  test.each(['rigid', 'similarity', 'affine', 'translation'] as const)('of a %s map give it back', (fit) => {
    const angle = 0.7;
    const scale = fit === 'similarity' || fit === 'affine' ? 1.3 : 1;
    const [c, s] = fit === 'translation' ? [1, 0] : [Math.cos(angle) * scale, Math.sin(angle) * scale];
    const own = fit === 'translation' ? 1 : scale;
    const map = affineMap([c, -s, 0, 1e5, s, c, 0, -4e4, 0, 0, own, 7e3]);
    const landmarks = pairsOf(scattered(9, 8), (at) => through(map, at));
    const told = landmarkErrors({ landmarks, fit, stiffness: 0 });
    expect(told.maxNm).toBeLessThan(1e-3);
    for (const at of scattered(9, 9))
      expect(distance(through(fitted(landmarks, fit), at), through(map, at))).toBeLessThan(1e-2);
  });
});

describe('an inverse', () => {
  test('leads back through a thin plate', async () => {
    const map = fitted(pairsOf(scattered(40, 10), bent));
    const starts = Float64Array.from(scattered(1000, 11).flat());
    const points = starts.slice();
    map.applyNow(points);
    await inverseOf(map, { toleranceNm: 0.01, stepNm: 0.1 }).apply(points);
    points.forEach((value, i) => expect(Math.abs(value - starts[i]!)).toBeLessThan(0.1));
  });

  test.each([
    ['space', (at: Vec3): Vec3 => at],
    ['a plane', (at: Vec3): Vec3 => [at[0], at[1], 500]],
  ] as const)('of landmarks in %s takes slopes that are those of the map', (_name, flat) => {
    const map = fitted(pairsOf(scattered(30, 12).map(flat), (at) => flat(bent(at))));
    const starts = scattered(50, 13);
    const points = Float64Array.from(starts.flat());
    const slopes = map.slopesNow!(points);
    for (const [n, start] of starts.entries()) {
      const led = through(map, start);
      led.forEach((value, k) => expect(points[3 * n + k]).toBeCloseTo(value, 6));
      for (const column of [0, 1, 2]) {
        const step = 1e-3;
        const beside = through(map, start.map((value, k) => value + (k === column ? step : 0)) as unknown as Vec3);
        for (const row of [0, 1, 2])
          expect(slopes[9 * n + 3 * row + column]).toBeCloseTo((beside[row]! - led[row]!) / step, 4);
      }
    }
  });

  test('is nowhere where nothing leads, and where the map folds', async () => {
    // x² has no way to -1, and on its left side it is folded.
    const map = exactMap((points) => {
      for (let i = 0; i < points.length; i += 3) points[i] = points[i]! ** 2;
    });
    const points = Float64Array.from([-1, 0, 0, 4, 0, 0]);
    await inverseOf(map, {
      toleranceNm: 1e-6,
      stepNm: 1e-4,
      guess: exactMap((at) => void ((at[0] = 3), (at[3] = 5))),
    }).apply(points);
    expect([...points]).toEqual([NaN, NaN, NaN, expect.closeTo(2, 5), 0, 0]);
    const folded = Float64Array.from([4, 0, 0]);
    await inverseOf(map, { toleranceNm: 1e-6, stepNm: 1e-4, guess: exactMap((at) => void (at[0] = -3)) }).apply(folded);
    expect([...folded]).toEqual([NaN, NaN, NaN]);
  });
});

const byItk = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'itk-splines.json'), 'utf8')) as {
  readonly cases: readonly {
    readonly name: string;
    readonly targets: readonly Vec3[];
    readonly sources: readonly Vec3[];
    readonly queries: readonly Vec3[];
    readonly led: readonly Vec3[];
  }[];
};

test.each(byItk.cases)("leads points where ITK's thin plate does: $name", ({ targets, sources, queries, led }) => {
  const map = fitted(targets.map((target, i) => ({ id: String(i), name: '', target, source: sources[i]!, on: true })));
  const missed = queries.map((query, i) => distance(through(map, query), led[i]!));
  // Micrometres: a voxel is 1, and ITK's own coordinates of landmarks are floats.
  expect(Math.max(...missed)).toBeLessThan(0.01);
});
