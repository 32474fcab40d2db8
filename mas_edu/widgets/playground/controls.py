"""The playground's controls: what can be chosen, and how it looks."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as w

from mas_edu.data import DATASETS, STREAMS
from mas_edu.methods import METHODS
from mas_edu.widgets.pictures import VIEWS, Choice
from mas_edu.widgets.playground.settings import Settings

LAMBDAS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
LAYERS = ("hidden1.weight", "hidden1.bias", "output.weight", "output.bias")


class Controls:
    """Everything the reader can set, each a widget with a description and a tooltip."""

    def __init__(self, start: Settings, lam: float) -> None:
        self.stream = w.Dropdown(
            options=list(STREAMS), value=start.stream, **_look("stream", "How the tasks differ")
        )
        self.dataset = w.Dropdown(
            options=DATASETS,
            value=start.dataset,
            **_look("images", "digits trains at once, the larger sets when you press Train"),
        )
        self.tasks = w.IntSlider(
            value=start.tasks,
            min=2,
            max=10,
            continuous_update=False,
            **_look("tasks", "How many tasks are learned one after the other"),
        )
        self.method = w.Dropdown(
            options=_methods(start),
            value=start.method,
            **_look("method", "How earlier tasks are protected"),
        )
        self.lam = w.SelectionSlider(
            options=[(f"{value:g}", value) for value in sorted({*LAMBDAS, lam})],
            value=lam,
            continuous_update=False,
            **_look("λ", "How strongly the method holds on to earlier tasks"),
        )
        self.seed = w.BoundedIntText(
            value=start.seed,
            min=0,
            max=max(9999, start.seed),
            **_look("seed", "Of the initial weights and the order of the samples"),
        )
        self.train = _button("Train", "play", "Play: train with these settings, or go on again")
        self.pause = _button("Pause", "pause", "Hold still, and go on when pressed again")
        self.stop = _button("Stop", "stop", "End training; finished tasks are kept")
        self.train.button_style = "primary"
        self.layer = w.Dropdown(
            options=LAYERS, **_look("Ω of", "The layer whose importance is shown")
        )
        self.view = w.Dropdown(options=VIEWS, **_look("as", "How the first layer's Ω is laid out"))
        self.logarithmic = w.Checkbox(
            value=False,
            indent=False,
            description="logarithmic colours",
            tooltip="Small values become visible; exact zeros are grey",
            layout={"width": "180px"},
        )

    @property
    def settings(self) -> Settings:
        """The run that is chosen."""
        return Settings(*(control.value for control in self.of_run))

    @property
    def choice(self) -> Choice:
        """The Ω that is chosen."""
        return Choice(*(control.value for control in self.of_omega))

    @property
    def of_run(self) -> tuple[Any, ...]:
        """What changes the run, in the order of `Settings`."""
        return self.stream, self.dataset, self.tasks, self.method, self.lam, self.seed

    @property
    def of_omega(self) -> tuple[Any, ...]:
        """What changes the picture of Ω alone, in the order of `Choice`."""
        return self.layer, self.view, self.logarithmic

    @property
    def buttons(self) -> tuple[Any, ...]:
        """Train, pause, stop."""
        return self.train, self.pause, self.stop


def _methods(start: Settings) -> dict[str, Any]:
    """The methods by name; the one to begin with may have settings of its own."""
    plain = {name: method() for name, method in METHODS.items()}
    return plain | {type(start.method).__name__: start.method}


def _look(description: str, tooltip: str) -> dict[str, Any]:
    """One width for all, so that they line up when they wrap."""
    return {
        "description": description,
        "tooltip": tooltip,
        "style": {"description_width": "56px"},
        "layout": {"width": "272px", "margin": "2px 4px 2px 0"},
    }


def _button(description: str, icon: str, tooltip: str) -> Any:
    return w.Button(description=description, icon=icon, tooltip=tooltip, layout={"width": "96px"})


def time_left(done: int, total: int, seconds: float) -> str:
    """How far it is, and how long it still takes.

    >>> time_left(500, 2000, 10)
    '500 of 2000 updates, about 30 s left'
    """
    left = math.ceil(seconds * (total - done) / max(done, 1))
    minutes = f"{left // 60} min " if left >= 60 else ""
    return f"{done} of {total} updates, about {minutes}{left % 60} s left"
