"""Times tensorstore on a raw uint8 volume (x fastest) and local files, with two threads and nothing cached by it.

    volume_io.py WHAT DRIVER VOLUME.raw SIZE CHUNK FOLDER TIMES [SEED]

WHAT: write (seconds), read (seconds), cutout (milliseconds a random unaligned 64^3). DRIVER: precomputed | zarr3. Prints
the median; the files stay, so that a read follows a write.
"""

import shutil
import statistics
import sys
import time

import numpy as np
import tensorstore as ts

what, driver, raw, size, chunk, folder, times = sys.argv[1:8]
size, chunk, times = int(size), int(chunk), int(times)
context = ts.Context({"data_copy_concurrency": {"limit": 2}, "file_io_concurrency": {"limit": 2}, "cache_pool": {"total_bytes_limit": 0}})
volume = np.fromfile(raw, np.uint8).reshape(size, size, size)


def spec():
    store = {"driver": "file", "path": folder + "/"}
    if driver == "precomputed":
        scale = {"size": [size] * 3, "resolution": [4, 4, 40], "chunk_size": [chunk] * 3, "encoding": "raw"}
        return {"driver": "neuroglancer_precomputed", "kvstore": store, "multiscale_metadata": {"type": "image", "data_type": "uint8", "num_channels": 1}, "scale_metadata": scale}
    codecs = [{"name": "bytes"}, {"name": "zstd", "configuration": {"level": 1}}, {"name": "crc32c"}]
    grid = {"name": "regular", "configuration": {"chunk_shape": [chunk] * 3}}
    return {"driver": "zarr3", "kvstore": store, "metadata": {"shape": [size] * 3, "chunk_grid": grid, "data_type": "uint8", "codecs": codecs}}


def opened(**options):
    store = ts.open({**spec(), **options}, context=context).result()
    return store[..., 0].transpose([2, 1, 0]) if driver == "precomputed" else store


def write():
    shutil.rmtree(folder, ignore_errors=True)
    started = time.perf_counter()
    opened(create=True).write(volume).result()
    return time.perf_counter() - started


def read():
    started = time.perf_counter()
    array = opened(open=True).read().result()
    seconds = time.perf_counter() - started
    assert (array == volume).all()
    return seconds


def cutout():
    store = opened(open=True)
    random = np.random.default_rng(5)
    corners = random.integers(1, size - 65, (200, 3)) | 1
    measured = []
    for x, y, z in corners:
        started = time.perf_counter()
        store[z : z + 64, y : y + 64, x : x + 64].read().result()
        measured.append(time.perf_counter() - started)
    return 1000 * statistics.median(measured)


run = {"write": write, "read": read, "cutout": cutout}[what]
if what != "write":
    write()
    run()
print(statistics.median(run() for _ in range(times)))
