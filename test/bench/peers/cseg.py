"""Times the peers' compressed_segmentation on a raw uint64 volume (x fastest), and reads our chunks with theirs.

    cseg.py encode|decode VOLUME.raw OURS.bin THEIRS.bin SIZE CHUNK THREADS TIMES

Chunk files: chunk after chunk, x fastest, each after its length (uint32). Prints the median of the faster peer in
milliseconds, then notes; fails where our chunks decode to other labels or take more bytes.
"""

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import compressed_segmentation
import numpy as np
import tensorstore as ts

what, raw, ours_file, theirs_file, *numbers = sys.argv[1:]
size, chunk, threads, times = map(int, numbers)
volume = np.fromfile(raw, np.uint64).reshape(size, size, size)
grid = size // chunk
cubes = volume.reshape(grid, chunk, grid, chunk, grid, chunk).transpose(0, 2, 4, 1, 3, 5).reshape(-1, chunk, chunk, chunk)
chunks = [np.asfortranarray(cube.transpose(2, 1, 0)) for cube in cubes]
pool = ThreadPoolExecutor(threads)


def each(work, items):
    """Results are let go as they come, as a reader does."""
    for _ in pool.map(work, items) if threads > 1 else map(work, items):
        pass


def encode(labels):
    return compressed_segmentation.compress(labels, block_size=(8, 8, 8), order="F")


def decode(stored):
    return compressed_segmentation.decompress(stored, (chunk,) * 3, np.uint64, (8, 8, 8), order="F")


def median(work):
    measured = []
    for i in range(times + 1):
        started = time.perf_counter()
        work()
        if i > 0:
            measured.append(1000 * (time.perf_counter() - started))
    return statistics.median(measured)


def read_chunks(file):
    data, at = open(file, "rb").read(), 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "little")
        yield data[at + 4 : end]
        at = end


context = ts.Context({"data_copy_concurrency": {"limit": threads}, "cache_pool": {"total_bytes_limit": 0}})
scale = {"size": [size] * 3, "resolution": [1, 1, 1], "chunk_size": [chunk] * 3, "encoding": "compressed_segmentation", "compressed_segmentation_block_size": [8, 8, 8]}
store = ts.open(
    {"driver": "neuroglancer_precomputed", "kvstore": {"driver": "memory", "path": "volume/"}, "multiscale_metadata": {"type": "segmentation", "data_type": "uint64", "num_channels": 1}, "scale_metadata": scale},
    create=True,
    context=context,
).result()
source = volume.transpose(2, 1, 0)[..., None]
store.write(source).result()
assert (store.read().result() == source).all()

encoded = [encode(labels) for labels in chunks]
ours = list(read_chunks(ours_file))
for stored, labels in zip(ours, chunks, strict=True):
    assert (decode(stored) == labels).all(), "one of our chunks decodes to other labels"
mine, theirs = sum(map(len, ours)), sum(map(len, encoded))
assert mine <= theirs, f"our chunks take {mine} bytes, theirs {theirs}"
with open(theirs_file, "wb") as out:
    for stored in encoded:
        out.write(len(stored).to_bytes(4, "little") + stored)

if what == "encode":
    found = median(lambda: each(encode, chunks)), median(lambda: store.write(source).result())
else:
    found = median(lambda: each(decode, encoded)), median(lambda: store.read(order="F").result())
print(min(found))
print(f"compressed-segmentation {found[0]:.1f} ms, tensorstore {found[1]:.1f} ms; bytes ours / theirs {mine / theirs:.4f}")
