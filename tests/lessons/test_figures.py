"""The figure of every lesson: each control is explained, and every state can be drawn."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu._common import languages
from mas_edu.widgets import interactive, prediction
from tests.lessons.conftest import small_png, small_svg
from tests.support.contrast import pale_texts
from tests.support.figure_states import states, values
from tests.support.languages import check_state
from tools import texts
from tools.lessons import BESIDE, LESSONS, Lesson

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[*LESSONS, *BESIDE], ids=lambda lesson: lesson.number)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return request.param


_drawn: list[Figure] = []


def noted(figure: Figure, words: str) -> str:
    """Draw the figure with few pixels, and keep it until the next."""
    _drawn[:] = [figure]
    return small_svg(figure, words)


@pytest.fixture(scope="module")
def figure(lesson: Lesson, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield the lesson's figure, one for all tests, drawn with few pixels."""
    home: Path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAS_EDU_HOME", str(home))
        patch.setattr(prediction, "_unwritten", {})
        patch.setattr(prediction, "_asked", {})
        patch.setattr(interactive, "figure_svg", noted)
        patch.setattr(interactive, "figure_png", small_png)
        figure = lesson.figure()
        assert figure.wait(60)
        figure.live.per_second = 0  # pictures of runs under way: in the tests of the worker
        yield figure
        figure.close()


@pytest.fixture(scope="module")
def known() -> set[str]:
    return {text for some in texts.texts().values() for text in some}


def test_every_control_says_what_it_is_and_does(figure: Any) -> None:
    for control in [*figure.controls.values(), *figure.looks.values(), *figure.buttons]:
        assert control.description.strip()
        assert len(control.tooltip.split()) >= 3
        trains = figure.progress_of and control not in [*figure.looks.values()]
        assert not (trains and getattr(control, "continuous_update", False))


def test_the_figure_leaves_a_picture_where_no_kernel_is(figure: Any) -> None:
    data, metadata = figure._repr_mimebundle_()
    assert metadata["image/png"]["alt"] in data["text/html"]


def test_every_state_is_drawn_and_every_control_changes_something(
    figure: Any, lesson: Lesson, known: set[str]
) -> None:
    """Every fourth also for the contrast of its texts, and in each language it has."""
    place = f"lessons/{lesson.path.stem[3:]}"
    spoken = [one for one in languages()[1:] if place in texts.read(one)["complete"]]
    controls = {**figure.controls, **figure.looks}
    at_rest = {name: control.value for name, control in controls.items()}
    pictures = {}
    for k, state in enumerate(states(controls)):
        check(figure)
        pictures[state] = figure.card.image.value
        if k % 4:
            continue
        assert pale_texts(_drawn[0]) == []
        for language in spoken:
            check_state(figure, language, known)
    for k, name in enumerate(controls):
        rest = [value for other, value in at_rest.items() if other != name]
        seen = {png for state, png in pictures.items() if [*state[:k], *state[k + 1 :]] == rest}
        assert len(seen) > 1, f"{name} changes nothing"


def check(figure: Any) -> None:
    """What is on the screen is a picture with its sentence, and no complaint."""
    assert figure.wait(60)
    assert "alert" not in figure.status.value, figure.status.value
    assert figure.card.image.value.startswith(f'<svg aria-label="{html.escape(figure.words)}">')
    assert len(figure.words.split()) >= 8
    assert "nan" not in figure.words.lower().split()


def test_the_code_below_the_figure_does_the_same(figure: Any, lesson: Lesson, capsys: Any) -> None:
    for control in {**figure.controls, **figure.looks}.values():
        control.value = list(values(control))[-1]
    assert figure.wait(60)
    exec(figure.call, {"me": me, lesson.path.stem[3:]: lesson.module})
    assert capsys.readouterr().out.strip() == figure.words


def test_every_button_of_a_lesson_sets_its_figure(figure: Any, lesson: Lesson) -> None:
    controls = {**figure.controls, **figure.looks}
    rows = suggested(lesson, figure)
    assert rows
    for row in rows:
        for label, wanted in row.suggestions.items():
            row.press(label)
            assert figure.wait(60)
            assert {name: controls[name].value for name in wanted} == wanted
            assert "alert" not in figure.status.value
            assert "Set in the figure: " in row.status.value


def suggested(lesson: Lesson, figure: Any) -> list[Any]:
    """Run the cells with buttons, and return the buttons of each."""
    names: dict[str, Any] = {"figure": figure, lesson.path.stem[3:]: lesson.module}
    found = []
    for cell in lesson.read().cells:
        if texts.BUTTONS.fullmatch(cell.id):
            before, _, last = cell.source.rpartition("try_this(")
            exec(before, names)
            found.append(eval(f"try_this({last}", names))
    return found
