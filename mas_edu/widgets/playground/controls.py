"""The playground's controls: what can be chosen, and how it looks; buttons are in `live_figure`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ipywidgets as w

from mas_edu._common import translate
from mas_edu.data import DATASETS, STREAMS
from mas_edu.methods import METHODS, FineTune, Method
from mas_edu.plots import short_names
from mas_edu.widgets.playground.omega_mosaic import VIEWS, Choice
from mas_edu.widgets.playground.settings import (
    FACTORS,
    MOST_TASKS,
    Plan,
    Settings,
    lambda_at,
    most_tasks,
    own_lambda,
)
from mas_edu.widgets.playground.views import CURVES, END, UNIT, VIEW_NAMES, Views, look

LAYERS = ("hidden1.weight", "hidden1.bias", "output.weight", "output.bias")
SEEDS = (1, 3, 5)
MOST_SEED = 999_999  # as many digits as its field has room for
SETS = (("L2", "EWC"), ("EWC", "SI", "RWalk"), ("MASBatch", "MASLocal"), ("EWC", "SCP", "Joint"))
NAMES = ("lam", "tasks", "method", "compare", "stream", "dataset", "seed", "seeds")
OMEGA_NAMES = ("layer", "view", "logarithmic")
HIDEABLE = (*NAMES, *OMEGA_NAMES, *VIEW_NAMES)


class Controls:
    """Everything that the reader can set, each a widget with a description and a tooltip."""

    def __init__(self, start: Settings, lam: float, seeds: int, others: Sequence[Method]) -> None:
        self.schedule = start.schedule
        self.lam = w.SelectionSlider(
            options=[("0", 0.0)],
            continuous_update=True,
            **look("λ", "How strongly the method holds on to earlier tasks", 20),
        )
        self.tasks = w.IntSlider(
            value=start.tasks,
            min=2,
            max=MOST_TASKS,
            continuous_update=False,
            **look("tasks", "How many tasks are learned one after the other", 40),
        )
        self.method = w.Dropdown(
            options=_methods(start.method),
            value=start.method,
            **look("method", "How earlier tasks are protected", 52),
        )
        self.compare = w.Dropdown(
            options=_sets(others),
            value=tuple(others),
            **look("compare", "Other methods from the same start, each with its own λ", 58),
        )
        self.stream = w.Dropdown(
            options=[(translate(name), name) for name in STREAMS],
            value=start.stream,
            **look("stream", "How the tasks differ", 48),
        )
        self.dataset = w.Dropdown(
            options=DATASETS,
            value=start.dataset,
            **look("images", "digits trains at once, the larger sets when you press Train", 48),
        )
        self.seed = w.BoundedIntText(
            value=start.seed,
            min=0,
            max=max(MOST_SEED, start.seed),
            **look("seed", "Of the initial weights and the order of the samples", 34),
        )
        self.seeds = w.Dropdown(
            options=sorted({*SEEDS, seeds}),
            value=seeds,
            **look("seeds", "How many runs of each method: the band is their range", 40),
        )
        self.layer = w.Dropdown(
            options=LAYERS, **look("Ω of", "The layer whose importance is shown", 27)
        )
        self.view = w.Dropdown(
            options=[(translate(view), view) for view in VIEWS],
            **look("as", "How the first layer's Ω is laid out", 16),
        )
        self.logarithmic = w.Checkbox(
            value=False,
            indent=False,
            description=translate("log"),
            tooltip=translate(
                "Logarithmic colours: small values become visible; exact zeros are grey"
            ),
            layout={"width": "auto", "margin": "2px"},
        )
        self.views = Views()
        self.show, self.at, self.share = self.views.show, self.views.at, self.views.share
        self.unit, self.digit = self.views.unit, self.views.digit
        factor = lam / own_lambda(start.method)
        self._factors = sorted({*FACTORS, factor})
        self._given = {(type(start.method), factor): lam}  # exactly, not rounded
        self._scale(self._factors.index(factor))

    @property
    def plan(self) -> Plan:
        """The chosen runs: the method's first, then those to compare with."""
        main = Settings(
            self.stream.value,
            self.dataset.value,
            self.tasks.value,
            self.method.value,
            self.lam.value,
            self.seed.value,
            self.schedule,
        )
        others = [method for method in self.compare.value if method != main.method]
        firsts = [
            main,
            *(replace(main, method=m, lam=self.lambda_of(m, self.factor)) for m in others),
        ]
        return Plan(
            tuple(
                tuple(replace(first, seed=first.seed + k) for k in range(self.seeds.value))
                for first in firsts
            )
        )

    @property
    def choice(self) -> Choice:
        """The chosen look."""
        shown = self.show.value
        return Choice(
            self.layer.value,
            self.view.value,
            self.logarithmic.value,
            shown,
            self.at.value if shown == CURVES else END,
            self.share.value,
            self.unit.value - 1 if shown == UNIT else None,
            self.digit.value - 1,
            self.views.drawn.value,
        )

    @property
    def factor(self) -> float:
        """Return where λ stands: so many times the one at which the method begins."""
        return float(self._factors[self.lam.index])

    @property
    def of_look(self) -> tuple[Any, ...]:
        """Controls that change pictures, and train nothing."""
        views = (getattr(self, name) for name in VIEW_NAMES)
        return *self.of_omega, *views, self.views.drawn

    @property
    def places(self) -> Sequence[float]:
        """All places of λ, in their order."""
        return self._factors

    def lambda_of(self, method: Method, factor: float) -> float:
        """Return the λ of a method at a place of the slider."""
        return self._given.get((type(method), factor), lambda_at(method, factor))

    @property
    def factors(self) -> Sequence[float]:
        """All places of λ, the nearest to the present one first."""
        here = self.lam.index
        order = sorted(range(len(self._factors)), key=lambda k: abs(k - here))
        return [self._factors[k] for k in order]

    @property
    def of_run(self) -> tuple[Any, ...]:
        """Controls that change the runs."""
        return tuple(getattr(self, name) for name in NAMES)

    @property
    def of_omega(self) -> tuple[Any, ...]:
        """Controls that change the picture of Ω alone, in the order of `Choice`."""
        return tuple(getattr(self, name) for name in OMEGA_NAMES)

    @property
    def hint(self) -> str:
        """Say what λ means for the chosen method, in one sentence."""
        method = self.method.value
        name = type(method).__name__
        if not method.penalised:
            return translate("{method} has no penalty: λ plays no part.", method=short_names(name))
        return translate(
            "Each method has its own λ: {method} begins at {lam:g}, picked by validation on "
            "rotated digits.",
            method=name,
            lam=own_lambda(method),
        )

    def adopt(self) -> str:
        """Fit λ to the method and the tasks to the stream; return what there is to say of it."""
        self.lam.disabled = not self.method.value.penalised
        if self.method.value.penalised:
            self._scale(self.lam.index)
        most, wanted = most_tasks(self.stream.value), self.tasks.value
        self.tasks.max = most  # moves the value, too
        if wanted <= most:
            same = self.method.value in self.compare.value and len(self.compare.value) == 1
            words = "{method} is the chosen method: compare with another one."
            name = type(self.method.value).__name__
            return translate(words, method=name) if same else ""
        return translate(
            "{stream}: two classes a task, so at most {most} tasks, not {wanted}.",
            stream=translate(self.stream.value),
            most=most,
            wanted=wanted,
        )

    def hide(self, names: Sequence[str]) -> None:
        """Take controls off the screen and out of the keyboard's order; they keep their values."""
        for name in names:
            getattr(self, name).layout.display = "none"
        if "at" in names:
            self.views.play.layout.display = "none"

    def _scale(self, place: int) -> None:
        """Give λ the range of the chosen method; it keeps its place there."""
        values = [self.lambda_of(self.method.value, factor) for factor in self._factors]
        options = [(f"{value:g}", value) for value in values]
        if tuple(options) != self.lam.options:
            with self.lam.hold_sync():
                self.lam.options = options
                self.lam.index = place
        else:
            self.lam.index = place


def _methods(start: Method) -> dict[str, Method]:
    """Return the methods by name; the one to begin with may have settings of its own."""
    plain = {name: method() for name, method in METHODS.items()}
    return plain | {type(start).__name__: start}


def _sets(others: Sequence[Method]) -> list[tuple[str, tuple[Method, ...]]]:
    """Return what can be compared with: one method, some sets, and the one that was asked for."""
    single = [(name,) for name, kind in METHODS.items() if kind is not FineTune]
    made = [tuple(METHODS[name]() for name in names) for names in (*single, *SETS)]
    asked = [tuple(others)] if others and tuple(others) not in made else []
    sets: list[tuple[Method, ...]] = [(), *asked, *made]
    return [
        (", ".join(type(m).__name__ for m in some) or translate("nothing"), some) for some in sets
    ]
