import type { Tile } from '../../../preload/contract/dataset.ts';
import type { Link, Placement } from '../../../preload/contract/registration.ts';
import { type Affine, applyAffine, boundsOfTile, type Rect } from '../../../preload/contract/space.ts';
import type { Shift } from '../../state/moved-links.ts';
import { withoutExtension } from '../../ui/format.ts';

/** What a section's map is drawn from, and what lies under a point of it. Pure. */

export interface MapTile {
  readonly placement: Placement;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly name: string;
  /** Corners in stack space, clockwise. */
  readonly corners: ReadonlyArray<readonly [number, number]>;
  readonly box: Rect;
  readonly centre: readonly [number, number];
}

export interface MapLink {
  readonly link: Link;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

export function mapTiles(
  tiles: readonly Tile[],
  placements: readonly Placement[],
  section: number | null,
): readonly MapTile[] {
  const byId = new Map(placements.map((placement) => [placement.tile, placement]));
  return tiles.flatMap((tile) => {
    const placement = byId.get(tile.id);
    if (tile.section !== section || !placement) return [];
    return [mapTile(tile, placement)];
  });
}

function mapTile(
  { widthPx: w, heightPx: h, name }: Pick<Tile, 'widthPx' | 'heightPx' | 'name'>,
  placement: Placement,
): MapTile {
  const at = (x: number, y: number): readonly [number, number] => applyAffine(placement.stackFromTile, x, y);
  return {
    placement,
    widthPx: w,
    heightPx: h,
    name: withoutExtension(name),
    corners: [at(0, 0), at(w, 0), at(w, h), at(0, h)],
    box: boundsOfTile(placement.stackFromTile, w, h),
    centre: at(w / 2, h / 2),
  };
}

/** The tile so far from where the version has it. */
export function shifted(tile: MapTile, [dx, dy]: Shift): MapTile {
  const [a, b, c, d, e, f] = tile.placement.stackFromTile;
  const stackFromTile: Affine = [a, b, c, d, e + dx, f + dy];
  return mapTile(tile, { ...tile.placement, stackFromTile });
}

/** The tile under a point whose middle is nearest. */
export function tileAt(tiles: readonly MapTile[], x: number, y: number): MapTile | null {
  const under = tiles.filter(({ box }) => x >= box.minX && x < box.maxX && y >= box.minY && y < box.maxY);
  const away = ({ centre }: MapTile): number => Math.hypot(x - centre[0], y - centre[1]);
  return under.toSorted((p, q) => away(p) - away(q))[0] ?? null;
}

export function mapLinks(
  links: readonly Link[],
  tiles: readonly MapTile[],
  section: number | null,
): readonly MapLink[] {
  const centres = new Map(tiles.map((tile) => [tile.placement.tile, tile.centre]));
  return links.flatMap((link) => {
    const from = centres.get(link.tileA);
    const to = centres.get(link.tileB);
    return link.section === section && from && to ? [{ link, from, to }] : [];
  });
}

/** Links with one tile elsewhere: its own end there, with a residual of there if known; others are left as they are. */
export function withTileAt(
  links: readonly MapLink[],
  { placement: { tile }, centre }: MapTile,
  residualPxOf: (link: Link) => number | undefined,
): readonly MapLink[] {
  return links.map((one) => {
    const { tileA, tileB, residualPx } = one.link;
    if (tileA !== tile && tileB !== tile) return one;
    return {
      link: { ...one.link, residualPx: residualPxOf(one.link) ?? residualPx },
      from: tileA === tile ? centre : one.from,
      to: tileB === tile ? centre : one.to,
    };
  });
}

/** 95 % of the residuals that count; never so small that noise looks like trouble. */
export function topResidual(links: readonly Link[]): number {
  const kept = links.flatMap((link) => (link.state === 'kept' ? link.residualPx : [])).toSorted((a, b) => a - b);
  return Math.max(0.5, kept[Math.floor(0.95 * (kept.length - 1))] ?? 1);
}

export function linkAt(links: readonly MapLink[], x: number, y: number, within: number): MapLink | null {
  const near = links
    .map((one) => ({ one, distance: distanceTo(one, x, y) }))
    .filter(({ distance }) => distance <= within);
  return near.toSorted((a, b) => a.distance - b.distance)[0]?.one ?? null;
}

function distanceTo({ from, to }: MapLink, x: number, y: number): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const along = Math.max(0, Math.min(1, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
}
