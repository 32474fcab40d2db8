"""The views of the large picture, and the row of controls that belongs to each of them."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import ipywidgets as w

from mas_edu._common import translate
from mas_edu.plots import percent
from mas_edu.training import HIDDEN
from mas_edu.widgets.playground.lesion_rows import SHARES
from mas_edu.widgets.playground.omega_mosaic import PICKED
from mas_edu.widgets.playground.pad import DRAWN, blank_pad
from mas_edu.widgets.text import label_room
from mas_edu.widgets.turn import Phase
from mas_edu.widgets.worker import Worker

CURVES, EVERY_LAMBDA, LESIONS, UNIT, DIGIT = SHOWN = (  # translated
    "curves",
    "every λ",
    "lesion test",
    "one unit",
    "your digit",
)
VIEW_NAMES = ("show", "at", "share", "unit", "digit")
TEST_DIGITS = 300
END = 100  # percent of the updates: the run as it ended
STEP, PER_SECOND = 2, 10.0  # percent from one picture to the next while it plays


class Views:
    """The choice of the large picture; the controls of the other views are not on the page."""

    def __init__(self) -> None:
        self.show = w.Dropdown(
            options=[(translate(shown), shown) for shown in SHOWN],
            **look("show", "The curves of these runs, or another way to look into them", 40),
        )
        self.at = w.IntSlider(
            value=END,
            min=0,
            max=END,
            readout=False,
            **look("updates", "Go back along the updates: all pictures show what was then", 56),
        )
        self.play = w.Button(
            description=translate("Play"),
            icon="play",
            tooltip=translate("Let the run pass by once more"),
            layout={"width": "112px"},
        )
        self.share = w.SelectionSlider(
            options=[(percent(share), share) for share in SHARES],
            value=0.05,
            **look("removed", "The share of the weights that are removed, set to 0", 58),
        )
        self.unit = w.IntSlider(
            value=1,
            min=1,
            max=HIDDEN,
            **look(
                "unit",
                "The hidden unit to look at, framed in the picture of Ω, where a click chooses it",
                34,
            ),
        )
        self.digit = w.IntSlider(
            value=4,  # one that is misread later, without protection
            min=1,
            max=TEST_DIGITS,
            **look("test digit", "Read one of the test digits instead of a drawing", 62),
        )
        self.clear = w.Button(
            description=translate("Clear"),
            icon="eraser",
            tooltip=translate("Take what was drawn off the pad"),
            layout={"width": "84px"},
        )
        self.drawn = w.Text(layout={"display": "none"})
        self.drawn.add_class(DRAWN)
        self.picked = w.Text(layout={"display": "none"})  # a number, and when it was clicked
        self.picked.add_class(PICKED)
        self.picked.observe(self._unit_picked, "value")
        self.pad, self.pads = w.HTML(), 0
        self.pad.add_class("mas-pad")
        self.digit.observe(self._clear, "value")
        self.clear.on_click(self._clear)
        self._clear()
        self.player: Worker[int, int] = Worker(
            lambda at, _: at, self._move, lambda _: None, self._played, per_second=PER_SECOND
        )
        self.play.on_click(self._play_clicked)
        self.rows = {
            CURVES: _row([self.play, self.at]),
            EVERY_LAMBDA: _row([]),
            LESIONS: _row([self.share]),
            UNIT: _row([self.unit]),
            DIGIT: _row([self.digit, self.clear, self.drawn]),
        }
        self.show.observe(self._arrange, "value")
        self._arrange()

    def _arrange(self, _: object = None) -> None:
        """Leave on the page the controls of the chosen view alone."""
        self.player.drop()
        self._played("finished")
        for shown, row in self.rows.items():
            row.layout.display = "" if shown == self.show.value else "none"
        self.pad.layout.display = "" if self.show.value == DIGIT else "none"

    def _clear(self, _: object = None) -> None:
        """Put a blank pad in place of the one that was drawn on."""
        self.pads += 1
        self.pad.value, self.drawn.value = blank_pad(self.pads), ""

    def _unit_picked(self, _: object = None) -> None:
        """Look at the unit that was clicked, unless units cannot be chosen."""
        number = self.picked.value.partition(" ")[0]
        hidden = "none" in (self.unit.layout.display, self.show.layout.display)
        if not hidden and number.isdecimal() and 1 <= int(number) <= self.unit.max:
            self.unit.value = int(number)
            self.show.value = UNIT

    # the run once more

    def rewind(self) -> None:
        """Stop playing; a run that begins is seen as it grows."""
        self.player.drop()
        self._played("finished")
        self.at.value = END

    def _play_clicked(self, _: object = None) -> None:
        if self.player.phase == "running":
            self.player.stop()
            return
        if self.at.value == END:
            self.at.value = 0
        self.player.start(self._play())

    def _play(self) -> Generator[int]:
        """Yield the places from the present one to the end; the reader may move it meanwhile."""
        while self.at.value < END:
            yield min(self.at.value + STEP, END)
            time.sleep(1 / PER_SECOND)

    def _move(self, at: int, phase: Phase) -> None:
        if phase == "running":
            self.at.value = at

    def _played(self, phase: Phase) -> None:
        running = phase == "running"
        self.play.description = translate("Hold" if running else "Play")
        self.play.icon = "pause" if running else "play"


def _row(children: list[Any]) -> Any:
    row = w.Box(children, layout={"display": ""})
    row.add_class("mas-tools")
    return row


def look(description: str, tooltip: str, label: int) -> dict[str, Any]:
    """Return what every control has; the page's grid gives it its width."""
    return {
        "description": translate(description),
        "tooltip": translate(tooltip),
        "style": {"description_width": f"{label_room(description, label)}px"},
        "layout": {"width": "auto", "margin": "2px"},
    }
