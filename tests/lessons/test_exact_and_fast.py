"""The notebook on how Ω is computed: what is measured, and what the picture says of it."""

from __future__ import annotations

import pytest
import torch

import mas_edu as me
from mas_edu.lessons import exact_and_fast
from mas_edu.lessons.exact_and_fast import experiment


@pytest.fixture
def costs() -> experiment.Costs:
    ways = ((0.1, 0.2), (0.2, 0.3), (0.8, 3.2))
    return experiment.Costs(64, (8, 32), dict(zip(experiment.WAYS, ways, strict=True)), 2)


def test_the_loop_goes_through_few_samples_and_counts_for_all(monkeypatch) -> None:
    """Eight of 32 samples, so four times their seconds."""
    looped = []
    monkeypatch.setattr(experiment.reference, "mas", lambda model, x: looped.append(len(x)))
    monkeypatch.setattr(experiment, "_seconds", lambda run: (run(), 1.0)[1])
    medians = experiment._medians(me.mlp([784, 8, 10]), torch.rand(32, 784), rounds=3)
    assert medians[experiment.LOOP] == 4.0
    assert looped == [8]


def test_costs_are_measured_once_and_again_by_another_number() -> None:
    first = exact_and_fast.measure(8, samples=(2,), rounds=1)
    assert exact_and_fast.measure(8, samples=(2,), rounds=1) is first
    assert exact_and_fast.measure(8, 2, samples=(2,), rounds=1) is not first


def test_threads_stay_what_they_were() -> None:
    torch.set_num_threads(1)
    assert exact_and_fast.measure(8, 3, samples=(2,), rounds=1).threads == 2
    assert torch.get_num_threads() == 1


def test_the_picture_and_its_words_say_the_same(costs: experiment.Costs) -> None:
    assert costs.passes(experiment.EXACT) == pytest.approx((2, 1.5))
    words = exact_and_fast.describe(costs)
    assert words.startswith("For 32 samples exact Ω costs 1.5 plain passes, and one sample at a")
    title = exact_and_fast.draw(costs).texts[0].get_text()
    assert title == "32 samples: exact Ω costs 1.5 plain passes"


def test_an_unknown_unit_is_named(costs: experiment.Costs) -> None:
    with pytest.raises(ValueError, match="did you mean 'seconds'"):
        exact_and_fast.draw(costs, "second")
