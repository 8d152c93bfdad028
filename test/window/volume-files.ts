// Volumes as other programs wrote them, from ../shared/data where that is; otherwise our own, converted from the sample.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FusedLibrary } from './fused-library.ts';
import { lamella } from './fused-library.ts';

const shared = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');

export interface VolumeFile {
  readonly format: string;
  readonly path: string;
  /** Whether another program wrote it. */
  readonly foreign: boolean;
}

const wanted: ReadonlyArray<{
  readonly format: string;
  readonly there: string;
  readonly as: string;
  readonly name: string;
}> = [
  { format: 'precomputed', there: '', as: 'precomputed', name: 'sample.precomputed' },
  {
    format: 'OME-Zarr 0.4',
    there: 'formats/neuroglancer/zarr/ome_zarr/simple_0.4',
    as: 'ome-zarr',
    name: 'sample-04.ome.zarr',
  },
  {
    format: 'OME-Zarr 0.5',
    there: 'formats/neuroglancer/zarr/ome_zarr/simple_0.5',
    as: 'ome-zarr',
    name: 'sample.ome.zarr',
  },
  { format: 'Zarr v3', there: 'formats/zarr3/color/1', as: 'ome-zarr', name: 'sample-z.ome.zarr' },
  { format: 'N5', there: 'formats/n5/color', as: 'n5', name: 'sample.n5' },
  { format: 'NIfTI', there: 'formats/neuroglancer/nifti/standard.nii', as: 'nifti', name: 'sample.nii' },
  { format: 'TIFF stack', there: 'mouse-brain/downsampled.tiff', as: 'tiff', name: 'sample.ome.tif' },
];

export function volumeFiles(library: FusedLibrary, into: string): readonly VolumeFile[] {
  if (!existsSync(shared)) console.warn('shared data is absent: the volumes are our own, converted from the sample');
  return wanted.map(({ format, there, as, name }) => {
    const path = join(shared, there);
    if (there !== '' && existsSync(path)) return { format, path, foreign: true };
    const out = join(into, name);
    convertTo(library, out, as);
    return { format, path: out, foreign: false };
  });
}

/** Writes the sample's volume in another format; gives the path back. No window may have the library open. */
export function convertTo(
  { folder, volume }: FusedLibrary,
  out: string,
  format: string,
  ...more: readonly string[]
): string {
  lamella('volume', 'convert', '--library', folder, '--source', volume, '--out', out, '--format', format, ...more);
  return out;
}
