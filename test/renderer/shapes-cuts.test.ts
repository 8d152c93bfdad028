import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Vec3 } from '../../preload/contract/space.ts';
import { boxTreeOf, visitItems } from '../../renderer/scene/stage/shapes/box-tree.ts';
import { trianglesOf } from '../../renderer/scene/stage/shapes/mesh-fragment.ts';
import { nearPlane } from '../../renderer/scene/stage/shapes/near-plane.ts';
import { cutByPlane } from '../../renderer/scene/stage/shapes/plane-cut.ts';
import { beamOf, hitTriangles, nearEdge } from '../../renderer/scene/stage/shapes/ray-hit.ts';
import { planeRegion } from '../../renderer/scene/stage/shapes/region.ts';
import { edgesOf, skeletonLinesOf } from '../../renderer/scene/stage/shapes/skeleton-lines.ts';
import { finish } from '../../renderer/scene/stage/shapes/slices.ts';
import { dot, normalised } from '../../renderer/state/rotation.ts';
import { sphere } from './shapes-make.ts';

const radius = 5000;
const centre: Vec3 = [120_000, -40_000, 9_000_000];
const raw = sphere(radius, centre, 120, 160);
const ball = finish(trianglesOf(raw.positions, raw.indices));
const index = finish(boxTreeOf({ ...ball, corners: 3 }));

const aNormal = fc
  .tuple(...[0, 1, 2].map(() => fc.double({ min: -1, max: 1, noNaN: true })))
  .filter((v) => Math.hypot(...v) > 0.1)
  .map(([x = 0, y = 0, z = 0]) => normalised([x, y, z]));

test('any plane cuts a sphere along its circle, and the outline closes', () => {
  fc.assert(
    fc.property(aNormal, fc.double({ min: -0.9, max: 0.9, noNaN: true }), (normal, part) => {
      const middle = dot(normal, [
        centre[0] - ball.originNm[0],
        centre[1] - ball.originNm[1],
        centre[2] - ball.originNm[2],
      ]);
      const ends = cutByPlane(ball, index, normal, middle + part * radius);
      const circle = radius * Math.sqrt(1 - part ** 2);
      const met = new Map<string, number>();
      let length = 0;
      for (let i = 0; i < ends.length; i += 6) {
        const [from, to] = [Array.from(ends.subarray(i, i + 3)), Array.from(ends.subarray(i + 3, i + 6))];
        length += Math.hypot(...from.map((nm, a) => nm - to[a]!));
        for (const point of [from, to]) {
          met.set(point.join(), (met.get(point.join()) ?? 0) + 1);
          // Float32 about the origin of the mesh, however far from zero the mesh lies.
          expect(Math.abs(dot(normal, [point[0]!, point[1]!, point[2]!]) - middle - part * radius)).toBeLessThan(0.01);
        }
      }
      expect(length / (2 * Math.PI * circle)).toBeGreaterThan(0.995);
      expect(length / (2 * Math.PI * circle)).toBeLessThan(1.0001);
      expect(Array.from(met.values()).every((times) => times % 2 === 0)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('a plane through vertices cuts each triangle at most once, and one beside the sphere nothing', () => {
  const flat = finish(boxTreeOf({ positions: square, indices: twoTriangles, corners: 3 }));
  const mesh = { positions: square, indices: twoTriangles };
  expect(cutByPlane(mesh, flat, [1, 0, 0], 0).length).toBe(0);
  expect(Array.from(cutByPlane(mesh, flat, [1, 0, 0], 1))).toHaveLength(12);
  expect(cutByPlane(mesh, flat, [1, 0, 0], 2.5).length).toBe(0);
  expect(cutByPlane(ball, index, [0, 0, 1], radius * 1.01).length).toBe(0);
});
const square = Float32Array.from([0, 0, 0, 2, 0, 0, 2, 2, 0, 0, 2, 0]);
const twoTriangles = Uint32Array.from([0, 1, 2, 0, 2, 3]);

test('a step of the plane looks at few of the triangles, and misses none', () => {
  let looked = 0;
  const found = new Set<number>();
  visitItems(index, planeRegion([0, 0, 1], 1234), (triangle) => {
    looked++;
    found.add(triangle);
  });
  const triangles = ball.indices.length / 3;
  expect(looked).toBeLessThan(triangles / 12);
  for (let triangle = 0; triangle < triangles; triangle++) {
    const z = [0, 1, 2].map((c) => ball.positions[ball.indices[triangle * 3 + c]! * 3 + 2]!);
    if (Math.min(...z) <= 1234 && Math.max(...z) >= 1234) expect(found.has(triangle)).toBe(true);
  }
});

test('a ray meets the near side of a sphere, with and without the index', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -0.95, max: 0.95, noNaN: true }),
      fc.double({ min: -0.95, max: 0.95, noNaN: true }),
      (x, y) => {
        const from: Vec3 = [x * radius, y * radius, -2 * radius];
        const ray = { from, by: [0, 0, 1] as const };
        const beam = beamOf(
          ray,
          [
            [1, 0, 0],
            [0, 1, 0],
          ],
          0.01,
        );
        const hit = hitTriangles(ball, index, ray, beam, () => true);
        expect(hit).toBe(hitTriangles(ball, null, ray, beam, () => true));
        const off = Math.hypot(x, y);
        if (off < 0.95) {
          const truth = 2 * radius - radius * Math.sqrt(1 - off ** 2);
          expect(Math.abs((hit ?? Infinity) - truth)).toBeLessThan(radius * 0.005);
        } else if (off > 1) expect(hit).toBe(null);
      },
    ),
  );
});

test('what a ray may not hit is passed by: the far side shows through a clip', () => {
  const ray = { from: [0, 0, -2 * radius] as const, by: [0, 0, 1] as const };
  const beam = beamOf(
    ray,
    [
      [1, 0, 0],
      [0, 1, 0],
    ],
    0.01,
  );
  expect(hitTriangles(ball, index, ray, beam, (t) => t > 2 * radius)).toBeCloseTo(3 * radius, 0);
});

test('how far a ray passes an edge by', () => {
  const ray = { from: [0, 0, -10] as const, by: [0, 0, 1] as const };
  const { asideNm, t } = nearEdge(ray, [3, -5, 0], [3, 5, 0]);
  expect(asideNm).toBeCloseTo(3, 12);
  expect(t).toBeCloseTo(10, 12);
  expect(nearEdge(ray, [3, 4, 0], [3, 9, 2]).asideNm).toBeCloseTo(5, 12);
});

test('a skeleton near a plane: edges within reach, discs as large as the balls are there', () => {
  const positions = Float32Array.from([0, 0, 0, 0, 0, 100, 0, 0, 400, 50, 0, 1000]);
  const radii = Float32Array.from([30, 50, 10, 0]);
  const lines = finish(skeletonLinesOf(positions, radii, Uint32Array.from([0, 1, 1, 2, 2, 3])));
  const tree = finish(boxTreeOf(edgesOf(lines)));
  const along = 120 - lines.originNm[2];
  const near = nearPlane(lines, tree, { normal: [0, 0, 1], along }, 25, 1);
  expect(near.ends.length / 6).toBe(2);
  expect(near.discs).toHaveLength(4);
  expect(near.discs[2]! + lines.originNm[2]).toBeCloseTo(120, 3);
  expect(near.discs[3]).toBeCloseTo(Math.sqrt(50 ** 2 - 20 ** 2), 3);
});
