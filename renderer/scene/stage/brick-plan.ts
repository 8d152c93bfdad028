import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Axis, Plane } from '../../state/volume-geometry.ts';
import { gridOf, levelForPlane, map3, originNm, planeAxes } from '../../state/volume-geometry.ts';
import type { PaneSize } from './geometry.ts';
import type { Camera } from './messages.ts';

/** Which bricks a view needs. Pure: the same camera always gives the same list. */

export const brickKey = (level: number, x: number, y: number, z: number): string => `${level}/${x}/${y}/${z}`;
export const keyOf = (address: BrickAddress): string => brickKey(...address);

export interface PlaneView {
  readonly plane: Plane;
  readonly size: PaneSize;
}

/** Inclusive range of bricks along each axis. */
interface BrickRange {
  readonly from: Vec3;
  readonly to: Vec3;
}

/** Bricks of a level that a pane shows; null where the plane or the pane lies outside the volume. */
export function bricksInView(
  volume: Volume,
  level: number,
  { plane, size }: PlaneView,
  camera: Camera,
): BrickRange | null {
  const found = volume.levels[level];
  if (!found) return null;
  const origin = originNm(volume);
  const { right, down } = planeAxes[plane];
  const half: Partial<Record<Axis, number>> = {
    [right]: (size.width / 2) * camera.nmPerPx,
    [down]: (size.height / 2) * camera.nmPerPx,
  };
  const brickNm = map3((a) => found.brick[a] * found.voxelSizeNm[a]);
  const grid = gridOf(found);
  const at = (axis: Axis, sign: 1 | -1): number =>
    Math.floor((camera.positionNm[axis] + sign * (half[axis] ?? 0) - origin[axis]) / brickNm[axis]);
  const from = map3((a) => Math.max(0, at(a, -1)));
  const to = map3((a) => Math.min(grid[a] - 1, at(a, 1)));
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

export interface PlanInput {
  readonly volume: Volume;
  readonly camera: Camera;
  readonly planes: readonly PlaneView[];
  /** The level of the 3-D pane's projection; null where that pane is not shown. */
  readonly projectionLevel: number | null;
  readonly most: number;
}

/** The coarse level is pinned whole up to this many bricks; beyond, only what is in view. */
const pinnedMost = 64;

/** Everything to have, in the order to get it: coarse first, and of each level the middle first. */
export function planBricks({ volume, camera, planes, projectionLevel, most }: PlanInput): readonly BrickAddress[] {
  const wanted = new Map<string, BrickAddress>();
  const add = (bricks: readonly BrickAddress[]): void =>
    bricks.forEach((brick) => wanted.has(keyOf(brick)) || wanted.set(keyOf(brick), brick));
  const coarsest = volume.levels.length - 1;
  const pinned = wholeLevel(volume, coarsest);
  if (pinned.length <= pinnedMost) add(pinned);
  const rounds = Math.max(0, ...planes.map(({ plane }) => levelsFor(volume, plane, camera.nmPerPx).length));
  for (let round = 0; round < rounds; round++)
    add(
      middleFirst(
        volume,
        camera,
        planes.flatMap((view) => roundOf(volume, camera, view, round)),
      ),
    );
  if (projectionLevel !== null) add(wholeLevel(volume, projectionLevel));
  add(planes.flatMap((view) => beyond(volume, camera, view)));
  return [...wanted.values()].slice(0, most);
}

function roundOf(volume: Volume, camera: Camera, view: PlaneView, round: number): readonly BrickAddress[] {
  const levels = levelsFor(volume, view.plane, camera.nmPerPx);
  const level = levels[round];
  const range = level === undefined ? null : bricksInView(volume, level, view, camera);
  return level !== undefined && range ? listRange(level, range) : [];
}

/** The next bricks on either side of the plane: the next section is there before it is asked for. */
function beyond(volume: Volume, camera: Camera, view: PlaneView): readonly BrickAddress[] {
  const { normal } = planeAxes[view.plane];
  const level = levelForPlane(volume, planeAxes[view.plane], camera.nmPerPx);
  const found = volume.levels[level];
  const range = bricksInView(volume, level, view, camera);
  if (!found || !range) return [];
  const last = gridOf(found)[normal] - 1;
  const shifted = (by: number): BrickRange => ({
    from: map3((a) => range.from[a] + (a === normal ? by : 0)),
    to: map3((a) => range.to[a] + (a === normal ? by : 0)),
  });
  return [1, -1].flatMap((by) =>
    range.from[normal] + by < 0 || range.to[normal] + by > last ? [] : listRange(level, shifted(by)),
  );
}

function middleFirst(volume: Volume, camera: Camera, bricks: readonly BrickAddress[]): readonly BrickAddress[] {
  const origin = originNm(volume);
  const distance = ([level, x, y, z]: BrickAddress): number => {
    const found = volume.levels[level];
    if (!found) return Infinity;
    const at = [x, y, z] as const;
    return Math.hypot(
      ...map3((a) => (at[a] + 0.5) * found.brick[a] * found.voxelSizeNm[a] + origin[a] - camera.positionNm[a]),
    );
  };
  return bricks
    .map((brick) => ({ brick, far: distance(brick) }))
    .toSorted((a, b) => a.far - b.far)
    .map(({ brick }) => brick);
}
