"""The browser that the other tests here lean on can be driven at all."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import find_chromium


def test_a_click_reaches_a_script_on_the_page(page: Page):
    page.set_content("<button onclick=\"this.textContent = 'picked'\">pick</button>")
    page.click("button")
    assert page.inner_text("button") == "picked"


def test_the_environment_chooses_the_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    chosen = tmp_path / "my-browser"
    chosen.touch(mode=0o755)
    monkeypatch.setenv("BREEDER_CHROMIUM", str(chosen))
    assert find_chromium() == str(chosen)


def test_a_chosen_browser_that_is_absent_is_not_silently_replaced(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BREEDER_CHROMIUM", "/nowhere/chromium")
    assert find_chromium() is None
