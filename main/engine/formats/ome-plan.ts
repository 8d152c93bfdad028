import type { ByteSource } from './byte-store.ts';
import { badFile } from './checked-json.ts';
import {
  composeSpace,
  placeLevels,
  rowMajor,
  secondsPerTime,
  spacePart,
  type LevelPlace,
  type SpaceAffine,
} from './ome-geometry.ts';
import { foundMap, type FoundMap } from './ome-map.ts';
import { linkSchema, type OmeAxis, type OmeMultiscale } from './ome-metadata.ts';
import { composeMaps, readSequence, readTransform, type AxisAffine, type ReadTransform } from './ome-transforms.ts';
import { nmPerUnit } from './ome-units.ts';
import { mapAxes } from './pyramid.ts';
import type { VolumeTransform } from './volume-format.ts';
import { alongAxes, spaceOf, type AxisRole } from './zarr/axes.ts';
import type { ZarrArray } from './zarr/zarr-array.ts';
import { saysNoSize } from './unsized.ts';

/** Where the levels of an image lie, and what was odd about how the image says so. */
export interface OmePlaces {
  readonly levels: readonly LevelPlace[];
  readonly secondsPerTime: number | null;
  readonly transforms: readonly VolumeTransform[];
  readonly warnings: readonly string[];
  /** Where the image leads to a space that no matrix leads to. */
  readonly map?: FoundMap | undefined;
}

interface Given {
  readonly source: ByteSource;
  /** The file that says it, for messages. */
  readonly key: string;
  readonly multiscale: OmeMultiscale;
  readonly axes: readonly AxisRole[];
  readonly named: readonly OmeAxis[];
  readonly arrays: readonly ZarrArray[];
}

/** Throws 'bad-source' naming the transformation that is not as NGFF wants it. */
export function placesOf(given: Given): OmePlaces {
  const warnings = unitWarnings(given);
  const maps = given.multiscale.datasets.map((_, i) => mapOfLevel(given, i));
  const affine = maps.flatMap((map) => (map?.t === 'affine' ? [map] : []));
  const listed = maps.flatMap((map) => (map?.t === 'listed' ? [map.kind] : []));
  const [first] = affine;
  if (!first || affine.length !== maps.length) return unplaced(given, listed, warnings);
  const spaces = affine.flatMap(({ map }) => spacePart(map, given.axes, given.named) ?? []);
  const placed = spaces.length === maps.length ? placeLevels(spaces) : undefined;
  if (!placed) return unplaced(given, [`${first.kind} that is singular, or mixes space with other axes`], warnings);
  const own = placed.spaceFromVolume;
  const intrinsic = intrinsicName(given.multiscale);
  const turned: readonly VolumeTransform[] = own
    ? [{ space: intrinsic ?? '', matrix: rowMajor(own), kind: first.kind }]
    : [];
  const reached = new Map<string | undefined, SpaceAffine | null>([[intrinsic, own]]);
  return {
    levels: placed.levels,
    secondsPerTime: secondsPerTime(first.map, given.axes, given.named),
    transforms: [...turned, ...furtherSpaces(given, reached, intrinsic)],
    warnings,
    ...(given.multiscale.coordinateSystems && { map: foundMap({ ...given, reached, intrinsic }) }),
  };
}

/** 0.4, 0.5: the dataset's own list, then that of the whole image. 0.6: one transformation; those of the image lead on. */
function mapOfLevel(given: Given, level: number): ReadTransform | undefined {
  const { multiscale, axes } = given;
  const [own, whole] = [multiscale.datasets[level]?.coordinateTransformations, multiscale.coordinateTransformations];
  if (!own || own.length === 0) return undefined;
  const at = `datasets.${level}.coordinateTransformations`;
  const read = checked(
    given,
    multiscale.coordinateSystems ? readTransform(own[0], axes.length) : readSequence(own, axes.length),
    at,
  );
  if (read.t !== 'affine' || !whole || multiscale.coordinateSystems) return read;
  const after = checked(given, readSequence(whole, axes.length), 'coordinateTransformations');
  return after.t === 'affine' ? { ...read, map: composeMaps(after.map, read.map) } : after;
}

