"""What the page of a person's taste shows and does. Knows nothing of Streamlit."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path

from breeder.store.taste import RESET
from breeder.taste import reasons
from breeder.taste.embedding import ENVIRONMENT
from breeder.ui.asking import READY, SIDE, Asked, Asker, preparer
from breeder.ui.comparing import Question, Said, Side
from breeder.ui.learnt import LearntAction, Report, report
from breeder.ui.pictures import jpegs, picture_address
from breeder.ui.resources import person
from breeder.ui.state import PageState

MORE_WAIT = 2.0
"""Seconds for which a browser that has no question left waits for one at a time."""


class TastePage:
    """The page in one tab.

    Args:
        state: Where the tab stands.

    Attributes:
        state: The same.
        asker: The tab's questions.
        answers: How many are stored.
        sent: Pictures that travelled to the browser, by their genomes' identities.
    """

    def __init__(self, state: PageState) -> None:
        self.state = state
        self.person = state.person or person()
        self.asker = Asker(preparer(state.store, self.person, lambda: state.breeder.run_id))
        self.sent: set[str] = set()
        self.answers = 0

    def refresh(self) -> None:
        """Count the answers that are stored now."""
        self.answers = len(self.state.store.answers())

    @property
    def tally(self) -> str:
        """How well the answers given here were foretold, in a few words; empty for too few."""
        given, foretold = self.asker.given, self.asker.foretold
        return f"{foretold} of {given} foretold here" if given >= 5 else ""

    def questions(self, asked: Sequence[Asked]) -> list[Question]:
        """Return questions as the browser is told of them."""
        return [
            Question(
                id=each.id,
                left=_side(each.pair.left.id, each.pair.words[0]),
                right=_side(each.pair.right.id, each.pair.words[1]),
            )
            for each in asked
        ]

    def report(self) -> Report:
        """Return what was learnt."""
        store, settings = self.state.store, self.state.breeder.settings
        account, facts = self.person.account(), self.person.facts()
        guide = self.person.guide(self.state.breeder.run_id)
        likes, dislikes = reasons.likes(guide.taste) if guide and guide.trusted else ((), ())
        return report(
            account,
            account.trial.hits,
            account.trial.evidence,
            guided=settings.guided,
            unguided=settings.unguided,
            grids=len({each.generation_id for each in facts.choices}),
            likes=likes,
            dislikes=dislikes,
            favourites=len(store.favourite_ids()),
            reset=store.taste_reset(),
            network=network_in_words(self.person.trouble),
            # What was foretold is known a moment before what is liked in this run.
            busy=not self.person.is_current() or guide is None or guide.trial != account.trial,
        )


def network_in_words(trouble: str) -> str:
    """Return which embedding network helps, or what is wrong with it; empty where none is named."""
    named = os.environ.get(ENVIRONMENT)
    if trouble:
        return f"{trouble} It is left out."
    return f"It also looks through your network {Path(named).name}." if named else ""


def hear_comparison(page: TastePage, said: Said) -> None:
    """Do what the browser said of a comparison."""
    with page.state.reporting():
        match said.kind:
            case "answer":
                page.person.answer(
                    said.left,
                    said.right,
                    said.preferred,
                    token=said.token,
                    run_id=page.state.breeder.run_id,
                )
                page.asker.answered(said.question, said.token, said.preferred)
            case "back":
                page.state.store.remove_answer(said.token)
                page.person.look(page.state.breeder.run_id)
                page.asker.taken_back(said.token)
            case "skip":
                page.asker.left(said.question)
            case "more":
                page.asker.questions(least=READY - 1, wait=MORE_WAIT)
            case "open":
                page.state.opened = page.state.store.genome(said.left).id


def hear_learnt(page: TastePage, action: LearntAction) -> None:
    """Do what the person asked for with what was learnt."""
    with page.state.reporting():
        if action.kind == "reset":
            page.state.store.reset_taste()
        elif action.kind == "remember":
            page.state.store.set_preference(RESET, None)
        # Not here: what was forgotten takes a while to be learnt again, and the page shows that.
        page.person.look(page.state.breeder.run_id)


def inline_pictures(page: TastePage, asked: Sequence[Asked]) -> dict[str, str]:
    """Return pictures of questions that did not travel yet, as `data:` addresses."""
    genomes = [side for each in asked for side in (each.pair.left, each.pair.right)]
    fresh = [genome for genome in genomes if genome.id not in page.sent]
    page.sent.update(genome.id for genome in fresh)
    return {
        key: "data:image/jpeg;base64," + base64.b64encode(data).decode()
        for key, data in jpegs(fresh, SIDE).items()
    }


def _side(genome_id: str, words: str) -> Side:
    return Side(genome_id=genome_id, url=picture_address(genome_id), words=words)
