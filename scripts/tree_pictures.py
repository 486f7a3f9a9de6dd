"""Takes the pictures in docs/pictures/tree from the real page, on a run bred from a fixed seed.

Run: python -m scripts.tree_pictures
"""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from breeder import BreederSettings, Store
from breeder.breeder import Breeder
from breeder.family.story import story_of
from breeder.family.story_pictures import story_png
from breeder.history import Generation
from breeder.looks import draw_small, liveliness, look_at
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "tree"
SIZE = {"width": 1440, "height": 900}
GRIDS = 44
BRANCHES = {9: 4, 18: 12, 27: 20, 33: 21}
"""After how many grids one goes back to which, and breeds another way from there."""
SIDE_STEPS = 6
TREE = "[data-testid=breeder-tree]"


def breed(store: Store) -> tuple[str, list[Generation]]:
    """Breed a run with branches by the liveliest tiles; return it and its main line."""
    breeder = Breeder.begin(store, name="lanterns", settings=BreederSettings(strength=0.7), seed=21)
    line = [breeder.ask()]
    rng = np.random.default_rng(3)
    while len(line) < GRIDS:
        back = BRANCHES.get(len(line))
        if back is not None:
            breeder.go(line[back].id)
            breeder.tell(liveliest(breeder, 3)[2:])
            for _ in range(SIDE_STEPS):
                breeder.tell(liveliest(breeder, 1 + int(rng.integers(2))))
            breeder.go(line[-1].id)
        picks = rng.permutation(liveliest(breeder, 5))[: 1 + len(line) % 3 % 2]
        line.append(breeder.tell([int(slot) for slot in picks]))
        if len(line) % 8 == 0:
            kept = line[-1].children[liveliest(breeder, 2)[1]]
            store.add_favourite(kept.genome.id, title=f"Lantern {len(line)}", run_id=breeder.run_id)
    return breeder.run_id, line


def liveliest(breeder: Breeder, count: int) -> list[int]:
    """Return the slots of the liveliest pictures of a grid that were not picked before."""
    grid = breeder.ask()
    lively = liveliness(look_at(draw_small([child.genome for child in grid.children])).lab)
    lively[[child.origin in ("kept", "wild") for child in grid.children]] -= 0.4
    return [int(slot) for slot in np.argsort(-lively)[:count]]


def shoot(page: Page, name: str) -> None:
    """Take a picture once everything in view has come."""
    page.wait_for_timeout(3500)
    page.screenshot(path=PICTURES / f"{name}.png")


def go_to(page: Page, number: int) -> None:
    """Go to a generation, and wait until the side tells of it."""
    page.get_by_label("Go to a generation or picture").fill(str(number))
    page.keyboard.press("Enter")
    page.wait_for_timeout(700)


def walk(browser: Browser, address: str) -> None:
    """Take all pictures."""
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.goto(address)
    page.locator(f"{TREE}[data-ready=run]").wait_for()
    go_to(page, 22)
    shoot(page, "tree")
    page.locator('.panel [data-act="compare"]').click()
    page.locator(".parents .face").first.click()
    shoot(page, "compare")
    page.locator('.panel [data-act="close"]').click()
    page.locator('[data-act="all"]').click()
    page.locator('[data-act="fit"]').click()
    page.wait_for_timeout(9000)
    shoot(page, "all")
    page.locator('[data-act="chosen"]').click()
    go_to(page, GRIDS - 2)
    page.locator('.panel [data-act="story"]').click()
    shoot(page, "story")
    page.close()
    dark = browser.new_page(viewport=SIZE, color_scheme="dark")  # type: ignore[arg-type]
    dark.goto(address)
    dark.locator(f"{TREE}[data-ready=run]").wait_for()
    shoot(dark, "dark")
    dark.close()


def main() -> None:
    """Take the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(f"sqlite:///{folder}/breeder.db") as store:
            run, line = breed(store)
            steps = story_of(store, line[-1].children[0].genome.id)
            sheet = b"".join(story_png(steps, "sheet", title="Lantern"))
        with Image.open(BytesIO(sheet)) as whole:
            small = whole.convert("RGB").resize((whole.width // 2, whole.height // 2))
        small.quantize(256).save(PICTURES / "sheet.png", optimize=True)
        with running_app(Path(folder)) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            walk(browser, f"{url}/tree?run={run}")
            browser.close()


if __name__ == "__main__":
    main()
