"""Affine placement of many tiles by scipy: the same normal equations as ours, without robust weights.

solve.py FOLDER TILES superlu|cg: reads priors.f64, sizes.f64 and matches.f64; prints seconds, RMS residual and the
relative residual of the equations.
"""
import json
import sys
import time

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as la

POSITION = (0.3 / 10) ** 2
LINEAR = 0.01


def main(folder, tiles, method):
    priors = np.fromfile(f"{folder}/priors.f64").reshape(tiles, 6)
    sizes = np.fromfile(f"{folder}/sizes.f64").reshape(tiles, 2)
    m = np.fromfile(f"{folder}/matches.f64").reshape(-1, 8)
    started = time.perf_counter()
    half = sizes.max(axis=1) / 2
    centre = sizes / 2
    a, b = m[:, 0].astype(int), m[:, 1].astype(int)
    of_a = (m[:, 2:4] - centre[a]) / half[a, None]
    of_b = (m[:, 4:6] - centre[b]) / half[b, None]
    n = len(m)
    ones = np.ones(n)
    values = np.column_stack([ones, of_a, -ones, -of_b])
    columns = np.column_stack([3 * a, 3 * a + 1, 3 * a + 2, 3 * b, 3 * b + 1, 3 * b + 2])
    design = sp.csr_matrix((values.ravel(), columns.ravel(), np.arange(0, 6 * n + 1, 6)), shape=(n, 3 * tiles))
    weight = m[:, 6]
    holds = np.tile([POSITION, LINEAR, LINEAR], tiles)
    matrix = (design.T @ sp.diags(weight) @ design + sp.diags(holds)).tocsc()
    prior = np.empty((tiles, 3, 2))
    for axis in range(2):
        prior[:, 0, axis] = priors[:, axis] * centre[:, 0] + priors[:, axis + 2] * centre[:, 1] + priors[:, axis + 4]
        prior[:, 1, axis] = priors[:, axis] * half
        prior[:, 2, axis] = priors[:, axis + 2] * half
    prior = prior.reshape(3 * tiles, 2)
    right = -(design.T @ (weight[:, None] * (design @ prior)))
    if method == "superlu":
        moves = la.splu(matrix, permc_spec="MMD_AT_PLUS_A").solve(right)
    else:
        jacobi = sp.diags(1 / matrix.diagonal())
        moves = np.column_stack([la.cg(matrix, right[:, k], rtol=1e-8, M=jacobi, maxiter=100_000)[0] for k in range(2)])
    seconds = time.perf_counter() - started
    gaps = design @ (prior + moves)
    rest = np.linalg.norm(matrix @ moves - right) / np.linalg.norm(right)
    rms = float(np.sqrt((gaps**2).sum(axis=1).mean()))
    print(json.dumps({"seconds": seconds, "rmsPx": rms, "relativeResidual": float(rest)}))


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
