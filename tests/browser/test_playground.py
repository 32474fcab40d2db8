"""The playground in a real JupyterLab, by keyboard, in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tools.lab import DARK, LIGHT, ROOT, VIEW, Lab
from tools.notebook_page import SECONDS, Notebook

ARTIFACTS = ROOT / ".artifacts"
NARROW = {"width": 700, "height": 2200}
CURVES, MATRIX, OMEGA = range(3)


@pytest.fixture(scope="module")
def notebook(lab: Lab, window: BrowserContext) -> Iterator[Notebook]:
    """Yield the notebook with all its cells run, its first runs shown."""
    ARTIFACTS.mkdir(exist_ok=True)
    with lab.opened(window) as notebook:
        notebook.finished("MAS, λ = 0.1", patience=60)
        notebook.wait_for_last_cell()
        yield notebook


def test_the_first_pictures_appear_and_the_run_without_protection_is_pale(notebook):
    expect(notebook.images).to_have_count(3)
    assert notebook.drawn() == [True, True, True]
    expect(notebook.caption("Pale: Fine-tuning, for comparison")).to_be_visible()
    notebook.page.screenshot(path=ARTIFACTS / "playground_light.png")


def test_the_cells_below_show_the_same_as_static_figures_with_alt_text(notebook):
    still = notebook.page.locator(".jp-OutputArea-output figure img[alt]")
    expect(still).to_have_count(2)
    assert still.first.get_attribute("alt").startswith("MAS, λ = 0.1 on rotated digits")


@pytest.mark.parametrize(
    ("name", "viewport", "theme"), [("dark", VIEW, DARK), ("narrow", NARROW, LIGHT)]
)
def test_it_can_be_read(notebook, name, viewport, theme):
    """In the dark theme and in half the width the text has contrast, and nothing is cut off."""
    notebook.switch_theme(theme)
    notebook.page.set_viewport_size(viewport)
    notebook.page.screenshot(path=ARTIFACTS / f"playground_{name}.png")
    assert notebook.cut_off() == []
    assert notebook.contrast() > 4.5  # what WCAG 2 asks of text
    notebook.page.set_viewport_size(VIEW)


def test_no_figure_has_a_scroll_bar(notebook):
    assert notebook.scrollbars() == []


@pytest.mark.parametrize(
    ("control", "key", "found"),
    [
        ("λ", "ArrowRight", "MAS, λ = 0.3"),
        ("tasks", "ArrowLeft", "MAS, λ = 0.3"),
        ("seed", "ArrowUp", "MAS, λ = 0.3"),
        ("method", "ArrowUp", "L2, λ = 0.3"),
        ("stream", "ArrowDown", "L2, λ = 0.3 on permuted digits"),
    ],
)
def test_every_control_trains_by_keyboard(notebook, control, key, found):
    before = notebook.image(CURVES), notebook.image(MATRIX)
    notebook.key(control, key)
    notebook.changed(MATRIX, before[1])
    notebook.finished(found.split(" on ")[0])
    expect(notebook.caption(found)).to_be_visible()
    assert notebook.image(CURVES) != before[0]


@pytest.mark.parametrize(("control", "key"), [("as", "ArrowDown"), ("Ω of", "ArrowDown")])
def test_another_look_at_omega_by_keyboard(notebook, control, key):
    curves, omega = notebook.image(CURVES), notebook.image(OMEGA)
    notebook.key(control, key)
    notebook.changed(OMEGA, omega)
    assert notebook.image(CURVES) == curves


def test_logarithmic_colours_by_keyboard(notebook):
    omega = notebook.image(OMEGA)
    box = notebook.page.get_by_role("checkbox", name="logarithmic colours")
    box.focus()
    box.press("Space")
    notebook.changed(OMEGA, omega)


def test_a_finished_setting_comes_back_at_once(notebook):
    notebook.key("seed", "ArrowDown")
    notebook.finished("L2, λ = 0.3")
    notebook.key("seed", "ArrowUp")
    expect(notebook.status).to_have_text("L2, λ = 0.3: remembered.", timeout=10 * SECONDS)


def test_pause_resume_and_stop_by_keyboard(notebook):
    notebook.key("tasks", "End")  # ten tasks, the longest run
    notebook.press("Pause")
    expect(notebook.status).to_contain_text("paused", ignore_case=True)
    here = notebook.status.inner_text()
    notebook.page.wait_for_timeout(500)
    assert notebook.status.inner_text() == here
    notebook.press("Resume")
    expect(notebook.status).to_contain_text("training", ignore_case=True)
    notebook.press("Stop")
    expect(notebook.status).to_contain_text("stopped", ignore_case=True)


def test_a_split_of_ten_tasks_becomes_one_of_five_and_says_so(notebook):
    notebook.key("stream", "ArrowDown")
    expect(notebook.status).to_contain_text("at most 5 tasks, not 10")


def test_the_interrupt_button_of_jupyterlab_stops_training(notebook):
    notebook.key("stream", "Home")
    notebook.press("Pause")
    expect(notebook.status).to_contain_text("paused", ignore_case=True)
    notebook.page.get_by_role("button", name="Interrupt the kernel").click()
    expect(notebook.status).to_contain_text("stopped", ignore_case=True)


def test_the_console_of_the_browser_is_silent(notebook):
    assert notebook.complaints() == []
