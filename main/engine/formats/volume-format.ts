import type {
  DecodeVoxels,
  EncodeBlock,
  EncodedChunk,
  ReadBox,
  Hdf5Description,
} from '../../../native-workers/voxel-tasks.ts';
import type { Vec3, VoxelType } from '../../../preload/contract/space.ts';
import type { ByteSource } from './byte-store.ts';
import type { NamedLabel } from './named-label.ts';

/**
 * What formats of volumes have in common. Everything here is x, y, z; voxels are little-endian and lie x fastest, then
 * y, z, and channel. `originNm` is the outer corner of voxel 0,0,0 of a level; formats whose origin is the centre of a
 * voxel (OME-Zarr, NIfTI, NRRD) convert by half a voxel of that level when they read and when they write.
 */
export interface VolumeLevelPlan {
  /** Where the level lives, relative to the dataset. */
  readonly key: string;
  readonly sizeXyz: Vec3;
  readonly chunkXyz: Vec3;
  /** Chunks along each axis. */
  readonly gridXyz: Vec3;
  readonly voxelSizeNm: Vec3;
  readonly originNm: Vec3;
  /** How many voxels of the level before make one of this, along each axis; level 0 has [1, 1, 1]. */
  readonly stepXyz: Vec3;
}

export interface ChannelPlan {
  /** '' where the dataset does not name it. */
  readonly name: string;
  /** RRGGBB, or null where the dataset gives none. */
  readonly color: string | null;
  /** Display window in grey levels, or null. */
  readonly window: readonly [number, number] | null;
}

/** Where the volume lies in a space outside it: `matrix` (3 x 4, row-major) takes volume nanometres to the space's. */
export interface VolumeTransform {
  /** Of the space: 'scanner', 'RAS', 'atlas', as the dataset says. */
  readonly space: string;
  /** null: the dataset has a transform of a kind that Lamella lists and does not apply (`kind` says which). */
  readonly matrix: readonly number[] | null;
  readonly kind: string;
}

/**
 * How a dataset leads to a space that no matrix leads to: from there back to the volume, the first step first. Points are
 * x, y, z in nanometres.
 */
export interface VolumeMap {
  readonly space: string;
  /** 'displacements', as the dataset says. */
  readonly kind: string;
  readonly steps: readonly VolumeMapStep[];
  /** Opens the array of a field, one channel for each part of its vectors. Throws 'bad-source' where it is none. */
  openField(path: string): Promise<VolumeMapField>;
}

export type VolumeMapStep =
  | { readonly type: 'affine'; readonly matrix: readonly number[] }
  | {
      readonly type: 'field';
      readonly path: string;
      readonly holds: 'displacement' | 'position';
      readonly interpolation: 'linear' | 'nearest';
      /** Whether the field leads the other way. */
      readonly inverse: boolean;
      /** Along which axis the parts of its vectors lie, in their order. */
      readonly parts: readonly ('x' | 'y' | 'z')[];
      /** Nanometres of a 1 along x, y, z: of its vectors, and of the points that it is asked for. */
      readonly unitNm: Vec3;
    };

export interface VolumeMapField {
  readonly volume: OpenVolume;
  /** Nanometres of a 1 along x, y, z, as the field's own grid was read. */
  readonly unitNm: Vec3;
}

export interface VolumePlan {
  readonly name: string;
  readonly kind: 'image' | 'segmentation';
  readonly dtype: VoxelType;
  /** At least one. */
  readonly channels: readonly ChannelPlan[];
  /** Time points, at least 1. */
  readonly times: number;
  /** Seconds from one time point to the next, or null where that is not known. */
  readonly secondsPerTime: number | null;
  readonly transforms: readonly VolumeTransform[];
  readonly levels: readonly VolumeLevelPlan[];
}

