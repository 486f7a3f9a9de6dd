"""The runner: a benchmark that fails, hangs or is not there is a row of the table."""

import sys
from types import ModuleType

import pytest

import benchmarks.__main__ as bench
from benchmarks.machine import Bystanders
from benchmarks.rows import PROMISES, Row


def benchmark(monkeypatch, rows) -> None:
    """Put a module in the place of the benchmark "page"."""
    module = ModuleType("benchmarks.page")
    vars(module)["rows"] = rows
    monkeypatch.setitem(sys.modules, "benchmarks.page", module)


def rows_of(tmp_path, reason="no reason") -> list[Row]:
    path = tmp_path / "rows.jsonl"
    bench.write_rows("page", path)
    return bench._read("page", path, reason)


def test_a_benchmark_that_fails_keeps_its_first_rows_and_says_why_for_the_rest(
    monkeypatch, tmp_path, capsys
) -> None:
    def rows():
        yield Row(promise="evolve-median", measured="90 ms", met=True)
        raise RuntimeError("the browser has gone")

    benchmark(monkeypatch, rows)
    first, second = rows_of(tmp_path)
    assert (first.promise, first.met) == ("evolve-median", True)
    assert (second.promise, second.measured) == ("evolve-p95", "not measured")
    assert second.note == "RuntimeError: the browser has gone"
    assert "the browser has gone" in capsys.readouterr().err


def test_a_benchmark_that_leaves_a_promise_out_is_noticed(monkeypatch, tmp_path) -> None:
    benchmark(monkeypatch, lambda: [Row(promise="evolve-p95", measured="90 ms")])
    kept, left_out = rows_of(tmp_path, "it has no row for this")
    assert (kept.promise, left_out.note) == ("evolve-p95", "it has no row for this")


def test_a_benchmark_that_is_not_there_is_a_row_for_each_of_its_promises(
    monkeypatch, tmp_path, capsys
) -> None:
    monkeypatch.setitem(sys.modules, "benchmarks.page", None)  # an import of it fails
    rows = rows_of(tmp_path)
    assert {row.promise for row in rows} == {"evolve-median", "evolve-p95"}
    assert all("benchmarks.page" in row.note for row in rows)


def test_a_benchmark_that_hangs_is_ended(monkeypatch) -> None:
    rows = bench.run("page", patience=0.01)
    assert [row.measured for row in rows] == ["not measured"] * 2
    assert "longer than" in rows[0].note


def test_the_report_has_the_machine_the_load_and_every_row(monkeypatch, capsys) -> None:
    monkeypatch.setattr(
        bench,
        "run",
        lambda name: [
            Row(promise=key, measured=f"by {name}")
            for key, promise in PROMISES.items()
            if promise.benchmark == name
        ],
    )
    text = bench.report(["page", "load"])
    assert "numpy" in text
    assert "load average" in text
    assert text.count("| by page |") == 2
    assert text.count("| by load |") == 3


def test_figures_of_a_busy_machine_say_so(monkeypatch) -> None:
    monkeypatch.setattr(
        bench, "run", lambda name: [Row(promise="torch", measured="1 ms", note="x")]
    )
    monkeypatch.setattr(Bystanders, "share", property(lambda self: 0.5))
    assert "| x; on a busy machine |" in bench.report(["drawing"])
    monkeypatch.setattr(Bystanders, "share", property(lambda self: 0.0))
    assert "busy" not in bench.report(["drawing"])


def test_a_saved_table_replaces_the_old_one_and_nothing_else(monkeypatch, tmp_path) -> None:
    file = tmp_path / "RESULTS.md"
    file.write_text(f"# Results\n\n{bench.BEGIN}\nold\n{bench.END}\n\n## Details\n")
    monkeypatch.setattr(bench, "RESULTS", file)
    bench.save("new")
    assert file.read_text() == f"# Results\n\n{bench.BEGIN}\nnew\n{bench.END}\n\n## Details\n"


def test_the_file_of_results_has_the_place_for_the_table() -> None:
    text = bench.RESULTS.read_text()
    assert text.count(bench.BEGIN) == text.count(bench.END) == 1
    assert text.index(bench.BEGIN) < text.index(bench.END)


def test_an_unknown_benchmark_is_refused_with_the_names_there_are(capsys) -> None:
    with pytest.raises(SystemExit):
        bench.main(["drawings"])
    assert "choose from drawing, gpu" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        bench.main(["--save", "page"])
