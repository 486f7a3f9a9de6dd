"""Pictures with gradients: right by finite differences, and back into the genome they came from.

That their values are those of the reference is judged in tests/conformance.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from breeder.activations import ACTIVATIONS
from breeder.genome import COLOR_MODELS, ColorModel, ConnectionGene, Genome, NodeGene
from breeder.program import compile_genome
from breeder.rendering import render
from breeder.rendering.canvas import Canvas
from breeder.rendering.differentiable import DifferentiablePicture, with_numbers
from tests.genomes import dense_genome, one_node, random_genome

pytestmark = pytest.mark.usefixtures("one_thread")

CANVAS = Canvas(width=13, height=9, zoom=0.8, rotation=10, z=0.2)
STEPPED = ("picbreeder_sigmoid", "picbreeder_gaussian")
SMOOTH = tuple(name for name in ACTIVATIONS if name not in STEPPED)


def assert_gradients_are_right(genome: Genome, seed: int = 0, channels: int = 3) -> None:
    """Compare with central differences along random directions, in 64 bits."""
    program = compile_genome(genome)
    rng = np.random.default_rng(seed)
    judge = torch.from_numpy(rng.normal(size=(CANVAS.height, CANVAS.width, channels)))

    def score(picture: DifferentiablePicture) -> torch.Tensor:
        colors: torch.Tensor = picture(CANVAS)
        return (colors[..., :channels] * judge).sum()

    def moved(weights: NDArray[np.float64], biases: NDArray[np.float64], step: float) -> float:
        there = replace(
            program,
            weights=program.weights + step * weights,
            biases=program.biases + step * biases,
        )
        with torch.no_grad():
            return score(DifferentiablePicture(there, dtype=torch.float64)).item()

    picture = DifferentiablePicture(program, dtype=torch.float64)
    score(picture).backward()
    slopes = gradient(picture.weights), gradient(picture.biases)
    for _ in range(3):
        ways = rng.normal(size=program.weights.size), rng.normal(size=program.biases.size)
        told = sum(float(slope @ way) for slope, way in zip(slopes, ways, strict=True))
        seen = (moved(*ways, 1e-6) - moved(*ways, -1e-6)) / 2e-6
        assert told == pytest.approx(seen, rel=2e-4, abs=2e-4 * (1 + abs(seen)))


def gradient(parameter: torch.Tensor) -> NDArray[np.float64]:
    if parameter.grad is None:
        assert parameter.numel() == 0  # a picture of constants
        return np.empty(0)
    return np.asarray(parameter.grad.numpy(), dtype=np.float64)


@pytest.mark.parametrize("name", SMOOTH)
def test_every_activation_has_the_gradient_of_its_curve(name: str):
    for argument in (0.7, -0.4, 2.9):
        assert_gradients_are_right(one_node(name, argument, gain=0.1, offset=0.5), channels=1)


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_every_colour_model_has_the_gradient_of_its_picture(color: ColorModel):
    for seed in range(4):
        smooth = ("sin", "cos", "tanh", "sigmoid", "gaussian", "gelu", "elu", "identity")
        genome = random_genome(seed, color=color, activations=smooth, scale=0.5)
        assert_gradients_are_right(genome, seed)


def test_layers_that_are_matrices_have_the_right_gradient_too():
    assert_gradients_are_right(dense_genome(7, layers=3))


@pytest.mark.parametrize("name", STEPPED)
def test_stepped_activations_have_the_gradients_of_their_smooth_curves(name: str):
    genome = one_node(name, 0.4, gain=0.3, offset=0.5)
    slopes = []
    for activation in (name, name.replace("picbreeder", "bipolar")):
        nodes = tuple(
            replace(node, activation=activation) if node.activation == name else node
            for node in genome.nodes
        )
        stepped = replace(genome, nodes=nodes)
        picture = DifferentiablePicture(compile_genome(stepped), dtype=torch.float64)
        picture(CANVAS).sum().backward()
        slopes.append(gradient(picture.biases))
    assert np.abs(slopes[0]).max() > 1
    np.testing.assert_allclose(slopes[0], slopes[1], rtol=2e-3, atol=1e-3)


def test_stepped_activations_are_drawn_in_64_bits_and_others_in_32():
    steps = DifferentiablePicture(compile_genome(one_node(STEPPED[0], 0.1, gain=1.0, offset=0.0)))
    smooth = DifferentiablePicture(compile_genome(one_node("sin", 0.1, gain=1.0, offset=0.0)))
    assert (steps.weights.dtype, smooth.weights.dtype) == (torch.float64, torch.float32)


def test_a_root_has_a_finite_gradient_at_zero():
    node = NodeGene(key="brightness", activation="sqrt")
    link = ConnectionGene(source="r", target="brightness", weight=0.0)
    genome = Genome(inputs=("r",), nodes=(node,), connections=(link,), color="grey")
    picture = DifferentiablePicture(compile_genome(genome))
    picture(CANVAS).sum().backward()
    assert np.isfinite(gradient(picture.weights)).all()


def test_following_the_gradient_brings_a_picture_closer_to_another():
    target = DifferentiablePicture(compile_genome(dense_genome(6, layers=2)))(CANVAS).detach()
    picture = DifferentiablePicture(compile_genome(dense_genome(6, layers=2, seed=3)))
    losses = []
    for _ in range(40):
        loss = (picture(CANVAS) - target).square().mean()
        for parameter, slope in zip(
            picture.parameters(), torch.autograd.grad(loss, list(picture.parameters())), strict=True
        ):
            parameter.data.sub_(slope, alpha=0.2)
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("color", COLOR_MODELS)
def test_changed_numbers_go_back_into_the_genes_they_came_from(color: ColorModel):
    genome = random_genome(6, color=color)
    picture = DifferentiablePicture(compile_genome(genome))
    with torch.no_grad():
        picture.weights.mul_(0.75)
        picture.biases.add_(0.25)
        wanted = torch.floor(picture(CANVAS) * 255 + 0.5).numpy()
    updated = picture.updated(genome)
    got = render([updated], CANVAS, device="reference")[0]
    assert (np.abs(got - wanted) <= 1).mean() > 0.995
    assert {n.key: n.activation for n in updated.nodes} == {
        n.key: n.activation for n in genome.nodes
    }
    used = {float(weight) for weight in compile_genome(updated).weights}
    for before, after in zip(genome.connections, updated.connections, strict=True):
        kept = after.weight == before.weight
        assert kept or (after.enabled and after.weight in used)
        assert before.enabled or kept


def test_unchanged_numbers_give_the_same_genome():
    genome = random_genome(4)
    assert with_numbers(genome, compile_genome(genome)) == genome
    with pytest.raises(ValueError, match="another structure"):
        with_numbers(random_genome(5), compile_genome(genome))


def test_numbers_that_no_genome_may_hold_are_refused():
    picture = DifferentiablePicture(compile_genome(random_genome(4)))
    with torch.no_grad():
        picture.weights[3] = float("nan")
    with pytest.raises(ValueError, match="not finite"):
        picture.program()


def test_rows_and_points_are_parts_of_the_whole(monkeypatch: pytest.MonkeyPatch):
    picture = DifferentiablePicture(compile_genome(random_genome(3)))
    large = Canvas(width=40, height=31)
    with torch.no_grad():
        whole, larger = picture(CANVAS), picture(large)
        assert whole.shape == (9, 13, 3)
        assert torch.allclose(picture(CANVAS, range(2, 5)), whole[2:5], atol=1e-6)
        inputs = picture.inputs(*CANVAS.points(range(9)), CANVAS.z)
        some = torch.tensor([5, 0, 77])
        points = whole.reshape(-1, 3)[some]
        assert torch.allclose(picture.colors(inputs[:, some]), points, atol=1e-6)
        monkeypatch.setattr("breeder.rendering.differentiable.CHUNK", 1)
        assert torch.allclose(picture(large), larger, atol=1e-6)


def test_a_picture_of_constants_is_drawn():
    node = NodeGene(key="brightness", activation="sigmoid", bias=0.3)
    genome = Genome(inputs=("x",), nodes=(node,), connections=(), color="grey")
    picture = DifferentiablePicture(compile_genome(genome))
    colors = picture(CANVAS)
    colors.sum().backward()
    assert np.ptp(colors.detach().numpy()) == 0
    assert gradient(picture.biases).sum() > 0
