"""A notebook in the gallery: title, minutes, objectives, and a picture of its figure."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tools.site.body import markdown

WIDTH = 720  # pixels: sharp on a phone, and the gallery stays small
ORDER = {"figure-call": 0, "figure": 1}  # the cells whose pictures come first
OBJECTIVE = re.compile(r"^- .*(?:\n(?!\s*\n|- )[^\n]+)*", re.MULTILINE)


@dataclass(frozen=True)
class Card:
    """One notebook in the gallery; `image` is base64, and empty if nothing is drawn."""

    page: str
    title: str
    minutes: int | None
    about: str
    image: str = ""
    alt: str = ""


def card(notebook: Any, path: Path) -> Card:
    """Return the card of an executed notebook."""
    title, _, rest = notebook.cells[0].source.partition("\n")
    objectives = OBJECTIVE.findall(rest)
    about = "\n".join(objectives) if objectives else rest.strip().partition("\n\n")[0]
    image, alt = _picture(notebook)
    return Card(
        page=f"{path.stem}.html",
        title=title.lstrip("# ").strip(),
        minutes=notebook.metadata.get("lesson", {}).get("minutes"),
        about=markdown(about, path.parent),
        image=image and _smaller(image),
        alt=alt,
    )


def _picture(notebook: Any) -> tuple[str, str]:
    """Return the static figure, or the first picture there is, and its alt text."""
    cells = sorted(notebook.cells, key=lambda cell: ORDER.get(cell.id, len(ORDER)))
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        alt = output.get("metadata", {}).get("image/png", {}).get("alt")
        if alt and "image/png" in output.data:
            return output.data["image/png"], alt
    return "", ""


def _smaller(image: str) -> str:
    with Image.open(io.BytesIO(base64.b64decode(image))) as picture:
        small = picture.convert("RGB")
    small.thumbnail((WIDTH, WIDTH))
    buffer = io.BytesIO()
    small.save(buffer, format="png", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
