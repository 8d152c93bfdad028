import { create } from 'zustand';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Matrix34 } from '../../../preload/contract/view-state.ts';
import type { PlaneName } from '../../../preload/contract/register-planes.ts';
import { engine } from '../../engine.ts';
import { composed } from '../landmark-pairs.ts';
import { invertMatrix } from '../layers.ts';
import { changed, openLibraryId } from '../library.ts';
import { rotate, turnAbout } from '../rotation.ts';
import { attempt } from '../toasts.ts';
import { map3, planeAxes } from '../volume-geometry.ts';
import { registerNow, selectRegistration, useRegister, volumeNamed } from './register.ts';

/** The moving volume, moved by hand as it is seen in the fixed one: looked at before it is kept. */

export interface Nudge {
  readonly shiftUm: Vec3;
  /** About the axes x, y and z through the middle of the fixed volume, in this order; degrees. */
  readonly turnDeg: Vec3;
  readonly scale: number;
}

interface NudgeState extends Nudge {
  /** The tool: drags and arrow keys move the volume instead of the cross-hair. */
  readonly active: boolean;
  /** Where a start by hand was put, of two volumes that are not registered yet: fixed from fixed, as a nudge. */
  readonly kept: Matrix34 | null;
}

const still: Nudge = { shiftUm: [0, 0, 0], turnDeg: [0, 0, 0], scale: 1 };
export const useNudge = create<NudgeState>(() => ({ active: false, kept: null, ...still }));
const get = useNudge.getState;
const set = useNudge.setState;

/** For what depends on whether something is moved, not on how far: a drag tells of itself at every pixel. */
export const onNudgeState = {
  subscribe: (listener: () => void): (() => void) =>
    useNudge.subscribe((now, before) => {
      if (now.active !== before.active || isNudged(now) !== isNudged(before)) listener();
    }),
};

export const setNudging = (active: boolean): void => set({ active, ...still });
export const putNudgeBack = (): void => set(still);
export const setNudge = (change: Partial<Nudge>): void => set(change);

export const isNudged = ({ shiftUm, turnDeg, scale }: Nudge): boolean =>
  scale !== 1 || [...shiftUm, ...turnDeg].some((by) => by !== 0);

/** Where points of the fixed space go, nm, about a centre. Pure. */
export function nudgeMatrix({ shiftUm, turnDeg, scale }: Nudge, centreNm: Vec3): Matrix34 {
  const axes: readonly Vec3[] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const turned = (v: Vec3): Vec3 =>
    axes.reduce((at, axis, i) => rotate(turnAbout(axis, ((turnDeg[i] ?? 0) * Math.PI) / 180), at), v);
  const columns = axes.map((axis) => turned(axis));
  return ([0, 1, 2] as const).flatMap((row) => {
    const linear = columns.map((column) => scale * column[row]);
    const led = linear.reduce((sum, value, i) => sum + value * (centreNm[i] ?? 0), 0);
    return [...linear, centreNm[row] - led + 1000 * shiftUm[row]];
  });
}

/** The middle of a volume, nm. */
export function middleOf(id: string | null): Vec3 | null {
  const level = volumeNamed(id)?.levels[0];
  return level ? map3((i) => level.originNm[i] + (level.size[i] * level.voxelSizeNm[i]) / 2) : null;
}

/** What is looked at now: what was kept, then what is being done. Null where nothing moves. */
export function movedNow(): Matrix34 | null {
  const state = get();
  const { selected, fixed } = registerNow();
  const before = selected === null ? state.kept : null;
  const centre = middleOf(fixed);
  if (!centre || !isNudged(state)) return before;
  return composed(nudgeMatrix(state, centre), before);
}

/** Of two volumes that are not registered: the moving one's nm from the fixed one's, as put by hand. */
export function startByHand(): Matrix34 | null {
  const { fixed, moving } = registerNow();
  const [from, to] = [middleOf(fixed), middleOf(moving)];
  if (!from || !to) return null;
  const back = invertMatrix(movedNow() ?? [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
  const middle = [1, 0, 0, to[0] - from[0], 0, 1, 0, to[1] - from[1], 0, 0, 1, to[2] - from[2]];
  return back && composed(middle, back);
}

/** Moves it by pixels of a plane's picture, right and down. */
export function nudgeBy(plane: PlaneName, rightUm: number, downUm: number): void {
  const { right, down } = planeAxes[plane];
  set(({ shiftUm }) => ({
    shiftUm: map3((i) => shiftUm[i] + (i === right ? rightUm : 0) + (i === down ? downUm : 0)),
  }));
}

/** Turns it in a plane, clockwise as it is seen. */
export function nudgeTurn(plane: PlaneName, degrees: number): void {
  const { normal } = planeAxes[plane];
  // Of XZ, right and down turn the other way round their normal.
  const sign = plane === 'xz' ? -1 : 1;
  set(({ turnDeg }) => ({ turnDeg: map3((i) => turnDeg[i] + (i === normal ? sign * degrees : 0)) }));
}

/** Keeps it: in the registration, undoably; or as the place where the search begins. */
export async function keepNudge(): Promise<void> {
  const state = get();
  const matrix = movedNow();
  const { selected } = registerNow();
  if (!matrix || !isNudged(state)) return;
  if (selected === null) return set({ ...still, kept: matrix, active: false });
  const done = await attempt(() =>
    engine().register.nudge({ library: openLibraryId(), registration: selected, matrix: [...matrix] }),
  );
  if (!done) return;
  await changed();
  set({ ...still });
  selectRegistration(selected);
}

useRegister.subscribe((now, before) => {
  const others = now.fixed !== before.fixed || now.moving !== before.moving;
  if (others || now.selected !== before.selected || now.step !== before.step)
    set({ active: false, ...still, ...(others && { kept: null }) });
});
