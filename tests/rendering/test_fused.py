"""The GPU's renderer without a GPU: how programs are laid out, and what the kernel compiles to.

The conformance suite judges its pictures, in Triton's interpreter and on a GPU where there is one.
"""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from breeder.activations import ACTIVATIONS
from breeder.genome import COLOR_MODELS, Genome, NodeGene
from breeder.inputs import INPUTS
from breeder.program import Program, compile_genome
from breeder.rendering import renderer
from breeder.rendering.canvas import Canvas
from breeder.rendering.reference import ReferenceRenderer
from tests.fused import in_interpreter, on_cuda
from tests.genomes import random_genome

pytest.importorskip("triton", reason="no Triton here: the GPU's kernel is not checked")
from breeder.rendering import fused, fused_kernel

SIZES = [(0, 6), (12, 36), (40, 160), (80, 260), (200, 900)]
PROGRAMS = [
    compile_genome(
        random_genome(seed, hidden=hidden, connections=edges, color=COLOR_MODELS[seed % 4])
    )
    for hidden, edges in SIZES
    for seed in range(8)
]


def test_the_kernel_knows_every_activation_and_input() -> None:
    assert list(ACTIVATIONS) == fused_kernel.LOWERED_OPERATIONS
    assert list(INPUTS) == fused_kernel.LOWERED_INPUTS


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_value_is_overwritten_before_it_was_read(program: Program) -> None:
    rows, count = fused.rows_of_values(program)
    inputs = program.inputs.size
    holds: dict[int, int] = dict(zip(rows[:inputs].tolist(), range(inputs), strict=True))
    for node in range(program.operations.size):
        for value in program.sources[program.offsets[node] : program.offsets[node + 1]]:
            assert holds[int(rows[value])] == value
        holds[int(rows[inputs + node])] = inputs + node
    assert all(holds[int(rows[value])] == value for value in program.outputs)
    assert count == len(holds) == rows.max() + 1


def test_rows_are_used_again() -> None:
    """Else a tile of a large program would not stay in the cache."""
    large = compile_genome(random_genome(5, hidden=300, connections=2500))
    values = large.inputs.size + large.operations.size
    assert values > 100
    assert fused.rows_of_values(large)[1] < 0.7 * values


def test_the_layout_holds_every_program_wherever_it_stands() -> None:
    layout = fused.lay_out(PROGRAMS)
    assert sorted(layout.programs[:, 0]) == list(range(len(PROGRAMS)))
    for place, (picture, node, inputs, nodes, edge, color, *_) in enumerate(layout.programs):
        program = PROGRAMS[picture]
        rows, _ = fused.rows_of_values(program)
        records = layout.nodes[node : node + inputs + nodes]
        edges = layout.connections[edge : edge + program.sources.size]
        assert COLOR_MODELS[color] == program.color
        np.testing.assert_array_equal(records[:inputs, 0], program.inputs)
        np.testing.assert_array_equal(records[inputs:, 0], program.operations)
        np.testing.assert_array_equal(records[:, 1], rows)
        np.testing.assert_array_equal(records[inputs:, 2] - edge, program.offsets[1:])
        biases = np.ascontiguousarray(records[inputs:, 3]).view(np.float32)
        np.testing.assert_array_equal(biases, program.biases.astype(np.float32))
        np.testing.assert_array_equal(edges >> 32, rows[program.sources])
        weights = edges.astype(np.int32).view(np.float32)
        np.testing.assert_array_equal(weights, program.weights.astype(np.float32))
        channels = program.outputs.size
        np.testing.assert_array_equal(layout.outputs[place, :channels], rows[program.outputs])
    work = [fused._cost(PROGRAMS[picture]) for picture in layout.programs[:, 0]]
    assert work == sorted(work, reverse=True)
    assert layout.slots == max(fused.rows_of_values(program)[1] for program in PROGRAMS)


