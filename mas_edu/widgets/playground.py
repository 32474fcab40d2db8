"""The playground: choose tasks, a method and λ, watch the network learn and forget them."""

from __future__ import annotations

import html
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import ipywidgets as w

from mas_edu import datasets, words
from mas_edu.arguments import number, one_of, whole
from mas_edu.methods import METHODS, FineTune, Method
from mas_edu.plots import display
from mas_edu.record import Record
from mas_edu.streams import STREAMS
from mas_edu.train import Schedule, Training
from mas_edu.widgets import pictures
from mas_edu.widgets.kernel import belongs_to_cell
from mas_edu.widgets.live import DRAWING, Live, Phase, sentence
from mas_edu.widgets.pictures import CURVES, MATRIX, OMEGA, VIEWS, Choice, Frame, Picture
from mas_edu.widgets.settings import Settings

LAMBDAS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
LAYERS = ("hidden1.weight", "hidden1.bias", "output.weight", "output.bias")
REMEMBERED = 32  # finished runs
PATIENCE = 3.0  # seconds that displaying waits, so that its static copy has something to show


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
    """An interactive figure that trains for real; to be the last line of a notebook's cell.

    Args:
        stream: "rotated", "permuted" or "split"; like all that follow, where the control begins.
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
    one_of("stream", stream, STREAMS)
    one_of("dataset", dataset, datasets.NAMES)
    if whole("tasks", tasks, 2) > 10:
        raise ValueError(f"tasks: the playground has 2 to 10 of them, got {tasks!r}")
    if not isinstance(method, Method):
        method = METHODS[one_of("method", method, METHODS)]()
    number("lam", lam)
    settings = Settings(stream, dataset, whole("tasks", tasks, 2), method, lam, seed)
    whole("seed", seed, 0)
    return Playground(settings, lam, schedule or Schedule(), blocking)


@dataclass(frozen=True)
class Look:
    """Where a run stands; its record is made only when it is drawn."""

    record: Callable[[], Record] | None
    before: Record | None
    done: int = 0
    total: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Shown:
    """What goes on the screen for a `Look`."""

    look: Look
    record: Record | None
    choice: Choice
    frame: Frame | None


class Playground(w.VBox):  # type: ignore[misc]
    """The controls as attributes (`lam.value = 1.0`), and what they lead to: `record`, `call`."""

    def __init__(
        self, settings: Settings, lam: float, schedule: Schedule, blocking: bool = False
    ) -> None:
        self.schedule = schedule
        self.record: Record | None = None
        self.before: Record | None = None
        self.remembered: OrderedDict[Settings, Record] = OrderedDict()
        self._make_controls(settings, lam)
        self._make_outputs()
        super().__init__(self._arranged())
        self.live: Live[Look, Shown] = Live(self._draw, self._show, self._fail, blocking=blocking)
        belongs_to_cell(self.live)
        self._tell(settings)
        if settings.small and settings.method.penalised:  # first what there is to be improved on
            unprotected = Settings(
                settings.stream, settings.dataset, settings.tasks, FineTune(), 0.0, settings.seed
            )
            self._begin(self._compare(unprotected, settings))
        else:
            self._changed()

    # what the reader may ask

    @property
    def settings(self) -> Settings:
        """What the controls say now."""
        return Settings(
            self.stream.value,
            self.dataset.value,
            self.tasks.value,
            self.method.value,
            self.lam.value,
            self.seed.value,
        )

    @property
    def call(self) -> str:
        """The same as a function call."""
        return self.settings.call

    def wait(self, seconds: float | None = None) -> bool:
        """Until training has ended; False when the time was not enough."""
        return self.live.wait(seconds)

    def close(self) -> None:
        """Stop training and take the figure off the screen."""
        self.live.close()
        super().close()

    # from controls to a job

    def _changed(self, _: object = None) -> None:
        """A control was released: show the finished run, train a small one, or wait for Train."""
        settings = self.settings
        self._tell(settings)
        if settings in self.remembered:
            self._begin(self._recall(settings))
        elif settings.small:
            self._begin(self._train(settings, self._pale(settings)))
        else:
            self.live.stop()
            self._say(
                f"Press Train: {settings.dataset} takes longer, so it does not begin by itself."
            )

    def _train_clicked(self, _: object = None) -> None:
        if self.live.phase == "paused":
            self._pause_clicked()
        else:
            self._begin(self._train(self.settings, self._pale(self.settings)))

    def _pause_clicked(self, _: object = None) -> None:
        if self.live.phase == "paused":
            self.live.resume()
            self._buttons("running")
        elif self.live.phase == "running":
            self.live.pause()

    def _stop_clicked(self, _: object = None) -> None:
        if self.live.phase in ("running", "paused"):
            self._say("Stopping …")
            self.live.stop()

    def _begin(self, job: Generator[Look]) -> None:
        self._buttons("running")
        self.live.start(job)

    def _pale(self, settings: Settings) -> Record | None:
        """The run to compare with: the one on the screen, unless it is the same again."""
        if self.record is None or self.record is self.remembered.get(settings):
            return self.before
        return self.record if self.record.finished else self.before

    def _train(self, settings: Settings, before: Record | None) -> Generator[Look]:
        """The job of one run."""
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
        record = self._remember(settings, run.record)
        yield Look(lambda: record, before, run.total, run.total, seconds)

    def _compare(self, unprotected: Settings, settings: Settings) -> Generator[Look]:
        yield from self._train(unprotected, None)
        yield from self._train(settings, self.remembered[unprotected])

    def _recall(self, settings: Settings) -> Generator[Look]:
        record = self.remembered[settings]
        yield Look(lambda: record, self._pale(settings), 1, 1)

    def _remember(self, settings: Settings, record: Record) -> Record:
        self.remembered[settings] = record
        while len(self.remembered) > REMEMBERED:
            self.remembered.popitem(last=False)
        return record
