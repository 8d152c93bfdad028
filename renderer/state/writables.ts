import type { z } from 'zod';
import type { Volume } from '../../preload/contract/library.ts';
import type { writtenFormatSchema } from '../../preload/contract/volume.ts';

/** What volumes can be written as. Pure. */

export type WrittenFormat = z.infer<typeof writtenFormatSchema>;

/** A format that can be written, as `formats/` has it: a test compares the two. */
export interface Writable {
  readonly format: WrittenFormat;
  readonly label: string;
  readonly about: string;
  /** The usual first. */
  readonly encodings: readonly string[];
  readonly canShard: boolean;
  /** The ending of a format that is one file; null for a folder. */
  readonly ending: string | null;
}

export const writables: readonly Writable[] = [
  {
    format: 'ome-zarr',
    label: 'OME-Zarr',
    about: 'napari, Fiji, Python, most archives.',
    encodings: ['zstd', 'gzip', 'raw', 'v2-blosc', 'v2-zstd', 'v2-gzip', 'v2-raw'],
    canShard: true,
    ending: null,
  },
  {
    format: 'precomputed',
    label: 'Neuroglancer precomputed',
    about: 'Read straight from a web server.',
    encodings: ['raw', 'compressed_segmentation', 'jpeg', 'png'],
    canShard: true,
    ending: null,
  },
  {
    format: 'n5',
    label: 'N5',
    about: 'Fiji, BigDataViewer, Java tools.',
    encodings: ['gzip', 'zstd', 'blosc', 'lz4', 'bzip2', 'xz', 'raw'],
    canShard: false,
    ending: null,
  },
  {
    format: 'nifti',
    label: 'NIfTI',
    about: 'Neuroimaging; one level in one file.',
    encodings: ['raw', 'gzip'],
    canShard: false,
    ending: '.nii',
  },
  {
    format: 'nrrd',
    label: 'NRRD',
    about: '3D Slicer, ITK; one level in one file.',
    encodings: ['raw', 'gzip'],
    canShard: false,
    ending: '.nrrd',
  },
  {
    format: 'tiff',
    label: 'OME-TIFF',
    about: 'One file that nearly all tools open.',
    encodings: ['deflate', 'zstd', 'lzw', 'raw'],
    canShard: false,
    ending: '.ome.tif',
  },
  {
    format: 'image-stack',
    label: 'Image stack',
    about: 'A folder, one picture a section.',
    encodings: ['png', 'tiff'],
    canShard: false,
    ending: null,
  },
];

export const writableOf = (format: WrittenFormat): Writable =>
  writables.find((one) => one.format === format) ?? (writables[0] as Writable);

/** How voxels of a volume may be stored: pictures are for images of one or two bytes, segmentation codes for labels. */
export function encodingsFor(
  { encodings }: Writable,
  { kind, dtype }: Pick<Volume, 'kind' | 'dtype'>,
): readonly string[] {
  const fits = (encoding: string): boolean => {
    if (encoding === 'jpeg') return kind === 'image' && dtype === 'uint8';
    if (encoding === 'png') return dtype === 'uint8' || dtype === 'uint16';
    if (encoding === 'compressed_segmentation') return dtype === 'uint32' || dtype === 'uint64';
    return true;
  };
  return encodings.filter(fits);
}

/** The ending of the file that is written; null for a folder. */
export const endingOf = (format: WrittenFormat, encoding: string): string | null =>
  format === 'nifti' && encoding === 'gzip' ? '.nii.gz' : writableOf(format).ending;
