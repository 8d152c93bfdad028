import type { Box, Vec3 } from '../../../preload/contract/space.ts';
import { type Affine3, affineEntry, affineMap } from './affine3.ts';
import type { PointMap } from './point-map.ts';

/** A grid of vectors, read box by box: it may be larger than memory. */
export interface VectorField {
  readonly sizeXyz: Vec3;
  /** From nanometres to voxels of the grid, whose centres are at whole numbers (ITK's and OME's count, not `space.ts`'s). */
  readonly indexFromPoint: Affine3;
  /** From what is stored to nanometres: of displacements only the linear part counts. */
  readonly nmFromVector: Affine3;
  readonly holds: 'displacement' | 'position';
  readonly interpolation: 'linear' | 'nearest';
  /** All x of a box (x fastest), then all y, then all z, as they are stored. The box lies inside the grid. */
  read(min: Vec3, size: Vec3, signal?: AbortSignal): Promise<Vectors>;
  /** All of it as `read` gives it, for whoever needs much of it: kept, so nobody may write to it. Absent where it is large. */
  whole?(signal?: AbortSignal): Promise<Vectors>;
}

export type Vectors = Float32Array | Float64Array;

/**
 * Cells are read for themselves, so that a few points far from each other do not read all that lies between. Flat, as the
 * slabs of planes are that plain files are read in: few at once hold all cells beside each other.
 */
const cellXyz: Vec3 = [64, 64, 16];
/** From this part of a field on, reading all of it, once for all calls, costs less than copying boxes of it in each. */
const leastPartForWhole = 0.25;

/**
 * As ITK's DisplacementFieldTransform: between the centres trilinear, in the outer half of border voxels as at their
 * centres, and beyond no displacement at all. A field of positions leads nowhere from beyond. Vectors that are not finite
 * lead nowhere.
 */
export const fieldMap = (field: VectorField): PointMap => ({
  apply: async (points, signal) => {
    const index = points.slice();
    affineMap(field.indexFromPoint).applyNow(index);
    for await (const { vectors, box, inBox } of vectorsAround(field, index, signal)) {
      const size = sizeOf(box);
      for (const p of inBox) displace(points, p, vectorAt(vectors, box.min, size, index, p, field), field);
    }
    if (field.holds === 'position') refuseOutside(points, index, field.sizeXyz);
  },
});

interface PartOfField {
  readonly box: Box;
  readonly vectors: Vectors;
  /** Offsets into the points. */
  readonly inBox: readonly number[];
}

async function* vectorsAround(
  field: VectorField,
  index: Float64Array,
  signal?: AbortSignal,
): AsyncGenerator<PartOfField> {
  const { sizeXyz } = field;
  const cells = cellsOf(index, sizeXyz).map((inBox) => ({ inBox, box: boxAround(index, inBox, sizeXyz) }));
  const needed = cells.reduce((sum, { box }) => sum + volumeOf(sizeOf(box)), 0);
  if (field.whole && needed >= leastPartForWhole * volumeOf(sizeXyz)) {
    const inBox = cells.flatMap((cell) => cell.inBox);
    yield { inBox, box: { min: [0, 0, 0], max: sizeXyz }, vectors: await field.whole(signal) };
    return;
  }
  for (const { inBox, box } of cells) yield { inBox, box, vectors: await field.read(box.min, sizeOf(box), signal) };
}

export const isInside = (index: Float64Array, p: number, size: Vec3): boolean =>
  index[p]! >= -0.5 &&
  index[p]! < size[0] - 0.5 &&
  index[p + 1]! >= -0.5 &&
  index[p + 1]! < size[1] - 0.5 &&
  index[p + 2]! >= -0.5 &&
  index[p + 2]! < size[2] - 0.5;

