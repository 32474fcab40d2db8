"""Lesson 02: two tasks, two weights; what L2 and MAS hold on to, seen as a bowl in the plane."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import ipywidgets as w
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from mas_edu.plots import COLOURS, GREY, INK
from mas_edu.widgets import Interactive, Question, canvas, look

SIZE = (900, 660)
OF_A, OF_B, OF_BOWL = COLOURS[0], COLOURS[1], COLOURS[3]
THETA_A, THETA_B = np.array([1.5, 0.2]), np.array([0.3, -1.0])
ACROSS_A, SPREAD_A = 1.03, 0.15  # how far A's inputs reach along x₁ and along x₂
SPREADS_B = np.array([0.5, 1.05])
INPUTS = 400  # of task A
LAMBDAS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
FINE = np.concatenate([[0.0], np.logspace(-3, 4, 1401)])  # for the path and its best
LEVELS = (0.03, 0.12, 0.27, 0.48)  # of loss, where a contour is drawn
WHITE = {"facecolor": "white", "linewidth": 0, "pad": 1.5}  # behind text on lines
HALO = [withStroke(linewidth=4, foreground="white")]  # of letters on lines
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Valleys:
    """Two tasks for the network F(x) = θ₁x₁ + θ₂x₂, each a valley of loss in the plane of θ.

    Args:
        theta_a: where task A is solved; its inputs are uncorrelated, as are B's.
        theta_b: where task B is solved.
        steep_a: the mean of x₁² and x₂² over A's inputs: how fast its loss rises along θ₁ and θ₂.
        steep_b: the same of B.
        omega: the importance of θ₁ and θ₂ at `theta_a`, over A's inputs.
    """

    theta_a: Array
    theta_b: Array
    steep_a: Array
    steep_b: Array
    omega: Array

    def loss_a(self, theta: Array) -> Array:
        """Mean squared error on A; theta is `[…, 2]`."""
        return _form(self.steep_a, theta - self.theta_a)

    def loss_b(self, theta: Array) -> Array:
        """Mean squared error on B."""
        return _form(self.steep_b, theta - self.theta_b)

    def both(self, theta: Array) -> Array:
        """The losses on A and B added."""
        return self.loss_a(theta) + self.loss_b(theta)

    def end(self, omega: Array, lam: Array | float) -> Array:
        """Where the loss on B + λ/2 Σ Ω (θ − θ_A)² is least, for one λ or many: `[…, 2]`.

        In each direction the derivative 2 s (θ − θ_B) + λ Ω (θ − θ_A) is 0: a weighted mean.
        """
        held = np.asarray(lam)[..., None] * omega
        return _between(self.theta_b, 2 * self.steep_b, self.theta_a, held)

    def path(self, omega: Array) -> Array:
        """All the places that θ ends at, from λ = 0 to a very large one, `[L, 2]`."""
        return self.end(omega, FINE)

    def best(self, omega: Array) -> Array:
        """The place on the path where the losses on A and B together are least."""
        path = self.path(omega)
        least: Array = path[self.both(path).argmin()]
        return least

    @property
    def joint(self) -> Array:
        """Where A and B trained together end."""
        return _between(self.theta_b, self.steep_b, self.theta_a, self.steep_a)

    @property
    def bowls(self) -> dict[str, Array]:
        """The two penalties by name: the Ω of each."""
        return {"L2": np.ones(2), "MAS": self.omega}


def valleys(spread: float = SPREAD_A, size: float = 1.0, seed: int = 0) -> Valleys:
    """Both tasks, and the Ω of the network that has learned A.

    Args:
        spread: how far A's inputs reach along x₂; along x₁ it is always 1.03.
        size: by how much the weights that solve A are scaled, and with them A's outputs.
        seed: of A's inputs.

    >>> two = valleys()
    >>> places = [two.theta_b, two.best(np.ones(2)), two.best(two.omega), two.joint]
    >>> [round(float(two.both(theta)), 2) for theta in places]  # none, L2, MAS, joint
    [1.56, 0.49, 0.33, 0.32]
    """
    theta, x = size * THETA_A, inputs(spread, seed)
    return Valleys(theta, THETA_B, (x**2).mean(0), SPREADS_B**2, sensitivity(x, theta))


def inputs(spread: float = SPREAD_A, seed: int = 0) -> Array:
    """Task A's inputs, `[N, 2]`: drawn, then made uncorrelated and as wide as they should be."""
    drawn = np.random.default_rng(seed).standard_normal((INPUTS, 2))
    even = drawn @ np.linalg.inv(np.linalg.cholesky(drawn.T @ drawn / INPUTS)).T
    wide: Array = even * [ACROSS_A, spread]
    return wide


