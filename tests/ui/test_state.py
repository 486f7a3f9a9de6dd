"""What clicks do to a tab, without Streamlit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from breeder import BreederSettings, Store, save
from breeder.breeder import Breeder
from breeder.ui import state as acts
from breeder.ui.grid import Action, ActionKind, Picks
from breeder.ui.state import PageState, describe, open_state, tile_name
from tests.formats import picbreeder_files as files

SMALL = BreederSettings(population=4)


@pytest.fixture
def tab() -> PageState:
    store = Store.in_memory()
    return PageState(breeder=Breeder.begin(store, name="owls", settings=SMALL, seed=5))


def action(
    tab: PageState, kind: ActionKind, *, slots: tuple[int, ...] = (), slot: int | None = None
) -> Action:
    return Action(kind=kind, generation=tab.generation.id, slots=slots, slot=slot)


def test_picks_are_stored_and_confirmed_with_their_number(tab: PageState) -> None:
    acts.hear_picks(tab, Picks(generation=tab.generation.id, slots=(1, 3), touched=(1, 3), seq=7))
    assert tab.seq == 7
    assert tab.store.generation(tab.generation.id).picks == (1, 3)


def test_picks_of_two_tabs_in_one_grid_both_stay(tab: PageState) -> None:
    other = PageState(breeder=Breeder.resume(tab.store, tab.breeder.run_id))
    here = tab.generation.id
    acts.hear_picks(tab, Picks(generation=here, slots=(1,), touched=(1,), seq=1))
    acts.hear_picks(other, Picks(generation=here, slots=(2,), touched=(2,), seq=1))
    assert other.generation.picks == (1, 2)
    acts.hear_picks(other, Picks(generation=here, slots=(), touched=(1, 2), seq=3))
    assert tab.store.generation(here).picks == ()
    acts.hear_picks(tab, Picks(generation=here, slots=(1, 3), touched=(1, 3), seq=2))
    acts.hear_action(other, action(other, "evolve", slots=(0,)))
    assert tab.store.generation(here).picks == (0, 1, 3)
    assert other.generation.bred_from == (0,)


def test_a_late_pick_belongs_to_the_grid_it_was_made_in(tab: PageState) -> None:
    first = tab.generation.id
    acts.hear_action(tab, action(tab, "evolve", slots=(0,)))
    acts.hear_picks(tab, Picks(generation=first, slots=(0, 2), touched=(0, 2), seq=3))
    assert tab.store.generation(first).picks == (0, 2)
    assert tab.generation.picks == ()
    assert tab.seq == 0


def test_a_late_pick_for_the_run_just_left_is_stored_there(tab: PageState) -> None:
    first = tab.generation.id
    acts.new_run(tab)
    acts.hear_picks(tab, Picks(generation=first, slots=(2,), touched=(2,), seq=1))
    assert tab.store.generation(first).picks == (2,)
    assert tab.generation.picks == ()


def test_a_star_asked_for_twice_is_one_star(tab: PageState) -> None:
    wanted = replace(action(tab, "favourite", slot=1), star=True)
    genome = tab.generation.children[1].genome
    for _ in range(2):
        acts.hear_action(tab, wanted)
    assert tab.store.is_favourite([genome.id])
    acts.hear_action(tab, replace(wanted, star=False))
    assert not tab.store.is_favourite([genome.id])


def test_a_star_pressed_just_before_the_grid_changed_is_of_the_picture_seen(tab: PageState) -> None:
    seen = tab.generation.children[3].genome
    pressed = replace(action(tab, "favourite", slot=3), star=True)
    acts.hear_action(tab, action(tab, "evolve", slots=(0,)))
    acts.hear_action(tab, pressed)
    assert [each.genome.id for each in tab.store.favourites()] == [seen.id]


def test_a_picture_of_a_run_never_shown_here_is_not_opened(tab: PageState) -> None:
    other = Breeder.begin(tab.store, settings=SMALL)
    acts.hear_action(tab, replace(action(tab, "open", slot=1), generation=other.ask().id))
    assert tab.opened is None
    assert "not of a run" in tab.notice


def test_a_pick_for_the_grid_of_another_run_is_not_taken(tab: PageState) -> None:
    other = Breeder.begin(tab.store, settings=SMALL)
    acts.hear_picks(tab, Picks(generation=other.ask().id, slots=(1,), touched=(1,), seq=1))
    assert tab.store.generation(other.ask().id).picks == ()


def test_a_pick_of_a_slot_that_is_not_there_gives_a_sentence(tab: PageState) -> None:
    acts.hear_picks(tab, Picks(generation=tab.generation.id, slots=(50,), touched=(50,), seq=1))
    assert "50" in tab.notice
    assert tab.seq == 0


def test_evolve_breeds_from_the_slots_the_action_carries(tab: PageState) -> None:
    acts.hear_action(tab, action(tab, "evolve", slots=(2,)))
    assert tab.generation.number == 1
    assert tab.generation.bred_from == (2,)
    assert tab.status.startswith("Bred from 1 pick;")


def test_an_action_of_a_grid_that_was_left_does_nothing(tab: PageState) -> None:
    late = action(tab, "evolve", slots=(1,))
    acts.hear_action(tab, late)
    now = tab.generation.id
    acts.hear_action(tab, late)
    assert tab.generation.id == now


def test_reroll_back_and_forward(tab: PageState) -> None:
    first = tab.generation.id
    acts.hear_action(tab, action(tab, "reroll"))
    second = tab.generation.id
    assert second != first
    acts.hear_action(tab, action(tab, "back"))
    assert tab.generation.id == first
    acts.hear_action(tab, action(tab, "forward"))
    assert tab.generation.id == second


def test_favourite_toggles(tab: PageState) -> None:
    genome = tab.generation.children[2].genome
    acts.hear_action(tab, action(tab, "favourite", slot=2))
    assert [each.genome for each in tab.store.favourites()] == [genome]
    acts.hear_action(tab, action(tab, "favourite", slot=2))
    assert tab.store.favourites() == []


def test_open_shows_the_picture_of_a_slot_and_refuses_others(tab: PageState) -> None:
    acts.hear_action(tab, action(tab, "open", slot=1))
    assert tab.opened == tab.generation.children[1].genome.id
    acts.hear_action(tab, action(tab, "open", slot=40))
    assert "41" in tab.notice


def test_settings_change_for_the_next_grid_and_bad_ones_give_a_sentence(tab: PageState) -> None:
    acts.change_settings(tab, strength=0.9, population=3)
    acts.hear_action(tab, action(tab, "evolve", slots=(0,)))
    assert tab.generation.settings.strength == 0.9
    assert len(tab.generation.children) == 3
    acts.change_settings(tab, strength=3.0)
    assert "strength" in tab.notice
    assert tab.breeder.settings.strength == 0.9


def test_a_grey_run_has_grey_founders(tab: PageState) -> None:
    acts.new_run(tab, color=False)
    assert {child.genome.color for child in tab.generation.children} == {"grey"}
    assert len(tab.store.runs()) == 2


def test_a_file_of_ours_begins_a_run_and_a_wrong_one_changes_nothing(tab, tmp_path) -> None:
    genome = tab.generation.children[1].genome
    save(genome, tmp_path / "owl.json", title="Night owl")
    acts.import_file(tab, (tmp_path / "owl.json").read_bytes(), "owl.json")
    assert tab.breeder.run.name == "Night owl"
    assert tab.generation.children[0].genome == genome
    assert tab.generation.children[0].origin == "import"
    here = tab.generation.id
    acts.import_file(tab, b"\x89PNG nonsense", "bad.png")
    assert "bad.png" in tab.notice
    assert tab.generation.id == here
    assert len(tab.store.runs()) == 2


def test_a_genome_of_picbreeder_begins_a_run_and_keeps_its_origin(tab) -> None:
    acts.import_file(tab, files.zipped(files.data(files.COLOR)), "moth.zip")
    first = tab.generation.children[0]
    assert (tab.notice, tab.breeder.run.name, first.origin) == ("", "moth", "import")
    assert tab.store.provenance(first.genome.id) == "Picbreeder 8/31, from 8/30"
    child = next(each for each in tab.generation.children if each.parents)
    assert tab.store.provenance(child.genome.id) == "bred from Picbreeder 8/31, from 8/30"


def test_a_file_of_several_genomes_begins_a_run_from_them(tab) -> None:
    acts.change_settings(tab, population=9)
    acts.import_file(tab, files.STORAGE.encode(), "three.xml")
    assert tab.breeder.run.name == "three"
    assert [child.origin for child in tab.generation.children][:4] == ["import"] * 3 + ["child"]


def test_more_genomes_than_a_run_can_start_from_become_favourites(tab) -> None:
    genomes = [
        files.genome(
            (*files.INPUTS, files.node(files.LIGHT, "out", "sin(x)", label="ink", bias=f"0.{n}")),
            (),
            identifier=("5", str(n)),
        )
        for n in range(1, 9)
    ]
    here = tab.generation.id
    acts.import_file(tab, files.data(*genomes).encode(), "eight.xml")
    assert tab.notice == ""
    assert tab.generation.id == here
    assert {kept.title for kept in tab.store.favourites()} == {f"eight {n}" for n in range(1, 9)}
    assert "8 pictures" in tab.status


def test_a_wrong_genome_among_several_stores_nothing(tab) -> None:
    before = (tab.store.runs(), tab.store.favourites())
    wrong = files.STORAGE.replace(
        "<activation>cos(x)</activation></node></nodes>", "</node></nodes>"
    )
    acts.import_file(tab, wrong.encode(), "three.xml")
    assert "genome 2/6" in tab.notice
    assert (tab.store.runs(), tab.store.favourites()) == before


def test_a_deleted_run_leads_to_another_and_can_be_brought_back(tab: PageState) -> None:
    owls = tab.breeder.run_id
    acts.new_run(tab)
    other = tab.breeder.run_id
    acts.delete_run(tab, other)
    assert tab.breeder.run_id == owls
    acts.undo_delete(tab)
    assert tab.breeder.run_id == other
    assert tab.deleted is None


def test_any_deleted_run_can_be_brought_back(tab: PageState) -> None:
    owls = tab.breeder.run_id
    for _ in range(2):
        acts.new_run(tab)
        acts.delete_run(tab, tab.breeder.run_id)
    first = tab.store.runs(deleted=True)[-1].id
    last = tab.deleted
    acts.restore_run(tab, first)
    assert tab.breeder.run_id == first
    assert tab.deleted == last
    tab.store.delete_run(owls)
    tab.store.purge(everything=True)
    acts.restore_run(tab, owls)
    assert owls in tab.notice
    assert tab.breeder.run_id == first


def test_deleting_the_only_run_begins_a_new_one(tab: PageState) -> None:
    acts.delete_run(tab, tab.breeder.run_id)
    assert len(tab.store.runs()) == 1
    assert len(tab.generation.children) == 15


def test_a_tab_opens_on_the_address_then_the_last_run_then_a_new_one(tab: PageState) -> None:
    store, owls = tab.store, tab.breeder.run_id
    other = Breeder.begin(store, settings=SMALL).run_id
    assert open_state(store, owls, other).breeder.run_id == owls
    assert open_state(store, None, other).breeder.run_id == other
    gone = open_state(store, "f" * 32, other)
    assert gone.breeder.run_id == other
    assert "not here" in gone.notice
    fresh = open_state(store, None, None)
    assert fresh.breeder.run_id not in (owls, other)
    assert fresh.status.startswith("Fresh founders")


def test_names_of_tiles_climb_from_careful_to_bold() -> None:
    breeder = Breeder(seed=3)
    generation = breeder.tell([0])
    names = [tile_name(child, generation) for child in generation.children]
    assert names[0] == "Picture 1, kept pick"
    assert names[1] == "Picture 2, careful child"
    assert any("bold" in name for name in names)
    assert len(set(names)) == len(names)


def test_the_description_counts_what_was_screened_out() -> None:
    breeder = Breeder(seed=3)
    generation = breeder.tell([0, 1])
    words = describe(generation)
    assert "Bred from 2 picks" in words
    assert f"of {generation.screening.proposed}" in words


def test_the_description_counts_the_starts(store: Store) -> None:
    first = Breeder(seed=3).ask()
    for count, words in ((1, "The start and its children"), (2, "The 2 starts and their children")):
        start = [child.genome for child in first.children[:count]]
        begun = Breeder.begin(store, settings=SMALL, seed=4, start=start)
        assert describe(begun.ask()).startswith(words)


def test_a_run_deleted_elsewhere_is_left_with_a_sentence(tab: PageState) -> None:
    tab.store.delete_run(tab.breeder.run_id)
    acts.leave_a_deleted_run(tab)
    assert "deleted" in tab.notice
    assert tab.breeder.run_id == tab.store.runs()[0].id


def test_choosing_a_run_anywhere_leads_to_its_grid(tab: PageState) -> None:
    other = Breeder.begin(tab.store, settings=SMALL)
    acts.resume(tab, other.run_id)
    assert tab.to_grid
    tab.to_grid = False
    acts.new_run(tab)
    assert tab.to_grid


def test_an_address_may_name_a_run_by_its_name(tab: PageState) -> None:
    opened = open_state(tab.store, "owls")
    assert opened.breeder.run_id == tab.breeder.run_id
    assert opened.notice == ""


def test_a_rerolled_first_grid_is_called_founders(tab: PageState) -> None:
    acts.hear_action(tab, action(tab, "reroll"))
    assert tab.status.startswith("Fresh founders")
