"""The global solve by BigFeta, from the files that Lamella exports: tilespecs and point matches.

solves.py solve TILESPECS MATCHES MODEL OUT: writes the solved tilespecs to OUT, and prints as below.
solves.py residual TILESPECS MATCHES: the RMS distance between the two places of matches, pixels of tiles.
"""

import json
import sys
from pathlib import Path

import numpy as np
import renderapi
from bigfeta import bigfeta, solve, utils

from stacks import read

# As in its own montage example; those of asap-modules are 1e3 and 1e-5.
REGULARIZATION = {"default_lambda": 1e3, "translation_factor": 1e-5, "freeze_first_tile": False}
ASSEMBLY = {
    "depth": [0, 1, 2],
    "montage_pt_weight": 1.0,
    "cross_pt_weight": 0.5,
    "npts_min": 1,
    "npts_max": 100000,
    "choose_random": False,
    "inverse_dz": True,
}


def residuals(tiles, matches):
    """Between the places of both ends by the last transform, which is what matches are of; in pixels of p's tile, since
    solved tiles shrink together where nothing holds them, and the distances between their places with them."""
    chain = {tile.tileId: tile.tforms[-1] for tile in tiles}
    gaps = []
    for match in matches:
        ends = [chain[match[f"{side}Id"]].tform(np.array(match["matches"][side]).T) for side in "pq"]
        gaps.append(np.hypot(*(np.linalg.inv(chain[match['pId']].M[:2, :2]) @ (ends[0] - ends[1]).T)))
    return np.concatenate(gaps)


def solved(resolved, matches, model):
    found, resolved = bigfeta.create_CSR_A_fromobjects(
        resolved, matches, model, [], REGULARIZATION, ASSEMBLY, return_draft_resolvedtiles=True
    )
    result = solve.solve_funcs["scipy"](*(found[part] for part in ("A", "weights", "reg", "x", "rhs")))
    utils.update_tilespecs(resolved, result["x"])
    return resolved


def main(command, specs, matched, *rest):
    tiles, shared = read(specs)
    matches = json.loads(Path(matched).read_text())
    if command == "solve":
        model, out = rest
        resolved = solved(renderapi.resolvedtiles.ResolvedTiles(tilespecs=tiles, transformList=shared), matches, model)
        tiles = resolved.tilespecs
        Path(out).write_text(renderapi.utils.renderdumps(resolved))
    off = residuals(tiles, matches)
    print(json.dumps({"rmsPx": float(np.sqrt((off**2).mean())), "points": len(off)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
