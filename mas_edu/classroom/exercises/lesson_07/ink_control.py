"""Exercise 07.4, `ink_control`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.importance import mas, reference


def ink_control(trained: nn.Module, untrained: nn.Module, x: Tensor) -> dict[str, float]:
    """Return Pearson's correlation of the pixel map of Ω with the ink, for both networks.

    trained, untrained: networks; their first weight is [units, pixels]. Ω may come from `me.mas`.
    x: images, [N, pixels], never negative; the ink is their mean.
    Returns {"trained": ..., "untrained": ...}.
    """
    found = {}
    for name, model in (("trained", trained), ("untrained", untrained)):
        omega = next(iter(mas(model, x).values()))  # of the first weight
        both = torch.stack([omega.mean(dim=0), x.mean(dim=0)])  # [2, pixels]
        found[name] = torch.corrcoef(both)[0, 1].item()
    return found


def _ink_cases(seed: int) -> list[Case]:
    """Draw two networks on images with ink in the middle; as many units as pixels."""
    draw = torch.Generator().manual_seed(seed)
    nets = []
    for _ in range(2):
        net = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2)).double()
        for weight in net.parameters():
            weight.data = torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        nets.append(net)
    ink = 0.5 + torch.linspace(0.2, 3.0, 8, dtype=torch.float64).sin()
    x = ink * torch.rand(3, 8, generator=draw, dtype=torch.float64)
    return [{"trained": nets[0], "untrained": nets[1], "x": x}]


def _first_omega(model: nn.Module, x: Tensor) -> Tensor:
    return next(iter(reference.mas(model, x).values()))  # quicker than mas for a few samples


def _control_if(
    *,
    of: Any = lambda model, x: _first_omega(model, x).mean(0),
    ink: Any = lambda x: x.mean(0),
    alike: Any = lambda a, b: float(torch.corrcoef(torch.stack([a, b]))[0, 1]),
) -> Any:
    """Return another comparison: `alike(of(model, x), ink(x))` for both networks."""

    def wrong(trained: nn.Module, untrained: nn.Module, x: Tensor) -> dict[str, float]:
        nets = {"trained": trained, "untrained": untrained}
        return {name: alike(of(net, x), ink(x)) for name, net in nets.items()}

    return wrong


def _rank_correlation(a: Tensor, b: Tensor) -> float:
    ranks = torch.stack([one.argsort().argsort().double() for one in (a, b)])
    return float(torch.corrcoef(ranks)[0, 1])


def _with_trained_map(trained: nn.Module, untrained: nn.Module, x: Tensor) -> dict[str, float]:
    maps = [_first_omega(net, x).mean(0) for net in (trained, untrained)]
    return {"trained": 1.0, "untrained": float(torch.corrcoef(torch.stack(maps))[0, 1])}


def _judge_control(case: Case, found: Any) -> str:
    if any(abs(one) > 1 + 1e-6 for one in found.values()):
        return "A correlation lies between −1 and 1: divide by both standard deviations."
    return ""


CONTROL = Exercise(
    id="07.4",
    name="ink_control",
    points=2,
    asks="Does a pixel map of Ω show what a network has learned? Compute how much it looks like "
    "the ink, then compute the same for a control, the untrained network.",
    solution=ink_control,
    why="Only the training differs between the two. What both maps show cannot come from it.",
    hints=(
        "Which three lists do you need, each with one number for a pixel?",
        "Ω of the first weight is [units, pixels]; average over the units. The ink is the mean "
        "image.",
        "Take Ω of the first weight by me.mas, its mean over dim 0, and torch.corrcoef of that and "
        "x.mean(0), once for each network.",
    ),
    mistakes={
        "same network": (
            lambda trained, untrained, x: ink_control(trained, trained, x),
            "Both numbers are those of the trained network: the control needs Ω of the untrained "
            "one.",
        ),
        "swapped": (
            lambda trained, untrained, x: ink_control(untrained, trained, x),
            "The two numbers have changed places: each belongs to the other network.",
        ),
        "with the trained map": (
            _with_trained_map,
            "The untrained map is compared with the trained one: compare each map with the ink.",
        ),
        "weights": (
            _control_if(of=lambda model, x: next(model.parameters()).detach().abs().mean(0)),
            "This is a map of |w|: Ω asks how the output moves, not how large a weight is.",
        ),
        "units": (
            _control_if(of=lambda model, x: _first_omega(model, x).mean(1)),
            "The mean is taken over the pixels: that leaves a number for each unit, not for each "
            "pixel.",
        ),
        "one image": (
            _control_if(ink=lambda x: x[0]),
            "The ink is that of the first image alone: take the mean over all of them.",
        ),
        "one unit": (
            _control_if(of=lambda model, x: _first_omega(model, x)[0]),
            "This is the map of the first unit alone: take the mean over all units.",
        ),
        "not centred": (
            _control_if(alike=lambda a, b: float(a @ b / (a.norm() * b.norm()))),
            "This is the cosine of the two maps: a correlation subtracts each mean first.",
        ),
        "covariance": (
            _control_if(alike=lambda a, b: float(torch.cov(torch.stack([a, b]))[0, 1])),
            "This is the covariance: a correlation divides it by both standard deviations.",
        ),
        "ranks": (
            _control_if(alike=_rank_correlation),
            "This is a rank correlation: correlate the values themselves, by Pearson's formula.",
        ),
        "squared": (
            _control_if(alike=lambda a, b: float(torch.corrcoef(torch.stack([a, b]))[0, 1]) ** 2),
            "These are squared correlations: leave them as they are.",
        ),
    },
    cases=_ink_cases,
    judge=_judge_control,
)
