import { scaleOfTransform, type Transform } from '../../../../native-workers/shapes/affine.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { MeshManifest } from '../../../../preload/contract/shape.ts';
import { mapAxes } from '../pyramid.ts';

/**
 * The manifest of a multi-resolution mesh (google/neuroglancer, src/datasource/precomputed/mesh.rst), in the space that
 * it is stored in.
 */
export interface MultiresManifest {
  readonly chunkShape: Vec3;
  readonly gridOrigin: Vec3;
  /** Finest first. */
  readonly lods: readonly MultiresLod[];
  /** Of all fragments. */
  readonly fragmentBytes: number;
}

type Vec3 = readonly [number, number, number];

export interface MultiresLod {
  readonly scale: number;
  readonly vertexOffset: Vec3;
  /** uint32[3][n]: all x, all y, all z. */
  readonly positions: Uint32Array;
  readonly sizes: Uint32Array;
  /** Where each fragment begins, from the first of the mesh. */
  readonly starts: Float64Array;
}

const mostLods = 32;
const mostFragments = 1_000_000;

/** Throws what `bad` makes of a fault. */
export function parseMultiresManifest(bytes: Uint8Array, bad: (why: string) => Error): MultiresManifest {
  if (bytes.length < 28) throw bad(`it has ${bytes.length} bytes, too few for a manifest`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const float = (at: number): number => view.getFloat32(at, true);
  const float3 = (at: number): Vec3 => [float(at), float(at + 4), float(at + 8)];
  const levels = view.getUint32(24, true);
  if (levels > mostLods) throw bad(`it says ${levels} levels of detail`);
  const headerBytes = 28 + levels * 20;
  if (bytes.length < headerBytes) throw bad(`it ends before its ${levels} levels of detail do`);
  const counts = Array.from({ length: levels }, (_, i) => view.getUint32(28 + levels * 16 + i * 4, true));
  const fragments = counts.reduce((sum, n) => sum + n, 0);
  const wanted = headerBytes + fragments * 16;
  if (wanted !== bytes.length) throw bad(`${fragments} fragments take ${wanted} bytes, and it has ${bytes.length}`);
  if (fragments > mostFragments) throw tooMany(fragments);
  let [at, start] = [headerBytes, 0];
  const lods = counts.map((n, i): MultiresLod => {
    const numbers = Uint32Array.from({ length: n * 4 }, (_, j) => view.getUint32(at + j * 4, true));
    at += n * 16;
    const sizes = numbers.subarray(n * 3);
    const starts = Float64Array.from(sizes, (size) => (start += size) - size);
    const vertexOffset = float3(28 + levels * 4 + i * 12);
    return { scale: float(28 + i * 4), vertexOffset, positions: numbers.subarray(0, n * 3), sizes, starts };
  });
  const manifest = { chunkShape: float3(0), gridOrigin: float3(12), lods, fragmentBytes: start };
  checkNumbers(manifest, bad);
  return manifest;
}

const tooMany = (fragments: number): LamellaError =>
  new LamellaError('over-budget', `A mesh of ${fragments} fragments is too large.`, {
    hint: 'Write it with larger fragments.',
    fields: { fragments },
  });

function checkNumbers({ chunkShape, gridOrigin, lods }: MultiresManifest, bad: (why: string) => Error): void {
  if (!chunkShape.every((side) => side > 0 && Number.isFinite(side)))
    throw bad(`its chunks are ${chunkShape.join(' x ')}`);
  if (!gridOrigin.every(Number.isFinite)) throw bad(`its grid begins at ${gridOrigin.join(', ')}`);
  for (const [i, { scale, vertexOffset }] of lods.entries())
    if (!(scale >= 0 && scale < Infinity) || !vertexOffset.every(Number.isFinite))
      throw bad(`level ${i} has the scale ${scale} and the offset ${vertexOffset.join(', ')}`);
}

/** How integers of a fragment become places: offset + x * scale, in the space that the mesh is stored in. */
export function fragmentPlace(
  { chunkShape, gridOrigin, lods }: MultiresManifest,
  level: number,
  box: number,
  quantizationBits: number,
): { readonly offset: Vec3; readonly scale: Vec3 } | undefined {
  const lod = lods[level];
  if (!lod || box >= lod.sizes.length) return undefined;
  const { vertexOffset, positions, sizes } = lod;
  const side = mapAxes((axis) => chunkShape[axis] * 2 ** level);
  const position = mapAxes((axis) => positions[axis * sizes.length + box] ?? 0);
  return {
    offset: mapAxes((axis) => gridOrigin[axis] + vertexOffset[axis] + side[axis] * position[axis]),
    scale: mapAxes((axis) => side[axis] / (2 ** quantizationBits - 1)),
  };
}

/** As the wire wants it: boxes around what each fragment may hold, in nanometres. */
export function wireManifest(
  key: string,
  manifest: MultiresManifest,
  { transform, lodScaleMultiplier }: { readonly transform: Transform; readonly lodScaleMultiplier: number },
): MeshManifest {
  const toNm = scaleOfTransform(transform) * lodScaleMultiplier;
  const { lods } = manifest;
  const levels = lods.map((lod, level) => ({
    lodScaleNm: lod.scale * toNm,
    boxesNm: Array.from(lod.sizes, (_, box) => boxOf(manifest, level, box, transform)).flat(),
    bytes: [...lod.sizes],
    parents: parentsOf(lod, lods[level + 1]),
  }));
  return { key, levels };
}

function boxOf(manifest: MultiresManifest, level: number, box: number, transform: Transform): readonly number[] {
  const place = fragmentPlace(manifest, level, box, 1);
  const { offset, scale } = place ?? { offset: [0, 0, 0] as const, scale: [0, 0, 0] as const };
  const [min, max]: [number[], number[]] = [[], []];
  for (let row = 0; row < 3; row++) {
    let [low, high] = [transform[row * 4 + 3] ?? 0, transform[row * 4 + 3] ?? 0];
    for (const axis of [0, 1, 2] as const) {
      const factor = transform[row * 4 + axis] ?? 0;
      const [a, b] = [factor * offset[axis], factor * (offset[axis] + scale[axis])];
      low += Math.min(a, b);
      high += Math.max(a, b);
    }
    min.push(low);
    max.push(high);
  }
  return [...min, ...max];
}

/** The node of the next level at half the position; -1 where there is none. */
function parentsOf(lod: MultiresLod, coarser: MultiresLod | undefined): number[] {
  const n = lod.sizes.length;
  if (!coarser) return Array.from({ length: n }, () => -1);
  const m = coarser.sizes.length;
  const at = ({ positions }: MultiresLod, count: number, i: number, shift: number): string =>
    `${(positions[i] ?? 0) >>> shift} ${(positions[count + i] ?? 0) >>> shift} ${(positions[2 * count + i] ?? 0) >>> shift}`;
  const coarse = new Map(Array.from({ length: m }, (_, i) => [at(coarser, m, i, 0), i]));
  return Array.from({ length: n }, (_, i) => coarse.get(at(lod, n, i, 1)) ?? -1);
}
