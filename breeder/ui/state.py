"""What one tab of the browser is doing, and what its clicks do. Knows nothing of Streamlit.

Durable state is in the store; this object only remembers where a tab stands. Errors that a person
can cause become one sentence in `notice`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from breeder.breeder import Breeder
from breeder.errors import AmbiguousError, BreederError, NotFoundError, SettingsError
from breeder.formats import Document, loads_documents
from breeder.genome import Genome
from breeder.guidance import Guide
from breeder.history import BreederSettings, Child, Generation, Run
from breeder.store import Store
from breeder.taste.person import Person
from breeder.ui.ahead import Ahead
from breeder.ui.grid import Action, Picks

NAME_LENGTH = 200
POPULATIONS = (9, 12, 15, 20, 24)
"""The sizes of grid that the page offers."""

DIALS = ("guided", "unguided", "novelty")
"""Settings that are the person's, and not a run's: they hold in all runs from the moment they are
set, and not only from the next grid."""

DIALS_KEPT = "taste.dials"
"""The preference that holds them."""


@dataclass(slots=True, kw_only=True)
class PageState:
    """Where a tab stands.

    Attributes:
        breeder: The run and the grid shown.
        seq: The highest number of a change of picks that is stored.
        status: What happened last, one line.
        notice: What went wrong last, one sentence; empty if nothing.
        opened: The genome now shown large; None if none is.
        deleted: The run deleted last, which can be brought back.
        to_grid: Whether another page is to hand over to the grid.
        leads_to: The page to go to next, a file of views/, and its query; None stays.
        address: The run that the page's address names.
        left: The runs that this tab has left: a click on one may still be on its way.
        runs: The list of runs as last read; None when it has to be read again. A pick leaves it
            as it is: reading a thousand runs takes longer than a pick may.
        gone: The deleted runs, read with them.
        ahead: What breeds ahead for all tabs; None breeds only when asked.
        tab: Tells the tabs of a server apart.
        person: What is known of whoever breeds here; None leaves all to the picks.
    """

    breeder: Breeder
    seq: int = 0
    status: str = ""
    notice: str = ""
    opened: str | None = None
    deleted: Run | None = None
    to_grid: bool = False
    leads_to: tuple[str, dict[str, str]] | None = None
    address: str = ""
    left: set[str] = field(default_factory=set)
    runs: list[Run] | None = None
    gone: list[Run] = field(default_factory=list)
    ahead: Ahead | None = None
    tab: str = field(default_factory=lambda: secrets.token_hex(8))
    person: Person | None = None
    _known: tuple[str, Guide | None] = ("", None)

    def __post_init__(self) -> None:
        self._equip(self.breeder)

    @property
    def store(self) -> Store:
        """The store behind the tab."""
        return self.breeder.store

    @property
    def guide(self) -> Guide | None:
        """What is known of the person now, for a run that begins."""
        return self.person.guide(self.breeder.run_id) if self.person else None

    @property
    def generation(self) -> Generation:
        """The grid shown."""
        return self.breeder.ask()

    def stand_on(self, breeder: Breeder, status: str = "") -> None:
        """Show another run."""
        self.left.add(self.breeder.run_id)
        self._equip(breeder)
        self.breeder = breeder
        self.seq = 0
        self.opened = None
        self.runs = None
        self.to_grid = True
        self.status = status or describe(breeder.ask())

    def look_ahead(self) -> None:
        """Let the next grid be bred while the person still looks, if anything is picked."""
        if self.ahead is None:
            return
        breeder, picks = self.breeder, self.generation.picks
        if picks:
            self.ahead.look(self.tab, lambda: breeder.plan(picks))
        else:
            self.ahead.forget(self.tab)

    def learn(self) -> None:
        """Let what was chosen be learnt, while the person looks at the grid."""
        if self.person is not None:
            self.person.look(self.breeder.run_id)

    def known(self) -> Guide | None:
        """Return what is known of the person, as the grid after the one shown goes by it.

        It is asked for once in a grid, at the first pick: what was bred ahead stays what is asked
        for, and all that was chosen before has had the time of a look to be learnt. What lost its
        trust meanwhile, by a reset say, is gone by no more.
        """
        if self.person is None:
            return None
        here, (place, known) = self.breeder.place, self._known
        now = self.person.guide(self.breeder.run_id)
        is_lost = known is not None and known.trusted and now is not None and not now.trusted
        if not here or place != here or is_lost:
            self._known = (here, now)
        return self._known[1]

    def _equip(self, breeder: Breeder) -> None:
        """Let a breeder be helped by what breeds ahead and by what is known of the person."""
        if self.ahead is not None:
            breeder.bred = self.ahead.bred
        if self.person is not None:
            breeder.settings = personal(self.store, breeder.settings)
            breeder.guide = self.known
            self.person.look(breeder.run_id)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn an error that a person can cause into a notice."""
        self.notice = ""
        try:
            yield
        except BreederError as error:
            self.notice = str(error)


