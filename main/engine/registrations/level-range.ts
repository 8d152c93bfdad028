const mostSamples = 2 ** 17;

/** From where the levels begin to where they end, but for so many (a share) at either end. NaN and infinities do not count. */
export function rangeOf(levels: Float32Array, tail: number): readonly [low: number, high: number] {
  const step = Math.max(1, Math.floor(levels.length / mostSamples) | 1);
  const seen = Float32Array.from({ length: Math.ceil(levels.length / step) }, (_, i) => levels[i * step]!)
    .filter(Number.isFinite)
    .sort();
  const at = (share: number): number => seen[Math.round(share * (seen.length - 1))] ?? 0;
  return [at(tail), at(1 - tail)];
}

/** Specks: a few of them outshine all else. */
const specks = 0.001;

/** In place, specks brought to the level of the next. Where all but those few are alike, they are what there is to see, and stay. */
export function clipped(levels: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const [low, high] = rangeOf(levels, specks);
  if (low < high) for (let i = 0; i < levels.length; i++) levels[i] = Math.min(high, Math.max(low, levels[i]!));
  return levels;
}
