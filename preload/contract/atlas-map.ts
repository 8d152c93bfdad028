/**
 * An annotation as runs, little-endian: uint32 rows + 1 (the first run of each row along x, row y of slice z being
 * z * sizeY + y; at the end how many runs there are), then two uint16 a run: its value, and the x at which it ends.
 * A value of 0 is background, `unknownRegion` a label that the atlas lacks, any other one more than the region's `at`.
 * Where sides are told voxel by voxel, they follow as a second grid of that size: 1 is left, 2 is right, 0 neither.
 */
export interface AtlasMap {
  readonly size: readonly [number, number, number];
  readonly rowStarts: Uint32Array;
  /** Value, end, value, end … */
  readonly runs: Uint16Array;
}

export const unknownRegion = 65_535;

/**
 * Regions, and the sides where there are any: views of the bytes, or copies where they do not lie on whole words. Throws
 * RangeError where they are cut short.
 */
export function readAtlasMap(
  bytes: Uint8Array,
  size: readonly [number, number, number],
): AtlasMap & { readonly sides: AtlasMap | null } {
  const whole = byteOffsetIsEven(bytes) ? bytes : bytes.slice();
  const regions = readGrid(whole, size);
  const rest = whole.subarray(regions.rowStarts.byteLength + regions.runs.byteLength);
  return { ...regions, sides: rest.byteLength === 0 ? null : readGrid(rest, size) };
}

function readGrid({ buffer, byteOffset, byteLength }: Uint8Array, size: AtlasMap['size']): AtlasMap {
  const rows = size[1] * size[2];
  const starts = (rows + 1) * 4;
  if (byteLength < starts) throw new RangeError('the map of the atlas is cut short');
  const rowStarts = new Uint32Array(buffer, byteOffset, rows + 1);
  const count = rowStarts[rows] ?? 0;
  if (byteLength < starts + 4 * count) throw new RangeError('the map of the atlas is cut short');
  return { size, rowStarts, runs: new Uint16Array(buffer, byteOffset + starts, 2 * count) };
}

const byteOffsetIsEven = (bytes: Uint8Array): boolean => bytes.byteOffset % 4 === 0;

/** The value at a voxel; 0 outside. O(log of the runs of a row). */
export function valueAt({ size, rowStarts, runs }: AtlasMap, x: number, y: number, z: number): number {
  if (!(x >= 0 && y >= 0 && z >= 0 && x < size[0] && y < size[1] && z < size[2])) return 0;
  const row = z * size[1] + y;
  let [low, high] = [rowStarts[row] ?? 0, (rowStarts[row + 1] ?? 0) - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x < (runs[2 * middle + 1] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return runs[2 * low] ?? 0;
}
