import { bytesPerVoxel, type Vec3 } from '../../../preload/contract/space.ts';
import { copyVoxels } from '../formats/crop.ts';
import type { DecodedChunks } from '../formats/decoded-chunks.ts';
import { chunkExtent, levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { BoxAt, ChunkAt, OpenVolume, VolumeLevelPlan } from '../formats/volume-format.ts';
import { inOrder } from './in-order.ts';
import { readByFiles, type FileReading } from './read-files.ts';

/** A box with all channels. */
export type BlockBox = Omit<BoxAt, 'channel'>;

export interface ReadOptions {
  /** Chunks that are decoded at once. */
  readonly inFlight: number;
  readonly signal: AbortSignal;
  /** Where decoded chunks are kept that several boxes share; read and thrown away where left out. */
  readonly chunks?: SharedChunks | undefined;
  /** Lets kernels read volumes that are files of this computer; with `chunks`, only boxes of whole chunks. */
  readonly files?: FileReading | undefined;
}

/** A cache of decoded chunks and what this volume's keys begin with. */
export interface SharedChunks {
  readonly cache: DecodedChunks;
  readonly token: string;
}

/** The voxels of a box, x fastest; null where no chunk of it is stored, so that all are 0. */
export async function readBox(volume: OpenVolume, box: BoxAt, options: ReadOptions): Promise<Uint8Array | null> {
  const level = levelAt(volume.plan, box.level);
  const width = bytesPerVoxel[volume.plan.dtype];
  const whole = wholeChunk(level, box);
  if (whole) return (await readChunk(volume, { ...box, xyz: whole }, options)) ?? null;
  if (volume.readBox) return volume.readBox(box, options.signal);
  const over = [...chunksOver(level, box)];
  const alone = options.files && (!options.chunks || isWholeChunks(level, box)) ? options.files : null;
  const byFiles = alone && (await readByFiles(volume, box, over, alone, options.signal));
  const chunks = byFiles ? byFiles.missing : over;
  let out = byFiles && chunks.length < over.length ? byFiles.voxels : null;
  const read = async (xyz: Vec3): Promise<{ xyz: Vec3; voxels: Uint8Array | undefined }> => ({
    xyz,
    voxels: await readChunk(volume, { ...box, xyz }, options),
  });
  for await (const { result } of inOrder(chunks, options.inFlight, options.signal, read)) {
    if (!result.voxels) continue;
    out ??= new Uint8Array(voxelsIn(box.size) * width);
    paste(result.voxels, chunkExtent(level, result.xyz), { bytes: out, box }, width);
  }
  options.signal.throwIfAborted();
  return out;
}

/** All channels of a box, one after the other; null where none has a chunk. */
export async function readBlock(volume: OpenVolume, box: BlockBox, options: ReadOptions): Promise<Uint8Array | null> {
  const { channels, dtype } = volume.plan;
  if (channels.length === 1) return readBox(volume, { ...box, channel: 0 }, options);
  const bytes = voxelsIn(box.size) * bytesPerVoxel[dtype];
  let out: Uint8Array | null = null;
  for (let channel = 0; channel < channels.length; channel++) {
    const voxels = await readBox(volume, { ...box, channel }, options);
    if (!voxels) continue;
    out ??= new Uint8Array(bytes * channels.length);
    out.set(voxels, bytes * channel);
  }
  return out;
}

const zeros = Buffer.alloc(2 ** 16);

/** memcmp, which ends at the first voxel that is not 0. */
export function isAllZero(voxels: Uint8Array): boolean {
  for (let at = 0; at < voxels.byteLength; at += zeros.byteLength) {
    const part = voxels.subarray(at, at + zeros.byteLength);
    if (Buffer.compare(part, zeros.subarray(0, part.byteLength)) !== 0) return false;
  }
  return true;
}

/** How many chunks may be decoded at once so that they take up no more than `bytes`, and no more than `most`. */
export function chunksAtOnce({ plan }: OpenVolume, level: number, bytes: number, most: number): number {
  const chunk = voxelsIn(levelAt(plan, level).chunkXyz) * bytesPerVoxel[plan.dtype];
  return Math.max(1, Math.min(most, Math.floor(bytes / chunk)));
}

async function readChunk(
  volume: OpenVolume,
  { level, xyz, channel, time }: ChunkAt,
  { chunks, signal }: ReadOptions,
): Promise<Uint8Array | undefined> {
  const at: ChunkAt = { level, xyz, channel, time };
  if (!chunks) return volume.readChunk(at, signal);
  const planned = levelAt(volume.plan, level);
  const bytes = voxelsIn(chunkExtent(planned, xyz).size) * bytesPerVoxel[volume.plan.dtype];
  const key = `${chunks.token}${level}/${channel}/${time}/${xyz.join('/')}`;
  const voxels = await chunks.cache.get(
    key,
    bytes,
    async () => (await volume.readChunk(at, signal)) ?? new Uint8Array(),
  );
  return voxels.byteLength === 0 ? undefined : voxels;
}

/** The chunk that is this very box, if there is one. */
function wholeChunk(level: VolumeLevelPlan, { min, size }: BoxAt): Vec3 | null {
  const xyz = mapAxes((i) => Math.floor(min[i] / level.chunkXyz[i]));
  const extent = chunkExtent(level, xyz);
  return [0, 1, 2].every((i) => extent.min[i] === min[i] && extent.size[i] === size[i]) ? xyz : null;
}

/** Whether no chunk of a box reaches beyond it: then nothing is gained by keeping them for its neighbours. */
const isWholeChunks = ({ chunkXyz, sizeXyz }: VolumeLevelPlan, { min, size }: BoxAt): boolean =>
  ([0, 1, 2] as const).every((i) => {
    const end = min[i] + size[i];
    return min[i] % chunkXyz[i] === 0 && (end % chunkXyz[i] === 0 || end === sizeXyz[i]);
  });

function paste(
  voxels: Uint8Array,
  chunk: { readonly min: Vec3; readonly size: Vec3 },
  to: { readonly bytes: Uint8Array; readonly box: BoxAt },
  width: number,
): void {
  const { min: boxMin, size: boxSize } = to.box;
  const min = mapAxes((i) => Math.max(chunk.min[i], boxMin[i]));
  const size = mapAxes((i) => Math.min(chunk.min[i] + chunk.size[i], boxMin[i] + boxSize[i]) - min[i]);
  const from = { bytes: voxels, size: chunk.size, at: mapAxes((i) => min[i] - chunk.min[i]) };
  copyVoxels(from, { bytes: to.bytes, size: boxSize, at: mapAxes((i) => min[i] - boxMin[i]) }, size, width);
}

/** Every chunk that a box has a part of: x fastest, then y, then z. */
export function* chunksOver(
  { chunkXyz }: VolumeLevelPlan,
  { min, size }: Pick<BoxAt, 'min' | 'size'>,
): Generator<Vec3> {
  const first = mapAxes((i) => Math.floor(min[i] / chunkXyz[i]));
  const last = mapAxes((i) => Math.floor((min[i] + size[i] - 1) / chunkXyz[i]));
  for (let z = first[2]; z <= last[2]; z++)
    for (let y = first[1]; y <= last[1]; y++) for (let x = first[0]; x <= last[0]; x++) yield [x, y, z];
}
