"""Pages around the notebooks, and the gallery that leads to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments.formatters import HtmlFormatter

from tools.readme.badge import binder, repository
from tools.site.body import body
from tools.site.card import Card, card
from tools.site.execute import executed
from tools.site.fit import check
from tools.site.frames import LambdaFrame, frames
from tools.site.stills import still

HERE = Path(__file__).parent
INDEX, PLAYGROUND = "index.html", "00_playground.ipynb"
SCRIPT = (HERE / "slider.js").read_text(encoding="utf-8")


def site(notebooks: Sequence[Path]) -> dict[str, str]:
    """Run the notebooks and return all pages by their file names.

    Raises:
        UnfitError: if a notebook fails, or its page must not be published.
    """
    cards, bodies = [], []
    notebooks = [path for path in notebooks if path.stem != Path(INDEX).stem]  # that is the gallery
    for path in notebooks:
        print(f"{path.name} …", flush=True)
        notebook = executed(path)
        still(notebook, path.name)
        bodies.append(body(notebook, path))
        cards.append(card(notebook, path))
    moving = []
    if any(path.name == PLAYGROUND for path in notebooks):
        print("the playground's λ …", flush=True)
        moving = frames()
    pages = {INDEX: gallery(cards, moving)}
    for k, path in enumerate(notebooks):
        pages[cards[k].page] = _lesson(path.name, bodies[k], cards, k)
    names = {one.page: path.name for one, path in zip(cards, notebooks, strict=True)}
    for name, page in pages.items():
        ours = SCRIPT if name == INDEX else ""
        check(names.get(name, name), page, pages, ours)
    return pages


def gallery(cards: Sequence[Card], moving: Sequence[LambdaFrame] = ()) -> str:
    """Return the start page: the playground's λ, if there are frames of it, and a card a page."""
    return _render(
        "index.html.j2",
        cards=cards,
        frames=moving,
        begin=next((k for k, frame in enumerate(moving) if frame.chosen), 0),
        script=Markup(SCRIPT),
        live=binder(PLAYGROUND),
    )


def _lesson(name: str, html: str, cards: Sequence[Card], place: int) -> str:
    return _render(
        "lesson.html.j2",
        card=cards[place],
        body=Markup(html),
        live=binder(name),
        before=cards[place - 1] if place else None,
        after=cards[place + 1] if place + 1 < len(cards) else None,
    )


def _render(template: str, **values: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined
    )
    style = (HERE / "style.css").read_text(encoding="utf-8")
    page = environment.get_template(template)
    return page.render(
        style=Markup(f"{style}\n{_code()}"),
        repository=f"https://github.com/{repository()}",
        **values,
    )


def _code() -> str:
    """Return the style sheet of code, light and dark."""
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
