"""What drawings say about the promises of posters."""

from benchmarks.posters import SIZES, SUFFIXES, Drawn, judged


def drawn(size: int, *, slower: float = 1.0, peak: int = 300_000_000) -> Drawn:
    seconds = size**2 * 1e-8 * slower
    return Drawn(seconds=seconds, work=2 * seconds, peak=peak, bytes=size)


def measured(**last: float) -> dict[tuple[str, int], list[Drawn]]:
    """Three sizes in both formats; the largest TIFF is as `last` says."""
    found = {(suffix, size): [drawn(size)] for suffix in SUFFIXES for size in SIZES}
    found[".tif", SIZES[-1]].append(drawn(SIZES[-1], **last))  # type: ignore[arg-type]
    return found


def verdicts(**last: float) -> dict[str, bool | None]:
    return {row.promise: row.met for row in judged(measured(**last))}


def test_every_promise_is_met_by_drawings_that_keep_it() -> None:
    assert verdicts() == {"poster-png": True, "poster-tiff": True, "poster-time": True}


def test_the_largest_peak_counts_and_a_gigabyte_is_too_much() -> None:
    assert verdicts(peak=1_000_000_000)["poster-tiff"] is False
    assert verdicts(peak=1_000_000_000)["poster-png"] is True


def test_time_that_grows_faster_than_pixels_is_said() -> None:
    assert verdicts(slower=2.0)["poster-time"] is False
    (row,) = [row for row in judged(measured(slower=2.0)) if row.promise == "poster-time"]
    assert row.measured == "1.50 x the smallest's"
    assert "tif 10.0 / 10.0 / 15.0" in row.note
