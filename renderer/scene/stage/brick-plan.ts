import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { gridOf, map3 } from '../../state/volume-geometry.ts';
import type { PlaneCuts } from './plane-cuts.ts';
import type { Place, Source } from './sources.ts';
import { brickBytes, brickKey } from './sources.ts';

/** Which bricks a view needs, and in which order. Pure: the same view always gives the same list. */

/** One place of a volume, what is shown of it there, and what the slice panes cut of it. */
export interface PlacePlan {
  readonly place: Place;
  readonly sources: readonly Source[];
  readonly cuts: readonly PlaneCuts[];
}

/** Bricks of a source, most wanted first. */
export interface SourceBricks {
  readonly source: Source;
  readonly bricks: readonly BrickAddress[];
}

export interface SourceBrick {
  readonly key: string;
  readonly source: Source;
  readonly address: BrickAddress;
}

/** Every brick of a level. */
export function wholeLevel(volume: Volume, level: number): readonly BrickAddress[] {
  const found = volume.levels[level];
  if (!found) return [];
  const grid = gridOf(found);
  const all: BrickAddress[] = [];
  for (let z = 0; z < grid[2]; z++)
    for (let y = 0; y < grid[1]; y++) for (let x = 0; x < grid[0]; x++) all.push([level, x, y, z]);
  return all;
}

/** Levels that a pane asks for, coarse first: one for a quick picture, then the right one. */
export function levelsFor({ levels }: Volume, target: number): readonly number[] {
  const coarsest = levels.length - 1;
  return [...new Set([coarsest, Math.min(coarsest, target + 2), target])];
}

/** The coarse level is pinned whole up to this many bricks, and bytes of all sources; beyond, only what is in view. */
const pinnedMost = 64;
const pinnedMostBytes = 48e6;

/** The bricks that are loaded first and never let go, so that no place in the volume is ever blank. */
export function pinnedBricks(volume: Volume, mostBytes = pinnedMostBytes): readonly BrickAddress[] {
  const coarsest = volume.levels.length - 1;
  const grid = volume.levels[coarsest] ? gridOf(volume.levels[coarsest]) : ([0, 0, 0] as const);
  const count = grid[0] * grid[1] * grid[2];
  return count <= pinnedMost && count * brickBytes(volume, coarsest) <= mostBytes ? wholeLevel(volume, coarsest) : [];
}

/**
 * Everything to have now, in the order to get it: the coarsest level of every source, then the quick ones, then the right
 * ones. Within a round the sources take turns, and of each the middle comes first.
 */
export function planNow(plans: readonly PlacePlan[], most: number): readonly SourceBrick[] {
  const wanted = new Map<string, SourceBrick>();
  const sources = plans.reduce((sum, plan) => sum + plan.sources.length, 0);
  const pinnedBytes = pinnedMostBytes / Math.max(1, sources);
  takeTurns(
    plans.flatMap((plan) => ofEach(plan, pinnedBricks(plan.place.volume, pinnedBytes))),
    wanted,
    most,
  );
  for (let round = 0; round < 3; round++)
    takeTurns(
      plans.flatMap((plan) => ofEach(plan, roundOf(plan, round))),
      wanted,
      most,
    );
  return [...wanted.values()];
}

export const ofEach = ({ sources }: PlacePlan, bricks: readonly BrickAddress[]): readonly SourceBricks[] =>
  sources.map((source) => ({ source, bricks }));

/** Adds the first brick of each source, then the second, and so on; nothing twice. */
export function takeTurns(lists: readonly SourceBricks[], wanted: Map<string, SourceBrick>, most: number): void {
  const longest = lists.reduce((length, { bricks }) => Math.max(length, bricks.length), 0);
  for (let i = 0; i < longest; i++) {
    for (const { source, bricks } of lists) {
      const address = bricks[i];
      if (!address) continue;
      if (wanted.size >= most) return;
      const key = brickKey(source.key, address);
      if (!wanted.has(key)) wanted.set(key, { key, source, address });
    }
  }
}

/** Bricks of the round's level in every pane, the middle of the view first. */
export function roundOf({ place: { volume }, cuts }: PlacePlan, round: number): readonly BrickAddress[] {
  const found = new Map<string, BrickAddress>();
  for (const pane of cuts) {
    const level = levelsFor(volume, pane.target)[round];
    for (const { tail, address } of level === undefined ? [] : pane.of(level)) found.set(tail, address);
  }
  const middle = cuts[0]?.view.centreNm;
  return middle ? middleFirst(volume, middle, [...found.values()]) : [];
}

function middleFirst(volume: Volume, middleNm: Vec3, bricks: readonly BrickAddress[]): readonly BrickAddress[] {
  const distance = ([level, ...at]: BrickAddress): number => {
    const found = volume.levels[level];
    if (!found) return Infinity;
    return Math.hypot(
      ...map3((a) => (at[a] + 0.5) * found.brick[a] * found.voxelSizeNm[a] + found.originNm[a] - middleNm[a]),
    );
  };
  return bricks
    .map((brick) => ({ brick, far: distance(brick) }))
    .toSorted((a, b) => a.far - b.far)
    .map(({ brick }) => brick);
}

/** Bricks of the right level that panes show of a place. */
export function targetTails({ cuts }: PlacePlan): ReadonlySet<string> {
  return new Set(cuts.flatMap((pane) => pane.of(pane.target).map(({ tail }) => tail)));
}
