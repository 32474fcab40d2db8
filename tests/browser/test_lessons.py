"""Every lesson in a real JupyterLab: its controls moved by keyboard, light and dark.

The lessons and their controls are found, not listed here. Only the cells with widgets are run:
`make notebooks` runs them all.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import ipywidgets as w
import nbformat
import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from mas_edu.widgets.worker import Worker
from tools.lab import DARK, ROOT, Lab
from tools.lessons import LESSONS, Lesson
from tools.notebook_page import SECONDS, Notebook

ARTIFACTS = ROOT / ".artifacts" / "lessons"
LONG = {"05": "whole frontier"}  # where a run is too short to be stopped: the button of longer ones
HEIGHT = """output => output.querySelector(".mas-picture svg").getBoundingClientRect().bottom
  - output.getBoundingClientRect().top"""  # from the top of the controls to the picture's end
RUN = ("predict", "figure", "figure-call", "quiz", "glossary")  # code cells, by their ids


@pytest.fixture(scope="module", params=LESSONS, ids=lambda lesson: lesson.number)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return request.param


@pytest.fixture(scope="module")
def notebook(lab: Lab, window: BrowserContext, lesson: Lesson) -> Iterator[Notebook]:
    """Yield the lesson with the cells of its widgets run."""
    content = lesson.read()
    content.cells = [c for c in content.cells if c.cell_type == "markdown" or c.id in RUN]
    name = f"widgets_of_{lesson.path.name}"
    nbformat.write(content, lab.work / name)
    with lab.opened(window, name, share=True) as notebook:
        notebook.wait_for_last_cell()
        yield notebook


def test_a_lesson_in_jupyterlab(notebook: Notebook, lesson: Lesson) -> None:
    picture = figure_of(notebook).locator(".mas-picture svg")
    shot(notebook, lesson, "light")
    if figure_of(notebook).get_by_role("button", name="Stop").count():
        stop_works(notebook, LONG.get(lesson.number, "Train"))
    for control in controls_of(lesson):
        before = picture.evaluate("image => image.outerHTML")
        press(notebook, control)
        expect(picture, f"{control.description} changes nothing").not_to_have_js_property(
            "outerHTML", before, timeout=30 * SECONDS
        )
    assert picture.evaluate("image => image.getBoundingClientRect().width") > 300
    every_answer_has_its_feedback(notebook, lesson)
    a_guess_is_kept(notebook)
    expect(notebook.page.get_by_role("alert")).to_have_count(0)
    assert notebook.cut_off() == []
    notebook.switch_theme(DARK)
    shot(notebook, lesson, "dark")
    assert notebook.contrast() > 4.5  # what WCAG 2 asks of text
    assert notebook.complaints() == []
    the_picture_and_its_controls_fit_a_low_window(notebook)


def test_no_figure_has_a_scroll_bar(notebook: Notebook) -> None:
    assert notebook.scrollbars() == []


def the_picture_and_its_controls_fit_a_low_window(notebook: Notebook) -> None:
    """Look at the figure in a window as low as a projector's, and in a narrow one."""
    page, figure = notebook.page, figure_of(notebook)
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": 1280, "height": 720})
    room = page.locator(".jp-WindowedPanel-outer").bounding_box()
    assert room is not None
    assert figure.evaluate(HEIGHT) <= room["height"]
    page.set_viewport_size({"width": 640, "height": 720})
    assert notebook.scrollbars() == []
    page.set_viewport_size(before)


def figure_of(notebook: Notebook) -> Locator:
    """Return the output with the interactive figure."""
    page = notebook.page
    return page.locator(".jp-OutputArea-output").filter(has=page.locator(".mas-picture svg")).first


def controls_of(lesson: Lesson) -> list[Any]:
    """Return the controls of a figure like the one on the page, as they are at first."""
    with mock.patch.object(Worker, "start"):  # it trains on the page already
        figure = lesson.figure()
    controls = [*figure.controls.values(), *figure.looks.values()]
    figure.close()
    return controls


def press(notebook: Notebook, control: Any) -> None:
    """Move a control one step from where it is, by keyboard."""
    name, inside = control.description, figure_of(notebook)
    if isinstance(control, w.Checkbox):
        inside.get_by_role("checkbox", name=name).press("Space")
    elif isinstance(control, w.ToggleButton):
        inside.get_by_role("button", name=name).press("Enter")
    elif isinstance(control, w.RadioButtons | w.ToggleButtons):
        other = 1 if control.index == 0 else 0
        label = inside.locator(
            f".widget-label:text-is({json.dumps(name, ensure_ascii=False)})"
        ).locator("xpath=..")
        label.locator("input, button").nth(other).press("Space")
    else:
        notebook.key(name, _key(control))


def _key(control: Any) -> str:
    """Return an arrow key that leads away from the end at which the control may be."""
    if isinstance(control, w.Dropdown):
        return "ArrowUp" if control.index == len(control.options) - 1 else "ArrowDown"
    if isinstance(control, w.BoundedIntText):
        return "ArrowUp"
    last = len(control.options) - 1 if hasattr(control, "options") else control.max
    return "ArrowLeft" if getattr(control, "index", control.value) == last else "ArrowRight"


def stop_works(notebook: Notebook, begin: str) -> None:
    """Press the button that begins a run, and stop the run before it ends."""
    status = figure_of(notebook).get_by_role("status").first
    expect(status).to_contain_text("finished")  # so that "training" is said of the next run
    button = figure_of(notebook).get_by_role("button", name=begin)
    button.press("Enter")
    notebook.passes(status, "training")
    assert notebook.focused() == begin
    notebook.press("Stop")
    expect(status).to_contain_text("stopped: update")
    assert notebook.focused() == "Stop"


def every_answer_has_its_feedback(notebook: Notebook, lesson: Lesson) -> None:
    """Press every option of the quiz, one of each question in turn; its feedback appears."""
    every = (question.options for question in lesson.module.QUIZ)
    for options in itertools.zip_longest(*every):
        pressed = [option for option in options if option]
        for option in pressed:
            notebook.page.get_by_label(option.text, exact=True).press("Space")
        for option in pressed:
            said = notebook.page.get_by_role("status").filter(has_text=option.feedback)
            expect(said).to_be_visible()


def a_guess_is_kept(notebook: Notebook) -> None:
    button = notebook.page.get_by_role("button", name="Keep my guess")
    choices = button.locator("xpath=..").locator("input[type=radio]")
    if choices.count():
        choices.first.press("Space")
    button.press("Enter")
    expect(notebook.page.get_by_text("Kept on this computer")).to_be_visible()


def shot(notebook: Notebook, lesson: Lesson, theme: str) -> None:
    """Keep a screenshot of the figure, for people to look at."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    figure_of(notebook).scroll_into_view_if_needed()
    notebook.page.screenshot(path=ARTIFACTS / f"{lesson.number}_{theme}.png")