@pytest.mark.parametrize(
    "canvas",
    [
        Canvas(width=9, height=6),
        Canvas(width=9, height=6, zoom=3e3, center=(0.7, -1e3)),
        Canvas(width=5, height=8, zoom=0.3, center=(2, -1), rotation=77),
    ],
)
def test_the_view_leads_to_the_points(canvas: Canvas) -> None:
    x, y = canvas.points(range(canvas.height))
    x0, x_across, x_down, y0, y_across, y_down = fused.view(canvas)
    u = np.tile(2 * np.arange(canvas.width) + 1 - canvas.width, canvas.height)
    v = np.repeat(2 * np.arange(canvas.height) + 1 - canvas.height, canvas.width)
    np.testing.assert_allclose(x0 + u * x_across + v * x_down, x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(y0 + u * y_across + v * y_down, y, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("block", "instances"), [(16, 1), (16, 7), (64, 100)])
def test_tiles_and_instances_leave_no_seams(block: int, instances: int) -> None:
    """Byte for byte: several tiles for each instance, and tiles that end behind the picture."""
    programs = PROGRAMS[4:10]
    canvas = Canvas(width=13, height=9, rotation=20, zoom=1.3)
    wanted = in_interpreter().draw(programs, canvas, range(9))
    got = in_interpreter(block, instances).draw(programs, canvas, range(9))
    np.testing.assert_array_equal(got, wanted)


def test_a_large_batch_is_drawn_in_several_launches(monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = Canvas(width=10, height=7)
    whole = in_interpreter().draw(PROGRAMS[:3], canvas, range(7))
    monkeypatch.setattr(fused, "LAUNCH_SAMPLES", 3 * 10 * 2 + 5)
    launches: list[range] = []
    launch = fused.FusedRenderer.launch

    def counted(self: Any, programs: Any, canvas: Canvas, rows: range) -> torch.Tensor:
        launches.append(rows)
        return launch(self, programs, canvas, rows)

    monkeypatch.setattr(fused.FusedRenderer, "launch", counted)
    np.testing.assert_array_equal(in_interpreter().draw(PROGRAMS[:3], canvas, range(7)), whole)
    assert launches == [range(0, 2), range(2, 4), range(4, 6), range(6, 7)]


def test_large_programs_share_the_scratch_memory_among_fewer_tiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    empty = torch.empty
    monkeypatch.setattr(fused, "SCRATCH", 1200)

    def counted(size: Any, **options: Any) -> torch.Tensor:
        if isinstance(size, int):
            sizes.append(size)
        return empty(size, **options)

    monkeypatch.setattr(torch, "empty", counted)
    canvas = Canvas(width=13, height=9)
    programs = (PROGRAMS[0], PROGRAMS[-1])
    for program in programs:
        got = in_interpreter(32, 50).draw([program], canvas, range(9)).astype(int)
        wanted = ReferenceRenderer().draw([program], canvas, range(9))
        assert (np.abs(got - wanted) <= 1).mean() >= 0.999
    small, large = (32 * fused.rows_of_values(program)[1] for program in programs)
    assert sizes == [4 * small, large]  # all four tiles at once, and one after another
    assert 4 * small <= 1200 < 2 * large


def test_a_constant_network_is_drawn() -> None:
    genome = Genome(
        inputs=("x",),
        nodes=(NodeGene(key="brightness", activation="identity", bias=0.5),),
        connections=(),
        color="grey",
    )
    picture = in_interpreter().draw([compile_genome(genome)], Canvas(width=3, height=2), range(2))
    np.testing.assert_array_equal(picture, np.full((1, 2, 3, 3), 128))


def test_what_triton_raises_is_a_runtime_error() -> None:
    """As torch's errors are: drawing on a device asked for by name says it in plain words."""

    class Refusing:
        def __getitem__(self, grid: tuple[int]) -> Any:
            errors = pytest.importorskip("triton.runtime.errors")

            def launch(*_: Any, **__: Any) -> None:
                raise errors.OutOfResources(300_000, 232_448, "shared memory")

            return launch

    refused = fused.FusedRenderer("cpu", kernel=Refusing())
    with pytest.raises(RuntimeError, match="shared memory"):
        refused.draw(PROGRAMS[:1], Canvas(width=3, height=2), range(2))


def test_many_threads_draw_on_one_gpu() -> None:
    gpu = on_cuda()
    canvas = Canvas(width=96, height=96)
    batches = [PROGRAMS[start : start + 8] for start in range(0, len(PROGRAMS), 8)]
    wanted = [gpu.draw(batch, canvas, range(96)) for batch in batches]

    def same(turn: int) -> bool:
        place = turn % len(batches)
        return np.array_equal(gpu.draw(batches[place], canvas, range(96)), wanted[place])

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(same, range(320)))


def test_cuda_means_the_fused_kernel_where_there_is_one() -> None:
    on_cuda()
    assert isinstance(renderer("cuda"), fused.FusedRenderer)


POINTERS = {"programs": "*i32", "outputs": "*i32", "nodes": "*i32", "connections": "*i64",
            "scratch": "*fp32", "out": "*u8"}  # fmt: skip
FLOATS = ("x0", "x_across", "x_down", "y0", "y_across", "y_down", "z")
INTEGERS = ("width", "height", "top", "rows", "tiles", "total", "slots")
SIGNATURE = {
    **POINTERS,
    **dict.fromkeys(FLOATS, "fp32"),
    **dict.fromkeys(INTEGERS, "i32"),
    "BLOCK": "constexpr",
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Compile the kernel for a GPU that need not be here, or skip where Triton cannot."""
    triton = pytest.importorskip("triton")
    target = pytest.importorskip("triton.backends.compiler").GPUTarget("cuda", 90, 32)
    if "nvidia" not in triton.backends.backends:
        pytest.skip("this build of Triton compiles for no NVIDIA GPU: the kernel is not compiled")
    # Torch's allocations are aligned, which the launcher sees.
    aligned = {(place,): [["tt.divisibility", 16]] for place in range(len(POINTERS))}
    source = triton.compiler.ASTSource(
        fn=fused_kernel.draw_tiles,
        signature=SIGNATURE,
        constexprs={"BLOCK": fused.BLOCK},
        attrs=aligned,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRITON_CACHE_DIR", str(tmp_path_factory.mktemp("triton")))
        return triton.compile(
            source,
            target=target,
            options={"num_warps": 1, "num_stages": 1},
        )


def test_the_kernel_compiles_for_a_gpu(compiled: Any) -> None:
    """Errors that the interpreter does not see."""
    assert ".target sm_90" in compiled.asm["ptx"]
    assert len(compiled.asm["cubin"]) > 1000


def test_a_thread_reads_back_only_what_it_wrote(compiled: Any) -> None:
    """Every access to the rows has one layout; another would need a barrier between them."""
    rows = rf"tt\.(?:load|store) .*tensor<{fused.BLOCK}x!tt\.ptr<f32>, (#\w+)>"
    layouts = re.findall(rows, compiled.asm["ttgir"])
    assert len(layouts) >= 6  # inputs and nodes are written, connections and three channels read
    assert len(set(layouts)) == 1


def test_rows_move_four_numbers_at_a_time_and_activations_by_a_jump_table(compiled: Any) -> None:
    ptx = compiled.asm["ptx"]
    assert ptx.count("ld.global.v4.b32") >= 4
    assert ptx.count("st.global.v4.b32") == 2
    assert "brx.idx" in ptx


def test_the_kernel_keeps_everything_in_registers(compiled: Any, tmp_path: Path) -> None:
    """No spills and no local memory, few enough registers for 16 tiles and more at once."""
    knobs = pytest.importorskip("triton.knobs")
    ptx = tmp_path / "kernel.ptx"
    ptx.write_text(compiled.asm["ptx"])
    command = [knobs.nvidia.ptxas.path, "-v", "--gpu-name=sm_90a", str(ptx), "-o", "/dev/null"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads" in said
    registers = re.search(r"Used (\d+) registers", said)
    assert registers is not None
    assert int(registers[1]) <= 128
