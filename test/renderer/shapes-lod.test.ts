import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MeshManifest } from '../../preload/contract/shape.ts';
import { coverOf, wantedNodes } from '../../renderer/scene/stage/shapes/mesh-lod.ts';
import type { MeshTree } from '../../renderer/scene/stage/shapes/mesh-tree.ts';
import { addressOf, nodeAt, treeOf } from '../../renderer/scene/stage/shapes/mesh-tree.ts';
import type { Region } from '../../renderer/scene/stage/shapes/region.ts';
import { holds, meetsBox, regionOf, scaleOf, throughMatrix } from '../../renderer/scene/stage/shapes/region.ts';
import type { ViewFrame } from '../../renderer/scene/stage/shapes/view-frame.ts';
import { octree } from './shapes-make.ts';

const side = 1024;
const everywhere: Region = [];

/** A pane that looks along z at a part of the cube. */
const frame = (over: Partial<ViewFrame> = {}): ViewFrame => ({
  right: [1, 0, 0],
  down: [0, 1, 0],
  forward: [0, 0, 1],
  centreNm: [side / 2, side / 2, side / 2],
  nmPerPx: 1,
  size: { width: 300, height: 200 },
  ratio: 1,
  nearNm: -side,
  farNm: side,
  ...over,
});

const scattered = (seed: number) => (level: number, x: number, y: number, z: number) =>
  level === 4 || (Math.imul(x * 73 + y * 179 + z * 283 + level * 7 + seed, 0x9e3779b1) >>> 0) % 10 < 8;

const anOctree = fc.integer({ min: 0, max: 1000 }).map((seed) => treeOf(octree('7', 5, side, scattered(seed))));
const aRegion = fc
  .record({
    x: fc.double({ min: 0, max: side, noNaN: true }),
    y: fc.double({ min: 0, max: side, noNaN: true }),
    zoom: fc.double({ min: -3, max: 5, noNaN: true }),
    turn: fc.double({ min: 0, max: 7, noNaN: true }),
  })
  .map(({ x, y, zoom, turn }) => {
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    return frame({ centreNm: [x, y, 500], nmPerPx: 2 ** zoom, right: [c, s, 0], down: [-s, c, 0] });
  });

/**
 * Neuroglancer's getDesiredMultiscaleMeshChunks (mesh/multiscale.ts) for a parallel view, where a pixel is as large
 * everywhere: written after it, over nested boxes in place of its octree rows.
 */
function neuroglancerWants(
  { levels }: MeshManifest,
  region: Region,
  pixelNm: number,
  detailCutoff: number,
): Set<string> {
  const out = new Set<string>();
  const handle = (lod: number, row: number, priorLodScale: number): void => {
    const level = levels[lod];
    if (!level || !meetsBox(region, level.boxesNm, row * 6)) return;
    if (priorLodScale !== 0 && pixelNm * detailCutoff >= priorLodScale) return;
    const lodScale = level.lodScaleNm;
    out.add(`${lod}/${row}`);
    if (lod > 0 && pixelNm * detailCutoff < lodScale)
      levels[lod - 1]?.parents.forEach((parent, child) => {
        if (parent === row) handle(lod - 1, child, lodScale);
      });
  };
  levels.at(-1)?.bytes.forEach((_, row) => handle(levels.length - 1, row, 0));
  return out;
}

const names = (tree: MeshTree, nodes: Iterable<number>): Set<string> =>
  new Set(Array.from(nodes, (node) => `${addressOf(tree, node).level}/${addressOf(tree, node).box}`));

test('with room for all, the boxes that Neuroglancer would ask for are asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), aRegion, fc.constantFrom(1, 2, 8), (seed, view, cutoff) => {
      const manifest = octree('7', 5, side, scattered(seed));
      const tree = treeOf(manifest);
      const region = regionOf(view);
      const mesh = { tree, region, pixelNm: view.nmPerPx, detailNm: cutoff * view.nmPerPx };
      const { wanted, full } = wantedNodes([mesh], Infinity, () => 1);
      expect(full).toBe(false);
      expect(
        names(
          tree,
          wanted.map(({ node }) => node),
        ),
      ).toEqual(neuroglancerWants(manifest, region, view.nmPerPx, cutoff));
    }),
    { numRuns: 60 },
  );
});

function parentsOf(tree: MeshTree): number[] {
  const parents = Array.from({ length: tree.nodes }, () => -1);
  for (let node = 0; node < tree.nodes; node++)
    for (let i = tree.childrenFrom[node]!; i < tree.childrenFrom[node + 1]!; i++) parents[tree.children[i]!] = node;
  return parents;
}

