"""Times OpenCV on a box of four tiles: each warped with its weights, blended; prints the 95th percentile in ms."""
import sys
import time

import cv2
import numpy as np

folder, tile_px, box_px, times, *affines = sys.argv[1:]
tile_px, box_px, times = int(tile_px), int(box_px), int(times)
tiles = [np.fromfile(f"{folder}/t{i}.raw", np.uint8).reshape(tile_px, tile_px) for i in range(4)]
maps = np.array(affines, dtype=float).reshape(-1, 2, 3)
ramp = np.minimum(np.arange(tile_px) + 0.5, tile_px - np.arange(tile_px) - 0.5).astype(np.float32)
weights = np.minimum(ramp[:, None], ramp[None, :])
cv2.setNumThreads(2)

measured = []
for turn in range(times + 5):
    started = time.perf_counter()
    total = np.zeros((box_px, box_px), np.float32)
    weight = np.zeros((box_px, box_px), np.float32)
    for tile, box_from_tile in zip(tiles, maps):
        shifted = box_from_tile.copy()
        shifted[:, 2] -= turn * 0.37
        size = (box_px, box_px)
        part = cv2.warpAffine(weights, shifted, size, flags=cv2.INTER_LINEAR)
        picture = cv2.warpAffine(tile, shifted, size, flags=cv2.INTER_LINEAR)
        cv2.accumulateProduct(picture.astype(np.float32), part, total)
        weight += part
    box = np.clip(cv2.divide(total, weight) + 0.5, 0, 255).astype(np.uint8)
    if turn >= 5:
        measured.append(1000 * (time.perf_counter() - started))
print(np.percentile(measured, 95))
