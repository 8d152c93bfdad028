"""Displacement fields and affine maps of ITK, what they make of a volume, and where they lead points. One JSON line a case.

python make_warps.py FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk


def turned(angle, axis=2):
    """A direction of axes that are not along those of the space."""
    c, s = np.cos(angle), np.sin(angle)
    matrix = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix.flatten().tolist()


def grid(size, spacing, origin, direction, kind=sitk.sitkUInt8):
    image = sitk.Image(list(size), kind)
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection(direction)
    return image


def grey(image, kind):
    """Grey levels that change slowly, so that rounding is all that may differ."""
    z, y, x = np.mgrid[tuple(slice(0, n) for n in image.GetSize()[::-1])]
    levels = 120 + 60 * np.sin(x / 6) + 40 * np.cos(y / 5) + 20 * np.sin(z / 4 + x / 9)
    made = sitk.GetImageFromArray(levels.astype(kind))
    made.CopyInformation(image)
    return made


def field_over(image, scale):
    """Smooth, up to several voxels, on the grid of an image."""
    z, y, x = np.mgrid[tuple(slice(0, n) for n in image.GetSize()[::-1])].astype(np.float64)
    vectors = np.stack(
        [np.sin(y / 4 + z / 7), np.cos(x / 5) - 0.4, np.sin(x / 6 + y / 9)], axis=-1
    ) * np.asarray(scale)
    made = sitk.GetImageFromArray(vectors, isVector=True)
    made.CopyInformation(image)
    return made


def cases():
    identity = np.eye(3).flatten().tolist()
    fixed = grid((48, 40, 30), (0.025, 0.025, 0.05), (1.0, -2.0, 3.0), identity)
    moving = grid((60, 52, 33), (0.02, 0.02, 0.05), (0.95, -2.05, 2.9), identity)
    coarse = grid((20, 17, 16), (0.07, 0.07, 0.1), (0.95, -2.03, 2.97), identity)
    yield "straight", fixed, moving, coarse, (0.04, 0.03, 0.06)
    yield (
        "turned",
        grid((48, 40, 30), (0.025, 0.025, 0.05), (1.0, -2.0, 3.0), turned(0.2)),
        grid((70, 60, 36), (0.02, 0.02, 0.05), (0.9, -2.2, 2.8), turned(-0.15, 0)),
        grid((24, 20, 18), (0.07, 0.07, 0.1), (0.9, -2.1, 2.9), turned(0.1, 1)),
        (0.04, 0.03, 0.06),
    )
    small = grid((10, 8, 9), (0.06, 0.06, 0.1), (1.2, -1.8, 3.3), identity)
    yield "ends inside", fixed, moving, small, (0.04, 0.03, 0.06)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    for name, fixed, moving, over, scale in cases():
        here = folder / name.replace(" ", "-")
        here.mkdir(exist_ok=True)
        image = grey(moving, np.uint8)
        sitk.WriteImage(image, str(here / "moving.nii.gz"))
        sitk.WriteImage(fixed, str(here / "fixed.nii.gz"))
        sitk.WriteImage(sitk.Cast(fixed, sitk.sitkUInt8), str(here / "fixed.nrrd"))
        vectors = field_over(over, scale)
        fields = []
        for kind, ending in ((sitk.sitkVectorFloat32, "nii.gz"), (sitk.sitkVectorFloat64, "nrrd")):
            path = here / f"field.{ending}"
            sitk.WriteImage(sitk.Cast(vectors, kind), str(path))
            fields.append(str(path))
        transform = sitk.DisplacementFieldTransform(sitk.Cast(vectors, sitk.sitkVectorFloat64))
        resampler = sitk.ResampleImageFilter()
        resampler.SetReferenceImage(fixed)
        resampler.SetTransform(transform)
        resampler.SetInterpolator(sitk.sitkLinear)
        resampler.SetOutputPixelType(sitk.sitkFloat32)
        made = sitk.GetArrayFromImage(resampler.Execute(image))
        made.astype("<f4").tofile(here / "made.raw")
        indices = (random.random((400, 3)) * np.asarray(fixed.GetSize()) - 0.5).tolist()
        led = [
            moving.TransformPhysicalPointToContinuousIndex(
                transform.TransformPoint(fixed.TransformContinuousIndexToPhysicalPoint(index))
            )
            for index in indices
        ]
        print(
            json.dumps(
                {
                    "name": name,
                    "moving": str(here / "moving.nii.gz"),
                    "fixed": str(here / "fixed.nii.gz"),
                    "fields": fields,
                    "made": str(here / "made.raw"),
                    "indices": indices,
                    "led": [list(one) for one in led],
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
