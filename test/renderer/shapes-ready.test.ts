import { expect, test } from 'vitest';
import { trianglesOf } from '../../renderer/scene/stage/shapes/mesh-fragment.ts';
import { shapeColour } from '../../renderer/ui/shape-colour.ts';
import { shareDrawn } from '../../renderer/scene/stage/shapes/skeleton-drawer.ts';
import { skeletonLinesOf } from '../../renderer/scene/stage/shapes/skeleton-lines.ts';
import type { Sliced } from '../../renderer/scene/stage/shapes/slices.ts';
import { SlicedWork, finish } from '../../renderer/scene/stage/shapes/slices.ts';
import { labelColour } from '../../renderer/ui/label-colours.ts';
import { sphere } from './shapes-make.ts';

test('positions far from zero keep their detail, relative to an origin', () => {
  const { positions, indices } = sphere(100, [8e6, 8e6, 8e6], 8, 8);
  const before = positions.slice();
  const { originNm, positions: after } = finish(trianglesOf(positions, indices));
  after.forEach((nm, i) => expect(nm + originNm[(i % 3) as 0 | 1 | 2]).toBe(before[i]));
});

test('normals of a sphere point away from its middle', () => {
  const { positions, indices } = sphere(100, [0, 0, 0], 40, 60);
  const { normals } = finish(trianglesOf(positions, indices));
  for (let i = 0; i < positions.length / 3; i++) {
    const along = [0, 1, 2].reduce((sum, a) => sum + (normals[i * 4 + a]! / 127) * (positions[i * 3 + a]! / 100), 0);
    expect(Math.abs(along)).toBeGreaterThan(0.98);
  }
});

test('triangles of vertices that are not there, or nowhere, are left out and counted', () => {
  const positions = Float32Array.from([0, 0, 0, 1, 0, 0, 0, 1, 0, Number.NaN, 0, 0, Infinity, 0, 0]);
  const indices = Uint32Array.from([0, 1, 2, 0, 1, 3, 0, 1, 4, 0, 1, 5, 0, 1, 0xffffffff, 2, 1, 0]);
  const ready = finish(trianglesOf(positions, indices));
  expect(Array.from(ready.indices)).toEqual([0, 1, 2, 2, 1, 0]);
  expect(ready.dropped).toBe(4);
  expect(ready.originNm).toEqual([0.5, 0.5, 0]);
});

test('nothing at all is an empty mesh, and so is one of which nothing can be drawn', () => {
  expect(finish(trianglesOf(new Float32Array(), new Uint32Array()))).toMatchObject({ dropped: 0, originNm: [0, 0, 0] });
  const nowhere = finish(trianglesOf(new Float32Array(9).fill(Number.NaN), Uint32Array.from([0, 1, 2])));
  expect(nowhere.indices).toHaveLength(0);
  expect(nowhere.dropped).toBe(1);
});

test('a skeleton keeps its sound edges, shows lone nodes, and is thinned out the same way each time', () => {
  const make = () =>
    finish(
      skeletonLinesOf(
        Float32Array.from([0, 0, 0, 3, 4, 0, 6, 8, 0, 9, 9, 9, Number.NaN, 0, 0]),
        Float32Array.from([1, -5, Number.NaN, Infinity, 2]),
        Uint32Array.from([0, 1, 1, 2, 2, 9, 1, 4]),
      ),
    );
  const lines = make();
  const pairs = new Set(
    Array.from({ length: lines.edges.length / 2 }, (_, i) => lines.edges.slice(i * 2, i * 2 + 2).join()),
  );
  expect(pairs).toEqual(new Set(['0,1', '1,2', '3,3']));
  expect(lines.dropped).toBe(3);
  expect(Array.from(lines.radiiNm)).toEqual([1, 0, 0, 0, 2]);
  expect(lines.meanEdgeNm).toBeCloseTo(10 / 3, 6);
  expect(lines.boxNm).toEqual([0, 0, 0, 9, 9, 9]);
  expect(make().edges).toEqual(lines.edges);
});

test('the first part of the edges of a long path is spread evenly along it', () => {
  const nodes = 10_000;
  const path = Float32Array.from({ length: nodes * 3 }, (_, i) => (i % 3 === 0 ? i / 3 : 0));
  const pairs = Uint32Array.from({ length: (nodes - 1) * 2 }, (_, i) => (i >> 1) + (i & 1));
  const { edges, texels } = finish(skeletonLinesOf(path, new Float32Array(nodes), pairs));
  expect(texels.count).toBe(nodes - 1);
  for (const count of [100, 777, 5000]) {
    const starts = Uint32Array.from({ length: count }, (_, i) => edges[i * 2]!).sort();
    const gaps = Array.from(starts, (at, i) => (starts[i + 1] ?? nodes) - at);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.ceil((2.1 * nodes) / count));
  }
});

test('edges far shorter than a pixel are thinned out, others never', () => {
  expect(shareDrawn(3, 2)).toBe(1);
  expect(shareDrawn(0.7, 2)).toBe(1);
  expect(shareDrawn(0.07, 2)).toBeCloseTo(0.1, 9);
  expect(shareDrawn(0, 2)).toBeGreaterThan(0);
});

test('a shape has the colour of the label with its id; a name has one of its own', () => {
  expect(shapeColour('18446744073709551615', null)).toEqual(labelColour('18446744073709551615'));
  expect(shapeColour('42', '#102030')).toEqual([16, 32, 48]);
  expect(shapeColour('neuropil', null)).toEqual(shapeColour('neuropil', null));
  const names = ['neuropil', 'lh', 'soma', '007', '99999999999999999999'];
  expect(new Set(names.map((name) => shapeColour(name, null).join())).size).toBe(names.length);
});

test('work stops when the time is up, goes on in order, and is dropped with what it was for', () => {
  const done: string[] = [];
  const steps = function* (name: string): Sliced<void> {
    yield;
    done.push(name);
  };
  const work = new SlicedWork();
  const [first, second] = [{}, {}];
  work.add(first, steps('first'));
  work.add(second, steps('second'));
  work.add(first, steps('third'));
  expect(work.run(-1)).toBe(true);
  expect(done).toEqual([]);
  work.drop((key) => key === second);
  expect(work.run(Infinity)).toBe(false);
  expect(done).toEqual(['first', 'third']);
});
