"""The results of every λ, as SVG: accuracy at the end, when learned, and forgetting against λ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mas_edu._common import translate
from mas_edu.plots import percent, spread
from mas_edu.widgets.playground import svg
from mas_edu.widgets.playground.groups import Group

LEFT, TOP, BOTTOM, RIGHT = 52, 40, 46, 96
SIZE = (740, 360)  # width and height in the units of the SVG
NAMED = (("average", 2.6, 1.0), ("learned", 1.6, 0.65), ("forgetting", 1.6, 0.65))


@dataclass(frozen=True)
class Range:
    """The runs of one method at every place of the slider.

    Args:
        lams: λ at each place.
        groups: the runs there; None: there are none yet, or not all of them came to their end.
        finite: False where a run diverged.
    """

    lams: tuple[float, ...]
    groups: tuple[Group | None, ...]
    finite: tuple[bool, ...]

    @property
    def waiting(self) -> bool:
        """True while runs are still to be trained."""
        return any(
            group is None and finite for group, finite in zip(self.groups, self.finite, strict=True)
        )

    @property
    def diverged(self) -> list[str]:
        """The λ with which a run diverged."""
        return [f"{lam:g}" for lam, ok in zip(self.lams, self.finite, strict=True) if not ok]


def draw_lambda_range(ranges: Sequence[Range], here: int) -> str:
    """Draw the average of each method against λ; of a single one, learned and forgetting too."""
    main = ranges[0]
    parts = [*_frame(main.lams, _method(main)), _mark(len(main.lams), here)]
    ends: list[tuple[float, str, str, bool]] = []  # of each line: height, name, colour, bold
    for one, colour in zip(ranges, svg.RUNS, strict=False):
        for name, width, opacity in NAMED if len(ranges) == 1 else NAMED[:1]:
            points = [
                (_x(k, len(one.lams)), _y(group.measure(name)))
                for k, group in enumerate(one.groups)
                if group is not None and group.finished
            ]
            parts.append(svg.line(points, colour, width, opacity))
            parts += [svg.box(x - 3, y - 3, 6, 6, colour) for x, y in points]
            if points:
                label = translate(name) if len(ranges) == 1 else _method(one)
                ends.append((points[-1][1], label, colour, width > 2))
    wanted = [end[0] for end in ends]
    heights = spread(wanted, 16, TOP, SIZE[1] - BOTTOM).tolist() if ends else []
    for y, (_, label, colour, bold) in zip(heights, ends, strict=True):
        parts.append(svg.text(SIZE[0] - RIGHT + 10, y, label, colour, bold=bold))
    if any(one.waiting for one in ranges):
        words = translate("More values of λ are being trained …")
        parts.append(svg.text(SIZE[0] - 4, 12, words, svg.MUTED, "end", 12))
    return "".join(parts)


def caption(ranges: Sequence[Range]) -> str:
    """Say which λ ends with the best average, and with which training diverged."""
    best = []
    for one in ranges:
        known = [pair for pair in zip(one.lams, one.groups, strict=True) if pair[1]]
        if known:
            lam, group = max(known, key=lambda pair: pair[1].measure("average") if pair[1] else 0)
            assert group is not None
            best.append(
                translate(
                    "{method} {average} at λ {lam:g}",
                    method=_method(one),
                    average=percent(group.measure("average")),
                    lam=lam,
                )
            )
    said = translate("No λ is trained yet.")
    if best:
        said = translate("Best average: {best}.", best="; ".join(best))
    for one in ranges:
        if one.diverged:
            lams = ", ".join(one.diverged)
            words = translate("{method} diverged at λ {lams}.", method=_method(one), lams=lams)
            said += f" {words}".replace("  ", " ")
    return said


def _method(one: Range) -> str:
    return next((group.first.method_label for group in one.groups if group), "")


def _x(k: int, count: int) -> float:
    return LEFT + 14 + (SIZE[0] - LEFT - RIGHT - 28) * k / max(count - 1, 1)


def _y(share: float) -> float:
    return TOP + (SIZE[1] - TOP - BOTTOM) * (1 - max(share, 0.0))


def _frame(lams: Sequence[float], name: str) -> list[str]:
    right = SIZE[0] - RIGHT
    parts = [svg.text(4, 12, translate("What every λ leads to"), bold=True)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(svg.line([(LEFT, _y(share)), (right, _y(share))], svg.LINE, 0.7))
        parts.append(svg.text(LEFT - 6, _y(share), percent(share), svg.MUTED, "end", 11))
    for k, lam in enumerate(lams):
        x = _x(k, len(lams))
        parts.append(svg.text(x, SIZE[1] - 32, f"{lam:g}", svg.MUTED, "middle", 10.5))
    words = translate("λ of {method}", method=name) if name else "λ"
    return [*parts, svg.text((LEFT + right) / 2, SIZE[1] - 12, words, svg.MUTED, "middle", 11)]


def _mark(count: int, here: int) -> str:
    x = _x(here, count)
    return svg.box(x - 10, TOP - 4, 20, SIZE[1] - TOP - BOTTOM + 8, svg.SHADE)
