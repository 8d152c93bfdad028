import { unknownRegion, valueAt, type AtlasMap } from '../../../preload/contract/atlas-map.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { map3 } from '../volume-geometry.ts';
import type { Direction, Face } from './faces.ts';

/** What a face of an atlas shows, one pixel for each row of voxels along its line of sight. Pure. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** Row by row: `at` of a region and one more; 0 where none of those that are looked for is met. */
  readonly values: Uint16Array;
  /** The voxel along the line of sight at which it is met. */
  readonly depths: Uint16Array;
  /** 1 where anything of the annotation is met. */
  readonly tissue: Uint8Array;
}

/** The regions that are looked for: from `at` to `end`, the end left out. All others are looked through. */
export interface Branch {
  readonly at: number;
  readonly end: number;
}

const isWithin = ({ at, end }: Branch, value: number): boolean => value > at && value <= end && value !== unknownRegion;

const emptyPlane = (width: number, height: number): Plane => ({
  ...{ width, height },
  values: new Uint16Array(width * height),
  depths: new Uint16Array(width * height),
  tissue: new Uint8Array(width * height),
});

/** Pixels from one voxel to the next along each axis, and the pixel of voxel 0, 0, 0. */
function strides({ right, down }: Face, size: Vec3): { readonly first: number; readonly by: Vec3 } {
  const width = size[right.axis];
  const of = (axis: number): number => {
    if (axis === right.axis) return right.back ? -1 : 1;
    return axis === down.axis ? (down.back ? -width : width) : 0;
  };
  const first = (right.back ? width - 1 : 0) + (down.back ? (size[down.axis] - 1) * width : 0);
  return { first, by: map3(of) };
}

/** Voxels of an axis in the order of the line of sight. */
function* inSight(axis: number, n: number, { axis: into, back }: Direction): Generator<number> {
  for (let i = 0; i < n; i++) yield axis === into && back ? n - 1 - i : i;
}

/**
 * From outside: the first region of a branch on each line of sight. Gives way after each slice of the map, O(voxels) in
 * all at most.
 */
export function* projected(map: AtlasMap, face: Face, branch: Branch): Generator<void, Plane> {
  const { size, rowStarts, runs } = map;
  const { into } = face;
  const plane = emptyPlane(size[face.right.axis], size[face.down.axis]);
  const { first, by } = strides(face, size);
  const meet = (pixel: number, value: number, depth: number): void => {
    plane.tissue[pixel] = 1;
    if (plane.values[pixel] !== 0 || !isWithin(branch, value)) return;
    plane.values[pixel] = value;
    plane.depths[pixel] = depth;
  };
  for (const z of inSight(2, size[2], into)) {
    for (const y of inSight(1, size[1], into)) {
      const [begin, end] = [rowStarts[z * size[1] + y] ?? 0, rowStarts[z * size[1] + y + 1] ?? 0];
      const pixel = first + y * by[1] + z * by[2];
      for (const k of inSight(0, end - begin, into)) {
        const run = begin + k;
        const value = runs[2 * run] ?? 0;
        if (value === 0) continue;
        const [from, stop] = [k === 0 ? 0 : (runs[2 * run - 1] ?? 0), runs[2 * run + 1] ?? 0];
        if (into.axis === 0) meet(pixel, value, into.back ? stop - 1 : from);
        else for (let x = from; x < stop; x++) meet(pixel + x * by[0], value, into.axis === 1 ? y : z);
      }
    }
    yield;
  }
  return plane;
}

/** One slice across the line of sight: voxel `depth` along it. O(pixels). */
export function cutAt(map: AtlasMap, face: Face, branch: Branch, depth: number): Plane {
  const { size } = map;
  const { right, down, into } = face;
  const plane = emptyPlane(size[right.axis], size[down.axis]);
  const { first, by } = strides(face, size);
  for (let v = 0; v < size[down.axis]; v++)
    for (let u = 0; u < size[right.axis]; u++) {
      const [x, y, z] = map3((a) => (a === into.axis ? depth : a === right.axis ? u : v));
      const value = valueAt(map, x, y, z);
      if (value === 0) continue;
      const pixel = first + u * by[right.axis] + v * by[down.axis];
      plane.tissue[pixel] = 1;
      plane.depths[pixel] = depth;
      if (isWithin(branch, value)) plane.values[pixel] = value;
    }
  return plane;
}