/** Offsets into the points of those inside the grid, cell by cell, in the order in which cells are stored. */
function cellsOf(index: Float64Array, size: Vec3): readonly (readonly number[])[] {
  const cells = new Map<number, number[]>();
  const [across, down] = [Math.ceil(size[0] / cellXyz[0]), Math.ceil(size[1] / cellXyz[1])];
  const cell = (p: number, k: 0 | 1 | 2): number => Math.floor(Math.max(0, index[p + k]!) / cellXyz[k]);
  for (let p = 0; p + 2 < index.length; p += 3) {
    if (!isInside(index, p, size)) continue;
    const key = (cell(p, 2) * down + cell(p, 1)) * across + cell(p, 0);
    const there = cells.get(key);
    if (there) there.push(p);
    else cells.set(key, [p]);
  }
  return [...cells].toSorted(([a], [b]) => a - b).map(([, points]) => points);
}

function boxAround(index: Float64Array, points: readonly number[], size: Vec3): Box {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (const p of points)
    for (const k of [0, 1, 2] as const) {
      low[k] = Math.min(low[k], index[p + k]!);
      high[k] = Math.max(high[k], index[p + k]!);
    }
  const clamp = (value: number, k: 0 | 1 | 2): number => Math.max(0, Math.min(size[k] - 1, value));
  const ends = (k: 0 | 1 | 2) => [clamp(Math.floor(low[k]), k), clamp(Math.floor(high[k]) + 1, k) + 1] as const;
  const [x, y, z] = [ends(0), ends(1), ends(2)];
  return { min: [x[0], y[0], z[0]], max: [x[1], y[1], z[1]] };
}

const volumeOf = ([x, y, z]: Vec3): number => x * y * z;
const sizeOf = ({ min, max }: Box): Vec3 => [max[0] - min[0], max[1] - min[1], max[2] - min[2]];

function vectorAt(
  vectors: Vectors,
  min: Vec3,
  size: Vec3,
  index: Float64Array,
  p: number,
  { sizeXyz, interpolation }: VectorField,
): Vec3 {
  const axis = (k: 0 | 1 | 2, step: number) => {
    const place = Math.max(0, Math.min(sizeXyz[k] - 1, index[p + k]!));
    const at = interpolation === 'nearest' ? Math.floor(place + 0.5) : place;
    const first = Math.min(sizeXyz[k] - 1, Math.floor(at));
    const second = Math.min(sizeXyz[k] - 1, first + 1);
    return { share: at - first, low: (first - min[k]) * step, high: (second - min[k]) * step };
  };
  const [x, y, z] = [axis(0, 1), axis(1, size[0]), axis(2, size[0] * size[1])];
  const volume = volumeOf(size);
  const out: [number, number, number] = [0, 0, 0];
  for (let corner = 0; corner < 8; corner++) {
    const [isX, isY, isZ] = [corner & 1, corner & 2, corner & 4];
    const weight = (isX ? x.share : 1 - x.share) * (isY ? y.share : 1 - y.share) * (isZ ? z.share : 1 - z.share);
    // What has no weight does not count, and may be no number.
    if (weight === 0) continue;
    const at = (isX ? x.high : x.low) + (isY ? y.high : y.low) + (isZ ? z.high : z.low);
    for (let part = 0; part < 3; part++) out[part]! += weight * vectors[part * volume + at]!;
  }
  return out;
}

function displace(points: Float64Array, p: number, vector: Vec3, { nmFromVector: m, holds }: VectorField): void {
  for (let row = 0; row < 3; row++) {
    const moved =
      affineEntry(m, row, 0) * vector[0] + affineEntry(m, row, 1) * vector[1] + affineEntry(m, row, 2) * vector[2];
    const place = holds === 'displacement' ? points[p + row]! + moved : moved + affineEntry(m, row, 3);
    points[p + row] = Number.isFinite(place) ? place : NaN;
  }
}

function refuseOutside(points: Float64Array, index: Float64Array, size: Vec3): void {
  for (let p = 0; p + 2 < points.length; p += 3) if (!isInside(index, p, size)) points.fill(NaN, p, p + 3);
}
