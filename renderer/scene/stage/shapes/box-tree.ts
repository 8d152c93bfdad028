import type { Region } from './region.ts';
import { meetsBox } from './region.ts';
import type { Sliced } from './slices.ts';
import { roundsPerSlice } from './slices.ts';

/**
 * Finds the triangles or edges that a region may meet without looking at all of them. Items lie along a Morton curve
 * (Lauterbach and others, 2009, "Fast BVH construction on GPUs"), boxes of 8 of them in a row, boxes of 8 boxes, and so on.
 */
export interface BoxTree {
  /** Items in the order of the curve. */
  readonly order: Uint32Array;
  /** Boxes of each level, finest first: minX minY minZ maxX maxY maxZ each. The last has one box. */
  readonly levels: readonly Float32Array[];
}

const fan = 8;

/** Corners of items: item i is the points `indices[i * corners]` and on. All indices are within `positions`. */
export interface Items {
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
  readonly corners: 2 | 3;
}

export const bytesOfTree = ({ order, levels }: BoxTree): number =>
  order.byteLength + levels.reduce((sum, level) => sum + level.byteLength, 0);

export function* boxTreeOf(items: Items): Sliced<BoxTree> {
  const codes = yield* mortonCodes(items);
  const order = yield* sortedOrder(codes);
  let level = yield* leafBoxes(items, order);
  const levels = [level];
  while (level.length > 6) {
    level = mergedBoxes(level);
    levels.push(level);
  }
  return { order, levels };
}

/** Calls `visit` with each item whose group's box meets the region: more than do meet it, never fewer. */
export function visitItems({ order, levels }: BoxTree, region: Region, visit: (item: number) => void): void {
  const descend = (level: number, box: number): void => {
    const boxes = levels[level];
    if (!boxes || !meetsBox(region, boxes, box * 6)) return;
    const to = (box + 1) * fan;
    if (level === 0) for (let i = box * fan; i < Math.min(to, order.length); i++) visit(order[i]!);
    else
      for (let child = box * fan; child < Math.min(to, (levels[level - 1]?.length ?? 0) / 6); child++)
        descend(level - 1, child);
  };
  if (order.length > 0) descend(levels.length - 1, 0);
}

/** 30 bits each: where the middle of an item lies in the box of all points. */
function* mortonCodes({ positions, indices, corners }: Items): Sliced<Uint32Array> {
  const { min, perNm } = yield* gridOf(positions);
  const codes = new Uint32Array(indices.length / corners);
  for (let i = 0; i < codes.length; i++) {
    let code = 0;
    for (let a = 0; a < 3; a++) {
      let sum = 0;
      for (let c = 0; c < corners; c++) sum += positions[indices[i * corners + c]! * 3 + a]!;
      code |= spread(Math.min(1023, Math.max(0, (sum / corners - min[a]!) * perNm[a]!))) << a;
    }
    codes[i] = code;
    if (i % roundsPerSlice === 0) yield;
  }
  return codes;
}

function* gridOf(positions: Float32Array): Sliced<{ readonly min: number[]; readonly perNm: number[] }> {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    const a = i % 3;
    const nm = positions[i]!;
    if (nm < min[a]!) min[a] = nm;
    if (nm > max[a]!) max[a] = nm;
    if (i % (4 * roundsPerSlice) === 0) yield;
  }
  return { min, perNm: min.map((low, a) => 1024 / Math.max(1e-30, max[a]! - low)) };
}

/** Puts two empty bits between the ten bits of a number. */
function spread(value: number): number {
  let x = value & 0x3ff;
  x = (x | (x << 16)) & 0x030000ff;
  x = (x | (x << 8)) & 0x0300f00f;
  x = (x | (x << 4)) & 0x030c30c3;
  return (x | (x << 2)) & 0x09249249;
}

/** Radix sort, 11 bits at a time. */
function* sortedOrder(codes: Uint32Array): Sliced<Uint32Array> {
  let from = new Uint32Array(codes.length);
  for (let i = 0; i < from.length; i++) from[i] = i;
  let to = new Uint32Array(codes.length);
  for (const shift of [0, 11, 22]) {
    const starts = new Uint32Array(2049);
    for (const code of codes) starts[((code >>> shift) & 2047) + 1]! += 1;
    for (let d = 0; d < 2048; d++) starts[d + 1]! += starts[d]!;
    yield;
    for (let i = 0; i < from.length; i++) {
      const item = from[i]!;
      to[starts[(codes[item]! >>> shift) & 2047]!++] = item;
      if (i % (4 * roundsPerSlice) === 0) yield;
    }
    [from, to] = [to, from];
  }
  return from;
}

function* leafBoxes({ positions, indices, corners }: Items, order: Uint32Array): Sliced<Float32Array> {
  const boxes = emptyBoxes(Math.ceil(order.length / fan));
  for (let i = 0; i < order.length; i++) {
    const [box, first] = [Math.floor(i / fan) * 6, order[i]! * corners];
    for (let c = 0; c < corners; c++) {
      const point = indices[first + c]! * 3;
      for (let a = 0; a < 3; a++) widen(boxes, box + a, positions[point + a]!, positions[point + a]!);
    }
    if (i % roundsPerSlice === 0) yield;
  }
  return boxes;
}

function mergedBoxes(fine: Float32Array): Float32Array {
  const count = fine.length / 6;
  const boxes = emptyBoxes(Math.ceil(count / fan));
  for (let i = 0; i < count; i++)
    for (let a = 0; a < 3; a++) widen(boxes, Math.floor(i / fan) * 6 + a, fine[i * 6 + a]!, fine[i * 6 + a + 3]!);
  return boxes;
}

const emptyBoxes = (count: number): Float32Array =>
  new Float32Array(count * 6).map((_, i) => (i % 6 < 3 ? Infinity : -Infinity));

function widen(boxes: Float32Array, at: number, low: number, high: number): void {
  if (low < boxes[at]!) boxes[at] = low;
  if (high > boxes[at + 3]!) boxes[at + 3] = high;
}
