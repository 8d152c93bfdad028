import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gaussian, seededRandom } from '../formats/mutate.ts';

type Vec3 = readonly [number, number, number];
type Warp = (at: Vec3) => Vec3;

export const sceneSize = 96;
export const sceneLabels = 24;
const voxels = sceneSize ** 3;
const middle = (sceneSize - 1) / 2;

export interface BrainVolume {
  readonly levels: Float32Array;
  readonly labels: Uint8Array;
}

/**
 * A made-up brain of 24 regions in 96^3 voxels, and the same brain moved, stretched and bent, each with noise of its own.
 * The warp is such that labels overlap as little at first (mean Dice 0.628; places up to 11.2 voxels apart), and that
 * an affine map gets as far (0.877 by elastix), as in the measured baseline that affine registration is held to.
 */
export interface BrainScene {
  readonly fixed: BrainVolume;
  readonly moving: BrainVolume;
  /** The moving brain in bent, inverted contrast on bright ground. */
  readonly inverted: Float32Array;
  /** How far the warp moves a voxel of the volume at most. */
  readonly maxShiftVoxels: number;
}

/** How far the warp moves (voxels), stretches and turns (parts of one), and bends (voxels, standard deviation). */
const amounts = { move: 3.3, stretch: 0.087, bend: 1.29 } as const;

export function makeBrainScene(): BrainScene {
  const random = seededRandom(25);
  const brain = makeBrain(random);
  const warp = makeWarp(random);
  const fixed = photograph(brain, (at) => at);
  const moving = photograph(brain, warp);
  return {
    fixed: noisy(fixed, (level) => level, random),
    moving: noisy(moving, (level) => level, random),
    inverted: noisy(moving, inverse, random).levels,
    maxShiftVoxels: farthest(warp),
  };
}

/** Mean Dice of the regions, where two volumes of labels lie over each other. */
export function meanDice(a: Uint8Array, b: Uint8Array): number {
  const counts = new Float64Array(3 * (sceneLabels + 1));
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] ?? 0, b[i] ?? 0];
    counts[3 * p] = (counts[3 * p] ?? 0) + 1;
    counts[3 * q + 1] = (counts[3 * q + 1] ?? 0) + 1;
    if (p === q) counts[3 * p + 2] = (counts[3 * p + 2] ?? 0) + 1;
  }
  let sum = 0;
  for (let label = 1; label <= sceneLabels; label++) {
    const [p = 0, q = 0, both = 0] = counts.subarray(3 * label, 3 * label + 3);
    sum += p + q > 0 ? (2 * both) / (p + q) : 0;
  }
  return sum / sceneLabels;
}

/** The moving labels as the fixed volume sees them through a map of voxels, 3 x 4 rows first; the nearest counts. */
export function seenThrough(movingFromFixed: readonly number[], moving: Uint8Array): Uint8Array {
  const seen = new Uint8Array(voxels);
  eachVoxel(([x, y, z], i) => {
    const place = [0, 1, 2].map((k) => {
      const [a = 0, b = 0, c = 0, d = 0] = movingFromFixed.slice(4 * k, 4 * k + 4);
      return Math.round(a * x + b * y + c * z + d);
    });
    const [u = -1, v = -1, w = -1] = place;
    if (place.every((p) => p >= 0 && p < sceneSize)) seen[i] = moving[(w * sceneSize + v) * sceneSize + u] ?? 0;
  });
  return seen;
}

/** Leaves levels (f32) and labels (u8) of the scene for peers, as NAME.f32 and NAME.u8. */
export function writeScene(folder: string, { fixed, moving, inverted }: BrainScene): void {
  const files = { 'fixed.f32': fixed.levels, 'moving.f32': moving.levels, 'inverted.f32': inverted };
  for (const [name, levels] of Object.entries(files)) writeFileSync(join(folder, name), new Uint8Array(levels.buffer));
  writeFileSync(join(folder, 'fixed.u8'), fixed.labels);
  writeFileSync(join(folder, 'moving.u8'), moving.labels);
}

function eachVoxel(visit: (at: Vec3, index: number) => void): void {
  for (let i = 0; i < voxels; i++)
    visit([i % sceneSize, Math.floor(i / sceneSize) % sceneSize, Math.floor(i / sceneSize ** 2)], i);
}

/** A sum of waves between `shortest` and twice that many voxels, with standard deviation 1. */
function waves(random: () => number, shortest: number, count: number): (at: Vec3) => number {
  const numbers = new Float64Array(count * 4);
  for (let i = 0; i < count; i++) {
    const [height, turn] = [2 * random() - 1, 2 * Math.PI * random()];
    const rate = (2 * Math.PI) / (shortest * (1 + random()));
    const flat = Math.sqrt(1 - height * height);
    numbers.set(
      [rate * flat * Math.cos(turn), rate * flat * Math.sin(turn), rate * height, 2 * Math.PI * random()],
      i * 4,
    );
  }
  const scale = Math.sqrt(2 / count);
  return ([x, y, z]) => {
    let sum = 0;
    for (let i = 0; i < numbers.length; i += 4)
      sum += Math.sin(
        (numbers[i] ?? 0) * x + (numbers[i + 1] ?? 0) * y + (numbers[i + 2] ?? 0) * z + (numbers[i + 3] ?? 0),
      );
    return scale * sum;
  };
}

