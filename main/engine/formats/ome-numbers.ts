import { LamellaError } from '../../../preload/contract/errors.ts';
import { bytesPerVoxel, type VoxelType } from '../../../preload/contract/space.ts';
import type { ByteSource } from './byte-store.ts';
import type { ChunkCodec } from './volume-format.ts';
import type { AxisRole } from './zarr/axes.ts';
import { product, under, type ZarrArray } from './zarr/zarr-array.ts';
import { ZarrLevel } from './zarr/zarr-level.ts';
import { readArray } from './zarr/zarr-node.ts';
import { readingOf } from './zarr/zarr-volume.ts';

/** A path in a transformation: below the image, or, with a slash before it, below the place that was opened. */
export const pathFrom = (base: string, path: string): string =>
  path.startsWith('/') ? path.slice(1) : under(base, path);

/** No transformation of five axes has more numbers. */
const mostNumbers = 30;

/** The numbers of a small array: rows, or one row where it has one dimension. Throws 'bad-source'. */
export async function readNumbers(
  source: ByteSource,
  path: string,
  codec: ChunkCodec,
): Promise<readonly (readonly number[])[]> {
  const array = await readArray(source, path);
  const [rows = 1, columns = 1] = array.shape.length === 1 ? [1, ...array.shape] : array.shape;
  if (array.shape.length > 2 || product(array.shape) > mostNumbers)
    throw new LamellaError('bad-source', `The array "${path}" has ${array.shape.join(' x ')} numbers.`, {
      hint: 'A transformation has a row of numbers, or a matrix.',
      fields: { path },
    });
  const roles: readonly AxisRole[] = array.shape.length === 1 ? ['x'] : ['y', 'x'];
  const level = new ZarrLevel(array, path, roles, readingOf(source, codec));
  const out = Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0));
  for (let y = 0; y < rows; y += level.chunk[1])
    for (let x = 0; x < columns; x += level.chunk[0]) {
      const xyz = [x / level.chunk[0], y / level.chunk[1], 0] as const;
      const bytes = await level.read({ level: 0, xyz, channel: 0, time: 0 });
      const wide = Math.min(level.chunk[0], columns - x);
      if (bytes)
        numbersOf(bytes, array).forEach((value, i) => {
          const row = out[y + Math.floor(i / wide)];
          if (row) row[x + (i % wide)] = value;
        });
    }
  return out;
}

type View = (data: DataView, at: number) => number;
const readers: Readonly<Record<VoxelType, View>> = {
  uint8: (data, at) => data.getUint8(at),
  int8: (data, at) => data.getInt8(at),
  uint16: (data, at) => data.getUint16(at, true),
  int16: (data, at) => data.getInt16(at, true),
  uint32: (data, at) => data.getUint32(at, true),
  int32: (data, at) => data.getInt32(at, true),
  uint64: (data, at) => Number(data.getBigUint64(at, true)),
  int64: (data, at) => Number(data.getBigInt64(at, true)),
  float32: (data, at) => data.getFloat32(at, true),
  float64: (data, at) => data.getFloat64(at, true),
};

function numbersOf(bytes: Uint8Array, { type: { dtype } }: ZarrArray): readonly number[] {
  const [data, width] = [new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytesPerVoxel[dtype]];
  return Array.from({ length: bytes.byteLength / width }, (_, i) => readers[dtype](data, i * width));
}

const kept: ReadonlySet<string> = new Set(['scale', 'translation', 'rotation', 'affine']);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A transformation with the numbers in it that it keeps in arrays (0.6: `path`). One whose array can't be read stays as
 * it is; `complain` is told why.
 */
export async function withNumbers(
  given: unknown,
  read: (path: string) => Promise<readonly (readonly number[])[]>,
  complain: (why: string) => void,
  depth = 0,
): Promise<unknown> {
  if (!isRecord(given) || depth > 8) return given;
  const { type, path } = given;
  if (typeof type === 'string' && kept.has(type) && typeof path === 'string' && !(type in given)) {
    const rows = await read(path).catch((error: unknown) => {
      complain(`"${path.slice(0, 200)}": ${error instanceof Error ? error.message : String(error)}`);
      return null;
    });
    return rows ? { ...given, [type]: type === 'scale' || type === 'translation' ? rows[0] : rows } : given;
  }
  const inside: Record<string, unknown> = {};
  for (const key of ['forward', 'inverse', 'transformation'] as const)
    if (key in given) inside[key] = await withNumbers(given[key], read, complain, depth + 1);
  const list: unknown = given['transformations'];
  if (Array.isArray(list) && list.length <= 64) {
    const all: unknown[] = [];
    for (const one of list) all.push(await withNumbers(one, read, complain, depth + 1));
    inside['transformations'] = all;
  }
  return { ...given, ...inside };
}
