// Raw NRRD files of made-up voxels, for tests and benches.
import { writeFileSync } from 'node:fs';

type Voxels = Uint8Array | Uint16Array | Uint32Array | Float32Array;

const typeOf = (voxels: Voxels): string => {
  if (voxels instanceof Uint8Array) return 'uint8';
  if (voxels instanceof Uint16Array) return 'uint16';
  return voxels instanceof Uint32Array ? 'uint32' : 'float';
};

/** Writes voxels, fastest axis first, and gives the file. `place`: the fields that say where they lie. */
export function writeNrrd(file: string, sizes: readonly number[], voxels: Voxels, place: readonly string[]): string {
  const head = [
    ...['NRRD0005', `type: ${typeOf(voxels)}`, `dimension: ${sizes.length}`, `sizes: ${sizes.join(' ')}`],
    ...['endian: little', 'encoding: raw', ...place],
  ];
  const bytes = new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  writeFileSync(file, Buffer.concat([Buffer.from(`${head.join('\n')}\n\n`), bytes]));
  return file;
}

/** Sides of the voxels in micrometres. */
export const spacedUm = (um: readonly number[]): readonly string[] => [
  `spacings: ${um.join(' ')}`,
  'units: "um" "um" "um"',
];

/** The same; the outer corner of the first voxel at a place, micrometres. */
export const cornerUm = (um: readonly number[], corner: readonly number[] = [0, 0, 0]): readonly string[] => [
  ...spacedUm(um),
  `axis mins: ${corner.join(' ')}`,
  'centerings: cell cell cell',
];