type Brain = (at: Vec3) => { readonly label: number; readonly level: number };

/** An ellipsoid with an uneven surface, cut into cells of bent walls, each of its own level, textured. */
function makeBrain(random: () => number): Brain {
  const surface = waves(random, 40, 6);
  const walls = [0, 1, 2].map(() => waves(random, 24, 6));
  const texture = waves(random, 9, 8);
  const radii = [42, 37, 34] as const;
  const seeds = spread(random, radii);
  const levels = seeds.map((_, i) => 70 + 150 * (((i + 1) * 0.618034) % 1));
  return (at) => {
    const out = Math.hypot(...radii.map((radius, k) => ((at[k] ?? 0) - middle) / radius));
    if (out > 1 + 0.05 * surface(at)) return { label: 0, level: 12 };
    const [x = 0, y = 0, z = 0] = walls.map((wall, k) => (at[k] ?? 0) + 1.5 * wall(at));
    let [nearest, least] = [0, Infinity];
    seeds.forEach(([u, v, w], i) => {
      const far = (x - u) ** 2 + (y - v) ** 2 + (z - w) ** 2;
      if (far < least) [nearest, least] = [i, far];
    });
    return { label: nearest + 1, level: (levels[nearest] ?? 0) + 8 * texture(at) };
  };
}

/** Middles of the regions: of many random places in the body, each as far as can be from those chosen before. */
function spread(random: () => number, radii: Vec3): readonly Vec3[] {
  const inside = (): Vec3 => {
    for (;;) {
      const p = radii.map(() => 2 * random() - 1);
      if (Math.hypot(...p) < 0.9)
        return [0, 1, 2].map((k) => middle + (p[k] ?? 0) * (radii[k] ?? 0)) as [number, number, number];
    }
  };
  const chosen: Vec3[] = [inside()];
  while (chosen.length < sceneLabels) {
    const distance = (p: Vec3): number =>
      Math.min(...chosen.map((q) => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])));
    const others = Array.from({ length: 12 }, inside);
    chosen.push(others.reduce((best, p) => (distance(p) > distance(best) ? p : best)));
  }
  return chosen;
}

/** The place of the brain that a voxel of the moving volume shows. */
function makeWarp(random: () => number): Warp {
  const signed = (): number => 2 * random() - 1;
  const direction = [signed(), signed(), signed()];
  const shift = direction.map((v) => (amounts.move * v) / Math.hypot(...direction));
  const linear = Array.from({ length: 9 }, () => amounts.stretch * signed());
  const bends = [0, 1, 2].map(() => waves(random, 48, 8));
  return (at) => {
    const from = at.map((v) => v - middle);
    return [0, 1, 2].map((k) => {
      const row = linear.slice(3 * k, 3 * k + 3);
      const turned = row.reduce((sum, v, j) => sum + v * (from[j] ?? 0), 0);
      return (at[k] ?? 0) + (shift[k] ?? 0) + turned + amounts.bend * (bends[k]?.(at) ?? 0);
    }) as [number, number, number];
  };
}

function photograph(brain: Brain, warp: Warp): BrainVolume {
  const [levels, labels] = [new Float32Array(voxels), new Uint8Array(voxels)];
  eachVoxel((at, i) => {
    const there = brain(warp(at));
    levels[i] = there.level;
    labels[i] = there.label;
  });
  return { levels: blurred(levels), labels };
}

/** As optics do: [1 2 1] / 4 along each axis. */
function blurred(levels: Float32Array): Float32Array {
  for (const step of [1, sceneSize, sceneSize ** 2]) {
    const from = levels;
    levels = from.map((level, i) => {
      const place = Math.floor(i / step) % sceneSize;
      const before = place > 0 ? (from[i - step] ?? 0) : level;
      const after = place < sceneSize - 1 ? (from[i + step] ?? 0) : level;
      return (before + 2 * level + after) / 4;
    });
  }
  return levels;
}

function noisy({ levels, labels }: BrainVolume, tone: (level: number) => number, random: () => number): BrainVolume {
  return { levels: levels.map((level) => tone(level) + 6 * gaussian(random)), labels };
}

/** Dark becomes bright, and not along a line. */
function inverse(level: number): number {
  const t = 1 - level / 255;
  return 255 * (0.3 * t + 0.7 * t ** 3);
}

function farthest(warp: Warp): number {
  let most = 0;
  eachVoxel((at) => {
    const there = warp(at);
    most = Math.max(most, Math.hypot(there[0] - at[0], there[1] - at[1], there[2] - at[2]));
  });
  return most;
}
