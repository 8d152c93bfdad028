import type { BrickAddress } from '../../../../preload/contract/brick.ts';
import type { Volume } from '../../../../preload/contract/library.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { bytesPerVoxel } from '../../../../preload/contract/space.ts';
import type { Clip, Matrix34 } from '../../../../preload/contract/view-state.ts';
import { applyMatrix } from '../../../state/layers.ts';
import { dot, plus } from '../../../state/rotation.ts';
import { gridOf, levelNearest, map3 } from '../../../state/volume-geometry.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { turnedBy, voxelSidesNm, worldFromVoxel } from './orbit-frame.ts';

/** Which bricks the rays of a 3-D pane pass through. Pure. */

export interface CutPlanes {
  readonly normals: readonly Vec3[];
  readonly positionNm: Vec3;
}

export interface OrbitAsk {
  readonly volume: Volume;
  readonly worldFromLayer: Matrix34 | null;
  /** In device pixels. */
  readonly frame: OrbitFrame;
  readonly clip: Clip;
  /** Only what these planes cut is needed; null: all. */
  readonly planes?: CutPlanes | null;
  /** What the bricks of the target level may take, and how many cells their page table may have. */
  readonly mostBytes: number;
  readonly mostCells: number;
}

export interface OrbitNeed {
  /** The finest level that is drawn. */
  readonly target: number;
  /** The bricks of the target level around all that is in view, inclusive. */
  readonly from: Vec3;
  readonly to: Vec3;
  /** Coarse levels first; of a level, what lies in front and in the middle first. */
  readonly bricks: readonly BrickAddress[];
}

/** The level whose voxels are nearest to the pixels, however the volume is turned. */
export const levelForPixels = (volume: Volume, worldFromLayer: Matrix34 | null, nmPerPx: number): number =>
  levelNearest(volume, (level) => voxelSidesNm(level, worldFromLayer), [nmPerPx, nmPerPx, nmPerPx]);

/** What a 3-D pane needs of a volume; null where nothing of it is in view. */
export function orbitWants(ask: OrbitAsk): OrbitNeed | null {
  const { volume, mostBytes, mostCells } = ask;
  const coarsest = volume.levels.length - 1;
  for (let target = levelForPixels(volume, ask.worldFromLayer, ask.frame.nmPerPx); target <= coarsest; target++) {
    const last = target === coarsest;
    const most = last ? Infinity : Math.max(1, Math.floor(mostBytes / bytesOfBrick(volume, target)));
    const hit = bricksOnRays(ask, target, most);
    if (!hit) continue;
    const first = hit[0];
    if (!first) return null;
    const from = map3((a) => hit.reduce((least, at) => Math.min(least, at[a]), Infinity));
    const to = map3((a) => hit.reduce((most, at) => Math.max(most, at[a]), -Infinity));
    if (!last && (to[0] - from[0] + 1) * (to[1] - from[1] + 1) * (to[2] - from[2] + 1) > mostCells) continue;
    return { target, from, to, bricks: coarseFirst(ask, target, hit) };
  }
  return null;
}

export function bytesOfBrick(volume: Volume, level: number): number {
  const found = volume.levels[level];
  if (!found) return 1;
  const [x, y, z] = map3((a) => Math.min(found.brick[a], found.size[a]));
  return x * y * z * (volume.display.labels ? 4 : bytesPerVoxel[volume.display.dtype]);
}

function coarseFirst(ask: OrbitAsk, target: number, hit: readonly Vec3[]): readonly BrickAddress[] {
  const all: BrickAddress[] = [];
  for (let level = ask.volume.levels.length - 1; level >= target; level--) {
    const bricks = level === target ? hit : (bricksOnRays(ask, level, Infinity) ?? []);
    for (const [x, y, z] of nearestFirst(ask, level, bricks)) all.push([level, x, y, z]);
  }
  return all;
}

/** By the distance from the middle ray, and half as much by depth. */
function nearestFirst(ask: OrbitAsk, level: number, bricks: readonly Vec3[]): readonly Vec3[] {
  const found = ask.volume.levels[level];
  if (!found) return [];
  const world = worldFromVoxel(found, ask.worldFromLayer);
  const { startNm, right, down, forward } = ask.frame;
  const rank = (brick: Vec3): number => {
    const d = plus(
      applyMatrix(
        world,
        map3((a) => (brick[a] + 0.5) * found.brick[a]),
      ),
      startNm,
      -1,
    );
    return Math.hypot(dot(d, right), dot(d, down)) + dot(d, forward) / 2;
  };
  return bricks
    .map((brick) => ({ brick, rank: rank(brick) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ brick }) => brick);
}

