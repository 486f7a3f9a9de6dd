"""Which device draws: chosen by machine and by work, and the CPU where it fails."""

from __future__ import annotations

import logging
import math
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import breeder.rendering as rendering
from breeder.errors import RenderError
from breeder.genome import COLOR_MODELS
from breeder.program import Program, compile_genome
from breeder.rendering import devices, render
from breeder.rendering.batched import BatchedRenderer
from breeder.rendering.canvas import Canvas
from breeder.rendering.devices import GPU_WORK, PATIENT_WORK, Device, choose
from breeder.rendering.reference import ReferenceRenderer
from tests.genomes import random_genome

GENOMES = [random_genome(seed, color=COLOR_MODELS[seed % 4]) for seed in range(5)]
CANVAS = Canvas(width=12, height=10)
WANTED = ReferenceRenderer().draw([compile_genome(each) for each in GENOMES], CANVAS, range(10))
NO_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.\nSee above.")
LOST = RuntimeError("CUDA error: unspecified launch failure")


class Failing(ReferenceRenderer):
    """A GPU that draws some bands and then fails."""

    def __init__(self, error: Exception, bands: int = 0):
        self.error, self.bands, self.calls = error, bands, 0

    def draw(self, programs: Sequence[Program], canvas: Canvas, rows: range) -> NDArray[np.uint8]:
        self.calls += 1
        if self.calls > self.bands:
            raise self.error
        return super().draw(programs, canvas, rows)


def triton_error() -> Exception:
    errors = pytest.importorskip("triton.runtime.errors", reason="no Triton: its errors are unseen")
    error: Exception = errors.OutOfResources(300_000, 232_448, "shared memory")
    return error


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_noted", set())
    monkeypatch.setattr(devices, "_given_up", set())


def use_gpu(monkeypatch: pytest.MonkeyPatch, gpu: Any, device: Device = "cuda") -> None:
    """Give this machine a GPU that is ready and worth asking for anything."""
    ready: Future[Device | None] = Future()
    ready.set_result(device)
    monkeypatch.setattr(devices, "GPU_WORK", 0)
    monkeypatch.setattr(devices, "_may_have_gpu", lambda: True)
    monkeypatch.setattr(devices, "_load_gpu", lambda: ready)
    both = {device: gpu, "cpu": ReferenceRenderer()}
    monkeypatch.setattr(devices, "renderer", both.__getitem__)


@pytest.mark.parametrize("make", [lambda: NO_MEMORY, lambda: LOST, triton_error])
@pytest.mark.parametrize("device", ["cuda", "mps"])
@pytest.mark.parametrize("bands", [0, 1, 2])
def test_auto_goes_on_with_the_cpu_and_gives_the_same_picture(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    make: Any,
    device: Device,
    bands: int,
) -> None:
    gpu = Failing(make(), bands)
    use_gpu(monkeypatch, gpu, device)
    monkeypatch.setattr(rendering, "BAND_SAMPLES", 30)  # 10 bands on the CPU, 4 on a GPU
    with caplog.at_level(logging.WARNING):
        pictures = render(GENOMES, CANVAS)
    np.testing.assert_array_equal(pictures, WANTED)
    assert gpu.calls == bands + 1, "a GPU that failed is not asked for the bands that follow"
    (record,) = caplog.records
    assert str(gpu.error).splitlines()[0] in record.getMessage()
    assert "the CPU draws" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_a_gpu_short_of_memory_draws_the_next_picture_and_is_noted_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gpu = Failing(NO_MEMORY)
    use_gpu(monkeypatch, gpu)
    for _ in range(3):
        np.testing.assert_array_equal(render(GENOMES, CANVAS), WANTED)
    assert gpu.calls == 3
    assert len(caplog.records) == 1


def test_a_gpu_out_of_order_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gpu = Failing(LOST)
    use_gpu(monkeypatch, gpu)
    for _ in range(3):
        np.testing.assert_array_equal(render(GENOMES, CANVAS), WANTED)
    assert gpu.calls == 1
    assert "from now on" in caplog.text


def test_another_kind_of_failure_is_noted_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gpu = Failing(NO_MEMORY)
    use_gpu(monkeypatch, gpu)
    render(GENOMES, CANVAS)
    gpu.error = LOST
    render(GENOMES, CANVAS)
    assert [record.getMessage().split("; ")[1] for record in caplog.records] == [
        "the CPU draws instead.",
        "the CPU draws from now on.",
    ]


