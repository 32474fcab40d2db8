"""An interactive figure of a lesson: controls, a job, and one pure draw function.

    Interactive(
        controls={"turn": ..., "seed": ...},   # a change runs the job again: job(turn=…, seed=…)
        looks={"moment": ...},                 # a change only draws again: draw(state, moment=…)
        job=job,                               # a generator of states; the last one is the result
        draw=draw,                             # (state, **looks) -> matplotlib figure, pure
        describe=describe,                     # (state, **looks) -> what there is to see
        call=call,                             # the same without the widget, as code
        size=(880, 500),
    )

The job runs beside the notebook, the latest wish wins (`live`). A finished result is remembered.
"""

from __future__ import annotations

import html
import io
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import ipywidgets as w
from matplotlib.figure import Figure

from mas_edu.widgets.card import Card, static_output, wrapping_row
from mas_edu.widgets.cell_events import stop_with_cell
from mas_edu.widgets.pictures import Picture
from mas_edu.widgets.text import set_text, text_line
from mas_edu.widgets.worker import DRAWING, Phase, Worker, error_sentence

State = TypeVar("State")
Job = Callable[..., Generator[State, None, object]]

PAGE = 100  # pixels of the page for an inch of the figure
REMEMBERED = 32  # finished results
PATIENCE = 3.0  # seconds that displaying waits, so that its static copy has something to show


@dataclass(frozen=True)
class Shown(Generic[State]):
    """A state, how it was looked at, and the picture of it."""

    state: State
    looks: dict[str, Any]
    picture: Picture


