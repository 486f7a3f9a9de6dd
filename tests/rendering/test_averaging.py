import numpy as np
import pytest

from breeder.rendering import averaging, color, cpu


def samples(seed: int, factor: int, shape: tuple[int, int, int] = (3, 21, 17)) -> np.ndarray:
    batch, height, width = shape
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (batch, height * factor, width * factor, 3), dtype=np.uint8)


@pytest.mark.parametrize("factor", range(2, 9))
def test_the_compiled_loops_give_the_bytes_of_the_reference(factor: int) -> None:
    drawn = samples(factor, factor)
    assert np.array_equal(averaging.average(drawn, factor), color.average(drawn, factor))


def test_samples_that_do_not_lie_end_to_end_in_memory() -> None:
    drawn = samples(1, 4)[:, ::-1]
    assert np.array_equal(averaging.average(drawn, 2), color.average(drawn, 2))


def test_one_sample_for_each_pixel_is_the_picture_itself() -> None:
    drawn = samples(2, 1)
    assert cpu.average(drawn, 1) is drawn


def test_pixels_are_averaged_before_and_after_the_loops_are_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = samples(3, 2)
    assert cpu.prepare()
    after = cpu.average(drawn, 2)
    monkeypatch.setattr(averaging, "average", lambda *_: pytest.fail("not compiled yet"))
    monkeypatch.setattr(cpu, "_loops", Unfinished)
    assert np.array_equal(cpu.average(drawn, 2), after)


class Unfinished:
    def done(self) -> bool:
        return False