def sensitivity(x: Array, theta: Array) -> Array:
    """Ω of F(x) = θ·x: the mean over inputs of |∂F²/∂θᵢ| = |2 F xᵢ|."""
    omega: Array = np.abs(2 * (x @ theta)[:, None] * x).mean(0)
    return omega


def job(spread: float, size: float) -> Generator[Valleys]:
    """`valleys`, at once."""
    yield valleys(spread, size)


def _form(steep: Array, away: Array) -> Array:
    total: Array = (steep * away**2).sum(-1)
    return total


def _between(b: Array, weight_b: Array, a: Array, weight_a: Array) -> Array:
    mean: Array = (weight_b * b + weight_a * a) / (weight_b + weight_a)
    return mean


# ---- what there is to see


def draw(two: Valleys, lam: float = 0.5) -> Figure:
    """The round bowl of L2 beside that of MAS, and where θ ends in each, with this λ."""
    figure = canvas(SIZE)
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
    return figure


def describe(two: Valleys, lam: float = 0.5) -> str:
    """What `draw` shows, in words."""
    ends = [_ending(two, name, omega, lam) for name, omega in two.bowls.items()]
    first, second = two.omega
    return (
        f"Plane of two weights, A solved at {_place(two.theta_a)}, B at {_place(two.theta_b)}. "
        f"Ω is {first:.2f} for θ₁ and {second:.2f} for θ₂{_blind(two)}. With λ = {lam:g} "
        f"{'; '.join(ends)}. Loss on A and B without a penalty {two.both(two.theta_b):.2f}, "
        f"joint {two.both(two.joint):.2f}."
    )


def _ending(two: Valleys, name: str, omega: Array, lam: float) -> str:
    theta = two.end(omega, lam)
    return (
        f"{name} ends at {_place(theta)}: loss {two.loss_a(theta):.2f} on A and "
        f"{two.loss_b(theta):.2f} on B, together {two.both(theta):.2f} "
        f"({two.both(two.best(omega)):.2f} at its best λ)"
    )


def _place(theta: Array) -> str:
    first, second = theta.round(2) + 0.0  # never −0.00
    return f"({first:.2f}, {second:.2f})".replace("-", "−")


def _blind(two: Valleys) -> str:
    return "" if two.omega.any() else ", so MAS protects nothing"


def _title(name: str, omega: Array) -> str:
    if not omega.any():
        return f"{name}: Ω = 0, no bowl at all"
    if name == "L2":
        return "L2: Ω₁ = Ω₂ = 1"
    return f"{name}: Ω₁ = {omega[0]:.2f}, Ω₂ = {omega[1]:.2f}"


def _plane(ax: Axes, two: Valleys, omega: Array, lam: float) -> None:
    """Contours of both losses, the bowl around θ_A, the path, and θ on it."""
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
    """Places of equal penalty: narrow where Ω is large; L2 and MAS get the same area."""
    if omega.any():
        for radius in (0.2, 0.4):
            square = radius**2 * np.sqrt(omega.prod()) / omega
            _ring(ax, centre, square, facecolor=(*_rgb(OF_BOWL), 0.16), edgecolor=OF_BOWL)


def _ring(ax: Axes, centre: Array, squared: Array, **style: Any) -> None:
    """An ellipse with these squared half axes."""
    width, height = 2 * np.sqrt(squared)
    fill = "facecolor" in style
    ring = Ellipse(_xy(centre), width, height, fill=fill, **style)
    ring.set(linewidth=1.6, zorder=2 if fill else 1)
    ax.add_patch(ring)


def _xy(theta: Array) -> tuple[float, float]:
    return float(theta[0]), float(theta[1])


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


