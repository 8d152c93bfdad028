"""Reads what Lamella wrote with programs that know nothing of Lamella, and compares every voxel.

    python read_volumes.py CASES.json

CASES.json: [{"id", "path", "format", "encoding", "sharded", "dtype", "size" (x, y, z), "channels", "times", "truth"}].
`truth` is a file of the voxels [t, c, z, y, x], little-endian; of a lossy encoding it is what was given to Lamella, and
`within` says how far a grey level may be off. One JSON line for each program and case goes to stdout:
{"id", "reader", "ok", "detail"}.
"""

import json
import sys
import warnings
from importlib.metadata import version

import numpy as np

warnings.filterwarnings("ignore")


def tensorstore_precomputed(case):
    import tensorstore as ts

    store = ts.open({"driver": "neuroglancer_precomputed", "kvstore": {"driver": "file", "path": case["path"] + "/"}, "scale_index": 0}).result()
    return np.asarray(store.read().result()).transpose(3, 2, 1, 0)[None]


def cloud_volume(case):
    from cloudvolume import CloudVolume

    return np.asarray(CloudVolume("file://" + case["path"], mip=0, progress=False, fill_missing=True)[:, :, :]).transpose(3, 2, 1, 0)[None]


def five(array, case):
    """[t, c, z, y, x] of an array that lacks axes of one entry."""
    return np.asarray(array).reshape(case["times"], case["channels"], *case["size"][::-1])


def tensorstore_zarr(case):
    import tensorstore as ts

    driver = "zarr" if case["encoding"].startswith("v2") else "zarr3"
    return five(ts.open({"driver": driver, "kvstore": {"driver": "file", "path": case["path"] + "/0/"}}).result().read().result(), case)


def zarr_python(case):
    import zarr

    return five(zarr.open_group(case["path"], mode="r")["0"][...], case)


def ome_zarr_py(case):
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    [image] = list(Reader(parse_url(case["path"]))())
    return five(image.data[0].compute(), case)


def tensorstore_n5(case):
    import tensorstore as ts

    array = ts.open({"driver": "n5", "kvstore": {"driver": "file", "path": case["path"] + "/s0/"}}).result().read().result()
    return five(np.asarray(array).transpose(), case)


def nibabel_nifti(case):
    import nibabel

    data = np.asarray(nibabel.load(case["path"]).dataobj.get_unscaled())
    data = data.reshape(*case["size"], case["times"], case["channels"])
    return data.transpose(3, 4, 2, 1, 0)


def simple_itk(case):
    import SimpleITK as sitk

    array = sitk.GetArrayFromImage(sitk.ReadImage(case["path"]))
    return five(array if case["channels"] == 1 else array.reshape(*case["size"][::-1], case["channels"]).transpose(3, 0, 1, 2), case)


def tifffile_tiff(case):
    import tifffile

    with tifffile.TiffFile(case["path"]) as file:
        series = file.series[0]
        array, axes = series.asarray(), series.axes.replace("S", "C")
    for axis in "TCZ":
        if axis not in axes:
            array, axes = array[None], axis + axes
    return array.transpose([axes.index(axis) for axis in "TCZYX"])


def pillow_stack(case):
    import os

    import tifffile
    from PIL import Image

    names = sorted(name for name in os.listdir(case["path"]) if name.endswith((".png", ".tif")))
    read = [tifffile.imread(os.path.join(case["path"], n)) if n.endswith(".tif") else np.asarray(Image.open(os.path.join(case["path"], n))) for n in names]
    return np.stack([read[names.index(name)] for name in in_order(names, case)]).reshape(case["times"], case["channels"], *case["size"][::-1])


def in_order(names, case):
    """By time, channel and section; names have t, c and z with numbers, those of which there is more than one."""
    import re

    def places(name):
        found = dict(re.findall(r"([tcz])(\d+)", name))
        return [int(found.get(axis, 0)) for axis in "tcz"]

    return sorted(names, key=places)


READERS = {
    "precomputed": [("tensorstore", tensorstore_precomputed), ("cloud-volume", cloud_volume)],
    "ome-zarr": [("tensorstore", tensorstore_zarr), ("zarr", zarr_python), ("ome-zarr", ome_zarr_py)],
    "n5": [("tensorstore", tensorstore_n5)],
    "nifti": [("nibabel", nibabel_nifti), ("SimpleITK", simple_itk)],
    "nrrd": [("SimpleITK", simple_itk)],
    "tiff": [("tifffile", tifffile_tiff)],
    "image-stack": [("tifffile", pillow_stack)],
}


def compare(found, case):
    wanted = np.fromfile(case["truth"], np.dtype(case["dtype"]).newbyteorder("<")).reshape(case["times"], case["channels"], *case["size"][::-1])
    assert found.dtype.newbyteorder("=") == wanted.dtype.newbyteorder("="), f"dtype {found.dtype}, not {wanted.dtype}"
    assert found.shape == wanted.shape, f"shape {found.shape}, not {wanted.shape}"
    if case["within"]:
        off = np.abs(found.astype(float) - wanted.astype(float)).max()
        assert off <= case["within"], f"a grey level is off by {off}"
    else:
        wrong = int((np.ascontiguousarray(found).view(np.uint8) != np.ascontiguousarray(wanted).view(np.uint8)).sum())
        assert wrong == 0, f"{wrong} of {wanted.nbytes} bytes differ"


def skipped(package, case):
    """What a reader can't do by its own documents, so that it says nothing of ours."""
    if package == "SimpleITK" and case["format"] == "nifti":
        return case["channels"] > 1 or case["times"] > 1
    if package == "SimpleITK" and case["format"] == "nrrd":
        return case["channels"] > 1 and case["times"] > 1
    if package == "tensorstore" and case["format"] == "n5":
        return case["encoding"] == "lz4"
    if package == "cloud-volume" and case["encoding"] in ("png", "jpeg"):
        # It takes 16 bits for 8, and lays the pixels of colours out in another order than Neuroglancer and tensorstore.
        return case["dtype"] != "uint8" or case["channels"] > 1
    return False


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        for package, read in READERS[case["format"]]:
            if skipped(package, case):
                continue
            line = {"id": case["id"], "reader": f"{package} {version(package)}", "ok": True, "detail": ""}
            try:
                compare(read(case), case)
            except Exception as error:  # every failure is a result to tell of
                line.update(ok=False, detail=f"{type(error).__name__}: {error}"[:1000])
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