class Interactive(w.VBox, Generic[State]):  # type: ignore[misc]
    """Controls above a picture and its sentence; below them the same as a function call.

    Args:
        controls: by the names of the job's arguments.
        job: gives a state after each step; called with the controls' values.
        draw: makes a figure of a state, and of the looks' values.
        describe: says what the figure shows; takes the same.
        call: gives the code that does the same; takes all values, of controls and looks.
        size: width and height of the picture on the page.
        looks: controls that change the picture alone, by the names of `draw`'s arguments.
        progress: how far a state is, as (done, total); given, the figure has the buttons
            Train, Pause and Stop.
        recall: what the controls' values lead to if it is known without the job, else None.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
    """

    def __init__(
        self,
        *,
        controls: Mapping[str, Any],
        job: Job[State],
        draw: Callable[..., Figure],
        describe: Callable[..., str],
        call: Callable[..., str],
        size: tuple[int, int],
        looks: Mapping[str, Any] | None = None,
        progress: Callable[[State], tuple[int, int]] | None = None,
        recall: Callable[..., State | None] | None = None,
        blocking: bool = False,
    ) -> None:
        self.controls, self.looks = dict(controls), dict(looks or {})
        self.job, self.draw, self.describe = job, draw, describe
        self.call_of, self.progress_of, self.size = call, progress, size
        self.recall_of = recall
        self.shown: Shown[State] | None = None
        self.remembered: OrderedDict[tuple[Any, ...], State] = OrderedDict()
        self.card = Card(size, "Here the picture will appear.")
        self.card.image.layout.height = "auto"  # its shape is known: narrow pages leave no gap
        self.status, self.code = text_line("", "status"), w.HTML()
        self.progress = w.IntProgress(min=0, max=1, layout={"width": "180px", "margin": "6px 8px"})
        self.train = _button("Train", "play", "Train again, or go on after a pause")
        self.pause = _button("Pause", "pause", "Hold still, and go on when pressed again")
        self.stop = _button("Stop", "stop", "End training; what was reached stays on the screen")
        self.train.button_style = "primary"
        super().__init__(self._arranged())
        self.live: Worker[State, Shown[State]] = Worker(
            self._drawn, self._show, self._fail, blocking=blocking
        )
        stop_with_cell(self.live)
        self._connect()
        self._changed()

    def __repr__(self) -> str:
        return f"Interactive figure, the same as:\n{self.call}"

    @property
    def call(self) -> str:
        """What the controls say now, as code."""
        return self.call_of(**_values(self.controls), **_values(self.looks))

    @property
    def buttons(self) -> tuple[Any, ...]:
        """Train, pause, stop; none where nothing trains."""
        return (self.train, self.pause, self.stop) if self.progress_of else ()

    @property
    def state(self) -> State | None:
        """What is on the screen."""
        return self.shown.state if self.shown else None

    @property
    def words(self) -> str:
        """What there is to see."""
        return self.card.picture.words

    def wait(self, seconds: float | None = None) -> bool:
        """Until the job has ended; False when the time was not enough."""
        return self.live.wait(seconds)

    def close(self) -> None:
        """Stop the job and take the figure off the screen."""
        self.live.drop()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and a picture for where there is no kernel: exports, previews."""
        patience = time.monotonic() + PATIENCE
        while not self.live.wait(0.05) and time.monotonic() < patience:
            pass
        widget = super()._repr_mimebundle_(**kwargs)
        if widget is None:  # closed
            return None
        still, metadata = static_output(self.card.picture, self.size)
        return {**still, **widget, "text/plain": repr(self)}, metadata

    # from the controls to a job

    def _connect(self) -> None:
        for control in self.controls.values():
            control.observe(self._changed, "value")
        for look in self.looks.values():
            look.observe(self._looked, "value")
        self.train.on_click(self._train_clicked)
        self.pause.on_click(self._pause_clicked)
        self.stop.on_click(self._stop_clicked)

    def _changed(self, _: object = None) -> None:
        """A control was released: recall what it led to, or find out."""
        self._tell()
        values = _values(self.controls)
        known = self.remembered.get(tuple(values.values()))
        if known is None and self.recall_of:
            known = self.recall_of(**values)
        self._begin(self._run() if known is None else _recall(known))

    def _run(self) -> Generator[State]:
        values = _values(self.controls)
        for state in self.job(**values):
            yield state
        self.remembered[tuple(values.values())] = state
        while len(self.remembered) > REMEMBERED:
            self.remembered.popitem(last=False)

    def _begin(self, job: Generator[State]) -> None:
        self._at("running")
        self.live.start(job)

    def _train_clicked(self, _: object = None) -> None:
        if self.live.phase == "paused":
            self._pause_clicked()
        else:
            self._begin(self._run())

    def _pause_clicked(self, _: object = None) -> None:
        if self.live.phase == "paused":
            self._at("running")
            self.live.resume()
        elif self.live.phase == "running":
            self.live.pause()

    def _stop_clicked(self, _: object = None) -> None:
        if self.live.phase in ("running", "paused"):
            self.live.stop()

    # from a job to the screen

    def _drawn(self, state: State, phase: Phase) -> Shown[State]:
        looks = _values(self.looks)
        sharp = phase != "running" or self.progress_of is None
        return Shown(state, looks, self._picture(state, looks, sharp))

    def _picture(self, state: State, looks: dict[str, Any], sharp: bool = True) -> Picture:
        image = _png(self.draw(state, **looks), sharp)
        return Picture(image, self.describe(state, **looks))

    def _show(self, shown: Shown[State], phase: Phase) -> None:
        self.shown = shown
        self.card.show(shown.picture)
        self._at(phase)
        if self.progress_of:
            done, total = self.progress_of(shown.state)
            self.progress.max, self.progress.value = total, done
            set_text(self.status, f"{_NEWS[phase]}: update {done} of {total}.", "status")
        if shown.looks != _values(self.looks):  # one was changed while this was drawn
            self._looked()

    def _looked(self, _: object = None) -> None:
        """Another look at the same state: the job has nothing to do."""
        self._tell()
        if self.shown is None:
            return
        try:
            with DRAWING:
                state, looks = self.shown.state, _values(self.looks)
                self.shown = Shown(state, looks, self._picture(state, looks))
                self.card.show(self.shown.picture)
        except Exception as error:
            self._fail(error_sentence(error))

    def _fail(self, words: str) -> None:
        self._at("failed")
        set_text(self.status, words, "alert", "color: var(--jp-error-color0, #b71c1c)")

    def _at(self, phase: Phase) -> None:
        paused = phase == "paused"
        self.train.description = "Resume" if paused else "Train"
        self.pause.description = "Resume" if paused else "Pause"
        self.pause.icon = "play" if paused else "pause"

    def _tell(self) -> None:
        self.code.value = (
            "<div>The same without the widget:</div>"
            '<pre style="padding: 6px 10px; overflow-x: auto; '
            'background: var(--jp-layout-color2, #eee); color: inherit">'
            f"{html.escape(self.call)}</pre>"
        )

    def _arranged(self) -> list[Any]:
        above = [wrapping_row(self.controls.values())]
        if self.progress_of:
            above.append(wrapping_row([*self.buttons, self.progress, self.status]))
        else:
            above.append(self.status)
        below = [wrapping_row(self.looks.values())] if self.looks else []
        return [*above, *below, self.card.box, self.code]


_NEWS = {"running": "training", "paused": "paused", "stopped": "stopped", "finished": "finished"}


def look(description: str, tooltip: str, width: int = 280, label: int = 80) -> dict[str, Any]:
    """What every control has: its name, what it does, and a width so that they line up."""
    return {
        "description": description,
        "tooltip": tooltip,
        "style": {"description_width": f"{label}px"},
        "layout": {"width": f"{width}px", "max_width": "100%"},
    }


def canvas(size: tuple[int, int]) -> Figure:
    """A white figure of so many pixels on the page, to be drawn from any thread."""
    width, height = size
    return Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="white")


def _values(widgets: Mapping[str, Any]) -> dict[str, Any]:
    return {name: widget.value for name, widget in widgets.items()}


def _recall(state: State) -> Generator[State]:
    yield state


def _button(description: str, icon: str, tooltip: str) -> Any:
    return w.Button(description=description, icon=icon, tooltip=tooltip, layout={"width": "110px"})


def _png(figure: Figure, sharp: bool) -> bytes:
    """An opaque white PNG; sharp: two pixels for each of the page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PAGE * (2 if sharp else 1), facecolor="white")
    return buffer.getvalue()
