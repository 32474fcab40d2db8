"""Figures as inline SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np

from mas_edu.plots import white_figure
from mas_edu.widgets.inline_svg import THEMED, figure_svg


def picture(mark: float = 0.5, image: bool = False) -> str:
    figure = white_figure((200, 100))
    ax = figure.add_subplot()
    ax.plot([0, mark], [0, 1], "o-")
    if image:
        ax.imshow(np.eye(2))
    return figure_svg(figure, 'It "rises" & falls')


def names(svg: str) -> set[str]:
    return set(re.findall(r' id="([^"]+)"', svg))


def test_it_is_one_element_that_says_what_it_shows() -> None:
    root = ElementTree.fromstring(picture())
    assert root.get("viewBox") == "0 0 144 72"
    assert (root.get("role"), root.get("aria-label")) == ("img", 'It "rises" & falls')
    assert "width" not in root.attrib  # the page decides
    assert not root.findall(".//{*}style")  # it would hold for the whole page
    assert not root.findall(".//{*}metadata")


def test_the_same_figure_is_the_same_text_and_names_differ_between_pictures() -> None:
    one, same, other = picture(), picture(), picture(0.6)
    assert one == same
    assert names(one)
    assert not names(one) & names(other)


def test_every_name_that_is_used_is_there() -> None:
    svg = picture(image=True)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg)) == names(svg)


def test_a_heatmap_stays_on_white() -> None:
    assert f'class="{THEMED}"' in picture()
    assert f'class="{THEMED}"' not in picture(image=True)
