import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3 } from '../../../preload/contract/space.ts';
import type { ByteSource, ByteStore } from './byte-store.ts';
import { badFile, readCheckedJson, toJsonBytes } from './checked-json.ts';
import { cropVoxels, padVoxels } from './crop.ts';
import { gridOf, levelAt, mapAxes, voxelsIn, chunkExtent } from './pyramid.ts';
import {
  axisOrder,
  nmPerUnit,
  omeGroupJson,
  omeGroupSchema,
  originAndScale,
  type OmeMultiscale,
} from './ome-metadata.ts';
import type {
  ChunkCodec,
  MetadataPart,
  OpenVolume,
  VolumeFormat,
  VolumeLevelPlan,
  VolumeNotes,
  VolumePlan,
} from './volume-format.ts';
import { decodeStored, zarrArrayJson, zarrArraySchema, type ZarrArray } from './zarr3.ts';

/**
 * OME-Zarr 0.5 (NGFF 0.5 over Zarr v3). Axes z, y, x in nanometres; one array a level, keys "0", "1", ...; chunks
 * `c/z/y/x`, full size also at the far edges, zstd level 1 and crc32c; a chunk that is absent is all 0.
 *
 * NGFF places voxel centres, Lamella the outer corner of voxel 0: the translation of each level is
 * originNm + half a voxel of that level.
 */
export const omeZarr: VolumeFormat = {
  id: 'ome-zarr',
  metadataKey: 'zarr.json',
  adapt: (plan) => ({ ...plan, levels: plan.levels.map((level, i) => ({ ...level, key: String(i) })) }),
  chunkKey: (_plan, level, xyz) => chunkKey(level, xyz),
  encodeChunk: encodeOmeZarrChunk,
  metadata: omeZarrMetadata,
  open: openOmeZarr,
};

/** `level/c/z/y/x` of the chunk [x, y, z]. */
export const chunkKey = (level: number, [x, y, z]: Vec3): string => `${level}/c/${z}/${y}/${x}`;

/** Pads a cropped edge chunk with 0 to full size, and compresses it. */
export function encodeOmeZarrChunk(
  plan: VolumePlan,
  level: number,
  xyz: Vec3,
  voxels: Uint8Array,
  codec: ChunkCodec,
): Promise<Uint8Array> {
  const planned = levelAt(plan, level);
  return codec.encode(padVoxels(voxels, chunkExtent(planned, xyz).size, planned.chunkXyz, bytesPerVoxel[plan.dtype]));
}

/** zarr.json of every level, then of the group. */
export function omeZarrMetadata(plan: VolumePlan, notes: VolumeNotes = {}): readonly MetadataPart[] {
  const arrays = plan.levels.map((level, i) => {
    const json = zarrArrayJson({
      shape: level.sizeXyz.toReversed(),
      chunkShape: level.chunkXyz.toReversed(),
      dtype: plan.dtype,
      dimensionNames: ['z', 'y', 'x'],
    });
    return { key: `${i}/zarr.json`, bytes: toJsonBytes(json) };
  });
  return [...arrays, { key: 'zarr.json', bytes: toJsonBytes(omeGroupJson(plan, notes)) }];
}

/** Call it last: the group's zarr.json makes the folder a dataset. */
export async function writeOmeZarrMetadata(store: ByteStore, plan: VolumePlan, notes: VolumeNotes = {}): Promise<void> {
  for (const part of omeZarrMetadata(plan, notes)) await store.put(part.key, part.bytes);
}

/**
 * Opens the first multiscale image of a dataset of NGFF 0.5: 2 or 3 space axes in the order (z, )y, x, and t and c
 * where they have one entry. Throws 'bad-source' naming the file and the field.
 */
export async function openOmeZarr(source: ByteSource, codec: ChunkCodec): Promise<OpenVolume> {
  const group = await readCheckedJson(source, 'zarr.json', omeGroupSchema);
  if (!group) throw badFile(source, 'zarr.json', 'there is no such file, so this is not an OME-Zarr 0.5 dataset');
  const [multiscale] = group.attributes.ome.multiscales;
  if (!multiscale) throw badFile(source, 'zarr.json', 'it lists no multiscale image');
  const arrays = await Promise.all(multiscale.datasets.map(({ path }) => openArray(source, path, multiscale)));
  const plan = planOf(source, multiscale, arrays);
  const window = group.attributes.ome.omero?.channels[0]?.window;
  const notes: VolumeNotes = {
    ...(window && { window: [window.start, window.end] }),
    attributes: group.attributes.lamella ?? {},
  };
  return new OmeZarrVolume(source, codec, plan, notes, arrays, axisOrder(multiscale.axes).length);
}

async function openArray(source: ByteSource, path: string, { axes }: OmeMultiscale): Promise<ZarrArray> {
  const key = `${path}/zarr.json`;
  const array = await readCheckedJson(source, key, zarrArraySchema);
  if (!array) throw badFile(source, key, 'there is no such file, but the group names it');
  if (array.shape.length !== axes.length)
    throw badFile(source, key, `it has ${array.shape.length} dimensions, but the group lists ${axes.length} axes`);
  const names = array.dimensionNames;
  if (names && axes.some((axis, i) => names[i] !== axis.name))
    throw badFile(source, key, `its dimension_names are ${names.join(', ')}, not the axes of the group`);
  const extra = axes.findIndex((axis, i) => axis.type !== 'space' && array.shape[i] !== 1);
  if (extra >= 0)
    throw badFile(
      source,
      key,
      `axis "${axes[extra]?.name}" has ${array.shape[extra]} entries; Lamella reads images with one`,
    );
  return array;
}

