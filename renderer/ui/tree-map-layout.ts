/** Rectangles whose areas are as given, as close to squares as goes: Bruls, Huizing, van Wijk, Squarified Treemaps, 2000. Pure. */

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `areas`: more than nothing each, the most first, in any unit. One rectangle for each, filling `frame`. O(n). */
export function squarify(areas: readonly number[], frame: Rect): readonly Rect[] {
  const total = areas.reduce((sum, area) => sum + area, 0);
  const scale = total > 0 ? (frame.width * frame.height) / total : 0;
  const rects: Rect[] = [];
  let left = frame;
  for (let from = 0; from < areas.length;) {
    const side = Math.min(left.width, left.height);
    let end = from + 1;
    let sum = (areas[from] ?? 0) * scale;
    const most = sum;
    // Areas go down: the first of a row is the largest, the last the smallest.
    while (end < areas.length) {
      const next = (areas[end] ?? 0) * scale;
      if (worst(sum + next, most, next, side) > worst(sum, most, (areas[end - 1] ?? 0) * scale, side)) break;
      sum += next;
      end += 1;
    }
    const row = areas.slice(from, end).map((area) => area * scale);
    left = layRow(rects, row, sum, left);
    from = end;
  }
  return rects;
}

/** The worst ratio of sides in a row along `side`. */
const worst = (sum: number, most: number, least: number, side: number): number =>
  Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least));

/** Lays a row along the shorter side; answers what is left of the frame. */
function layRow(rects: Rect[], row: readonly number[], sum: number, { x, y, width, height }: Rect): Rect {
  const upright = width >= height;
  const depth = upright ? sum / (height || 1) : sum / (width || 1);
  let along = upright ? y : x;
  for (const area of row) {
    const length = area / (depth || 1);
    rects.push(upright ? { x, y: along, width: depth, height: length } : { x: along, y, width: length, height: depth });
    along += length;
  }
  return upright
    ? { x: x + depth, y, width: Math.max(0, width - depth), height }
    : { x, y: y + depth, width, height: Math.max(0, height - depth) };
}
