"""Stitches a grid of TIFF tiles with ashlar, m2stitch or multiview-stitcher, each as its documentation says; prints the
seconds from the files to the positions, and the RMS distance of the positions from the truth, pixels."""
import contextlib
import json
import os
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")


def ashlar(folder, about):
    from ashlar import fileseries, reg

    reader = fileseries.FileSeriesReader(
        str(folder), "tile_{series:3}.tif", about["overlap"], about["cols"], about["rows"], "raster", "horizontal", 1.0
    )
    aligner = reg.EdgeAligner(reader, max_shift=about["searchPx"], do_make_thumbnail=False)
    aligner.run()
    return aligner.positions[:, ::-1]


def read_all(about):
    import tifffile

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(tifffile.imread, about["files"]))


def m2stitch(folder, about):
    import m2stitch

    n = about["rows"] * about["cols"]
    rows, cols = np.divmod(np.arange(n), about["cols"])
    images = np.stack(read_all(about))
    grid, _ = m2stitch.stitch_images(images, rows, cols, row_col_transpose=False)
    return np.stack([grid["x_pos"], grid["y_pos"]], axis=1)


def multiview_stitcher(folder, about):
    import dask
    from multiview_stitcher import msi_utils, param_utils, registration, spatial_image_utils

    dask.config.set(scheduler="threads", num_workers=2)
    msims = [
        msi_utils.get_msim_from_sim(
            spatial_image_utils.get_sim_from_array(
                image,
                dims=["y", "x"],
                scale={"y": 1, "x": 1},
                translation={"y": y, "x": x},
                transform_key="stage",
            ),
            scale_factors=[],
        )
        for image, (x, y) in zip(read_all(about), about["stage"])
    ]
    registration.register(msims, transform_key="stage", reg_channel_index=0, new_transform_key="placed")
    corners = []
    for msim, (x, y) in zip(msims, about["stage"]):
        params = msi_utils.get_transform_from_msim(msim, "placed")
        matrix = np.asarray(params.sel(t=0) if "t" in params.dims else params)
        moved = matrix @ [y, x, 1]
        corners.append([moved[1], moved[0]])
    return np.array(corners)


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    about = json.loads((folder / "about.json").read_text())
    about["files"] = [str(folder / file) for file in about["files"]]
    peer = {"ashlar": ashlar, "m2stitch": m2stitch, "multiview-stitcher": multiview_stitcher}[name]
    with contextlib.redirect_stdout(sys.stderr):
        started = time.perf_counter()
        placed = peer(folder, about)
        seconds = time.perf_counter() - started
    off = np.asarray(placed, float) - np.array(about["truth"])
    off -= off.mean(axis=0)
    print(json.dumps({"s": seconds, "rmsPx": float(np.sqrt((off**2).sum(axis=1).mean()))}))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
