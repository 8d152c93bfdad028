/** Points of a curve of opacity: position and opacity, 0 to 1, sorted by position. Pure. */
export type TransferPoint = readonly [position: number, opacity: number];

export const mostPoints = 32;

const unit = (value: number): number => Math.max(0, Math.min(1, value));

/** Moves a point; it stays between its neighbours, so that the order never changes. */
export function movePoint(
  points: readonly TransferPoint[],
  index: number,
  [position, opacity]: TransferPoint,
): readonly TransferPoint[] {
  const low = points[index - 1]?.[0] ?? 0;
  const high = points[index + 1]?.[0] ?? 1;
  return points.with(index, [Math.max(low, Math.min(high, position)), unit(opacity)]);
}

/** Adds a point where it belongs; the same points where there are as many as there may be. */
export function addPoint(
  points: readonly TransferPoint[],
  [position, opacity]: TransferPoint,
): readonly TransferPoint[] {
  if (points.length >= mostPoints) return points;
  const at = points.findIndex(([other]) => other > position);
  return points.toSpliced(at === -1 ? points.length : at, 0, [unit(position), unit(opacity)]);
}

/** Takes a point out; a curve keeps two. */
export const removePoint = (points: readonly TransferPoint[], index: number): readonly TransferPoint[] =>
  points.length > 2 ? points.toSpliced(index, 1) : points;

/** Half way to the next point. */
export function pointAfter(points: readonly TransferPoint[], index: number): TransferPoint {
  const [here, next] = [points[index], points[index + 1]];
  if (!here) return [0.5, 0.5];
  if (!next) return [(here[0] + 1) / 2, here[1]];
  return [(here[0] + next[0]) / 2, (here[1] + next[1]) / 2];
}