def open_state(
    store: Store,
    asked: str | None,
    remembered: str | None = None,
    *,
    ahead: Ahead | None = None,
    person: Person | None = None,
) -> PageState:
    """Return the state of a tab just opened.

    Args:
        store: The server's store.
        asked: The run that the address names, if it does.
        remembered: The run that this browser showed last, if any.
        ahead: What breeds ahead for all tabs of the server.
        person: What is known of whoever breeds here.

    Returns:
        A tab on the first of these that is there, else on a new run with a fresh grid.
    """
    notice = ""
    for run in filter(None, (asked, remembered)):
        try:
            state = PageState(breeder=Breeder.resume(store, run), ahead=ahead, person=person)
        except (NotFoundError, AmbiguousError):
            notice = "The run that this address names is not here any more." if asked else ""
            continue
        break
    else:
        guide = person.guide("") if person else None
        settings = personal(store, BreederSettings())
        breeder = Breeder.begin(store, settings=settings, guide=guide)
        state = PageState(breeder=breeder, ahead=ahead, person=person)
    state.status = describe(state.generation)
    state.notice = notice
    return state


def leave_a_deleted_run(state: PageState) -> None:
    """Go to another run where the one shown was deleted elsewhere; one sentence says so."""
    try:
        state.breeder.run  # noqa: B018  (asks the store)
    except NotFoundError as error:
        state.stand_on(open_state(state.store, None).breeder)
        state.notice = str(error)


def hear_picks(state: PageState, picks: Picks) -> None:
    """Store the picks of a grid; on return they are durable."""
    with state.reporting():
        if picks.generation == state.generation.id:
            state.breeder.pick(picks.slots, among=picks.touched)
            state.seq = picks.seq
            state.look_ahead()
            return
        # A click made just before the grid changed: it belongs to the grid it was made in.
        if _was_shown(state, state.store.generation(picks.generation)):
            taken_back = set(picks.touched) - set(picks.slots)
            state.store.change_picks(picks.generation, add=picks.slots, drop=taken_back)


def hear_action(state: PageState, action: Action) -> None:
    """Do what a button or key of the grid asks for."""
    if action.generation != state.generation.id and action.kind not in _IN_ANY_GRID:
        return  # pressed in a grid that was left meanwhile
    with state.reporting():
        _ACTIONS[action.kind](state, action)


def _evolve(state: PageState, action: Action) -> None:
    state.breeder.tell(action.slots, among=action.slots)
    _arrived(state)


def _reroll(state: PageState, action: Action) -> None:
    state.breeder.reroll()
    _arrived(state)


def _surprise(state: PageState, action: Action) -> None:
    state.breeder.surprise(action.slots, among=action.slots)
    _arrived(state)


def _back(state: PageState, action: Action) -> None:
    state.breeder.back()
    _arrived(state, f"Back at generation {state.generation.number}.")


def _forward(state: PageState, action: Action) -> None:
    state.breeder.forward()
    _arrived(state, f"Forward at generation {state.generation.number}.")


def _open(state: PageState, action: Action) -> None:
    state.opened = _child(state, action).genome.id


def _favourite(state: PageState, action: Action) -> None:
    genome = _child(state, action).genome
    kept = bool(state.store.is_favourite([genome.id]))
    if action.star != kept:  # what is wanted, not a change: it may be asked for twice
        toggle_favourite(state, genome)


def _tree(state: PageState, action: Action) -> None:
    state.leads_to = ("tree.py", {})


_IN_ANY_GRID = frozenset({"open", "favourite", "tree"})
_ACTIONS: dict[str, Callable[[PageState, Action], None]] = {
    "evolve": _evolve,
    "reroll": _reroll,
    "surprise": _surprise,
    "back": _back,
    "forward": _forward,
    "open": _open,
    "favourite": _favourite,
    "tree": _tree,
}


