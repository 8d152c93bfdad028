// A made-up brain of regions, seen as it is and through a smooth map that is known.
import type { Vec3 } from '../../preload/contract/space.ts';
import { seeded } from './kill-harness.ts';
import { madeUpBrain, placeIn, written } from './made-up-brain.ts';

export const side = 32;
export const um = 31.25;
const middle = (side * um) / 2;
const random = seeded(8);
const brain = madeUpBrain([430, 380, 360], 11, random);
export const { regions } = brain;

/** Label and level at a place, µm from the corner. */
function brainAt(place: readonly number[]): readonly [number, number] {
  const { label, nearest, inside } = placeIn(
    brain,
    place.map((v) => v - middle),
  );
  return [label, 15 + inside * (regions[nearest]!.level - 15)];
}

/** Where the fixed brain shows what the moving one has at a place (µm): a wave of up to 60 µm. */
export const bent = ([x, y, z]: readonly number[]): Vec3 => [
  x! + 60 * Math.sin(y! / 160) * Math.cos(z! / 210),
  y! + 50 * Math.sin(z! / 170),
  z! + 45 * Math.cos(x! / 190),
];

/** A NRRD of levels and one of labels, 16 and 8 bit. */
export function photograph(folder: string, name: string, placeAt: (place: Vec3) => readonly number[], depth = side) {
  const count = side * side * depth;
  // One section is that through the middle.
  const first = depth === 1 ? side / 2 : 0;
  const [levels, labels] = [new Uint16Array(count), new Uint8Array(count)];
  for (let i = 0; i < count; i++) {
    const voxel = [i % side, Math.floor(i / side) % side, first + Math.floor(i / side ** 2)];
    const [label, level] = brainAt(placeAt(voxel.map((n) => (n + 0.5) * um) as unknown as Vec3));
    levels[i] = Math.round(20 * (level + 4 * (random() - 0.5)));
    labels[i] = label;
  }
  const place = [
    'space dimension: 3',
    `space directions: (${um},0,0) (0,${um},0) (0,0,${um})`,
    'space units: "um" "um" "um"',
  ];
  return written(folder, name, [side, side, depth], place, { levels, labels });
}

/** Where places of the moving brain lie in the fixed one, nm. */
export const truth = (points: readonly Vec3[]): Vec3[] =>
  points.map((p) => bent(p.map((nm) => nm / 1000)).map((v) => 1000 * v) as unknown as Vec3);
/** µm. */
export const meanMiss = (a: readonly (readonly number[] | null)[], b: readonly Vec3[]): number =>
  a.reduce((sum, point, i) => sum + Math.hypot(...b[i]!.map((nm, k) => nm - (point?.[k] ?? NaN))) / 1000, 0) / a.length;
/** Places in the brain, nm. */
export const inside = Array.from(
  { length: 60 },
  (_, i) =>
    brain.radii.map(
      (radius, k) => 1000 * (middle + 0.7 * radius * Math.sin(i * (k + 1.3)) * Math.cos(2 * i)),
    ) as unknown as Vec3,
);
