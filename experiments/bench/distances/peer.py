"""Distance matrix of two sets of points of the Poincare ball and its gradient, in torch: one JSON question a line."""
import json
import sys
import time
from importlib.metadata import version

import geoopt
import torch
from hypll.manifolds.poincare_ball.math import diffgeom


def published(x, y, c):
    """|(-x) + y| by Mobius addition of every pair, an n x m x d array; artanh's argument is kept below 1 - 1e-5.

    The form in which the published code of hyperbolic metric learning writes it (Ermolov et al. 2022).
    """
    root = c**0.5
    xx, yy = (x * x).sum(-1)[:, None], (y * y).sum(-1)[None]
    xy = -x @ y.T
    across = (1 + 2 * c * xy + c * yy)[..., None] * -x[:, None] + (1 - c * xx)[..., None] * y[None]
    difference = across / (1 + 2 * c * xy + c * c * xx * yy)[..., None]
    argument = (root * difference.norm(dim=-1)).clamp(-1 + 1e-5, 1 - 1e-5)
    return 2 / root * 0.5 * (torch.log1p(argument) - torch.log1p(-argument))


def by_hand(x, y, c):
    """The form that a careful user of torch writes: one product, float32 cancellation and all."""
    xx, yy = (x * x).sum(-1)[:, None], (y * y).sum(-1)[None]
    squared = (xx + yy - 2 * x @ y.T).clamp_min(1e-12)
    return torch.acosh(1 + 2 * c * squared / ((1 - c * xx) * (1 - c * yy))) / c**0.5


def forms(c):
    ball = geoopt.PoincareBall(c=c)
    return {
        "published": lambda x, y: published(x, y, c),
        "geoopt": lambda x, y: ball.dist(x[:, None], y[None]),
        "hypll": lambda x, y: diffgeom.cdist(x[None], y[None], torch.tensor(float(c)))[0],
        "by hand": lambda x, y: by_hand(x, y, c),
    }


def main():
    for line in sys.stdin:
        question = json.loads(line)
        if "points" in question:
            torch.set_num_threads(question["threads"])
            x, y = (torch.tensor(p).requires_grad_() for p in question["points"])
            c = question["c"]
            weights = torch.arange(1.0, 1 + len(x) * len(y)).reshape(len(x), len(y)) / (len(x) * len(y))
            versions = {name: f"{name} {version(name)}" for name in ("torch", "geoopt", "hypll")}
            answer = versions
        else:
            start = time.perf_counter()
            x.grad = y.grad = None
            total = (forms(c)[question["form"]](x, y) * weights).sum()
            total.backward()
            seconds = time.perf_counter() - start
            answer = {"seconds": seconds, "total": total.item(), "gradient": x.grad.norm().item()}
        print(json.dumps(answer), flush=True)


main()