def _arrived(state: PageState, status: str = "") -> None:
    state.learn()
    state.look_ahead()
    state.seq = 0
    state.runs = None
    state.status = status or describe(state.generation)


def _was_shown(state: PageState, generation: Generation) -> bool:
    return generation.run_id in {state.breeder.run_id, *state.left}


def _child(state: PageState, action: Action) -> Child:
    generation = state.generation
    if action.generation != generation.id:  # pressed just before the grid changed
        generation = state.store.generation(action.generation)
        if not _was_shown(state, generation):
            raise NotFoundError("That picture is not of a run that this page shows.")
    children = generation.children
    slot = action.slot if action.slot is not None else -1
    if not 0 <= slot < len(children):
        raise BreederError(f"This grid has no picture {slot + 1}.")
    return children[slot]


def toggle_favourite(state: PageState, genome: Genome) -> None:
    """Keep a picture, or keep it no longer."""
    if state.store.is_favourite([genome.id]):
        state.store.remove_favourite(genome.id)
    else:
        state.store.add_favourite(genome.id, title="", run_id=state.breeder.run_id)


def change_settings(state: PageState, **changes: object) -> None:
    """Change what the next grid is bred with."""
    with state.reporting():
        plain = {**state.breeder.settings.to_plain(), **changes}
        state.breeder.settings = BreederSettings.from_plain(plain)
        if not changes.keys().isdisjoint(DIALS):
            plain = state.breeder.settings.to_plain()
            state.store.set_preference(DIALS_KEPT, {name: plain[name] for name in DIALS})
        state.look_ahead()


def personal(store: Store, settings: BreederSettings) -> BreederSettings:
    """Return settings with what the person has set for all runs; what is none changes nothing."""
    kept = store.preference(DIALS_KEPT, {})
    try:
        own = {name: kept[name] for name in DIALS if name in kept}
        return BreederSettings.from_plain({**settings.to_plain(), **own})
    except (SettingsError, TypeError):  # the database may come from elsewhere
        return settings


def new_run(state: PageState, *, color: bool = True) -> None:
    """Begin a run with fresh founders, bred with the settings now chosen."""
    with state.reporting():
        settings = replace(state.breeder.settings, color=color)
        state.stand_on(Breeder.begin(state.store, settings=settings, guide=state.guide))


def start_from(state: PageState, genomes: Sequence[Genome], name: str = "") -> None:
    """Begin a run whose first grid is some pictures and their children, and go there."""
    with state.reporting():
        settings = state.breeder.settings
        state.stand_on(
            Breeder.begin(
                state.store, name=name, settings=settings, start=genomes, guide=state.guide
            )
        )


def begin_with(
    store: Store,
    document: Document,
    *,
    ahead: Ahead | None = None,
    person: Person | None = None,
) -> PageState:
    """Return the state of a tab whose first run starts from a picture that is stored."""
    guide = person.guide("") if person else None
    breeder = Breeder.begin(
        store,
        name=document.title,
        settings=personal(store, BreederSettings()),
        start=[document.genome],
        guide=guide,
    )
    state = PageState(breeder=breeder, ahead=ahead, person=person)
    state.status = describe(state.generation)
    return state


def import_file(state: PageState, data: bytes, name: str) -> None:
    """Begin a run from the bytes of a file; a bad file changes nothing and gives a notice.

    A file may hold several genomes. Where they are more than a run can start from, they are all
    kept in the gallery instead, where any of them can be chosen.
    """
    with state.reporting():
        documents = {each.genome.id: each for each in loads_documents(data, name=name)}
        for each in documents.values():
            state.store.save_genome(each.genome, origin=each.origin)
        first = next(iter(documents.values()))
        title = first.title if len(documents) == 1 else ""
        title = title or name.rsplit(".", 1)[0][:NAME_LENGTH]
        if len(documents) <= Breeder.most_starts(state.breeder.settings):
            start_from(state, [each.genome for each in documents.values()], title)
            return
        for number, each in enumerate(documents.values(), 1):
            words = each.title or f"{title[:180]} {number}"
            state.store.add_favourite(each.genome.id, title=words)
        state.status = f"{name[:80]} held {len(documents)} pictures: they are in the gallery."


