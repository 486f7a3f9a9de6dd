"""Does a gallery of 10,000 pictures scroll as well at its end as at its beginning?

A person scrolls by the wheel through screens near the top, then near the very end, in turns and
each time at pictures not seen before: how long a frame takes, how long it takes after a jump until
every picture in sight is there, and how long the server takes for a piece of the first and of the
last entries. What is compared lies in one run, on one server, in one Chromium.
Run: python -m benchmarks.gallery [FOLDER]; a database that is in the folder is used again.
"""

from __future__ import annotations

import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from json import loads
from pathlib import Path
from urllib.parse import quote

import numpy as np
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import insert

from benchmarks.machine import describe_machine
from benchmarks.rows import Row, Sample, number
from breeder.evolve.founders import founder
from breeder.evolve.mutation import mutate
from breeder.gallery import measure
from breeder.genome import Genome
from breeder.store import Store
from breeder.store.database import put_genomes
from breeder.store.tables import FavouriteRow
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

PICTURES = 10_000
ROUNDS = 6
SCREENS = 4  # scrolled at each end in a round
GOAL = 1.5  # times as long at the end as at the beginning
SMOOTH_MS = 34.0  # a frame at the end: two of a screen of 60 Hz

# Scrolls some screens as a wheel does, in steps of 60 px a frame, and tells the time of each frame.
SCROLL = """
async ([screens, direction]) => {
  const main = window.breederScroller;
  const frames = [];
  let before = await new Promise(requestAnimationFrame);
  const steps = Math.round(screens * innerHeight / 60);
  for (let step = 0; step < steps; step += 1) {
    main.scrollBy(0, 60 * direction);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - before);
    before = now;
  }
  return frames;
}
"""

# Finds what scrolls, and tells when every tile in sight shows its picture.
FIND = """
(gallery) => {
  let each = gallery.getRootNode().host;
  while (each && !["auto", "scroll"].includes(getComputedStyle(each).overflowY)) {
    each = each.parentElement;
  }
  window.breederScroller = each ?? document.scrollingElement;
  window.breederSettled = async () => {
    const start = performance.now();
    const ready = () => {
      const tiles = [...gallery.querySelectorAll(".tile:not([hidden])")].filter((tile) => {
        const box = tile.getBoundingClientRect();
        return box.bottom > 0 && box.top < innerHeight;
      });
      const images = tiles.map((tile) => tile.querySelector("img"));
      return tiles.length > 4 && images.every((image) => image?.complete && image.naturalWidth);
    };
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    while (!ready() && performance.now() - start < 20000) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return performance.now() - start;
  };
}
"""


def seed(store: Store, count: int = PICTURES) -> None:
    """Fill a gallery with different pictures, bred from one another."""
    rng = np.random.default_rng(5)
    base = [founder(rng=rng) for _ in range(400)]
    made: dict[str, Genome] = {}
    while len(made) < count:
        place = int(rng.integers(len(base)))
        child, _ = mutate(base[place], strength=0.5, rng=rng)
        made[child.id] = child
        if rng.random() < 0.5:
            base[place] = child
    moment = datetime.now(UTC)
    order = rng.permutation(count)  # those bred later are larger: they belong at both ends
    with store._transaction(write=True) as session:  # one by one, each commit waits for the disk
        keys = put_genomes(session, made.values())
        rows = [
            {
                "genome_id": keys[id_],
                "title": f"Picture {index}",
                "title_key": f"picture {index}",
                "stars": index % 6,
                "created_at": moment - timedelta(minutes=int(order[index])),
                "updated_at": moment,
            }
            for index, id_ in enumerate(made)
        ]
        session.execute(insert(FavouriteRow), rows)
    measure(store)


def one_end(page: Page, turn: int, *, at_end: bool) -> tuple[list[float], float]:
    """Go near an end, scroll some screens, jump one; return frame times and the wait there."""
    away = f"{turn * (SCREENS + 3)} * innerHeight"
    place = f"breederScroller.scrollHeight - innerHeight - {away}" if at_end else away
    page.evaluate(f"breederScroller.scrollTo(0, {place})")
    page.evaluate("breederSettled()")
    direction = -1 if at_end else 1
    frames = page.evaluate(SCROLL, [SCREENS, direction])
    page.evaluate(f"breederScroller.scrollBy(0, {direction} * 1.5 * innerHeight)")
    return frames, float(page.evaluate("breederSettled()"))


