import type { Vec3, VoxelType } from '../../../../preload/contract/space.ts';
import { nmPerUnit, secondsPerUnit } from '../ome-units.ts';
import { gridOf, mapAxes, plainImage } from '../pyramid.ts';
import { slabXyz, type RawAxis, type RawLayout } from '../raw-file/layout.ts';
import { placeIn, tidy } from '../raw-file/space.ts';
import type { VolumePlan, VolumeTransform } from '../volume-format.ts';
import { typeNamed, vectorOf, words, type NrrdHeader } from './header.ts';
import { saysNoSize } from '../unsized.ts';

export interface NrrdOpened {
  readonly plan: VolumePlan;
  readonly layout: RawLayout;
  readonly warnings: readonly string[];
}

/** What a header means; a text says why it can't be read. */
export function interpret(name: string, { fields }: NrrdHeader): NrrdOpened | string {
  const layout = layoutOf(fields);
  if (typeof layout === 'string') return layout;
  const chunkXyz = slabXyz(layout);
  const sizeXyz: Vec3 = [layout.sizes.x, layout.sizes.y, layout.sizes.z];
  if (!chunkXyz) return `one section of ${sizeXyz.join(' x ')} voxels is over 512 MiB`;
  const warnings: string[] = [];
  const place = placeOf(fields, layout.axes, warnings);
  return {
    layout,
    warnings,
    plan: {
      ...plainImage,
      name,
      dtype: layout.dtype,
      channels: Array.from({ length: layout.sizes.c }, () => ({ name: '', color: null, window: null })),
      times: layout.sizes.t,
      secondsPerTime: layout.sizes.t > 1 ? secondsOf(fields, layout.axes) : null,
      transforms: place.transforms,
      levels: [
        {
          key: '0',
          sizeXyz,
          chunkXyz,
          gridXyz: gridOf(sizeXyz, chunkXyz),
          voxelSizeNm: place.voxelSizeNm,
          originNm: place.originNm,
          stepXyz: [1, 1, 1],
        },
      ],
    },
  };
}

type Fields = NrrdHeader['fields'];

function layoutOf(fields: Fields): RawLayout | string {
  const type = fields.get('type') ?? '';
  const dtype = typeNamed(type);
  if (!dtype) return `its type is "${type.slice(0, 60)}", which Lamella does not read`;
  const dimension = Number(fields.get('dimension'));
  const given = words(fields.get('sizes')).map(Number);
  if (given.length === 0 || given.length !== dimension) return `it says ${given.length} sizes of ${dimension} axes`;
  if (given.some((n) => !Number.isSafeInteger(n) || n < 1)) return `its sizes are ${given.join(' ').slice(0, 100)}`;
  const total = given.reduce((a, b) => a * b, 1);
  if (total * 8 > Number.MAX_SAFE_INTEGER) return `its sizes ${given.join(' x ').slice(0, 100)} are too many voxels`;
  const axes = axesOf(fields, given);
  if (typeof axes === 'string') return axes;
  const endian = endianOf(fields, dtype);
  if (!endian) return 'it does not say whether its numbers are little-endian or big-endian';
  const size = (axis: RawAxis): number => given[axes.indexOf(axis)] ?? 1;
  const sizes = { x: size('x'), y: size('y'), z: size('z'), c: size('c'), t: size('t') };
  if (sizes.c > 65_536) return `it has ${sizes.c} channels`;
  // A plane is a volume of one section: what is missing follows.
  const missing = (['x', 'y', 'z'] as const).filter((axis) => !axes.includes(axis));
  return { dtype, endian, axes: [...axes, ...missing], sizes };
}

function endianOf(fields: Fields, dtype: VoxelType): 'little' | 'big' | undefined {
  const isText = /^(ascii|te?xt)$/i.test(fields.get('encoding') ?? '');
  if (dtype.endsWith('8') || isText) return 'little';
  const said = fields.get('endian')?.toLowerCase();
  return said === 'little' || said === 'big' ? said : undefined;
}

const ofSpace = new Set(['domain', 'space']);

/** The first three axes of space are x, y, z; one of `time`, or a fourth of space, is time; any other is channels. */
function axesOf(fields: Fields, sizes: readonly number[]): readonly RawAxis[] | string {
  const roles = rolesOf(fields, sizes);
  const names: RawAxis[] = [];
  for (const role of roles) {
    const next = role === 'space' ? (['x', 'y', 'z', 't'] as const).find((axis) => !names.includes(axis)) : role;
    if (!next || names.includes(next))
      return `its ${sizes.length} axes (${roles.join(', ')}) are more than space, channels and time`;
    names.push(next);
  }
  return names;
}

type Role = 'space' | 'c' | 't';

function rolesOf(fields: Fields, sizes: readonly number[]): readonly Role[] {
  const kinds = words(fields.get('kinds'));
  const directions = words(fields.get('spacedirections'));
  if (directions.length === sizes.length)
    return directions.map((word, i) => (vectorOf(word) ? 'space' : kinds[i]?.toLowerCase() === 'time' ? 't' : 'c'));
  if (kinds.length === sizes.length && kinds.some((kind) => ofSpace.has(kind.toLowerCase())))
    return kinds.map((kind) => roleOfKind(kind.toLowerCase()));
  // Nothing is said: colours come first where the first of four axes is short.
  const [first = 1] = sizes;
  if (sizes.length === 4 && first <= 4) return ['c', 'space', 'space', 'space'];
  return sizes.map((_, i) => (i < 3 ? 'space' : i === 3 ? 'c' : 't'));
}

