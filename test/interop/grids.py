"""A grid of tiles placed by multiview-stitcher from pictures and stage positions.

grids.py FOLDER: reads about.json (files, stage); prints the places as JSON, x and y of each tile, pixels.
"""

import contextlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")


def placed(folder):
    from multiview_stitcher import msi_utils, registration, spatial_image_utils
    from skimage import io

    about = json.loads((folder / "about.json").read_text())
    msims = [
        msi_utils.get_msim_from_sim(
            spatial_image_utils.get_sim_from_array(
                io.imread(folder / file),
                dims=["y", "x"],
                scale={"y": 1, "x": 1},
                translation={"y": y, "x": x},
                transform_key="stage",
            ),
            scale_factors=[],
        )
        for file, (x, y) in zip(about["files"], about["stage"])
    ]
    registration.register(msims, transform_key="stage", reg_channel_index=0, new_transform_key="placed")
    places = []
    for msim, (x, y) in zip(msims, about["stage"]):
        params = msi_utils.get_transform_from_msim(msim, "placed")
        moved = np.asarray(params.sel(t=0) if "t" in params.dims else params) @ [y, x, 1]
        places.append([float(moved[1]), float(moved[0])])
    return places


def main(folder):
    with contextlib.redirect_stdout(sys.stderr):
        places = placed(Path(folder))
    print(json.dumps(places))


if __name__ == "__main__":
    main(sys.argv[1])
