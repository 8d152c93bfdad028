"""Writes volumes with programs that know nothing of Lamella, for Lamella to read.

    python make_volumes.py FOLDER

One JSON line for each volume goes to stdout: {"id", "path", "image", "dtype", "size" (x, y, z), "channels", "times",
"sha256": [[of the voxels of each channel] of each time], "truth", "within"}. Voxels are hashed little-endian, x fastest,
then y and z. Where an encoding loses something, the hash is of what the program itself reads back; decoders of JPEG XL
may round differently, so of those the voxels themselves are in the file `truth` [t, c, z, y, x], and Lamella may be off
by `within` grey levels.
"""

import hashlib
import json
import os
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
INTS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
ALL = [*INTS, "float32", "float64"]
#: x, y, z: odd sizes, one-voxel axes, whole chunks.
SHAPES = [(37, 29, 13), (64, 64, 32), (1, 70, 3), (129, 1, 1)]


def voxels(dtype, size, channels=1, times=1, labels=False, seed=0):
    """[t, c, z, y, x]; the extremes of the type are there, half of z is empty where there is room for that."""
    random = np.random.default_rng([seed, *size, channels, times, *map(ord, dtype)])
    shape = (times, channels, *size[::-1])
    kind = np.dtype(dtype)
    if labels:
        small = random.integers(0, 9, (times, channels, *[-(-n // 6) for n in size[::-1]]))
        ids = random.integers(1, np.iinfo(kind).max, 9, dtype=np.uint64 if kind.kind == "u" else np.int64, endpoint=True).astype(kind)
        array = ids[small]
        for axis in (2, 3, 4):
            array = np.repeat(array, 6, axis)
        array = array[:, :, : shape[2], : shape[3], : shape[4]].copy()
    elif kind.kind == "f":
        array = random.normal(0, 1e3, shape).astype(kind)
        array.flat[0] = -0.0
    else:
        info = np.iinfo(kind)
        array = random.integers(info.min, info.max, shape, dtype=kind, endpoint=True)
    if kind.kind != "f":
        array.flat[0], array.flat[-1] = np.iinfo(kind).max, np.iinfo(kind).min
    if size[2] > 8:
        array[:, :, size[2] // 2 :, :, :] = 0
    return array


def hashes(array):
    little = array.astype(array.dtype.newbyteorder("<"))
    return [[hashlib.sha256(np.ascontiguousarray(channel).tobytes()).hexdigest() for channel in time] for time in little]


def tell(id, path, array, image=None, within=0):
    times, channels, z, y, x = array.shape
    truth = None
    if within:
        truth = path.rstrip("/") + ".truth"
        np.ascontiguousarray(array).tofile(truth)
    line = {"truth": truth, "within": within, "id": id, "path": path, "image": image, "dtype": array.dtype.name, "size": [x, y, z], "channels": channels, "times": times, "sha256": hashes(array)}
    print(json.dumps(line), flush=True)


def open_ts(spec):
    import tensorstore as ts

    return ts.open({**spec, "create": True}).result()


def precomputed(folder):
    shardings = {
        "": None,
        "sharded murmur": {"@type": "neuroglancer_uint64_sharded_v1", "preshift_bits": 1, "hash": "murmurhash3_x86_128", "minishard_bits": 2, "shard_bits": 2, "minishard_index_encoding": "gzip", "data_encoding": "gzip"},
        "sharded identity": {"@type": "neuroglancer_uint64_sharded_v1", "preshift_bits": 2, "hash": "identity", "minishard_bits": 1, "shard_bits": 3, "minishard_index_encoding": "raw", "data_encoding": "raw"},
    }
    kinds = [("raw", d) for d in ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "float32"]]
    kinds += [("compressed_segmentation", "uint32"), ("compressed_segmentation", "uint64"), ("png", "uint8"), ("png", "uint16"), ("jpeg", "uint8")]
    for encoding, dtype in kinds:
        for n, size in enumerate(SHAPES):
            for channels in (1, 3) if encoding in ("raw", "jpeg", "png") and n == 0 else (2,) if encoding == "compressed_segmentation" and n == 0 else (1,):
                for name, sharding in shardings.items():
                    if sharding and n > 1:
                        continue
                    array = voxels(dtype, size, channels, labels=encoding == "compressed_segmentation")
                    id = f"precomputed {encoding} {dtype} {'x'.join(map(str, size))} c{channels} {name}".strip()
                    path = os.path.join(folder, id.replace(" ", "-"))
                    scale = {"size": list(size), "resolution": [4, 4, 40], "chunk_size": [16, 16, 16], "voxel_offset": [-5, 0, 70], "encoding": encoding}
                    if encoding == "compressed_segmentation":
                        scale["compressed_segmentation_block_size"] = [8, 8, 8]
                    if sharding:
                        scale["sharding"] = sharding
                    store = open_ts({"driver": "neuroglancer_precomputed", "kvstore": {"driver": "file", "path": path + "/"}, "multiscale_metadata": {"type": "segmentation" if encoding == "compressed_segmentation" and channels == 1 else "image", "data_type": dtype, "num_channels": channels}, "scale_metadata": scale})
                    store.write(array[0].transpose(3, 2, 1, 0)).result()
                    back = np.asarray(store.read().result()).transpose(3, 2, 1, 0)[None]
                    tell(id, path, back)


def cloudvolume_encodings(folder):
    from cloudvolume import CloudVolume

    for encoding, dtype, layer in [("compresso", "uint64", "segmentation"), ("compresso", "uint32", "segmentation"), ("jxl", "uint8", "image")]:
        size = (64, 48, 32)
        array = voxels(dtype, size, labels=encoding == "compresso")
        path = os.path.join(folder, f"cloudvolume-{encoding}-{dtype}")
        info = CloudVolume.create_new_info(num_channels=1, layer_type=layer, data_type=dtype, encoding=encoding, resolution=[4, 4, 40], voxel_offset=[0, 0, 0], chunk_size=[32, 32, 16], volume_size=list(size))
        volume = CloudVolume("file://" + path, info=info, progress=False, compress=encoding == "compresso")
        volume.commit_info()
        volume[:, :, :] = array[0].transpose(3, 2, 1, 0)
        back = np.asarray(volume[:, :, :]).transpose(3, 2, 1, 0)[None]
        tell(f"precomputed {encoding} {dtype} by cloud-volume", path, back, within=2 if encoding == "jxl" else 0)


def zarr2(folder):
    compressors = [None, {"id": "zlib", "level": 3}, {"id": "gzip", "level": 3}, {"id": "bz2", "level": 1}, {"id": "zstd", "level": 1}]
    compressors += [{"id": "blosc", "cname": c, "clevel": 5, "shuffle": s, "blocksize": 0} for c in ("lz4", "lz4hc", "blosclz", "zlib", "zstd", "snappy") for s in (0, 1, 2) if c != "snappy"]
    for n, compressor in enumerate(compressors):
        for dtype in ALL if n in (0, 6) else ["uint16", "float32"]:
            for order in ("C", "F"):
                size = SHAPES[n % len(SHAPES)]
                array = voxels(dtype, size)
                name = compressor["id"] + (f" {compressor['cname']} {compressor['shuffle']}" if compressor["id"] == "blosc" else "") if compressor else "raw"
                id = f"zarr2 {name} {dtype} {order}"
                path = os.path.join(folder, id.replace(" ", "-"))
                big = ">" if dtype in ("uint16", "float32") and order == "F" else "<"
                code = np.dtype(dtype).newbyteorder(big).str
                store = open_ts({"driver": "zarr", "kvstore": {"driver": "file", "path": path + "/"}, "metadata": {"shape": size[::-1], "chunks": [8, 16, 16], "dtype": code, "compressor": compressor, "order": order, "fill_value": 0, "dimension_separator": "/" if n % 2 else "."}})
                store.write(array[0, 0]).result()
                tell(id, path, array)


def zarr2_numcodecs(folder):
    import numcodecs
    import zarr

    for name, arguments in {
        "lz4": {"compressors": numcodecs.LZ4()},
        "shuffle zlib": {"filters": [numcodecs.Shuffle(4)], "compressors": numcodecs.Zlib(1)},
        "delta zstd": {"filters": [numcodecs.Delta("<i4")], "compressors": numcodecs.Zstd(1)},
        "lzma": {"compressors": numcodecs.LZMA(preset=1)},
    }.items():
        array = voxels("int32", SHAPES[0])
        path = os.path.join(folder, f"zarr2-numcodecs-{name.replace(' ', '-')}")
        store = zarr.create_array(path, shape=array.shape[2:], chunks=(8, 16, 16), dtype="int32", zarr_format=2, fill_value=0, **arguments)
        store[:] = array[0, 0]
        tell(f"zarr2 {name} by zarr-python", path, array)


def zarr3(folder):
    little = {"name": "bytes", "configuration": {"endian": "little"}}
    big = {"name": "bytes", "configuration": {"endian": "big"}}
    zstd = {"name": "zstd", "configuration": {"level": 1}}
    chains = {
        "raw": [little],
        "big gzip": [big, {"name": "gzip", "configuration": {"level": 1}}],
        "zstd crc32c": [little, zstd, {"name": "crc32c"}],
        "transpose blosc": [{"name": "transpose", "configuration": {"order": [2, 0, 1]}}, little, {"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "shuffle"}}],
    }
    for name, codecs in chains.items():
        for shard in (False, "start", "end"):
            for n, dtype in enumerate(ALL):
                size = SHAPES[n % len(SHAPES)]
                array = voxels(dtype, size)
                id = f"zarr3 {name} {dtype}{f' sharded {shard}' if shard else ''}"
                path = os.path.join(folder, id.replace(" ", "-"))
                chain = [{"name": "sharding_indexed", "configuration": {"chunk_shape": [8, 8, 16], "codecs": codecs, "index_codecs": [little, {"name": "crc32c"}], "index_location": shard}}] if shard else codecs
                store = open_ts({"driver": "zarr3", "kvstore": {"driver": "file", "path": path + "/"}, "metadata": {"shape": size[::-1], "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [16, 16, 32]}}, "data_type": dtype, "codecs": chain, "fill_value": 0, "dimension_names": ["z", "y", "x"]}})
                store.write(array[0, 0]).result()
                tell(id, path, array)
    for dtype, fill in [("uint64", 2**64 - 3), ("float32", "NaN"), ("int16", -7), ("bool", True)]:
        path = os.path.join(folder, f"zarr3-fill-{dtype}")
        store = open_ts({"driver": "zarr3", "kvstore": {"driver": "file", "path": path + "/"}, "metadata": {"shape": [20, 20, 20], "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [8, 8, 8]}}, "data_type": dtype, "codecs": [little] if dtype != "bool" else [{"name": "bytes"}], "fill_value": fill}})
        store[:8, :8, :8].write(np.ones((8, 8, 8), dtype)).result()
        tell(f"zarr3 fill value {fill} {dtype}", path, np.asarray(store.read().result()).astype("uint8" if dtype == "bool" else dtype)[None, None])


def ome_zarr(folder):
    import zarr
    from ome_zarr.format import FormatV04, FormatV05
    from ome_zarr.writer import write_image

    for version, fmt in (("0.4", FormatV04()), ("0.5", FormatV05())):
        for axes, shape in (("zyx", (13, 29, 37)), ("czyx", (3, 13, 29, 37)), ("tczyx", (2, 3, 13, 29, 37)), ("yx", (29, 37))):
            size = (37, 29, 13 if "z" in axes else 1)
            array = voxels("uint16", size, 3 if "c" in axes else 1, 2 if "t" in axes else 1)
            path = os.path.join(folder, f"ome-zarr-{version}-{axes}")
            group = zarr.open_group(path, mode="w", zarr_format=2 if version == "0.4" else 3)
            write_image(array.reshape(shape), group, axes=axes, fmt=fmt)
            tell(f"ome-zarr {version} {axes}", path, array)


def n5(folder):
    compressions = [{"type": "raw"}, {"type": "gzip", "level": 1}, {"type": "gzip", "level": 1, "useZlib": True}, {"type": "bzip2", "blockSize": 1}, {"type": "xz", "preset": 1}, {"type": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}]
    for n, compression in enumerate(compressions):
        for dtype in ALL if n < 2 else ["uint16", "float64"]:
            size = SHAPES[n % len(SHAPES)]
            array = voxels(dtype, size)
            id = f"n5 {compression['type']}{' zlib' if compression.get('useZlib') else ''} {dtype}"
            path = os.path.join(folder, id.replace(" ", "-"))
            store = open_ts({"driver": "n5", "kvstore": {"driver": "file", "path": path + "/"}, "metadata": {"dimensions": size, "blockSize": [16, 16, 8], "dataType": dtype, "compression": compression, "axes": ["x", "y", "z"], "units": ["nm", "nm", "nm"], "resolution": [4, 4, 40]}})
            store.write(array[0, 0].transpose(2, 1, 0)).result()
            tell(id, path, array)


def nifti(folder):
    import nibabel

    for dtype in ALL:
        for ending in (".nii", ".nii.gz"):
            for kind in (nibabel.Nifti1Image, nibabel.Nifti2Image):
                array = voxels(dtype, SHAPES[0], times=2 if ending == ".nii" else 1)
                data = array[:, 0].transpose(3, 2, 1, 0)
                image = kind(data if array.shape[0] > 1 else data[..., 0], np.diag([0.004, 0.004, 0.04, 1]), dtype=np.dtype(dtype))
                image.header.set_xyzt_units("mm", "sec")
                path = os.path.join(folder, f"{kind.__name__}-{dtype}{ending}")
                nibabel.save(image, path)
                tell(f"nifti {kind.__name__} {dtype}{ending}", path, array)


def nrrd(folder):
    import SimpleITK as sitk

    for dtype in ALL:
        for compress in (False, True):
            for channels in (1, 3):
                array = voxels(dtype, SHAPES[0], channels)
                image = sitk.GetImageFromArray(np.ascontiguousarray(array[0].transpose(1, 2, 3, 0)) if channels > 1 else array[0, 0], isVector=channels > 1)
                image.SetSpacing((0.004, 0.004, 0.04))
                path = os.path.join(folder, f"nrrd-{dtype}-c{channels}{'-gzip' if compress else ''}.nrrd")
                sitk.WriteImage(image, path, compress)
                tell(f"nrrd {dtype} c{channels}{' gzip' if compress else ''}", path, array)


def tiff(folder):
    import tifffile

    n = 0
    for dtype in ALL:
        for compression in (None, "lzw", "deflate", "zstd", "packbits"):
            for predictor in (False, True):
                if predictor and (compression in (None, "packbits") or dtype in ("uint64", "int64")):
                    continue
                n += 1
                array = voxels(dtype, (70, 50, 5))
                path = os.path.join(folder, f"tiff-{n}.tif")
                layout = {"tile": (16, 32)} if n % 2 else {"rowsperstrip": 7}
                tifffile.imwrite(path, array[0, 0], bigtiff=n % 3 == 0, byteorder="<>"[n % 2], photometric="minisblack", compression=compression, predictor=predictor or None, **layout)
                tell(f"tiff {dtype} {compression} {'predictor ' if predictor else ''}{'tiles' if n % 2 else 'strips'}", path, array)
    for dtype in ("uint8", "uint16", "float32"):
        array = voxels(dtype, SHAPES[0], 2, 3)
        path = os.path.join(folder, f"hyperstack-{dtype}.tif")
        tifffile.imwrite(path, array.transpose(0, 2, 1, 3, 4), imagej=True, metadata={"axes": "TZCYX", "spacing": 0.04, "unit": "um"})
        tell(f"tiff ImageJ hyperstack {dtype}", path, array)
        path = os.path.join(folder, f"ome-{dtype}.ome.tif")
        tifffile.imwrite(path, array, ome=True, metadata={"axes": "TCZYX", "PhysicalSizeX": 0.004, "PhysicalSizeXUnit": "µm"})
        tell(f"tiff OME {dtype}", path, array)
    colour = voxels("uint8", (64, 48, 1), 3)
    path = os.path.join(folder, "jpeg.tif")
    tifffile.imwrite(path, colour[0].transpose(1, 2, 3, 0)[0], photometric="rgb", compression="jpeg", compressionargs={"level": 95}, tile=(16, 16))
    back = tifffile.imread(path)
    tell("tiff JPEG RGB", path, back.transpose(2, 0, 1)[None, :, None])


def hdf5(folder):
    import h5py

    def text(value):
        return np.array([bytes(c, "ascii") for c in value], dtype="S1")

    for dtype in ("uint8", "uint16", "float32"):
        size, channels, times = SHAPES[0], 2, 2
        array = voxels(dtype, size, channels, times)
        path = os.path.join(folder, f"imaris-{dtype}.ims")
        with h5py.File(path, "w") as file:
            file.attrs["ImarisDataSet"] = text("ImarisDataSet")
            file.attrs["ImarisVersion"] = text("5.5.0")
            file.attrs["DataSetDirectoryName"] = text("DataSet")
            file.attrs["DataSetInfoDirectoryName"] = text("DataSetInfo")
            image = file.create_group("DataSetInfo/Image")
            for key, value in {"X": size[0], "Y": size[1], "Z": size[2], "Unit": "um", "ExtMin0": 0, "ExtMin1": 0, "ExtMin2": 0, "ExtMax0": size[0] * 0.004, "ExtMax1": size[1] * 0.004, "ExtMax2": size[2] * 0.04}.items():
                image.attrs[key] = text(str(value))
            for c in range(channels):
                info = file.create_group(f"DataSetInfo/Channel {c}")
                info.attrs["Name"], info.attrs["Color"] = text(f"stain {c}"), text("1.000 0.500 0.000")
            for t in range(times):
                for c in range(channels):
                    group = file.create_group(f"DataSet/ResolutionLevel 0/TimePoint {t}/Channel {c}")
                    for axis, n in zip("XYZ", size):
                        group.attrs[f"ImageSize{axis}"] = text(str(n))
                    padded = np.zeros([-(-n // 16) * 16 for n in size[::-1]], dtype)
                    padded[: size[2], : size[1], : size[0]] = array[t, c]
                    group.create_dataset("Data", data=padded, chunks=(16, 16, 16), compression="gzip", compression_opts=2)
        tell(f"imaris {dtype}", path, array)
    array = voxels("uint16", SHAPES[0])
    path = os.path.join(folder, "bdv.h5")
    with h5py.File(path, "w") as file:
        file["s00/resolutions"], file["s00/subdivisions"] = np.array([[1.0, 1, 1]]), np.array([[16, 16, 16]], "int32")
        file.create_dataset("t00000/s00/0/cells", data=array[0, 0].view("int16"), chunks=(13, 16, 16), compression="gzip", shuffle=True)
    tell("BigDataViewer h5", path, array)
    for dtype in ALL:
        array = voxels(dtype, SHAPES[0])
        path = os.path.join(folder, f"plain-{dtype}.h5")
        with h5py.File(path, "w") as file:
            file.create_dataset("volumes/raw", data=array[0, 0], chunks=True, compression="gzip")
        tell(f"hdf5 {dtype}", path, array)


def stacks(folder):
    from PIL import Image

    for dtype in ("uint8", "uint16"):
        array = voxels(dtype, (50, 40, 7))
        path = os.path.join(folder, f"stack-{dtype}")
        os.makedirs(path)
        for z in range(7):
            Image.fromarray(array[0, 0, z]).save(os.path.join(path, f"section_{z + 5}.png"))
        tell(f"stack of PNG {dtype}", path, array)


def main():
    folder = sys.argv[1]
    for make in (precomputed, cloudvolume_encodings, zarr2, zarr2_numcodecs, zarr3, ome_zarr, n5, nifti, nrrd, tiff, hdf5, stacks):
        inside = os.path.join(folder, make.__name__)
        os.makedirs(inside)
        make(inside)


if __name__ == "__main__":
    main()
