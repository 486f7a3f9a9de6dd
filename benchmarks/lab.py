"""How long do Lab pictures take from settings to pixels, against PyTorch's bare network?

Each picture is of a new seed, so that drawing the weights and laying the network out count; of
PyTorch only matrix products and activations do, on points made before. In turns, in one run.
Run: python -m benchmarks.lab [rounds]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, pairwise

import numpy as np
import torch

from benchmarks.machine import Bystanders, describe_machine
from benchmarks.rounds import in_turns
from benchmarks.rows import Row
from breeder.lab import LabSettings, draw, preset
from breeder.lab.networks import build, input_values, layer_values
from breeder.rendering.canvas import Canvas
from breeder.rendering.cpu import prepare

SIDE = 512
ROUNDS = 15
CLOSE = 2 / 255

NETWORKS = {
    "lab-usual": preset("usual").settings,
    "lab-radial": preset("perceptron").settings,
    "lab-wide": preset("neuro-pollock").settings,
}
"""8 layers of 16; of 32 with x, y, r and z; of 128."""


def bare(settings: LabSettings, side: int) -> Callable[[], np.ndarray]:
    """Return what computes a perceptron in PyTorch, for points made before."""
    layers = build(settings).layers
    x, y = Canvas(width=side, height=side).points(range(side))
    points = torch.from_numpy(input_values(settings, x, y).T.astype(np.float32).copy())
    weights = [torch.from_numpy(layer.weights.copy()) for layer in layers]
    biases = [torch.from_numpy(layer.biases.copy()) for layer in layers]

    @torch.inference_mode()
    def compute() -> np.ndarray:
        values = points
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            values = torch.tanh(torch.nn.functional.linear(values, weight, bias))
        values = torch.nn.functional.linear(values, weights[-1], biases[-1])
        return torch.sigmoid(values).numpy()

    return compute


def ours(settings: LabSettings, side: int) -> Callable[[], np.ndarray]:
    """Return what draws a picture of a new seed each time."""
    seeds = count(1)
    return lambda: draw(replace(settings, seed=next(seeds)), side)


def check() -> None:
    """Make sure that both compute the same: on a calm network, whose last digits do not matter."""
    calm = replace(preset("usual").settings, widths=(16, 16), seed=4)
    x, y = Canvas(width=64, height=64).points(range(64))
    wanted = layer_values(build(calm), input_values(calm, x, y))[-1].T
    assert np.abs(bare(calm, 64)() - wanted).max() < CLOSE
    assert np.abs(draw(calm, 64).reshape(-1, 3) / 255 - wanted).max() < CLOSE


def rows(rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure each network."""
    prepare()
    check()
    for promise, settings in NETWORKS.items():
        sizes = list(pairwise((len(settings.inputs), *settings.widths)))
        fewer = rounds if settings.weight_count < 20_000 else max(3, rounds // 3)
        found = in_turns({"ours": ours(settings, SIDE), "PyTorch": bare(settings, SIDE)}, fewer)
        own, peer = found["ours"], found["PyTorch"]
        print(f"{promise}: {own.text} ({own.spread}), PyTorch {peer.text} ({peer.spread})")
        yield Row(
            promise=promise,
            measured=own.text,
            spread=own.spread,
            peer=f"{peer.text} ({peer.spread})",
            ratio=own.over(peer),
            met=own.median < 2 * peer.median,
            note=f"{len(sizes)} layers, {settings.weight_count:,} weights, {SIDE} x {SIDE}",
        )


def main() -> None:
    """Print the details."""
    others = Bystanders()
    print(describe_machine())
    for row in rows(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS):
        print(f"  {row.promise}: {row.ratio} of PyTorch's time")
    print(others.text)


if __name__ == "__main__":
    main()
