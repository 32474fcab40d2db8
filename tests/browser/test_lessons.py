"""Every lesson in a real JupyterLab: its cells run, its controls moved by keyboard, light and dark.

Nothing is registered here: the lessons and their controls are found, and so is what to press.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as w
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tools.lab import CHROMIUM, NO_CHROMIUM, ROOT, SECONDS, Lab, Notebook
from tools.lessons import LESSONS, Lesson

if CHROMIUM is None:
    pytest.skip(NO_CHROMIUM, allow_module_level=True)

ARTIFACTS = ROOT / ".artifacts"
VIEW = {"width": 1280, "height": 1100}
NOISE = ("favicon.ico", "status of 404")  # JupyterLab's own, with or without our widgets
IDLE = "Python 3 (ipykernel) | Idle"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_a_lesson_in_jupyterlab(lab: Lab, chromium: Browser, lesson: Lesson) -> None:
    with opened(lab, chromium, lesson) as (notebook, heard):
        every_cell_ran(notebook)
        expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", "true")
        picture = figure_of(notebook).locator("img.widget-image")
        shot(notebook, lesson, "light")
        if figure_of(notebook).get_by_role("button", name="Stop").count():
            stop_works(notebook)
        for control in moved_by_keyboard(lesson):
            before = picture.get_attribute("src")
            press(notebook, control)
            expect(picture, f"{control.description} changes nothing").not_to_have_attribute(
                "src", before or "", timeout=30 * SECONDS
            )
        assert picture.evaluate("image => image.naturalWidth") > 300
        answers_are_answered(notebook, lesson)
        a_guess_is_kept(notebook)
        expect(notebook.page.get_by_role("alert")).to_have_count(0)
        assert notebook.cut_off() == []
        switch_to_dark(notebook)
        shot(notebook, lesson, "dark")
        notebook.page.set_viewport_size({"width": 1280, "height": 9000})
        notebook.page.screenshot(path=ARTIFACTS / "lessons" / f"{lesson.number}_whole.png")
        assert notebook.contrast() > 4.5  # what WCAG 2 asks of text
    assert [text for text in heard if not any(known in text for known in NOISE)] == []


@contextmanager
def opened(lab: Lab, chromium: Browser, lesson: Lesson) -> Iterator[tuple[Notebook, list[str]]]:
    """The lesson with all its cells run, and what the browser's console says."""
    lab.set_theme("JupyterLab Light")  # the lesson before ended in the dark
    page = chromium.new_page(viewport=VIEW)
    page.set_default_timeout(30 * SECONDS)
    heard: list[str] = []
    page.on("console", lambda m: heard.append(f"{m.text} {m.location}") if m.type == "error" else 0)
    page.on("pageerror", lambda error: heard.append(str(error)))
    try:
        notebook = lab.open(page, lesson.path.name)
        notebook.hide_sidebar()
        notebook.run_all()
        yield notebook, heard
    finally:
        page.close()


def every_cell_ran(notebook: Notebook) -> None:
    """The last cell has run, and none has failed."""
    numbers = notebook.page.locator(".jp-CodeCell .jp-InputArea-prompt")
    expect(numbers.last).to_have_text(f"[{numbers.count()}]:", timeout=300 * SECONDS)
    expect(notebook.page.locator("[data-mime-type='application/vnd.jupyter.error']")).to_have_count(
        0
    )


def figure_of(notebook: Notebook) -> Locator:
    """The output with the interactive figure."""
    page: Page = notebook.page
    return page.locator(".jp-OutputArea-output").filter(has=page.locator("img.widget-image")).first


def moved_by_keyboard(lesson: Lesson) -> list[Any]:
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
        label = inside.locator(f".widget-label:text-is('{name}')").locator("xpath=..")
        label.locator("input, button").nth(other).press("Space")
    else:
        notebook.key(name, _key(control))


def _key(control: Any) -> str:
    """Away from the end that it may stand at."""
    if isinstance(control, w.Dropdown):
        return "ArrowUp" if control.index == len(control.options) - 1 else "ArrowDown"
    if isinstance(control, w.BoundedIntText):
        return "ArrowUp"
    last = len(control.options) - 1 if hasattr(control, "options") else control.max
    return "ArrowLeft" if getattr(control, "index", control.value) == last else "ArrowRight"


def stop_works(notebook: Notebook) -> None:
    status = figure_of(notebook).get_by_role("status").first
    notebook.press("Train")
    expect(status).to_contain_text("training")
    notebook.press("Stop")
    expect(status).to_contain_text("stopped")


def answers_are_answered(notebook: Notebook, lesson: Lesson) -> None:
    """Every option by keyboard: its feedback appears."""
    for question in lesson.module.QUIZ:
        for option in question.options:
            notebook.page.get_by_label(option.text, exact=True).press("Space")
            expect(notebook.page.get_by_text(option.feedback)).to_be_visible()


def a_guess_is_kept(notebook: Notebook) -> None:
    button = notebook.page.get_by_role("button", name="Keep my guess")
    choices = button.locator("xpath=..").locator("input[type=radio]")
    if choices.count():
        choices.first.press("Space")
    button.press("Enter")
    expect(notebook.page.get_by_text("Kept on this computer")).to_be_visible()


def switch_to_dark(notebook: Notebook) -> None:
    """By the menu, so that nothing has to run again."""
    notebook.page.get_by_role("menuitem", name="Settings", exact=True).click()
    for name in ("Theme", "JupyterLab Dark"):
        notebook.page.locator(".lm-Menu").get_by_text(name, exact=True).click()
    expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")


def shot(notebook: Notebook, lesson: Lesson, theme: str) -> None:
    """A screenshot of the figure, kept to be looked at."""
    folder = ARTIFACTS / "lessons"
    folder.mkdir(parents=True, exist_ok=True)
    figure = figure_of(notebook)
    figure.scroll_into_view_if_needed()
    notebook.page.screenshot(path=folder / f"{lesson.number}_{theme}.png")
