"""A course: foretold as it comes, or read again, it ends at the same trial."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from breeder.taste import course as course_module
from breeder.taste.course import EARLIER, Course, Event, weighed
from breeder.taste.model import Choice, Taste, learn
from tests.taste.choosing import choices, liking

LIKED = liking()

pytestmark = pytest.mark.usefixtures("one_thread")


def events(count: int, *, seed: int = 0, run: str = "a") -> list[Event]:
    made = choices(count, LIKED, seed=seed)
    return [Event(key=f"{seed} {i}", run_id=run, choice=each) for i, each in enumerate(made)]


def test_a_course_followed_step_by_step_ends_where_one_read_at_once_does():
    told = [*events(9), *events(8, seed=1, run="b"), *events(3, seed=2)]
    whole = Course().follow(told)
    course = Course()
    for end in (1, 2, 3, 7, 8, 12, 13, 19, 20):
        trial = course.follow(told[:end])
    assert trial == whole
    assert len(trial.hits) == 19  # the first is foretold by nothing


def test_a_choice_that_was_taken_back_leaves_no_trace():
    told = events(10)
    course = Course()
    course.follow(told)
    changed = [*told[:4], *told[5:]]
    assert course.follow(changed) == Course().follow(changed)


def test_answers_are_evidence_and_not_counted_in_the_accuracy():
    told = events(12)
    answers = [replace(event, is_pick=False) for event in told]
    picks, others = Course().follow(told), Course().follow(answers)
    assert others.hits == ()
    assert others.evidence == pytest.approx(picks.evidence)


def test_nothing_is_foretold_by_what_comes_after_it():
    told = events(12)
    later = [*told[:11], replace(events(12, seed=5)[11], key="other")]
    assert Course().follow(told).hits[:10] == Course().follow(later).hits[:10]


def test_only_the_first_choice_in_a_grid_is_foretold():
    """Who goes back and picks one more has told of the others before."""
    told = [replace(event, shown=f"grid {number}") for number, event in enumerate(events(9))]
    more = replace(told[-1], key="one more")
    course = Course()
    before = course.follow(told)
    assert course.follow([*told, more]) == before == Course().follow([*told, more])
    other = replace(more, shown="another grid")
    assert len(Course().follow([*told, other]).hits) == len(before.hits) + 1


def test_what_fails_half_way_is_gone_on_with(monkeypatch: pytest.MonkeyPatch):
    told, course = events(9), Course()

    def fails(choices: Sequence[Choice], before: Taste | None) -> Taste:
        if len(choices) == 6:
            raise MemoryError
        return learn(choices, before)

    monkeypatch.setattr(course_module, "learn", fails)
    with pytest.raises(MemoryError):
        course.follow(told)
    monkeypatch.undo()
    assert course.follow(told) == Course().follow(told)


def test_choices_of_other_runs_count_for_less():
    told = [*events(1), *events(1, seed=1, run="b"), *events(1, seed=2, run="")]
    assert [each.weight for each in weighed(told, "b")] == [EARLIER, 1.0, 1.0]
