import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes } from '../../formats/pyramid.ts';
import type { StoredBlock } from '../../stacks/block-rows.ts';
import { axes3, less3 } from './numbers.ts';

/** Two blocks that the stage lays over each other. */
export interface BlockPair {
  readonly a: StoredBlock;
  readonly b: StoredBlock;
  /** Of b's place less a's, by the stage. */
  readonly expected: Vec3;
}

/** One slab of an overlap: a box of each block, which the kernel compares. */
export interface Slab {
  readonly a: VoxelRange;
  readonly b: VoxelRange;
}

export interface VoxelRange {
  readonly min: Vec3;
  readonly size: Vec3;
}

/** An overlap that is smaller along an axis is not matched. */
export const leastOverlap = 12;
/** Neighbours share a face: of two axes they have this part of a block in common. */
const facePart = 0.5;
/** Of voxels that a kernel holds of a block. */
const mostSlabVoxels = 24 * 2 ** 20;

/** Every pair of blocks whose stage boxes share a face, in the order of the blocks. */
export function findPairs(blocks: readonly StoredBlock[]): readonly BlockPair[] {
  const byX = blocks.toSorted((p, q) => p.stage[0] - q.stage[0]);
  const widest = blocks.reduce((w, { sizeXyz }) => Math.max(w, sizeXyz[0]), 0);
  const pairs: BlockPair[] = [];
  for (const [i, a] of byX.entries()) {
    for (const b of byX.slice(i + 1)) {
      if (b.stage[0] - a.stage[0] >= widest) break;
      const [first, second] = a.id < b.id ? [a, b] : [b, a];
      if (sharesFace(first, second)) pairs.push({ a: first, b: second, expected: less3(second.stage, first.stage) });
    }
  }
  return pairs.toSorted((p, q) => p.a.id - q.a.id || p.b.id - q.b.id);
}

function sharesFace(a: StoredBlock, b: StoredBlock): boolean {
  const shared = axes3.map((k) => {
    const low = Math.max(a.stage[k], b.stage[k]);
    const high = Math.min(a.stage[k] + a.sizeXyz[k], b.stage[k] + b.sizeXyz[k]);
    return { length: high - low, part: (high - low) / Math.min(a.sizeXyz[k], b.sizeXyz[k]) };
  });
  return (
    shared.every(({ length }) => length >= leastOverlap) && shared.filter(({ part }) => part >= facePart).length >= 2
  );
}

/**
 * The slabs of an overlap along z: of each block what the other may cover, wherever within `search` it truly lies, so
 * that every shift is judged by all that overlaps. Slabs of a pair overlap by nothing in a.
 */
export function slabsOf({ a, b, expected }: BlockPair, search: Vec3, slabVox: number): readonly Slab[] {
  const shift = mapAxes((k) => Math.round(expected[k]));
  const inA = reach(a.sizeXyz, b.sizeXyz, shift, search);
  const inB = reach(
    b.sizeXyz,
    a.sizeXyz,
    mapAxes((k) => -shift[k]),
    search,
  );
  if (!inA || !inB) return [];
  const depth = Math.max(16, Math.min(slabVox, Math.floor(mostSlabVoxels / (inA.size[0] * inA.size[1]))));
  const count = Math.max(1, Math.round(inA.size[2] / depth));
  return Array.from({ length: count }, (_, i) => {
    const from = inA.min[2] + Math.round((inA.size[2] * i) / count);
    const to = inA.min[2] + Math.round((inA.size[2] * (i + 1)) / count);
    const low = Math.max(inB.min[2], from - shift[2] - search[2]);
    const high = Math.min(inB.min[2] + inB.size[2], to - shift[2] + search[2]);
    return {
      a: { min: [inA.min[0], inA.min[1], from] as const, size: [inA.size[0], inA.size[1], to - from] as const },
      b: { min: [inB.min[0], inB.min[1], low] as const, size: [inB.size[0], inB.size[1], high - low] as const },
    };
  }).filter((slab) => slab.a.size[2] >= leastOverlap && slab.b.size[2] >= leastOverlap);
}

/** What of a block of `size` another of `other`, `shift` away, covers, give or take `search`; null for nothing. */
function reach(size: Vec3, other: Vec3, shift: Vec3, search: Vec3): VoxelRange | null {
  const min = mapAxes((k) => Math.max(0, shift[k] - search[k]));
  const max = mapAxes((k) => Math.min(size[k], shift[k] + other[k] + search[k]));
  const sides = mapAxes((k) => max[k] - min[k]);
  return sides.every((side) => side >= leastOverlap) ? { min, size: sides } : null;
}

/** Voxel of box b that the stage lays over voxel 0 of box a. */
export const expectedInBox = ({ expected }: BlockPair, { a, b }: Slab): Vec3 =>
  mapAxes((k) => a.min[k] - Math.round(expected[k]) - b.min[k]);

/** Of b's place less a's, from the shift between boxes. */
export const shiftOfPlaces = ({ a, b }: Slab, shift: Vec3): Vec3 => mapAxes((k) => a.min[k] - shift[k] - b.min[k]);
