"""Measurements that views need beside records: made when a view asks for them, the last kept."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Generator
from typing import Any

from mas_edu.results import Record
from mas_edu.widgets.playground.groups import Scene
from mas_edu.widgets.playground.lesion_rows import measure_lesions
from mas_edu.widgets.playground.readings import measure_readings
from mas_edu.widgets.playground.settings import Settings
from mas_edu.widgets.playground.unit_view import measure_units
from mas_edu.widgets.playground.views import DIGIT, LESIONS, UNIT

KEPT = 8

MEASURES: dict[str, Callable[[Record, Settings], Generator[None, None, Any]]] = {
    LESIONS: measure_lesions,
    UNIT: measure_units,
    DIGIT: measure_readings,
}


class Studies:
    """The results of the views' own measurements, by view and record."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], tuple[weakref.ref[Record], Any]] = OrderedDict()

    def find(self, view: str, scene: Scene) -> Any:
        """Return what a view needs of the chosen run; None: nothing, or it is not there yet."""
        record = scene.main.first
        whose, study = self._kept.get((view, id(record)), (None, None))
        return study if whose is not None and whose() is record else None

    def lacks(self, view: str, scene: Scene) -> bool:
        """Return whether a view needs something that is not there yet."""
        return view in MEASURES and self.find(view, scene) is None

    def prepare(self, view: str, scene: Scene, settings: Settings) -> Generator[None]:
        """Compute what a view needs, in small steps."""
        if self.lacks(view, scene):
            record = scene.main.first
            study = yield from MEASURES[view](record, settings)
            self._kept[view, id(record)] = weakref.ref(record), study
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
