"""The pages of the notebooks: run, offline, with alt text for every picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tools.readme.badge import binder
from tools.site import example
from tools.site.body import markdown
from tools.site.pages import site

pytestmark = [
    pytest.mark.slow,  # two notebooks are run
    # zmq warns of it on Windows whenever a notebook is run
    pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, home: Path) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("notebooks")
    example.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAS_EDU_HOME", str(home))
        return site(sorted(folder.glob("*.ipynb")))


@pytest.fixture
def page(pages: dict[str, str]) -> str:
    return pages["01_example.html"]


def test_there_is_a_page_for_each_notebook_and_the_gallery(pages: dict[str, str]) -> None:
    assert sorted(pages) == ["01_example.html", "02_next.html", "index.html"]


def test_a_page_loads_nothing(pages: dict[str, str]) -> None:
    for text in pages.values():
        assert "<script" not in text
        assert "<link" not in text
        assert "@import" not in text
        loaded = re.findall(r"\b(?:src|srcset|poster|data)\s*=\s*[\"']?([^\"'>\s]{1,9})", text)
        assert all(address.startswith("data:") for address in loaded)
        assert not re.search(r"url\(", text)


def test_every_picture_has_its_computed_alt_text(pages: dict[str, str]) -> None:
    for name in ("01_example.html", "index.html"):
        pictures = BeautifulSoup(pages[name], "html.parser").find_all("img")
        assert [picture["alt"] for picture in pictures] == [example.ALT]


def test_a_page_suits_a_phone(pages: dict[str, str]) -> None:
    for text in pages.values():
        assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
        assert "prefers-color-scheme: dark" in text
        assert '<html lang="en">' in text


def test_formulas_are_mathml(pages: dict[str, str]) -> None:
    text = body(pages, "01_example.html")
    assert "$" not in text
    assert text.count("<math ") == text.count("</math>") == 2
    assert "<msub><mi>Ω</mi><mi>i</mi></msub>" in text
    assert "<mi>ℱ</mi>" in text


def body(pages: dict[str, str], name: str) -> str:
    return pages[name].partition("<body>")[2]


def outputs(page: str, cell: str) -> Any:
    """Return what is on the page below the code of a cell."""
    return BeautifulSoup(page, "html.parser").find(id=f"cell-id={cell}").find(class_="output")


def test_a_widget_leaves_its_last_picture_and_a_link_to_its_live_form(page: str) -> None:
    late = outputs(page, "late")
    assert [part.get_text() for part in late.find_all("p")] == [
        "what it shows in the end",
        "To use it live, open this notebook on Binder, or get the repository and run make lab.",
    ]
    assert late.a["href"] == binder("01_example.ipynb")
    assert "widget-view" not in page


def test_progress_and_warnings_are_not_on_the_page(page: str) -> None:
    assert outputs(page, "bar") is None


def test_a_long_sentence_wraps(page: str) -> None:
    (text,) = outputs(page, "code").find_all("pre", class_="sentence")
    assert text.get_text().strip() == example.SENTENCE.replace(" %", "\N{NO-BREAK SPACE}%").strip()


def test_pages_are_linked(pages: dict[str, str]) -> None:
    first, second = body(pages, "01_example.html"), body(pages, "02_next.html")
    assert '<a rel="next" href="02_next.html">2 · The next →</a>' in first
    assert '<a rel="prev" href="01_example.html">← 1 · An example</a>' in second
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in second
    assert '<a href="02_next.html">the next lesson</a>' in first
    assert all('href="index.html"' in text for text in (first, second))


def test_a_link_to_exercises_leads_to_binder(tmp_path: Path) -> None:
    html = markdown("[a](exercises/01_a.ipynb), [b](01_b.ipynb)", tmp_path)
    assert f'href="{binder("exercises/01_a.ipynb")}"' in html
    assert "notebooks%2Fexercises%2F01_a.ipynb" in html
    assert 'href="01_b.html"' in html


def test_the_gallery_has_a_card_for_each(pages: dict[str, str]) -> None:
    cards = re.findall(r"<article>.*?</article>", pages["index.html"], re.DOTALL)
    assert len(cards) == 2
    assert '<a href="01_example.html">1 · An example</a>' in cards[0]
    assert "About 30 minutes" in cards[0]
    assert cards[0].count("<li>") == 2
    assert "goes on in the next line" in cards[0]
    assert "<math " in cards[0]
    assert "<p>It is short.</p>" in cards[1]


def test_no_guess_of_the_reader_is_touched(pages: dict[str, str], home: Path) -> None:
    assert list(home.iterdir()) == []
