import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { bytesPerVoxel } from '../../../preload/contract/space.ts';
import type { Axis, Plane } from '../../state/volume-geometry.ts';
import { gridOf, levelForPlane, map3, planeAxes } from '../../state/volume-geometry.ts';
import type { PaneSize } from './geometry.ts';
import type { Camera } from './messages.ts';

/** Which bricks a view needs. Pure: the same camera always gives the same list. */

/** Names a channel and a time in the keys of their bricks. */
export const partOf = (channel: number, time: number): string =>
  channel === 0 && time === 0 ? '' : `${channel}.${time}:`;

export const brickKey = (level: number, x: number, y: number, z: number, part = ''): string =>
  `${part}${level}/${x}/${y}/${z}`;
export const keyOf = ([level, x, y, z]: BrickAddress, part = ''): string => brickKey(level, x, y, z, part);

/** The level that a key names. */
export function levelOf(key: string): number {
  const from = key.indexOf(':') + 1;
  return Number(key.slice(from, key.indexOf('/', from)));
}

export interface PlaneView {
  readonly plane: Plane;
  readonly size: PaneSize;
}

/** Inclusive range of bricks along each axis. */
export interface BrickRange {
  readonly from: Vec3;
  readonly to: Vec3;
}

/** Bricks of a level that a pane shows; null where the plane or the pane lies outside the level. */
export function bricksInView(
  volume: Volume,
  level: number,
  { plane, size }: PlaneView,
  camera: Pick<Camera, 'positionNm' | 'nmPerPx'>,
): BrickRange | null {
  const found = volume.levels[level];
  if (!found) return null;
  const { right, down } = planeAxes[plane];
  const half: Partial<Record<Axis, number>> = {
    [right]: (size.width / 2) * camera.nmPerPx,
    [down]: (size.height / 2) * camera.nmPerPx,
  };
  const brickNm = map3((a) => found.brick[a] * found.voxelSizeNm[a]);
  const grid = gridOf(found);
  const at = (axis: Axis, sign: 1 | -1): number =>
    Math.floor((camera.positionNm[axis] + sign * (half[axis] ?? 0) - found.originNm[axis]) / brickNm[axis]);
  // Levels may be shifted by half a voxel: at the very face of the volume a level still shows its first section.
  const { normal } = planeAxes[plane];
  const edge = (axis: Axis, index: number, slackNm: number): number => {
    if (axis !== normal) return index;
    const fromFace = camera.positionNm[axis] - found.originNm[axis];
    if (index < 0 && fromFace > -slackNm) return 0;
    return index >= grid[axis] && fromFace < grid[axis] * brickNm[axis] + slackNm ? grid[axis] - 1 : index;
  };
  const from = map3((a) => Math.max(0, edge(a, at(a, -1), found.voxelSizeNm[a])));
  const to = map3((a) => Math.min(grid[a] - 1, edge(a, at(a, 1), found.voxelSizeNm[a])));
  return ([0, 1, 2] as const).every((a) => from[a] <= to[a]) ? { from, to } : null;
}

export function listRange(level: number, { from, to }: BrickRange): readonly BrickAddress[] {
  const all: BrickAddress[] = [];
  for (let z = from[2]; z <= to[2]; z++)
    for (let y = from[1]; y <= to[1]; y++) for (let x = from[0]; x <= to[0]; x++) all.push([level, x, y, z]);
  return all;
}

/** Every brick of a level, for the pinned coarse level and for projections. */
export function wholeLevel(volume: Volume, level: number): readonly BrickAddress[] {
  const found = volume.levels[level];
  if (!found) return [];
  const grid = gridOf(found);
  return listRange(level, { from: [0, 0, 0], to: map3((a) => grid[a] - 1) });
}

/** Levels that a pane asks for, coarse first: one for a quick picture, then the right one. */
export function levelsFor(volume: Volume, plane: Plane, nmPerPx: number): readonly number[] {
  const target = levelForPlane(volume, planeAxes[plane], nmPerPx);
  const coarsest = volume.levels.length - 1;
  return [...new Set([coarsest, Math.min(coarsest, target + 2), target])];
}

/** The coarse level is pinned whole up to this many bricks and bytes; beyond, only what is in view. */
const pinnedMost = 64;
const pinnedMostBytes = 48e6;

/** Bytes of a whole brick of a level as it is drawn. */
export function brickBytes(volume: Volume, level: number): number {
  const found = volume.levels[level];
  if (!found) return 0;
  return (
    map3((a) => Math.min(found.brick[a], found.size[a])).reduce((product, n) => product * n, 1) *
    bytesPerVoxel[volume.display.dtype]
  );
}

/** The bricks that are loaded first and never let go, so that no place in the volume is ever blank. */
export function pinnedBricks(volume: Volume, mostBytes = pinnedMostBytes): readonly BrickAddress[] {
  const coarsest = volume.levels.length - 1;
  const grid = volume.levels[coarsest] ? gridOf(volume.levels[coarsest]) : ([0, 0, 0] as const);
  const count = grid[0] * grid[1] * grid[2];
  return count <= pinnedMost && count * brickBytes(volume, coarsest) <= mostBytes ? wholeLevel(volume, coarsest) : [];
}

export interface PlanInput {
  readonly volume: Volume;
  readonly camera: Camera;
  readonly planes: readonly PlaneView[];
  /** The level of the 3-D pane's projection; null where that pane is not shown. */
  readonly projectionLevel: number | null;
  /** Of the projection's bricks, those still to be had; all of them where left out. */
  readonly lacks?: (brick: BrickAddress) => boolean;
  readonly most: number;
}

/** Everything to have now, in the order to get it: coarse first, and of each level the middle first. */
export function planBricks({
  volume,
  camera,
  planes,
  projectionLevel,
  lacks = () => true,
  most,
}: PlanInput): readonly BrickAddress[] {
  const wanted = new Map<string, BrickAddress>();
  const add = (bricks: readonly BrickAddress[]): void => {
    for (const brick of bricks) {
      const key = keyOf(brick);
      if (!wanted.has(key)) wanted.set(key, brick);
    }
  };
  add(pinnedBricks(volume));
  const rounds = Math.max(0, ...planes.map(({ plane }) => levelsFor(volume, plane, camera.nmPerPx).length));
  for (let round = 0; round < rounds; round++)
    add(
      middleFirst(
        volume,
        camera,
        planes.flatMap((view) => roundOf(volume, camera, view, round)),
      ),
    );
  if (projectionLevel !== null) add(wholeLevel(volume, projectionLevel).filter(lacks));
  return [...wanted.values()].slice(0, most);
}

function roundOf(volume: Volume, camera: Camera, view: PlaneView, round: number): readonly BrickAddress[] {
  const levels = levelsFor(volume, view.plane, camera.nmPerPx);
  const level = levels[round];
  const range = level === undefined ? null : bricksInView(volume, level, view, camera);
  return level !== undefined && range ? listRange(level, range) : [];
}

function middleFirst(volume: Volume, camera: Camera, bricks: readonly BrickAddress[]): readonly BrickAddress[] {
  const distance = ([level, x, y, z]: BrickAddress): number => {
    const found = volume.levels[level];
    if (!found) return Infinity;
    const at = [x, y, z] as const;
    return Math.hypot(
      ...map3((a) => (at[a] + 0.5) * found.brick[a] * found.voxelSizeNm[a] + found.originNm[a] - camera.positionNm[a]),
    );
  };
  return bricks
    .map((brick) => ({ brick, far: distance(brick) }))
    .toSorted((a, b) => a.far - b.far)
    .map(({ brick }) => brick);
}
