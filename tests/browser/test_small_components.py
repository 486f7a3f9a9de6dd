"""The list of runs and the large picture keep their promises in a real browser."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.demo_server import serving

PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='{size}' height='{size}'>"
    "<rect width='100%' height='100%' fill='hsl({hue} 70% 50%)'/></svg>"
)


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve small_components_demo.py; yield its address."""
    with serving("small_components_demo", tmp_path_factory.mktemp("small")) as url:
        yield url


class Demo:
    """The demo in a page; the test answers for the pictures."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.asked: list[tuple[str, int]] = []
        self.held: list[Route] = []
        self.hold: Callable[[int], bool] = lambda size: False
        self.fail: Callable[[int], bool] = lambda size: False
        page.route("**/pictures/**", self.serve)

    def serve(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        name, size = parts.path.rsplit("/", 1)[1], int(parse_qs(parts.query)["size"][0])
        self.asked.append((name, size))
        if self.fail(size):
            route.fulfill(status=500)
        elif self.hold(size):
            self.held.append(route)
        else:
            self.answer(route)

    def answer(self, route: Route) -> None:
        hue = int(route.request.url.rsplit("/", 1)[1].split("?")[0]) * 47 % 360
        route.fulfill(body=PICTURE.format(size=256, hue=hue), content_type="image/svg+xml")

    def visit(self, part: Literal["runs", "large"], query: str = "") -> Locator:
        name = {"runs": "run-list", "large": "large-picture"}[part]
        self.page.goto(f"{self.url}/?part={part}&{query}")
        root = self.page.get_by_test_id(f"breeder-{name}")
        expect(root).to_be_visible(timeout=30_000)
        expect(self.page.get_by_text("did=.")).to_have_count(1)
        return root

    def expect_done(self, *kinds: str) -> None:
        expect(self.page.get_by_text(f"did={' '.join(kinds)}.", exact=True)).to_have_count(1)

    def expect_last(self, picture_or_run: str, words: str = "", ids: str = "") -> None:
        line = f"last={picture_or_run}|{words}|{ids}."
        expect(self.page.get_by_text(line, exact=True)).to_have_count(1)

    def expect_app_runs(self, count: int) -> None:
        expect(self.page.get_by_text(f"app-runs={count}", exact=True)).to_have_count(1)


@pytest.fixture
def demo(page: Page, demo_url: str) -> Demo:
    return Demo(page, demo_url)


def focused(root: Locator) -> str:
    """Return the class names of what has the focus inside a component."""
    return str(root.evaluate("(root) => root.getRootNode().activeElement?.className ?? ''"))


def overflow(demo: Demo) -> int:
    return int(demo.page.evaluate("() => document.documentElement.scrollWidth - innerWidth"))


# Runs ---------------------------------------------------------------------------------------------


@pytest.fixture
def runs(demo: Demo) -> Locator:
    root = demo.visit("runs")
    expect(root.locator(".row")).to_have_count(6)
    return root


def menu_of(root: Locator, number: int) -> Locator:
    row = root.locator(".row").nth(number)
    row.hover()
    row.get_by_role("button", name="More for").click()
    menu = root.get_by_role("menu")
    expect(menu).to_be_visible()
    return menu


def choose(root: Locator, number: int, item: str) -> Locator:
    menu_of(root, number).get_by_role("menuitem", name=item).click()
    return root.locator(".row").nth(number)


def test_a_row_tells_name_size_and_age(runs: Locator):
    row = runs.locator(".row").nth(3)
    expect(row.locator(".name")).to_have_text("Grey founders")
    expect(row.locator(".facts")).to_have_text("22 generations · 3 h ago")
    expect(row.locator("time")).to_have_attribute("title", re.compile(r"20\d\d"))
    expect(runs.locator(".row").first.locator(".facts")).to_have_text("1 generation · just now")


def test_thumbnails_are_lazy_and_a_run_without_one_has_a_quiet_square(runs: Locator):
    image = runs.locator(".row").first.locator(".thumbnail img")
    expect(image).to_have_attribute("loading", "lazy")
    expect(image).to_have_attribute("src", re.compile(r"/pictures/0\?size=256$"))
    assert image.bounding_box() == pytest.approx({**image.bounding_box(), "width": 44})  # type: ignore[dict-item]
    expect(runs.locator(".row").nth(3).locator(".thumbnail")).to_be_visible()
    expect(runs.locator(".row").nth(3).locator("img")).to_have_count(0)


def test_a_click_resumes_a_run(demo: Demo, runs: Locator):
    expect(runs.locator("[aria-current] .name")).to_have_text("owls")
    runs.get_by_role("button", name=re.compile("^poster")).click()
    expect(runs.locator("[aria-current] .name")).to_have_text("poster for May")
    demo.expect_done("open")
    demo.expect_last("run-4")


def test_the_current_run_is_not_opened_again(demo: Demo, runs: Locator):
    runs.locator(".open").first.click()
    runs.locator(".open").nth(1).click()
    demo.expect_done("open")


def test_arrows_and_enter_resume_a_run(demo: Demo, runs: Locator):
    runs.locator(".open").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "End", "ArrowDown", "Home", "ArrowDown"):
        demo.page.keyboard.press(key)
    demo.page.keyboard.press("Enter")
    demo.expect_last("run-1")
    assert "open" in focused(runs)
    expect(runs.locator('.open[tabindex="0"]')).to_have_count(1)


def test_the_current_run_is_remembered_in_a_cookie(demo: Demo, runs: Locator):
    def cookie() -> str:
        found = {each["name"]: each for each in demo.page.context.cookies()}["breeder_run"]
        assert (found["path"], found["sameSite"]) == ("/", "Lax")
        assert 364 < (found["expires"] - time.time()) / 86_400 < 366
        return found["value"]

    assert cookie() == "run-0"
    runs.locator(".open").nth(2).click()
    demo.expect_done("open")
    assert cookie() == "run-2"


def test_names_of_runs_are_text(demo: Demo, runs: Locator):
    expect(runs.locator(".name").nth(1)).to_have_text("<b>Bold</b> waves")
    choose(runs, 1, "Delete").get_by_role("button", name="Yes").click()
    expect(runs.locator(".undo-text")).to_have_text("Deleted <b>Bold</b> waves.")
    expect(runs.locator("b")).to_have_count(0)


def test_more_shows_on_hover_and_on_focus(runs: Locator):
    more = runs.locator(".more").nth(1)
    expect(more).to_have_css("opacity", "0")
    runs.locator(".row").nth(1).hover()
    expect(more).to_have_css("opacity", "1")
    runs.locator(".open").first.focus()
    runs.page.keyboard.press("Tab")
    expect(runs.locator(".more").first).to_have_css("opacity", "1")


def test_more_always_shows_on_touch(browser: Browser, demo_url: str):
    context = browser.new_context(viewport={"width": 820, "height": 900}, has_touch=True)
    root = Demo(context.new_page(), demo_url).visit("runs")
    session = context.new_cdp_session(root.page)
    session.send("Emulation.setEmulatedMedia", {"features": [{"name": "hover", "value": "none"}]})
    expect(root.locator(".more").nth(2)).to_have_css("opacity", "1")
    context.close()


def test_the_menu_opens_and_closes_by_its_button_and_by_keys(runs: Locator):
    menu = menu_of(runs, 1)
    more = runs.locator(".more").nth(1)
    expect(more).to_have_attribute("aria-expanded", "true")
    more.click()
    expect(menu).to_be_hidden()
    expect(more).to_have_attribute("aria-expanded", "false")
    more.focus()
    runs.page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    runs.page.keyboard.press("ArrowUp")
    expect(runs.get_by_role("menuitem", name="Delete")).to_be_focused()
    runs.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    assert "more" in focused(runs)


def test_another_runs_menu_takes_the_place_of_the_first(demo: Demo, runs: Locator):
    menu_of(runs, 0)
    runs.locator(".row").nth(4).hover()
    runs.locator(".more").nth(4).click()
    expect(runs.locator('[aria-expanded="true"]')).to_have_attribute(
        "aria-label", "More for poster for May"
    )
    runs.get_by_role("menuitem", name="Duplicate").click()
    demo.expect_done("duplicate")
    demo.expect_last("run-4")


def test_enter_saves_a_new_name_and_typing_is_nobody_elses(demo: Demo, runs: Locator):
    row = choose(runs, 0, "Rename")
    field = row.get_by_label("Name")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("maxlength", "200")
    runs.page.keyboard.type("rcrc <i>")  # R and C are keys of Streamlit
    runs.page.keyboard.press("Enter")
    expect(row.locator(".name")).to_have_text("rcrc <i>")
    demo.expect_done("rename")
    demo.expect_last("run-0", "rcrc <i>")
    demo.expect_app_runs(2)
    expect(demo.page.get_by_role("dialog")).to_have_count(0)
    assert "open" in focused(runs)


def test_escape_an_empty_name_and_the_same_name_change_nothing(demo: Demo, runs: Locator):
    for text, key in (("moths", "Escape"), ("  ", "Enter"), ("owls", "Enter")):
        row = choose(runs, 0, "Rename")
        row.get_by_label("Name").fill(text)
        runs.page.keyboard.press(key)
        expect(row.locator(".name")).to_have_text("owls")
        expect(row.locator(".words")).to_be_visible()
    demo.expect_done()


def test_leaving_the_field_keeps_what_was_typed(demo: Demo, runs: Locator):
    choose(runs, 0, "Rename").get_by_label("Name").fill("eagles")
    demo.page.get_by_text("app-runs").click()
    demo.expect_last("run-0", "eagles")


def test_delete_asks_and_no_leaves_everything(demo: Demo, runs: Locator):
    row = choose(runs, 0, "Delete")
    expect(row.locator(".ask")).to_have_text(re.compile(r"Delete\?\s*Yes\s*No"))
    expect(row.get_by_role("button", name="No")).to_be_focused()
    row.get_by_role("button", name="No").click()
    choose(runs, 0, "Delete")
    runs.page.keyboard.press("Escape")
    expect(row.locator(".ask")).to_be_hidden()
    expect(runs.locator(".row")).to_have_count(6)
    demo.expect_done()


def test_a_deleted_run_can_be_brought_back(demo: Demo, runs: Locator):
    choose(runs, 5, "Delete").get_by_role("button", name="Yes").click()
    expect(runs.locator(".row")).to_have_count(5)
    assert "open" in focused(runs)
    bar = runs.locator(".undo")
    expect(bar).to_contain_text("Deleted moths.")
    bar.get_by_role("button", name="Undo").click()
    expect(bar).to_be_hidden()
    expect(runs.locator(".row")).to_have_count(6)
    demo.expect_done("delete", "undo")
    demo.expect_last("run-5")


def test_the_bar_of_a_deleted_run_can_be_put_away(runs: Locator):
    choose(runs, 5, "Delete").get_by_role("button", name="Yes").click()
    runs.get_by_role("button", name="Dismiss").click()
    expect(runs.locator(".undo")).to_be_hidden()


def test_a_deleted_run_can_be_brought_back_long_after(demo: Demo, runs: Locator):
    expect(runs.locator(".gone")).to_be_hidden()
    choose(runs, 1, "Delete").get_by_role("button", name="Yes").click()
    runs.get_by_role("button", name="Dismiss").click()
    runs.get_by_text("Deleted (1)").click()
    row = runs.locator(".gone-row")
    expect(row).to_contain_text("<b>Bold</b> waves29 days left")
    row.get_by_role("button").click()
    expect(runs.locator(".gone")).to_be_hidden()
    expect(runs.locator(".row")).to_have_count(6)
    demo.expect_done("delete", "restore")
    demo.expect_last("run-1")


def test_what_the_server_does_not_do_is_taken_back(demo: Demo):
    root = demo.visit("runs", "lazy=1")
    choose(root, 1, "Delete").get_by_role("button", name="Yes").click()
    demo.expect_done("delete")
    expect(root.locator(".row")).to_have_count(6)


def test_every_action_of_a_burst_arrives(demo: Demo, runs: Locator):
    runs.evaluate(
        """(root) => {
          for (const row of [...root.querySelectorAll('.row')].slice(1, 5)) {
            row.querySelector('.more').click();
            root.querySelector('[data-act="delete"]').click();
            row.querySelector('[data-act="yes"]').click();
          }
        }"""
    )
    demo.expect_done(*["delete"] * 4)
    expect(runs.locator(".row .name")).to_have_text(["owls", "moths"])


def test_new_runs_of_both_kinds_and_a_double_click_makes_one(demo: Demo, runs: Locator):
    runs.get_by_role("button", name="New run", exact=True).dblclick()
    demo.expect_done("new")
    runs.get_by_role("button", name="New grey run").click()
    demo.expect_done("new", "new_grey")


def test_few_runs_need_no_filter(runs: Locator):
    expect(runs.get_by_role("searchbox")).to_be_hidden()


def test_the_filter_finds_a_run_by_a_part_of_its_name(demo: Demo):
    root = demo.visit("runs", "count=20")
    field = root.get_by_role("searchbox", name="Find a run")
    field.press_sequentially("MOTHS")
    expect(root.locator(".row:visible .name")).to_have_text(["moths", "moths 11", "moths 17"])
    field.press("ArrowDown")
    assert "open" in focused(root)
    field.fill("zebra")
    expect(root.locator(".none")).to_have_text("No run has such a name.")
    field.press("Escape")
    expect(root.locator(".row:visible")).to_have_count(20)
    field.fill("17")
    field.press("Enter")
    demo.expect_last("run-17")
    demo.expect_app_runs(2)


def test_two_hundred_runs_are_quick_and_load_few_pictures(demo: Demo):
    root = demo.visit("runs", "count=200")
    expect(root.locator(".row")).to_have_count(200)
    demo.page.wait_for_timeout(500)
    assert len(demo.asked) < 60
    took = root.evaluate(
        """(root) => {
          const start = performance.now();
          const field = root.querySelector('.filter');
          field.value = '1';
          field.dispatchEvent(new Event('input'));
          root.getBoundingClientRect();
          return performance.now() - start;
        }"""
    )
    assert took < 200


@pytest.mark.parametrize("width", [360, 1280])
def test_the_list_fits_the_sidebar(demo: Demo, width: int):
    demo.page.set_viewport_size({"width": width, "height": 800})
    demo.page.goto(f"{demo.url}/?part=runs")
    opener = demo.page.get_by_test_id("stExpandSidebarButton")
    expect(demo.page.get_by_text("did=.")).to_be_visible(timeout=30_000)
    if opener.is_visible():
        opener.click()
    root = demo.page.get_by_test_id("breeder-run-list")
    expect(root).to_be_in_viewport()
    assert root.evaluate("(root) => root.scrollWidth - root.clientWidth") <= 12
    assert overflow(demo) <= 0


# Large picture ------------------------------------------------------------------------------------


def test_coarse_at_once_then_fine_over_it(demo: Demo):
    demo.hold = lambda size: size > 256
    root = demo.visit("large")
    expect(root.locator(".coarse img")).to_be_visible()
    expect(root.locator(".progress")).to_be_visible()
    expect(root).to_have_attribute("data-sharp", "false")
    expect(root.locator(".fine img")).to_have_count(0)
    demo.answer(demo.held.pop())
    expect(root).to_have_attribute("data-sharp", "true")
    expect(root.locator(".fine img")).to_be_visible()
    expect(root.locator(".coarse img")).to_have_count(1)  # below, so that nothing flickers
    expect(root.locator(".progress")).to_be_hidden()
    assert demo.asked == [("1", 256), ("1", 1024)]


def test_the_large_picture_is_square_within_the_window_and_named(demo: Demo):
    root = demo.visit("large")
    frame = root.get_by_role("img", name="<i>An</i> owl", exact=True)
    box = frame.bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(box["height"], abs=1)
    assert box["height"] <= 0.78 * 900 + 1
    assert box["height"] >= 0.6 * 900
    expect(root.locator("i")).to_have_count(0)


@pytest.mark.parametrize(
    ("width", "ratio", "size"), [(360, 1, 1024), (1280, 2, 1536), (1280, 3, 2048)]
)
def test_the_fine_picture_suits_the_screen(
    browser: Browser, demo_url: str, width: int, ratio: int, size: int
):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, device_scale_factor=ratio
    )
    demo = Demo(context.new_page(), demo_url)
    root = demo.visit("large")
    expect(root).to_have_attribute("data-sharp", "true")
    expect(root).to_have_attribute("data-size", str(size))
    assert max(size for _, size in demo.asked) == size
    assert overflow(demo) <= 0
    context.close()


def test_a_failed_fine_picture_leaves_the_coarse_one_and_says_so(demo: Demo):
    demo.fail = lambda size: size > 256
    root = demo.visit("large")
    expect(root.get_by_role("status")).to_have_text("The sharp picture could not be loaded.")
    expect(root.locator(".coarse img")).to_be_visible()
    expect(root.locator(".progress")).to_be_hidden()
    expect(root).to_have_attribute("data-sharp", "false")


def test_without_any_picture_the_square_says_so(demo: Demo):
    demo.fail = lambda size: True
    root = demo.visit("large")
    expect(root.get_by_text("This picture is not available.")).to_be_visible()


def test_a_fine_picture_alone_is_enough(demo: Demo):
    demo.fail = lambda size: size == 256
    root = demo.visit("large")
    expect(root).to_have_attribute("data-sharp", "true")
    expect(root.get_by_text("This picture is not available.")).to_be_hidden()


@pytest.mark.parametrize("part", ["runs", "large"])
def test_nothing_moves_for_those_who_asked_for_stillness(
    browser: Browser, demo_url: str, part: Literal["runs", "large"]
):
    context = browser.new_context(reduced_motion="reduce")
    demo = Demo(context.new_page(), demo_url)
    demo.hold = lambda size: size > 384
    root = demo.visit(part)
    demo.page.wait_for_timeout(300)
    assert root.evaluate("(root) => root.getAnimations({ subtree: true }).length") == 0
    context.close()
