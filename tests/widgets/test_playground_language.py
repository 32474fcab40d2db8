"""The playground in another language: everything it shows is translated, with the same numbers."""

from __future__ import annotations

from typing import Any

import pytest

import mas_edu as me
from mas_edu._common import languages
from tests.support.languages import controls_say, leftovers, marked, numbers, without_tags
from tools import texts

CLAIMED = [name for name in languages()[1:] if "widgets" in texts.read(name)["complete"]]
SCHEDULE = me.Schedule(steps=4, evaluations=2)
NAMES = (*(kind for kind in vars(me) if kind.isupper()), "RWalk", "MASBatch", "MASLocal", "Joint")
NAMES += ("FineTune", "digits", "mnist", "fashion", "kmnist", "log", "Code", "hidden1.weight")
NAMES += ("hidden1.bias", "output.weight", "output.bias", "h1", "hidden2")
NAMES += ("PNG", "SVG", "me.Record.load", "record", "playground.py")


def shown(figure: Any) -> list[str]:
    """Return all that the playground says: pictures, numbers, lines, status, static copy."""
    screen = figure.screen
    parts = (*screen.parts, screen.caption, screen.hint, screen.words, figure.status)
    copy = figure._static_output()[0]["text/html"]
    return [without_tags(page) for page in (*(part.value for part in parts), copy)]


def look_around(**settings: Any) -> list[str]:
    """Move some controls, and return all that was to be seen."""
    figure = me.playground(schedule=SCHEDULE, blocking=True, **settings)
    controls = figure.controls
    buttons = *figure.buttons, *figure.downloads.buttons
    said = [*controls_say([*controls.of_run, *controls.of_look, *buttons])]
    said += shown(figure)
    figure.downloads.buttons[0].click()
    said += shown(figure)
    controls.logarithmic.value = True
    said += shown(figure)
    controls.show.value = "every λ"
    said += shown(figure)
    controls.show.value = "lesion test"
    said += shown(figure)
    controls.show.value = "one unit"
    said += shown(figure)
    controls.show.value = "your digit"
    said += shown(figure)
    controls.show.value = "curves"
    controls.at.value = 50
    said += shown(figure)
    controls.tasks.value = 7
    controls.stream.value = "split"
    said += shown(figure)
    controls.dataset.value = "mnist"
    said += shown(figure)
    figure.close()
    return said


@pytest.mark.slow
@pytest.mark.parametrize("language", CLAIMED)
@pytest.mark.parametrize(
    "settings",
    [
        {"tasks": 2},
        {"tasks": 2, "compare": ["EWC"], "seeds": 3},
        {"tasks": 2, "method": "FineTune"},
    ],
    ids=["alone", "compared", "unprotected"],
)
def test_the_playground_is_translated(language: str, settings: dict[str, Any]) -> None:
    english = look_around(**settings)
    with marked(language):
        said = look_around(**settings)
    assert leftovers(said, NAMES) == []
    for one, other in zip(english, said, strict=True):
        if " s." not in one:  # seconds of training
            assert numbers(one) == numbers(other)
