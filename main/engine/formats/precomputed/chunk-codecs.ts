import { bytesPerVoxel, type Vec3, type VoxelType } from '../../../../preload/contract/space.ts';
import type { ChunkCodecSpec, DecodeVoxels } from '../../../../native-workers/voxel-tasks.ts';
import { voxelsIn } from '../pyramid.ts';
import type { OpenScale, PrecomputedEncoding } from './info.ts';

/** How a chunk is stored, in the words of the kernels. `outer`: what was put around the encoding itself. */
export function codecsOf(
  { encoding, segmentationBlock }: Pick<OpenScale, 'encoding' | 'segmentationBlock'>,
  options: { readonly gzip: boolean; readonly quality?: number | undefined },
): ChunkCodecSpec[] {
  const inner = innerCodec(encoding, segmentationBlock, options.quality);
  return [...(inner ? [inner] : []), ...(options.gzip ? [{ name: 'gzip' } as const] : [])];
}

function innerCodec(
  encoding: PrecomputedEncoding,
  blockXyz: Vec3,
  quality: number | undefined,
): ChunkCodecSpec | undefined {
  if (encoding === 'raw') return undefined;
  if (encoding === 'compressed_segmentation') return { name: encoding, blockXyz };
  return encoding === 'jpeg' && quality !== undefined ? { name: encoding, quality } : { name: encoding };
}

export interface ChunkShape {
  readonly dtype: VoxelType;
  readonly sizeXyz: Vec3;
  readonly channels: number;
}

export const bytesOfChunk = ({ dtype, sizeXyz, channels }: ChunkShape): number =>
  voxelsIn(sizeXyz) * channels * bytesPerVoxel[dtype];

/** All channels, one after the other, x fastest in each. */
export const decodeRequest = ({ dtype, sizeXyz, channels }: ChunkShape, codecs: ChunkCodecSpec[]): DecodeVoxels => ({
  dtype,
  shape: [...sizeXyz, channels, 1],
  codecs,
});

/** More than any encoding makes of a chunk that is worth reading: labels of raw size with their tables, and headers. */
export const maxStoredBytes = (shape: ChunkShape): number => bytesOfChunk(shape) * 2 + 2 ** 20;
