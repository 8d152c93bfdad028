import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitsOf } from '../../renderer/panels/assemble/fits-of-sections.ts';
import { mapLinks, mapTiles, shifted, withTileAt } from '../../renderer/scene/map/map-shapes.ts';
import { fitOfTile, linksOfTile, residualAfter, wishOfLinks } from '../../renderer/state/moved-links.ts';
import type { Tile } from '../../preload/contract/dataset.ts';
import type { Link, Placement } from '../../preload/contract/registration.ts';

type Point = readonly [number, number];

const link = (tileA: number, tileB: number, more: Partial<Link> = {}): Link => ({
  ...{ tileA, tileB, section: 0, ncc: 0.9, peakRatio: 5, points: 1, residualPx: 1, state: 'kept', reason: '' },
  ...more,
});

/** Of where points of a and of b lie. */
function misfit(tileA: number, tileB: number, apart: readonly Point[]): Parameters<typeof residualAfter>[0] {
  const mean = (axis: 0 | 1): number => apart.reduce((sum, point) => sum + point[axis], 0) / apart.length;
  return { tileA, tileB, meanPx: [mean(0), mean(1)], rmsPx: rmsOf(apart) };
}

const rmsOf = (apart: readonly Point[]): number =>
  Math.sqrt(apart.reduce((sum, [x, y]) => sum + x * x + y * y, 0) / apart.length);

const px = fc.double({ min: -200, max: 200, noNaN: true });
const point = fc.tuple(px, px);

it('the residual of a moved tile is that of its points where they lie then, whichever end of the link it is', () => {
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 6 }), point, fc.boolean(), (apart, [x, y], isB) => {
      const side = isB ? 1 : -1;
      const moved = apart.map(([ax, ay]): Point => [ax + side * x, ay + side * y]);
      const after = residualAfter(misfit(1, 2, apart), isB ? 2 : 1, [x, y]);
      expect(after).toBeCloseTo(rmsOf(moved), 6);
    }),
  );
});

it('links would have a tile where they miss by least; those that were dropped have no say', () => {
  const misfits = [misfit(1, 2, [[4, 0]]), misfit(2, 3, [[0, -6]]), misfit(2, 4, [[500, 500]])];
  const links = [link(1, 2), link(2, 3), link(2, 4, { state: 'outlier' })];
  const wish = wishOfLinks(misfits, 2, links);
  expect(wish).toEqual([-2, -3]);
  const at = (by: Point): number => fitOfTile(misfits, 2, by, links)?.now ?? Number.NaN;
  for (const [x, y] of [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ])
    expect(at([-2 + (x ?? 0), -3 + (y ?? 0)])).toBeGreaterThan(at([-2, -3]));
  expect(wishOfLinks(misfits, 2, [])).toBeNull();
  expect(fitOfTile(misfits, 2, [1, 1], linksOfTile(links, 2))).toEqual(fitOfTile(misfits, 2, [1, 1], links));
});

it('a moved tile takes the ends of its own links along, and no other link is touched', () => {
  const tiles = [1, 2, 3].map((id) => ({ id, name: `${id}.png`, section: 0, widthPx: 10, heightPx: 10 }) as Tile);
  const placements = tiles.map(({ id }): Placement => ({
    tile: id,
    stackFromTile: [1, 0, 0, 1, 9 * id, 0],
    rmsPx: 0,
    placedBy: 'links',
  }));
  const links = [link(1, 2), link(2, 3, { state: 'outlier' }), link(1, 3)];
  const placed = mapTiles(tiles, placements, 0);
  const still = mapLinks(links, placed, 0);
  const moved = shifted(placed[1]!, [3, -4]);
  const live = withTileAt(still, moved, ({ tileA }) => (tileA === 1 ? 7 : undefined));
  const anew = mapLinks(links, [placed[0]!, moved, placed[2]!], 0);
  expect(live).toEqual(anew.map((one, i) => (i === 0 ? { ...one, link: { ...one.link, residualPx: 7 } } : one)));
  expect(live.map((one, i) => one === still[i])).toEqual([false, false, true]);
});

it('sections are told by the links within them and those to others, which count in both', () => {
  const links = [
    link(1, 2, { residualPx: 0.2 }),
    link(2, 3, { residualPx: 0.6 }),
    link(3, 4, { residualPx: 9, state: 'weak' }),
    link(1, 9, { residualPx: 3, sectionB: 1 }),
  ];
  expect(fitsOf([0, 1, 2], links)).toEqual([
    { section: 0, within: { median: 0.2, most: 0.6 }, across: { median: 3, most: 3 }, links: 4, dropped: 1 },
    { section: 1, within: null, across: { median: 3, most: 3 }, links: 1, dropped: 0 },
    { section: 2, within: null, across: null, links: 0, dropped: 0 },
  ]);
});
