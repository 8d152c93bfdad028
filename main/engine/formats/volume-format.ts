import type { Dtype, Vec3 } from '../../../preload/contract/space.ts';
import type { ByteSource } from './byte-store.ts';

/**
 * What formats of volumes have in common. Everything here is x, y, z; voxels are x fastest, little-endian.
 * `originNm` is the outer corner of voxel 0,0,0, the same for every level; formats whose origin is the centre of a
 * voxel (OME-Zarr) convert when they write and when they read.
 */
export interface VolumeLevelPlan {
  /** Where the level lives, relative to the dataset. */
  readonly key: string;
  readonly sizeXyz: Vec3;
  readonly chunkXyz: Vec3;
  /** Chunks along each axis. */
  readonly gridXyz: Vec3;
  readonly voxelSizeNm: Vec3;
  /** 1 or 2 along each axis: how the level is made from the one before. Level 0 has [1, 1, 1]. */
  readonly stepXyz: Vec3;
}

export interface VolumePlan {
  readonly name: string;
  readonly dtype: Dtype;
  readonly originNm: Vec3;
  readonly levels: readonly VolumeLevelPlan[];
}

/** A file of metadata, by its key. */
export interface MetadataPart {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** What a dataset may say of itself beside its geometry. */
export interface VolumeNotes {
  /** Display window in grey levels. */
  readonly window?: readonly [number, number];
  /** Kept word for word under `lamella` in the dataset's metadata. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** zstd and its checksum, done elsewhere (by the kernels), so that formats stay free of jobs. */
export interface ChunkCodec {
  encode(voxels: Uint8Array): Promise<Uint8Array>;
  /** Throws where the bytes do not decode to exactly `decodedBytes`, or the checksum at their end is wrong. */
  decode(stored: Uint8Array, decodedBytes: number, crc32c: boolean): Promise<Uint8Array>;
}

export interface OpenVolume {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  chunkKey(level: number, xyz: Vec3): string;
  /** The bytes of a chunk as stored, or undefined where there is none. Throws 'bad-source' on an empty file. */
  readStored(level: number, xyz: Vec3): Promise<Uint8Array | undefined>;
  /** Voxels of a stored chunk, cropped to the extent of the volume. */
  decode(level: number, xyz: Vec3, stored: Uint8Array): Promise<Uint8Array>;
  /** Voxels of a chunk, cropped to the extent of the volume; undefined where there is none: all voxels are 0. */
  readChunk(level: number, xyz: Vec3): Promise<Uint8Array | undefined>;
}

/** One file of `formats/` that holds volumes is one of these, listed in `index.ts`. */
export interface VolumeFormat {
  readonly id: string;
  /** The key whose presence makes a folder a dataset of this format; always written last. */
  readonly metadataKey: string;
  /** The same plan with the keys and geometry that this format gives its levels. */
  adapt(plan: VolumePlan): VolumePlan;
  chunkKey(plan: VolumePlan, level: number, xyz: Vec3): string;
  /** `voxels` cropped to the extent of the volume. */
  encodeChunk(plan: VolumePlan, level: number, xyz: Vec3, voxels: Uint8Array, codec: ChunkCodec): Promise<Uint8Array>;
  /** In the order to write them. */
  metadata(plan: VolumePlan, notes: VolumeNotes): readonly MetadataPart[];
  /** Throws 'bad-source' that names the file and the value. */
  open(source: ByteSource, codec: ChunkCodec): Promise<OpenVolume>;
}
