// Volume rendering the plain way: whole levels in memory, doubles, four samples to the smallest voxel, no bricks, no tables.
// Nothing of the renderer is imported: this is what it is measured against.

type V3 = readonly [number, number, number];

/** A level: voxels x fastest, where they lie in the layer's nanometres. */
export interface WholeLevel {
  readonly size: V3;
  readonly voxelSizeNm: V3;
  readonly originNm: V3;
  readonly voxels: ArrayLike<number>;
}

export interface RayLook {
  readonly mode: 'max' | 'min' | 'average' | 'attenuated' | 'translucent' | 'surface' | 'labels';
  /** Stored values. */
  readonly window: readonly [number, number];
  readonly gamma: number;
  readonly inverted: boolean;
  /** Red, green, blue from 0 to 1 for a grey from 0 to 1. */
  readonly paint: (grey: number) => V3;
  readonly transfer: readonly (readonly [number, number])[];
  readonly surfaceAt: number;
  readonly attenuation: number;
  /** Red, green, blue, opacity of a label. */
  readonly labelColour: (label: number) => readonly [number, number, number, number];
}

export interface RayPicture {
  readonly levels: readonly WholeLevel[];
  /** The level that is drawn at a place of the layer; null where nothing is. */
  readonly levelAt: (nm: V3) => number | null;
  /** Row-major 3 x 4; null: the same. */
  readonly worldFromLayer: readonly number[] | null;
  readonly orbit: { readonly yaw: number; readonly pitch: number; readonly roll: number; readonly zoom: number };
  /** Around all that is shown, in the world. */
  readonly bounds: { readonly min: V3; readonly max: V3 };
  /** Pixels of the pane, and the part of it that is wanted. */
  readonly width: number;
  readonly height: number;
  readonly tile: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Whether a place of the world is drawn. */
  readonly isInside: (nm: V3) => boolean;
  readonly look: RayLook;
  readonly background: V3;
}

const add = (a: V3, b: V3, k = 1): V3 => [a[0] + k * b[0], a[1] + k * b[1], a[2] + k * b[2]];
const dot = (a: V3, b: V3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const size = (a: V3): number => Math.sqrt(dot(a, a));

/** Columns right, down, forward: yaw about y, then pitch about the turned x, then roll in the plane. */
function axesOf({ yaw, pitch, roll }: RayPicture['orbit']): readonly [V3, V3, V3] {
  const forward: V3 = [Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch)];
  const level: V3 = [Math.cos(yaw), 0, -Math.sin(yaw)];
  const under: V3 = [
    forward[1] * level[2] - forward[2] * level[1],
    forward[2] * level[0] - forward[0] * level[2],
    forward[0] * level[1] - forward[1] * level[0],
  ];
  const [c, s] = [Math.cos(roll), Math.sin(roll)];
  return [
    add([c * level[0], c * level[1], c * level[2]], under, s),
    add([c * under[0], c * under[1], c * under[2]], level, -s),
    forward,
  ];
}

function inverseOf(m: readonly number[] | null): (p: V3) => V3 {
  if (!m) return (p) => p;
  const at = (r: number, c: number): number => m[4 * r + c] ?? 0;
  const det3 = (a: V3, b: V3, c: V3): number =>
    a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0] * (a[1] * b[2] - a[2] * b[1]);
  const column = (c: number): V3 => [at(0, c), at(1, c), at(2, c)];
  const [x, y, z] = [column(0), column(1), column(2)];
  const all = det3(x, y, z);
  // Cramer's rule.
  return (p) => {
    const q = add(p, column(3), -1);
    return [det3(q, y, z) / all, det3(x, q, z) / all, det3(x, y, q) / all];
  };
}

