"""Where a Chromium is; as a program, prints its path or exits with status 1.

Must not import pytest: `scripts/browser` runs it before the tests.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium's sandbox refuses to run as root, which containers do
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Return the path of a Chromium: BREEDER_CHROMIUM, one on PATH, Playwright's own, or None."""
    if chosen := os.environ.get("BREEDER_CHROMIUM"):
        return shutil.which(chosen)
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


if __name__ == "__main__":
    path = find_chromium()
    if path is None:
        sys.exit(1)
    print(path)
