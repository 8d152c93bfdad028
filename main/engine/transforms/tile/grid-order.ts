/**
 * How the places of a layout are to be read where they were written by another convention: every second row or column
 * run through backwards (a snake), x and y exchanged, x or y counted the other way. Applied in that order.
 */
export interface GridOrder {
  readonly snake: 'none' | 'rows' | 'columns';
  readonly exchanged: boolean;
  readonly flippedX: boolean;
  readonly flippedY: boolean;
}

/** The middle of a tile and its sides, in one unit. */
export interface GridPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const asWritten: GridOrder = { snake: 'none', exchanged: false, flippedX: false, flippedY: false };

/** Every order but as written, the likelier first: one thing wrong before two. */
export const otherOrders: readonly GridOrder[] = (['none', 'rows', 'columns'] as const)
  .flatMap((snake) =>
    [false, true].flatMap((exchanged) =>
      [false, true].flatMap((flippedX) =>
        [false, true].map((flippedY) => ({ snake, exchanged, flippedX, flippedY }) satisfies GridOrder),
      ),
    ),
  )
  .filter((order) => wordsOf(order).length > 0)
  .toSorted((a, b) => wordsOf(a).length - wordsOf(b).length);

function wordsOf({ snake, exchanged, flippedX, flippedY }: GridOrder): readonly string[] {
  return [
    ...(snake === 'none' ? [] : [`snake-${snake}`]),
    ...(exchanged ? ['exchange'] : []),
    ...(flippedX ? ['flip-x'] : []),
    ...(flippedY ? ['flip-y'] : []),
  ];
}

/** `snake-rows+exchange`; '' for as written. */
export const formatGridOrder = (order: GridOrder): string => wordsOf(order).join('+');

/** Null for a text that is no order. */
export function parseGridOrder(text: string): GridOrder | null {
  const words = text.split('+').map((word) => word.trim());
  const order: GridOrder = {
    snake: words.includes('snake-rows') ? 'rows' : words.includes('snake-columns') ? 'columns' : 'none',
    exchanged: words.includes('exchange'),
    flippedX: words.includes('flip-x'),
    flippedY: words.includes('flip-y'),
  };
  return wordsOf(order).length === words.length ? order : null;
}

/** "every second row reversed, x and y exchanged" */
export function describeGridOrder({ snake, exchanged, flippedX, flippedY }: GridOrder): string {
  const parts = [
    snake === 'none' ? '' : `every second ${snake === 'rows' ? 'row' : 'column'} reversed`,
    exchanged ? 'x and y exchanged' : '',
    flippedX && flippedY ? 'x and y counted the other way' : '',
    flippedX && !flippedY ? 'x counted the other way' : '',
    flippedY && !flippedX ? 'y counted the other way' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'as written' : parts.join(', ');
}

/** The middles of the places of one section, read in another order. Steps keep their part of a tile's side. */
export function reorderPlaces(
  places: readonly GridPlace[],
  order: GridOrder,
): readonly (readonly [x: number, y: number])[] {
  const straight =
    order.snake === 'none' ? places.map(({ x, y }) => [x, y] as const) : straightened(places, order.snake);
  const turned = straight.map(([x, y], i) => {
    const { width = 1, height = 1 } = places[i] ?? {};
    return order.exchanged ? ([(y * width) / height, (x * height) / width] as const) : ([x, y] as const);
  });
  const flipped = (axis: 0 | 1): ((v: number) => number) => {
    const values = turned.map((place) => place[axis]);
    const sum = Math.min(...values) + Math.max(...values);
    return (v) => sum - v;
  };
  const keep = (v: number): number => v;
  const [ofX, ofY] = [order.flippedX ? flipped(0) : keep, order.flippedY ? flipped(1) : keep];
  return turned.map(([x, y]) => [ofX(x), ofY(y)]);
}

/** Every second row (or column) reversed between the outermost places of the section. */
function straightened(
  places: readonly GridPlace[],
  snake: 'rows' | 'columns',
): readonly (readonly [x: number, y: number])[] {
  const line = linesOf(
    places.map(({ x, y, width, height }) => (snake === 'rows' ? { at: y, side: height } : { at: x, side: width })),
  );
  const along = places.map(({ x, y }) => (snake === 'rows' ? x : y));
  const sum = Math.min(...along) + Math.max(...along);
  return places.map(({ x, y }, i) => {
    if ((line[i] ?? 0) % 2 === 0) return [x, y];
    return snake === 'rows' ? [sum - x, y] : [x, sum - y];
  });
}

/** The row (or column) that each place belongs to, from 0: a gap of more than 40 % of a tile's side begins the next. */
export function linesOf(places: readonly { readonly at: number; readonly side: number }[]): readonly number[] {
  const order = places.map((_, i) => i).toSorted((i, j) => (places[i]?.at ?? 0) - (places[j]?.at ?? 0));
  const lines = places.map(() => 0);
  let line = 0;
  order.forEach((i, k) => {
    const [place, before] = [places[i], places[order[k - 1] ?? i]];
    if (place && before && place.at - before.at > 0.4 * place.side) line += 1;
    lines[i] = line;
  });
  return lines;
}
