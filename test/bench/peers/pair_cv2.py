"""Times OpenCV's phaseCorrelate with a Hanning window on the overlap of two raw 8-bit tiles, as the stage gives it: cut,
made floating point, correlated. Prints milliseconds (median) and the error of the shift, pixels. One thread."""
import json
import statistics
import sys
import time

import cv2
import numpy as np

path_a, path_b, *numbers = sys.argv[1:]
width, height, stage_x, stage_y, times = map(int, numbers[:5])
true_x, true_y = map(float, numbers[5:7])
cv2.setNumThreads(1)
a = np.fromfile(path_a, np.uint8).reshape(height, width)
b = np.fromfile(path_b, np.uint8).reshape(height, width)
columns, rows = width - abs(stage_x), height - abs(stage_y)
cut_a = np.s_[max(0, stage_y) : max(0, stage_y) + rows, max(0, stage_x) : max(0, stage_x) + columns]
cut_b = np.s_[max(0, -stage_y) : max(0, -stage_y) + rows, max(0, -stage_x) : max(0, -stage_x) + columns]
window = cv2.createHanningWindow((columns, rows), cv2.CV_32F)

measured = []
for i in range(times + 3):
    started = time.perf_counter()
    (dx, dy), _ = cv2.phaseCorrelate(a[cut_a].astype(np.float32), b[cut_b].astype(np.float32), window)
    if i >= 3:
        measured.append(1000 * (time.perf_counter() - started))
# What a shows at p, b shows at p + d, so b's corner lies at the stage's place less d.
error = float(np.hypot(stage_x - dx - true_x, stage_y - dy - true_y))
print(json.dumps({"ms": statistics.median(measured), "errorPx": error}))