function planOf(source: ByteSource, multiscale: OmeMultiscale, arrays: readonly ZarrArray[]): VolumePlan {
  const order = axisOrder(multiscale.axes);
  const pick = (values: readonly number[], missing: number): Vec3 =>
    mapAxes((i) => (order[i] === undefined ? missing : (values[order[i]] ?? missing)));
  const units = mapAxes((i) => nmPerUnit(multiscale.axes[order[i] ?? -1]?.unit));
  const places = multiscale.datasets.map((dataset) => originAndScale(dataset, multiscale));
  const levels = arrays.map((array, i): VolumeLevelPlan => {
    const scale = pick(places[i]?.scale ?? [], 1);
    const [sizeXyz, chunkXyz] = [pick(array.shape, 1), pick(array.chunkShape, 1)];
    const before = pick(arrays[i - 1]?.shape ?? array.shape, 1);
    const stepXyz = mapAxes((axis) => Math.max(1, Math.round(before[axis] / sizeXyz[axis])));
    return {
      key: multiscale.datasets[i]?.path ?? '',
      sizeXyz,
      chunkXyz,
      gridXyz: gridOf(sizeXyz, chunkXyz),
      voxelSizeNm: mapAxes((axis) => scale[axis] * units[axis]),
      stepXyz,
    };
  });
  const [first, dtype] = [levels[0], arrays[0]?.dtype];
  if (!first || !dtype || arrays.some((array) => array.dtype !== dtype))
    throw badFile(source, 'zarr.json', 'its levels have several data types');
  const centre = pick(places[0]?.translation ?? [], 0);
  const originNm = mapAxes((axis) => centre[axis] * units[axis] - first.voxelSizeNm[axis] / 2);
  return { name: multiscale.name ?? source.name, dtype, originNm, levels };
}

class OmeZarrVolume implements OpenVolume {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  readonly #source: ByteSource;
  readonly #codec: ChunkCodec;
  readonly #arrays: readonly ZarrArray[];
  readonly #spaceAxes: number;

  constructor(
    source: ByteSource,
    codec: ChunkCodec,
    plan: VolumePlan,
    notes: VolumeNotes,
    arrays: readonly ZarrArray[],
    spaceAxes: number,
  ) {
    this.plan = plan;
    this.notes = notes;
    this.#source = source;
    this.#codec = codec;
    this.#arrays = arrays;
    this.#spaceAxes = spaceAxes;
  }

  chunkKey(level: number, [x, y, z]: Vec3): string {
    const array = this.#array(level);
    const space = this.#spaceAxes === 2 ? [y, x] : [z, y, x];
    const indices = [...Array.from({ length: array.shape.length - space.length }, () => 0), ...space];
    return `${levelAt(this.plan, level).key}/${array.chunkKey(indices)}`;
  }

  async readStored(level: number, xyz: Vec3): Promise<Uint8Array | undefined> {
    const key = this.chunkKey(level, xyz);
    const most = Math.ceil(this.#chunkBytes(level) * 1.05) + 65_536;
    const stored = await this.#source.get(key, { offset: 0, length: most + 1 });
    if (stored?.byteLength === 0) throw badFile(this.#source, key, 'the file is empty');
    if (stored && stored.byteLength > most) throw badFile(this.#source, key, 'it is larger than a chunk can be');
    return stored;
  }

  async decode(level: number, xyz: Vec3, stored: Uint8Array): Promise<Uint8Array> {
    const planned = levelAt(this.plan, level);
    const width = bytesPerVoxel[this.plan.dtype];
    try {
      const voxels = await decodeStored(stored, this.#chunkBytes(level), this.#array(level).codecs, this.#codec, width);
      return cropVoxels(voxels, planned.chunkXyz, chunkExtent(planned, xyz).size, width);
    } catch (error) {
      if (isLamellaError(error, 'cancelled', 'worker-died')) throw error;
      throw badFile(
        this.#source,
        this.chunkKey(level, xyz),
        error instanceof Error ? error.message.replace(/\.$/, '') : String(error),
        error,
      );
    }
  }

  async readChunk(level: number, xyz: Vec3): Promise<Uint8Array | undefined> {
    const stored = await this.readStored(level, xyz);
    if (stored) return this.decode(level, xyz, stored);
    const { fillValue } = this.#array(level);
    if (fillValue === 0) return undefined;
    const voxels = voxelsIn(chunkExtent(levelAt(this.plan, level), xyz).size);
    return this.plan.dtype === 'uint8'
      ? new Uint8Array(voxels).fill(fillValue)
      : new Uint8Array(new Uint16Array(voxels).fill(fillValue).buffer);
  }

  #array(level: number): ZarrArray {
    const array = this.#arrays[level];
    if (array) return array;
    throw new LamellaError('invalid-input', `"${this.plan.name}" has no level ${level}.`, {
      hint: `Its levels are 0 to ${this.#arrays.length - 1}.`,
    });
  }

  #chunkBytes(level: number): number {
    return voxelsIn(levelAt(this.plan, level).chunkXyz) * bytesPerVoxel[this.plan.dtype];
  }
}
