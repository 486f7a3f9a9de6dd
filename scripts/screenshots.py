"""Takes the pictures in docs/images from the real page, on runs bred from fixed seeds.

Run: python -m scripts.screenshots
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.looks import draw_small, liveliness, look_at
from breeder.taste.person import Person
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
RUNS = {"tunnels": 0, "shells": 2, "embers": 8, "petals": 4}
HOURS = ("dawn", "noon", "dusk", "night", "high tide", "first frost", "the end of May")
GRID = "[data-testid=breeder-grid][data-decoded=true]"


def breed_runs(store: Store) -> str:
    """Breed the runs by the liveliest tiles, and return the address of the last."""
    settings = BreederSettings(strength=0.6)
    person = Person(store)
    breeder = None
    for name, seed in RUNS.items():
        breeder = Breeder.begin(store, name=name, settings=settings, seed=seed)
        for _ in range(7):
            if name == "petals":
                breeder.guide = partial(person.learn, breeder.run_id)
            breeder.tell(_liveliest(breeder))
            _keep(store, breeder, name)
        breeder.pick([1, 7])
    return "" if breeder is None else f"?run={breeder.run_id}"


def _keep(store: Store, breeder: Breeder, name: str) -> None:
    """Keep the liveliest new picture of a grid, with something said of it."""
    grid = breeder.ask()
    new = [child.genome for child in grid.children if child.origin != "kept"]
    genome = new[int(np.argmax(liveliness(look_at(draw_small(new)).lab)))]
    hour = HOURS[(grid.number - 1) % len(HOURS)]
    store.add_favourite(genome.id, title=f"{name} at {hour}", run_id=breeder.run_id)
    tags = [name, "for the wall"] if grid.number % 3 == 0 else [name]
    stars = (0, 4, 5, 0, 3)[grid.number % 5]
    store.describe(genome.id, stars=stars, tags=tags, published=grid.number == 5)


def _liveliest(breeder: Breeder) -> list[int]:
    drawings = draw_small([child.genome for child in breeder.ask().children])
    return [int(slot) for slot in np.argsort(-liveliness(look_at(drawings).lab))[:2]]


def shoot(browser: Browser, url: str, name: str, size: tuple[int, int], **context: object) -> None:
    """Take one picture of the grid."""
    page = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        **context,  # type: ignore[arg-type]
    ).new_page()
    page.goto(url)
    page.locator(GRID).wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / f"{name}.png")
    if name == "light":
        page.locator('.pick[data-slot="7"]').focus()
        page.keyboard.press("o")
        page.locator("[data-sharp=true]").wait_for()
        page.wait_for_timeout(800)
        page.screenshot(path=IMAGES / "large.png")
        page.keyboard.press("Escape")
        page.keyboard.press("w")
        page.wait_for_timeout(800)
        page.screenshot(path=IMAGES / "guided.png")
        page.get_by_role("link", name="Taste").first.click()
        page.get_by_text("It knows something of your taste").wait_for()
        page.wait_for_timeout(1500)
        page.screenshot(path=IMAGES / "taste.png")
        page.get_by_role("link", name="Gallery").click()
        page.get_by_text("petals at the end of May").first.wait_for()
        page.wait_for_timeout(1500)
        page.screenshot(path=IMAGES / "gallery.png")
    page.context.close()


def main() -> None:
    """Take the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(f"sqlite:///{folder}/breeder.db") as store:
            address = breed_runs(store)
        with running_app(Path(folder)) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            where = f"{url}/{address}"
            shoot(browser, where, "light", (1440, 900))
            shoot(browser, where, "dark", (1440, 900), color_scheme="dark")
            shoot(browser, where, "narrow", (390, 844), device_scale_factor=2, has_touch=True)
            browser.close()


if __name__ == "__main__":
    main()
