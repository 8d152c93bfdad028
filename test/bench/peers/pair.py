"""Times scikit-image's phase correlation on the overlap of two raw 8-bit tiles; prints the median in milliseconds."""
import statistics
import sys
import time

import numpy as np
from skimage.registration import phase_cross_correlation

path_a, path_b, *numbers = sys.argv[1:]
width, height, dx, dy, times = map(int, numbers)
a = np.fromfile(path_a, np.uint8).reshape(height, width)
b = np.fromfile(path_b, np.uint8).reshape(height, width)
rows_a = slice(max(0, dy), height + min(0, dy))
rows_b = slice(max(0, -dy), height - max(0, dy))
a = a[rows_a, dx:].astype(np.float32)
b = b[rows_b, : width - dx].astype(np.float32)

measured = []
for i in range(times + 2):
    started = time.perf_counter()
    phase_cross_correlation(a, b, upsample_factor=10)
    if i >= 2:
        measured.append(1000 * (time.perf_counter() - started))
print(statistics.median(measured))
