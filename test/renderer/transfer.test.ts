import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transferSchema } from '../../preload/contract/view-state.ts';
import { formatMatrix, parseMatrix } from '../../renderer/state/matrix-text.ts';
import { countsInWindow } from '../../renderer/state/transfer.ts';
import type { TransferPoint } from '../../renderer/ui/transfer-points.ts';
import { addPoint, movePoint, pointAfter, removePoint } from '../../renderer/ui/transfer-points.ts';

const ramp: readonly TransferPoint[] = [
  [0, 0],
  [1, 1],
];

test('points stay in order and within the field, however they are pushed', () => {
  const place = fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: -2, max: 2, noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), place, fc.nat(2)), { maxLength: 60 }), (edits) => {
      let points = ramp;
      for (const [n, at, what] of edits) {
        const index = n % points.length;
        if (what === 0) points = movePoint(points, index, at);
        else points = what === 1 ? addPoint(points, at) : removePoint(points, index);
      }
      expect(transferSchema.safeParse(points).success).toBe(true);
      expect(points.every(([x], i) => i === 0 || x >= (points[i - 1]?.[0] ?? 0))).toBe(true);
    }),
  );
});

test('a point is added half way to the next, and two are kept', () => {
  expect(pointAfter(ramp, 0)).toEqual([0.5, 0.5]);
  expect(addPoint(ramp, [0.5, 0.25])[1]).toEqual([0.5, 0.25]);
  expect(removePoint(ramp, 0)).toBe(ramp);
});

test('counts are those between the ends of the window', () => {
  const counts = { counts: [1, 2, 3, 4], range: [0, 40] } as const;
  expect(countsInWindow(counts, [0, 40], 4)).toEqual([1, 2, 3, 4]);
  expect(countsInWindow(counts, [10, 30], 2)).toEqual([2, 3]);
  expect(countsInWindow(counts, [0, 80], 2)).toEqual([10, 0]);
});

test('a matrix that is written is read again, and nonsense is refused by name', () => {
  const turned = [0, -1, 0, 250.5, 1, 0, 0, -3, 0, 0, 2, 1e6];
  expect(parseMatrix(formatMatrix(turned))).toEqual({ matrix: turned });
  expect(parseMatrix(`[[${formatMatrix(turned).replaceAll(' ', ', ')}, 0, 0, 0, 1]]`)).toEqual({ matrix: turned });
  expect(parseMatrix(formatMatrix(null))).toEqual({ matrix: null });
  expect(parseMatrix('1 2 3')).toEqual({ problem: expect.stringContaining('3 numbers') });
  expect(parseMatrix('1 0 0 0 0 one 0 0 0 0 1 0')).toEqual({ problem: expect.stringContaining('one') });
  expect(parseMatrix('1 0 0 0 1 0 0 0 0 0 1 0')).toEqual({ problem: expect.stringContaining('flattens') });
});
