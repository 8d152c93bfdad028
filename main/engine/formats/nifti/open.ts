import type { Vec3, VoxelType } from '../../../../preload/contract/space.ts';
import { gridOf, mapAxes, plainImage } from '../pyramid.ts';
import { slabXyz, type RawAxis, type RawLayout } from '../raw-file/layout.ts';
import { fromVolume, placeIn, tidy, type SpaceFromIndex } from '../raw-file/space.ts';
import type { VolumePlan, VolumeTransform } from '../volume-format.ts';
import { coloursByCode, typeByCode, type NiftiHeader } from './header.ts';

export interface NiftiOpened {
  readonly plan: VolumePlan;
  readonly layout: RawLayout;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** NIFTI_INTENT_LABEL: values are ids. */
export const labelIntent = 1002;
const spaces = ['', 'scanner', 'aligned', 'talairach', 'mni', 'template'] as const;
/** What `spaces` names, from 1 on; 2 (aligned) for any other. */
export const codeOfSpace = (space: string): number => {
  const at = spaces.findIndex((name) => name !== '' && name === space.toLowerCase());
  return at > 0 ? at : 2;
};

/** What a header means; a text says why it can't be read. */
export function interpret(name: string, header: NiftiHeader): NiftiOpened | string {
  const colours = coloursByCode.get(header.datatype);
  const dtype = colours === undefined ? typeByCode.get(header.datatype) : 'uint8';
  if (!dtype) return `its voxels are of datatype ${header.datatype}, which Lamella does not read`;
  const layout = layoutOf(header, dtype, colours);
  if (typeof layout === 'string') return layout;
  const chunkXyz = slabXyz(layout);
  const sizeXyz: Vec3 = [layout.sizes.x, layout.sizes.y, layout.sizes.z];
  if (!chunkXyz) return `one section of ${sizeXyz.join(' x ')} voxels is over 512 MiB`;
  const warnings: string[] = [];
  const unit = unitsOf(header, warnings);
  const voxelSizeNm = sidesOf(header, unit.nm, warnings);
  const { originNm, transforms } = placesOf(header, unit.nm, voxelSizeNm);
  const isLabels = header.intentCode === labelIntent && layout.sizes.c === 1 && !dtype.startsWith('float');
  return {
    layout,
    warnings,
    attributes: scalingOf(header, warnings),
    plan: {
      ...plainImage,
      name,
      kind: isLabels ? 'segmentation' : 'image',
      dtype,
      channels: Array.from({ length: layout.sizes.c }, () => ({ name: '', color: null, window: null })),
      times: layout.sizes.t,
      secondsPerTime: layout.sizes.t > 1 && header.pixdim[3] > 0 ? secondsOf(header, unit.seconds) : null,
      transforms,
      levels: [
        {
          key: '0',
          sizeXyz,
          chunkXyz,
          gridXyz: gridOf(sizeXyz, chunkXyz),
          voxelSizeNm,
          originNm,
          stepXyz: [1, 1, 1],
        },
      ],
    },
  };
}

/** Symmetric matrices, displacements, vectors, RGB and RGBA vectors: belong on the fifth axis, and some are on the fourth. */
const vectorIntents: ReadonlySet<number> = new Set([1005, 1006, 1007, 2003, 2004]);

function layoutOf(header: NiftiHeader, dtype: VoxelType, colours = 1): RawLayout | string {
  const { endian, intentCode } = header;
  const isFourth = vectorIntents.has(intentCode) && header.dim.length === 4;
  const dim = isFourth ? header.dim.toSpliced(3, 0, 1) : header.dim;
  const said = `its header says ${dim.length} axes of ${dim.join(' x ')}`;
  if (dim.length === 0 || dim.some((n) => !Number.isSafeInteger(n) || n < 1)) return said;
  const [x = 1, y = 1, z = 1, t = 1, c = 1, ...more] = dim;
  if (more.some((n) => n > 1)) return `${said}; Lamella reads up to five`;
  if (colours > 1 && c > 1) return `${said}, and each voxel has ${colours} colours as well`;
  const axes: readonly RawAxis[] = colours > 1 ? ['c', 'x', 'y', 'z', 't'] : ['x', 'y', 'z', 't', 'c'];
  const sizes = { x, y, z, t, c: Math.max(c, colours) };
  if (c * colours > 65_536 || x * y * z * t * c * colours * 8 > Number.MAX_SAFE_INTEGER) return `${said}, too many`;
  return { dtype, endian, axes, sizes };
}

interface Units {
  readonly nm: number;
  readonly seconds: number;
}

function unitsOf({ xyztUnits }: NiftiHeader, warnings: string[]): Units {
  const length = [undefined, 1e9, 1e6, 1e3][xyztUnits & 7];
  if (length === undefined) warnings.push('It does not say its unit of length; mm is assumed.');
  return { nm: length ?? 1e6, seconds: { 8: 1, 16: 1e-3, 24: 1e-6 }[xyztUnits & 0x38] ?? 1 };
}

const digitsOf = ({ version }: NiftiHeader): number => (version === 2 ? 14 : 7);

const secondsOf = (header: NiftiHeader, seconds: number): number => tidy(header.pixdim[3] * seconds, digitsOf(header));

function sidesOf(header: NiftiHeader, nm: number, warnings: string[]): Vec3 {
  const isSaid = (side: number): boolean => Number.isFinite(side) && side !== 0;
  const used = header.pixdim.slice(0, Math.min(3, header.dim.length));
  if (!used.every(isSaid)) warnings.push('It does not say how large its voxels are along each axis; 1 is assumed.');
  return mapAxes((i) => tidy((isSaid(header.pixdim[i]) ? Math.abs(header.pixdim[i]) : 1) * nm, digitsOf(header)));
}

/** The sform where it is set, and the qform: the first says where the volume lies. */
function placesOf(
  header: NiftiHeader,
  nm: number,
  voxelSizeNm: Vec3,
): { readonly originNm: Vec3; readonly transforms: readonly VolumeTransform[] } {
  const isSet = ({ code, matrix }: NiftiHeader['sform']): boolean => code > 0 && matrix.every(Number.isFinite);
  const [first, second] = [header.sform, header.qform].filter(isSet).map(({ code, matrix }) => ({
    space: spaces[code] ?? `space ${code}`,
    matrix: matrix.map((value) => tidy(value * nm, digitsOf(header))),
  }));
  if (!first) return { originNm: [0, 0, 0], transforms: [] };
  const { originNm, transform } = placeIn(first.space, first.matrix, voxelSizeNm);
  const isSame = !second || (second.space === first.space && areClose(first.matrix, second.matrix, voxelSizeNm));
  // The other is given from the same volume space, whose origin the first has set.
  return {
    originNm,
    transforms: isSame ? [transform] : [transform, fromVolume(second.space, second.matrix, { originNm, voxelSizeNm })],
  };
}

const areClose = (a: SpaceFromIndex, b: SpaceFromIndex, sides: Vec3): boolean =>
  a.every((value, i) => Math.abs(value - (b[i] ?? 0)) <= 1e-3 * Math.max(...sides));

/** Values stay as they are stored; a scale that would change them is told. */
function scalingOf({ slope, intercept }: NiftiHeader, warnings: string[]): Readonly<Record<string, unknown>> {
  const isNone = !Number.isFinite(slope) || !Number.isFinite(intercept) || slope === 0;
  if (isNone || (slope === 1 && intercept === 0)) return {};
  warnings.push(`Its values mean ${slope} times what is stored, plus ${intercept}; they are read as they are stored.`);
  return { scl_slope: slope, scl_inter: intercept };
}
