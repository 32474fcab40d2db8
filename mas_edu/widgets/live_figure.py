"""The live figure behind the playground and every lesson: a worker and its buttons."""

from __future__ import annotations

import html
import time
from collections import OrderedDict
from collections.abc import Generator, Hashable
from typing import Any, Generic, TypeVar

import ipywidgets as w

from mas_edu._common import translate
from mas_edu.widgets.card import Picture, static_output
from mas_edu.widgets.cell_events import stop_with_cell
from mas_edu.widgets.static_copy import WIDGET, StaticCopy
from mas_edu.widgets.text import set_text, text_line
from mas_edu.widgets.turn import Phase
from mas_edu.widgets.worker import Worker

State = TypeVar("State")
Frame = TypeVar("Frame")
Result = TypeVar("Result")

REMEMBERED = 32  # finished results; more would make the memory of a small machine scarce
PATIENCE = 3.0  # seconds that a cell waits, so that its static copy has something to show
PALE = "var(--jp-ui-font-color3, #8a8a8a)"  # the text of a button that would do nothing now


class LiveFigure(w.VBox, Generic[State, Frame, Result]):  # type: ignore[misc]
    """A figure with a job that runs beside the notebook, its buttons, and its static copy.

    A subclass says what to run (`_job`), how to draw it (`_draw`, `_draw_again`), where to show it
    (`_show`, `_show_again`), which picture stands for the figure without a kernel (`_still`), and
    which call does the same (`call`).

    Args:
        size: width and height of the static copy on the page.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
    """

    status_style = ""
    pictures_per_second = 5.0
    most_remembered = REMEMBERED

    def __init__(self, size: tuple[int, int], blocking: bool) -> None:
        super().__init__()
        self.size = size
        self.remembered: OrderedDict[Any, Any] = OrderedDict()
        self.copy = StaticCopy()
        self.add_class(self.copy.key)
        self.status, self.code = text_line("", "status"), w.HTML()
        self.progress = w.IntProgress(min=0, max=1, layout={"width": "180px", "margin": "6px 8px"})
        self.train = _button(
            translate("Train"), "play", translate("Train again, or go on after a pause")
        )
        self.pause = _button(
            translate("Pause"), "pause", translate("Hold still, and go on when pressed again")
        )
        self.stop = _button(
            translate("Stop"),
            "stop",
            translate("End training; what was reached stays on the screen"),
        )
        self._widgets = (self.status, self.code, self.progress, self.train, self.pause, self.stop)
        self.train.on_click(self._train_clicked)
        self.pause.on_click(self._pause_clicked)
        self.stop.on_click(self._stop_clicked)
        self.live: Worker[State, Frame] = Worker(
            self._draw,
            self._show,
            self._fail,
            self._at,
            blank=lambda phase: self._say(before_result(phase)),
            reached=self._say_how_far,
            blocking=blocking,
            per_second=self.pictures_per_second,
        )
        self.redraw: Worker[Result, Any] = Worker(
            lambda result, _: self._draw_again(result),
            lambda frame, _: self._show_again(frame),
            self._fail,
            blocking=blocking,
            per_second=0,
        )
        self._at("finished")
        stop_with_cell(self.live)

    @property
    def call(self) -> str:
        """Code that does the same as the controls say now."""
        raise NotImplementedError

    @property
    def buttons(self) -> tuple[Any, ...]:
        """Train, pause, stop."""
        return self.train, self.pause, self.stop

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the job and the drawing have ended; False when the time was not enough."""
        return self.live.wait(seconds) and self.redraw.wait(seconds)

    def close(self) -> None:
        """Stop the job, take the figure off the screen, and close every widget it is made of."""
        self.live.close()
        self.redraw.close()
        self.copy.cancel()
        for widget in (*self.children, *self._widgets):
            _close(widget)
        self.layout.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and a picture for where there is no kernel: exports, previews."""
        self._wait_for_still()
        widget = super()._repr_mimebundle_(**kwargs)
        if widget is None:  # closed
            return None
        still, metadata = self._static_output()
        return {**still, **widget, "text/plain": repr(self)}, metadata

    def _ipython_display_(self) -> None:
        """Show the static copy and the widget at once, then a copy that has something to show."""
        widget = super()._repr_mimebundle_()
        live = {WIDGET: widget[WIDGET]} if widget else {}
        self.copy.show(*self._static_output(), {**live, "text/plain": repr(self)})
        if self.copy.shown:
            self._wait_for_still()
            self.copy.update(*self._static_output())

    def _update_copy(self) -> None:
        """Let the static copy show what the figure shows, once nothing changes any more."""
        self.copy.update_soon(self._static_output)

    def _static_output(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the static copy as a cell's output, and its metadata."""
        return static_output(self._still(), self.size)

    def _wait_for_still(self) -> None:
        patience = time.monotonic() + PATIENCE
        while not self._has_still() and time.monotonic() < patience and not self.live.wait(0.05):
            pass

    # what a subclass says

    def _job(self) -> Generator[State | None, None, object]:
        raise NotImplementedError

    def _draw(self, state: State, phase: Phase) -> Frame:
        raise NotImplementedError

    def _show(self, frame: Frame, phase: Phase) -> None:
        raise NotImplementedError

    def _draw_again(self, result: Result) -> Any:
        raise NotImplementedError

    def _show_again(self, frame: Any) -> None:
        raise NotImplementedError

    def _still(self) -> Picture:
        raise NotImplementedError

    def _has_still(self) -> bool:
        """Return whether the static copy has something to show."""
        return False

    # the buttons

    def _begin(self, job: Generator[State | None, None, object], at_end: bool = False) -> None:
        self.live.start(job, at_end)

    def _train_clicked(self, _: object = None) -> None:
        if self.live.phase == "paused":
            self.live.resume()
        elif self.live.phase == "running":
            self._say(translate("Training is under way."))
        else:
            self._begin(self._job())

    def _pause_clicked(self, _: object = None) -> None:
        if self.live.phase == "running":
            self._say(translate("Pausing …"))
            self.live.pause()
        elif self.live.phase == "paused":
            self._say(translate("Paused already: Resume goes on."))
        else:
            self._say(translate("Nothing to pause: no training is under way."))

    def _stop_clicked(self, _: object = None) -> None:
        if self.live.phase in ("running", "paused"):
            self._say(translate("Stopping …"))
            self.live.stop()
        else:
            self._say(translate("Nothing to stop: no training is under way."))

    # the screen

    def _remember(self, key: Hashable, result: Any) -> None:
        """Keep a finished result as the latest; the oldest goes."""
        self.remembered[key] = result
        self.remembered.move_to_end(key)
        while len(self.remembered) > self.most_remembered:
            self.remembered.popitem(last=False)

    def _at(self, phase: Phase) -> None:
        """Let the buttons show the phase: those that would do nothing are pale.

        They are not disabled: the browser takes the focus away from a button that is, and who had
        pressed it by keyboard would stand at the top of the page.
        """
        self.train.description = translate("Resume" if phase == "paused" else "Train")
        self.train.button_style = "" if phase == "running" else "primary"
        useful = (phase != "running", phase == "running", phase in ("running", "paused"))
        for button, of_use in zip((self.train, self.pause, self.stop), useful, strict=True):
            button.style.text_color = None if of_use else PALE

    def _say(self, words: str, alarm: bool = False) -> None:
        """Say how it goes, or what went wrong."""
        colour = "color: var(--jp-error-color0, #b71c1c); " if alarm else ""
        role = "alert" if alarm else "status"
        set_text(self.status, words, role, colour + self.status_style)

    def _say_how_far(self, state: State, phase: Phase) -> None:
        """Say which state a job has reached; nothing where a subclass has no words for it."""

    def _fail(self, words: str) -> None:
        self._at("failed")
        self._say(words, alarm=True)

    def _show_call(self) -> None:
        """Show the function call that does the same."""
        self.code.value = (
            f"<div>{html.escape(translate('The same without the widget:'))}</div>"
            '<pre style="padding: 6px 10px; overflow-x: auto; '
            'background: var(--jp-layout-color2, #eee); color: inherit">'
            f"{html.escape(self.call)}</pre>"
        )


def recall(state: State) -> Generator[State]:
    """Yield the one state of a job whose result is known."""
    yield state


def before_result(phase: Phase) -> str:
    """Return what there is to say of a job that has shown nothing."""
    words = {
        "paused": translate("Paused, before there was a result."),
        "stopped": translate("Stopped, before there was a result."),
    }
    return words.get(phase, translate("Finished, before there was a result."))


def _button(description: str, icon: str, tooltip: str) -> Any:
    return w.Button(description=description, icon=icon, tooltip=tooltip, layout={"width": "100px"})


def _close(widget: Any) -> None:
    """Close a widget with all that belongs to it."""
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in (widget.layout, getattr(widget, "style", None)):
        if part is not None:
            part.close()
    widget.close()
