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

The job runs beside the notebook, the latest request wins (`live`). A finished result is remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from matplotlib.figure import Figure

from mas_edu._common import Guess, translate
from mas_edu.plots import figure_png
from mas_edu.widgets.card import Card, Picture, note, wrapping_row
from mas_edu.widgets.inline_svg import figure_svg
from mas_edu.widgets.live_figure import LiveFigure, recall
from mas_edu.widgets.prediction import compared, kept_guess
from mas_edu.widgets.text import label_room, set_text, text_line
from mas_edu.widgets.turn import Phase
from mas_edu.widgets.worker import DRAWING

State = TypeVar("State")
PICTURES = 48  # kept, so that a control that is moved back shows at once what it showed; 5 MB


@dataclass(frozen=True)
class Shown(Generic[State]):
    """A state, how it was looked at, and the picture of it.

    Args:
        svg: the picture.
        words: what it shows.
        marked: what they say of the guess.
        guess: the reader's, as an argument of `draw`; empty: none, or the picture has no answer.
        resolved: guess and answer in words.
    """

    state: State
    looks: dict[str, Any]
    svg: str
    words: str
    marked: str
    guess: dict[str, Guess] = field(default_factory=dict)
    resolved: str = ""


class Interactive(LiveFigure[State, Shown[State], State]):
    """Controls above a picture and its sentence; below them the same as a function call.

    Args:
        controls: by the names of the job's arguments.
        job: yields a state after each step, or None while there is none; called with the
            controls' values.
        draw: makes a figure of a state, and of the looks' values.
        describe: says what the figure shows; takes the same.
        call: returns the code that does the same; takes all values, of controls and looks.
        size: width and height of the picture on the page.
        looks: controls that change the picture alone, by the names of `draw`'s arguments.
        progress: how far a state is, as (done, total); given, the figure has the buttons
            Train, Pause and Stop.
        recall: what the controls' values lead to if it is known without the job, else None.
        answer: the name of the question that `predict` asks, and a function that takes what `draw`
            takes and returns the answer, or None where the figure does not show it. The reader's
            guess then stands below the picture, and `draw`, `describe` and `call` take it as their
            argument `guess`.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
    """

    def __init__(
        self,
        *,
        controls: Mapping[str, Any],
        job: Callable[..., Generator[State | None, None, object]],
        draw: Callable[..., Figure],
        describe: Callable[..., str],
        call: Callable[..., str],
        size: tuple[int, int],
        looks: Mapping[str, Any] | None = None,
        progress: Callable[[State], tuple[int, int]] | None = None,
        recall: Callable[..., State | None] | None = None,
        answer: tuple[str, Callable[..., Guess | None]] | None = None,
        blocking: bool = False,
    ) -> None:
        super().__init__(size, blocking)
        self.controls, self.looks = dict(controls), dict(looks or {})
        self.job, self.draw, self.describe = job, draw, describe
        self.call_of, self.progress_of, self.recall_of = call, progress, recall
        self.answer_of, self.guess = answer, text_line("")
        self.guess.layout.display = "none"
        self.shown: Shown[State] | None = None
        self._marked: dict[str, Guess] = {}  # the guess in the picture, as an argument
        self.drawn: OrderedDict[Hashable, Shown[State]] = OrderedDict()
        self.live.late, self.redraw.late = progress is None, True
        above = self._above()
        rows = len(above) - (self.status in above) + (self.answer_of is not None)  # it is empty
        words = translate("Here the picture will appear.")
        self.card = Card(size, words, between=[self.guess], rows=rows)
        self.children = [*above, self.card.box, self.code]
        for control in self.controls.values():
            control.observe(self._changed, "value")
        for look in self.looks.values():
            look.observe(self._looked, "value")
        self._changed()

    def __repr__(self) -> str:
        return f"Interactive figure, the same as:\n{self.call}"

    @property
    def call(self) -> str:
        """Code that does the same as the controls say now."""
        return self.call_of(**_values(self.controls), **_values(self.looks), **self._marked)

    @property
    def buttons(self) -> tuple[Any, ...]:
        """Train, pause, stop; none where nothing trains."""
        return (self.train, self.pause, self.stop) if self.progress_of else ()

    @property
    def state(self) -> State | None:
        """State that is on the screen."""
        return self.shown.state if self.shown else None

    @property
    def words(self) -> str:
        """Sentence that says what there is to see."""
        return self.card.words

    # from the controls to a job

    def _changed(self, _: object = None) -> None:
        """Recall what the released controls led to, or find out."""
        self._marked = {}
        self._show_call()
        values = _values(self.controls)
        known = self.remembered.get(tuple(values.values()))
        if known is None and self.recall_of:
            known = self.recall_of(**values)
        if known is None:
            self._begin(self._job(), at_end=self.progress_of is None)
        else:
            self._begin(recall(known), at_end=True)

    def _job(self) -> Generator[State | None]:
        values, state = _values(self.controls), None
        for state in self.job(**values):
            yield state
        if state is not None:
            self._remember(tuple(values.values()), state)

    # from a job to the screen

    def _draw(self, state: State, phase: Phase) -> Shown[State]:
        return self._look_at(state, keep=phase != "running" or self.progress_of is None)

    def _look_at(self, state: State, keep: bool = True) -> Shown[State]:
        """Draw a state, or find the picture; `keep`: it may be looked at in this way again."""
        looks = _values(self.looks)
        guess, resolved = self._resolve(state, looks)
        key = (id(state), *looks.values(), *guess.values())  # what is kept holds its state
        if key in self.drawn:
            self.drawn.move_to_end(key)
            return self.drawn[key]
        words = self.describe(state, **looks, **guess)
        svg = figure_svg(self.draw(state, **looks, **guess), words)
        marked = words.removeprefix(self.describe(state, **looks)) if guess else ""
        shown = Shown(state, looks, svg, words, marked.strip(), guess, resolved)
        if keep:
            self.drawn[key] = shown
            while len(self.drawn) > PICTURES:
                self.drawn.popitem(last=False)
        return shown

    def _resolve(self, state: State, looks: dict[str, Any]) -> tuple[dict[str, Guess], str]:
        """Return the guess as an argument, and its answer in words, if the picture has one."""
        if self.answer_of is None:
            return {}, ""
        question, find = self.answer_of
        answer, guess = find(state, **looks), kept_guess(question)
        if answer is None or guess is None:
            return {}, ""
        return {"guess": guess}, compared(question, answer)

    def _show(self, shown: Shown[State], phase: Phase) -> None:
        self._put(shown)
        self._say_how_far(shown.state, phase)
        if shown.looks != _values(self.looks):  # a look was changed meanwhile
            self._looked()
        if phase != "running":
            self._update_copy()

    def _say_how_far(self, state: State, phase: Phase) -> None:
        if self.progress_of:
            done, total = self.progress_of(state)
            self.progress.max, self.progress.value = total, done
            self._say(
                translate(
                    "{phase}: update {done} of {total}.",
                    phase=_news(phase),
                    done=done,
                    total=total,
                )
            )

    def _looked(self, _: object = None) -> None:
        """Draw the same state in another way, without the job; the latest look wins."""
        self._marked = {}
        self._show_call()
        if self.shown is not None:
            self.redraw.start(recall(self.shown.state))

    def _draw_again(self, state: State) -> Shown[State]:
        return self._look_at(state)

    def _show_again(self, shown: Shown[State]) -> None:
        if self.shown is not None and self.shown.state is shown.state:  # else it is out of date
            self._put(shown)
            self._update_copy()

    def _put(self, shown: Shown[State]) -> None:
        """Put a picture on the screen; below it the reader's guess, if the picture answers it."""
        self.shown = shown
        self.card.show(shown.svg, shown.words, shown.marked)
        if self._marked != shown.guess:
            self._marked = shown.guess
            self._show_call()
        set_text(self.guess, shown.resolved, style="font-weight: 600")
        self.guess.layout.display = "block" if shown.resolved else "none"

    def _still(self) -> Picture:
        shown = self.shown
        if shown is None:
            return note(self.words, self.size)
        with DRAWING:
            png = figure_png(self.draw(shown.state, **shown.looks, **shown.guess), sharp=False)
        return Picture(png, shown.words, shown.svg)

    def _above(self) -> list[Any]:
        """Return the rows of controls above the picture."""
        rows = [wrapping_row(self.controls.values())]
        if self.progress_of:
            rows.append(wrapping_row([*self.buttons, self.progress, self.status]))
        else:
            rows.append(self.status)
        if self.looks:
            rows.append(wrapping_row(self.looks.values()))
        return rows


def _news(phase: Phase) -> str:
    """Return the phase as the status says it."""
    news = {
        "running": translate("training"),
        "paused": translate("paused"),
        "stopped": translate("stopped"),
    }
    return news.get(phase, translate("finished"))


def look(description: str, tooltip: str, width: int = 280, label: int = 80) -> dict[str, Any]:
    """Return what every control has: name, tooltip, and a width so that they line up."""
    room = label_room(description, label)
    return {
        "description": translate(description),
        "tooltip": translate(tooltip),
        "style": {"description_width": f"{room}px"},
        "layout": {"width": f"{width - label + room}px", "max_width": "100%"},
    }


def _values(widgets: Mapping[str, Any]) -> dict[str, Any]:
    return {name: widget.value for name, widget in widgets.items()}