/** The tile, red green blue a pixel, 0 to 255. */
export function marchRays(picture: RayPicture): Uint8ClampedArray {
  const { width, height, tile, bounds, orbit } = picture;
  const [right, down, forward] = axesOf(orbit);
  const middle: V3 = [
    (bounds.min[0] + bounds.max[0]) / 2,
    (bounds.min[1] + bounds.max[1]) / 2,
    (bounds.min[2] + bounds.max[2]) / 2,
  ];
  const diagonal = size(add(bounds.max, bounds.min, -1));
  const nmPerPx = diagonal / (0.92 * Math.min(width, height)) / orbit.zoom;
  const layerFromWorld = inverseOf(picture.worldFromLayer);
  const ray = new Ray(picture, layerFromWorld, forward, diagonal);
  const out = new Uint8ClampedArray(3 * tile.width * tile.height);
  for (let y = 0; y < tile.height; y++)
    for (let x = 0; x < tile.width; x++) {
      const across = add(middle, right, (tile.x + x + 0.5 - width / 2) * nmPerPx);
      const through = add(across, down, (tile.y + y + 0.5 - height / 2) * nmPerPx);
      out.set(
        ray.colour(add(through, forward, -diagonal / 2)).map((c) => Math.round(255 * c)),
        3 * (x + tile.width * y),
      );
    }
  return out;
}

class Ray {
  readonly #picture: RayPicture;
  readonly #layerFromWorld: (p: V3) => V3;
  readonly #forward: V3;
  readonly #length: number;
  readonly #step: number;
  readonly #side: number;

