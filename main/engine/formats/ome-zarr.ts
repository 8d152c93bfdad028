import { z } from 'zod';
import { below, type ByteSource } from './byte-store.ts';
import { badFile, checkJson, isSafeKey, readCheckedJson } from './checked-json.ts';
import type { NamedLabel } from './named-label.ts';
import { fieldImage, unitsOf } from './ome-field.ts';
import { detectOme, findImage, shortList, type FoundImage } from './ome-images.ts';
import { imageLabels } from './ome-labels.ts';
import { omeImageSchema, type OmeAxis, type OmeImage, type OmeMultiscale } from './ome-metadata.ts';
import { pathFrom, readNumbers, withNumbers } from './ome-numbers.ts';
import { intrinsicAxes, placesOf, type OmePlaces } from './ome-plan.ts';
import { nmPerUnit } from './ome-units.ts';
import { omeEncodings, omeZarrWriter } from './ome-writer.ts';
import { nameOfPlace } from './place-name.ts';
import { gridOf, mapAxes } from './pyramid.ts';
import type {
  ChannelPlan,
  ChunkCodec,
  OpenOptions,
  OpenVolume,
  Place,
  VolumeFormat,
  VolumeLevelPlan,
  VolumeMapField,
  VolumeNotes,
} from './volume-format.ts';
import { axisRoles, spaceOf, usualAxes, type AxisRole } from './zarr/axes.ts';
import { storageWords, under } from './zarr/zarr-array.ts';
import type { ZarrLevel } from './zarr/zarr-level.ts';
import { readArray, zarrFolder } from './zarr/zarr-node.ts';
import { levelsOf, readingOf, ZarrVolume, type LevelArray } from './zarr/zarr-volume.ts';

/**
 * OME-Zarr (NGFF): 0.4 over Zarr v2, 0.5 and 0.6 (RFC-5) over Zarr v3, and what older versions share with them. Writes
 * 0.5, or 0.4 with the encodings that begin with "v2-".
 *
 * NGFF places voxel centres, Lamella the outer corner of voxel 0: the translation of each level is originNm + half a
 * voxel of that level.
 */
export const omeZarr: VolumeFormat = {
  id: 'ome-zarr',
  label: 'OME-Zarr',
  detect: async (place) => {
    const source = zarrFolder(place);
    return source !== undefined && (await detectOme(source));
  },
  open: openOmeZarr,
  write: { encodings: omeEncodings, canShard: true, as: 'folder', writer: omeZarrWriter },
};

/**
 * Opens an image: the first, or the one that `image` names (a series of bioformats2raw "1", a field of a plate
 * "A/1/0", labels "labels/cells"). Throws 'bad-source' naming the file and the field.
 */
export async function openOmeZarr(place: Place, { codec, image }: OpenOptions): Promise<OpenVolume> {
  const source = zarrFolder(place) ?? below(place.source, place.key);
  return openImage(source, await findImage(source, image), codec);
}

