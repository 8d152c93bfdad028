import type { OutputOf } from '../../preload/contract/define.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Matrix34 } from '../../preload/contract/view-state.ts';
import { applyMatrix, invertMatrix } from './layers.ts';
import { identity34 } from './matrix-text.ts';
import { plus } from './rotation.ts';
import type { Landmark, LandmarkFit, Warp, WarpStep, warpProcedures } from '../../preload/contract/warp.ts';

/**
 * Pairs of points that say where a layer belongs: one end on the moving layer, one on what is fixed. Pure.
 *
 * An alignment is a warped volume of two steps: the landmarks, and then the way back through what had been done to the
 * layer by hand (where anything had). So both ends of a pair are nanometres of the result: the moving end where the layer
 * lay before, the fixed end where it belongs; and what was aligned by hand is not lost to the first pair. The result lies
 * in the world as its source does by its dataset (`worldFromVolume`), mostly as it is.
 */

export type LandmarkStep = Extract<WarpStep, { readonly type: 'landmarks' }>;
export type FitAnswer = OutputOf<(typeof warpProcedures)['fit']>;
/** Which end of a pair. */
export type End = 'source' | 'target';

export const noLandmarks: LandmarkStep = { type: 'landmarks', landmarks: [], fit: 'thin-plate', stiffness: 0 };

/** From the result to the source. */
export const stepsOf = (step: LandmarkStep, before: Matrix34 | null): WarpStep[] =>
  before ? [step, { type: 'affine', matrix: [...before], frame: 'volume', inverse: true }] : [step];

/** The landmarks of a warped volume, and where its source lay before; null for one that is made otherwise. */
export function alignmentOf({
  steps,
}: Pick<Warp, 'steps'>): { readonly step: LandmarkStep; readonly before: Matrix34 | null } | null {
  const [step, back, ...more] = steps;
  if (step?.type !== 'landmarks' || more.length > 0) return null;
  if (!back) return { step, before: null };
  return back.type === 'affine' && back.inverse ? { step, before: back.matrix } : null;
}

/** `composed(cFromB, bFromA)` is cFromA; null: nothing is moved. */
export function composed(outer: Matrix34 | null, inner: Matrix34 | null): Matrix34 | null {
  if (!outer || !inner) return outer ?? inner;
  const columns = [0, 1, 2, 3].map((c) => [0, 1, 2].map((r) => inner[4 * r + c] ?? 0) as unknown as Vec3);
  const [x, y, z, shift] = columns.map((column, c) =>
    c === 3 ? applyMatrix(outer, column) : plus(applyMatrix(outer, column), applyMatrix(outer, [0, 0, 0]), -1),
  ) as [Vec3, Vec3, Vec3, Vec3];
  return ([0, 1, 2] as const).flatMap((r) => [x[r], y[r], z[r], shift[r]]);
}

/** What was done to a layer by hand, beside where its dataset places it; null: nothing. */
export function byHand(worldFromVolume: Matrix34 | null, worldFromLayer: Matrix34 | null): Matrix34 | null {
  const moved = composed(worldFromVolume && invertMatrix(worldFromVolume), worldFromLayer);
  const isNothing = moved?.every((value, i) => Math.abs(value - (identity34[i] ?? 0)) < (i % 4 === 3 ? 1e-3 : 1e-9));
  return isNothing ? null : moved;
}

const numberIn = (text: string): number => Number(/(\d+)$/.exec(text)?.[1] ?? 0);

/** The list with one more pair, named by the next number. */
export function withPair(landmarks: readonly Landmark[], source: Vec3, target: Vec3): Landmark[] {
  const id = `pair-${Math.max(0, ...landmarks.map((one) => numberIn(one.id))) + 1}`;
  const name = `Point ${Math.max(0, ...landmarks.map((one) => numberIn(one.name))) + 1}`;
  return [...landmarks, { id, name, source, target, on: true }];
}

export const withChange = (landmarks: readonly Landmark[], id: string, change: Partial<Landmark>): Landmark[] =>
  landmarks.map((one) => (one.id === id ? { ...one, ...change } : one));

export const withoutPair = (landmarks: readonly Landmark[], id: string): Landmark[] =>
  landmarks.filter((one) => one.id !== id);

/** The pair after (1) or before (-1) another in the list, around its ends; null for an empty list. */
export function pairBeside(landmarks: readonly Landmark[], id: string | null, by: 1 | -1): Landmark | null {
  const at = landmarks.findIndex((one) => one.id === id);
  const next = at === -1 ? (by === 1 ? 0 : landmarks.length - 1) : (at + by + landmarks.length) % landmarks.length;
  return landmarks[next] ?? null;
}

/** How far apart the ends of a pair are, nm; null for half a pair. */
export const shiftNm = ({ source, target }: Landmark): number | null =>
  source && target ? Math.hypot(target[0] - source[0], target[1] - source[1], target[2] - source[2]) : null;

const closest: Readonly<Record<Exclude<LandmarkFit, 'thin-plate'>, string>> = {
  affine: 'The closest affine map',
  similarity: 'Moved, turned and scaled as one, as close as can be',
  rigid: 'Moved and turned as one, as close as can be',
  translation: 'Moved as one, as close as can be',
};

/** What is made of the pairs, and what more would do. */
export function fitWords({ used, spans }: Pick<FitAnswer, 'used' | 'spans'>, { fit, stiffness }: LandmarkStep): string {
  if (used === 0) return 'No pair is used: the layer stays where it was.';
  if (spans === 'line' && fit !== 'translation') {
    if (used > 2) return `All ${used} pairs lie on one line: the layer is only moved. Place one beside that line.`;
    const more = used === 1 ? 'Two more' : 'One more';
    return `${used === 1 ? 'One pair moves' : 'Two pairs move'} the layer as it is. ${more}, in a triangle, turn${used === 1 ? '' : 's'} and stretch${used === 1 ? '' : 'es'} it.`;
  }
  if (spans === 'plane' && (fit === 'thin-plate' || fit === 'affine')) {
    const how = used === 3 || fit === 'affine' ? 'fits' : 'bends';
    return `All ${used} pairs lie in one plane: the layer ${how} within it. For 3-D, place one in another section.`;
  }
  if (fit !== 'thin-plate') return `${closest[fit]}, to ${used} ${used === 1 ? 'pair' : 'pairs'}.`;
  if (used === 4) return 'Four pairs move, turn and stretch the layer. From the fifth on it bends.';
  return stiffness > 0 ? `Bends near to ${used} pairs.` : `Bends through ${used} pairs.`;
}