test('of what is here, each place is drawn once, and is drawn wherever a box around it is here', () => {
  fc.assert(
    fc.property(anOctree, aRegion, fc.integer(), (tree, view, seed) => {
      const region = regionOf(view);
      const isHere = (node: number): boolean => (Math.imul(node + seed, 0x85ebca6b) >>> 0) % 3 > 0;
      const drawn = new Set(coverOf(tree, { region, detailNm: view.nmPerPx }, isHere));
      const parents = parentsOf(tree);
      for (const node of drawn) {
        expect(isHere(node)).toBe(true);
        for (let up = parents[node]!; up >= 0; up = parents[up]!) expect(drawn.has(up)).toBe(false);
      }
      const fine = (node: number): boolean => tree.lodScaleNm[node]! <= view.nmPerPx;
      for (let node = 0; node < tree.nodes; node++) {
        const up = parents[node]!;
        const target = fine(node) && (up < 0 || !fine(up));
        if (!target || !meetsBox(region, tree.boxesNm, node * 6)) continue;
        const chain = [node];
        for (let above = up; above >= 0; above = parents[above]!) chain.push(above);
        const standsIn = (one: number, below: number): boolean =>
          isHere(one) ||
          (below < 2 && isParent(tree, one) && childrenInView(tree, one, region).every((c) => standsIn(c, below + 1)));
        if (isHere(node) || (chain.some(isHere) && !standsIn(node, 0)))
          expect(chain.some((one) => drawn.has(one))).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

const isParent = ({ childrenFrom }: MeshTree, node: number): boolean => childrenFrom[node]! < childrenFrom[node + 1]!;

const childrenInView = (tree: MeshTree, node: number, region: Region): readonly number[] =>
  Array.from(tree.children.subarray(tree.childrenFrom[node], tree.childrenFrom[node + 1])).filter((child) =>
    meetsBox(region, tree.boxesNm, child * 6),
  );

test('a parent stays until all of its children in view are here', () => {
  const tree = treeOf(octree('1', 2, side));
  const here = new Set([8, 0, 1, 2, 3, 4, 5, 6]);
  const view = { region: everywhere, detailNm: 0.5 };
  expect(coverOf(tree, view, (node) => here.has(node))).toEqual([8]);
  here.add(7);
  expect(coverOf(tree, view, (node) => here.has(node))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  here.delete(7);
  // The last child is not in view: nobody waits for it.
  const corner: Region = [{ normal: [1, 0, 0], most: 100 }];
  expect(coverOf(tree, { region: corner, detailNm: 0.5 }, (node) => here.has(node))).toEqual([0, 2, 4, 6]);
});

test('zooming out, finer boxes stand in for a coarse one that is not here', () => {
  const tree = treeOf(octree('1', 2, side));
  const fine = coverOf(tree, { region: everywhere, detailNm: 100 }, (node) => node < 8);
  expect(fine).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('an empty box is neither asked for nor waited for', () => {
  const manifest = octree('1', 2, side);
  manifest.levels[0]!.bytes[3] = 0;
  const tree = treeOf(manifest);
  expect(coverOf(tree, { region: everywhere, detailNm: 0.5 }, (node) => node !== 3)).toEqual([0, 1, 2, 4, 5, 6, 7]);
  const mesh = { tree, region: everywhere, pixelNm: 0.5, detailNm: 0.5 };
  expect(wantedNodes([mesh], Infinity, () => 1).wanted.map(({ node }) => node)).toEqual([8, 0, 1, 2, 4, 5, 6, 7]);
});

test('coarse boxes of all meshes come first, then what lacks most on the screen, while it fits', () => {
  const [near, far] = [treeOf(octree('near', 3, side)), treeOf(octree('far', 3, side))];
  const meshes = [
    { tree: far, region: everywhere, pixelNm: 2, detailNm: 2 },
    { tree: near, region: everywhere, pixelNm: 0.5, detailNm: 0.5 },
  ];
  const { wanted, full } = wantedNodes(meshes, 11, () => 1);
  expect(full).toBe(true);
  expect(wanted.slice(0, 2).map(({ tree, node }) => [tree.key, addressOf(tree, node).level])).toEqual([
    ['near', 2],
    ['far', 2],
  ]);
  // One more group of eight would fit twice over, but only one does: that of the mesh with the larger error.
  expect(wanted.slice(2).map(({ tree, node }) => `${tree.key} ${addressOf(tree, node).level}`)).toEqual(
    Array(8).fill('near 1'),
  );
});

test('a box that two panes see is counted once', () => {
  const tree = treeOf(octree('1', 2, side));
  const mesh = { tree, region: everywhere, pixelNm: 0.5, detailNm: 0.5 };
  expect(wantedNodes([mesh, mesh], 9, () => 1)).toMatchObject({ full: false });
});

test('a manifest whose boxes or parents make no sense is refused with what is wrong', () => {
  const bad = (change: (level: MeshManifest['levels'][number]) => void): MeshManifest => {
    const manifest = octree('1', 2, side);
    change(manifest.levels[0]!);
    return manifest;
  };
  expect(() => treeOf(bad((level) => (level.parents[2] = 5)))).toThrow(
    'level 0 of its manifest names box 5 of the next level, which has 1',
  );
  expect(() => treeOf(bad((level) => (level.boxesNm[4] = Number.NaN)))).toThrow('to NaN nm');
  expect(() => treeOf(bad((level) => level.boxesNm.pop()))).toThrow('8 sizes, 8 parents');
  expect(() => treeOf(bad((level) => (level.boxesNm[3] = -1)))).toThrow('a box from 0 to -1 nm');
});

test('nodes and the engine’s addresses agree', () => {
  const tree = treeOf(octree('1', 3, side));
  for (let node = 0; node < tree.nodes; node++) {
    const { level, box } = addressOf(tree, node);
    expect(nodeAt(tree, level, box)).toBe(node);
  }
});

test('a region seen through a matrix holds what it holds in the world', () => {
  const m = [2, 0.5, 0, 10, -0.5, 2, 0.25, -20, 0, 0, 3, 30] as const;
  const region = regionOf(frame({ nmPerPx: 2 }));
  const inside = throughMatrix(region, m);
  fc.assert(
    fc.property(fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -400, max: 900 }))), ([x = 0, y = 0, z = 0]) => {
      const world = [0, 4, 8].map((r) => m[r]! * x + m[r + 1]! * y + m[r + 2]! * z + m[r + 3]!);
      expect(holds(inside, [x, y, z])).toBe(holds(region, [world[0]!, world[1]!, world[2]!]));
    }),
  );
  expect(scaleOf([0, 2, 0, 5, -2, 0, 0, 5, 0, 0, 2, 5])).toBeCloseTo(2, 12);
});
