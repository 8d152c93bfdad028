import type { WarpTaskStep } from '../../../../native-workers/warp-tasks.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import { type Affine3, affineMap } from '../../transforms/affine3.ts';
import { inverseOf } from '../../transforms/inverse-map.ts';
import { fieldMap, type VectorField } from '../../transforms/vector-field.ts';
import type { ChainStep } from './chain.ts';

export interface IndexBox {
  readonly min: Vec3;
  readonly size: Vec3;
}

/** The voxels that points within bounds (least x, y, z, largest x, y, z) are mixed of; null where all lie beyond. */
export function boxOfIndex(
  indexFromPoint: Affine3,
  bounds: readonly number[],
  size: Vec3,
  margin = 0,
): IndexBox | null {
  const corners = cornersOf(bounds);
  affineMap(indexFromPoint).applyNow(corners);
  const ends = ([0, 1, 2] as const).map((k) => {
    const along = corners.filter((_, i) => i % 3 === k);
    return [Math.min(...along) - margin, Math.max(...along) + margin] as const;
  });
  if (ends.some(([low, high], k) => high < -0.5 || low > (size[k] ?? 0) - 0.5)) return null;
  const clamp = (value: number, k: 0 | 1 | 2): number => Math.max(0, Math.min(size[k] - 1, value));
  const min = mapAxes((k) => clamp(Math.floor(ends[k]![0]), k));
  const max = mapAxes((k) => clamp(Math.floor(ends[k]![1]) + 1, k));
  return { min, size: mapAxes((k) => max[k] - min[k] + 1) };
}

function cornersOf(bounds: readonly number[]): Float64Array {
  const corner = (c: number): readonly number[] => [0, 1, 2].map((k) => bounds[k + 3 * ((c >> k) & 1)] ?? 0);
  return Float64Array.from(Array.from({ length: 8 }, (_, c) => corner(c)).flat());
}

export interface FieldNeed {
  readonly voxelNm: number;
  readonly mostBytes: number;
  /** How often what was read before was not enough. */
  readonly wider: number;
}

export interface FieldBox {
  readonly step: WarpTaskStep;
  readonly vectors: Uint8Array;
  /** All of the field. */
  readonly isWhole: boolean;
}

/** What a kernel needs of a field for points within bounds. */
export async function fieldBox(
  { field, inverse }: Extract<ChainStep, { type: 'field' }>,
  bounds: readonly number[],
  need: FieldNeed,
  signal: AbortSignal,
): Promise<FieldBox | 'too much'> {
  const around = inverse ? await beforeField(field, bounds, need, signal) : bounds;
  const margin = inverse ? 2 * 2 ** need.wider : 0;
  const { sizeXyz } = field;
  // Beyond the field one voxel stands for all of it: the kernel sees by the grid that points lie outside.
  const box = boxOfIndex(field.indexFromPoint, around, sizeXyz, margin) ?? { min: [0, 0, 0], size: [1, 1, 1] };
  if (voxelsIn(box.size) * 12 > need.mostBytes) return 'too much';
  const vectors = await field.read(box.min, box.size, signal);
  return {
    isWhole: voxelsIn(box.size) === voxelsIn(sizeXyz),
    vectors: new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength),
    step: {
      type: 'field',
      grid: sizeXyz,
      ...box,
      wide: vectors instanceof Float64Array,
      indexFromPoint: [...field.indexFromPoint],
      nmFromVector: [...field.nmFromVector],
      holds: field.holds,
      interpolation: field.interpolation,
      inverse,
    },
  };
}

/** Points of the bounds whose way back is searched to learn which part of a field will be needed. */
const probes = 4;

/** Bounds of the points that the field leads into these bounds, and these bounds themselves. */
async function beforeField(
  field: VectorField,
  bounds: readonly number[],
  { voxelNm, wider }: FieldNeed,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const at = (k: number, n: number): number => bounds[k]! + ((bounds[k + 3]! - bounds[k]!) * n) / (probes - 1);
  const points: number[] = [];
  for (let i = 0; i < probes ** 3; i++)
    points.push(at(0, i % probes), at(1, Math.floor(i / probes) % probes), at(2, Math.floor(i / probes ** 2)));
  const found = Float64Array.from(points);
  await inverseOf(fieldMap(field), { toleranceNm: voxelNm, stepNm: voxelNm / 10 }).apply(found, signal);
  const out =
    field.holds === 'displacement' ? [...bounds] : [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
  for (const [i, value] of found.entries()) {
    if (!Number.isFinite(value)) continue;
    out[i % 3] = Math.min(out[i % 3]!, value);
    out[(i % 3) + 3] = Math.max(out[(i % 3) + 3]!, value);
  }
  return out.map((value, i) => {
    const extent = out[(i % 3) + 3]! - out[i % 3]!;
    return value + (i < 3 ? -1 : 1) * extent * 0.1 * (2 ** wider - 0.5);
  });
}