const roleOfKind = (kind: string): Role =>
  ofSpace.has(kind) || kind === '???' || kind === 'none' ? 'space' : kind === 'time' ? 't' : 'c';

interface Place {
  readonly voxelSizeNm: Vec3;
  readonly originNm: Vec3;
  readonly transforms: readonly VolumeTransform[];
}

/** Values that a field has for each axis of the file, by the axis's name. */
const along = (axes: readonly RawAxis[], values: readonly string[], axis: RawAxis): string | undefined =>
  values[axes.indexOf(axis)];

function placeOf(fields: Fields, axes: readonly RawAxis[], warnings: string[]): Place {
  const list = words(fields.get('spacedirections'));
  const directions = (['x', 'y', 'z'] as const).map((axis) => vectorOf(along(axes, list, axis)));
  const isWhole = directions.every((vector) => vector === undefined || vector.length === 3);
  if (isWhole && directions.some((vector) => vector !== undefined)) return directed(fields, directions, warnings);
  return spaced(fields, axes, warnings);
}

const lengthOf = (vector: readonly number[]): number => Math.hypot(...vector);

function directed(fields: Fields, directions: readonly (readonly number[] | undefined)[], warnings: string[]): Place {
  const units = words(fields.get('spaceunits'));
  const sides = directions.map((vector) => (vector ? lengthOf(vector) : 0));
  const nm = unitNm(units, sides, warnings);
  const space = fields.get('space')?.toLowerCase() ?? 'space';
  const voxelSizeNm = mapAxes((i) => positive(tidy((sides[i] ?? 0) * nm[i], 12)));
  const origin = vectorOf(fields.get('spaceorigin'));
  // The three coordinates of the space share a unit; a plane has no third direction, and its own does.
  const matrix = [0, 1, 2].flatMap((row) => [
    ...directions.map(
      (vector, i) => (vector?.[row] ?? (row === i ? (voxelSizeNm[i as 0 | 1 | 2] ?? 1) / nm[0] : 0)) * nm[0],
    ),
    (origin?.[row] ?? 0) * nm[0],
  ]);
  const { originNm, transform } = placeIn(
    space,
    matrix.map((value) => tidy(value, 12)),
    voxelSizeNm,
  );
  // A space without a name says nothing more than the origin does, unless the volume lies turned in it.
  const isPlain = !fields.has('space') && transform.matrix?.every((value, i) => value === (i % 5 === 0 ? 1 : 0));
  // Without origin and space, directions along the axes say sizes alone.
  const isSized = !origin && !fields.has('space') && isPlain;
  return { voxelSizeNm, originNm: isSized ? [0, 0, 0] : originNm, transforms: isPlain ? [] : [transform] };
}

function spaced(fields: Fields, axes: readonly RawAxis[], warnings: string[]): Place {
  const xyz = ['x', 'y', 'z'] as const;
  const [spacings, mins, centerings] = ['spacings', 'axismins', 'centerings'].map((name) =>
    words(fields.get(name) ?? fields.get(name.replace('centerings', 'centers'))),
  );
  const units = xyz.map((axis) => along(axes, words(fields.get('units')), axis) ?? '');
  const sides = xyz.map((axis) => Math.abs(Number(along(axes, spacings ?? [], axis))));
  if (!sides.some((side) => side > 0)) {
    warnings.push(saysNoSize);
    return { voxelSizeNm: [1, 1, 1], originNm: [0, 0, 0], transforms: [] };
  }
  const nm = unitNm(units, sides, warnings);
  const voxelSizeNm = mapAxes((i) => positive(tidy((sides[i] ?? 0) * nm[i], 12)));
  const originNm = mapAxes((i) => {
    const min = Number(along(axes, mins ?? [], xyz[i]) ?? 0);
    const isNode = along(axes, centerings ?? [], xyz[i])?.toLowerCase() === 'node';
    return Number.isFinite(min) ? tidy(min * nm[i] - (isNode ? voxelSizeNm[i] / 2 : 0), 12) : 0;
  });
  return { voxelSizeNm, originNm, transforms: [] };
}

const positive = (side: number): number => (Number.isFinite(side) && side > 0 && side <= 1e18 ? side : 1);

/** Nanometres of the unit of each axis. Without one, lengths of 10 and more are micrometres: atlases leave it out. */
function unitNm(units: readonly string[], sides: readonly number[], warnings: string[]): Vec3 {
  const used = sides.filter((side) => side > 0);
  const guess = used.every((side) => side >= 10) ? { name: 'um', nm: 1e3 } : { name: 'mm', nm: 1e6 };
  const known = units.map((unit) => nmPerUnit(unit)).filter((nm) => nm !== undefined);
  if (known.length === 0) {
    const said = units.some((unit) => unit !== '') ? ` that Lamella knows (${units.join(', ').slice(0, 60)})` : '';
    warnings.push(`It does not say a unit of length${said}; ${guess.name} is assumed.`);
  }
  const usual = known[0] ?? guess.nm;
  return mapAxes((i) => nmPerUnit(units[i] ?? '') ?? usual);
}

function secondsOf(fields: Fields, axes: readonly RawAxis[]): number | null {
  const step = Number(along(axes, words(fields.get('spacings')), 't'));
  const unit = secondsPerUnit(along(axes, words(fields.get('units')), 't') ?? 's') ?? 1;
  return Number.isFinite(step) && step > 0 ? step * unit : null;
}
