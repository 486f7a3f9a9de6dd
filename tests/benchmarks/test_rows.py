import pytest

from benchmarks.rows import BENCHMARKS, PROMISES, Row, Sample, missing, number, table


def lines(rows: list[Row]) -> list[list[str]]:
    """Return the cells of a table's rows, head and rule left out."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table(rows).splitlines()[2:]
    ]


def test_a_row_says_what_was_promised_measured_and_whether_it_is_met() -> None:
    row = Row(promise="torch", measured="10 ms", spread="9 to 11", peer="70 ms (65 to 72)",
              ratio="7.00 (6.5 to 7.2)", share="20 % of FMA", met=True, note="as said")  # fmt: skip
    (cells,) = lines([row])
    promise = PROMISES["torch"]
    assert cells == [promise.claim, promise.goal, "10 ms (9 to 11)", "70 ms (65 to 72)",
                     "7.00 (6.5 to 7.2)", "20 % of FMA", "met; as said"]  # fmt: skip


def test_a_missed_goal_stands_out_and_no_verdict_is_given_without_a_goal() -> None:
    missed = Row(promise="torch", measured="10 ms", met=False)
    none = Row(promise="jax-jit", measured="10 ms")
    assert [cells[-1] for cells in lines([missed, none])] == ["**missed**", ""]


def test_rows_stand_in_the_order_of_the_promises() -> None:
    rows = [Row(promise=name, measured="1") for name in reversed(list(PROMISES))]
    assert [cells[0] for cells in lines(rows)] == [each.claim for each in PROMISES.values()]


def test_a_cell_cannot_break_the_table() -> None:
    row = Row(promise="torch", measured="not measured", note="Error: a | b\nand more")
    (cells,) = lines([row])
    assert cells[-1] == "Error: a / b and more"
    assert len(cells) == 7


def test_every_promise_without_a_row_gets_one_with_the_reason() -> None:
    measured = [Row(promise="evolve-p95", measured="2 s", met=True)]
    found = missing("page", measured, "the browser would not start")
    assert [row.promise for row in found] == ["evolve-median"]
    assert lines(found)[0][-1] == "the browser would not start"
    assert sorted(row.promise for name in BENCHMARKS for row in missing(name, [], "")) == sorted(
        PROMISES
    )


def test_a_sample_gives_median_quartiles_and_paired_ratios() -> None:
    ours, peer = Sample((10.0, 20.0, 12.0)), Sample((60.0, 120.0, 66.0))
    assert (ours.text, ours.spread) == ("12.0 ms", "11.0 to 16.0")
    # The slow round slowed both: the paired ratios hold together.
    assert peer.over(ours) == "5.50 (5.75 to 6.00)"
    assert peer.scaled(64).text == "4,224 ms"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.01234, "0.012"), (9.876, "9.88"), (12.34, "12.3"), (123.4, "123"),
     (18_234.0, "18,234"), (-3.14159, "-3.14")],
)  # fmt: skip
def test_numbers_have_three_figures(value, text) -> None:
    assert number(value) == text