async function openImage(source: ByteSource, found: FoundImage, codec: ChunkCodec): Promise<OpenVolume> {
  const { attributesKey: key, zarrFormat } = found.node;
  const ome = checkJson(source, key, omeImageSchema, found.ome);
  const listed = ome.multiscales[found.multiscale] ?? ome.multiscales[0];
  if (!listed) throw badFile(source, key, 'it lists no multiscale image');
  const { multiscale, unread } = await withStoredNumbers(source, found.path, listed, codec);
  const arrays = await Promise.all(
    multiscale.datasets.map(async ({ path }): Promise<LevelArray> => {
      const whole = under(found.path, path);
      return { path: whole, array: await readArray(source, whole, zarrFormat) };
    }),
  );
  const axes = axesOf(source, key, multiscale, arrays);
  const levels = levelsOf(arrays, axes.roles, readingOf(source, codec));
  const places = placesOf({
    source,
    key,
    multiscale,
    axes: axes.roles,
    named: axes.named,
    arrays: arrays.map((one) => one.array),
  });
  const [first] = levels;
  if (!first) throw badFile(source, key, 'it lists no levels');
  const plan = {
    name: multiscale.name || (found.path === '' ? nameOfPlace(source.name) : found.path),
    kind: ome['image-label'] ? ('segmentation' as const) : ('image' as const),
    dtype: first.array.type.dtype,
    channels: channelsOf(ome, first.size[3]),
    times: first.size[4],
    secondsPerTime: places.secondsPerTime,
    transforms: places.transforms,
    levels: levels.map((level, i) => levelPlan(level, i, multiscale, places)),
  };
  const version = ome.version ?? multiscale.version ?? (zarrFormat === 3 ? '0.5' : '0.4');
  const { map } = places;
  const notFollowed = map && 'why' in map ? [`It is not drawn through ${map.why}.`] : [];
  const warnings = [...axes.warnings, ...places.warnings, ...unread, ...notFollowed, ...othersOf(found)];
  const notes = {
    ...notesOf(found, `OME-Zarr ${version}, ${storageWords(first.array)}`, warnings),
    ...vectorsOf(axes),
  };
  const volume = new ZarrVolume(plan, notes, levels, () => labelsOf(source, found));
  if (!map || 'why' in map) return volume;
  const openField = (path: string) => openMapField(source, pathFrom(found.path, path), axes, codec);
  return Object.assign(volume, { map: { ...map, openField } });
}

async function openMapField(
  source: ByteSource,
  path: string,
  { roles, named }: Axes,
  codec: ChunkCodec,
): Promise<VolumeMapField> {
  const inSpace = named.filter((_, i) => roles[i] !== 'c' && roles[i] !== 't');
  const found = await fieldImage(source, path, inSpace);
  const volume = await openImage(source, found, codec);
  const ome = checkJson(source, found.node.attributesKey, omeImageSchema, found.ome);
  return { volume, unitNm: unitsOf(intrinsicAxes(ome.multiscales[0]!) ?? inSpace) };
}

/** 0.6: an image with the numbers of its transformations that lie in arrays, and a sentence for each that can't be read. */
async function withStoredNumbers(source: ByteSource, base: string, multiscale: OmeMultiscale, codec: ChunkCodec) {
  const unread: string[] = [];
  if (!multiscale.coordinateSystems) return { multiscale, unread };
  let reads = 0;
  const read = (path: string): Promise<readonly (readonly number[])[]> => {
    const key = pathFrom(base, path);
    if (!isSafeKey(key)) return Promise.reject(new Error('its path leads out of the dataset'));
    if ((reads += 1) > mostStoredNumbers) return Promise.reject(new Error('there are too many arrays of numbers'));
    return readNumbers(source, key, codec);
  };
  const complain = (why: string): void =>
    void unread.push(`A transformation is kept in an array that can't be read, ${why}`);
  const all = async (list: readonly unknown[] | null | undefined): Promise<unknown[]> => {
    const out: unknown[] = [];
    for (const one of list ?? []) out.push(await withNumbers(one, read, complain));
    return out;
  };
  const datasets: OmeMultiscale['datasets'] = [];
  for (const one of multiscale.datasets)
    datasets.push({ ...one, coordinateTransformations: await all(one.coordinateTransformations) });
  const coordinateTransformations = await all(multiscale.coordinateTransformations);
  return { multiscale: { ...multiscale, datasets, coordinateTransformations }, unread: unread.slice(0, 8) };
}

const mostStoredNumbers = 64;

/** Read once more when they are asked for: ids of 64 bits are written as numbers, which must not pass through doubles. */
async function labelsOf(source: ByteSource, { node }: FoundImage): Promise<readonly NamedLabel[]> {
  const fields = z.record(z.string(), z.unknown());
  const file = await readCheckedJson(source, node.attributesKey, fields, { exact: true });
  const inside = (group: unknown, name: string): unknown => fields.safeParse(group).data?.[name];
  const attributes = node.zarrFormat === 3 ? inside(file, 'attributes') : file;
  return imageLabels(inside(inside(attributes, 'ome') ?? attributes, 'image-label'));
}

