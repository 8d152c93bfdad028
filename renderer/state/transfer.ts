/** Counts of grey values as a window sees them. Pure. */

interface Counted {
  readonly counts: readonly number[];
  readonly range: readonly [number, number];
}

/** The counts between the two ends of a window, in so many bins; what is beyond an end is left out. */
export function countsInWindow(
  { counts, range }: Counted,
  [lo, hi]: readonly [number, number],
  bins = 64,
): readonly number[] {
  const binned = Array.from({ length: bins }, () => 0);
  const step = (range[1] - range[0]) / counts.length;
  counts.forEach((count, i) => {
    const at = (range[0] + (i + 0.5) * step - lo) / (hi - lo);
    const bin = Math.floor(at * bins);
    if (bin >= 0 && bin < bins) binned[bin] = (binned[bin] ?? 0) + count;
  });
  return binned;
}
