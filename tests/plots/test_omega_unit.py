"""The unit of Ω on axes, colour bars and in captions."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import pytest
import torch
from matplotlib.axes import Axes

import mas_edu as me
from mas_edu import plots
from mas_edu.methods import METHODS
from mas_edu.plots import captions
from tests.support.plots import run

OMEGA = {"weight": torch.rand(4, 6) + 0.1}


class MyMethod(me.Method):
    unit: ClassVar[str] = "loss per layer"


class MethodWithoutUnit(me.Method):
    pass


def of(method: str | None) -> me.Record:
    """A run of this method that has an Ω."""
    settings = run().settings | {"method": method}
    if method is None:
        del settings["method"]
    return dataclasses.replace(run(), omegas=(OMEGA,), settings=settings)


def bar_label(ax: Axes) -> str:
    """What stands along the colour bar, on one line."""
    (image,) = [*ax.images, *ax.collections]
    return str(image.colorbar.ax.get_ylabel().replace("\n", " "))


def labels(record: me.Record) -> list[str]:
    """What each plot of Ω says about it."""
    distribution = plots.omega_distribution(record).get_xlabel().replace("\n", " ")
    return [
        bar_label(plots.omega_heatmap(record)),
        bar_label(plots.omega_units(record, (1, 2, 3))),
        bar_label(plots.omega_image(record, (1, 2, 3))),
        distribution.split(" (dashed")[0].strip(),
    ]


@pytest.mark.parametrize(
    ("method", "unit"),
    [
        ("MAS(data='test')", "output² per unit of weight"),
        ("EWC(kind='empirical', gamma=0.5, separate=False)", "log-likelihood² per unit of weight²"),
        ("SI(xi=0.1)", "loss per unit of weight²"),
        ("RWalk(decay=0.9, every=10, epsilon=0.001)", "without unit"),
        ("MyMethod()", "loss per layer"),
    ],
)
def test_plots_and_captions_of_a_record_have_the_unit_of_its_method(method, unit):
    record = of(method)
    assert bar_label(plots.omega_heatmap(record)) == f"Ω, {unit}"
    assert f" {unit}, 0 % are exactly 0." in captions.omega(record)
    assert captions.distribution(record).startswith(f"Distribution of Ω ({unit}), ")


@pytest.mark.parametrize("method", [None, "Unknown(a=1)", "by hand", "MethodWithoutUnit()"])
def test_a_unit_that_is_not_known_is_left_out(method):
    record = of(method)
    assert bar_label(plots.omega_heatmap(record)) == "Ω"
    assert captions.distribution(record).startswith("Distribution of Ω, zeros")
    assert "unit of weight" not in captions.omega(record)


def test_tensors_have_the_unit_of_mas_or_the_one_given():
    assert bar_label(plots.omega_heatmap(OMEGA)) == "Ω, output² per unit of weight"
    assert bar_label(plots.omega_heatmap(OMEGA, unit="loss")) == "Ω, loss"
    assert bar_label(plots.omega_units(OMEGA["weight"], (1, 2, 3), unit="loss")) == "Ω, loss"
    assert plots.omega_distribution(OMEGA, unit="loss").get_xlabel().startswith("Ω, loss ")
    assert " loss, 0 % are" in captions.omega(OMEGA, unit="loss")


@pytest.mark.parametrize("name", [name for name, kind in METHODS.items() if kind.penalised])
def test_every_method_with_a_penalty_says_its_unit(name):
    assert METHODS[name].unit


def test_every_plot_of_a_loaded_record_has_the_unit(tmp_path):
    record = me.Record.load(of("SCP()").save(tmp_path))
    assert labels(record) == ["Ω, output² per unit of weight²"] * 4
    assert plots.omega_distribution(of(None)).get_xlabel().startswith("Ω (")
