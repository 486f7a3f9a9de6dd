"""PyTorch, one node after another over all pixels, on as many threads as it takes by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch

from benchmarks.peers import STEPS, Draw, Pictures, inputs, links
from breeder.program import Program

Tensor = torch.Tensor


def _step(u: Tensor, name: str) -> Tensor:
    return (1000.0 * u + 0.5).clamp(*STEPS[name]).trunc() * 0.001


def _step_(u: Tensor, name: str) -> Tensor:
    return u.mul_(1000.0).add_(0.5).clamp_(*STEPS[name]).trunc_().mul_(0.001)


FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda u: u,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "bipolar_sigmoid": lambda u: torch.tanh(0.5 * u),
    "bipolar_gaussian": lambda u: 2.0 * torch.exp(-u * u) - 1.0,
    "picbreeder_sigmoid": lambda u: torch.tanh(0.5 * _step(u, "picbreeder_sigmoid")),
    "picbreeder_gaussian": lambda u: (
        2.0 * torch.exp(-torch.square(_step(u, "picbreeder_gaussian"))) - 1.0
    ),
}

IN_PLACE: Mapping[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda u: u,
    "sin": torch.sin_,
    "cos": torch.cos_,
    "tanh": torch.tanh_,
    "bipolar_sigmoid": lambda u: u.mul_(0.5).tanh_(),
    "bipolar_gaussian": lambda u: u.square_().neg_().exp_().mul_(2.0).sub_(1.0),
    "picbreeder_sigmoid": lambda u: _step_(u, "picbreeder_sigmoid").mul_(0.5).tanh_(),
    "picbreeder_gaussian": lambda u: (
        _step_(u, "picbreeder_gaussian").square_().neg_().exp_().mul_(2.0).sub_(1.0)
    ),
}


def node_by_node(programs: Sequence[Program], side: int, device: str = "cpu") -> Draw:
    """Return a drawing as formulas are written in PyTorch: every operation is a new tensor."""
    points = [torch.from_numpy(inputs(program, side)).to(device) for program in programs]
    networks = [links(program) for program in programs]
    pixels = side * side

    @torch.inference_mode()
    def draw() -> Pictures:
        out = torch.empty((len(programs), pixels, 3), dtype=torch.uint8, device=device)
        for place, program in enumerate(programs):
            values = list(points[place])
            for activation, bias, edges in networks[place]:
                total = torch.full((pixels,), bias, device=device)
                for source, weight in edges:
                    total = total + weight * values[source]
                values.append(FUNCTIONS[activation](total))
            out[place] = _bytes(program.color, [values[row] for row in program.outputs.tolist()])
        return _pictures(out, side)

    return draw


def in_one_block(programs: Sequence[Program], side: int, device: str = "cpu") -> Draw:
    """Return a drawing in place, in one block of memory that is kept between drawings."""
    points = [torch.from_numpy(inputs(program, side)).to(device) for program in programs]
    networks = [links(program) for program in programs]
    most = max(program.inputs.size + program.operations.size for program in programs)
    block = torch.empty((most, side * side), device=device)
    out = torch.empty((len(programs), side * side, 3), dtype=torch.uint8, device=device)

    @torch.inference_mode()
    def draw() -> Pictures:
        for place, program in enumerate(programs):
            rows = block.unbind()
            given = points[place].unbind()
            values = [*given, *rows[: program.operations.size]]
            for node, (activation, bias, edges) in enumerate(networks[place]):
                total = rows[node].fill_(bias)
                for source, weight in edges:
                    total.add_(values[source], alpha=weight)
                IN_PLACE[activation](total)
            out[place] = _bytes(program.color, [values[row] for row in program.outputs.tolist()])
        return _pictures(out, side)

    return draw


def _pictures(out: Tensor, side: int) -> Pictures:
    return np.asarray(out.cpu().numpy().reshape(-1, side, side, 3), dtype=np.uint8)


def _bytes(color: str, channels: Sequence[Tensor]) -> Tensor:
    """Return grey, hsb or rgb channels as bytes, shape (pixels, 3)."""
    if color == "grey":
        level = channels[0].abs().clamp_(max=1.0).mul_(255.0).add_(0.5).to(torch.uint8)
        return level[:, None].expand(-1, 3)
    if color == "rgb":
        return torch.stack([_level(each.clamp(0.0, 1.0)) for each in channels], dim=1)
    hue, saturation, brightness = channels
    sixths = (hue - hue.floor()).mul_(6.0)
    saturation = saturation.clamp(0.0, 1.0)
    brightness = brightness.abs().clamp_(max=1.0)
    parts = []
    for corner in (5.0, 3.0, 1.0):
        k = (sixths + corner).remainder_(6.0)
        fade = torch.minimum(k, 4.0 - k).clamp_(0.0, 1.0)
        parts.append(_level(brightness * (1.0 - saturation * fade)))
    return torch.stack(parts, dim=1)


def _level(unit: Tensor) -> Tensor:
    return unit.mul_(255.0).add_(0.5).to(torch.uint8)
