"""Two volumes as ANTs registers them (SyN), what it wrote, and both as it resamples them by that. JSON on the last line.

python register_ants.py FIXED MOVING PREFIX
"""

import json
import sys

import ants


def main(fixed_file, moving_file, prefix):
    fixed, moving = ants.image_read(fixed_file), ants.image_read(moving_file)
    found = ants.registration(fixed, moving, "SyN", outprefix=prefix, random_seed=1)
    ways = {}
    for name, onto, image, files in (
        ("there", fixed, moving, found["fwdtransforms"]),
        ("back", moving, fixed, found["invtransforms"]),
    ):
        # On the way back the affine map is the file of the way there, inverted.
        invert = [name == "back" and file.endswith(".mat") for file in files]
        shown = ants.apply_transforms(onto, image, files, interpolator="linear", whichtoinvert=invert)
        made = f"{prefix}{name}.raw"
        shown.numpy().astype("<f4").flatten(order="F").tofile(made)
        ways[name] = {"files": files, "invert": invert, "made": made}
    print(json.dumps(ways))


main(*sys.argv[1:4])
