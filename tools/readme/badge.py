"""The README's links to the repository, all derived from the one address in pyproject.toml.

`python -m tools.readme.badge` rewrites them; a test holds them.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"(github\.com|mybinder\.org/v2/gh)/[\w.-]+/[\w.-]+")


def repository() -> str:
    """Owner and name, from `[project.urls]`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Repository"]).removeprefix("https://github.com/")


def binder(notebook: str) -> str:
    """Where Binder opens a notebook."""
    place = f"https://mybinder.org/v2/gh/{repository()}/HEAD"
    return f"{place}?urlpath=lab%2Ftree%2Fnotebooks%2F{notebook}"


def badge() -> str:
    """The Binder badge, which opens the playground."""
    page = binder("00_playground.ipynb")
    return f"[![Binder](https://mybinder.org/badge_logo.svg)]({page})"


def derived(text: str) -> str:
    """The text with every link to the repository made right."""
    return LINK.sub(rf"\1/{repository()}", text)


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(derived(readme.read_text(encoding="utf-8")), encoding="utf-8")
