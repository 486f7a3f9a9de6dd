"""`breeder taste`: what was learnt of a person's choices: shown, taken away, forgotten."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breeder.cli.desk import Desk
from breeder.cli.options import Database, Json
from breeder.cli.output import progress, remark, say, say_json

if TYPE_CHECKING:
    from breeder.store import Store
    from breeder.taste.guide import TasteGuide
    from breeder.taste.person import Person

app = typer.Typer(no_args_is_help=True)


@app.callback()
def taste() -> None:
    """What was learnt of your choices: how good it is, what you seem to like, your data."""


@app.command()
def show(as_json: Json = False, database: Database = None) -> None:
    """Print how well your choices are foretold, against chance, and what you seem to like."""
    with Desk(database) as desk:
        person, guide = learnt(desk.store)
        told = _told(desk.store, person, guide)
    if as_json:
        say_json(told)
        return
    for line in _lines(told):
        say(line)


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.json", help="The file to write; - prints it.")
    ],
    database: Database = None,
) -> None:
    """Write all that was learnt from, and what was learnt, as JSON."""
    import json

    from breeder.cli.files import whole_file

    with Desk(database) as desk:
        person, _ = learnt(desk.store)
        plain = person.export()
    if str(file) == "-":
        say_json(plain)
        return
    with whole_file(file) as target:
        target.write(f"{json.dumps(plain, indent=1, allow_nan=False)}\n".encode())
    say(f"Wrote {file}.")


@app.command()
def reset(
    undo: Annotated[
        bool, typer.Option("--undo", help="Learn from everything again, as before.")
    ] = False,
    database: Database = None,
) -> None:
    """Learn only from what is chosen from now on. Nothing is deleted: --undo takes it back."""
    from breeder.store.taste import RESET

    with Desk(database) as desk:
        if undo:
            desk.store.set_preference(RESET, None)
            remark("learning from everything again.")
        else:
            desk.store.reset_taste()
            remark("forgotten; 'breeder taste reset --undo' learns from everything again.")


def learnt(store: Store, run_id: str = "") -> tuple[Person, TasteGuide]:
    """Return who the person of a database is, and their taste as it counts in a run.

    Learning looks at every picture chosen among, which takes a while with many: it shows how far it
    is.
    """
    from breeder.taste.person import Person

    person = Person(store)
    done = 0
    with progress("Learning", 100) as step:

        def advance(looked: int, total: int) -> None:
            nonlocal done
            now = 100 * looked // max(total, 1)
            step(now - done)
            done = now

        return person, person.learn(run_id, advance)


def _told(store: Store, person: Person, guide: TasteGuide) -> dict[str, Any]:
    from breeder.taste import reasons
    from breeder.taste.embedding import ENVIRONMENT

    account = person.account()
    likes, dislikes = reasons.likes(guide.taste) if account.trusted else ((), ())
    low, high = account.interval
    reset = store.taste_reset()
    return {
        "trusted": account.trusted,
        "accuracy": account.accuracy,
        "interval": [low, high],
        "foretold": account.foretold,
        "choices": account.choices,
        "runs": account.runs,
        "answers": account.answers,
        "ratings": account.ratings,
        "since": account.since.isoformat() if account.since else None,
        "reset": reset.isoformat() if reset else None,
        "network": os.environ.get(ENVIRONMENT) or None,
        "trouble": person.trouble or None,
        "likes": list(likes),
        "dislikes": list(dislikes),
    }


def _lines(told: dict[str, Any]) -> list[str]:
    parts = (("choices", "choice"), ("runs", "run"), ("answers", "answer"), ("ratings", "picture"))
    choices, runs, answers, rated = (
        f"{told[name]:,} {word}{'s' * (told[name] != 1)}" for name, word in parts
    )
    lines = [f"learnt from {choices} in {runs}, {answers}, {rated} with stars"]
    if told["trouble"]:
        lines.append(f"without your network: {told['trouble']}")
    elif told["network"]:
        lines.append(f"looks through your network {Path(told['network']).name} too")
    if told["reset"]:
        lines.append(f"forgotten: what was done before {told['reset']}")
    if told["foretold"] >= 3:
        low, high = told["interval"]
        lines.append(
            f"foretold: {told['accuracy']:.1%} of {told['foretold']:,} choices "
            f"(chance 50%, 95% interval {low:.1%} to {high:.1%})"
        )
    else:
        lines.append("foretold: too few choices to say")
    if told["trusted"]:
        lines.append("it beats chance, and may choose pictures")
        lines += [f"likes: {', '.join(told['likes'])}"] if told["likes"] else []
        lines += [f"dislikes: {', '.join(told['dislikes'])}"] if told["dislikes"] else []
    else:
        lines.append("it does not beat chance, and chooses nothing")
    return lines
