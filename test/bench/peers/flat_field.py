"""Fits BaSiC's flat field to the tiles that a row left behind, and prints what is left of the true field, and seconds.

The second fit is timed, so that nothing is compiled within it.
"""
import contextlib
import json
import sys
import time
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
about = json.loads((folder / "about.json").read_text())
side = about["sidePx"]
tiles = np.fromfile(folder / "tiles.raw", np.uint16).reshape(about["tiles"], side, side)
truth = np.fromfile(folder / "truth.raw", np.float64).reshape(side, side)

with contextlib.redirect_stdout(sys.stderr):
    from basicpy import BaSiC

    for _ in range(2):
        basic = BaSiC(get_darkfield=about["hasOffset"])
        started = time.perf_counter()
        basic.fit(tiles)
        secs = time.perf_counter() - started
left = truth / basic.flatfield
print(json.dumps({"percent": 100 * float(left.std() / left.mean()), "secs": secs}))
