"""The playground's pictures of a scene, each with its line and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mas_edu._common import translate
from mas_edu.plots import captions, short_names, task_name
from mas_edu.widgets.playground import (
    curve_rows,
    lambda_range,
    matrix_cells,
    omega_mosaic,
    svg,
)
from mas_edu.widgets.playground.groups import Group, Scene
from mas_edu.widgets.playground.lambda_range import Range
from mas_edu.widgets.playground.omega_mosaic import Choice
from mas_edu.widgets.playground.scrub import scene_at
from mas_edu.widgets.playground.svg import Drawing

CURVES, MATRIX, OMEGA = curve_rows.SIZE, matrix_cells.SIZE, omega_mosaic.SIZE
MEASURES = ("average", "forgetting", "learned")  # translated


class Study(Protocol):
    """Measurements of a run for one view."""

    def picture(self, choice: Choice) -> tuple[str, str]:
        """Return the drawing, without the SVG's frame, and the line below it."""


@dataclass(frozen=True)
class Frame:
    """Everything that is shown of a scene."""

    curves: Drawing
    matrix: Drawing
    omega: Drawing
    numbers: tuple[tuple[float, float], ...]


def draw(
    scene: Scene,
    choice: Choice,
    ranges: Sequence[Range] | None = None,
    here: int = 0,
    study: Study | None = None,
) -> Frame:
    """Draw a scene; of several groups, matrix and Ω say whose they are.

    Args:
        scene: what is shown.
        choice: how.
        ranges: what every λ leads to, drawn in place of the curves; None: the curves.
        here: the place of λ among them.
        study: what the chosen view measured, drawn in place of the curves; None: the curves.
    """
    scene = scene_at(scene, choice.at / 100)
    whose = scene.main.first.method_label if len(scene.groups) > 1 else ""
    if study is not None:
        large = look_into(scene.main, study, choice)
    else:
        large = curves(scene, choice.at) if ranges is None else every_lambda(scene, ranges, here)
    pictures = large, matrix(scene.main, whose), omega(scene.main, choice, whose)
    return Frame(*pictures, numbers(scene))


def curves(scene: Scene, at: int = 100, width: int = CURVES[0]) -> Drawing:
    """Draw the forgetting curves of all groups, the baseline in pale."""
    runs, pale = [group.first for group in scene.groups], scene.baseline
    words = captions.forgetting_curves(runs, panels=True, baseline=pale.first if pale else None)
    seeds = len(scene.main.records)
    if seeds > 1:
        mean = translate("The mean of {count} seeds; in words the first of them.", count=seeds)
        words = f"{mean} {words}"
    drawn = svg.canvas([curve_rows.draw_curves(scene, width)], (width, CURVES[1]), words)
    return Drawing(drawn, _headline(scene) if at == 100 else _moment(scene, at), words)


def every_lambda(scene: Scene, ranges: Sequence[Range], here: int) -> Drawing:
    """Draw what every λ leads to; without a method that has one, say so."""
    if ranges:
        line, drawn = lambda_range.caption(ranges), lambda_range.draw_lambda_range(ranges, here)
    else:
        name = scene.main.first.method_label
        line = translate("{method} has no penalty: λ plays no part.", method=short_names(name))
        drawn = svg.text(4, 40, line, svg.MUTED)
    return Drawing(svg.canvas([drawn], CURVES, line), line, line)


def look_into(group: Group, study: Study, choice: Choice) -> Drawing:
    """Draw what a view has found out about a group's first run."""
    drawn, line = study.picture(choice)
    words = f"{short_names(group.first.label)}. {line}"
    return Drawing(svg.canvas([drawn], CURVES, words), line, words)


def matrix(group: Group, whose: str = "") -> Drawing:
    """Draw the accuracy matrix of a group."""
    words = captions.accuracy_matrix(group.first)
    return Drawing(svg.canvas([matrix_cells.draw_matrix(group, whose)], MATRIX, words), "", words)


def omega(group: Group, choice: Choice, whose: str = "") -> Drawing:
    """Draw Ω of a group's first run."""
    record = group.first
    words = omega_mosaic.why_no_omega(record)
    if record.omegas:
        first = choice.layer == next(iter(record.omegas[-1]))
        shape = tuple(record.settings["shape"]) if first else None
        words = captions.omega(record, choice.layer, shape)
        words = f"{short_names(record.label)}, {omega_mosaic.after_task(record)}. {words}"
    drawn = omega_mosaic.draw_omega(record, choice, whose)
    return Drawing(svg.canvas([drawn], OMEGA, words), "", words)


def numbers(scene: Scene) -> tuple[tuple[float, float], ...]:
    """Return average, forgetting and learned, and how far each is from the baseline."""
    main, baseline = scene.main, scene.baseline
    comparable = baseline is not None and baseline.finished == main.finished
    return tuple(
        (main.measure(name), main.measure(name) - baseline.measure(name))
        if comparable and baseline
        else (main.measure(name), float("nan"))
        for name in MEASURES
    )


def _moment(scene: Scene, at: int) -> str:
    """Say how far back this is."""
    total = sum(scene.main.first.settings["updates"])
    return translate(
        "As it was after {done} of {total} updates.", done=round(at * total / 100), total=total
    )


def _headline(scene: Scene) -> str:
    """Say in one short line what became of the first task."""
    main, name = scene.main, task_name(scene.main.first.names[0])
    if main.finished < 2:
        return translate(
            "Shaded: the updates in which a task is learned. Numbers: its accuracy now."
        )
    said = translate("{task}: {points} points since it was learned", task=name, points=_fall(main))
    if scene.baseline and scene.baseline.finished == main.finished:
        fall = translate("{points} points", points=_fall(scene.baseline))
        said += f"; {scene.baseline.name}: {fall}"
    return f"{said}."


def _fall(group: Group) -> str:
    rise = group.accuracy[group.finished - 1, 0] - group.accuracy[0, 0]
    return signed(100 * float(rise))


def signed(points: float) -> str:
    """Write points with their sign.

    >>> signed(-18.6), signed(0.2), signed(3)
    ('−19', '±0', '+3')
    """
    rounded = round(points)
    return f"{'−' if rounded < 0 else '+' if rounded else '±'}{abs(rounded)}"
