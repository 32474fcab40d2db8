"""The playground's idle time: the other places of λ are trained, so that pictures follow it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace

from mas_edu.results import Record
from mas_edu.widgets.playground.controls import Controls
from mas_edu.widgets.playground.groups import group_of
from mas_edu.widgets.playground.lambda_range import Range
from mas_edu.widgets.playground.runs import complete
from mas_edu.widgets.playground.settings import Plan, Settings
from mas_edu.widgets.worker import Worker

NEAREST = 4  # places of λ that are trained first

Found = dict[Settings, Record | None]


class Ahead(Worker[Found, None]):
    """Trains what was not asked for yet, and ends when something is.

    Args:
        controls: with the places of λ.
        remembered: the finished runs.
        remember: keeps one more of them.
        changed: told when there are more.
    """

    def __init__(
        self,
        controls: Controls,
        remembered: Mapping[Settings, Record],
        remember: Callable[[Settings, Record], object],
        changed: Callable[[], object],
    ) -> None:
        super().__init__(lambda *_: None, lambda *_: None, lambda _: None, per_second=0)
        self.controls, self.remembered = controls, remembered
        self.remember, self.changed = remember, changed
        self.diverged: set[Settings] = set()
        self.base: Plan | None = None  # what it is or was training, with any λ

    def begin(self, plan: Plan) -> None:
        """Train the plan with the other λ, the nearest places first."""
        base = Plan(tuple(tuple(replace(s, lam=0.0) for s in group) for group in plan.groups))
        if plan.main.small and base != self.base:
            self.base = base
            self.start(self._train(base))

    def end(self) -> None:
        """Leave the processor to a run that was asked for."""
        self.drop()
        self.base = None

    def _train(self, base: Plan) -> Generator[Found | None]:
        factors = self.controls.factors
        for places in (factors[:NEAREST], factors[NEAREST:]):
            for group in base.groups:
                lams = [self.controls.lambda_of(group[0].method, factor) for factor in places]
                wanted = dict.fromkeys(replace(s, lam=lam) for lam in lams for s in group)
                done = {*self.remembered, *self.diverged}
                missing = [one for one in wanted if one not in done]
                for found in complete(missing) if missing else ():
                    for settings, record in (found or {}).items():
                        if record is None:
                            self.diverged.add(settings)
                        else:
                            self.remember(settings, record)
                    if found:
                        self.changed()
                    yield found

    def ranges(self, plan: Plan) -> list[Range]:
        """Return what is known of every λ, for each method that has one."""
        found = []
        for group in plan.groups:
            if group[0].method.penalised:
                method, places = group[0].method, self.controls.places
                lams = tuple(self.controls.lambda_of(method, place) for place in places)
                runs = [[replace(one, lam=lam) for one in group] for lam in lams]
                known = tuple(group_of(some, self.remembered) for some in runs)
                found.append(Range(lams, known, tuple(map(self.diverged.isdisjoint, runs))))
        return found
