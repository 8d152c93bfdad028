import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../preload/contract/space.ts';
import { shifted, turned } from '../../renderer/state/align.ts';
import { applyMatrix, invertMatrix } from '../../renderer/state/layers.ts';

const vector = fc.tuple(
  ...([0, 1, 2].map(() => fc.double({ min: -1e5, max: 1e5, noNaN: true })) as [
    fc.Arbitrary<number>,
    fc.Arbitrary<number>,
    fc.Arbitrary<number>,
  ]),
);
const near = (a: Vec3, b: Vec3): void => a.forEach((value, i) => expect(value).toBeCloseTo(b[i] ?? NaN, 4));

describe('aligning a layer', () => {
  it('by a shift moves every point of it by the shift', () => {
    fc.assert(
      fc.property(vector, vector, vector, (point, first, then) => {
        const m = shifted(shifted(null, first), then);
        near(
          applyMatrix(m, point),
          [0, 1, 2].map((a) => (point[a] ?? 0) + (first[a] ?? 0) + (then[a] ?? 0)) as unknown as Vec3,
        );
      }),
    );
  });

  it('by a turn leaves the point that it turns about, and all distances', () => {
    fc.assert(
      fc.property(vector, vector, fc.double({ min: -3, max: 3, noNaN: true }), (about, point, angle) => {
        const m = turned(null, [1, 2, 3], angle, about);
        near(applyMatrix(m, about), about);
        const distance = (p: Vec3): number => Math.hypot(...[0, 1, 2].map((a) => (p[a] ?? 0) - (about[a] ?? 0)));
        expect(distance(applyMatrix(m, point))).toBeCloseTo(distance(point), 3);
      }),
    );
  });

  it('by a quarter turn about z takes x to y', () => {
    near(applyMatrix(turned(null, [0, 0, 1], Math.PI / 2, [10, 0, 0]), [11, 0, 5]), [10, 1, 5]);
  });

  it('can be undone by the inverse', () => {
    const m = turned(shifted([2, 0, 0, 1, 0, 1, 0.5, 2, 0, 0, 3, 3], [5, 6, 7]), [1, 1, 0], 0.7, [9, 9, 9]);
    const back = invertMatrix(m);
    near(applyMatrix(back, applyMatrix(m, [12, -7, 40])), [12, -7, 40]);
  });
});
