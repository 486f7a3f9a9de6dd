"""JAX on the CPU in float32: operation by operation, and compiled for each genome."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.peers import STEPS, Draw, Pictures, inputs, links
from breeder.program import Program

Array = Any
Paint = Callable[[Array], Array]


def operation_by_operation(programs: Sequence[Program], side: int) -> Draw:
    """Return a drawing in which every operation is dispatched by itself."""
    jax = _jax()
    points = [jax.numpy.asarray(inputs(program, side)) for program in programs]
    paints = [_painter(jax.numpy, program) for program in programs]

    def draw() -> Pictures:
        return _pictures(
            jax, [paint(each) for paint, each in zip(paints, points, strict=True)], side
        )

    return draw


def compiled(programs: Sequence[Program], side: int) -> Draw:
    """Return a drawing by one compiled function for each genome; this is what takes its time."""
    jax = _jax()
    points = [jax.numpy.asarray(inputs(program, side)) for program in programs]
    # Without barriers XLA computes a node again for each of its readers: twice as slow.
    hold = jax.lax.optimization_barrier
    paints = [
        jax.jit(_painter(jax.numpy, program, hold)).lower(each).compile()
        for program, each in zip(programs, points, strict=True)
    ]

    def draw() -> Pictures:
        return _pictures(
            jax, [paint(each) for paint, each in zip(paints, points, strict=True)], side
        )

    return draw


def _jax() -> Any:
    """Return the library; imported late, since it is no part of breeder's installation."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    return import_module("jax")


def _pictures(jax: Any, drawn: list[Array], side: int) -> Pictures:
    jax.block_until_ready(drawn)
    return np.stack([np.asarray(each).reshape(side, side, 3) for each in drawn])


def _functions(jnp: Any) -> dict[str, Paint]:
    def step(u: Array, name: str) -> Array:
        return jnp.trunc(jnp.clip(1000.0 * u + 0.5, *STEPS[name])) * 0.001

    return {
        "identity": lambda u: u,
        "sin": jnp.sin,
        "cos": jnp.cos,
        "tanh": jnp.tanh,
        "bipolar_sigmoid": lambda u: jnp.tanh(0.5 * u),
        "bipolar_gaussian": lambda u: 2.0 * jnp.exp(-u * u) - 1.0,
        "picbreeder_sigmoid": lambda u: jnp.tanh(0.5 * step(u, "picbreeder_sigmoid")),
        "picbreeder_gaussian": lambda u: (
            2.0 * jnp.exp(-jnp.square(step(u, "picbreeder_gaussian"))) - 1.0
        ),
    }


def _painter(jnp: Any, program: Program, hold: Paint = lambda value: value) -> Paint:
    """Return a function from the inputs of all pixels to their bytes; `hold` sees each node."""
    network, outputs, color = links(program), program.outputs.tolist(), program.color
    functions = _functions(jnp)

    def paint(points: Array) -> Array:
        values = list(points)
        for activation, bias, edges in network:
            total = jnp.full_like(points[0], bias)
            for source, weight in edges:
                total = total + weight * values[source]
            values.append(hold(functions[activation](total)))
        rgb = _rgb(jnp, color, [values[row] for row in outputs])
        return (rgb * 255.0 + 0.5).astype(jnp.uint8)

    return paint


def _rgb(jnp: Any, color: str, channels: list[Array]) -> Array:
    """Return grey, hsb or rgb channels as colours in 0..1, shape (pixels, 3)."""
    if color == "grey":
        level = jnp.minimum(jnp.abs(channels[0]), 1.0)
        return jnp.stack([level, level, level], axis=1)
    if color == "rgb":
        return jnp.clip(jnp.stack(channels, axis=1), 0.0, 1.0)
    hue, saturation, brightness = channels
    sixths = 6.0 * (hue - jnp.floor(hue))
    saturation = jnp.clip(saturation, 0.0, 1.0)
    brightness = jnp.minimum(jnp.abs(brightness), 1.0)
    parts = []
    for corner in (5.0, 3.0, 1.0):
        k = jnp.remainder(sixths + corner, 6.0)
        fade = jnp.clip(jnp.minimum(k, 4.0 - k), 0.0, 1.0)
        parts.append(brightness * (1.0 - saturation * fade))
    return jnp.stack(parts, axis=1)
