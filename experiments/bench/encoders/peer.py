"""Training steps of convolution networks in torch, and of a steerable one in escnn: one JSON question a line."""
import json
import sys
import time
from importlib.metadata import PackageNotFoundError, version

import torch


def plain(widths, outputs):
    """7, 5, 5 and 7 pixels a side, as the steerable network; the same channels, so the same multiplications."""
    first, second, third, last = widths
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, first, 7, padding=3, bias=False),
        torch.nn.BatchNorm2d(first),
        torch.nn.ReLU(),
        torch.nn.AvgPool2d(2),
        torch.nn.Conv2d(first, second, 5, padding=2, bias=False),
        torch.nn.BatchNorm2d(second),
        torch.nn.ReLU(),
        torch.nn.AvgPool2d(2),
        torch.nn.Conv2d(second, third, 5, padding=2, bias=False),
        torch.nn.BatchNorm2d(third),
        torch.nn.ReLU(),
        torch.nn.Conv2d(third, last, 7, bias=False),
        torch.nn.Flatten(),
        torch.nn.BatchNorm1d(last),
        torch.nn.Linear(last, outputs, bias=False),
    )


class Steerable(torch.nn.Module):
    """Regular fields of C_8 in escnn; the last layer gives regular fields, whose largest components are the code."""

    def __init__(self, rotations, fields, last, outputs):
        super().__init__()
        from escnn import gspaces, nn

        space = gspaces.rot2dOnR2(rotations)
        regular = [nn.FieldType(space, n * [space.regular_repr]) for n in (*fields, last // rotations)]
        self.input = nn.FieldType(space, [space.trivial_repr])
        layers = []
        source = self.input
        for i, (target, kernel) in enumerate(zip(regular, (7, 5, 5, 7))):
            padding = 0 if i == 3 else kernel // 2
            layers.append(nn.R2Conv(source, target, kernel, padding=padding, bias=False))
            if i < 3:
                layers += [nn.InnerBatchNorm(target), nn.ReLU(target, inplace=True)]
            if i < 2:
                layers.append(nn.PointwiseAvgPool2D(target, 2))
            source = target
        self.body = nn.SequentialModule(*layers)
        self.pool = nn.GroupPooling(source)
        self.linear = torch.nn.Linear(last // rotations, outputs, bias=False)
        self.wrap = nn.GeometricTensor

    def forward(self, x):
        return self.linear(self.pool(self.body(self.wrap(x, self.input))).tensor.flatten(1))


def versions():
    found = {"torch": torch.__version__}
    try:
        found["escnn"] = version("escnn")
    except PackageNotFoundError:
        pass
    return found


def main():
    state = {}
    for line in sys.stdin:
        question = json.loads(line)
        if "threads" in question:
            torch.set_num_threads(question["threads"])
            answer = versions()
        elif "network" in question:
            torch.manual_seed(0)
            build = {"plain": plain, "escnn": Steerable}[question["network"]]
            state["model"] = build(**question["options"]).train()
            # Rows of channels side by side, if that is the faster layout here.
            state["layout"] = torch.channels_last if question["channelsLast"] else torch.contiguous_format
            state["model"].to(memory_format=state["layout"])
            state["optimizer"] = torch.optim.Adam(state["model"].parameters(), lr=1e-3, fused=True)
            state["images"] = torch.rand(question["batch"], 1, 28, 28).to(memory_format=state["layout"])
            answer = {"parameters": sum(p.numel() for p in state["model"].parameters())}
        else:
            start = time.perf_counter()
            state["optimizer"].zero_grad()
            loss = state["model"](state["images"]).square().mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(state["model"].parameters(), 0.5)
            state["optimizer"].step()
            answer = {"seconds": time.perf_counter() - start, "loss": loss.item()}
        print(json.dumps(answer), flush=True)


main()
