"""The family tree as a person walks it: along the tree, back to the middle, and through a story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageSequence
from playwright.sync_api import Locator, Page, Request, expect

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from tests.server import ServerError, running_app

TREE = "[data-testid=breeder-tree]"
GRID = "[data-testid=breeder-grid]"
GENERATIONS = 14
PLACE = "(paper, id) => paper.placeOf(id)"


@pytest.fixture(scope="module")
def bred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database: a run of fifteen grids, and a branch that was left."""
    folder = tmp_path_factory.mktemp("tree")
    settings = BreederSettings(population=9, strength=0.6, screening=False)
    with Store.open(f"sqlite:///{folder / 'breeder.db'}") as store:
        breeder = Breeder.begin(store, name="owls", settings=settings, seed=7)
        grids = [breeder.ask()]
        for number in range(GENERATIONS):
            grids.append(breeder.tell([3 + number % 3, 7] if number % 2 else [4 + number % 4]))
        breeder.go(grids[6].id)
        breeder.tell([8])
        breeder.tell([2])
        breeder.go(grids[-1].id)
        store.add_favourite(grids[9].children[5].genome.id, title="Night owl")
        Breeder.begin(store, name="chicks", settings=settings, seed=3)
        pair = [grids[0].children[slot].genome for slot in (1, 4)]
        Breeder.begin(store, name="pair", settings=settings, seed=4, start=pair)
    return folder


@pytest.fixture(scope="module")
def tree_server(bred: Path) -> Iterator[str]:
    try:
        with running_app(bred) as url:
            yield url
    except ServerError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def tree(page: Page, tree_server: str, bred: Path) -> Locator:
    """Open the tree of the run."""
    with Store.open(f"sqlite:///{bred / 'breeder.db'}") as store:
        run = store.run("owls").id
    page.goto(f"{tree_server}/tree?run={run}")
    tree = page.locator(TREE)
    expect(tree).to_have_attribute("data-ready", "run", timeout=60_000)
    return tree


def go_to(tree: Locator, number: int) -> str:
    """Go to a generation by its number; return the picture that is chosen then."""
    tree.get_by_label("Go to a generation or picture").fill(str(number))
    tree.page.keyboard.press("Enter")
    expect(tree.locator(".where")).to_be_visible()
    chosen = tree.get_attribute("data-selected") or ""
    assert chosen
    expect(tree.locator(".panel")).to_have_attribute("data-told", chosen)
    return chosen


def press_picture(tree: Locator, picture: str) -> None:
    """Press a picture where it is drawn, once the tree has come to rest."""
    paper = tree.locator(".paper")
    before, place = None, paper.evaluate(PLACE, picture)
    while place != before:
        tree.page.wait_for_timeout(150)
        before, place = place, paper.evaluate(PLACE, picture)
    left, top = place
    paper.click(position={"x": left, "y": top})


def in_view(tree: Locator, pictures: Iterable[str]) -> list[tuple[float, float]]:
    """Return where pictures are drawn, as shares of the paper."""
    return [
        (left, top)
        for picture in pictures
        for left, top in [
            tree.locator(".paper").evaluate(
                "(paper, id) => paper.placeOf(id).map((at, axis) =>"
                " at / [paper.clientWidth, paper.clientHeight][axis])",
                picture,
            )
        ]
    ]


@pytest.mark.parametrize("name", ["chicks", "pair"])
def test_a_run_just_begun_is_seen_whole_and_in_the_middle(
    page: Page, tree_server: str, bred: Path, name: str
) -> None:
    with store_of(bred) as store:
        run = store.run(name).id
        first = store.generation(store.tree(run)[0].id)
    page.goto(f"{tree_server}/tree?run={run}")
    tree = page.locator(TREE)
    expect(tree).to_have_attribute("data-ready", "run", timeout=60_000)
    places = in_view(tree, [child.genome.id for child in first.children])
    assert len(places) == 9
    for axis in (0, 1):
        along = [place[axis] for place in places]
        assert 0 < min(along) < max(along) < 1
        assert abs((min(along) + max(along)) / 2 - 0.5) < 0.05
    expect(tree.locator(".map")).to_be_hidden()


def store_of(bred: Path) -> Store:
    return Store.open(f"sqlite:///{bred / 'breeder.db'}")


def test_walking_the_tree_with_mouse_and_keys(tree: Locator, page: Page, bred: Path) -> None:
    asked: list[str] = []

    def hear(request: Request) -> None:
        asked.append(request.url)

    page.on("request", hear)
    expect(tree.locator(".count")).to_contain_text("17 grids")
    chosen = go_to(tree, 6)
    with store_of(bred) as store:
        birth = store.birth(chosen)
        assert birth is not None
        words = [str(mutation) for mutation in birth.mutations]
        parents = list(birth.parents)
    assert tree.locator(".changed li").all_text_contents() == words
    faces = tree.locator(".parents .face")
    assert [face.get_attribute("data-face") for face in faces.all()] == parents

    tree.locator(".paper").focus()
    page.keyboard.press("ArrowLeft")
    expect(tree).to_have_attribute("data-selected", parents[0])
    press_picture(tree, chosen)
    expect(tree).to_have_attribute("data-selected", chosen)

    tree.get_by_role("button", name="All pictures").click()
    expect(tree).to_have_attribute("data-shown", "all")
    page.keyboard.press("Escape")
    expect(tree.locator(".panel")).to_be_hidden()
    tree.locator(".paper").focus()
    page.keyboard.press("0")
    page.wait_for_timeout(700)
    thumbnails = [url for url in asked if "/trees/grid/" in url or "/picture/" in url]
    assert len(thumbnails) < 100  # of 130 pictures: grids come as one file

    page.keyboard.press("ArrowLeft")
    tree.get_by_role("button", name="Ancestors only").click()
    expect(tree.get_by_role("button", name="Show the whole tree")).to_be_visible()
    tree.get_by_role("button", name="Show the whole tree").click()
    tree.get_by_label("Go to a generation or picture").fill("999")
    page.keyboard.press("Enter")
    expect(tree.locator(".goal")).to_have_attribute("aria-invalid", "true")
    expect(tree.locator(".live")).to_have_text("There is no generation 999 here.")


