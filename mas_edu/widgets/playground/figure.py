"""The playground: choose tasks, a method and λ, watch the network learn and forget them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from mas_edu._common import as_choice, as_float, as_int
from mas_edu.data import DATASETS, STREAMS
from mas_edu.methods import METHODS, FineTune, Method
from mas_edu.results import Record
from mas_edu.training import Schedule, Training
from mas_edu.widgets.card import Picture, wrapping_row
from mas_edu.widgets.live_figure import LiveFigure, recall
from mas_edu.widgets.playground import pictures
from mas_edu.widgets.playground.controls import Controls, time_left
from mas_edu.widgets.playground.pictures import CURVES, Choice, Frame
from mas_edu.widgets.playground.screen import Screen
from mas_edu.widgets.playground.settings import MOST_TASKS, Settings
from mas_edu.widgets.worker import DRAWING, Phase


def playground(
    stream: str = "rotated",
    dataset: str = "digits",
    tasks: int = 5,
    method: Method | str = "MAS",
    lam: float = 0.1,
    seed: int = 0,
    *,
    schedule: Schedule | None = None,
    blocking: bool = False,
) -> Playground:
    """Show a figure that trains for real; make it the last line of a notebook's cell.

    Args:
        stream: "rotated", "permuted" or "split"; like all that follow, what the controls begin at.
        dataset: "digits" trains whenever a control is released, the others on a button.
        tasks: 2 to 10.
        method: a method or its name.
        lam: λ.
        seed: of the initial weights and the order of the samples.
        schedule: how each task is trained; None: `Schedule()`.
        blocking: train in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is out of range.

    >>> figure = playground(tasks=2, schedule=Schedule(epochs=1))
    >>> figure.wait(60)
    True
    >>> figure.record.label
    'MAS, λ = 0.1'
    """
    as_choice("stream", stream, STREAMS)
    as_choice("dataset", dataset, DATASETS)
    tasks, seed, lam = as_int("tasks", tasks, 2), as_int("seed", seed, 0), as_float("lam", lam)
    if tasks > MOST_TASKS:
        raise ValueError(f"tasks: expected 2 to {MOST_TASKS} in the playground, got {tasks}")
    if not isinstance(method, Method):
        method = METHODS[as_choice("method", method, METHODS)]()
    start = Settings(stream, dataset, tasks, method, lam, seed)
    return Playground(start, lam, schedule or Schedule(), blocking)


@dataclass(frozen=True)
class Moment:
    """A moment of a run; its record is made only when it is drawn."""

    settings: Settings
    record: Callable[[], Record] | None
    before: Record | None
    done: int = 0
    total: int = 1
    seconds: float = 0.0
    remembered: bool = False


@dataclass(frozen=True)
class Shown:
    """A `Moment` and the pictures drawn of it."""

    moment: Moment
    choice: Choice
    record: Record | None = None
    frame: Frame | None = None


@dataclass(frozen=True)
class OmegaShown:
    """Another look at the Ω of a record."""

    record: Record
    picture: Picture


class Playground(LiveFigure[Moment, Shown, Record]):
    """Controls, and what they lead to: `record` is the run on the screen, `call` its code.

    The pale run beside it, `before`, always learned the same tasks from the same start.
    """

    status_style = "font-weight: 600"
    remembered: OrderedDict[Settings, Record]

    def __init__(
        self, start: Settings, lam: float, schedule: Schedule, blocking: bool = False
    ) -> None:
        super().__init__(CURVES, blocking)
        self.schedule = schedule
        self.record: Record | None = None
        self.before: Record | None = None
        self.controls = Controls(start, lam)
        self.screen = Screen(self.controls.of_omega)
        self.children = self._arranged()
        self._notice, self._limiting = "", False
        for control in self.controls.of_run:
            control.observe(self._changed, "value")
        for control in self.controls.of_omega:
            control.observe(self._omega_changed, "value")
        self._changed()

    def __repr__(self) -> str:
        return f"Playground, the same as:\n{self.call}"

    @property
    def call(self) -> str:
        """Code that does the same as the controls say now."""
        return self.controls.settings.call

    def _has_still(self) -> bool:
        return bool(self.remembered)

    def _still(self) -> Picture:
        """Return the curves of the run on the screen, or of the first that has finished."""
        record = self.record or next(iter(self.remembered.values()), None)
        if record is None:
            return self.screen.curves.picture
        with DRAWING:
            return pictures.curves(record, self.before)

    # from the controls to a job

    def _changed(self, _: object = None) -> None:
        """Recall the finished run of the released controls, train a small one, or wait."""
        if self._limiting:
            return
        self._limiting = True
        self._notice = self.controls.limit_tasks()
        self._limiting = False
        self._show_call()
        settings = self.controls.settings
        self.controls.lam.disabled = not settings.method.penalised
        known = self.remembered.get(settings)
        if known:
            moment = Moment(
                settings, lambda: known, self._baseline(settings), 1, 1, remembered=True
            )
            self._begin(recall(moment))
        elif settings.small:
            self._begin(self._job())
        else:
            self.live.drop()
            self.screen.grey_out()
            self._at("stopped")
            self._say(f"Press Train: {settings.dataset} does not begin by itself.")

    def _begin(self, job: Generator[Moment | None, None, object]) -> None:
        self.screen.grey_out()
        super()._begin(job)

    def _baseline(self, settings: Settings) -> Record | None:
        """Return the last finished run of the same tasks and start, to compare with."""
        for other, record in reversed(list(self.remembered.items())):
            if settings.comparable(other):
                return record
        return None

    def _job(self) -> Generator[Moment]:
        settings = self.controls.settings
        before = self._baseline(settings)
        if before is None and settings.small and settings.method.penalised:
            # first what there is to improve on
            before = yield from self._train(replace(settings, method=FineTune()), None)
        yield from self._train(settings, before)

    def _train(self, settings: Settings, before: Record | None) -> Generator[Moment, None, Record]:
        yield Moment(settings, None, before)
        run = Training(
            settings.make(),
            settings.method,
            settings.lam,
            seed=settings.seed,
            schedule=self.schedule,
        )
        seconds, begun = 0.0, time.perf_counter()
        for done in run:
            seconds += time.perf_counter() - begun
            yield Moment(settings, lambda: run.record, before, done, run.total, seconds)
            begun = time.perf_counter()
        record = run.record
        self._remember(settings, record)
        yield Moment(settings, lambda: record, before, run.total, run.total, seconds)
        return record

    # from a job to the screen

    def _draw(self, moment: Moment, phase: Phase) -> Shown:
        choice = self.controls.choice
        if moment.record is None:
            return Shown(moment, choice)
        record = moment.record()
        frame = pictures.draw(record, moment.before, choice, phase != "running")
        return Shown(moment, choice, record, frame)

    def _show(self, shown: Shown, phase: Phase) -> None:
        moment, record = shown.moment, shown.record
        self._at(phase)
        self.progress.max, self.progress.value = moment.total, moment.done
        if record is None or shown.frame is None:
            self._say("Preparing the tasks …" if phase == "running" else f"{phase.capitalize()}.")
            return
        chosen = moment.settings == self.controls.settings
        self._say(f"{'' if chosen else 'First, to compare with, '}{_news(record, moment, phase)}")
        if phase != "running":
            self.record, self.before = record, moment.before
            self.screen.summarise(record)
            if moment.remembered:
                self.remembered.move_to_end(moment.settings)
        self.screen.show(shown.frame)
        if not chosen:
            self.screen.grey_out()
        if shown.choice != self.controls.choice:  # it was changed while this was drawn
            self._omega_changed()

    def _say(self, words: str, alarm: bool = False) -> None:
        super()._say(f"{words} {self._notice}".strip(), alarm)

    def _omega_changed(self, _: object = None) -> None:
        """Draw the same Ω in another way: nothing is trained, the latest look wins."""
        self.controls.view.disabled = self.controls.layer.index != 0
        if self.record is not None:
            self.redraw.start(recall(self.record))

    def _draw_again(self, record: Record) -> OmegaShown:
        return OmegaShown(record, pictures.omega(record, self.controls.choice))

    def _show_again(self, shown: OmegaShown) -> None:
        if shown.record is self.record:  # else it is out of date
            self.screen.omega.show(shown.picture)

    def _arranged(self) -> list[Any]:
        screen, controls = self.screen, self.controls
        return [
            screen.style,
            wrapping_row(controls.of_run),
            wrapping_row([*self.buttons, self.progress, self.status]),
            screen.summary,
            wrapping_row([screen.curves.box, screen.matrix.box, screen.omega.box], "flex-start"),
            self.code,
        ]


def _news(record: Record, moment: Moment, phase: Phase) -> str:
    """Return how it goes, in one line."""
    if moment.remembered:
        return f"{record.label}: remembered."
    if phase == "finished":
        spent = f" in {moment.seconds:.1f} s" if moment.seconds else ""
        return f"{record.label}: finished{spent}."
    if phase == "stopped":
        return f"{record.label}: stopped after {moment.done} of {moment.total} updates."
    how = {"running": "training", "paused": "paused"}[phase]
    return f"{record.label}: {how}, {time_left(moment.done, moment.total, moment.seconds)}."
