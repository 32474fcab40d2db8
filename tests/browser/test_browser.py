"""Without a browser this is the only test of the folder, and skipped."""

import pytest

from tools.lab import CHROMIUM, NO_CHROMIUM


def test_there_is_a_browser():
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
