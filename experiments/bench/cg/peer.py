"""Seconds that e3nn's compiled tensor product of channels with themselves takes, forward and backward: one JSON question a line.

A question with paths, channels, batch and x [batch, (degree + 1)^2, channels] prepares; an empty one measures.
"""
import json
import sys
import time
from importlib.metadata import version

import torch
from e3nn import o3


def prepared(question):
    torch.set_num_threads(question["threads"])
    degree, channels = question["degree"], question["channels"]
    irreps = o3.Irreps([(channels, (l, 1)) for l in range(degree + 1)])
    instructions = [(a, b, k, "uuu", False) for k, (a, b, _) in enumerate(question["paths"])]
    outputs = o3.Irreps([(channels, (l, 1)) for _, _, l in question["paths"]])
    product = o3.TensorProduct(
        irreps, irreps, outputs, instructions, irrep_normalization="component", path_normalization="element"
    )
    rows = torch.tensor(question["x"]).reshape((degree + 1) ** 2, channels, question["batch"])
    parts = [rows[l * l : (l + 1) ** 2].permute(2, 1, 0).flatten(1) for l in range(degree + 1)]
    return product, torch.cat(parts, 1).contiguous().requires_grad_()


def main():
    product = x = None
    for line in sys.stdin:
        question = json.loads(line)
        if "paths" in question:
            product, x = prepared(question)
            answer = {name: version(name) for name in ("torch", "e3nn")}
        else:
            x.grad = None
            start = time.perf_counter()
            y = product(x, x)
            y.backward(y.detach())
            seconds = time.perf_counter() - start
            answer = {"seconds": seconds, "norm": y.norm().item(), "gradient": x.grad.norm().item()}
        print(json.dumps(answer), flush=True)


main()
