"""The grid the whole way through Streamlit: nothing is lost, doubled or reverted."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.bare_grid import Bare
from tests.browser.demo_server import serving


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve grid_demo.py; yield its address."""
    with serving("grid_demo", tmp_path_factory.mktemp("grid")) as url:
        yield url


@pytest.fixture
def demo(page: Page, demo_url: str) -> Callable[[str], Bare]:
    def visit(query: str = "") -> Bare:
        page.goto(f"{demo_url}/{query}")
        bare = Bare(page)
        expect(bare.root).to_have_attribute("data-decoded", "true", timeout=30_000)
        return bare

    return visit


def test_a_burst_of_clicks_arrives_whole(demo: Callable[[str], Bare]):
    live = demo("")
    live.root.evaluate(
        """(root) => {
          for (let click = 0; click < 20; click += 1) {
            root.querySelector(`.pick[data-slot="${click % 15}"]`).click();
          }
        }"""
    )
    expect(live.root.locator('.pick[data-saved="true"]')).to_have_count(10)
    expect(live.page.get_by_text("saved=[5, 6, 7, 8, 9, 10, 11, 12, 13, 14]")).to_be_visible()


def test_picks_that_the_server_lost_are_sent_again(demo: Callable[[str], Bare]):
    live = demo("?lose=1")
    live.pick(3).click()
    expect(live.pick(3)).to_have_attribute("data-saved", "true", timeout=20_000)


def test_evolve_right_after_a_pick_breeds_from_it(demo: Callable[[str], Bare]):
    live = demo("")
    live.root.evaluate(
        """(root) => {
          root.querySelector('.pick[data-slot="2"]').click();
          root.querySelector('[data-act="evolve"]').click();
        }"""
    )
    expect(live.root).to_have_attribute("data-generation", "g2")
    expect(live.root).to_have_attribute("data-decoded", "true")
    expect(live.root.locator(".status")).to_have_text("evolve with 1 picks")
    expect(live.root.locator('[data-broken="true"]')).to_have_count(0)
    assert live.picked() == []
    live.page.keyboard.press("z")
    expect(live.root).to_have_attribute("data-generation", "g1")


def test_an_action_without_a_new_grid_lets_one_act_again(demo: Callable[[str], Bare]):
    live = demo("?stuck=1")
    live.page.keyboard.press("r")
    expect(live.page.get_by_text("actions=['reroll']")).to_be_visible()
    expect(live.root).to_have_attribute("data-busy", "false", timeout=10_000)


def test_every_star_of_a_burst_arrives(demo: Callable[[str], Bare]):
    live = demo("")
    for slot in range(4):
        live.pick(slot).focus()
        live.page.keyboard.press("f")
    expect(live.page.get_by_text(f"actions={['favourite'] * 4}")).to_be_visible()
    expect(live.root.locator('.star[aria-pressed="true"]')).to_have_count(4)


def test_r_is_other_children_and_not_streamlits_rerun(demo: Callable[[str], Bare]):
    live = demo("")
    live.page.keyboard.press("r")
    expect(live.root).to_have_attribute("data-generation", "g2")
    expect(live.page.get_by_text("app-runs=1", exact=True)).to_be_visible()


def test_streamlits_own_dialog_and_fields_silence_the_keys(demo: Callable[[str], Bare]):
    live = demo("")
    field = live.page.get_by_label("Title")
    field.fill("owl")
    field.press("f")
    expect(field).to_have_value("owlf")
    field.press("Enter")
    live.page.get_by_role("button", name="Open a dialog").click()
    expect(live.page.get_by_role("dialog")).to_be_visible()
    live.page.keyboard.press("f")
    live.page.keyboard.press("Escape")
    expect(live.page.get_by_role("dialog")).to_be_hidden()
    expect(live.page.get_by_text("actions=[]")).to_be_visible()


def test_leaving_and_coming_back_shows_the_same_pictures(demo: Callable[[str], Bare]):
    live = demo("")
    live.pick(3).click()
    expect(live.pick(3)).to_have_attribute("data-saved", "true")
    toggle = live.page.get_by_text("Hide the grid")
    toggle.click()
    expect(live.root).to_have_count(0)
    toggle.click()
    expect(live.root).to_have_attribute("data-decoded", "true")
    expect(live.root.locator('[data-broken="true"]')).to_have_count(0)
    expect(live.pick(3)).to_have_attribute("data-saved", "true")
