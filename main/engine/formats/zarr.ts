import { below, type ByteSource } from './byte-store.ts';
import { badFile } from './checked-json.ts';
import { nameOfPlace } from './place-name.ts';
import { gridOf, plainImage } from './pyramid.ts';
import type { OpenOptions, OpenVolume, Place, VolumeFormat } from './volume-format.ts';
import { axisRoles, spaceOf, usualAxes, type AxisRole } from './zarr/axes.ts';
import { storageWords, under, type ZarrArray } from './zarr/zarr-array.ts';
import { arraysBelow, findArray, isZarr } from './zarr/zarr-tree.ts';
import { readArray, zarrFolder } from './zarr/zarr-node.ts';
import { levelsOf, readingOf, ZarrVolume } from './zarr/zarr-volume.ts';
import { saysNoSize } from './unsized.ts';

/**
 * Arrays of Zarr v2 and v3 that say nothing of NGFF: one level, voxels of 1 nm. Axes are what `dimension_names` (v3) or
 * `_ARRAY_DIMENSIONS` (xarray) call x, y, z, c and t; otherwise the last three are z, y, x. Read only: write OME-Zarr,
 * whose levels are such arrays.
 */
export const zarr: VolumeFormat = {
  id: 'zarr',
  label: 'Zarr',
  detect: async (place) => {
    const source = zarrFolder(place);
    return source !== undefined && (await isZarr(source));
  },
  open: openZarr,
};

/** Opens the array at a place, or one of the arrays below it: the first, or the one at the path `image`. */
export async function openZarr(place: Place, { codec, image }: OpenOptions): Promise<OpenVolume> {
  const source = zarrFolder(place) ?? below(place.source, place.key);
  const path = await findArray(source, image);
  const array = await readArray(source, path);
  const { axes, warnings } = axesOf(source, path, array);
  const levels = levelsOf([{ path, array }], axes, readingOf(source, codec));
  const [level] = levels;
  if (!level) throw new RangeError('no array');
  const [sizeXyz, chunkXyz] = [spaceOf(level.size), spaceOf(level.chunk)];
  const plan = {
    ...plainImage,
    name: path === '' ? nameOfPlace(source.name) : path,
    dtype: array.type.dtype,
    channels: Array.from({ length: level.size[3] }, () => ({ name: '', color: null, window: null })),
    times: level.size[4],
    levels: [
      {
        key: path,
        sizeXyz,
        chunkXyz,
        gridXyz: gridOf(sizeXyz, chunkXyz),
        voxelSizeNm: [1, 1, 1] as const,
        originNm: [0, 0, 0] as const,
        stepXyz: [1, 1, 1] as const,
      },
    ],
  };
  const others = path === '' ? [] : (await arraysBelow(source)).filter((one) => one !== path);
  const more =
    others.length > 0 ? [`It holds other arrays, which open by name: ${others.slice(0, 5).join(', ')}.`] : [];
  return new ZarrVolume(plan, { storage: storageWords(array), warnings: [saysNoSize, ...warnings, ...more] }, levels);
}

function axesOf(
  source: ByteSource,
  path: string,
  array: ZarrArray,
): { readonly axes: readonly AxisRole[]; readonly warnings: readonly string[] } {
  const rank = array.shape.length;
  const names = array.dimensionNames ?? xarrayNames(array);
  const named = names?.flatMap((name) => (name === null || name === '' ? [] : [{ name, type: undefined }])) ?? [];
  const roles = named.length === rank ? axisRoles(named) : undefined;
  if (roles !== undefined && typeof roles !== 'string' && !roles.guessed) return { axes: roles.axes, warnings: [] };
  const axes = usualAxes(rank);
  if (axes.length !== rank) throw badFile(source, under(path, 'zarr.json'), `it has ${rank} dimensions`);
  const read = `read as ${axes.join(', ')}`;
  return {
    axes,
    warnings: [
      names
        ? `Its dimensions are called ${names.join(', ')}; they are ${read}.`
        : `Its dimensions have no names; they are ${read}.`,
    ],
  };
}

function xarrayNames({ attributes, shape }: ZarrArray): readonly string[] | undefined {
  const names = attributes['_ARRAY_DIMENSIONS'];
  const fits = Array.isArray(names) && names.length === shape.length && names.every((name) => typeof name === 'string');
  return fits ? names : undefined;
}