def _bar(ax: Axes, two: Valleys, omega: Array, lam: float) -> None:
    """The loss on A and on B at θ, end to end, between joint training and no penalty."""
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
        (0.0, 0.6, "loss on A", OF_A),
        (0.26, 0.6, "+ loss on B", OF_B),
        (0.61, 0.6, f"no penalty {none:.2f}", GREY),
        (0.0, -1.8, f"★ best {best:.2f}", OF_BOWL),
        (0.61, -1.8, f"◇ joint {joint:.2f}", INK),
    ):
        ax.text(left * longest, height, text, fontsize=14, color=colour)
    ax.set(xlim=(0, longest), ylim=(-0.5, 0.5))
    ax.set_axis_off()


# ---- the interactive figure, and the questions


def figure(
    spread: float = SPREAD_A, size: float = 1.0, lam: float = 0.5, *, blocking: bool = False
) -> Interactive[Valleys]:
    """Slide θ along its path with λ, L2 and MAS side by side; make it the last line of a cell.

    Args:
        spread: how far A's inputs reach along x₂; like the next two, what the controls begin at.
        size: by how much A's weights, and with them its outputs, are scaled.
        lam: how strongly both penalties hold on.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
    """
    controls = {
        "spread": w.FloatSlider(
            value=spread,
            min=0.05,
            max=1.75,
            step=0.1,
            continuous_update=False,
            **look("reach along x₂", "How far A's inputs reach along x₂", 330, 100),
        ),
        "size": w.SelectionSlider(
            options=[(f"{value:g}", value) for value in (0.0, 0.25, 0.5, 0.75, 1.0)],
            value=size,
            continuous_update=False,
            **look("size of θ_A", "Scales the weights that solve A, and its outputs", 300, 100),
        ),
    }
    lams = w.SelectionSlider(
        options=[(f"{value:g}", value) for value in sorted({*LAMBDAS, lam})],
        value=lam,
        **look("λ", "How strongly both penalties hold on to A's weights", 640, 100),
    )
    return Interactive(
        controls=controls,
        looks={"lam": lams},
        job=job,
        draw=draw,
        describe=describe,
        call=_call,
        size=SIZE,
        blocking=blocking,
    )


def _call(spread: float, size: float, lam: float) -> str:
    return (
        f"two = sensitivity.valleys(spread={spread:g}, size={size:g})\n"
        f"alt = sensitivity.describe(two, lam={lam:g})\n"
        f"me.plots.show(sensitivity.draw(two, lam={lam:g}), alt=alt)"
    )


QUIZ = (
    Question(
        "For F(x) = θ₁x₁ + θ₂x₂, when is the importance of θ₂ large?",
        (
            "When θ₂ itself is large.",
            False,
            "A large weight on an input that is always 0 moves nothing: its Ω is 0.",
        ),
        (
            "When x₂ and the output are large together.",
            True,
            "Ω₂ is the mean of |2 F x₂|: both factors have to be there, for the same input.",
        ),
        (
            "When the network still makes errors on A.",
            False,
            "No label enters Ω. It asks how the output moves, not whether it is right.",
        ),
    ),
    Question(
        "With its best λ, why does L2 stay behind MAS in the first figure?",
        (
            "Its penalty is too weak.",
            False,
            "λ may be as large as you like: no place on L2's path does better than its star.",
        ),
        (
            "It holds θ₂ as firmly as θ₁, although A hardly needs θ₂.",
            True,
            "One λ for both: firm enough for θ₁ is too firm for θ₂, which B wants to move.",
        ),
        (
            "It knows nothing of task B.",
            False,
            "Neither does MAS: both bowls are made before B is seen.",
        ),
    ),
    Question(
        "A's right answer is 0 for every input, and the network has learned it. What is Ω?",
        (
            "0 for every weight: MAS protects nothing.",
            True,
            "The gradient of F² is 2 F ∂F/∂θ, and F is 0. This is the blind spot of ‖F‖².",
        ),
        (
            "Large: every change of a weight would spoil the answer.",
            False,
            "It would, but Ω is a first derivative of F², and F² has its minimum here.",
        ),
        (
            "It depends on A's labels.",
            False,
            "Ω never sees labels, only outputs; and these are 0.",
        ),
    ),
)
