"""The playground's controls: what can be chosen, and how it looks."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as w

from mas_edu.data import DATASETS, STREAMS
from mas_edu.methods import METHODS
from mas_edu.widgets.playground.pictures import VIEWS, Choice
from mas_edu.widgets.playground.settings import MOST_TASKS, Settings, most_tasks

LAMBDAS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
EARLY = 0.05  # share of the updates before which no time can be told
LAYERS = ("hidden1.weight", "hidden1.bias", "output.weight", "output.bias")


class Controls:
    """Everything that the reader can set, each a widget with a description and a tooltip."""

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
            max=MOST_TASKS,
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
        """Settings of the chosen run."""
        return Settings(*(control.value for control in self.of_run))

    @property
    def choice(self) -> Choice:
        """The chosen look at Ω."""
        return Choice(*(control.value for control in self.of_omega))

    @property
    def of_run(self) -> tuple[Any, ...]:
        """Controls that change the run, in the order of `Settings`."""
        return self.stream, self.dataset, self.tasks, self.method, self.lam, self.seed

    @property
    def of_omega(self) -> tuple[Any, ...]:
        """Controls that change the picture of Ω alone, in the order of `Choice`."""
        return self.layer, self.view, self.logarithmic

    def limit_tasks(self) -> str:
        """Let the slider go as far as the stream does; return what there is to say if it moved."""
        most, wanted = most_tasks(self.stream.value), self.tasks.value
        self.tasks.max = most  # moves the value, too
        if wanted <= most:
            return ""
        return f"{self.stream.value}: two classes a task, so at most {most} tasks, not {wanted}."


def _methods(start: Settings) -> dict[str, Any]:
    """Return the methods by name; the one to begin with may have settings of its own."""
    plain = {name: method() for name, method in METHODS.items()}
    return plain | {type(start.method).__name__: start.method}


def _look(description: str, tooltip: str) -> dict[str, Any]:
    """Return what every control has: one width for all, so that they line up when they wrap."""
    return {
        "description": description,
        "tooltip": tooltip,
        "style": {"description_width": "56px"},
        "layout": {"width": "272px", "margin": "2px 4px 2px 0"},
    }


def time_left(done: int, total: int, seconds: float) -> str:
    """Return how far it is and, once it can be known, how long it still takes.

    >>> time_left(500, 2000, 10)
    '500 of 2000 updates, about 30 s left'
    >>> time_left(1, 2000, 1.5)
    '1 of 2000 updates'
    """
    if done < EARLY * total:
        return f"{done} of {total} updates"
    left = math.ceil(seconds * (total - done) / max(done, 1))
    minutes = f"{left // 60} min " if left >= 60 else ""
    return f"{done} of {total} updates, about {minutes}{left % 60} s left"
