"""Errors of peers' Poincare distances between given float32 points against 50 digits: one JSON question a line."""
import json
import statistics
import sys
from importlib.metadata import version

import geoopt
import mpmath
import torch

mpmath.mp.dps = 50


def exact(x, y):
    x, y = ([mpmath.mpf(v) for v in p] for p in (x, y))
    square = lambda p: mpmath.fsum(v * v for v in p)
    apart = square([a - b for a, b in zip(x, y)])
    return 2 * mpmath.asinh(mpmath.sqrt(apart / ((1 - square(x)) * (1 - square(y)))))


def published(x, y):
    """|(-x) + y| by Mobius addition, with 1e-5 in the denominator and artanh's argument kept below 1 - 1e-5."""
    xx, yy, xy = ((a * b).sum(-1, keepdim=True) for a, b in ((x, x), (y, y), (-x, y)))
    across = (1 + 2 * xy + yy) * -x + (1 - xx) * y
    size = (across / (1 + 2 * xy + xx * yy + 1e-5)).norm(dim=-1).clamp(-1 + 1e-5, 1 - 1e-5)
    return torch.log1p(size) - torch.log1p(-size)


def main():
    for line in sys.stdin:
        question = json.loads(line)
        x, y = (torch.tensor(question[key], dtype=torch.float32) for key in "xy")
        truth = [exact(a, b) for a, b in zip(x.double().tolist(), y.double().tolist())]
        distances = {
            "ours": torch.tensor(question["ours"], dtype=torch.float64),
            "published": published(x, y),
            "geoopt float32": geoopt.PoincareBall(c=1.0).dist(x, y),
            "geoopt float64": geoopt.PoincareBall(c=torch.tensor(1.0, dtype=torch.float64)).dist(x.double(), y.double()),
        }
        error = lambda d: statistics.median(float(abs(a - b) / b) for a, b in zip(d.double().tolist(), truth))
        answer = {name: error(d) for name, d in distances.items()}
        print(json.dumps({"errors": answer, "geoopt": version("geoopt"), "torch": version("torch")}), flush=True)


main()
