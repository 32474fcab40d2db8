"""The playground: choose tasks, a method and λ, watch the network learn and forget them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

import ipywidgets as w

from mas_edu._common import as_choice, as_float, as_int
from mas_edu.data import DATASETS, STREAMS
from mas_edu.methods import METHODS, FineTune, Method
from mas_edu.plots import captions
from mas_edu.results import Record
from mas_edu.training import Schedule, Training
from mas_edu.widgets import pictures
from mas_edu.widgets.card import Screen, static_output, wrapping_row
from mas_edu.widgets.cell_events import stop_with_cell
from mas_edu.widgets.pictures import CURVES, Choice, Frame, Picture
from mas_edu.widgets.playground.controls import Controls, time_left
from mas_edu.widgets.playground.settings import Settings
from mas_edu.widgets.worker import DRAWING, Phase, Worker, error_sentence

REMEMBERED = 32  # finished runs; more of them would make the memory of a small machine scarce
PATIENCE = 2.0  # seconds that displaying waits, so that its static copy has something to show


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
    """An interactive figure that trains for real; make it the last line of a notebook's cell.

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
    if tasks > 10:
        raise ValueError(f"tasks: expected 2 to 10 in the playground, got {tasks}")
    if not isinstance(method, Method):
        method = METHODS[as_choice("method", method, METHODS)]()
    start = Settings(stream, dataset, tasks, method, lam, seed)
    return Playground(start, lam, schedule or Schedule(), blocking)


@dataclass(frozen=True)
class Look:
    """Where a run stands; its record is made only when it is drawn."""

    record: Callable[[], Record] | None
    before: Record | None
    done: int = 0
    total: int = 1
    seconds: float = 0.0


@dataclass(frozen=True)
class Shown:
    """What goes on the screen for a `Look`."""

    look: Look
    choice: Choice
    record: Record | None = None
    frame: Frame | None = None


