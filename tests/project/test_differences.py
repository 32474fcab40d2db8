"""Why some published numbers are not reproduced: the parts of `make differences`."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import mas_edu as me
from mas_edu.reproduction.run import Runs
from tools.experiments import differences
from tools.experiments.differences import EXPERIMENTS, Carried, standardised
from tools.paths import REPRODUCTION
from tools.readme import blocks

SHORT = {"epochs": 1, "batch": 64, "evaluations": 1}


def steps_counted(schedule: me.Schedule, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the updates in the averages of Adam at the end of each task."""
    made: list[Any] = []
    plain = me.Schedule.make_optimizer
    monkeypatch.setattr(
        me.Schedule, "make_optimizer", lambda *given: made.append(plain(*given)) or made[-1]
    )
    me.learn(me.split(scenario="domain"), me.FineTune(), schedule=schedule, progress=False)
    return [int(one.steps) for one in dict.fromkeys(made)]


def test_carried_averages_go_on_over_all_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = [-(-len(task.x) // 64) for task in me.split(scenario="domain")]
    assert steps_counted(me.Schedule(**SHORT), monkeypatch) == counts
    assert steps_counted(Carried(**SHORT), monkeypatch) == [sum(counts)]


def test_another_run_with_the_same_schedule_starts_afresh() -> None:
    stream, carried = me.split(scenario="domain"), Carried(**SHORT)
    once, again = (
        me.learn(stream, me.FineTune(), schedule=carried, progress=False).accuracy for _ in range(2)
    )
    assert (once == again).all()


def test_standardised_images_have_a_frame_mean_zero_and_deviation_one() -> None:
    before = me.split(scenario="domain", val=0.0)
    after = standardised(before)
    x = torch.cat([task.x for task in after])
    assert abs(float(x.mean())) < 1e-4
    assert abs(float(x.std()) - 1) < 1e-4
    square = after[1].x.reshape(-1, 12, 12)
    assert (square[:, :2] == square[0, 0, 0]).all()
    inner, images = square[:, 2:-2, 2:-2].flatten(1), before[1].x
    same = (images - images.mean()) / images.std()
    torch.testing.assert_close((inner - inner.mean()) / inner.std(), same)
    assert (after[1].y == before[1].y).all()
    assert [len(task.x_test) for task in after] == [len(task.x_test) for task in before]


CASES = [
    (name, row, way)
    for name, experiment in EXPERIMENTS.items()
    for row in experiment.lams
    for way in experiment.ways
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "row", "way"), CASES)
def test_each_way_changes_the_result(name: str, row: str, way: str) -> None:
    experiment = EXPERIMENTS[name]
    protocol = differences.small(experiment.protocol)
    found, this_library = (
        experiment.average(row, one, 0, protocol) for one in (way, differences.THIS_LIBRARY)
    )
    assert 10 < found < 100
    assert (way == differences.THIS_LIBRARY) == (found == this_library)


@pytest.mark.parametrize(("name", "row"), [("split", "SI"), ("permuted", "EWC")])
def test_this_library_is_what_reproduce_measures(name: str, row: str) -> None:
    """On the same parts of the data: validation where λ is chosen, else test."""
    experiment = EXPERIMENTS[name]
    protocol = differences.small(experiment.protocol)
    entry = next(entry for entry in protocol.entries if entry.name == row)
    lams = [experiment.lams[row], 0.0] if experiment.choosing else [experiment.lams[row]]
    record = Runs(jobs=1, progress=False)(protocol, entry, lams)[0]
    wanted = record.validated if experiment.choosing else record.average
    found = experiment.average(row, differences.THIS_LIBRARY, record.settings["seed"], protocol)
    assert found == pytest.approx(100 * wanted, abs=1.0)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_readme_has_the_table_of_the_present_settings(name: str) -> None:
    text, experiment = REPRODUCTION.read_text(encoding="utf-8"), EXPERIMENTS[name]
    there = blocks.block(f"differences {name}").search(text)
    assert there
    assert f"<!-- differences {name}: {experiment.code} -->" in there[0]
    assert experiment.caption in there[0]
    rows = [line.split(" | ")[0] for line in there[0].splitlines() if line.startswith("| ")]
    assert rows[1:] == [f"| {row}" for row in experiment.lams]
    found = {(row, way): [1.0, 2.0] for row in experiment.lams for way in experiment.ways}
    fresh = differences.renewed(text, name, found)
    made = blocks.block(f"differences {name}").search(fresh)
    assert made
    assert fresh != text
    assert fresh.replace(made[0], there[0]) == text


def test_the_small_protocol_chooses_lambda_as_the_experiment_does() -> None:
    protocol = differences.small(differences.PERMUTED)
    assert len(protocol.tasks(choosing=True)) == 3
    assert protocol.tasks(choosing=True)[0].x_val is not None
