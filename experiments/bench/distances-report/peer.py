"""Seconds that zadu takes for the measures that our report has too, all of them at once: one JSON question a line."""
import json
import sys
import time
from importlib.metadata import version

import numpy as np
from zadu import zadu


def main():
    for line in sys.stdin:
        question = json.loads(line)
        x, z = np.load(question["x"]), np.load(question["z"])
        near = [{"id": name, "params": {"k": question["k"]}} for name in ("tnc", "mrre", "lcmc")]
        all_pairs = [{"id": name, "params": {}} for name in ("stress", "sn_stress", "pr", "srho")]
        start = time.perf_counter()
        found = zadu.ZADU(near + all_pairs, x).measure(z)
        seconds = time.perf_counter() - start
        values = {name: float(value) for part in found for name, value in part.items()}
        print(json.dumps({"seconds": seconds, "values": values, "version": version("zadu")}), flush=True)


main()
