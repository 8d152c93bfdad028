"""Times tensorstore's downsampling by 2x2x2 of a raw volume (x fastest) that lies in memory, and compares it with ours.

    downsample.py VOLUME.raw OURS.raw DTYPE METHOD SIZE THREADS TIMES

Prints the median in milliseconds, then what was found to differ: means may differ by 1 (tensorstore rounds halves to
even, Lamella up), modes only where two labels of a block are as frequent. Anything else fails.
"""

import statistics
import sys
import time

import numpy as np
import tensorstore as ts

raw, ours, dtype, method, *numbers = sys.argv[1:]
size, threads, times = map(int, numbers)
context = ts.Context({"data_copy_concurrency": {"limit": threads}})
volume = np.fromfile(raw, dtype).reshape(size, size, size)
ours = np.fromfile(ours, dtype).reshape(size // 2, size // 2, size // 2)
coarse = ts.downsample(ts.array(volume, context=context), [2, 2, 2], method)

measured = []
for i in range(times + 1):
    started = time.perf_counter()
    theirs = coarse.read().result()
    if i > 0:
        measured.append(1000 * (time.perf_counter() - started))

print(statistics.median(measured))
differing = np.argwhere(theirs != ours)
share = f"{len(differing)} of {ours.size} voxels differ"
if method == "mean":
    furthest = np.abs(theirs.astype(np.int64) - ours.astype(np.int64)).max()
    assert furthest <= 1, f"the means differ by up to {furthest}"
    sums = sum(volume[z::2, y::2, x::2].astype(np.uint32) for z in (0, 1) for y in (0, 1) for x in (0, 1))
    assert ((sums + 4) // 8 == ours).all(), "our means are not rounded half up"
    assert (sums[theirs != ours] % 8 == 4).all(), "means differ that are no halves"
    print(f"{share}, all of them halves")
else:
    z, y, x = 2 * differing.T
    blocks = np.stack([volume[z + k, y + j, x + i] for k in (0, 1) for j in (0, 1) for i in (0, 1)], axis=1)
    a, b = theirs[theirs != ours], ours[theirs != ours]
    assert ((blocks == a[:, None]).sum(1) == (blocks == b[:, None]).sum(1)).all(), "modes differ that are no ties"
    print(f"{share}, all of them ties")
