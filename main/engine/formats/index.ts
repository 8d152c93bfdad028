import { hdf5 } from './hdf5.ts';
import { imageStack } from './image-stack.ts';
import { n5 } from './n5.ts';
import { nifti } from './nifti.ts';
import { nrrd } from './nrrd.ts';
import { omeZarr } from './ome-zarr.ts';
import { precomputed } from './precomputed.ts';
import { tiff } from './tiff.ts';
import type { VolumeFormat } from './volume-format.ts';
import { zarr } from './zarr.ts';

/** Every format of volumes. To add one: one file that exports a VolumeFormat, and one line here. */
export const volumeFormats: readonly VolumeFormat[] = [
  omeZarr,
  zarr,
  precomputed,
  n5,
  nifti,
  nrrd,
  tiff,
  hdf5,
  imageStack,
];
