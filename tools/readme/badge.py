"""Derive the README's links to the repository from the one address in pyproject.toml.

`python -m tools.readme.badge` rewrites them; a test holds them.
"""

from __future__ import annotations

import re
import tomllib
from urllib.parse import quote

from tools.paths import README, ROOT

LINK = re.compile(r"(github\.com|mybinder\.org/v2/gh)/[\w.-]+/[\w.-]+")


def repository() -> str:
    """Return owner and name, from `[project.urls]`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Repository"]).removeprefix("https://github.com/")


def binder(notebook: str) -> str:
    """Return the address where Binder opens a notebook."""
    place = f"https://mybinder.org/v2/gh/{repository()}/HEAD"
    return f"{place}?urlpath=lab%2Ftree%2Fnotebooks%2F{quote(notebook, safe='')}"


def badge() -> str:
    """Return the Binder badge, which opens the start page."""
    page = binder("index.ipynb")
    return f"[![Binder](https://mybinder.org/badge_logo.svg)]({page})"


def derived(text: str) -> str:
    """Return the text with every link to the repository made right."""
    return LINK.sub(rf"\1/{repository()}", text)


if __name__ == "__main__":
    README.write_text(derived(README.read_text(encoding="utf-8")), encoding="utf-8")