/** A file, by its key. */
export interface Part {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** What a dataset may say of itself beside its geometry. */
export interface VolumeNotes {
  /** Kept word for word under `lamella` in the dataset's metadata. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** What was odd about the metadata and how it was read: whole sentences. */
  readonly warnings?: readonly string[];
  /** Where the dataset says that its channels are the parts of vectors: along which axis each, in what unit. */
  readonly vectors?: { readonly axes: readonly ('x' | 'y' | 'z')[]; readonly unitNm: number };
  /** "zstd, shards of 1024 x 1024 x 64": how the voxels are stored, for people. */
  readonly storage?: string;
}

/** Codecs, done elsewhere (by the kernels), so that formats stay free of jobs. See native-workers/voxel-tasks.ts. */
export interface ChunkCodec {
  /** Throws 'bad-source' (without the key, which the caller adds) where the bytes do not decode to what is asked. */
  decode(request: DecodeVoxels, stored: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
  encode(request: EncodeBlock, voxels: Uint8Array, signal?: AbortSignal): Promise<readonly EncodedChunk[]>;
}

/** HDF5 files of this computer, opened elsewhere (by workers). Throws 'bad-source' for files that can't be read. */
export interface Hdf5Files {
  describe(path: string, signal?: AbortSignal): Promise<Hdf5Description>;
  /**
   * A box of a dataset, little-endian, in its own order (slowest axis first, as `at` and `size` are). Throws
   * 'bad-source' where the dataset holds another type than `dtype`, or not the whole box.
   */
  read(
    box: {
      readonly path: string;
      readonly dataset: string;
      readonly dtype: VoxelType;
      readonly at: readonly number[];
      readonly size: readonly number[];
    },
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
}

/** One channel and time of one chunk. */
export interface ChunkAt {
  readonly level: number;
  readonly xyz: Vec3;
  readonly channel: number;
  readonly time: number;
}

/** A box of one level, channel and time, in voxels of that level; it lies inside the level. */
export interface BoxAt {
  readonly level: number;
  readonly min: Vec3;
  readonly size: Vec3;
  readonly channel: number;
  readonly time: number;
}

/** Where the bytes of a chunk lie. Chunks of several channels or times may share them. */
export interface StoredChunk {
  /** The file. */
  readonly key: string;
  /** In the file, of the chunk; 0 is damage, never an empty chunk. */
  readonly offset: number;
  readonly bytes: number;
}

/** How a kernel can read a chunk by itself. What of it lies inside the volume begins at `from`. */
export interface ChunkRecipe {
  readonly path: string;
  readonly offset: number;
  /** All of the file where undefined. */
  readonly bytes: number | undefined;
  readonly shape: ReadBox['chunks'][number]['shape'];
  /** Where the channel and time begin in the stored chunk. */
  readonly from: ReadBox['chunks'][number]['from'];
  /** The same for all chunks of a level. */
  readonly stored: ReadBox['stored'];
}

export interface OpenVolume {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  /** Where a chunk's bytes are; undefined where none are stored, so that all its voxels are `fill`. */
  locate(at: ChunkAt, signal?: AbortSignal): Promise<StoredChunk | undefined>;
  /**
   * Voxels of a chunk, cropped to the extent of the volume; undefined where none are stored (a chunk that is absent and
   * whose fill value is 0). Throws 'bad-source' naming file and fault on an empty, short or damaged chunk: never zeros,
   * never half a chunk.
   */
  readChunk(at: ChunkAt, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * For volumes in files of this computer: how to read a chunk without `readChunk`. Undefined where only that can, or
   * knows better; the file may still turn out not to be there, which only `readChunk` can judge.
   */
  recipe?(at: ChunkAt, signal?: AbortSignal): Promise<ChunkRecipe | undefined>;
  /** For volumes whose voxels are made, and sooner made at once than chunk by chunk; null: all are 0. */
  readBox?(box: BoxAt, signal: AbortSignal): Promise<Uint8Array | null>;
  /** Where the dataset leads to a space that no matrix leads to. */
  readonly map?: VolumeMap;
  /** The names and colours that the dataset gives its labels; absent where its format has no place for them. */
  labels?(): Promise<readonly NamedLabel[]>;
  /** Gives back what it holds (open files, threads); absent where it holds nothing. */
  close?(): Promise<void>;
}

/** What there is to open at a place: a file, or a folder that is a dataset. */
export interface Place {
  readonly source: ByteSource;
  /** Of the file, or '' where the whole source is the dataset (see `below`). */
  readonly key: string;
}

export interface OpenOptions {
  readonly codec: ChunkCodec;
  /** Absent where no workers are at hand: HDF5 is refused then. */
  readonly hdf5?: Hdf5Files | undefined;
  /** For formats that must unpack a file before they can read at random (gzipped NIfTI): an empty folder of their own. */
  readonly scratch: () => Promise<string>;
  /** For formats whose file holds several images ("s1/t00000", "series 2"); left out = the first. */
  readonly image?: string | undefined;
}

export interface WriteChoices {
  /** Voxels of a chunk; the format's own where left out. */
  readonly chunkXyz?: Vec3 | undefined;
  /** One of the format's `encodings`; the first where left out. */
  readonly encoding?: string | undefined;
  /** Several chunks to a file, where the format can. */
  readonly sharded: boolean;
  /** 1 to 100, for jpeg. */
  readonly quality?: number | undefined;
  /** Of bytes: the largest box that may be encoded at once. */
  readonly blockBytes: number;
}

/** One block: a box of chunks of one level and time, with all channels. */
export interface BlockAt {
  readonly level: number;
  /** In blocks. */
  readonly xyz: Vec3;
  readonly time: number;
}

/** Turns voxels into the files of a dataset; touches no store. */
export interface VolumeWriter {
  /** As the format will say it when it is read again: level keys, rounded origins, no levels where it holds one. */
  readonly plan: VolumePlan;
  /** Voxels of a block of a level: whole chunks, or whole shards. What is encoded at once. */
  blockXyz(level: number): Vec3;
  /**
   * The files of a block; none where all its voxels are the fill value and the format leaves such chunks out. `voxels`
   * is cropped to the extent of the volume: x fastest, then y, z, channel.
   */
  encodeBlock(at: BlockAt, voxels: Uint8Array, signal?: AbortSignal): Promise<readonly Part[]>;
  /** Files to write after all blocks, in order; the last makes the folder a dataset. */
  metadata(notes: VolumeNotes): Promise<readonly Part[]>;
  /**
   * Set where the dataset is one file: the parts of all blocks, in the order in which they follow each other, with what
   * comes before and after them. `sizes` are those of the parts that `encodeBlock` gave, by key.
   */
  assemble?(sizes: ReadonlyMap<string, number>): Promise<Assembly>;
}

/** A file as a list of bytes and of parts that were written before. */
export type Assembly = ReadonlyArray<{ readonly bytes: Uint8Array } | { readonly part: string }>;

/** One file of `formats/` that holds volumes is one of these, listed in `index.ts`. */
export interface VolumeFormat {
  readonly id: string;
  /** "Neuroglancer precomputed" */
  readonly label: string;
  /** A place of this format is one image, so that none can be named. */
  readonly holdsOne?: true;
  /** Whether a place looks like this format: reads a few small files at most, and never throws for other content. */
  detect(place: Place): Promise<boolean>;
  /** Throws 'bad-source' that names the file and the value. */
  open(place: Place, options: OpenOptions): Promise<OpenVolume>;
  /** Absent where Lamella only reads the format. Throws 'invalid-input' on what the format can't hold. */
  readonly write?: {
    /** Names of how voxels may be stored, the usual first. */
    readonly encodings: readonly string[];
    readonly canShard: boolean;
    /** 'file': one file with this ending. 'folder': a folder of files. */
    readonly as: 'folder' | { readonly ending: string };
    writer(plan: VolumePlan, choices: WriteChoices, codec: ChunkCodec): VolumeWriter;
  };
}