/**
 * The bricks of a level that a ray of the pane passes inside the clip box and plane; null for more than `most`. A brick
 * whose box touches the clip box only with its corners' box may be listed too. O(found · log(bricks of the level)).
 */
export function bricksOnRays(ask: OrbitAsk, level: number, most: number): readonly Vec3[] | null {
  const found = ask.volume.levels[level];
  if (!found) return [];
  const grid = gridOf(found);
  const touches = touchTest(ask, found);
  const bricks: Vec3[] = [];
  const waiting: { from: Vec3; to: Vec3 }[] = [{ from: [0, 0, 0], to: grid }];
  for (let range = waiting.pop(); range; range = waiting.pop()) {
    const { from, to } = range;
    const voxels = (at: Vec3): Vec3 => map3((a) => Math.min(at[a] * found.brick[a], found.size[a]));
    if (!touches(voxels(from), voxels(to))) continue;
    const counts = map3((a) => to[a] - from[a]);
    const longest = counts.indexOf(Math.max(...counts));
    if (counts[longest] === 1) {
      bricks.push(from);
      if (bricks.length > most) return null;
      continue;
    }
    const half = map3((a) => (a === longest ? from[a] + (counts[a] >> 1) : to[a]));
    waiting.push({ from: map3((a) => (a === longest ? half[a] : from[a])), to }, { from, to: half });
  }
  return bricks;
}

/**
 * Whether a box of voxels is in view. On the screen a box is a hexagon, and it meets the pane's rectangle unless one of
 * five lines parts them: two along the pane's sides, three along the box's.
 */
function touchTest(
  { frame, clip, planes, worldFromLayer }: OrbitAsk,
  level: Volume['levels'][number],
): (from: Vec3, to: Vec3) => boolean {
  const world = worldFromVoxel(level, worldFromLayer);
  const { right, down, startNm, nmPerPx, width, height } = frame;
  const sides = ([0, 1, 2] as const).map((c) =>
    turnedBy(
      world,
      map3((a) => Number(a === c)),
    ),
  );
  const onScreen = sides.map((side) => [dot(side, right) / nmPerPx, dot(side, down) / nmPerPx] as const);
  const lines = [[1, 0] as const, [0, 1] as const, ...onScreen.map(([x, y]) => [-y, x] as const)];
  return (from, to) => {
    const half = map3((a) => (to[a] - from[a]) / 2);
    const middle = applyMatrix(
      world,
      map3((a) => (from[a] + to[a]) / 2),
    );
    const d = plus(middle, startNm, -1);
    const [x, y] = [dot(d, right) / nmPerPx, dot(d, down) / nmPerPx];
    const parted = lines.some(([nx, ny]) => {
      const box = onScreen.reduce((sum, [sx, sy], a) => sum + Math.abs(nx * sx + ny * sy) * (half[a] ?? 0), 0);
      return Math.abs(nx * x + ny * y) > box + (Math.abs(nx) * width + Math.abs(ny) * height) / 2;
    });
    const reach = (n: Vec3): number => sides.reduce((sum, side, a) => sum + Math.abs(dot(n, side)) * (half[a] ?? 0), 0);
    return !parted && meetsClip(clip, middle, reach) && (!planes || isCut(planes, middle, reach));
  };
}

/** `reach`: how far the thing reaches to either side of its middle along a direction. */
function meetsClip({ box, plane }: Clip, middle: Vec3, reach: (n: Vec3) => number): boolean {
  if (plane && dot(plane.normal, middle) - reach(plane.normal) > plane.distanceNm) return false;
  if (!box) return true;
  return ([0, 1, 2] as const).every((a) => {
    const r = reach(map3((b) => Number(a === b)));
    return middle[a] + r >= box.min[a] && middle[a] - r <= box.max[a];
  });
}

const isCut = ({ normals, positionNm }: CutPlanes, middle: Vec3, reach: (n: Vec3) => number): boolean =>
  normals.some((n) => Math.abs(dot(n, plus(middle, positionNm, -1))) <= reach(n));
