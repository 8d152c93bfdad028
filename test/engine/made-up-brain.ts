// A made-up brain of regions with soft walls, seen twice with known places, told by index of voxel.
import { join } from 'node:path';
import type { Registration } from '../../preload/contract/register.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { seeded } from './kill-harness.ts';
import type { TempEngine } from './temp-engine.ts';
import { cornerUm, writeNrrd } from './write-nrrd.ts';

export interface Grid {
  readonly size: Vec3;
  readonly um: Vec3;
  /** From the centre of its first voxel on (µm) to the brain, whose middle is at 0. */
  readonly brainFromUm: readonly number[];
}

export const fixedGrid: Grid = {
  size: [48, 44, 30],
  um: [25, 25, 40],
  brainFromUm: [1, 0, 0, -587, 0, 1, 0, -537, 0, 0, 1, -580],
};
/** Its x is the brain's -y, its y the brain's x: a quarter turn, a few degrees more, stretched by up to 6 %, sheared. */
export const movingGrid: Grid = {
  size: [40, 60, 46],
  um: [30, 20, 26],
  brainFromUm: [0.06, 1.03, -0.05, -560, -0.97, 0.04, 0.03, 545, 0.02, 0.06, 0.98, -630],
};

export const at = (m: readonly number[], [x, y, z]: readonly number[]): Vec3 =>
  [0, 4, 8].map((r) => m[r]! * x! + m[r + 1]! * y! + m[r + 2]! * z! + m[r + 3]!) as unknown as Vec3;

/** An ellipsoid about 0 (µm), whose places belong to the region whose middle is nearest. */
export interface MadeUpBrain {
  readonly radii: Vec3;
  readonly regions: readonly { readonly middle: readonly number[]; readonly level: number }[];
}

export const madeUpBrain = (radii: Vec3, regions: number, random: () => number): MadeUpBrain => ({
  radii,
  regions: Array.from({ length: regions }, (_, i) => ({
    middle: radii.map((radius) => 1.3 * radius * (random() - 0.5)),
    level: 60 + 150 * (((i + 1) * 0.618) % 1),
  })),
});

/** `far`: squared distances to the middles of all regions; `inside`: 1 in the brain, 0 beyond its soft surface. */
export function placeIn({ radii, regions }: MadeUpBrain, p: readonly number[]) {
  const out = Math.hypot(...p.map((v, i) => v / radii[i]!));
  const far = regions.map(({ middle }) => p.reduce((sum, v, i) => sum + (v - middle[i]!) ** 2, 0));
  const nearest = far.indexOf(Math.min(...far));
  return { label: out < 1 ? nearest + 1 : 0, nearest, far, inside: 1 / (1 + Math.exp(30 * (out - 1))) };
}

export const random = seeded(5);
const brain = madeUpBrain([520, 460, 440], 9, random);

/** Label and grey level at a place of the brain, which has regions with soft walls. */
export function brainAt(p: Vec3): readonly [number, number] {
  const { label, nearest, far, inside } = placeIn(brain, p);
  const weights = far.map((d) => Math.exp((far[nearest]! - d) / 12_000));
  const level = brain.regions.reduce((sum, region, i) => sum + region.level * weights[i]!, 0);
  return [label, 15 + inside * (level / weights.reduce((a, b) => a + b) - 15)];
}

/** NRRD of levels and of labels. `place`: the fields that say where it lies. */
export function photograph(
  folder: string,
  name: string,
  grid: Grid,
  place: readonly string[],
  tone = (level: number) => level,
  isGhost: (index: readonly number[]) => boolean = () => false,
) {
  const [w, h, d] = grid.size;
  const [levels, labels] = [new Uint16Array(w * h * d), new Uint8Array(w * h * d)];
  for (let i = 0; i < levels.length; i++) {
    const index = [i % w, Math.floor(i / w) % h, Math.floor(i / (w * h))];
    const place = at(
      grid.brainFromUm,
      index.map((n, k) => n * grid.um[k]!),
    );
    const [label, level] = brainAt(isGhost(index) ? [place[0], place[1] - 160, place[2] + 120] : place);
    levels[i] = Math.round(20 * (tone(level) + 12 * (random() - 0.5)));
    labels[i] = isGhost(index) ? 0 : label;
  }
  return written(folder, name, grid.size, place, { levels, labels });
}

/** A NRRD of levels, 16 bit, and one of labels. `place`: the fields that say where they lie. */
export function written(
  folder: string,
  name: string,
  size: Vec3,
  place: readonly string[],
  { levels, labels }: { readonly levels: Uint16Array; readonly labels: Uint8Array },
) {
  const image = writeNrrd(join(folder, `${name}.nrrd`), size, levels, place);
  const labelFile = writeNrrd(join(folder, `${name}-labels.nrrd`), size, labels, place);
  return { image, labelFile, labels };
}

export const spaced = ({ um }: Grid, mins: Vec3, by = 1): readonly string[] =>
  cornerUm(
    um.map((side) => by * side),
    mins,
  );

/** In a patient's space that points to the right and the front, where ITK's points to the left and the back. */
export const placed = ({ um: [x, y, z] }: Grid): string[] => [
  'space: right-anterior-superior',
  `space directions: (${x / 1000},0,0) (0,${y / 1000},0) (0,0,${z / 1000})`,
  'space origin: (1.5,-2,0.75)',
  'space units: "mm" "mm" "mm"',
];

/** Dark becomes bright, and not along a line. */
export const inverted = (level: number): number => 220 * (0.3 * (1 - level / 220) + 0.7 * (1 - level / 220) ** 3);

export async function added(
  { client, library, result }: TempEngine,
  source: string,
  kind?: 'segmentation',
): Promise<string> {
  const add = client.volume.add({ library, source, ...(kind && { kind }) });
  return (await result<{ volume: string }>(add)).volume;
}

export async function registered(
  engine: TempEngine,
  fixed: string,
  moving: string,
  more: object = {},
): Promise<Registration> {
  const { client, library, result } = engine;
  const { registration } = await result<{ registration: string }>(
    client.register.affine({ library, fixed, moving, ...more }),
  );
  return (await client.register.get({ library, registration })).value.registration;
}

export interface Frame {
  readonly originNm: Vec3;
  readonly voxelSizeNm: Vec3;
}

export async function frameOf({ client, library }: TempEngine, volume: string): Promise<Frame> {
  return (await client.view.volume({ library, volume })).value.levels[0]!;
}

export const nmOf = ({ originNm, voxelSizeNm }: Frame, index: readonly number[]): Vec3 =>
  index.map((n, k) => originNm[k]! + (n + 0.5) * voxelSizeNm[k]!) as unknown as Vec3;
export const indexOf = ({ originNm, voxelSizeNm }: Frame, nm: readonly number[]): number[] =>
  nm.map((value, k) => (value - originNm[k]!) / voxelSizeNm[k]! - 0.5);
