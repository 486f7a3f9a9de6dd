"""Fixtures for tests that drive the app as a person would: a Chromium, and a page in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.bare_grid import Bare, message, open_bare
from tests.browser.chromium import FLAGS, find_chromium


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium, or skip."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium: run scripts/browser, or set BREEDER_CHROMIUM to its path")
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Launch one Chromium for all tests; a test opens a context or a page of its own in it."""
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield instance
        instance.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open an empty page with no cookies; a script error nobody caught in it fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors, f"uncaught errors in the page: {errors}"


@pytest.fixture
def bare(page: Page) -> Bare:
    """Open the grid's script alone, without Streamlit."""
    return open_bare(page)


@pytest.fixture
def shown(bare: Bare) -> Bare:
    """Show a grid of the script alone."""
    bare.show(message())
    return bare


@pytest.fixture
def timed(page: Page) -> Bare:
    """Show a grid whose clock the test moves."""
    page.clock.install()
    timed = open_bare(page)
    timed.show(message())
    return timed
