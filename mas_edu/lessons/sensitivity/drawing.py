"""Two planes of weights with the bowls of L2 and MAS: what lesson 02 shows of two tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.patheffects import withStroke

from mas_edu._common import translate
from mas_edu.lessons.sensitivity.experiment import Array, Valleys
from mas_edu.plots import COLOURS, GREY, INK, white_figure
from mas_edu.widgets import GUESS_COLOUR, guess_words, label_guess

SIZE = (900, 660)
OF_A, OF_B, OF_BOWL = COLOURS[0], COLOURS[1], COLOURS[3]
LEVELS = (0.03, 0.12, 0.27, 0.48)  # of loss, where a contour is drawn
WHITE = {"facecolor": "white", "linewidth": 0, "pad": 1.5}  # behind text on lines
HALO = [withStroke(linewidth=4, foreground="white")]  # of letters on lines


def draw(two: Valleys, lam: float = 0.5, guess: str | None = None) -> Figure:
    """Draw the round bowl of L2 beside that of MAS, and where θ ends in each, with this λ.

    A guess is drawn as the bowl it would be: which of θ₁ and θ₂ is held the more firmly.
    """
    figure = white_figure(SIZE)
    for k, (name, omega) in enumerate(two.bowls.items()):
        left = 0.075 + 0.49 * k
        plane = figure.add_axes((left, 0.285, 0.425, 0.58))
        _plane(plane, two, omega, lam)
        plane.set_title(_title(name, omega), fontsize=18, color=INK, pad=9)
        if k:
            plane.set_yticklabels([])
        else:
            plane.set_ylabel("θ₂", fontsize=17, rotation=0, va="center")
        _bar(figure.add_axes((left, 0.095, 0.425, 0.055)), two, omega, lam)
    figure.text(0.5, 0.955, f"λ = {lam:g}", fontsize=22, weight="bold", ha="center", va="center")
    if guess is not None:
        _guess(plane, two, guess)
    return figure


def describe(two: Valleys, lam: float = 0.5, guess: str | None = None) -> str:
    """Say what `draw` shows."""
    ends = [_ending(two, name, omega, lam) for name, omega in two.bowls.items()]
    first, second = two.omega
    said = translate(
        "Plane of two weights, A solved at {a}, B at {b}. Ω is {first:.2f} for θ₁ and "
        "{second:.2f} for θ₂{blind}. With λ = {lam:g} {ends}. Loss on A and B without a penalty "
        "{none:.2f}, joint {joint:.2f}.",
        a=_place(two.theta_a),
        b=_place(two.theta_b),
        first=first,
        second=second,
        blind="" if two.omega.any() else translate(", so MAS protects nothing"),
        lam=lam,
        ends="; ".join(ends),
        none=two.both(two.theta_b),
        joint=two.both(two.joint),
    )
    return f"{said}{guess_words(guess)}"


def _ending(two: Valleys, name: str, omega: Array, lam: float) -> str:
    theta = two.end(omega, lam)
    return translate(
        "{name} ends at {place}: loss {on_a:.2f} on A and {on_b:.2f} on B, together {both:.2f} "
        "({best:.2f} at its best λ)",
        name=name,
        place=_place(theta),
        on_a=two.loss_a(theta),
        on_b=two.loss_b(theta),
        both=two.both(theta),
        best=two.both(two.best(omega)),
    )


def _place(theta: Array) -> str:
    first, second = theta.round(2) + 0.0  # never −0.00
    return f"({first:.2f}, {second:.2f})".replace("-", "−")


def _title(name: str, omega: Array) -> str:
    if not omega.any():
        return translate("{name}: Ω = 0, no bowl at all", name=name)
    if name == "L2":
        return "L2: Ω₁ = Ω₂ = 1"
    return f"{name}: Ω₁ = {omega[0]:.2f}, Ω₂ = {omega[1]:.2f}"


def _plane(ax: Axes, two: Valleys, omega: Array, lam: float) -> None:
    """Draw contours of both losses, the bowl around θ_A, the path, and θ on it."""
    for level in LEVELS:
        _ring(ax, two.theta_a, level / two.steep_a, edgecolor=OF_A, linestyle="-")
        _ring(ax, two.theta_b, level / two.steep_b, edgecolor=OF_B, linestyle="--")
    _bowl(ax, two.theta_a, omega)
    ax.plot(*two.path(omega).T, color=OF_BOWL, linewidth=4, zorder=3)
    marked: dict[str, Any] = {"linestyle": "", "markeredgecolor": "white", "zorder": 4}
    ax.plot(*two.best(omega), marker="*", color=OF_BOWL, markersize=24, **marked)
    ax.plot(*two.joint, marker="D", color="white", markersize=9, zorder=6, markeredgecolor=INK)
    ax.plot(*two.end(omega, lam), marker="o", color=INK, markersize=15, **(marked | {"zorder": 5}))
    for theta, name, colour, below in ((two.theta_a, "A", OF_A, 9), (two.theta_b, "B", OF_B, -25)):
        ax.plot(*theta, marker="s", color=colour, markersize=9, **marked)
        style: dict[str, Any] = {"color": colour, "weight": "bold", "path_effects": HALO}
        style |= {"textcoords": "offset points", "fontsize": 21, "zorder": 7}
        ax.annotate(name, _xy(theta), (-27, below), **style)
    ax.set(xlim=(-0.35, 2.05), ylim=(-1.45, 0.95), xticks=(0, 1, 2), yticks=(-1, 0))
    ax.set_aspect("equal")
    ax.set_xlabel("θ₁", fontsize=17, labelpad=0)
    ax.tick_params(labelsize=14)


def _bowl(ax: Axes, centre: Array, omega: Array) -> None:
    """Draw places of equal penalty: narrow where Ω is large; L2 and MAS get the same area."""
    if omega.any():
        for radius in (0.2, 0.4):
            square = radius**2 * np.sqrt(omega.prod()) / omega
            _ring(ax, centre, square, facecolor=(*_rgb(OF_BOWL), 0.16), edgecolor=OF_BOWL)


def _guess(ax: Axes, two: Valleys, guess: str) -> None:
    """Draw the bowl of the guess over that of MAS: as narrow, but where the guess has it so."""
    narrow, wide = two.omega.max(), two.omega.min()
    bowls = {"θ₁": (narrow, wide), "θ₂": (wide, narrow)}
    omega = np.array(bowls.get(guess, (np.sqrt(narrow * wide),) * 2))
    square = 0.4**2 * np.sqrt(omega.prod()) / omega
    style: dict[str, Any] = {"edgecolor": GUESS_COLOUR, "linestyle": (0, (4, 2))}
    _ring(ax, two.theta_a, square, **style, thick=2.5, zorder=5)
    left, height = _xy(two.theta_a - np.array([np.sqrt(square[0]), 0.0]))
    label_guess(ax, guess, (left, height))


def _ring(
    ax: Axes, centre: Array, squared: Array, thick: float = 1.6, zorder: int = 0, **style: Any
) -> None:
    """Draw an ellipse with these squared half axes."""
    width, height = 2 * np.sqrt(squared)
    fill = "facecolor" in style
    ring = Ellipse(_xy(centre), width, height, fill=fill, **style)
    ring.set(linewidth=thick, zorder=zorder or (2 if fill else 1))
    ax.add_patch(ring)


def _xy(theta: Array) -> tuple[float, float]:
    return float(theta[0]), float(theta[1])


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


def _bar(ax: Axes, two: Valleys, omega: Array, lam: float) -> None:
    """Draw the loss on A and on B at θ, end to end, between joint training and no penalty."""
    theta = two.end(omega, lam)
    of_a, of_b = float(two.loss_a(theta)), float(two.loss_b(theta))
    best, joint, none = (
        float(two.both(place)) for place in (two.best(omega), two.joint, two.theta_b)
    )
    longest = 1.5 * max(none, float(two.both(two.theta_a)))
    ax.barh(0, of_a, color=OF_A)
    ax.barh(0, of_b, left=of_a, color="white", edgecolor=OF_B, hatch="///", linewidth=1.5)
    ax.plot([joint, joint], [-0.4, 0.4], ":", color=INK, linewidth=2.5)
    ax.plot([none, none], [-0.4, 0.4], "-", color=GREY, linewidth=2)
    ax.plot([best], [-0.62], marker="*", color=OF_BOWL, markersize=14, clip_on=False)
    beside = of_a + of_b + 0.02 * longest
    total: dict[str, Any] = {"fontsize": 20, "weight": "bold", "va": "center"}
    ax.text(beside, 0, f"● {of_a + of_b:.2f}", color=INK, **total, bbox=WHITE)
    for left, height, text, colour in (
        (0.0, 0.6, translate("loss on A"), OF_A),
        (0.26, 0.6, translate("+ loss on B"), OF_B),
        (0.61, 0.6, translate("no penalty {loss:.2f}", loss=none), GREY),
        (0.0, -1.8, translate("★ best {loss:.2f}", loss=best), OF_BOWL),
        (0.61, -1.8, translate("◇ joint {loss:.2f}", loss=joint), INK),
    ):
        ax.text(left * longest, height, text, fontsize=14, color=colour)
    ax.set(xlim=(0, longest), ylim=(-0.5, 0.5))
    ax.set_axis_off()