  constructor(picture: RayPicture, layerFromWorld: (p: V3) => V3, forward: V3, length: number) {
    this.#picture = picture;
    this.#layerFromWorld = layerFromWorld;
    this.#forward = forward;
    this.#length = length;
    const m = picture.worldFromLayer ?? [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    const stretch = [0, 1, 2].map((c) => Math.hypot(m[c] ?? 0, m[4 + c] ?? 0, m[8 + c] ?? 0));
    const [finest] = picture.levels;
    if (!finest) throw new RangeError('a picture has at least one level');
    this.#step = Math.min(...finest.voxelSizeNm.map((nm, a) => nm * (stretch[a] ?? 1))) / 4;
    this.#side = Math.max(...finest.voxelSizeNm.map((nm, a) => nm * (finest.size[a] ?? 1) * (stretch[a] ?? 1)));
  }

  colour(from: V3): V3 {
    const { background } = this.#picture;
    const [c, alpha] = this.#cast(from);
    return add([alpha * c[0], alpha * c[1], alpha * c[2]], background, 1 - alpha);
  }

  /** Values along the ray, front first, with how far along they are. Before and behind the bounds there are none. */
  *#values(from: V3): Generator<readonly [value: number, nm: V3, level: number]> {
    const { isInside } = this.#picture;
    const [first, last] = this.#within(from);
    for (let i = first; i <= last; i++) {
      const world = add(from, this.#forward, (i + 0.5) * this.#step);
      if (!isInside(world)) continue;
      const nm = this.#layerFromWorld(world);
      const found = this.#nearest(nm);
      if (found) yield [found[0], nm, found[1]];
    }
  }

  /** The first and the last sample that may lie within the bounds. */
  #within(from: V3): readonly [number, number] {
    const { min, max } = this.#picture.bounds;
    let [near, far] = [0, this.#length];
    for (const a of [0, 1, 2] as const) {
      const along = this.#forward[a];
      const [t, u] = [(min[a] - from[a]) / along, (max[a] - from[a]) / along];
      // A ray along this axis' faces is between them or not at all.
      if (along === 0) far = from[a] < min[a] || from[a] > max[a] ? -1 : far;
      else [near, far] = [Math.max(near, Math.min(t, u)), Math.min(far, Math.max(t, u))];
    }
    return [Math.max(0, Math.floor(near / this.#step) - 1), Math.floor(Math.min(far, this.#length) / this.#step) + 1];
  }

  #nearest(nm: V3): readonly [value: number, level: number] | null {
    const index = this.#picture.levelAt(nm);
    const level = index === null ? undefined : this.#picture.levels[index];
    if (index === null || !level) return null;
    const { originNm, voxelSizeNm } = level;
    const [x, y, z] = [
      Math.floor((nm[0] - originNm[0]) / voxelSizeNm[0]),
      Math.floor((nm[1] - originNm[1]) / voxelSizeNm[1]),
      Math.floor((nm[2] - originNm[2]) / voxelSizeNm[2]),
    ];
    const [w, h, d] = level.size;
    if (x < 0 || y < 0 || z < 0 || x >= w || y >= h || z >= d) return null;
    return [level.voxels[x + w * (y + h * z)] ?? 0, index];
  }

  #windowed(value: number): number {
    const [low, high] = this.#picture.look.window;
    return Math.max(0, Math.min(1, (value - low) / (high - low)));
  }

  #grey(windowed: number): V3 {
    const { gamma, inverted, paint } = this.#picture.look;
    const raised = windowed ** gamma;
    return paint(inverted ? 1 - raised : raised);
  }

  #cast(from: V3): readonly [V3, number] {
    const { mode } = this.#picture.look;
    if (mode === 'translucent') return this.#translucent(from);
    if (mode === 'surface') return this.#surface(from);
    if (mode === 'labels') return this.#labels(from);
    let [count, sum, most, least] = [0, 0, 0, Infinity];
    let [best, crossed] = [0, 0];
    for (const [value] of this.#values(from)) {
      const w = this.#windowed(value);
      best = Math.max(best, w * Math.exp(-this.#picture.look.attenuation * crossed));
      crossed += (w * this.#step) / (this.#side / 8);
      count += 1;
      sum += value;
      most = Math.max(most, value);
      least = Math.min(least, value);
    }
    if (count === 0) return [[0, 0, 0], 0];
    if (mode === 'attenuated') return [this.#grey(best), 1];
    return [this.#grey(this.#windowed(mode === 'max' ? most : mode === 'min' ? least : sum / count)), 1];
  }

  #translucent(from: V3): readonly [V3, number] {
    let [light, through]: [V3, number] = [[0, 0, 0], 1];
    for (const [value] of this.#values(from)) {
      const w = this.#windowed(value);
      const alpha = 1 - (1 - opacityOf(this.#picture.look.transfer, w)) ** (this.#step / (this.#side / 256));
      light = add(light, this.#grey(w), through * alpha);
      through *= 1 - alpha;
    }
    return through === 1
      ? [light, 0]
      : [[light[0] / (1 - through), light[1] / (1 - through), light[2] / (1 - through)], 1 - through];
  }

  #surface(from: V3): readonly [V3, number] {
    const { surfaceAt, paint } = this.#picture.look;
    let before: V3 | null = null;
    for (const [value, nm, level] of this.#values(from)) {
      if (this.#windowed(value) >= surfaceAt) {
        const field = (p: V3): number => this.#between(p, level);
        const at = before && this.#windowed(field(before)) < surfaceAt ? this.#cross(before, nm, field) : nm;
        return [scaled(paint(1), this.#lit(this.#gradient(at, level, field))), 1];
      }
      before = nm;
    }
    return [[0, 0, 0], 0];
  }

  /** Where a field first reaches the surface between two places. */
  #cross(before: V3, after: V3, field: (p: V3) => number): V3 {
    for (let i = 0; i <= 32; i++) {
      const p = add(before, add(after, before, -1), i / 32);
      if (this.#windowed(field(p)) >= this.#picture.look.surfaceAt) return p;
    }
    return after;
  }

  #labels(from: V3): readonly [V3, number] {
    let [light, through, last]: [V3, number, number] = [[0, 0, 0], 1, 0];
    for (const [label, nm, level] of this.#values(from)) {
      if (label === last) continue;
      last = label;
      const [r, g, b, alpha] = label === 0 ? [0, 0, 0, 0] : this.#picture.look.labelColour(label);
      if (alpha === 0) continue;
      const away = this.#awayFrom(label, nm, level);
      light = add(light, [r, g, b], through * alpha * this.#lit(away));
      through *= 1 - alpha;
      if (through < 0.01) break;
    }
    return through === 1 ? [light, 0] : [scaled(light, 1 / (1 - through)), 1 - through];
  }

  /** Linear between the middles of voxels of one level. */
  #between(nm: V3, level: number): number {
    const { originNm, voxelSizeNm } = this.#picture.levels[level] as WholeLevel;
    const q = [0, 1, 2].map((a) => ((nm[a] ?? 0) - (originNm[a] ?? 0)) / (voxelSizeNm[a] ?? 1) - 0.5);
    let sum = 0;
    for (let corner = 0; corner < 8; corner++) {
      let weight = 1;
      const p = [0, 1, 2].map((a) => {
        const low = Math.floor(q[a] ?? 0);
        const f = (q[a] ?? 0) - low;
        const up = (corner >> a) & 1;
        weight *= up ? f : 1 - f;
        return (originNm[a] ?? 0) + (low + up + 0.5) * (voxelSizeNm[a] ?? 1);
      }) as unknown as V3;
      sum += weight * (this.#nearest(this.#kept(p))?.[0] ?? 0);
    }
    return sum;
  }

  /** Beyond the faces of the volume, its outermost voxels go on. */
  #kept(nm: V3): V3 {
    const { originNm, voxelSizeNm, size: voxels } = this.#picture.levels[0] as WholeLevel;
    const keep = (a: 0 | 1 | 2): number =>
      Math.max(originNm[a] + voxelSizeNm[a] * 0.01, Math.min(originNm[a] + voxelSizeNm[a] * (voxels[a] - 0.01), nm[a]));
    return [keep(0), keep(1), keep(2)];
  }

  /** Differences over two voxels, as a direction of the world. */
  #gradient(nm: V3, level: number, field: (p: V3) => number): V3 {
    const sizes = (this.#picture.levels[level] as WholeLevel).voxelSizeNm;
    const along = (a: 0 | 1 | 2): number => {
      const by: V3 = [a === 0 ? sizes[0] : 0, a === 1 ? sizes[1] : 0, a === 2 ? sizes[2] : 0];
      return (field(add(nm, by)) - field(add(nm, by, -1))) / (2 * sizes[a]);
    };
    return this.#worldGradient([along(0), along(1), along(2)]);
  }

  /** Away from what hides as much as a label. */
  #awayFrom(label: number, nm: V3, level: number): V3 {
    const hides = (one: number): number => (one === 0 ? 0 : (this.#picture.look.labelColour(one)[3] ?? 0));
    const sizes = (this.#picture.levels[level] as WholeLevel).voxelSizeNm;
    let sum: V3 = [0, 0, 0];
    for (let z = -1; z <= 1; z++)
      for (let y = -1; y <= 1; y++)
        for (let x = -1; x <= 1; x++) {
          const p = add(nm, [x * sizes[0], y * sizes[1], z * sizes[2]]);
          if (hides(this.#nearest(this.#kept(p))?.[0] ?? 0) >= hides(label))
            sum = add(sum, [x / sizes[0], y / sizes[1], z / sizes[2]], -1);
        }
    return this.#worldGradient(sum);
  }

  /** A gradient in the layer as one in the world: through the transposed inverse. */
  #worldGradient(g: V3): V3 {
    const zero = this.#layerFromWorld([0, 0, 0]);
    const row = (a: 0 | 1 | 2): number =>
      dot(add(this.#layerFromWorld([Number(a === 0), Number(a === 1), Number(a === 2)]), zero, -1), g);
    return [row(0), row(1), row(2)];
  }

  #lit(gradient: V3): number {
    const length = size(gradient);
    return 0.3 + 0.7 * (length > 0 ? Math.abs(dot(gradient, this.#forward)) / length : 1);
  }
}

const scaled = (v: V3, k: number): V3 => [v[0] * k, v[1] * k, v[2] * k];

function opacityOf(points: RayLook['transfer'], w: number): number {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return 0;
  if (w <= first[0]) return first[1];
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] ?? first, points[i] ?? last];
    if (w <= b[0]) return b[0] === a[0] ? b[1] : a[1] + ((b[1] - a[1]) * (w - a[0])) / (b[0] - a[0]);
  }
  return last[1];
}
