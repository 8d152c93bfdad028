import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Affine } from '../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../preload/contract/transform.ts';
import { type GridOrder, type GridPlace, parseGridOrder, reorderPlaces } from '../transforms/tile/grid-order.ts';
import type { LayoutTile } from './layout.ts';

const optionAtEnd = /;\s*order=([^;]*)$/;

/** The order that a layout's text ends with (`…;order=exchange`), and the text without it. */
export function takeOrder(text: string): { readonly layout: string; readonly order: GridOrder | null } {
  const [option = '', words] = optionAtEnd.exec(text) ?? [];
  if (words === undefined) return { layout: text, order: null };
  const order = parseGridOrder(words);
  if (order) return { layout: text.slice(0, text.length - option.length), order };
  throw new LamellaError('bad-layout', `order=${words.slice(0, 100)} is no order of a layout.`, {
    hint: 'Join any of snake-rows, snake-columns, exchange, flip-x and flip-y by +, as in order=snake-rows+exchange.',
    fields: { order: words.slice(0, 100) },
  });
}

/** The same tiles with their places read in another order, each section by itself. */
export function reorderTiles(tiles: readonly LayoutTile[], order: GridOrder): readonly LayoutTile[] {
  const sections = [...new Set(tiles.map((tile) => tile.section))];
  const moved = new Map(
    sections.flatMap((section) =>
      reordered(
        tiles.filter((tile) => tile.section === section),
        order,
      ),
    ),
  );
  return tiles.map((tile) => moved.get(tile) ?? tile);
}

function reordered(tiles: readonly LayoutTile[], order: GridOrder): readonly (readonly [LayoutTile, LayoutTile])[] {
  const sides = sidesOf(tiles);
  const middles = reorderPlaces(
    tiles.map((tile) => middleOf(tile, sides)),
    order,
  );
  return tiles.map((tile, i) => {
    const [x, y] = middles[i] ?? [0, 0];
    if (tile.place.kind === 'grid')
      return [tile, { ...tile, place: { kind: 'grid', row: Math.round(y), col: Math.round(x) } }];
    const from = middleOf(tile, sides);
    const [a, b, c, d, e, f] = tile.place.stageFromTile;
    const stageFromTile: Affine = [a, b, c, d, e + x - from.x, f + y - from.y];
    const bent = tile.transforms && { transforms: [...tile.transforms, translation(x - from.x, y - from.y)] };
    return [tile, { ...tile, place: { kind: 'affine', stageFromTile }, ...bent }];
  });
}

const translation = (x: number, y: number): TransformSpec => ({
  type: 'leaf',
  className: 'mpicbg.trakem2.transform.TranslationModel2D',
  dataString: `${x} ${y}`,
});

/** Where the layout does not say how large tiles are: the largest step between places along either axis. */
function sidesOf(tiles: readonly LayoutTile[]): readonly [number, number] {
  const steps = [4, 5].map((k) => {
    const at = tiles.flatMap(({ place }) => (place.kind === 'affine' ? [place.stageFromTile[k] ?? 0] : []));
    const sorted = at.toSorted((p, q) => p - q);
    return sorted.reduce((most, v, i) => Math.max(most, v - (sorted[i - 1] ?? v)), 0);
  });
  const side = Math.max(...steps, 1);
  return [side, side];
}

function middleOf({ place, sizePx }: LayoutTile, sides: readonly [number, number]): GridPlace {
  if (place.kind === 'grid') return { x: place.col, y: place.row, width: 1, height: 1 };
  const [width, height] = sizePx ?? sides;
  const [a, b, c, d, e, f] = place.stageFromTile;
  const [u, v] = sizePx ? [width / 2, height / 2] : [0, 0];
  return { x: a * u + c * v + e, y: b * u + d * v + f, width, height };
}
