// Trees, maps and numbers of regions, as the window works them out.
import { describe, expect, test } from 'vitest';
import type { Region } from '../../preload/contract/atlas.ts';
import { middleOf, regionAt, sideAt, type RegionMap } from '../../renderer/state/region-map.ts';
import { asymmetry, barsOf, firstPlotted, sortedRows } from '../../renderer/state/region-numbers.ts';
import { labelsWithin, openAtFirst, pathText, rowsInSight } from '../../renderer/state/region-tree.ts';
import { squarify } from '../../renderer/ui/tree-map-layout.ts';
import type { RegionRow } from '../../preload/contract/region.ts';

const region = (at: number, acronym: string, parent: number | null, end: number, voxels: number): Region => ({
  ...{ at, id: String(10 + at), acronym, name: acronym, colour: '#808080', parent, end, voxels },
  ...{ depth: 0, allVoxels: voxels, inTable: true },
});

/** root > grey > (A, B > C), fibres */
const tree = [
  region(0, 'root', null, 6, 0),
  region(1, 'grey', 0, 5, 0),
  region(2, 'A', 1, 3, 4),
  region(3, 'B', 1, 5, 0),
  region(4, 'C', 3, 5, 7),
  region(5, 'fibres', 0, 6, 2),
];

describe('the tree', () => {
  test('shows what is unfolded, and says the way', () => {
    expect([...openAtFirst(tree)]).toEqual([0]);
    expect(rowsInSight(tree, new Set([0, 1])).map(({ acronym }) => acronym)).toEqual([
      'root',
      'grey',
      'A',
      'B',
      'fibres',
    ]);
    expect(pathText(tree, 4)).toBe('root › grey › B');
    expect(labelsWithin(tree, tree[1] ?? region(0, '', null, 0, 0))).toEqual(['12', '14']);
  });
});

/** 4 x 2 x 1 voxels of 10 nm from 100 nm: A A 0 C, 0 0 0 C; left below x = 120 nm. */
const map: RegionMap = {
  level: 0,
  voxelSizeNm: [10, 10, 10],
  originNm: [100, 0, 0],
  midline: { axis: 0, atNm: 120, below: 'left' },
  runs: {
    size: [4, 2, 1],
    rowStarts: Uint32Array.from([0, 3, 5]),
    runs: Uint16Array.from([3, 2, 0, 3, 5, 4, 0, 3, 5, 4]),
  },
  sides: null,
};

describe('the map', () => {
  test('names points, and their side', () => {
    const at = (x: number, y: number): unknown => regionAt(map, [x, y, 5]);
    expect([at(100, 5), at(119, 5), at(120, 5), at(139, 19), at(140, 5), at(99, 5)]).toEqual([
      2,
      2,
      null,
      4,
      null,
      null,
    ]);
    expect([sideAt(map, [119, 0, 0]), sideAt(map, [120, 0, 0])]).toEqual(['left', 'right']);
  });

  test('leads to a region on the side that is looked at, and never beside it', () => {
    expect(middleOf(map, { at: 2, end: 3 }, [139, 5, 5])).toEqual([105, 5, 5]);
    const [x, , z] = middleOf(map, { at: 1, end: 5 }, [139, 5, 5]) ?? [0, 0, 0];
    expect([x, z]).toEqual([135, 5]);
    expect(middleOf(map, { at: 5, end: 6 }, [139, 5, 5])).toBeNull();
  });
});

const row = ({ at, acronym, parent, end }: Region, volumeMm3: number): RegionRow => {
  const numbers = { voxels: 10 * volumeMm3, volumeMm3, count: null, densityPerMm3: null, covered: null, grey: null };
  const about = { at, id: '1', acronym, name: acronym, colour: '#808080', parent, end, depth: 0, inTable: true };
  return { ...about, hemisphere: null, own: numbers, all: numbers };
};
const rows = tree.map((one, i) => row(one, [13, 11, 4, 7, 7, 2][i] ?? 0));

test('rows are sorted and folded, and plots begin where the tree branches', () => {
  const names = (of: readonly RegionRow[]): string => of.map(({ acronym }) => acronym).join(' ');
  expect(names(sortedRows(rows, 'tree', true, new Set([1])))).toBe('root grey fibres');
  expect(names(sortedRows(rows, 'volume', true, new Set()))).toBe('root grey B C A fibres');
  // Grey has more than four fifths of the root.
  expect(firstPlotted(rows)).toBe(1);
  expect(barsOf(rows.slice(1, 3), 'volume').map(({ value }) => value)).toEqual([11, 4]);
  expect(asymmetry(1, 3)).toBe(0.5);
  expect(asymmetry(0, 0)).toBeNull();
});

test('areas of a tree-map are as given, fill the frame, and lie apart', () => {
  const areas = [6, 6, 4, 3, 2, 2, 1];
  const frame = { x: 5, y: 7, width: 600, height: 400 };
  const rects = squarify(areas, frame);
  rects.forEach(({ width, height }, i) => expect(width * height).toBeCloseTo((areas[i] ?? 0) * 10_000, 4));
  // The worked example of the paper: two of 3 x 2 above each other, at the left.
  expect(rects[0]).toMatchObject({ x: 5, y: 7, width: 300, height: 200 });
  expect(rects[1]).toMatchObject({ x: 5, y: 207, width: 300, height: 200 });
  for (const a of rects)
    for (const b of rects)
      if (a !== b) {
        const overlapX = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
        const overlapY = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
        expect(Math.min(overlapX, overlapY)).toBeLessThan(1e-6);
      }
});
