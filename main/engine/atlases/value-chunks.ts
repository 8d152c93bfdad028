import { unknownRegion } from '../../../preload/contract/atlas-map.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { copyVoxels, type VoxelBox } from '../formats/crop.ts';
import { DecodedChunks, nextVolumeToken } from '../formats/decoded-chunks.ts';
import { chunkExtent, levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume, VolumePlan } from '../formats/volume-format.ts';
import type { Kernels } from '../jobs/job.ts';
import { inOrder } from '../volumes/in-order.ts';
import { type ChunkOf, type LabelsEnv, labelsOfChunk } from './labels-of-chunk.ts';
import type { RegionTree } from './region-tree.ts';

/** Values of 16 bits that stand for the labels of a volume, chunk by chunk; the last chunks are kept. */
export interface ValueChunks {
  readonly plan: VolumePlan;
  /** x fastest; empty where all are 0. Nobody may write to it. */
  chunk(level: number, xyz: Vec3, signal?: AbortSignal): Promise<Uint16Array>;
}

/** Of all atlases: 25 um of a mouse brain fit. */
const keptChunks = new DecodedChunks(192 * 2 ** 20);
const tokens = new WeakMap<ValueOf, WeakMap<OpenVolume, string>>();

/** What stands for a label, from 0 to 65535; one function for all that is read alike, as what is kept is kept by it. */
export type ValueOf = (label: string) => number;

/** One token for a volume as it is read. */
function tokenOf(valueOf: ValueOf, volume: OpenVolume): string {
  const ofReader = tokens.get(valueOf) ?? new WeakMap<OpenVolume, string>();
  tokens.set(valueOf, ofReader);
  const token = ofReader.get(volume) ?? nextVolumeToken();
  ofReader.set(volume, token);
  return token;
}

/** The values of a chunk, x fastest; empty where all are 0. */
export async function readValues(at: ChunkOf, valueOf: ValueOf, env: LabelsEnv): Promise<Uint16Array> {
  const chunk = await labelsOfChunk(at, env);
  if (!chunk) return new Uint16Array();
  const values = Uint16Array.from(chunk.labels, valueOf);
  const out = new Uint16Array(chunk.voxels.length);
  for (let i = 0; i < out.length; i++) out[i] = values[chunk.voxels[i] ?? 0] ?? 0;
  return out;
}

/** Puts the values of a box into a larger one, of 16 bits, too. */
export function pasteValues(values: Uint16Array, size: Vec3, to: VoxelBox): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  copyVoxels({ bytes, size, at: [0, 0, 0] }, to, size, Uint16Array.BYTES_PER_ELEMENT);
}

export function valueChunks(volume: OpenVolume, valueOf: ValueOf, kernels: Kernels): ValueChunks {
  const token = tokenOf(valueOf, volume);
  const made = async (level: number, xyz: Vec3, signal?: AbortSignal): Promise<Uint8Array> => {
    const env = { kernels, lane: 'interactive', ...(signal && { signal }) } as const;
    return new Uint8Array((await readValues({ volume, level, xyz }, valueOf, env)).buffer);
  };
  return {
    plan: volume.plan,
    chunk: async (level, xyz, signal) => {
      const bytes = 2 * voxelsIn(chunkExtent(levelAt(volume.plan, level), xyz).size);
      const key = `${token}${level}/${xyz.join('/')}`;
      const { buffer, byteLength } = await keptChunks.get(key, bytes, () => made(level, xyz, signal));
      return new Uint16Array(buffer, 0, byteLength >> 1);
    },
  };
}

const ofTrees = new WeakMap<RegionTree, ValueOf>();

/** Values as `preload/contract/atlas-map.ts` has them: one more than a region's `at`. */
export function regionValueOf(tree: RegionTree): ValueOf {
  const made = ofTrees.get(tree) ?? valueOfTree(tree);
  ofTrees.set(tree, made);
  return made;
}

function valueOfTree(tree: RegionTree): ValueOf {
  return (label) => {
    if (label === '0') return 0;
    const at = tree.atOf(label);
    return at === undefined ? unknownRegion : at + 1;
  };
}

export const regionValues = (volume: OpenVolume, tree: RegionTree, kernels: Kernels): ValueChunks =>
  valueChunks(volume, regionValueOf(tree), kernels);

/** The labels themselves, those beyond 16 bits as 0. */
export const plainValueOf: ValueOf = (label) => (Number(label) < unknownRegion ? Number(label) : 0);

/** What stands for a point outside, and for one that no map leads to. */
export const [outsideValue, unreachedValue] = [-1, -2] as const;
const inFlight = 4;

/** Points in one chunk, and where their voxels lie in it. */
interface Group {
  readonly xyz: Vec3;
  readonly points: number[];
  readonly offsets: number[];
}

/** The value of the voxel of level 0 at each point (x, y, z in nanometres of the volume, one after the other). */
export async function valuesAt(chunks: ValueChunks, points: Float64Array, signal: AbortSignal): Promise<Int32Array> {
  const { originNm, voxelSizeNm, sizeXyz, chunkXyz, gridXyz } = levelAt(chunks.plan, 0);
  const values = new Int32Array(points.length / 3).fill(outsideValue);
  const groups = new Map<number, Group>();
  for (let i = 0; i < values.length; i++) {
    const voxel = mapAxes((axis) => Math.floor(((points[3 * i + axis] ?? NaN) - originNm[axis]) / voxelSizeNm[axis]));
    if (!voxel.every(Number.isFinite)) values[i] = unreachedValue;
    if (!voxel.every((at, axis) => at >= 0 && at < (sizeXyz[axis] ?? 0))) continue;
    const xyz = mapAxes((axis) => Math.floor(voxel[axis] / chunkXyz[axis]));
    const key = (xyz[2] * gridXyz[1] + xyz[1]) * gridXyz[0] + xyz[0];
    const group = groups.get(key) ?? { xyz, points: [], offsets: [] };
    groups.set(key, group);
    const size = mapAxes((axis) => Math.min(chunkXyz[axis], sizeXyz[axis] - xyz[axis] * chunkXyz[axis]));
    const [x, y, z] = mapAxes((axis) => voxel[axis] - xyz[axis] * chunkXyz[axis]);
    group.points.push(i);
    group.offsets.push((z * size[1] + y) * size[0] + x);
  }
  const read = async (group: Group): Promise<void> => {
    const read = await chunks.chunk(0, group.xyz, signal);
    group.points.forEach((point, i) => (values[point] = read[group.offsets[i] ?? 0] ?? 0));
  };
  for await (const _ of inOrder([...groups.values()], inFlight, signal, read));
  signal.throwIfAborted();
  return values;
}
