"""The playground: choose tasks, a method and λ, watch the network learn and forget them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mas_edu._common import translate
from mas_edu.results import Record
from mas_edu.widgets.cell_events import stop_with_cell
from mas_edu.widgets.live_figure import LiveFigure, before_result
from mas_edu.widgets.playground import pictures, style
from mas_edu.widgets.playground.ahead import Ahead
from mas_edu.widgets.playground.controls import Controls
from mas_edu.widgets.playground.copies import static_copy
from mas_edu.widgets.playground.downloads import Downloads
from mas_edu.widgets.playground.groups import Scene, group_of
from mas_edu.widgets.playground.lesion_rows import lesion_call
from mas_edu.widgets.playground.omega_mosaic import Choice
from mas_edu.widgets.playground.pictures import CURVES, Frame
from mas_edu.widgets.playground.runs import GroupRun, Moment, in_turn
from mas_edu.widgets.playground.screen import Screen, arrange, arrange_stage, one_line
from mas_edu.widgets.playground.settings import Plan, Settings
from mas_edu.widgets.playground.status import news
from mas_edu.widgets.playground.studies import Studies
from mas_edu.widgets.playground.views import END, EVERY_LAMBDA, LESIONS
from mas_edu.widgets.turn import Phase

NUMBERS_KEPT = 15_000_000  # of all remembered records together, 4 bytes each


@dataclass(frozen=True)
class Shown:
    """A `Moment`, and what was drawn of it."""

    moment: Moment
    choice: Choice
    scene: Scene | None = None
    frame: Frame | None = None


class Playground(LiveFigure[Moment, Shown, Moment]):
    """Controls, and what they lead to: `record` is the run on the screen, `call` its code.

    The pale run beside it, `before`, learned the same tasks from the same start unprotected.
    """

    pictures_per_second = 12.0
    most_remembered = 200
    remembered: OrderedDict[Settings, Record]

    def __init__(
        self,
        controls: Controls,
        blocking: bool = False,
        stage: bool = False,
        hide: Sequence[str] = (),
    ) -> None:
        super().__init__(CURVES, blocking)
        self.controls, self.stage = controls, stage
        self.record: Record | None = None
        self.before: Record | None = None
        self.screen = Screen()
        self.downloads = Downloads(lambda: self.call, self._what_is_shown, self._say)
        self.shown: Moment | None = None  # the latest that does not move any more
        self.shown_phase: Phase = "finished"  # in which it was shown
        self.scene: Scene | None = None
        self.studies = Studies()
        self.ahead = Ahead(controls, self.remembered, self._remember, self._more_known)
        stop_with_cell(self.ahead)
        self._notice, self._adopting = "", False
        controls.hide(hide)
        self.children = self._arranged()
        self.add_class(style.ROOT)
        if stage:
            self.add_class(style.STAGE)
        for control in controls.of_run:
            control.observe(self._changed, "value")
        for control in controls.of_look:
            control.observe(self._look_changed, "value")
        self._changed()

    def __repr__(self) -> str:
        return f"Playground, the same as:\n{self.call}"

    @property
    def call(self) -> str:
        """Code that does the same as the controls say now."""
        plan, choice = self.controls.plan, self.controls.choice
        if choice.shown != LESIONS or not plan.main.method.penalised:
            return plan.call
        record = "record" if len(plan.groups[0]) == 1 else "records[0]"
        return f"{plan.call}\n{lesion_call(record, choice.share, plan.main.seed)}"

    def close(self) -> None:
        """Stop all training, and take the figure off the screen."""
        self.ahead.close()
        self.controls.views.player.close()
        super().close()

    def _has_still(self) -> bool:
        return self.record is not None

    def _static_output(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what is on the screen as a cell's output, and its metadata."""
        begun = self.copy.shown and not self._has_still()  # another copy follows when it has ended
        return static_copy(self.screen.frame, self.scene, pixels=not begun)

    # from the controls to a job

    def _changed(self, _: object = None) -> None:
        """Recall the finished runs of the controls, train small ones, or wait."""
        if self._adopting:
            return
        self._adopting = True
        self._notice = self.controls.adopt()
        self._adopting = False
        self.downloads.clear()
        self.screen.say_hint(self._notice or self.controls.hint)
        self._show_call()
        plan = self.controls.plan
        known = self._known(plan)
        if known:
            self.live.drop()
            self._at("finished")
            self.shown_phase = "finished"
            self.redraw.start(self._look(known))
        elif plan.main.small:
            self._begin(self._job(again=False))
        else:
            self.live.drop()
            self.redraw.drop()
            self.screen.grey_out()
            self._at("finished")
            words = "Press Train: {dataset} does not begin by itself."
            self._say(translate(words, dataset=plan.main.dataset))

    def _begin(self, job: Generator[Moment | None, None, object], at_end: bool = False) -> None:
        self.downloads.clear()
        self.controls.views.rewind()
        self.ahead.end()
        self.redraw.drop()
        self.screen.grey_out()
        self._say(translate("Preparing …"))
        super()._begin(job, at_end)

    def _known(self, plan: Plan) -> Moment | None:
        """Return the plan as finished runs, if all of them are remembered."""
        found = [group_of(group, self.remembered) for group in plan.groups]
        groups = [group for group in found if group]
        baseline = group_of(plan.baseline, self.remembered)
        if len(groups) < len(found) or (plan.baseline and plan.main.small and not baseline):
            return None
        return Moment(plan, lambda: Scene(tuple(groups), baseline), remembered=True)

    def _job(self, again: bool = True) -> Generator[Moment]:
        """Train what the controls say; `again`: also the chosen runs that are remembered."""
        self.ahead.join(1)  # one trains at a time
        plan = self.controls.plan
        yield Moment(plan, None)
        known = dict(self.remembered)
        mine = {} if again else known
        runs = [GroupRun(group, mine) for group in plan.groups]
        pale = None
        if plan.baseline and (plan.main.small or group_of(plan.baseline, known)):
            pale = GroupRun(plan.baseline, known)

        def scene() -> Scene:
            return Scene(tuple(run.shown() for run in runs), pale.shown() if pale else None)

        done, seconds, begun = 0, 0.0, time.perf_counter()
        parts = [[pale], runs] if pale else [runs]
        total = sum(run.total for part in parts for run in part)
        for part in parts:
            for count in in_turn(part, self._keep):
                done += count
                seconds += time.perf_counter() - begun
                yield Moment(plan, scene, done, total, seconds, opening=part is not runs)
                begun = time.perf_counter()
        yield Moment(plan, scene, total, total, seconds)

    def _keep(self, run: GroupRun) -> None:
        for settings, record in run.records().items():
            self._remember(settings, record)

    def _remember(self, key: Any, result: Any) -> None:
        super()._remember(key, result)
        numbers = {one: _numbers_in(record) for one, record in list(self.remembered.items())}
        while sum(numbers.values()) > NUMBERS_KEPT and len(numbers) > 1:
            oldest = next(iter(numbers))
            del numbers[oldest]
            self.remembered.pop(oldest, None)

    # from a job to the screen

    def _draw(self, moment: Moment, phase: Phase) -> Shown:
        choice = self.controls.choice
        if moment.scene is None:
            return Shown(moment, choice)
        scene, here = moment.scene(), self.controls.lam.index
        if phase == "running":
            choice = replace(choice, at=END)
        ranges = self.ahead.ranges(moment.plan) if choice.shown == EVERY_LAMBDA else None
        study = None if phase == "running" else self.studies.find(choice.shown, scene)
        return Shown(moment, choice, scene, pictures.draw(scene, choice, ranges, here, study))

    def _show(self, shown: Shown, phase: Phase) -> None:
        moment, scene, frame = shown.moment, shown.scene, shown.frame
        self.progress.max, self.progress.value = moment.total, moment.done
        if scene is None or frame is None:
            running = phase == "running"
            self._say(translate("Preparing …") if running else before_result(phase))
            return
        self.scene = scene
        self._say(news(scene, moment, phase))
        self.screen.show(frame, scene.baseline.name if scene.baseline else "")
        if phase == "running":
            return
        self.record = scene.main.first
        self.before = scene.baseline.first if scene.baseline else None
        self.shown, self.shown_phase = replace(moment, scene=lambda: scene), phase
        self.screen.describe(frame)
        self._update_copy()
        choice = self.controls.choice  # it may have been changed while this was drawn
        if shown.choice != choice or self.studies.lacks(choice.shown, scene):
            self._look_changed()
        if phase == "finished" and not self.live.blocking:
            self.ahead.begin(moment.plan)

    def _say(self, words: str, alarm: bool = False) -> None:
        kind = "mas-strong mas-alarm" if alarm else "mas-strong"
        role = "alert" if alarm else "status"
        self.status.value = one_line(words, kind, role)

    def _say_how_far(self, moment: Moment, phase: Phase) -> None:
        """Say at once what a stop has reached; drawing it takes longer."""
        if moment.scene:
            self._say(news(moment.scene(), moment, phase))

    def _look_changed(self, _: object = None) -> None:
        """Draw the same runs in another way: nothing is trained, the latest look wins.

        Runs of other settings than are chosen stay grey.
        """
        self.downloads.clear()
        self.controls.view.disabled = self.controls.layer.index != 0
        self._show_call()
        chosen = self.shown is not None and self.shown.plan == self.controls.plan
        if self.shown is not None and chosen and self.live.phase != "running":
            self.redraw.start(self._look(self.shown))

    def _look(self, moment: Moment) -> Generator[Moment | None]:
        """Measure what the chosen view needs, then recall the runs."""
        if moment.scene:
            view, main, scene = self.controls.choice.shown, moment.plan.main, moment.scene()
            if self.studies.lacks(view, scene):
                self._say(translate("Looking into the network …"))
                self.ahead.end()  # what is asked for comes first
            yield from self.studies.prepare(view, scene, main)
        yield moment

    def _more_known(self) -> None:
        """Draw the picture of every λ again, if that is what is shown."""
        if self.controls.choice.shown == EVERY_LAMBDA:
            self._look_changed()

    def _draw_again(self, moment: Moment) -> Shown:
        return self._draw(moment, "finished")

    def _show_again(self, shown: Shown) -> None:
        self._show(shown, self.shown_phase)

    def _arranged(self) -> list[Any]:
        if self.stage:
            return arrange_stage(self.screen, self.controls)
        buttons = (*self.buttons, self.progress)
        parts = self.screen, self.controls, buttons, self.status, self.code
        return arrange(*parts, self.downloads)

    def _what_is_shown(self) -> tuple[Frame, Scene] | None:
        frame, scene = self.screen.frame, self.scene
        return None if frame is None or scene is None or self.screen.stale else (frame, scene)


def _numbers_in(record: Record) -> int:
    sets = [*record.omegas, record.weights, record.memory]
    return sum(values.numel() for some in sets for values in some.values())
