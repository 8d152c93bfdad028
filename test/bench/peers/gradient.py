"""Solves the equation that a row left behind, (L + screen) c = b, and prints seconds and how far ours is from it."""
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

method, folder = sys.argv[1], Path(sys.argv[2])
about = json.loads((folder / "about.json").read_text())
width, height = about["size"]
screen = about["screen"]
right, ours = (np.fromfile(folder / f"{name}.raw", np.float32).reshape(height, width) for name in ("right", "correction"))


def by_dct(b):
    from scipy.fft import dctn, idctn

    lines = [2 - 2 * np.cos(np.pi * np.arange(n) / n) for n in (height, width)]
    eigenvalues = (lines[0][:, None] + lines[1][None, :] + screen).astype(b.dtype)
    return idctn(dctn(b, workers=2) / eigenvalues, workers=2)


def by_amg(b):
    """Cells that no tile shows are exact zeros of ours."""
    import pyamg
    import scipy.sparse as sparse

    there = ours != 0
    number = np.cumsum(there).reshape(there.shape) - 1
    pairs = []
    for first, second in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        both = there[first] & there[second]
        pairs.append((number[first][both], number[second][both]))
    a, b_index = (np.concatenate(side) for side in zip(*pairs))
    count = int(there.sum())
    degree = np.bincount(np.concatenate([a, b_index]), minlength=count) + screen
    rows, columns = np.concatenate([a, b_index]), np.concatenate([b_index, a])
    matrix = sparse.coo_matrix((-np.ones(len(rows)), (rows, columns)), shape=(count, count)).tocsr() + sparse.diags(degree)
    started = time.perf_counter()
    solver = pyamg.ruge_stuben_solver(matrix.tocsr())
    solution = solver.solve(b[there].astype(np.float64), tol=1e-8, accel="cg")
    elapsed = time.perf_counter() - started
    full = np.zeros(there.shape)
    full[there] = solution
    return full, elapsed


if method == "dct":
    exact = by_dct(right.astype(np.float64))
    measured = []
    for _ in range(3):
        started = time.perf_counter()
        by_dct(right)
        measured.append(time.perf_counter() - started)
    secs = statistics.median(measured)
else:
    exact, secs = by_amg(right)
difference = float(np.linalg.norm(ours - exact) / np.linalg.norm(exact))
print(json.dumps({"secs": secs, "difference": difference}))
