import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, parseBox, type Vec3 } from '../../../../preload/contract/space.ts';
import { volumeFormats } from '../../formats/index.ts';
import { copyVoxels } from '../../formats/crop.ts';
import { npyHeader } from '../../formats/npy.ts';
import { chunksOf, levelAt, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { BoxAt, ChunkCodec, OpenVolume, VolumeFormat, VolumePlan } from '../../formats/volume-format.ts';
import type { Kernels } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { refuseToOverwrite } from '../../store/output-file.ts';
import { checkBox } from '../../volumes/output-plan.ts';
import { checkChannel } from '../../volumes/check-channel.ts';
import { chunksAtOnce, readBox } from '../../volumes/read-box.ts';
import { blockBox, blockGrid } from '../../volumes/write-blocks.ts';

/** A single buffer in Electron ends below 2 GiB. */
export const maxCutoutBytes = 2 ** 31 - 1;
/** Of chunks that are decoded at once. */
const decodedBytes = 256 * 2 ** 20;

export interface CutoutRequest {
  readonly level: number;
  readonly box: string;
  readonly channel: number;
  readonly time: number;
}

/** The voxels of a box, x fastest. Throws 'invalid-input' outside the volume, 'over-budget' from 2 GiB. */
export async function readCutout(
  volume: OpenVolume,
  request: CutoutRequest,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<{ readonly box: BoxAt; readonly voxels: Uint8Array }> {
  const box = checkedBox(volume.plan, request);
  const inFlight = chunksAtOnce(volume, box.level, decodedBytes, kernels.threads + 2);
  const voxels = await readBox(volume, box, { inFlight, signal, files: { kernels, lane: 'interactive' } });
  return { box, voxels: voxels ?? new Uint8Array(voxelsIn(box.size) * bytesPerVoxel[volume.plan.dtype]) };
}

function checkedBox(plan: VolumePlan, { level, box, channel, time }: CutoutRequest): BoxAt {
  const { sizeXyz } = levelAt(plan, level);
  const { min, max } = parseBox(box);
  checkBox(sizeXyz, level, min, max);
  checkChannel(plan, channel, time);
  const size = mapAxes((i) => max[i] - min[i]);
  const bytes = voxelsIn(size) * bytesPerVoxel[plan.dtype];
  if (bytes <= maxCutoutBytes) return { level, min, size, channel, time };
  throw new LamellaError(
    'over-budget',
    `A cutout of ${size.join(' x ')} voxels is ${(bytes / 2 ** 30).toFixed(1)} GiB; at most 2 GiB go in one.`,
    {
      hint: 'Ask for a smaller box or for a coarser level, or convert the volume.',
      fields: { bytes, budget: maxCutoutBytes },
    },
  );
}

/** Endings of the files that a cutout may be written as, and how. */
const kinds: readonly { readonly ending: string; readonly format: string; readonly encoding?: string }[] = [
  { ending: '.npy', format: 'npy' },
  { ending: '.tif', format: 'tiff' },
  { ending: '.tiff', format: 'tiff' },
  { ending: '.nii', format: 'nifti' },
  { ending: '.nii.gz', format: 'nifti', encoding: 'gzip' },
  { ending: '.nrrd', format: 'nrrd' },
];

/** Throws 'invalid-input' for a file that is no kind that a cutout is written as; 'conflict' where it must not be written. */
export function checkOut(library: LibraryStore | null, out: string): void {
  const found = kinds.find(({ ending }) => out.toLowerCase().endsWith(ending));
  refuseToOverwrite(library, out, found?.ending ?? '.npy');
  if (found) return;
  throw new LamellaError('invalid-input', `"${out}" is no kind of file that a cutout is written as.`, {
    hint: `Let its name end with ${kinds.map(({ ending }) => ending).join(', ')}.`,
    fields: { out },
  });
}

/** The pieces of a file that holds a cutout, in order. */
export async function fileOf(
  out: string,
  { plan }: OpenVolume,
  box: BoxAt,
  voxels: Uint8Array,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const kind = kinds.find(({ ending }) => out.toLowerCase().endsWith(ending));
  if (kind?.format === 'npy') return [npyHeader(plan.dtype, box.size.toReversed()), voxels];
  const format = volumeFormats.find(({ id }) => id === kind?.format);
  if (!format?.write) throw new Error(`no file of formats/ writes "${kind?.format}"`);
  const codec = kernelCodec(kernels, { lane: 'interactive', signal });
  return assembled(format.write, planOfBox(plan, box), voxels, { codec, encoding: kind?.encoding, signal });
}

/** One level, channel and time, where it lies. */
function planOfBox(plan: VolumePlan, { level, min, size, channel }: BoxAt): VolumePlan {
  const from = levelAt(plan, level);
  const originNm = mapAxes((i) => from.originNm[i] + min[i] * from.voxelSizeNm[i]);
  const only = {
    ...from,
    key: '0',
    sizeXyz: size,
    chunkXyz: size,
    gridXyz: mapAxes(() => 1),
    originNm,
    stepXyz: mapAxes(() => 1),
  };
  return { ...plan, levels: [only], channels: plan.channels.slice(channel, channel + 1), times: 1 };
}

async function assembled(
  write: NonNullable<VolumeFormat['write']>,
  plan: VolumePlan,
  voxels: Uint8Array,
  how: { readonly codec: ChunkCodec; readonly encoding: string | undefined; readonly signal: AbortSignal },
): Promise<readonly Uint8Array[]> {
  const choices = { sharded: false, encoding: how.encoding, blockBytes: Math.max(1, voxels.byteLength) };
  const writer = write.writer(plan, choices, how.codec);
  const parts = new Map<string, Uint8Array>();
  const [only] = writer.plan.levels;
  if (!only || !writer.assemble) throw new Error('a cutout is written as a single file');
  for (const xyz of chunksOf({ ...only, gridXyz: blockGrid(writer, 0) })) {
    const at = { level: 0, xyz, time: 0 };
    const { min, size } = blockBox(writer, at);
    const block = cut(voxels, only.sizeXyz, min, size, bytesPerVoxel[plan.dtype]);
    for (const { key, bytes } of await writer.encodeBlock(at, block, how.signal)) parts.set(key, bytes);
  }
  const sizes = new Map([...parts].map(([key, bytes]) => [key, bytes.byteLength]));
  const pieces = await writer.assemble(sizes);
  return pieces.map((piece) => ('bytes' in piece ? piece.bytes : (parts.get(piece.part) ?? new Uint8Array())));
}

function cut(voxels: Uint8Array, full: Vec3, at: Vec3, size: Vec3, width: number): Uint8Array {
  if (voxelsIn(size) === voxelsIn(full)) return voxels;
  const out = new Uint8Array(voxelsIn(size) * width);
  copyVoxels({ bytes: voxels, size: full, at }, { bytes: out, size, at: [0, 0, 0] }, size, width);
  return out;
}