def resume(state: PageState, run_id: str) -> None:
    """Go to another run, at the grid it was left at."""
    with state.reporting():
        state.stand_on(Breeder.resume(state.store, run_id))


def delete_run(state: PageState, run_id: str) -> None:
    """Delete a run, so that it can be brought back; the tab moves on to another."""
    with state.reporting():
        state.deleted = state.store.run(run_id)
        state.store.delete_run(run_id)
        state.runs = None
        if run_id == state.breeder.run_id:
            left = state.store.runs()
            if left:
                state.stand_on(Breeder.resume(state.store, left[0].id))
            else:
                state.stand_on(Breeder.begin(state.store))
            state.to_grid = False


def undo_delete(state: PageState) -> None:
    """Bring back the run deleted last, and go there."""
    with state.reporting():
        if state.deleted is not None:
            state.store.restore_run(state.deleted.id)
            state.stand_on(Breeder.resume(state.store, state.deleted.id))
            state.deleted = None


def restore_run(state: PageState, run_id: str) -> None:
    """Bring a deleted run back, and go there."""
    with state.reporting():
        state.store.restore_run(run_id)
        state.stand_on(Breeder.resume(state.store, run_id))
        if state.deleted is not None and state.deleted.id == run_id:
            state.deleted = None


def describe(generation: Generation) -> str:
    """Return in one line how a grid came about and how many candidates were left out."""
    how = "".join((_how(generation), *_guided(generation)))
    screening = generation.screening
    if not screening.dropped:
        return f"{how}; nothing screened out." if screening.proposed else f"{how}."
    parts = {
        "dull": screening.dull,
        "repeated": screening.repeats,
        "unrelated": screening.strangers,
    }
    why = ", ".join(f"{number} {word}" for word, number in parts.items() if number)
    return f"{how}; screened out {screening.dropped} of {screening.proposed} ({why})."


def _how(generation: Generation) -> str:
    """Return what a grid was bred from."""
    kinds = [child.origin for child in generation.children]
    guidance = generation.guidance
    count = len(generation.bred_from)
    many = "s" if count > 1 else ""
    if generation.automatic:
        return f"Bred by the autopilot from {count} picture{many}"
    if guidance is not None and guidance.kind == "surprise":
        bred = f"bred from {count} pick{many}" if count else "of the same parents"
        founded = not count and all(not child.parents for child in generation.children)
        return f"Unlike what you have seen, {'fresh founders' if founded else bred}"
    if count:
        return f"Bred from {count} pick{many}"
    if all(not child.parents for child in generation.children) and "import" not in kinds:
        return "Fresh founders: pick the ones you like"
    if generation.came_from:
        return "Other children of the same parents"
    starts = kinds.count("import")
    return f"The {starts} starts and their children" if starts > 1 else "The start and its children"


def _guided(generation: Generation) -> Iterator[str]:
    """Yield how many of a grid's new pictures a guide chose, and how many it left to chance."""
    kinds = [child.origin for child in generation.children]
    chosen, guidance = kinds.count("guided"), generation.guidance
    if not chosen or guidance is None:
        return
    left = len(kinds) - chosen - kinds.count("kept") - kinds.count("import")
    novelty = generation.settings.novelty
    if guidance.kind == "taste" and novelty < 1.0:
        yield f"; {chosen} chosen by your taste{' and for novelty' if novelty else ''}"
    elif guidance.kind in ("taste", "novelty"):
        yield f"; {chosen} unlike what you have seen"
    elif left:
        yield f"; {chosen} chosen so"
    if left:
        yield f", {left} left to chance"


def tile_name(child: Child, generation: Generation) -> str:
    """Return what a screen reader calls a picture of a grid."""
    bred = [each.slot for each in generation.children if each.origin == "child"]
    words = {
        "founder": "founder",
        "import": "start",
        "kept": "kept pick",
        "wild": "wild child",
        "guided": "guided child" if child.parents else "guided founder",
        "refined": "refined child",
    }
    word = words.get(child.origin)
    if word is None:
        place = bred.index(child.slot) / max(1, len(bred) - 1)
        word = ("careful" if place < 1 / 3 else "medium" if place < 2 / 3 else "bold") + " child"
    return f"Picture {child.slot + 1}, {word}"
