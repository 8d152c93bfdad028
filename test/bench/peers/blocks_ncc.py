"""NCC maps of the three projections of two boxes at every shift of a window, by the definition, in numpy."""
import sys
import time

import numpy as np


def ncc_map(a, b, radius):
    height, width = a.shape
    out = np.empty((2 * radius + 1, 2 * radius + 1))
    for v in range(-radius, radius + 1):
        for u in range(-radius, radius + 1):
            p = a[max(0, -v):height - max(0, v), max(0, -u):width - max(0, u)]
            q = b[max(0, v):height - max(0, -v), max(0, u):width - max(0, -u)]
            p, q = p - p.mean(), q - q.mean()
            out[v + radius, u + radius] = (p * q).sum() / np.sqrt((p * p).sum() * (q * q).sum())
    return out


def maps(a, b, radius):
    return [ncc_map(a.max(axis=k).astype(float), b.max(axis=k).astype(float), radius) for k in range(3)]


folder, depth, height, width, radius = sys.argv[1], *map(int, sys.argv[2:])
a, b = (np.fromfile(f"{folder}/{name}.raw", "<u2").reshape(depth, height, width) for name in "ab")
times = []
for _ in range(3):
    started = time.perf_counter()
    direct = maps(a, b, radius)
    times.append((time.perf_counter() - started) * 1000)
for name, one in zip(("xy", "xz", "yz"), direct):
    ours = np.fromfile(f"{folder}/{name}.f64", "<f8").reshape(one.shape)
    worst = np.abs(ours - one).max()
    if not worst <= 1e-5:
        sys.exit(f"the map of {name} is {worst} off")
print(sorted(times)[1])
