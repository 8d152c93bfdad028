import type { Link } from '../../preload/contract/registration.ts';
import type { LinkMisfit } from '../../preload/contract/solve.ts';

/** What links say of a tile that is moved. Pure; lengths in stack pixels. */

export type Shift = readonly [x: number, y: number];

const nowhere: Shift = [0, 0];

/** What the residual of a link comes to where one of its tiles is moved so far: exact, as both are plain distances. */
export function residualAfter({ tileB, meanPx, rmsPx }: LinkMisfit, tile: number, [x, y]: Shift): number {
  const side = tile === tileB ? 1 : -1;
  const square = rmsPx ** 2 + 2 * side * (x * meanPx[0] + y * meanPx[1]) + x * x + y * y;
  return Math.sqrt(Math.max(0, square));
}

/** Where the links that are used would have the tile, from where the version has it; null where it has none. */
export function wishOfLinks(misfits: readonly LinkMisfit[], tile: number, links: readonly Link[]): Shift | null {
  const used = usedOf(misfits, tile, links);
  if (used.length === 0) return null;
  const mean = (axis: 0 | 1): number =>
    used.reduce((sum, { tileB, meanPx }) => sum + (tile === tileB ? -1 : 1) * meanPx[axis], 0) / used.length;
  return [mean(0), mean(1)];
}

/** Root mean square over the tile's links that are used, before and where it is now; null where it has none. */
export function fitOfTile(
  misfits: readonly LinkMisfit[],
  tile: number,
  by: Shift,
  links: readonly Link[],
): { readonly before: number; readonly now: number; readonly links: number } | null {
  const used = usedOf(misfits, tile, links);
  if (used.length === 0) return null;
  const rms = (shift: Shift): number =>
    Math.sqrt(used.reduce((sum, one) => sum + residualAfter(one, tile, shift) ** 2, 0) / used.length);
  return { before: rms(nowhere), now: rms(by), links: used.length };
}

/** The links that a tile has to others. */
export const linksOfTile = (links: readonly Link[], tile: number): readonly Link[] =>
  links.filter(({ tileA, tileB }) => tileA === tile || tileB === tile);

function usedOf(misfits: readonly LinkMisfit[], tile: number, links: readonly Link[]): readonly LinkMisfit[] {
  const own = linksOfTile(links, tile).filter(({ state }) => state === 'kept');
  return misfits.filter(({ tileA, tileB }) => own.some((link) => link.tileA === tileA && link.tileB === tileB));
}
