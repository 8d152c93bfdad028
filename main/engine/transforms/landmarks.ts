import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Landmark, LandmarkFit } from '../../../preload/contract/warp.ts';
import { type Affine3, affineMap, identity3 } from './affine3.ts';
import { affineFit, frameOf, type LandmarkPair, translationFit, turnFit } from './landmark-fit.ts';
import { solveWith } from './linear-solve.ts';
import { cloudOf, type PointCloud } from './point-cloud.ts';
import type { ExactMap } from './point-map.ts';
import { fitSpline, type Spline, type SplineFit, splineMap, squaredBetween } from './thin-plate.ts';

export interface LandmarkRequest {
  readonly landmarks: readonly Landmark[];
  readonly fit: LandmarkFit;
  readonly stiffness: number;
}

/** What was fitted: an affine map, or a spline. */
export type FittedMap = { readonly type: 'affine'; readonly matrix: Affine3 } | ({ readonly type: 'spline' } & Spline);

/** Placed at both ends, and on. */
export const usedPairs = (landmarks: readonly Landmark[]): readonly LandmarkPair[] =>
  landmarks.flatMap(({ id, source, target, on }) => (on && source && target ? [{ id, source, target }] : []));

/**
 * Fits what the landmarks allow: nothing, a shift (one, or several on a line), a fit within their plane, or what was
 * asked for. Throws 'invalid-input' where two have one place in the result and a thin plate is to go through both.
 */
export function fitLandmarks({ landmarks, fit, stiffness }: LandmarkRequest): FittedMap {
  return fitPairs(usedPairs(landmarks), fit, stiffness);
}

function fitPairs(pairs: readonly LandmarkPair[], fit: LandmarkFit, stiffness: number): FittedMap {
  if (pairs.length === 0) return { type: 'affine', matrix: identity3 };
  const cloud = spanOf(pairs);
  if (cloud.rank < 2 || fit === 'translation') return { type: 'affine', matrix: translationFit(pairs) };
  if (fit === 'thin-plate') return { type: 'spline', ...plateOf(pairs, cloud, stiffness).spline };
  const matrix = fit === 'affine' ? affineFit(pairs, cloud, frameOf(cloud)) : turnFit(pairs, fit === 'similarity');
  return { type: 'affine', matrix };
}

/** How the targets lie; flat where the sources are flatter than they. */
function spanOf(pairs: readonly LandmarkPair[]): PointCloud {
  const cloud = cloudOf(pairs.map(({ target }) => target));
  const { rank } = cloudOf(pairs.map(({ source }) => source));
  return { ...cloud, rank: Math.min(cloud.rank, rank) as PointCloud['rank'] };
}

export type LandmarkSpan = 'nothing' | 'line' | 'plane' | 'space';

export const mapOfFitted = (fitted: FittedMap): ExactMap =>
  fitted.type === 'affine' ? affineMap(fitted.matrix) : splineMap(fitted);

function plateOf(pairs: readonly LandmarkPair[], cloud: PointCloud, stiffness: number): SplineFit {
  if (stiffness === 0) refuseTwins(pairs, cloud);
  const fit = fitSpline(pairs, cloud, frameOf(cloud), stiffness);
  if (fit.factors.condition > 1e-14 && fit.spline.weights.every(Number.isFinite)) return fit;
  throw new LamellaError('invalid-input', 'The landmarks lie too close to each other for a thin plate.', {
    hint: 'Give a stiffness of 0.01 or more, or turn the closest landmarks off.',
    fields: { landmarks: pairs.length },
  });
}

/** Two that begin in one place can't lead to two. */
function refuseTwins(pairs: readonly LandmarkPair[], cloud: PointCloud): void {
  const at = Float64Array.from(pairs.flatMap(({ target }) => target));
  const least = (1e-7 * cloud.spread) ** 2;
  for (let i = 0; i < pairs.length; i++)
    for (let j = 0; j < i; j++)
      if (squaredBetween(at, i, j) <= least)
        throw new LamellaError(
          'invalid-input',
          `The landmarks ${pairs[j]?.id} and ${pairs[i]?.id} have the same place in the result.`,
          { hint: 'Move or remove one of them.', fields: { landmark: pairs[i]?.id ?? '', other: pairs[j]?.id ?? '' } },
        );
}

export interface LandmarkErrors {
  readonly used: number;
  readonly spans: LandmarkSpan;
  readonly matrix: Affine3;
  readonly rmsNm: number;
  readonly maxNm: number;
  readonly errors: readonly { readonly id: string; readonly errorNm: number; readonly leftOutNm: number | null }[];
}

/** How far each is from where the map leads, and from where it leads without it. Throws what `fitLandmarks` throws. */
export function landmarkErrors(request: LandmarkRequest): LandmarkErrors {
  const { fit, stiffness } = request;
  const pairs = usedPairs(request.landmarks);
  const fitted = fitPairs(pairs, fit, stiffness);
  const missed = distances(mapOfFitted(fitted), pairs);
  const without = leftOut(pairs, request);
  const closest = fitted.type === 'affine' ? fitted : fitPairs(pairs, 'affine', 0);
  return {
    used: pairs.length,
    spans: pairs.length === 0 ? 'nothing' : spans[spanOf(pairs).rank],
    matrix: closest.type === 'affine' ? closest.matrix : identity3,
    rmsNm: Math.sqrt(missed.reduce((sum, one) => sum + one * one, 0) / Math.max(1, missed.length)),
    maxNm: Math.max(0, ...missed),
    errors: pairs.map(({ id }, i) => ({ id, errorNm: missed[i] ?? 0, leftOutNm: without[i] ?? null })),
  };
}

const spans: Readonly<Record<PointCloud['rank'], LandmarkSpan>> = { 0: 'line', 1: 'line', 2: 'plane', 3: 'space' };

function distances(map: ExactMap, pairs: readonly LandmarkPair[]): readonly number[] {
  const points = Float64Array.from(pairs.flatMap(({ target }) => target));
  map.applyNow(points);
  return pairs.map(({ source }, i) =>
    Math.hypot(points[3 * i]! - source[0], points[3 * i + 1]! - source[1], points[3 * i + 2]! - source[2]),
  );
}

/** More take too long to leave out one after the other. */
const mostLeftOut = 300;

/** Null where the others span less than all of them do: they would decide another kind of map. */
function leftOut(pairs: readonly LandmarkPair[], { fit, stiffness }: LandmarkRequest): readonly (number | null)[] {
  if (pairs.length < 2 || pairs.length > mostLeftOut) return [];
  const cloud = spanOf(pairs);
  const isPlate = fit === 'thin-plate' && cloud.rank >= 2;
  const plate = isPlate ? plateOf(pairs, cloud, stiffness) : null;
  return pairs.map((pair, i) => {
    const others = pairs.toSpliced(i, 1);
    if (spanOf(others).rank < cloud.rank) return null;
    return plate ? leftOutOfPlate(plate, i) : (distances(mapOfFitted(fitPairs(others, fit, 0)), [pair])[0] ?? null);
  });
}

/** Rippa's shortcut (Adv. Comput. Math. 11, 1999): a weight over its entry on the diagonal of the inverse. */
function leftOutOfPlate({ factors, spline }: SplineFit, i: number): number | null {
  const unit = new Float64Array(factors.n);
  unit[i] = 1;
  const own = solveWith(factors, unit)[i] ?? 0;
  return own === 0 ? null : Math.hypot(...spline.weights.subarray(3 * i, 3 * i + 3)) / Math.abs(own);
}
