"""Losses of pytorch-metric-learning and the published HypMix loop in torch: one JSON question a line."""
import json
import resource
import sys
import time
from importlib.metadata import version

import torch
from pytorch_metric_learning import losses


def hyperbolic_distances(x, y, c):
    """Mobius addition of every pair, an n x m x d array, as the published code writes it."""
    root = c**0.5
    xx, yy = (x * x).sum(-1)[:, None], (y * y).sum(-1)[None]
    xy = -x @ y.T
    across = (1 + 2 * c * xy + c * yy)[..., None] * -x[:, None] + (1 - c * xx)[..., None] * y[None]
    difference = across / (1 + 2 * c * xy + c * c * xx * yy)[..., None]
    argument = (root * difference.norm(dim=-1)).clamp(-1 + 1e-5, 1 - 1e-5)
    return 2 / root * 0.5 * (torch.log1p(argument) - torch.log1p(-argument))


def hyp_mix(flat, ball, items, views, c, tau_flat, tau_ball):
    """The mean over ordered pairs of views of the cross-entropy over both spaces' summed similarities."""
    flat, ball = flat.reshape(views, items, -1), ball.reshape(views, items, -1)
    total, pairs = 0, 0
    excluded = torch.eye(items) * 1e9
    for i in range(views):
        for j in range(views):
            if i == j:
                continue
            logits = [
                flat[i] @ flat[k].T / tau_flat - hyperbolic_distances(ball[i], ball[k], c) / tau_ball
                for k in (j, i)
            ]
            joined = torch.cat([logits[0], logits[1] - excluded], 1)
            total = total + torch.nn.functional.cross_entropy(joined, torch.arange(items))
            pairs += 1
    return total / pairs


def loss_of(question, data):
    name, options = question["name"], question["options"]
    if name == "HypMix":
        return lambda: hyp_mix(data["x"], data["ball"], **options)
    torch.manual_seed(0)
    module = getattr(losses, name)(**options)
    for parameter in module.parameters():
        data["parameters"].append(parameter)
    if name == "VICRegLoss":
        half = len(data["x"]) // 2
        return lambda: module(data["x"][:half], ref_emb=data["x"][half:])
    if name == "ManifoldLoss":
        return lambda: module(data["x"])
    return lambda: module(data["x"], data["labels"])


# Some losses ask for more memory than there is: an error is better than an end.
MEMORY = 10 << 30


def main():
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    data = {}
    for line in sys.stdin:
        question = json.loads(line)
        if "embeddings" in question:
            torch.set_num_threads(question["threads"])
            data["x"] = torch.tensor(question["embeddings"]).requires_grad_()
            data["ball"] = torch.tensor(question["ball"]).requires_grad_()
            data["labels"] = torch.tensor(question["labels"])
            answer = {name: version(name) for name in ("torch", "pytorch-metric-learning")}
        elif "name" in question:
            data["parameters"] = []
            step = loss_of(question, data)
            answer = {}
        else:
            start = time.perf_counter()
            for tensor in (data["x"], data["ball"], *data["parameters"]):
                tensor.grad = None
            try:
                value = step()
                value.backward()
                answer = {
                    "seconds": time.perf_counter() - start,
                    "loss": value.item(),
                    "gradient": data["x"].grad.norm().item(),
                }
            except (RuntimeError, ValueError, MemoryError) as error:
                answer = {"failure": str(error).split("\n")[0]}
        print(json.dumps(answer), flush=True)


main()