class Playground(w.VBox):  # type: ignore[misc]
    """Controls, and what they lead to: `record` is the run on the screen, `call` its code."""

    def __init__(
        self, start: Settings, lam: float, schedule: Schedule, blocking: bool = False
    ) -> None:
        self.schedule = schedule
        self.record: Record | None = None
        self.before: Record | None = None
        self.remembered: OrderedDict[Settings, Record] = OrderedDict()
        self.controls = Controls(start, lam)
        self.screen = Screen(self.controls.of_omega)
        super().__init__(self._arranged())
        self.live: Worker[Look, Shown] = Worker(
            self._draw, self._show, self._fail, blocking=blocking
        )
        stop_with_cell(self.live)
        self._connect()
        self._tell()
        if start.small and start.method.penalised:  # first what there is to improve on
            self._begin(self._compare(replace(start, method=FineTune()), start))
        else:
            self._changed()

    def __repr__(self) -> str:
        return f"Playground, the same as:\n{self.call}"

    @property
    def call(self) -> str:
        """What the controls say now, as a function call."""
        return self.controls.settings.call

    def wait(self, seconds: float | None = None) -> bool:
        """Until training has ended; False when the time was not enough."""
        return self.live.wait(seconds)

    def close(self) -> None:
        """Stop training and take the figure off the screen."""
        self.live.drop()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and a picture for where there is no kernel: exports, previews."""
        widget = super()._repr_mimebundle_(**kwargs)
        if widget is None:  # closed
            return None
        still, metadata = static_output(self._latest(), CURVES)
        return {**still, **widget, "text/plain": repr(self)}, metadata

    def _latest(self) -> Picture:
        """The curves of the latest finished run, or of the first if it comes soon."""
        patience = time.monotonic() + PATIENCE
        while not self.remembered and time.monotonic() < patience and not self.live.wait(0.05):
            pass
        record = self.record or next(iter(self.remembered.values()), None)
        if record is None:
            return self.screen.curves.picture
        with DRAWING:
            return pictures.curves(record, self.before)

    # from the controls to a job

    def _connect(self) -> None:
        for control in self.controls.of_run:
            control.observe(self._changed, "value")
        for control in self.controls.of_omega:
            control.observe(self._omega_changed, "value")
        self.controls.train.on_click(self._train_clicked)
        self.controls.pause.on_click(self._pause_clicked)
        self.controls.stop.on_click(self._stop_clicked)

    def _changed(self, _: object = None) -> None:
        """A control was released: recall the finished run, train a small one, or wait."""
        self._tell()
        settings = self.controls.settings
        known = self.remembered.get(settings)
        if known:
            self._begin(_recall(known, self._pale(known)))
        elif settings.small:
            self._begin(self._train(settings, self._pale()))
        else:
            self.live.drop()
            self._at("stopped")
            self.screen.say(f"Press Train: {settings.dataset} does not begin by itself.")

    def _train_clicked(self, _: object = None) -> None:
        if self.live.phase == "paused":
            self._pause_clicked()
        else:
            settings = self.controls.settings
            self._begin(self._train(settings, self._pale(self.remembered.get(settings))))

    def _pause_clicked(self, _: object = None) -> None:
        if self.live.phase == "paused":
            self._at("running")
            self.live.resume()
        elif self.live.phase == "running":
            self.live.pause()

    def _stop_clicked(self, _: object = None) -> None:
        if self.live.phase in ("running", "paused"):
            self.screen.say("Stopping …")
            self.live.stop()

    def _begin(self, job: Generator[Look, None, object]) -> None:
        self._at("running")
        self.live.start(job)

    def _pale(self, again: Record | None = None) -> Record | None:
        """What to compare with: the run on the screen, unless it is the same one again."""
        if self.record is None or not self.record.finished or self.record == again:
            return self.before
        return self.record

    # the jobs

    def _train(self, settings: Settings, before: Record | None) -> Generator[Look, None, Record]:
        yield Look(None, before)
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
            yield Look(lambda: run.record, before, done, run.total, seconds)
            begun = time.perf_counter()
        record = self.remembered[settings] = run.record
        while len(self.remembered) > REMEMBERED:
            self.remembered.popitem(last=False)
        yield Look(lambda: record, before, run.total, run.total, seconds)
        return record

    def _compare(self, first: Settings, second: Settings) -> Generator[Look]:
        before = yield from self._train(first, None)
        yield from self._train(second, before)

    # from a job to the screen

    def _draw(self, look: Look, phase: Phase) -> Shown:
        choice = self.controls.choice
        if look.record is None:
            return Shown(look, choice)
        record = look.record()
        return Shown(
            look, choice, record, pictures.draw(record, look.before, choice, phase != "running")
        )

    def _show(self, shown: Shown, phase: Phase) -> None:
        look, record = shown.look, shown.record
        self._at(phase)
        self.screen.progress.max, self.screen.progress.value = look.total, look.done
        if record is None or shown.frame is None:
            self.screen.say("Preparing the tasks …" if phase == "running" else f"{phase}.")
            return
        self.screen.say(_news(record, look, phase))
        if phase != "running":
            self.record, self.before = record, look.before
            self.screen.summarise(captions.summary(record))
        self.screen.show(shown.frame)
        if shown.choice != self.controls.choice:  # it was changed while this was drawn
            self._omega_changed()

    def _omega_changed(self, _: object = None) -> None:
        """Another look at the same Ω: nothing is trained."""
        self.controls.view.disabled = self.controls.layer.index != 0
        if self.record is None:
            return
        try:
            with DRAWING:
                picture = pictures.omega(self.record, self.controls.choice)
                self.screen.omega.show(picture)
        except Exception as error:
            self._fail(error_sentence(error))

    def _fail(self, text: str) -> None:
        self._at("failed")
        self.screen.say(text, alarm=True)

    def _at(self, phase: Phase) -> None:
        paused = phase == "paused"
        self.controls.train.description = "Resume" if paused else "Train"

    def _tell(self) -> None:
        settings = self.controls.settings
        self.controls.lam.disabled = not settings.method.penalised
        self.screen.tell(settings.call)

    def _arranged(self) -> list[Any]:
        screen, controls = self.screen, self.controls
        return [
            wrapping_row(controls.of_run),
            wrapping_row([*controls.buttons, screen.progress, screen.status]),
            screen.summary,
            wrapping_row([screen.curves.box, screen.matrix.box, screen.omega.box], "flex-start"),
            screen.call,
        ]


def _recall(record: Record, before: Record | None) -> Generator[Look]:
    yield Look(lambda: record, before, 1, 1)


def _news(record: Record, look: Look, phase: Phase) -> str:
    """How it goes, in one line."""
    if phase == "finished":
        return f"{record.label}: finished" + (f" in {look.seconds:.1f} s." if look.seconds else ".")
    how = {"running": "training", "paused": "paused", "stopped": "stopped"}[phase]
    return f"{record.label}: {how}, {time_left(look.done, look.total, look.seconds)}."