@pytest.mark.parametrize("asked", ["cuda", "cpu"])
def test_a_device_asked_for_by_name_fails_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, asked: Any
) -> None:
    both = {"cuda": Failing(NO_MEMORY), "cpu": Failing(NO_MEMORY)}
    monkeypatch.setattr(devices, "renderer", both.__getitem__)
    with pytest.raises(RenderError, match=f"{asked}.*out of memory") as caught:
        render(GENOMES, CANVAS, device=asked)
    assert isinstance(caught.value.__cause__, RuntimeError)


class TestAutoChooses:
    """By whether there is a GPU, whether it is ready, and how much work there is."""

    programs = (compile_genome(random_genome(0, hidden=30, connections=150)),)
    weight = programs[0].operations.size + programs[0].sources.size

    def canvas(self, work: int, supersample: int = 1) -> Canvas:
        side = math.isqrt(work // self.weight) // supersample + 1
        return Canvas(width=side, height=side, supersample=supersample)

    def device(self, canvas: Canvas) -> Device:
        return choose(self.programs, canvas, "auto")._device

    @pytest.fixture
    def loading(self, monkeypatch: pytest.MonkeyPatch) -> Future[Device | None]:
        future: Future[Device | None] = Future()
        monkeypatch.setattr(devices, "_may_have_gpu", lambda: True)
        monkeypatch.setattr(devices, "_load_gpu", lambda: future)
        return future

    def test_the_cpu_for_small_pictures_without_asking(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(devices, "_may_have_gpu", lambda: pytest.fail("asked for a GPU"))
        assert self.device(Canvas(width=32, height=32)) == "cpu"

    @pytest.mark.parametrize("supersample", [1, 4])
    def test_a_gpu_that_is_ready_for_a_grid(
        self, loading: Future[Device | None], supersample: int
    ) -> None:
        loading.set_result("cuda")
        assert self.device(self.canvas(GPU_WORK, supersample)) == "cuda"
        assert self.device(Canvas(width=32, height=32)) == "cpu"

    def test_the_cpu_while_the_gpu_is_not_ready(self, loading: Future[Device | None]) -> None:
        assert self.device(self.canvas(GPU_WORK)) == "cpu"

    def test_to_wait_for_the_gpu_before_a_poster(self, loading: Future[Device | None]) -> None:
        threading.Timer(0.2, lambda: loading.set_result("mps")).start()
        assert self.device(self.canvas(PATIENT_WORK, 4)) == "mps"

    def test_the_cpu_when_the_gpu_is_never_ready(
        self, monkeypatch: pytest.MonkeyPatch, loading: Future[Device | None]
    ) -> None:
        monkeypatch.setattr(devices, "PATIENCE", 0.01)
        assert self.device(self.canvas(PATIENT_WORK, 4)) == "cpu"

    def test_the_cpu_where_there_is_no_gpu(self, loading: Future[Device | None]) -> None:
        loading.set_result(None)
        assert self.device(self.canvas(GPU_WORK)) == "cpu"


def test_getting_a_gpu_ready_never_raises(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Device:
        raise OSError("libcuda.so.1: cannot open shared object file")

    monkeypatch.setattr(devices, "available_device", broken)
    assert devices._ready_gpu() is None
    assert "libcuda" in caplog.text


@pytest.mark.parametrize(
    ("error", "said"),
    [(ImportError("no module named triton"), False), (OSError("no C compiler"), True)],
)
def test_pytorch_draws_on_cuda_where_the_kernel_cannot(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, said: bool
) -> None:
    """Quietly without Triton, as on Windows; in a sentence where something is broken."""

    class Fused:
        def __init__(self) -> None:
            raise error

    module = type(sys)("breeder.rendering.fused")
    monkeypatch.setattr(module, "FusedRenderer", Fused, raising=False)
    monkeypatch.setitem(sys.modules, "breeder.rendering.fused", module)
    monkeypatch.setattr("breeder.rendering.batched.is_there", lambda device: True)
    assert isinstance(devices.renderer.__wrapped__("cuda"), BatchedRenderer)
    assert ("PyTorch draws instead" in caplog.text) == said
