"""What is written in a figure: is all of it inside, apart from each other, and large enough?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from unittest import mock

from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from tests.support.plots import figure_of

SMALLEST = 9  # points, in the figures of lessons


def texts_of(figure: Figure) -> list[Text]:
    """Return everything that is written when the figure is drawn."""
    written: list[Text] = []
    draw = Text.draw

    def noted(text: Text, renderer: RendererBase) -> None:
        written.extend([text] if text.get_text().strip() and text.get_visible() else [])
        draw(text, renderer)

    with mock.patch.object(Text, "draw", noted):
        figure.draw_without_rendering()
    return written


def texts_in(ax: Axes) -> list[Text]:
    """Return everything that is written in the figure of these axes."""
    return texts_of(figure_of(ax))


def extents(texts: Iterable[Text]) -> list[Bbox]:
    """Return the place of each text; of an annotation: without its leader."""
    return [Text.get_window_extent(text) for text in texts]


def overlapping(texts: Iterable[Text]) -> list[tuple[str, str]]:
    """Return the texts that cover each other."""
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts]
    pairs = itertools.combinations(boxes, 2)
    return [(one, two) for (one, box), (two, other) in pairs if box.overlaps(other)]


def inside(ax: Axes, texts: Iterable[Text]) -> bool:
    """Return whether all texts are within the figure."""
    return not outside(figure_of(ax), texts)


def outside(figure: Figure, texts: Iterable[Text], margin: float = 1) -> list[str]:
    """Return the texts that leave the figure by more than so many pixels."""
    frame = figure.bbox.padded(margin)
    return [
        text.get_text()
        for text in texts
        for box in extents([text])
        if not (frame.contains(*box.min) and frame.contains(*box.max))
    ]


def check_lesson_texts(figure: Figure, size: tuple[int, int]) -> list[Text]:
    """Assert that a lesson's figure has this size in pixels and can be read; return its texts."""
    assert tuple(figure.bbox.size) == size
    texts = texts_of(figure)
    assert texts
    assert outside(figure, texts, margin=0) == []
    assert overlapping(texts) == []
    assert [text for text in texts if text.get_fontsize() < SMALLEST] == []
    return texts