function notesOf(found: FoundImage, storage: string, warnings: readonly string[]): VolumeNotes {
  const { lamella } = found.node.attributes;
  const attributes = typeof lamella === 'object' && lamella !== null && !Array.isArray(lamella) ? { ...lamella } : {};
  return { attributes, storage, ...(warnings.length > 0 && { warnings }) };
}

function othersOf({ path, others }: FoundImage): readonly string[] {
  const rest = others.filter((one) => one !== path);
  return rest.length === 0 ? [] : [`It holds other images, which open by name: ${shortList(rest)}.`];
}

/** 0.6: the parts of displacements and coordinates are in the order of the axes of space. */
function vectorsOf({ roles, named }: Axes): Pick<VolumeNotes, 'vectors'> {
  if (!named.some(({ type }) => type === 'displacement' || type === 'coordinate')) return {};
  const axes = roles.flatMap((role) => (role === 'c' || role === 't' ? [] : [role]));
  const unit = named[roles.indexOf('x')]?.unit;
  return { vectors: { axes, unitNm: nmPerUnit(unit ?? 'nanometer') ?? 1 } };
}

interface Axes {
  readonly roles: readonly AxisRole[];
  readonly named: readonly OmeAxis[];
  readonly warnings: readonly string[];
}

function axesOf(source: ByteSource, key: string, multiscale: OmeMultiscale, arrays: readonly LevelArray[]): Axes {
  const rank = arrays[0]?.array.shape.length ?? 0;
  const named =
    intrinsicAxes(multiscale) ?? usualAxes(rank).map((name) => ({ name, type: undefined, unit: undefined }));
  const roles = axisRoles(named);
  if (typeof roles === 'string') throw badFile(source, key, `multiscales: ${roles}`);
  const names = named.map(({ name }) => name).join(', ');
  for (const { path, array } of arrays) {
    if (array.shape.length === named.length) continue;
    const file = under(path, array.zarrFormat === 3 ? 'zarr.json' : '.zarray');
    throw badFile(source, file, `it has ${array.shape.length} dimensions, but the group lists ${named.length} axes`);
  }
  const other = arrays.find(({ array }) =>
    array.dimensionNames?.some((name, i) => name !== null && name !== named[i]?.name),
  );
  return {
    roles: roles.axes,
    named,
    warnings: [
      ...(roles.guessed ? [`Its axes are called ${names}; they are read as ${roles.axes.join(', ')}.`] : []),
      ...(other
        ? [
            `The dimension_names of "${other.path}" are ${other.array.dimensionNames?.join(', ')}; those of the group count: ${names}.`,
          ]
        : []),
    ],
  };
}

function levelPlan(level: ZarrLevel, index: number, multiscale: OmeMultiscale, { levels }: OmePlaces): VolumeLevelPlan {
  const [own, before] = [levels[index], levels[index - 1]];
  const voxelSizeNm = own?.voxelSizeNm ?? [1, 1, 1];
  const [sizeXyz, chunkXyz] = [spaceOf(level.size), spaceOf(level.chunk)];
  return {
    key: multiscale.datasets[index]?.path ?? '',
    sizeXyz,
    chunkXyz,
    gridXyz: gridOf(sizeXyz, chunkXyz),
    voxelSizeNm,
    originNm: own?.originNm ?? [0, 0, 0],
    stepXyz: mapAxes((i) => (before ? Math.max(1, Math.round(voxelSizeNm[i] / before.voxelSizeNm[i])) : 1)),
  };
}

/** As many as there are; what `omero` does not say of one is not known. */
function channelsOf({ omero }: OmeImage, count: number): readonly ChannelPlan[] {
  return Array.from({ length: count }, (_, i) => {
    const given = omero?.channels[i];
    const window = given?.window;
    return {
      name: given?.label ?? '',
      color: given?.color?.toUpperCase() ?? null,
      window: window ? ([window.start, window.end] as const) : null,
    };
  });
}
