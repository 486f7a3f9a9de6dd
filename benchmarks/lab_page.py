"""How soon is a Lab picture on the page, and is a slider ever served stale work?

From a new seed chosen in the browser to the whole picture of the usual network (8 layers of 16,
512 x 512) painted there, against PyTorch drawing the bare network, no colours, no page: in turns,
in one run. And a slider dragged over many places: how many of them were drawn at all.
Run: python -m benchmarks.lab_page [rounds]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import torch
from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import describe_machine
from benchmarks.rows import Row, Sample, number
from tests.browser.chromium import FLAGS, find_chromium
from tests.server import running_app

SIDE, LAYERS, NEURONS = 512, 8, 16
ROUNDS = 20
WARM_UP = 3
MOVES = 120
REST_MS = 1200  # the strip of other seeds is drawn meanwhile

LAB = "[data-testid=breeder-lab]"

# Chooses a seed as a person would, and waits until its whole picture is painted.
CHOOSE = """
async (lab, seed) => {
  const input = lab.querySelector("[data-key=seed] input");
  const painted = new Promise((resolve) => {
    new MutationObserver((_, watching) => {
      if (lab.dataset.decoded !== "true" || !lab.dataset.shown.includes(`seed=${seed}&`)) return;
      watching.disconnect();
      resolve(performance.now());
    }).observe(lab, { attributeFilter: ["data-decoded", "data-shown"] });
  });
  const began = performance.now();
  input.value = String(seed);
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return (await painted) - began;
}
"""

# Drags a slider from end to end, a place for each frame of the screen.
DRAG = """
async (lab, moves) => {
  const slider = lab.querySelector("#lab-z");
  let asked = 0;
  const before = window.fetch;
  window.fetch = (address, more) => {
    if (String(address).includes("/lab/live")) asked += 1;
    return before(address, more);
  };
  for (let move = 0; move <= moves; move += 1) {
    slider.value = String(-4 + (8 * move) / moves);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  slider.dispatchEvent(new Event("change", { bubbles: true }));
  const stopped = performance.now();
  while (lab.dataset.decoded !== "true") await new Promise((resolve) => setTimeout(resolve, 5));
  window.fetch = before;
  return { asked, wait: performance.now() - stopped, right: lab.dataset.shown.includes("z=4&") };
}
"""


def bare_network() -> Callable[[], object]:
    """Return what draws the network in PyTorch: the matrix products and activations alone."""
    torch.manual_seed(0)
    widths = [2, *[NEURONS] * LAYERS]
    layers = [torch.randn(b, a) for a, b in pairwise(widths)]
    last = torch.randn(3, NEURONS)
    line = (torch.arange(SIDE) + 0.5) / SIDE - 0.5
    points = torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1).reshape(-1, 2)

    @torch.inference_mode()
    def draw() -> object:
        values = points
        for weights in layers:
            values = torch.tanh(values @ weights.T)
        return torch.sigmoid(values @ last.T)

    return draw


def time_of(call: Callable[[], object]) -> float:
    """Return the milliseconds of a call."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1e3


@contextmanager
def opened_page() -> Iterator[Page]:
    """Open the Lab in a browser, with a picture of the size that is measured."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/lab?v=1&inputs=x,y,z&size={SIDE}x{SIDE}")
        page.locator(f"{LAB}[data-decoded=true]").wait_for(timeout=60_000)
        page.wait_for_timeout(2 * REST_MS)
        yield page
        browser.close()


def measure(page: Page, rounds: int) -> tuple[Sample, Sample]:
    """Return the times of the page and of PyTorch, in turns."""
    lab, draw = page.locator(LAB), bare_network()
    shown, bare = [], []
    for turn in range(WARM_UP + rounds):
        took = float(lab.evaluate(CHOOSE, 1000 + turn))
        page.wait_for_timeout(REST_MS)
        draw()
        alone = time_of(draw)
        if turn >= WARM_UP:
            shown.append(took)
            bare.append(alone)
    return Sample(tuple(shown)), Sample(tuple(bare))


def rows() -> Iterable[Row]:
    """Yield how the page compares with PyTorch alone, and what a dragged slider asked for."""
    with opened_page() as page:
        shown, bare = measure(page, ROUNDS)
        drag = page.locator(LAB).evaluate(DRAG, MOVES)
    yield Row(
        promise="lab-page",
        measured=shown.text,
        spread=shown.spread,
        peer=f"{bare.text} ({bare.spread})",
        ratio=shown.over(bare),
        met=shown.median < 2 * bare.median,
    )
    yield Row(
        promise="lab-slider",
        measured=f"{drag['asked']} of {MOVES} places drawn",
        met=bool(drag["right"]) and drag["asked"] <= MOVES,
        note=f"the last one shown {number(drag['wait'])} ms after the hand rests",
    )


def main() -> None:
    """Print the figures."""
    print(describe_machine())
    print(f"load {os.getloadavg()[0]:.1f}, {torch.get_num_threads()} threads of PyTorch")
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with opened_page() as page:
        shown, bare = measure(page, rounds)
        drag = page.locator(LAB).evaluate(DRAG, MOVES)
    print(f"on the page   {shown.text} ({shown.spread})")
    print(f"PyTorch bare  {bare.text} ({bare.spread})")
    print(f"ratio         {shown.over(bare)}")
    print(
        f"a dragged slider: {drag['asked']} of {MOVES} places asked for; the last was shown "
        f"{drag['wait']:.0f} ms after the end: {drag['right']}"
    )


if __name__ == "__main__":
    main()
