import type { Vec3 } from '../../../preload/contract/space.ts';
import type { OmeAxis } from './ome-metadata.ts';
import type { AxisAffine } from './ome-transforms.ts';
import { nmPerUnit, secondsPerUnit } from './ome-units.ts';
import { mapAxes } from './pyramid.ts';
import type { AxisRole } from './zarr/axes.ts';

/** An affine map of x, y, z: `out = linear * in + offset`; of a level, from its voxels (centres whole) to nanometres. */
export interface SpaceAffine {
  readonly linear: readonly [Vec3, Vec3, Vec3];
  readonly offset: Vec3;
}

export interface LevelPlace {
  readonly voxelSizeNm: Vec3;
  /** Outer corner of voxel 0, 0, 0: NGFF places centres, half a voxel of the level further in. */
  readonly originNm: Vec3;
}

export interface PlacedLevels {
  readonly levels: readonly LevelPlace[];
  /** From the nanometres of the levels to those of the space, where that is more than sizes and places. */
  readonly spaceFromVolume: SpaceAffine | null;
}

const spaceRoles = ['x', 'y', 'z'] as const;
const identity: SpaceAffine = {
  linear: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  offset: [0, 0, 0],
};

/**
 * The part of a map that is x, y and z, in nanometres. `from`: the axes of what goes in, where that is a space too;
 * otherwise it counts voxels. An axis that there is none of has a voxel of 1 nm, its corner at 0. Undefined
 * where space, channels and time are mixed.
 */
export function spacePart(
  map: AxisAffine,
  axes: readonly AxisRole[],
  units: readonly OmeAxis[],
  from?: readonly OmeAxis[],
): SpaceAffine | undefined {
  const isSpace = (i: number): boolean => axes[i] !== 'c' && axes[i] !== 't';
  const mixes = map.linear.some((row, i) => row.some((value, j) => value !== 0 && isSpace(i) !== isSpace(j)));
  if (mixes) return undefined;
  const place = (i: 0 | 1 | 2): number => axes.indexOf(spaceRoles[i]);
  const nm = (named: readonly OmeAxis[], i: number): number => nmPerUnit(named[i]?.unit ?? 'nanometer') ?? 1;
  const row = (i: 0 | 1 | 2): Vec3 =>
    mapAxes((j) => {
      const [outer, inner] = [place(i), place(j)];
      if (outer < 0 || inner < 0) return i === j ? 1 : 0;
      return ((map.linear[outer]?.[inner] ?? 0) * nm(units, outer)) / (from ? nm(from, inner) : 1);
    });
  const missing = from ? 0 : 0.5;
  return {
    linear: [row(0), row(1), row(2)],
    offset: mapAxes((i) => (place(i) < 0 ? missing : (map.offset[place(i)] ?? 0) * nm(units, place(i)))),
  };
}

/** Seconds from one time to the next; null where the time axis has no unit that is known, or there is none. */
export function secondsPerTime(map: AxisAffine, axes: readonly AxisRole[], units: readonly OmeAxis[]): number | null {
  const place = axes.indexOf('t');
  const seconds = secondsPerUnit(units[place]?.unit ?? '');
  const step = map.linear[place]?.[place];
  return seconds === undefined || step === undefined || step <= 0 ? null : step * seconds;
}

/**
 * Sizes and places of levels. Maps that turn, shear or mirror give levels without that, and the map from there to their
 * space; the levels' own corners follow from their maps. Undefined where a map is singular, or levels differ in more
 * than scale and place.
 */
export function placeLevels(maps: readonly SpaceAffine[]): PlacedLevels | undefined {
  if (maps.every(isUpright))
    return { levels: maps.map((map) => placeOf(sizesOf(map), map.offset)), spaceFromVolume: null };
  const [first] = maps;
  if (!first) return undefined;
  const turn = turnOf(first);
  const inverse = turn && inverseOf(turn);
  if (!inverse) return undefined;
  const levels = maps.flatMap((map) => {
    const own = turnOf(map);
    if (!own?.every((row, i) => row.every((value, j) => Math.abs(value - (turn[i]?.[j] ?? 0)) < 1e-4))) return [];
    const from = mapAxes((i) => map.offset[i] - first.offset[i]);
    return [placeOf(sizesOf(map), applyLinear(inverse, from))];
  });
  return levels.length === maps.length
    ? { levels, spaceFromVolume: { linear: turn, offset: first.offset } }
    : undefined;
}

const isUpright = ({ linear }: SpaceAffine): boolean =>
  linear.every((row, i) => row.every((value, j) => (i === j ? value > 0 : value === 0)));

/** Lengths of the columns: how far a voxel is from the next along each axis. */
const sizesOf = (map: SpaceAffine): Vec3 =>
  isUpright(map)
    ? mapAxes((j) => map.linear[j][j])
    : mapAxes((j) => Math.hypot(map.linear[0][j], map.linear[1][j], map.linear[2][j]));

const placeOf = (voxelSizeNm: Vec3, centreNm: Vec3): LevelPlace => ({
  voxelSizeNm,
  originNm: mapAxes((i) => centreNm[i] - voxelSizeNm[i] / 2),
});

type Linear = SpaceAffine['linear'];

/** What is left of a map without the sizes of voxels. */
function turnOf(map: SpaceAffine): Linear | undefined {
  const sizes = sizesOf(map);
  if (sizes.some((size) => !(size > 0))) return undefined;
  const row = (i: 0 | 1 | 2): Vec3 => mapAxes((j) => map.linear[i][j] / sizes[j]);
  return [row(0), row(1), row(2)];
}

export const applyLinear = (linear: Linear, at: Vec3): Vec3 =>
  mapAxes((i) => linear[i][0] * at[0] + linear[i][1] * at[1] + linear[i][2] * at[2]);

/** Undefined where two axes lie in one plane. */
export function inverseOf([a, b, c]: Linear): Linear | undefined {
  const cross = (p: Vec3, q: Vec3): Vec3 => [
    p[1] * q[2] - p[2] * q[1],
    p[2] * q[0] - p[0] * q[2],
    p[0] * q[1] - p[1] * q[0],
  ];
  const columns = [cross(b, c), cross(c, a), cross(a, b)] as const;
  const det = a[0] * columns[0][0] + a[1] * columns[0][1] + a[2] * columns[0][2];
  if (!(Math.abs(det) > 1e-9)) return undefined;
  const row = (i: 0 | 1 | 2): Vec3 => mapAxes((j) => columns[j][i] / det);
  return [row(0), row(1), row(2)];
}

/** `composeSpace(outer, inner)` is outer after inner. */
export function composeSpace(outer: SpaceAffine, inner: SpaceAffine | null): SpaceAffine {
  const { linear, offset } = inner ?? identity;
  const row = (i: 0 | 1 | 2): Vec3 =>
    mapAxes((j) => [0, 1, 2].reduce((sum, k) => sum + (outer.linear[i][k] ?? 0) * (linear[k]?.[j] ?? 0), 0));
  const moved = applyLinear(outer.linear, offset);
  return { linear: [row(0), row(1), row(2)], offset: mapAxes((i) => moved[i] + outer.offset[i]) };
}

/** 3 x 4, row-major. */
export const rowMajor = ({ linear, offset }: SpaceAffine): readonly number[] =>
  linear.flatMap((row, i) => [...row, offset[i] ?? 0]);
