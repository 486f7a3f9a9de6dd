"""What films say about their promises."""

from benchmarks.films import MOST, judged_memory, judged_works
from benchmarks.rows import PROMISES, Sample


def test_a_film_may_be_some_times_the_work_of_its_frames() -> None:
    bare = Sample((100.0, 110.0))
    for factor, kept in ((0.95, True), (1.05, False)):
        works = {kind: bare.scaled(most * factor) for kind, most in MOST.items()}
        rows = {row.promise: row.met for row in judged_works({"bare": bare, **works})}
        assert rows == {f"film-{kind}": kept for kind in MOST}
        assert set(rows) <= set(PROMISES)


def test_memory_that_grows_with_a_film_is_said() -> None:
    even = {kind: (100_000_000, 105_000_000) for kind in MOST}
    assert judged_memory(even).met
    row = judged_memory({**even, "gif": (100_000_000, 400_000_000)})
    assert (row.met, row.measured) == (False, "4.00 x")
    assert "gif 100 and 400 MB" in row.note
