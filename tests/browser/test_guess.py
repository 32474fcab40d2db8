"""A guess in a real JupyterLab: kept by keyboard, below the figure and in it, its label whole."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import BrowserContext, expect

from tools.lab import DARK, ROOT, Lab
from tools.lessons import LESSONS
from tools.notebook_page import Notebook

ARTIFACTS = ROOT / ".artifacts" / "lessons"
UNIT = "percentage points"
LONG = f'me.predict("wide", "How much?", high=3, step=0.5, unit="{UNIT}")'


@pytest.fixture(scope="module")
def notebook(lab: Lab, window: BrowserContext) -> Iterator[Notebook]:
    """Yield lesson 11's question and figure, and a question with a long unit."""
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == "11")
    content = lesson.read()
    content.cells = [cell for cell in content.cells if cell.id in ("predict", "figure")]
    content.cells.append(nbformat.v4.new_code_cell(LONG))
    nbformat.write(content, lab.work / "guess.ipynb")
    with lab.opened(window, "guess.ipynb", share=True) as notebook:
        notebook.wait_for_last_cell()
        yield notebook


def test_a_guess_is_kept_and_drawn_where_the_figure_answers_it(notebook: Notebook) -> None:
    page = notebook.page
    answer = page.get_by_text("You guessed 50 %. Here it is")
    notebook.press("Keep my guess")
    expect(page.get_by_text("Kept on this computer: 50 %")).to_be_visible()
    assert notebook.focused() == "Keep my guess"
    expect(answer).to_be_hidden()
    picture = page.locator(".mas-picture svg")
    for _ in range(4):  # from λ = 0 to 1, where the average is best
        before = picture.evaluate("image => image.outerHTML")
        notebook.key("λ", "ArrowRight")
        expect(picture).not_to_have_js_property("outerHTML", before)
    expect(answer).to_be_visible()
    expect(page.locator("pre").filter(has_text="draw(now, guess=50)")).to_be_visible()
    expect(page.get_by_text("Marked: your guess 50 %.").first).to_be_visible()
    assert notebook.scrollbars() == []


def test_the_label_of_a_guess_has_room_for_every_unit(notebook: Notebook) -> None:
    label = notebook.page.locator(".widget-label").filter(has_text=UNIT)
    expect(label).to_have_text(f"guess ({UNIT})")
    assert notebook.cut_off() == []


def test_it_is_readable_in_light_and_dark(notebook: Notebook) -> None:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    notebook.page.screenshot(path=ARTIFACTS / "guess_light.png")
    notebook.switch_theme(DARK)
    notebook.page.screenshot(path=ARTIFACTS / "guess_dark.png")
    assert notebook.contrast() > 4.5
    assert notebook.complaints() == []
