"""The moving volume as ANTs resamples it onto the fixed one, through files of transforms, the first done first to points.

python resample_ants.py TRANSFORMS FIXED MOVING MADE    TRANSFORMS: with commas between them
"""

import sys

import ants


def main(transforms, fixed, moving, made):
    files = transforms.split(",")
    shown = ants.apply_transforms(
        ants.image_read(fixed),
        ants.image_read(moving),
        files,
        interpolator="linear",
        # Left out, an affine map before a field is taken for one to be inverted.
        whichtoinvert=[False] * len(files),
    )
    shown.numpy().astype("<f4").flatten(order="F").tofile(made)


if __name__ == "__main__":
    main(*sys.argv[1:5])
