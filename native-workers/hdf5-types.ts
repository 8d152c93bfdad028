import type { Filter, Metadata } from 'h5wasm/node';
import { type VoxelType, bytesPerVoxel } from '../preload/contract/space.ts';

/** Classes of H5T_class_t. */
const [integerClass, floatClass, enumClass] = [0, 1, 8];

/** The voxel type of a dataset; undefined for texts, compounds, half floats and others. Booleans are uint8. */
export function voxelTypeOf({ type, size, signed, enum_type: members }: Metadata): VoxelType | undefined {
  if (type === enumClass) return size === 1 && members?.type === integerClass ? 'uint8' : undefined;
  const kind = type === integerClass ? (signed ? 'int' : 'uint') : type === floatClass ? 'float' : undefined;
  const name = `${kind}${size * 8}`;
  return Object.hasOwn(bytesPerVoxel, name) ? (name as VoxelType) : undefined;
}

/** What the library has: deflate, shuffle, fletcher32, nbit, scaleoffset. */
const known: ReadonlySet<number> = new Set([1, 2, 3, 5, 6]);
const names: ReadonlyMap<number, string> = new Map([
  [1, 'gzip'],
  [2, 'shuffle'],
  [3, 'fletcher32'],
  [4, 'szip'],
  [5, 'nbit'],
  [6, 'scaleoffset'],
  [305, 'lzo'],
  [307, 'bzip2'],
  [32_000, 'lzf'],
  [32_001, 'blosc'],
  [32_004, 'lz4'],
  [32_008, 'bitshuffle'],
  [32_013, 'zfp'],
  [32_015, 'zstd'],
  [32_016, 'b3d'],
  [32_018, 'jpeg'],
  [32_026, 'blosc2'],
]);

export const filterName = ({ id }: Pick<Filter, 'id'>): string => names.get(id) ?? `filter ${id}`;

/** Why the voxels of a dataset can't be read; null where they can. */
export function unreadable(metadata: Metadata, filters: readonly Filter[]): string | null {
  const lacking = filters.filter(({ id }) => !known.has(id));
  if (lacking.length > 0)
    return `its chunks are stored with ${lacking.map(filterName).join(', ')}, which Lamella lacks`;
  if (metadata.virtual_sources) return 'it is put together from other files';
  const chunkBytes = (metadata.chunks ?? []).reduce((product, n) => product * n, metadata.size);
  if (chunkBytes > 512 * 2 ** 20) return `its chunks take ${chunkBytes} bytes; more than 512 MiB is refused`;
  return voxelTypeOf(metadata) ? null : 'it holds no numbers of a kind that Lamella reads';
}
