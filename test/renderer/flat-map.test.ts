// Maps of results by region: what faces of an atlas show, the outlines of it, and its numbers.
import { describe, expect, test } from 'vitest';
import type { Region } from '../../preload/contract/atlas.ts';
import type { AtlasMap } from '../../preload/contract/atlas-map.ts';
import type { RegionNumbers, RegionRow } from '../../preload/contract/region.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { facesOf, type Face } from '../../renderer/state/flat-map/faces.ts';
import { neighbourOf } from '../../renderer/state/flat-map/neighbour.ts';
import { loopsOf, outlinesOf, pathOf, type KeyPicture } from '../../renderer/state/flat-map/outlines.ts';
import { cutAt, projected, type Branch, type Plane } from '../../renderer/state/flat-map/plane.ts';
import {
  cutTree,
  depthsOf,
  keyOf,
  keysOf,
  numbersOf,
  ofKey,
  rangeOf,
  regionsOf,
  shareOf,
} from '../../renderer/state/flat-map/tiles.ts';
import { sideAt, type RegionMap } from '../../renderer/state/region-map.ts';
import { toyLabel, toyRegions, toySize } from '../window/toy-atlas.ts';

const [nx, ny, nz] = toySize;
const everywhere: Branch = { at: 0, end: toyRegions.length };

/** `at` and one more of the voxel; lopsided, so that no turned picture passes for another. */
const voxels = Uint16Array.from({ length: nx * ny * nz }, (_, i) => {
  const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / nx / ny)];
  const label = x > 50 && y > 30 && z < 20 ? 0 : toyLabel(x, y, z);
  return 1 + toyRegions.findIndex(({ id }) => id === label);
});
const valueOf = (x: number, y: number, z: number): number => voxels[(z * ny + y) * nx + x] ?? 0;

function runsOfToy(): AtlasMap {
  const [rowStarts, runs]: [number[], number[]] = [[], []];
  for (let row = 0; row < ny * nz; row++) {
    rowStarts.push(runs.length / 2);
    for (let x = 0; x < nx; x++) {
      const value = valueOf(x, row % ny, Math.floor(row / ny));
      if (x + 1 === nx || valueOf(x + 1, row % ny, Math.floor(row / ny)) !== value) runs.push(value, x + 1);
    }
  }
  rowStarts.push(runs.length / 2);
  return { size: toySize, rowStarts: Uint32Array.from(rowStarts), runs: Uint16Array.from(runs) };
}
const toy = runsOfToy();

