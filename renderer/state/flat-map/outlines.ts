/** Regions of a picture as outlines that fit together. Pure. */

export interface KeyPicture {
  readonly width: number;
  readonly height: number;
  /** Row by row; pixels of one key are one region, 0 is none. */
  readonly keys: Uint32Array;
}

/** Corners of pixels around a region, x and y in turn, a pixel's side from one to the next; clockwise, holes against it. */
export type Loop = readonly number[];

/** Right along the upper side of a pixel, down along its right one, left, up: x and y of each step. */
const steps = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

const keyAt = ({ width, height, keys }: KeyPicture, x: number, y: number): number =>
  x >= 0 && y >= 0 && x < width && y < height ? (keys[y * width + x] ?? 0) : 0;

/** The loops of each key. Pixels that touch at a corner alone are apart. O(pixels). */
export function loopsOf(picture: KeyPicture): ReadonlyMap<number, readonly Loop[]> {
  const { width, height, keys } = picture;
  const loops = new Map<number, Loop[]>();
  const walked = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const key = keys[y * width + x] ?? 0;
      // Every loop goes right somewhere.
      if (key === 0 || walked[y * width + x] !== 0 || keyAt(picture, x, y - 1) === key) continue;
      const own = loops.get(key) ?? [];
      own.push(walk(picture, x, y, walked));
      loops.set(key, own);
    }
  return loops;
}

/** Around from the upper side of a pixel. */
function walk(picture: KeyPicture, startX: number, startY: number, walked: Uint8Array): Loop {
  const key = keyAt(picture, startX, startY);
  const loop: number[] = [];
  let [x, y, side] = [startX, startY, 0];
  do {
    if (side === 0) walked[y * picture.width + x] = 1;
    loop.push(x + (side === 1 || side === 2 ? 1 : 0), y + (side === 2 || side === 3 ? 1 : 0));
    const [aheadX, aheadY] = steps[side] ?? [0, 0];
    const [outX, outY] = steps[(side + 3) % 4] ?? [0, 0];
    if (keyAt(picture, x + aheadX, y + aheadY) !== key) side = (side + 1) % 4;
    else {
      [x, y] = [x + aheadX, y + aheadY];
      if (keyAt(picture, x + outX, y + outY) === key) [x, y, side] = [x + outX, y + outY, (side + 3) % 4];
    }
  } while (x !== startX || y !== startY || side !== 0);
  return loop;
}

/** Whether more than two regions meet at a corner of pixels, or two cross. */
function isJunction(picture: KeyPicture, x: number, y: number): boolean {
  const [a, b] = [keyAt(picture, x - 1, y - 1), keyAt(picture, x, y - 1)];
  const [c, d] = [keyAt(picture, x - 1, y), keyAt(picture, x, y)];
  return Number(a !== b) + Number(b !== d) + Number(d !== c) + Number(c !== a) > 2;
}

type Point = readonly [number, number];

const between = ([ax, ay]: Point, [bx, by]: Point): Point => [(ax + bx) / 2, (ay + by) / 2];
const areInLine = ([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): boolean =>
  (bx - ax) * (cy - ay) === (by - ay) * (cx - ax);

/**
 * A loop as the data of an SVG path, in pixels: the quadratic B-spline of the middles of the pixels' sides, so that steps
 * are gone, held at junctions. It depends on the border alone: regions on both sides of it share it to the digit.
 */
export function pathOf(picture: KeyPicture, loop: Loop): string {
  const n = loop.length / 2;
  const corner = (i: number): Point => [loop[2 * ((i + n) % n)] ?? 0, loop[2 * ((i + n) % n) + 1] ?? 0];
  const middle = (i: number): Point => between(corner(i), corner(i + 1));
  const onCurve = (i: number, before: Point, after: Point): Point => {
    const [x, y] = corner(i);
    return isJunction(picture, x, y) ? [x, y] : between(before, after);
  };
  let control = middle(0);
  let now = onCurve(0, middle(-1), control);
  let last = now;
  let path = `M${now.join(' ')}`;
  const lineTo = (): void => {
    if (now !== last) path += `L${now.join(' ')}`;
    last = now;
  };
  for (let i = 1; i <= n; i++) {
    const after = middle(i);
    const next = onCurve(i, control, after);
    const straight = areInLine(now, control, next);
    if (!straight || !areInLine(last, now, next)) lineTo();
    if (!straight) path += `Q${control.join(' ')} ${next.join(' ')}`;
    now = next;
    if (!straight) last = next;
    control = after;
  }
  return `${path}Z`;
}

/** A region of a picture: its outline, and a pixel of it near its middle. */
export interface Outline {
  readonly key: number;
  readonly path: string;
  readonly middle: readonly [number, number];
}

export function outlinesOf(picture: KeyPicture): readonly Outline[] {
  const middles = middlesOf(picture);
  return [...loopsOf(picture)].map(([key, loops]) => ({
    key,
    path: loops.map((loop) => pathOf(picture, loop)).join(''),
    middle: middles.get(key) ?? [0, 0],
  }));
}

/** Of each key the centre of the pixel nearest to its centre of mass. */
function middlesOf({ width, keys }: KeyPicture): ReadonlyMap<number, readonly [number, number]> {
  const sums = new Map<number, { x: number; y: number; n: number }>();
  const each = (use: (key: number, x: number, y: number) => void): void =>
    keys.forEach((key, i) => key !== 0 && use(key, (i % width) + 0.5, Math.floor(i / width) + 0.5));
  each((key, x, y) => {
    const sum = sums.get(key);
    if (!sum) return void sums.set(key, { x, y, n: 1 });
    sum.x += x;
    sum.y += y;
    sum.n += 1;
  });
  const nearest = new Map<number, { readonly place: readonly [number, number]; readonly far: number }>();
  each((key, x, y) => {
    const { x: sumX, y: sumY, n } = sums.get(key) ?? { x: 0, y: 0, n: 1 };
    const far = (x - sumX / n) ** 2 + (y - sumY / n) ** 2;
    if (far < (nearest.get(key)?.far ?? Infinity)) nearest.set(key, { place: [x, y], far });
  });
  return new Map([...nearest].map(([key, { place }]) => [key, place]));
}
