import type { WarpTaskStep } from '../../../../native-workers/warp-tasks.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import { type Affine3, affineMap } from '../../transforms/affine3.ts';
import type { VectorField } from '../../transforms/vector-field.ts';
import type { ChainStep } from './chain.ts';
import { bytesOf } from './waiting-steps.ts';

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
  if (!bounds.every(Number.isFinite)) return { min: [0, 0, 0], size };
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

/** x, y, z of the eight corners. */
export function cornersOf(bounds: readonly number[]): Float64Array {
  const corner = (c: number): readonly number[] => [0, 1, 2].map((k) => bounds[k + 3 * ((c >> k) & 1)] ?? 0);
  return Float64Array.from(Array.from({ length: 8 }, (_, c) => corner(c)).flat());
}

export interface FieldNeed {
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
  const margin = inverse ? 2 * 2 ** need.wider : 0;
  const around = inverse ? await beforeField(field, bounds, need, signal) : bounds;
  if (around === 'too much') return around;
  const { sizeXyz } = field;
  // Beyond the field one voxel stands for all of it: the kernel sees by the grid that points lie outside.
  const box = boxOfIndex(field.indexFromPoint, around, sizeXyz, margin) ?? { min: [0, 0, 0], size: [1, 1, 1] };
  if (voxelsIn(box.size) * 12 > need.mostBytes) return 'too much';
  const vectors = await field.read(box.min, box.size, signal);
  return {
    isWhole: voxelsIn(box.size) === voxelsIn(sizeXyz),
    vectors: bytesOf(vectors),
    step: stepOfField(field, box, { wide: vectors instanceof Float64Array, inverse }),
  };
}

/** A field as kernels take it, with a box of it. */
export const stepOfField = (
  { sizeXyz, indexFromPoint, nmFromVector, holds, interpolation }: VectorField,
  box: IndexBox,
  more: { readonly wide: boolean; readonly inverse: boolean },
): WarpTaskStep => ({
  ...{ type: 'field', grid: sizeXyz, min: box.min, size: box.size, holds, interpolation },
  ...{ indexFromPoint: [...indexFromPoint], nmFromVector: [...nmFromVector], ...more },
});

/** Bounds of what the field may lead into these bounds: they themselves, and as far around them as its vectors reach. */
async function beforeField(
  field: VectorField,
  bounds: readonly number[],
  { mostBytes, wider }: FieldNeed,
  signal: AbortSignal,
): Promise<readonly number[] | 'too much'> {
  // Positions say nothing of where they are led from: all of the field is looked at.
  if (field.holds === 'position') return [-Infinity, -Infinity, -Infinity, Infinity, Infinity, Infinity];
  const box = boxOfIndex(field.indexFromPoint, bounds, field.sizeXyz, 2);
  if (!box) return bounds;
  if (voxelsIn(box.size) * 12 > mostBytes) return 'too much';
  const vectors = await field.read(box.min, box.size, signal);
  const reach = reachOf(vectors, field) * 2 ** wider;
  return bounds.map((value, i) => value + (i < 3 ? -reach : reach));
}

/** The largest side of its vectors, nanometres. */
function reachOf(vectors: Float32Array | Float64Array, { nmFromVector }: VectorField): number {
  let most = 0;
  for (const value of vectors) if (Math.abs(value) > most && Number.isFinite(value)) most = Math.abs(value);
  const row = (i: number): number => nmFromVector.slice(4 * i, 4 * i + 3).reduce((sum, one) => sum + Math.abs(one), 0);
  const shift = Math.max(...[3, 7, 11].map((i) => Math.abs(nmFromVector[i] ?? 0)));
  return most * Math.max(row(0), row(1), row(2)) + shift;
}
