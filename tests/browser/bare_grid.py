"""The picture grid on a page without Streamlit, where the test is the server."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from breeder.ui.components import script, style

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "breeder" / "ui" / "assets"
SITE = "http://grid.test"
COUNT = 15

BARE_PAGE = """<!doctype html>
<html lang="en"><title>Grid</title>
<input aria-label="Title"><textarea></textarea>
<div data-testid="stApp" data-test-connection-state="CONNECTED"></div>
<div id="host" style="--st-primary-color: #ff4b4b"></div>
<script type="module">
  import grid from "/grid.js";
  const shadow = document.querySelector("#host").attachShadow({ mode: "open" });
  shadow.innerHTML = document.querySelector("#assets").innerHTML;
  Object.assign(window, { sent: [], cleanups: [], shown: [] });
  document.addEventListener("breeder:shown", (event) => shown.push(event.detail.generation));
  window.tell = (data) => cleanups.push(grid({
    data,
    parentElement: shadow,
    setStateValue: (name, value) => sent.push([name, structuredClone(value)]),
  }));
</script>
<script type="text/plain" id="assets">%s</script>
"""

SHARP = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='512' height='512'>"
    "<rect width='512' height='512'/></svg>"
)


def square(hue: int) -> str:
    """An address that holds its own picture."""
    return (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='64' height='64'%3E"
        f"%3Crect width='64' height='64' fill='hsl({hue} 70%25 50%25)'/%3E%3C/svg%3E"
    )


def message(generation: str = "g1", **changes: Any) -> dict[str, Any]:
    """What the server says of a fresh grid."""
    number = int(generation[1:])
    ids = [f"{generation}-{slot}" for slot in range(COUNT)]
    return {
        "generation": generation,
        "number": number,
        "columns": 5,
        "saved": {"generation": generation, "slots": [], "seq": 0},
        "can_back": True,
        "can_forward": True,
        "status": "",
        "ear": "ear-1",
        "answered": 0,
        "tiles": [
            {"slot": slot, "id": id_, "url": "", "name": f"Picture {slot + 1}", "badge": ""}
            for slot, id_ in enumerate(ids)
        ],
        "inline": {id_: square(number * 40 + 9 * slot) for slot, id_ in enumerate(ids)},
        **changes,
    }


def later(generation: str = "g1", **changes: Any) -> dict[str, Any]:
    """What the server says of the same grid afterwards: no pictures."""
    return {key: value for key, value in message(generation, **changes).items() if key != "inline"}


def saved(*slots: int, seq: int, generation: str = "g1") -> dict[str, Any]:
    return {"generation": generation, "slots": list(slots), "seq": seq}


def stored(*slots: int, seq: int, **changes: Any) -> dict[str, Any]:
    """What the server says when it has stored picks and answered the message that held them."""
    return later(saved=saved(*slots, seq=seq), answered=seq, **changes)


class Bare:
    """The grid on a page; the test is the server."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.get_by_test_id("breeder-grid")
        self.live = self.root.locator(".live")
        self.status = self.root.locator(".status")

    def tell(self, data: dict[str, Any]) -> None:
        self.page.evaluate("(data) => void tell(data)", data)

    def show(self, data: dict[str, Any]) -> None:
        self.tell(data)
        expect(self.root).to_have_attribute("data-generation", data["generation"])
        expect(self.root).to_have_attribute("data-decoded", "true")

    def pick(self, slot: int) -> Locator:
        return self.root.locator(f'.pick[data-slot="{slot}"]')

    def button(self, act: str) -> Locator:
        return self.root.locator(f'[data-act="{act}"]')

    def sayings(self) -> list[list[dict[str, Any]]]:
        """Everything said, each time it was said."""
        found: list[list[dict[str, Any]]] = self.page.evaluate(
            "() => sent.filter((item) => item[0] === 'said').map((item) => item[1].messages)"
        )
        return found

    def messages(self) -> list[dict[str, Any]]:
        """Every message once, by its number."""
        return list({each["seq"]: each for said in self.sayings() for each in said}.values())

    def picks(self) -> list[dict[str, Any]]:
        """The messages that hold picks."""
        return [
            {key: value for key, value in each.items() if key != "kind"}
            for each in self.messages()
            if each["kind"] == "picks"
        ]

    def actions(self) -> list[dict[str, Any]]:
        """The other messages."""
        return [each for each in self.messages() if each["kind"] != "picks"]

    def answer(self) -> int:
        """The number that answers all that was said."""
        return int(self.messages()[-1]["seq"])

    def picked(self) -> list[int]:
        pressed = self.root.locator('.pick[aria-pressed="true"]')
        return [int(tile.get_attribute("data-slot") or -1) for tile in pressed.all()]

    def connect(self, state: str) -> None:
        """Say what Streamlit's page says of its connection."""
        self.page.evaluate(
            "(state) => document.querySelector('[data-testid=stApp]')"
            ".setAttribute('data-test-connection-state', state)",
            state,
        )

    def focused(self) -> int:
        """The slot of the tile that has the focus."""
        slot = self.page.evaluate(
            "() => Number(document.querySelector('#host').shadowRoot.activeElement.dataset.slot)"
        )
        return int(slot)

    def hold_a_picture(self, generation: str) -> tuple[dict[str, Any], list[Route]]:
        """A fresh grid one picture of which comes when the test answers for it."""
        held: list[Route] = []
        self.page.route(f"{SITE}/slow.svg", lambda route: held.append(route))  # noqa: PLW0108
        slow = message(generation)
        del slow["inline"][f"{generation}-14"]
        slow["tiles"][14]["url"] = f"{SITE}/slow.svg"
        return slow, held


def open_bare(page: Page) -> Bare:
    html, css = (ASSETS / "grid.html").read_text("utf-8"), style("grid")

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/":
            body = BARE_PAGE % f"{html}<style>{css}</style>"
            route.fulfill(body=body, content_type="text/html")
        elif path == "/grid.js":
            route.fulfill(body=script("grid"), content_type="text/javascript")
        else:
            route.fulfill(status=404)

    page.route(f"{SITE}/**", serve)
    page.goto(f"{SITE}/")
    page.wait_for_function("() => Boolean(window.tell)")
    return Bare(page)
