from functools import partial

from benchmarks.rounds import FEWEST, in_turns


def test_contenders_take_turns_and_the_first_call_of_a_turn_does_not_count(monkeypatch) -> None:
    calls: list[str] = []
    found = in_turns({name: partial(calls.append, name) for name in "ab"}, 2)
    assert "".join(calls) == "aabbaabb"
    assert [len(found[name].values) for name in "ab"] == [2, 2]


def test_no_round_begins_once_the_budget_is_spent(capsys) -> None:
    found = in_turns({"a": lambda: None}, 50, budget=0.0)
    assert len(found["a"].values) == FEWEST
    assert f"only {FEWEST} of 50 rounds" in capsys.readouterr().out
