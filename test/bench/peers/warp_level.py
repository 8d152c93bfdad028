"""Times SimpleITK's resampling of a level through [field, affine] or an affine map, with two threads.

    warp_level.py DTYPE KIND STEPS FIELD.nrrd SIDE VOXEL_MM MATRIX TIMES

KIND: image (trilinear) | segmentation (nearest). STEPS: 'affine' | 'field, affine'. MATRIX: 3 rows of 4, nanometres. The
volume is in memory and so is the result: nothing is read or written. Prints the median of the seconds.
"""

import statistics
import sys
import time

import numpy as np
import SimpleITK as sitk

dtype, kind, steps, field, side, voxel, matrix, times = sys.argv[1:9]
side, voxel, times = int(side), float(voxel), int(times)
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(2)
wave = np.sin(np.arange(side) / 9) + np.sin(np.arange(side) / 31)
scale = 20 if dtype == "uint8" else 5000
levels = scale * (6.2 + wave[None, None] + wave[None, :, None] + wave[:, None, None])
volume = sitk.GetImageFromArray(levels.astype(dtype))
volume.SetSpacing([voxel] * 3)
volume.SetOrigin([voxel / 2] * 3)
numbers = np.array([float(v) for v in matrix.split(",")]).reshape(3, 4)
affine = sitk.AffineTransform(3)
affine.SetMatrix(numbers[:, :3].ravel().tolist())
affine.SetTranslation((numbers[:, 3] / 1e6).tolist())
transform = sitk.CompositeTransform(3)
transform.AddTransform(affine)
if steps != "affine":
    vectors = sitk.Cast(sitk.ReadImage(field), sitk.sitkVectorFloat64)
    transform.AddTransform(sitk.DisplacementFieldTransform(vectors))
how = sitk.sitkLinear if kind == "image" else sitk.sitkNearestNeighbor


def run():
    started = time.perf_counter()
    sitk.Resample(volume, volume, transform, how, 0.0)
    return time.perf_counter() - started


run()
print(statistics.median(run() for _ in range(times)))