def piece_ms(url: str, query: str) -> tuple[float, str]:
    """Return how long the server takes for a piece, in ms, and where the next one begins."""
    start = time.perf_counter()
    with urllib.request.urlopen(f"{url}/gallery/pictures?limit=120{query}") as answer:  # noqa: S310
        piece = loads(answer.read())
    return (time.perf_counter() - start) * 1000, piece["next"] or ""


def pieces(url: str) -> tuple[list[float], list[float]]:
    """Return the server's times for pieces near the beginning and near the end."""
    places, after = [""], ""
    while True:
        _, after = piece_ms(url, f"&after={quote(after)}" if after else "")
        if not after:
            break
        places.append(f"&after={quote(after)}")
    early, late = [], []
    for _ in range(5):
        early += [piece_ms(url, place)[0] for place in places[1:4]]
        late += [piece_ms(url, place)[0] for place in places[-4:-1]]
    return early, late


def rows(folder: str = "") -> Iterable[Row]:
    """Measure and yield the rows."""
    with tempfile.TemporaryDirectory() as fresh:
        place = Path(folder or fresh)
        if not (place / "breeder.db").exists():
            with Store.open(f"sqlite:///{place}/breeder.db") as store:
                seed(store)
        with running_app(place) as url:
            early, late = pieces(url)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=find_chromium(), args=list(FLAGS)
                )
                times = _scroll(browser.new_page(viewport={"width": 1400, "height": 900}), url)
                browser.close()
    yield _row("gallery-piece", Sample(tuple(late)), Sample(tuple(early)), note="")
    (first, first_wait), (last, last_wait), tiles = times
    slow = float(np.mean(np.array(last) > SMOOTH_MS))
    note = f"{tiles} tiles exist at most; {slow:.1%} of frames at the end over {SMOOTH_MS:.0f} ms"
    yield _row("gallery-frame", Sample(tuple(last)), Sample(tuple(first)), note=note)
    yield _row("gallery-wait", Sample(tuple(last_wait)), Sample(tuple(first_wait)), note="")


def _scroll(page: Page, url: str) -> tuple[tuple[list[float], list[float]], ...]:
    """Return frame times and waits at both ends, and the most tiles that existed."""
    page.goto(f"{url}/gallery")
    gallery = page.get_by_test_id("breeder-gallery")
    gallery.locator(".tile[data-picture]").first.wait_for(timeout=60_000)
    gallery.evaluate(FIND)
    ends: dict[bool, tuple[list[float], list[float]]] = {False: ([], []), True: ([], [])}
    for at_end in (False, True):
        one_end(page, 0, at_end=at_end)  # not counted: all pieces come the first time
    tiles = 0
    for turn in range(1, ROUNDS + 1):
        for at_end, (all_frames, waits) in ends.items():
            frames, wait = one_end(page, turn, at_end=at_end)
            all_frames.extend(frames)
            waits.append(wait)
            tiles = max(tiles, gallery.locator(".tile").count())
    return ends[False], ends[True], tiles  # type: ignore[return-value]


def _row(promise: str, end: Sample, beginning: Sample, *, note: str) -> Row:
    ratio = end.median / max(beginning.median, 1.0)
    return Row(
        promise=promise,
        measured=end.text,
        spread=end.spread,
        peer=f"at the beginning {beginning.text} ({beginning.spread})",
        ratio=number(ratio),
        met=ratio <= GOAL,
        note=note,
    )


def main() -> None:
    """Print the details."""
    print(describe_machine())
    for row in rows(*sys.argv[1:2]):
        print(
            f"{row.promise}: {row.measured} ({row.spread}); {row.peer}; {row.ratio} x; {row.note}"
        )


if __name__ == "__main__":
    main()
