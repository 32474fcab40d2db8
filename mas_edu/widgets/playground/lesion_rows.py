"""The lesion test as SVG: accuracy on each task against the share of the weights removed."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

import numpy as np

from mas_edu._common import translate
from mas_edu.importance import Removed
from mas_edu.networks import mlp
from mas_edu.plots import percent, short_names
from mas_edu.results import Array, Record
from mas_edu.training import HIDDEN, lesion
from mas_edu.widgets.playground import svg
from mas_edu.widgets.playground.curve_rows import SIZE, Rows
from mas_edu.widgets.playground.omega_mosaic import Choice, why_no_omega
from mas_edu.widgets.playground.settings import Settings

SHARES = (0.0, 0.01, 0.02, 0.05, *(k / 10 for k in range(1, 11)))
KINDS: tuple[Removed, ...] = ("most", "least", "random")
ORDERS = ("most important first", "least important first", "in random order")  # translated
KEY, GAP = 44, 16  # the width of a key without its words, and between the label and the keys
INKS = ((svg.RUNS[1], svg.RUNS[1]), (svg.RUNS[0], svg.RUNS[0]), (svg.PALE, svg.MUTED))


@dataclass(frozen=True)
class Lesions:
    """Accuracies of a network without the first of its weights in some orders.

    Args:
        label: of the run.
        names: of the tasks.
        missing: why there is no Ω, if there is none.
        accuracy: for each order, the accuracies at each of `SHARES`, `[S, T]`.
    """

    label: str
    names: tuple[str, ...]
    missing: str = ""
    accuracy: Mapping[Removed, Array] = field(default_factory=dict)

    def picture(self, choice: Choice) -> tuple[str, str]:
        """Draw the lesions; return the drawing without the SVG's frame, and its line."""
        if self.missing:
            return svg.text(4, 40, self.missing, svg.MUTED), self.missing
        return draw_lesions(self, choice.share), caption(self, choice.share)

    def average(self, which: Removed, share: float) -> float:
        """Return the mean accuracy over the tasks."""
        return float(self.accuracy[which][SHARES.index(share)].mean())


def measure_lesions(record: Record, settings: Settings) -> Generator[None, None, Lesions]:
    """Remove weights of the network as the run left it; yield between two measurements."""
    label = short_names(record.label)
    if not record.omegas:
        return Lesions(label, record.names, why_no_omega(record))
    stream = settings.make()
    model = mlp([stream.features, HIDDEN, stream.outputs])
    model.load_state_dict(record.weights)
    accuracy: dict[Removed, Array] = {}
    for which in KINDS:
        found = []
        for share in SHARES:
            found.append(lesion(model, stream, record.omegas[-1], share, which, settings.seed))
            yield
        accuracy[which] = np.array(found)
    return Lesions(label, record.names, "", accuracy)


def lesion_call(record: str, share: float, seed: int) -> str:
    """Return the code of one lesion; `record` is the name of the run in the lines before it.

    >>> print(lesion_call("record", 0.05, 0))
    from mas_edu.training import lesion
    model = me.mlp([stream.features, 64, stream.outputs])
    model.load_state_dict(record.weights)
    lesion(model, stream, record.omegas[-1], share=0.05, which="most", seed=0)
    """
    how = f'share={share:g}, which="most", seed={seed}'
    return (
        "from mas_edu.training import lesion\n"
        f"model = me.mlp([stream.features, {HIDDEN}, stream.outputs])\n"
        f"model.load_state_dict({record}.weights)\n"
        f"lesion(model, stream, {record}.omegas[-1], {how})"
    )


def draw_lesions(lesions: Lesions, share: float) -> str:
    """Draw a row for each task; shaded: the chosen share, whose accuracies stand at the right."""
    rows = Rows(lesions.names, len(SHARES) - 1, len(KINDS))
    here, words = SHARES.index(share), [translate(name) for name in ORDERS]
    keys = sum(KEY + svg.LETTER * 13 * len(one) for one in words)
    label = svg.bold_label(lesions.label, SIZE[0] - keys - GAP - 8)
    x = 4 + svg.BOLD * svg.LETTER * 13 * len(label) + GAP
    parts = [_mark(rows, here), *rows.panels(), svg.text(4, 12, label, bold=True)]
    for k, (which, name, (stroke, ink)) in enumerate(zip(KINDS, words, INKS, strict=True), 1):
        parts.append(svg.line([(x, 12), (x + 18, 12)], stroke, 3))
        parts.append(svg.text(x + 24, 12, name, ink, bold=which == "most"))
        x += KEY + svg.LETTER * 13 * len(name)
        values = lesions.accuracy[which]  # [S, T]
        for j in range(len(lesions.names)):
            points = [(rows.x(place), rows.y(j, value)) for place, value in enumerate(values[:, j])]
            parts.append(svg.line(points, stroke, 2.2))
        parts += rows.values(k, dict(enumerate(values[here])), ink, which != "random")
    for place, one in enumerate(SHARES):
        number = percent(one).removesuffix(" %")
        parts.append(svg.text(rows.x(place), SIZE[1] - 28, number, svg.MUTED, "middle", 10.5))
    axis = translate("% of the weights removed →")
    parts += [svg.text(rows.left, SIZE[1] - 10, axis, svg.MUTED, size=11), rows.average()]
    return "".join(parts)


def caption(lesions: Lesions, share: float) -> str:
    """Say what is left without so many weights, by the order in which they went."""
    most, least, random = (percent(lesions.average(which, share)) for which in KINDS)
    return translate(
        "Average without {share} of the weights: {most} (most important), {least} (least), "
        "{random} (random).",
        share=percent(share),
        most=most,
        least=least,
        random=random,
    )


def _mark(rows: Rows, here: int) -> str:
    top, bottom = rows.y(0, 1), rows.y(len(rows.names) - 1, 0)
    return svg.box(rows.x(here) - 9, top - 4, 18, bottom - top + 8, svg.SHADE)
