"""Bends the moving volume of a folder onto the fixed one, peer by peer, and looks at what labels do.

A folder holds fixed.f32, moving.f32, labels.u32 (of the moving volume) and ours.u32 (those labels as seen by ours), and
perhaps truth.u32 (labels of the fixed volume). Prints seconds, Dice with the truth, or of each with each other.
"""
import json
import os
import sys
import time
from pathlib import Path

os.environ["ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"] = "2"
import numpy as np

folder, fixed_size, moving_size = Path(sys.argv[1]), *(tuple(map(int, text.split(","))) for text in sys.argv[2:4])
least_voxels = int(sys.argv[4])


def read(file, kind, size):
    return np.fromfile(folder / file, kind).reshape(size[::-1])


def clipped(volume):
    # A few stray voxels of a real brain are ten times as bright as the rest.
    return np.minimum(volume, np.percentile(volume, 99.9))


fixed = clipped(read("fixed.f32", np.float32, fixed_size))
moving = clipped(read("moving.f32", np.float32, moving_size))
names, labels = np.unique(read("labels.u32", np.uint32, moving_size), return_inverse=True)
labels = labels.reshape(moving.shape).astype(np.float32)


def by_elastix():
    import itk

    stages = itk.ParameterObject.New()
    affine = stages.GetDefaultParameterMap("affine", 4)
    bend = stages.GetDefaultParameterMap("bspline", 4)
    for stage in (affine, bend):
        stage["MaximumNumberOfIterations"] = ["500"]
        stage["NumberOfSpatialSamples"] = ["5000"]
        stage["WriteResultImage"] = ["false"]
        stage["Registration"] = ["MultiResolutionRegistration"]
        stage["Metric"] = ["AdvancedMattesMutualInformation"]
    affine["AutomaticTransformInitialization"] = ["true"]
    affine["AutomaticTransformInitializationMethod"] = ["CenterOfGravity"]
    bend["FinalGridSpacingInPhysicalUnits"] = ["8"] * 3
    stages.AddParameterMap(affine)
    stages.AddParameterMap(bend)
    images = [itk.image_from_array(volume) for volume in (fixed, moving)]
    started = time.perf_counter()
    _, found = itk.elastix_registration_method(*images, parameter_object=stages, log_to_console=False, number_of_threads=2)
    elapsed = time.perf_counter() - started
    for i in range(2):
        stage = found.GetParameterMap(i)
        stage["ResampleInterpolator"] = ["FinalNearestNeighborInterpolator"]
        found.SetParameterMap(i, stage)
    return elapsed, itk.array_from_image(itk.transformix_filter(itk.image_from_array(labels), found))


def by_ants():
    import ants

    images = [ants.from_numpy(volume) for volume in (fixed, moving, labels)]
    started = time.perf_counter()
    # Down to full resolution, as ours and elastix; its default stops at half of it.
    found = ants.registration(images[0], images[1], "SyN", reg_iterations=(100, 70, 50))
    elapsed = time.perf_counter() - started
    return elapsed, ants.apply_transforms(images[0], images[2], found["fwdtransforms"], interpolator="nearestNeighbor").numpy()


def by_dipy():
    from dipy.align.imaffine import AffineRegistration, MutualInformationMetric, transform_centers_of_mass
    from dipy.align.imwarp import SymmetricDiffeomorphicRegistration
    from dipy.align.metrics import CCMetric
    from dipy.align.transforms import AffineTransform3D, RigidTransform3D, TranslationTransform3D

    pair, grid = [volume.astype(float) for volume in (fixed, moving)], np.eye(4)
    started = time.perf_counter()
    ways = AffineRegistration(
        metric=MutualInformationMetric(nbins=32, sampling_proportion=None),
        level_iters=[1000, 200, 50], sigmas=[3.0, 1.0, 0.0], factors=[4, 2, 1], verbosity=0,
    )
    found = transform_centers_of_mass(pair[0], grid, pair[1], grid).affine
    for model in (TranslationTransform3D(), RigidTransform3D(), AffineTransform3D()):
        grids = {"static_grid2world": grid, "moving_grid2world": grid}
        found = ways.optimize(*pair, model, None, starting_affine=found, **grids).affine
    bend = SymmetricDiffeomorphicRegistration(CCMetric(3), [60, 40, 20]).optimize(*pair, grid, grid, found)
    return time.perf_counter() - started, bend.transform(labels, "nearest")


def dice(a, b):
    count = len(names)
    sizes = [np.bincount(one.ravel(), minlength=count) for one in (a, b)]
    both = np.bincount(a[a == b].ravel(), minlength=count)
    counted = np.maximum(*sizes) >= least_voxels
    counted[0] = False
    return float(np.mean(2 * both[counted] / (sizes[0] + sizes[1])[counted]))


def numbered(file):
    return np.searchsorted(names, read(file, np.uint32, fixed_size)).clip(0, len(names) - 1)


seen, secs = {"ours": numbered("ours.u32")}, {}
for name, register in {"elastix": by_elastix, "ants": by_ants, "dipy": by_dipy}.items():
    secs[name], found = register()
    seen[name] = np.rint(found).astype(int)
answer = {"secs": secs, "dice": {a: {b: dice(seen[a], seen[b]) for b in seen if b != a} for a in seen}}
if (folder / "truth.u32").exists():
    answer["truth"] = {name: dice(one, numbered("truth.u32")) for name, one in seen.items()}
print(json.dumps(answer))
