"""Reads what Lamella published with programs that know nothing of Lamella, and compares every voxel.

    python read_published.py CASES.json

CASES.json: [{"id", "format", "folder", "dtype", "levels": [{"npy", "voxelSizeNm", "originNm"}]}], where npy holds the
voxels of a level (z, y, x) as `view cutout` wrote them. One JSON line for each program and case goes to stdout:
{"id", "reader", "ok", "detail"}.
"""

import json
import sys
from importlib.metadata import version

import numpy as np


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def same_voxels(level, found, wanted):
    found = np.asarray(found)
    expect(found.dtype == wanted.dtype, f"level {level}: dtype {found.dtype}, not {wanted.dtype}")
    expect(found.shape == wanted.shape, f"level {level}: shape {found.shape}, not {wanted.shape}")
    wrong = int((found != wanted).sum())
    expect(wrong == 0, f"level {level}: {wrong} of {wanted.size} voxels differ")


def close(a, b):
    return np.allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-12, atol=1e-9)


def wanted_levels(case):
    return [(level, np.load(level["npy"])) for level in case["levels"]]


def tensorstore_ome_zarr(case):
    import tensorstore as ts

    for k, (_, wanted) in enumerate(wanted_levels(case)):
        array = ts.open({"driver": "zarr3", "kvstore": {"driver": "file", "path": f"{case['folder']}/{k}/"}}).result()
        expect(array.domain.labels == ("z", "y", "x"), f"labels {array.domain.labels}")
        same_voxels(k, array.read().result(), wanted)


def tensorstore_precomputed(case):
    import tensorstore as ts

    for k, (level, wanted) in enumerate(wanted_levels(case)):
        spec = {"driver": "neuroglancer_precomputed", "kvstore": {"driver": "file", "path": case["folder"] + "/"}, "scale_index": k}
        array = ts.open(spec).result()
        size = [unit.multiplier for unit in array.dimension_units[:3]]
        expect([unit.base_unit for unit in array.dimension_units[:3]] == ["nm"] * 3, f"units {array.dimension_units}")
        expect(close(size, level["voxelSizeNm"]), f"level {k}: resolution {size}")
        corner = np.array(array.domain.origin[:3]) * size
        expect(close(corner, level["originNm"]), f"level {k}: corner {corner} nm, not {level['originNm']}")
        same_voxels(k, array.read().result()[..., 0].T, wanted)


def zarr_python(case):
    import zarr

    group = zarr.open_group(case["folder"], mode="r")
    multiscale = group.attrs["ome"]["multiscales"][0]
    expect([axis["unit"] for axis in multiscale["axes"]] == ["nanometer"] * 3, "units")
    for k, (level, wanted) in enumerate(wanted_levels(case)):
        dataset = multiscale["datasets"][k]
        array = group[dataset["path"]]
        expect(array.metadata.dimension_names == ("z", "y", "x"), f"dimension names {array.metadata.dimension_names}")
        scale, translation = dataset["coordinateTransformations"]
        expect(close(scale["scale"][::-1], level["voxelSizeNm"]), f"level {k}: scale {scale}")
        centre = np.array(level["originNm"]) + np.array(level["voxelSizeNm"]) / 2
        expect(close(translation["translation"][::-1], centre), f"level {k}: translation {translation}")
        same_voxels(k, array[...], wanted)


def ome_zarr_py(case):
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    location = parse_url(case["folder"])
    expect(location is not None, "ome-zarr sees no dataset there")
    expect(location.fmt.version == "0.5", f"format {location.fmt.version}")
    nodes = list(Reader(location)())
    expect(len(nodes) == 1, f"{len(nodes)} images")
    [image] = nodes
    expect([axis["name"] for axis in image.metadata["axes"]] == ["z", "y", "x"], "axes")
    for k, (_, wanted) in enumerate(wanted_levels(case)):
        same_voxels(k, image.data[k].compute(), wanted)


def ome_zarr_models(case):
    import zarr
    from ome_zarr_models.v05 import Image

    image = Image.from_zarr(zarr.open_group(case["folder"], mode="r"))
    expect(len(image.attributes.ome.multiscales[0].datasets) == len(case["levels"]), "levels")


def cloud_volume(case):
    from cloudvolume import CloudVolume

    for k, (level, wanted) in enumerate(wanted_levels(case)):
        volume = CloudVolume("file://" + case["folder"], mip=k, progress=False)
        expect(close(volume.resolution, level["voxelSizeNm"]), f"level {k}: resolution {volume.resolution}")
        corner = np.array(volume.voxel_offset) * np.array(volume.resolution)
        expect(close(corner, level["originNm"]), f"level {k}: corner {corner}")
        same_voxels(k, np.asarray(volume[:])[..., 0].T, wanted)


READERS = {
    "ome-zarr": [("tensorstore", tensorstore_ome_zarr), ("zarr", zarr_python), ("ome-zarr", ome_zarr_py), ("ome-zarr-models", ome_zarr_models)],
    "precomputed": [("tensorstore", tensorstore_precomputed), ("cloud-volume", cloud_volume)],
}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        for package, read in READERS[case["format"]]:
            line = {"id": case["id"], "reader": f"{package} {version(package)}", "ok": True, "detail": ""}
            try:
                read(case)
            except Exception as error:  # every failure is a result to tell of
                line.update(ok=False, detail=f"{type(error).__name__}: {error}"[:2000])
            print(json.dumps(line), flush=True)


main()
