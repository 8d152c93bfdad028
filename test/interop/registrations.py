"""Volumes that lie in each other by a known map of ITK, and where a transform file leads in them.

python registrations.py make FOLDER              one JSON line a case
python registrations.py led TRANSFORMS FIXED MOVING MADE  indices of the fixed volume and where they lead, as JSON

TRANSFORMS: files with commas between them, the first done first; fields of displacements are images.
"""

import json
import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from make_warps import grid, turned


def scene(points):
    """Grey levels of blobs at places, millimetres."""
    random = np.random.default_rng(3)
    middles = random.uniform(-0.45, 0.45, (14, 3))
    levels = random.uniform(40, 220, 14)
    far = ((points[..., None, :] - middles) ** 2).sum(-1)
    return (levels * np.exp(-far / (2 * 0.12**2))).sum(-1).clip(0, 255)


def places(image):
    """Of the centres of all voxels, in the order of arrays."""
    z, y, x = np.mgrid[tuple(slice(0, n) for n in image.GetSize()[::-1])]
    linear = np.asarray(image.GetDirection()).reshape(3, 3) * np.asarray(image.GetSpacing())
    return np.stack([x, y, z], -1) @ linear.T + np.asarray(image.GetOrigin())


def seen(image, middle, linear):
    made = sitk.GetImageFromArray(scene((places(image) - middle) @ linear.T).astype(np.uint8))
    made.CopyInformation(image)
    return made


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    identity = np.eye(3).flatten().tolist()
    bent = np.asarray([[1.04, 0.05, -0.03], [-0.06, 0.97, 0.02], [0.01, -0.04, 1.03]])
    pairs = {
        "straight": (identity, identity, "nrrd"),
        "turned": (turned(0.2), turned(-0.15, 0), "nii.gz"),
        "mirrored axes": (np.diag([-1.0, -1.0, 1.0]).flatten().tolist(), turned(1.4), "nrrd"),
    }
    for name, (one, other, ending) in pairs.items():
        fixed = grid((48, 44, 26), (0.03, 0.03, 0.05), (1.0, -2.0, 3.0), one)
        moving = grid((54, 50, 44), (0.026, 0.028, 0.03), (-4.0, 0.5, 2.0), other)
        files = []
        for which, image, linear in (("fixed", fixed, np.eye(3)), ("moving", moving, bent)):
            middle = places(image).reshape(-1, 3).mean(0)
            path = folder / f"{name.replace(' ', '-')}-{which}.{ending}"
            sitk.WriteImage(seen(image, middle, linear), str(path))
            files.append(str(path))
        print(json.dumps({"name": name, "fixed": files[0], "moving": files[1]}), flush=True)


def read(path):
    if path.endswith((".txt", ".mat")):
        return sitk.ReadTransform(path)
    return sitk.DisplacementFieldTransform(sitk.ReadImage(path, sitk.sitkVectorFloat64))


def led(transforms, fixed, moving, made):
    # A composite does the last that was added first.
    transform = sitk.CompositeTransform([read(path) for path in reversed(transforms.split(","))])
    fixed, moving = sitk.ReadImage(fixed), sitk.ReadImage(moving)
    shown = sitk.Resample(moving, fixed, transform, sitk.sitkLinear, 0.0, sitk.sitkFloat32)
    sitk.GetArrayFromImage(shown).astype("<f4").tofile(made)
    indices = (np.random.default_rng(7).random((300, 3)) * np.asarray(fixed.GetSize()) - 0.5).tolist()
    there = [
        moving.TransformPhysicalPointToContinuousIndex(
            transform.TransformPoint(fixed.TransformContinuousIndexToPhysicalPoint(index))
        )
        for index in indices
    ]
    print(json.dumps({"indices": indices, "led": [list(one) for one in there]}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        led(*sys.argv[2:6])