def test_what_was_not_picked_is_gone_to_and_comes_into_view(tree: Locator, bred: Path) -> None:
    expect(tree).to_have_attribute("data-shown", "chosen")
    with store_of(bred) as store:
        run = store.run("owls").id
        left = store.generation(store.tree(run)[-1].id)  # at the end of the branch that was left
    at_the_end = left.children[5].genome.id
    tree.get_by_label("Go to a generation or picture").fill(at_the_end[:10])
    tree.page.keyboard.press("Enter")
    expect(tree).to_have_attribute("data-selected", at_the_end)
    expect(tree).to_have_attribute("data-shown", "all")
    tree.page.wait_for_timeout(500)  # the paper moves
    ((across, down),) = in_view(tree, [at_the_end])
    assert 0.05 < across < 0.95
    assert 0.05 < down < 0.95


def test_comparing_two_pictures_and_seeing_a_family(tree: Locator, page: Page) -> None:
    first = go_to(tree, 5)
    tree.get_by_role("button", name="Compare with").click()
    second = tree.locator(".parents .face").first.get_attribute("data-face") or ""
    press_picture(tree, second)
    pair = tree.locator(".pair")
    expect(pair).to_have_attribute("data-told", second)
    assert pair.locator(".words li").count()
    for image in pair.locator("img").all():
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("(image) => image.naturalWidth") == 256
    assert f"/trees/difference/{first}/{second}" in (
        pair.locator("img").nth(2).get_attribute("src") or ""
    )

    page.keyboard.press("Escape")
    expect(pair).to_be_hidden()
    expect(tree).to_have_attribute("data-selected", first)

    tree.get_by_role("button", name="Family over all runs").click()
    expect(tree).to_have_attribute("data-ready", "family")
    expect(tree).to_have_attribute("data-selected", first)
    tree.get_by_role("button", name="Back to owls").click()
    expect(tree).to_have_attribute("data-ready", "run")

    tree.get_by_role("button", name="Open large").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_placeholder("Give it a title to keep it").fill("Grey goose")
    expect(tree.locator(".picture h3")).to_have_text("Grey goose")
    expect(tree.locator("[data-act=favourite]")).to_have_attribute("aria-pressed", "true")
    dialog.get_by_role("button", name="Its family").click()
    expect(page.locator(TREE)).to_have_attribute("data-ready", "family")
    assert f"family={first}" in page.url


def test_branching_from_the_middle_and_finding_the_way_back(
    tree: Locator, page: Page, bred: Path
) -> None:
    with store_of(bred) as store:
        run = store.run("owls").id
        before = store.tree(run)
    chosen = go_to(tree, 4)
    tree.get_by_role("button", name="Breed from here").click()
    grid = page.locator(GRID)
    expect(grid).to_have_attribute("data-decoded", "true", timeout=60_000)
    expect(grid).to_have_attribute("data-number", "5")
    expect(grid.locator(".status")).to_contain_text("A new branch, bred from generation 4")
    with store_of(bred) as store:
        after = store.tree(run)
        assert after[: len(before)] == before
        new = store.generation(after[-1].id)
        assert {parent.id for child in new.children for parent in child.parents} >= {chosen}

    page.locator(".pick").first.focus()
    page.keyboard.press("t")
    tree = page.locator(TREE)
    expect(tree).to_have_attribute("data-ready", "run")
    expect(tree.locator(".count")).to_contain_text("18 grids")
    go_to(tree, GENERATIONS - 1)
    tree.get_by_role("button", name="Show its grid").click()
    expect(grid).to_have_attribute("data-number", str(GENERATIONS - 1))


def test_a_story_is_read_and_filmed(tree: Locator, page: Page, tmp_path: Path) -> None:
    chosen = go_to(tree, 8)
    tree.get_by_role("button", name="☆ Keep").click()
    expect(tree.get_by_role("button", name="★ Kept")).to_be_visible()
    tree.get_by_role("button", name="Its story").click()
    story = tree.locator(".story")
    expect(story).to_have_attribute("data-told", chosen)
    cards = story.locator(".strip > li")
    assert cards.first.locator("strong").text_content() == "Founder"
    assert cards.last.locator("strong").text_content() == "Generation 8"
    expect(story.locator("h3")).to_have_text("The story of owls, generation 8")

    story.get_by_label("Kind of film").select_option("gif")
    story.get_by_label("Size of the film").select_option("256")
    story.get_by_label("Seconds").fill("1")
    with page.expect_download(timeout=60_000) as started:
        story.get_by_role("button", name="Film it").click()
        expect(story.locator(".job")).to_be_in_viewport()
    assert started.value.suggested_filename == "owls, generation 8 story.gif"
    started.value.save_as(tmp_path / "story.gif")
    with Image.open(tmp_path / "story.gif") as film:
        assert film.size == (256, 256)
        assert len(list(ImageSequence.Iterator(film))) == 20
    with page.expect_download(timeout=60_000) as started:
        story.get_by_role("button", name="Contact sheet").click()
    started.value.save_as(tmp_path / "story.png")
    with Image.open(tmp_path / "story.png") as sheet:
        assert sheet.width > 600
