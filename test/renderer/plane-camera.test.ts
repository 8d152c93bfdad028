import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitBox, fromScreen, panned, revealed, toScreen, zoomAtPoint } from '../../renderer/scene/plane/camera.ts';

const size = { width: 800, height: 600 };
const box = { minX: -100, minY: 50, maxX: 1900, maxY: 1050 };

test('fitting shows all of the box', () => {
  const camera = fitBox(box, size);
  const [left, top] = toScreen(camera, size, box.minX, box.minY);
  const [right, bottom] = toScreen(camera, size, box.maxX, box.maxY);
  expect(left).toBeCloseTo(24);
  expect(right).toBeCloseTo(776);
  expect(top).toBeGreaterThan(24);
  expect(bottom).toBeLessThan(576);
});

test('zooming keeps what is under the pointer', () => {
  const number = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(number(0, 800), number(0, 600), number(0.2, 5), (px, py, factor) => {
      const before = fitBox(box, size);
      const after = zoomAtPoint(before, size, px, py, factor);
      const [x, y] = fromScreen(before, size, px, py);
      const [qx, qy] = toScreen(after, size, x, y);
      expect(qx).toBeCloseTo(px, 6);
      expect(qy).toBeCloseTo(py, 6);
    }),
    { seed: 41 },
  );
});

test('panning moves the picture with the pointer', () => {
  const before = fitBox(box, size);
  const [x, y] = toScreen(panned(before, 30, -20), size, 0, 100);
  const [x0, y0] = toScreen(before, size, 0, 100);
  expect([x - x0, y - y0].map((d) => Math.round(d))).toEqual([30, -20]);
});

test('revealing moves no more than it must', () => {
  const camera = { x: 0, y: 0, pxPerUnit: 1 };
  expect(revealed(camera, size, { minX: -50, minY: -50, maxX: 50, maxY: 50 })).toEqual(camera);
  const moved = revealed(camera, size, { minX: 500, minY: 0, maxX: 600, maxY: 50 });
  expect(toScreen(moved, size, 600, 0)[0]).toBeCloseTo(768);
  expect(moved.y).toBe(0);
});
