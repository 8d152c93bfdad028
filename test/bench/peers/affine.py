"""Registers the scene that a row left behind: prints seconds (median of 3) and the map, voxels of moving from fixed."""
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

method, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
side = 96


def read(file):
    return np.fromfile(folder / f"{file}.f32", np.float32).reshape(side, side, side)


def by_elastix(fixed, moving):
    import itk

    parameters = itk.ParameterObject.New()
    settings = parameters.GetDefaultParameterMap("affine", 4)
    settings["MaximumNumberOfIterations"] = ["500"]
    settings["NumberOfSpatialSamples"] = ["5000"]
    settings["WriteResultImage"] = ["false"]
    settings["ResampleInterpolator"] = ["FinalNearestNeighborInterpolator"]
    parameters.AddParameterMap(settings)
    images = [itk.image_from_array(volume) for volume in (fixed, moving)]
    started = time.perf_counter()
    _, result = itk.elastix_registration_method(*images, parameter_object=parameters, log_to_console=False, number_of_threads=2)
    elapsed = time.perf_counter() - started
    numbers = np.array(result.GetParameter(0, "TransformParameters"), float)
    centre = np.array(result.GetParameter(0, "CenterOfRotationPoint"), float)
    linear, shift = numbers[:9].reshape(3, 3), numbers[9:]
    return elapsed, np.column_stack([linear, shift + centre - linear @ centre])


def by_dipy(fixed, moving):
    from dipy.align.imaffine import AffineRegistration, MutualInformationMetric, transform_centers_of_mass
    from dipy.align.transforms import AffineTransform3D, RigidTransform3D, TranslationTransform3D

    fixed, moving = (np.asarray(volume.T, np.float64, order="C") for volume in (fixed, moving))
    started = time.perf_counter()
    ways = AffineRegistration(
        metric=MutualInformationMetric(nbins=32, sampling_proportion=None),
        level_iters=[10000, 1000, 100], sigmas=[3.0, 1.0, 0.0], factors=[4, 2, 1], verbosity=0,
    )
    grids = {"static_grid2world": np.eye(4), "moving_grid2world": np.eye(4)}
    found = transform_centers_of_mass(fixed, np.eye(4), moving, np.eye(4)).affine
    for model in (TranslationTransform3D(), RigidTransform3D(), AffineTransform3D()):
        found = ways.optimize(fixed, moving, model, None, starting_affine=found, **grids).affine
    return time.perf_counter() - started, found[:3]


register = {"elastix": by_elastix, "dipy": by_dipy}[method]
fixed, moving = read("fixed"), read(name)
runs = [register(fixed, moving) for _ in range(3)]
secs = statistics.median(elapsed for elapsed, _ in runs)
# Sampling is random in elastix: the map of the run of median time.
print(json.dumps({"secs": secs, "map": min(runs, key=lambda run: abs(run[0] - secs))[1].ravel().tolist()}))
