"""One JupyterLab and one Chromium for all tests in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tools.lab import CHROMIUM, Lab, browser, running_lab

# without a browser test_browser.py says so, once
collect_ignore_glob = [] if CHROMIUM else ["test_[!b]*.py"]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab") / "lab") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture(scope="session")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """Yield one context for all notebooks: JupyterLab's scripts are loaded and compiled once."""
    context = chromium.new_context()
    yield context
    context.close()
