import { applyAffine, type Affine } from '../../../../preload/contract/space.ts';
import type { CheckedPlace, LayoutCheck } from '../../../../preload/contract/registration.ts';
import { groupBy } from '../../stacks/group-by.ts';
import type { StoredTile } from '../../store/tiles.ts';
import { type GridOrder, reorderPlaces } from '../../transforms/tile/grid-order.ts';

/** More make no better picture of an order, and every one is a thumbnail. */
const mostDrawn = 100;

/** Tiles of the fullest section, those nearest its upper left corner, as the layout has them and as they fit. */
export function placesToDraw(
  tiles: readonly StoredTile[],
  order: GridOrder,
  { verdict, overlap }: Pick<LayoutCheck, 'verdict' | 'overlap'>,
): CheckedPlace[] {
  const sections = [...groupBy(tiles, (tile) => tile.section).values()];
  const [members = []] = sections.toSorted((a, b) => b.length - a.length);
  const written = members.map(middleOf);
  const fitting = verdict === 'reorder' ? reorderTiles(members, order).map(middleOf) : written;
  const [left, top] = [Math.min(...written.map(([x]) => x)), Math.min(...written.map(([, y]) => y))];
  const isSpaced = verdict === 'spacing';
  const [stretchX, stretchY] = isSpaced ? [stretchOf(overlap.x), stretchOf(overlap.y)] : [1, 1];
  const places = members.map(({ id }, i): CheckedPlace => {
    const [x, y] = fitting[i] ?? [0, 0];
    const asItFits = [left + (x - left) * stretchX, top + (y - top) * stretchY] as const;
    return { tile: id, asWritten: written[i] ?? [0, 0], asItFits: isSpaced ? asItFits : [x, y] };
  });
  const fromCorner = ({ asWritten: [x, y] }: CheckedPlace): number => Math.max(x - left, y - top);
  return places.toSorted((a, b) => fromCorner(a) - fromCorner(b)).slice(0, mostDrawn);
}

type Middle = readonly [x: number, y: number];

const middleOf = ({ stageFromTile, widthPx, heightPx }: StoredTile): Middle =>
  applyAffine(stageFromTile, widthPx / 2, heightPx / 2);

/** How much farther apart tiles lie than the layout says. */
const stretchOf = (overlap: LayoutCheck['overlap']['x']): number =>
  overlap && overlap.said < 1 ? (1 - overlap.measured) / (1 - overlap.said) : 1;

/** The tiles where another order of their section puts them. */
export function reorderTiles(tiles: readonly StoredTile[], order: GridOrder): readonly StoredTile[] {
  return [...groupBy(tiles, (tile) => tile.section).values()].flatMap((members) => {
    const places = members.map((tile) => {
      const [x, y] = middleOf(tile);
      return { x, y, width: tile.widthPx, height: tile.heightPx };
    });
    const moved = reorderPlaces(places, order);
    return members.map((tile, i) => {
      const [a, b, c, d, e, f] = tile.stageFromTile;
      const dx = (moved[i]?.[0] ?? 0) - (places[i]?.x ?? 0);
      const dy = (moved[i]?.[1] ?? 0) - (places[i]?.y ?? 0);
      return { ...tile, stageFromTile: [a, b, c, d, e + dx, f + dy] satisfies Affine };
    });
  });
}