function checked({ source, key }: Given, read: ReadTransform, at: string): ReadTransform {
  if (read.t === 'wrong') throw badFile(source, key, `multiscales, ${at}: ${read.why}`);
  return read;
}

function unitWarnings({ axes, named }: Given): string[] {
  const unknown = named.filter(
    ({ unit }, i) => axes[i] !== 'c' && axes[i] !== 't' && (unit === undefined || nmPerUnit(unit) === undefined),
  );
  if (unknown.length === 0) return [];
  const units = unknown.map(({ name, unit }) => `${name} ${unit === undefined ? 'has none' : `"${unit}"`}`).join(', ');
  return [`Its axes have no unit of length that is known (${units}): numbers are read as nanometres.`];
}

/** Nothing that can be applied: voxels of 1 nm, coarser levels larger by how much smaller they are. */
function unplaced(
  { axes, arrays, multiscale }: Given,
  listed: readonly string[],
  warnings: readonly string[],
): OmePlaces {
  const sizes = arrays.map((array) => spaceOf(alongAxes(axes, array.shape, 1)));
  const levels = sizes.map((size): LevelPlace => {
    const ratio = mapAxes((i) => (sizes[0]?.[i] ?? 1) / size[i]);
    return {
      voxelSizeNm: mapAxes((i) => (ratio[i] < 1.2 ? 1 : Math.max(1, Math.round(ratio[i])))),
      originNm: [0, 0, 0],
    };
  });
  const kinds = [...new Set(listed)];
  const said =
    kinds.length === 0 ? [] : [`Where its voxels lie is said in a way that is not applied (${kinds.join(', ')}).`];
  const transforms = kinds.map((kind) => ({
    space: intrinsicName(multiscale) ?? '',
    matrix: null,
    kind,
  }));
  return { levels, secondsPerTime: null, transforms, warnings: [...warnings, ...said, saysNoSize] };
}

function intrinsicName({ datasets, coordinateSystems }: OmeMultiscale): string | undefined {
  const named = linkSchema.parse(datasets[0]?.coordinateTransformations?.[0]).output;
  return named ?? coordinateSystems?.[0]?.name;
}

/** The system of the levels: what their transformations lead to; its axes are those of the arrays. */
export function intrinsicAxes(multiscale: OmeMultiscale): readonly OmeAxis[] | undefined {
  const { coordinateSystems, axes } = multiscale;
  const name = intrinsicName(multiscale);
  return coordinateSystems?.find((system) => system.name === name)?.axes ?? coordinateSystems?.[0]?.axes ?? axes;
}

/** 0.6: the transformations of the image, from system to system, as far as they lead from the volume and are affine. Adds to what is reached. */
function furtherSpaces(
  given: Given,
  reached: Map<string | undefined, SpaceAffine | null>,
  intrinsic: string | undefined,
): readonly VolumeTransform[] {
  const { multiscale, axes } = given;
  if (!multiscale.coordinateSystems) return [];
  return (multiscale.coordinateTransformations ?? []).map((one, i): VolumeTransform => {
    const read = checked(given, readTransform(one, axes.length), `coordinateTransformations.${i}`);
    const { input, output } = linkSchema.parse(one);
    const space = output ?? '';
    const kind = read.t === 'wrong' ? '' : read.kind;
    const step = read.t === 'affine' ? betweenSystems(given, read.map, output) : undefined;
    const from = input ?? intrinsic;
    if (!step || !reached.has(from)) return { space, matrix: null, kind };
    const whole = composeSpace(step, reached.get(from) ?? null);
    reached.set(output, whole);
    return { space, matrix: rowMajor(whole), kind };
  });
}

function betweenSystems(
  { multiscale, axes, named }: Given,
  map: AxisAffine,
  output: string | undefined,
): SpaceAffine | undefined {
  const outer = multiscale.coordinateSystems?.find((system) => system.name === output)?.axes ?? named;
  return spacePart(map, axes, outer, named);
}