function seen(face: Face, branch: Branch): Plane {
  const steps = projected(toy, face, branch);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The voxel `along` a line of sight through a pixel. */
function voxelOf({ right, down, into }: Face, u: number, v: number, along: number): Vec3 {
  const voxel: [number, number, number] = [0, 0, 0];
  for (const [{ axis, back }, i] of [
    [right, u],
    [down, v],
    [into, along],
  ] as const)
    voxel[axis] = back ? toySize[axis] - 1 - i : i;
  return voxel;
}

/** What a ray meets, voxel by voxel. */
function meets(face: Face, u: number, v: number, { at, end }: Branch): { value: number; depth: number } {
  const { axis } = face.into;
  for (let along = 0; along < toySize[axis]; along++) {
    const voxel = voxelOf(face, u, v, along);
    const value = valueOf(...voxel);
    if (value > at && value <= end) return { value, depth: voxel[axis] };
  }
  return { value: 0, depth: 0 };
}

const orientations = ['lsa', 'asl', 'pir', 'ras', 'sla', null];

describe('faces', () => {
  test('say what lies beyond each edge', () => {
    const [left, above, right, front] = facesOf('asl').outside;
    expect(above?.edges).toEqual({ left: 'L', right: 'R', top: 'A', bottom: 'P' });
    expect(left?.edges).toEqual({ left: 'A', right: 'P', top: 'S', bottom: 'I' });
    expect(right?.edges).toEqual({ left: 'P', right: 'A', top: 'S', bottom: 'I' });
    // Who is looked in the face has the left at the right.
    expect(front?.edges).toEqual({ left: 'R', right: 'L', top: 'S', bottom: 'I' });
    // x begins in front, y above, z at the left.
    expect(above).toMatchObject({ right: { axis: 2, back: false }, down: { axis: 0, back: false } });
    expect(right).toMatchObject({ right: { axis: 0, back: true }, into: { axis: 2, back: true } });
    expect(facesOf(null).outside.map(({ title }) => title)).toEqual(['From −x', 'From −y', 'From +x', 'From −z']);
    expect(facesOf(null).cuts.map(({ edges }) => edges.left)).toEqual(['−x', '−z', '−x']);
  });

  test.each(orientations)('of %s show what rays meet first', (orientation) => {
    const { outside, cuts } = facesOf(orientation);
    for (const branch of [everywhere, { at: 7, end: 8 }])
      for (const face of outside) {
        const { width, height, values, depths } = seen(face, branch);
        expect([width, height]).toEqual([toySize[face.right.axis], toySize[face.down.axis]]);
        const rays = Array.from(values, (_, i) => meets(face, i % width, Math.floor(i / width), branch));
        expect([...values]).toEqual(rays.map(({ value }) => value));
        expect([...depths]).toEqual(rays.map(({ depth }) => depth));
      }
    for (const face of cuts) {
      const along = 17;
      const { width, values } = cutAt(
        toy,
        face,
        everywhere,
        face.into.back ? toySize[face.into.axis] - 1 - along : along,
      );
      const there = Array.from(values, (_, i) => valueOf(...voxelOf(face, i % width, Math.floor(i / width), along)));
      expect([...values]).toEqual(there);
    }
  });

  test('show where there is tissue beyond what is looked for', () => {
    const [face] = facesOf('lsa').outside;
    if (!face) throw new Error('no face');
    const [all, some] = [seen(face, everywhere), seen(face, { at: 7, end: 8 })];
    expect([...some.tissue]).toEqual(Array.from(all.values, (value) => (value > 0 ? 1 : 0)));
    expect(some.values.filter((value) => value > 0).length).toBeLessThan(
      all.values.filter((value) => value > 0).length,
    );
  });
});

/** Regions that meet in threes and fours, cross, have holes, touch the frame. */
const picture: KeyPicture = {
  width: 9,
  height: 7,
  keys: Uint32Array.from(
    ['112222200', '112252200', '111522334', '661112344', '677712344', '676703334', '077700330'].join(''),
    Number,
  ),
};

/** The area that a path goes around, by the polygon of its curve, cut into a hundred. */
function areaOf(path: string): number {
  let area = 0;
  for (const loop of path.split('M').slice(1)) {
    const points: (readonly [number, number])[] = [];
    for (const [, command = '', rest = ''] of `L${loop}`.matchAll(/([LQ])([^LQZ]+)/g)) {
      const [x = 0, y = 0, endX = 0, endY = 0] = rest.split(' ').map(Number);
      const [fromX, fromY] = points.at(-1) ?? [x, y];
      if (command === 'L') points.push([x, y]);
      for (let i = 1; command === 'Q' && i <= 100; i++) {
        const [t, s] = [i / 100, 1 - i / 100];
        points.push([s * s * fromX + 2 * s * t * x + t * t * endX, s * s * fromY + 2 * s * t * y + t * t * endY]);
      }
    }
    points.forEach(([x, y], i) => {
      const [nextX, nextY] = points[(i + 1) % points.length] ?? [x, y];
      area += (x * nextY - nextX * y) / 2;
    });
  }
  return area;
}

describe('outlines', () => {
  test('go around the pixels of a region and no others', () => {
    const filled = new Uint32Array(picture.keys.length);
    for (const [key, loops] of loopsOf(picture))
      for (let i = 0; i < filled.length; i++) {
        const [x, y] = [(i % picture.width) + 0.5, Math.floor(i / picture.width) + 0.5];
        let crossed = 0;
        for (const loop of loops)
          for (let k = 0; k < loop.length; k += 2) {
            const [ax = 0, ay = 0] = loop.slice(k, k + 2);
            const [bx = 0, by = 0] = k + 2 < loop.length ? loop.slice(k + 2, k + 4) : loop;
            if (ax === bx && ax > x && Math.min(ay, by) < y && Math.max(ay, by) > y) crossed += 1;
          }
        if (crossed % 2 === 1) filled[i] = (filled[i] ?? 0) + key;
      }
    expect([...filled]).toEqual([...picture.keys]);
  });

  test('fit together: where they are smooth, they leave no gap and do not overlap', () => {
    const whole: KeyPicture = { ...picture, keys: picture.keys.map((key) => key + 1) };
    const parts = outlinesOf(whole).reduce((sum, { path }) => sum + areaOf(path), 0);
    const corner = areaOf(pathOf({ width: 1, height: 1, keys: Uint32Array.of(1) }, [0, 0, 1, 0, 1, 1, 0, 1]));
    // A square of one pixel becomes one that stands on its corner, which loses a 24th at each of them.
    expect(corner).toBeCloseTo((1 / 2) * (1 - 4 / 24), 3);
    // The frame loses an eighth at each corner, and a 48th at both ends of that cut.
    expect(parts).toBeCloseTo(9 * 7 - 4 * (1 / 8 + 2 / 48), 3);
  });

  test('have their middles inside, and arrow keys lead from one to the next', () => {
    const outlines = outlinesOf(picture);
    for (const { key, middle } of outlines)
      expect(picture.keys[Math.floor(middle[1]) * picture.width + Math.floor(middle[0])]).toBe(key);
    const nine = outlinesOf({ width: 3, height: 3, keys: Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) });
    const from = (key: number | null, ...arrows: string[]): (number | undefined)[] =>
      arrows.map((arrow) => neighbourOf(nine, key, arrow)?.key);
    expect(from(5, 'ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'Enter')).toEqual([6, 8, 4, 2, undefined]);
    expect([from(1, 'ArrowLeft'), from(null, 'ArrowDown')]).toEqual([[1], [1]]);
  });
});

const region = (
  at: number,
  acronym: string,
  parent: number | null,
  end: number,
  depth: number,
  voxels: number,
): Region => ({
  ...{ at, id: String(at), acronym, name: acronym, colour: '#808080', parent, end, depth, voxels },
  ...{ allVoxels: voxels, inTable: true },
});

/** root > grey > (A, B > (C, D)), fibres; B has voxels of its own. */
const tree = [
  region(0, 'root', null, 7, 0, 0),
  region(1, 'grey', 0, 6, 1, 0),
  region(2, 'A', 1, 3, 2, 4),
  region(3, 'B', 1, 6, 2, 1),
  region(4, 'C', 3, 5, 3, 7),
  region(5, 'D', 3, 6, 3, 0),
  region(6, 'fibres', 0, 7, 1, 2),
];

const numbers = (volumeMm3: number, mean: number): RegionNumbers => ({
  ...{ voxels: 10 * volumeMm3, volumeMm3, count: null, densityPerMm3: null, covered: null },
  grey: { mean, sum: mean * volumeMm3, sd: 0, min: mean, max: mean, samples: 1 },
});
const row = (at: number, own: RegionNumbers, all: RegionNumbers): RegionRow => {
  const { id, acronym, name, colour, parent, end, depth, inTable } = tree[at] ?? region(0, '', null, 0, 0, 0);
  return { at, id, acronym, name, colour, parent, end, depth, inTable, hemisphere: null, own, all };
};
const both = [
  row(2, numbers(4, 90), numbers(4, 90)),
  row(3, numbers(1, 30), numbers(8, 65)),
  row(4, numbers(7, 70), numbers(7, 70)),
];
const rows = {
  both,
  left: [row(2, numbers(3, 100), numbers(3, 100))],
  right: [row(2, numbers(1, 60), numbers(1, 60))],
};

describe('numbers', () => {
  test('are of a region with all inside of it where the map ends, and of its own label above', () => {
    const grey = { at: 1, end: 6 };
    const names = (depth: number): string =>
      regionsOf(tree, cutTree(tree, grey, depth))
        .map((one) => one.acronym)
        .join(' ');
    expect([names(2), names(3)]).toEqual(['A B', 'A B C']);
    expect(depthsOf(tree, grey)).toEqual({ least: 2, most: 3 });
    expect([...cutTree(tree, grey, 2).shown]).toEqual([-1, 1, 2, 3, 3, 3, -1]);
    const of = (depth: number, at: number): number | null =>
      numbersOf(rows, tree, cutTree(tree, grey, depth), 'mean')(at, null);
    expect([of(2, 3), of(3, 3), of(3, 4), of(2, 5)]).toEqual([65, 30, 70, null]);
  });

  test('have one scale: of amounts from nothing on, of grey levels from the least on', () => {
    const cut = cutTree(tree, { at: 0, end: 7 }, 3);
    const range = (measure: 'mean' | 'volume', sides: 'both' | 'compare' | 'left') =>
      rangeOf(regionsOf(tree, cut), numbersOf(rows, tree, cut, measure), measure, sides);
    expect(range('mean', 'both')).toEqual({ from: 30, to: 90 });
    expect(range('volume', 'both')).toEqual({ from: 0, to: 7 });
    expect(range('mean', 'compare')).toEqual({ from: 60, to: 100 });
    expect(range('mean', 'left')).toEqual({ from: 100, to: 100 });
    expect([shareOf({ from: 30, to: 90 }, 60), shareOf({ from: 100, to: 100 }, 100)]).toEqual([0.5, 0]);
  });

  test.each(['lsa', 'asl', 'ras'])('are of the side of what is seen, of %s', (orientation) => {
    const axis = ([0, 1, 2] as const).find((i) => 'lr'.includes(orientation[i] ?? '')) ?? 0;
    const below = orientation[axis] === 'l' ? 'left' : 'right';
    const map: RegionMap = {
      ...{ level: 0, runs: toy, sides: null, voxelSizeNm: [100, 100, 100], originNm: [50, 50, 50] },
      // Not in the middle.
      midline: { axis, atNm: 50 + 100 * (toySize[axis] / 2 + 3), below },
    };
    const cut = { branch: everywhere, depth: 9, shown: Int32Array.from(toyRegions.keys()) };
    for (const face of facesOf(orientation).outside) {
      const { keys, width } = keysOf(seen(face, everywhere), face, map, cut, 'compare');
      const sides = Array.from(keys, (key, i) => {
        const { value, depth } = meets(face, i % width, Math.floor(i / width), everywhere);
        const voxel = [...voxelOf(face, i % width, Math.floor(i / width), 0)] as [number, number, number];
        voxel[face.into.axis] = depth;
        const side = sideAt(map, voxel.map((n) => 50 + 100 * (n + 0.5)) as unknown as Vec3);
        return [key, value === 0 ? 0 : keyOf(value - 1, side)];
      });
      expect(sides.map(([key]) => key)).toEqual(sides.map(([, own]) => own));
      const left = keysOf(seen(face, everywhere), face, map, cut, 'left').keys;
      expect([...left]).toEqual(Array.from(keys, (key) => (ofKey(key).side === 'left' ? key : 0)));
    }
  });
});
