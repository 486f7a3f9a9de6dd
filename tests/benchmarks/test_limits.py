import numpy as np

from benchmarks import limits


def test_the_loop_of_a_limit_does_the_arithmetic_that_is_counted() -> None:
    values = np.arange(limits.LANES, dtype=np.float32)
    wanted = values.astype(np.float64)
    for _ in range(3 * limits.STEPS):
        wanted = wanted * 0.75 + 0.125
    for loop in (limits._plain, limits._fused):
        got = values.copy()
        loop(got, np.float32(0.75), np.float32(0.125), 3)
        np.testing.assert_allclose(got, wanted, rtol=1e-5)


def test_the_limits_are_positive_and_named() -> None:
    found = limits.measure_limits(repeats=1)
    assert min(found.fused, found.plain, found.memory) > 0
    assert "GFLOP/s fused" in found.text
