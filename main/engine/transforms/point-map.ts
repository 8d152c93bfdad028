/**
 * Maps between spaces: the one room for them. A point is x, y, z in nanometres of volume space (`space.ts`: voxel k has
 * its centre at origin + (k + 0.5) x size); many of them lie one after the other in a Float64Array. NaN: the map leads
 * nowhere from there.
 */
export interface PointMap {
  /** Takes every point to where it leads, in place. */
  apply(points: Float64Array, signal?: AbortSignal): Promise<void>;
  /**
   * The same, and how each point it leads to changes with the point: 3 rows of 3, row after row. Absent where that is not
   * known and has to be measured.
   */
  slopesNow?(points: Float64Array): Float64Array;
}

/** A map that needs no reading. */
export interface ExactMap extends PointMap {
  applyNow(points: Float64Array): void;
}

export const exactMap = (applyNow: (points: Float64Array) => void): ExactMap => ({
  applyNow,
  apply: (points) => {
    applyNow(points);
    return Promise.resolve();
  },
});

/** One after the other, the first first. */
export const sequenceOf = (maps: readonly PointMap[]): PointMap => ({
  apply: async (points, signal) => {
    for (const map of maps) await map.apply(points, signal);
  },
});
