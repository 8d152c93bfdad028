// Images of OME-Zarr 0.6 with fields of their own, written by hand: Zarr v3, one raw chunk an array.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Vec3 } from '../../preload/contract/space.ts';

export type Json = Readonly<Record<string, unknown>>;
export const spaceAxes = ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'micrometer' }));

/** Voxels of 0.1 µm; the centre of voxel 0 is at 0. */
export const stepUm = 0.1;
export const imageSize: Vec3 = [24, 20, 16];
/** Of the fields: twice as far apart, and six of them before the image. */
export const fieldStepUm = 0.2;
export const fieldFromUm = -1.2;
export const fieldSize: Vec3 = [26, 24, 22];

/** Writes an array; `values` in the order of its dimensions, the last fastest. */
export function writeArray(
  folder: string,
  path: string,
  values: Float32Array | Float64Array,
  shape: readonly number[],
  more: Json = {},
): void {
  const chunk = join(folder, path, 'c', ...shape.map(() => '0'));
  mkdirSync(join(chunk, '..'), { recursive: true });
  writeFileSync(chunk, new Uint8Array(values.buffer));
  const array = {
    ...{ zarr_format: 3, node_type: 'array', shape, fill_value: 0 },
    data_type: values instanceof Float32Array ? 'float32' : 'float64',
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shape } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    codecs: [{ name: 'bytes', configuration: { endian: 'little' } }],
    ...more,
  };
  writeFileSync(join(folder, path, 'zarr.json'), JSON.stringify(array));
}

/** x fastest, then y, z. */
export function* pointsOf([nx, ny, nz]: Vec3): Generator<Vec3> {
  for (let z = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) yield [x, y, z];
}

export const greyAt = ([x, y, z]: Vec3): number => 10 + 7 * x + 5 * y + 3 * z;

/** An image whose grey levels are linear in micrometres, with transformations of its own. */
export function writeImage(folder: string, transformations: readonly Json[], level: Json = plainLevel): void {
  const values = Float32Array.from([...pointsOf(imageSize)], (at) => greyAt(at.map((n) => n * stepUm) as never));
  writeArray(folder, '0', values, imageSize.toReversed());
  const systems = ['physical', 'atlas'].map((name) => ({ name, axes: spaceAxes }));
  const multiscale = {
    coordinateSystems: systems,
    datasets: [{ path: '0', coordinateTransformations: [level] }],
    coordinateTransformations: transformations,
  };
  const ome = { version: '0.6', multiscales: [multiscale] };
  writeFileSync(
    join(folder, 'zarr.json'),
    JSON.stringify({ ...{ zarr_format: 3, node_type: 'group' }, attributes: { ome } }),
  );
}

export const plainLevel: Json = {
  ...{ type: 'scale', scale: [stepUm, stepUm, stepUm] },
  ...{ input: { path: '0' }, output: { name: 'physical' } },
};

/** A field over `fieldSize`: its parts last, in the order z, y, x, as RFC-5 wants them. `at`: x, y, z in micrometres. */
export function writeField(folder: string, path: string, at: (um: Vec3) => Vec3, type = 'displacement'): void {
  const um = (n: number): number => fieldFromUm + n * fieldStepUm;
  const vectors = [...pointsOf(fieldSize)].flatMap(([x, y, z]) => at([um(x), um(y), um(z)]).toReversed());
  const scale = [fieldStepUm, fieldStepUm, fieldStepUm, 1];
  const from = [fieldFromUm, fieldFromUm, fieldFromUm, 0];
  const placed = {
    ...{ type: 'sequence', input: path, output: 'field' },
    transformations: [
      { type: 'scale', scale },
      { type: 'translation', translation: from },
    ],
  };
  const axes = [...spaceAxes, { name: 'd', type }];
  const attributes = {
    ome: { coordinateSystems: [{ name: 'field', axes }], coordinateTransformations: [placed] },
  };
  writeArray(folder, path, Float32Array.from(vectors), [...fieldSize.toReversed(), 3], { attributes });
}
