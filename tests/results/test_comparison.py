"""Comparisons: the table holds the numbers of the records, and an unfair one is refused."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import mas_edu as me
from mas_edu.results import compare, comparison
from mas_edu.results.summary import MEASURES, paired_difference

Record = me.Record
SETTINGS: dict[str, Any] = {
    "stream": {"name": "rotated digits", "stream": "rotated", "tasks": 2, "step": 20.0},
    "method": "MAS()",
    "lam": 0.1,
    "seed": 0,
    "schedule": {"epochs": 1, "steps": None, "batch": 32, "lr": 0.001, "precision": "fp32"},
    "updates": [5, 7],
    "evidence": {"start": "s", "tasks": ["a", "b"], "batches": ["c", "d"], "rehearses": False},
}


def run(
    method: str = "MAS()", seed: int = 0, end: float = 0.5, lam: float | None = 0.1, **more: Any
) -> Record:
    """A made-up finished run; `end`: accuracy on the first task at the end."""
    evidence = SETTINGS["evidence"] | {"start": f"s{seed}", "batches": [f"c{seed}", f"d{seed}"]}
    if method == "Joint()":
        evidence |= {"rehearses": True, "batches": ["all", "of them"]}
    settings = {**SETTINGS, "method": method, "lam": lam, "seed": seed, "evidence": evidence}
    return Record(
        [[0.9, 0.1], [end, 0.8]],
        settings=json.loads(json.dumps(settings)),
        seconds=more.pop("seconds", 1.0),
        omega_seconds=0.25,
        **more,
    )


def with_settings(record: Record, **settings: Any) -> Record:
    return dataclasses.replace(record, settings=record.settings | settings)


def with_evidence(record: Record, **evidence: Any) -> Record:
    return with_settings(record, evidence=record.settings["evidence"] | evidence)


def with_schedule(record: Record, **schedule: Any) -> Record:
    return with_settings(record, schedule=record.settings["schedule"] | schedule)


ENDS = {"MAS()": (0.6, 0.7, 0.65), "EWC(gamma=1.0)": (0.5, 0.6, 0.54), "Joint()": (0.9, 0.9, 0.8)}
RUNS = [
    run(method, seed, end, None if method == "Joint()" else 0.1, seconds=seed + 1.0)
    for method, ends in ENDS.items()
    for seed, end in enumerate(ends)
]


# ---- the table ---------------------------------------------------------------------------------


def test_a_row_has_the_mean_and_the_interval_of_its_runs():
    row = next(row for row in compare(RUNS).rows if row.method == "MAS()")
    for measure in MEASURES:
        values = [getattr(record, measure) for record in RUNS[:3]]
        assert getattr(row, measure) == me.interval(values)
    assert row.average.mean == pytest.approx((0.7 + 0.75 + 0.725) / 3)
    assert (row.lam, row.label, row.reference) == (0.1, "MAS, λ = 0.1", False)
    assert (row.seconds, row.omega_seconds) == (2.0, 0.25)


def test_the_best_row_comes_first_and_seeds_are_sorted():
    found = compare(RUNS[::-1])
    assert [row.label for row in found.rows] == ["Joint", "MAS, λ = 0.1", "EWC, λ = 0.1"]
    assert found.seeds == (0, 1, 2)
    assert found.to_frame().equals(compare(RUNS).to_frame())
    assert [row.reference for row in found.rows] == [True, False, False]


def test_each_lam_and_each_setting_of_a_method_is_a_row():
    rows = compare(
        [run(), run(lam=1.0), run("EWC(gamma=0.5)"), run("EWC(gamma=1.0)"), run("L2()")]
    ).rows
    assert {row.label for row in rows} == {
        "MAS, λ = 0.1", "MAS, λ = 1", "EWC(gamma=0.5), λ = 0.1", "EWC, λ = 0.1",
        "L2, λ = 0.1",
    }  # fmt: skip


def test_the_frame_has_one_row_for_each_method_and_lam():
    frame = compare(RUNS).to_frame()
    assert list(frame.method) == ["Joint()", "MAS()", "EWC(gamma=1.0)"]
    assert list(frame.seeds) == [3, 3, 3]
    for measure in MEASURES:
        assert {measure, f"{measure}_low", f"{measure}_high"} <= set(frame)
        assert (frame[f"{measure}_low"] <= frame[measure]).all()
    assert list(frame.reference) == [True, False, False]


def test_the_table_says_what_was_the_same_and_shows_every_row(capsys):
    text = repr(compare(RUNS))
    first, how, head, *rows = text.splitlines()
    assert first == (
        "rotated digits, 2 tasks of 5 to 7 updates with 32 samples each, 3 seeds: same initial "
        "weights, same batches for all"
    )
    assert "95 % interval" in how
    assert head.split() == ["average", "forgetting", "learned", "seconds", "of", "them", "Ω"]
    mean, low, high = (100 * value for value in compare(RUNS).rows[1].average)
    assert f"{mean:.1f} [{low:.1f}, {high:.1f}]" in rows[1]
    assert rows[0].startswith("Joint*")
    assert rows[0].split()[-1] == "-"  # no λ, no Ω
    assert "* Joint trains on earlier tasks' data again" in text


def test_the_table_of_a_notebook_is_escaped_html_with_the_same_cells():
    page = compare([run("Own<b>"), run()])._repr_html_()
    assert "Own&lt;b&gt;, λ = 0.1" in page
    assert page.count("<tr") == 3
    assert "one seed, so no interval" in page
    assert "[nan" not in page


def test_nothing_in_it_can_be_changed():
    found = compare(RUNS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.rows = ()  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.rows[0].records = ()  # type: ignore[misc]


# ---- what is certain ---------------------------------------------------------------------------


def test_the_difference_is_taken_seed_by_seed():
    """Seeds that differ much, a lead that is the same in each: paired it is certain."""
    ends = (0.1, 0.5, 0.9)
    runs = [run(seed=seed, end=end) for seed, end in enumerate(ends)]
    runs += [run("L2()", seed, end - 0.04 - 0.002 * seed) for seed, end in enumerate(ends)]
    first, second = compare(runs).rows
    apart = paired_difference(first, second)
    assert apart == pytest.approx(me.interval([0.02, 0.021, 0.022]))
    assert first.average.low < second.average.high  # side by side the intervals overlap
    assert "MAS, λ = 0.1 is ahead of L2, λ = 0.1 by 2.1 points" in compare(runs).verdict
    assert compare(runs).verdict.endswith("3 seeds tell them apart.")


def test_a_lead_that_may_be_chance_is_called_chance():
    ends = {"MAS()": (0.5, 0.7, 0.6), "L2()": (0.6, 0.5, 0.6)}
    runs = [run(m, seed, end) for m, several in ends.items() for seed, end in enumerate(several)]
    assert compare(runs).verdict.endswith("3 seeds do not tell them apart.")
    assert "one seed cannot say" in compare([runs[1], runs[4]]).verdict
    assert compare([run(), run("L2()")]).verdict.startswith("MAS, λ = 0.1 and L2, λ = 0.1 are lev")
    assert compare([run()]).verdict == ""


def test_the_verdict_leaves_references_out_and_takes_the_lam_of_the_validation():
    few = [[0.1, 0.1], [0.1, 0.1]]
    many = [[0.9, 0.9], [0.9, 0.9]]
    runs = [
        run(end=0.9, lam=1.0, validation=few),
        run(end=0.6, lam=0.1, validation=many),
        run("L2()", end=0.5),
        run("Joint()", end=1.0, lam=None),
    ]
    assert [row.label for row in compare(runs).best] == ["MAS, λ = 0.1", "L2, λ = 0.1"]


def test_costs_measured_under_different_conditions_are_noted():
    alone, beside = run(), run("L2()", side_by_side=6)
    assert "train them one by one" in repr(compare([alone, beside]))
    assert "one by one" not in repr(compare([alone, run("L2()")]))


# ---- what is refused ---------------------------------------------------------------------------

ONE, OTHER = "MAS, λ = 0.1, seed 0", "L2, λ = 0.1, seed 0"
DIFFERENT: dict[str, tuple[Callable[[Record], Record], str]] = {
    "updates": (
        lambda record: with_settings(record, updates=[5, 8]),
        r"the number of updates a task: \[5, 7\] against \[5, 8\]; give both the same epochs",
    ),
    "batch": (
        lambda record: with_schedule(record, batch=64),
        "the batch of the schedule: 32 against 64; give both the same Schedule",
    ),
    "precision": (
        lambda record: with_schedule(record, precision="bf16"),
        "the precision of the schedule: fp32 against bf16",
    ),
    "learning rate": (lambda record: with_schedule(record, lr=0.01), "the lr of the schedule"),
    "a setting more": (
        lambda record: with_schedule(record, warmup=3),
        "the warmup of the schedule: None against 3",
    ),
    "stream": (
        lambda record: with_settings(record, stream=SETTINGS["stream"] | {"name": "mine"}),
        "the name of the stream: rotated digits against mine; train on one stream",
    ),
    "step": (
        lambda record: with_settings(record, stream=SETTINGS["stream"] | {"step": 30.0}),
        "the step of the stream: 20.0 against 30.0",
    ),
    "names": (
        lambda record: dataclasses.replace(record, names=("x", "y")),
        r"the names of the tasks: \['task 1', 'task 2'\] against \['x', 'y'\]",
    ),
    "data": (
        lambda record: with_evidence(record, tasks=["a", "z"]),
        "the samples of the tasks; train on the same data",
    ),
    "weights": (
        lambda record: with_evidence(record, start="other"),
        "the initial weights or layers; give both the same model and the same seed",
    ),
    "order": (
        lambda record: with_evidence(record, batches=["c", "z"]),
        "the order of the samples; train both with one version",
    ),
}


@pytest.mark.parametrize(("change", "message"), DIFFERENT.values(), ids=DIFFERENT)
def test_records_that_differ_are_refused_with_the_difference_and_the_remedy(change, message):
    runs = [run(), change(run("L2()"))]
    with pytest.raises(ValueError, match=f"^records: {ONE} and {OTHER} differ in {message}") as e:
        compare(runs)
    assert "\n" not in str(e.value)
    with pytest.raises(ValueError, match="differ in"):
        compare(runs[::-1])


def test_settings_with_keys_of_any_kind_are_compared():
    streams = {1: 1, "a": (2, 3)}, {"a": [2, 3], "1": 1}, {1: 1, "1": 2}, {"1": 2, 1: 1}
    one, same, lost, turned = (with_settings(run(), stream=stream) for stream in streams)
    compare([one, with_settings(same, method="L2()")])
    for pair in ((one, lost), (lost, turned)):
        with pytest.raises(ValueError, match=r"^records: two runs of .* differ in the"):
            compare(pair)


def test_runs_of_one_row_began_with_one_anchor():
    brought = [with_settings(run(seed=seed), anchor="abc") for seed in (0, 1)]
    assert len(compare(brought).rows) == 1
    assert len(compare([*brought, run("L2()"), run("L2()", 1)]).rows) == 2
    for other in (run(seed=1), with_settings(run(seed=1), anchor="xyz")):
        with pytest.raises(ValueError, match="differ in the anchor they began with"):
            compare([brought[0], other])


def test_runs_of_one_row_had_omega_from_the_same_inputs():
    method = "MAS(data=<lambda>)"
    one = [with_settings(run(method, seed=seed), data=["<9 inputs, a>"]) for seed in (0, 1)]
    assert len(compare(one).rows) == 1
    for seed in (0, 1):
        other = with_settings(run(method, seed=seed), data=["<9 inputs, b>"])
        with pytest.raises(
            ValueError, match=r"differ in the inputs that their function returned; .*def"
        ):
            compare([one[0], other])


def test_a_reference_may_have_other_batches_but_no_other_difference():
    joint = run("Joint()", lam=None)
    assert len(compare([joint, run(), run("L2()")]).rows) == 3
    with pytest.raises(ValueError, match="differ in the initial weights"):
        compare([run(), with_evidence(joint, start="other")])
    with pytest.raises(ValueError, match="differ in the number of updates"):
        compare([run(), with_settings(joint, updates=[9, 9])])
    with pytest.raises(ValueError, match=r"L2.* differ in the order of the samples"):
        compare([joint, run(), with_evidence(run("L2()"), batches=["x", "y"])])


def test_epochs_and_steps_of_equal_updates_are_the_same_budget():
    assert compare([run(), with_schedule(run("L2()"), epochs=9, steps=6)])


@pytest.mark.parametrize(
    ("seeds", "others", "message"),
    [
        ((0, 1, 2), (0, 1), r"L2, λ = 0.1 lacks seed 2, which MAS, λ = 0.1 has; .* seeds=\[2\]"),
        ((0,), (1, 2, 0), r"MAS, λ = 0.1 lacks seeds 1, 2, which L2, λ = 0.1 has"),
        ((0, 1), (1, 2), r"MAS, λ = 0.1 lacks seed 2"),
    ],
)
def test_seeds_that_are_missing_are_named(seeds, others, message):
    runs = [run(seed=seed) for seed in seeds] + [run("L2()", seed) for seed in others]
    with pytest.raises(ValueError, match=f"^records: {message}"):
        compare(runs)


def test_a_lam_that_lacks_a_seed_is_named():
    with pytest.raises(ValueError, match=r"MAS, λ = 1 lacks seed 1, which MAS, λ = 0.1 has"):
        compare([run(), run(seed=1), run(lam=1.0)])


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "expected at least one Record, got an empty list"),
        (3, "expected a Record, got int"),
        ([run(), "MAS"], "expected a Record, got str"),
        ([[run()], [run("L2()")]], "expected a Record, got list"),
        ([run(), run()], f"{ONE} is there twice; give each method, λ and seed once"),
    ],
)
def test_anything_but_a_list_of_records_is_refused(records, message):
    with pytest.raises(ValueError, match=f"^records: {message}"):
        compare(records)


def test_an_unfinished_run_is_named():
    part = dataclasses.replace(run("L2()"), accuracy=[[0.9, 0.1], [np.nan, np.nan]])
    with pytest.raises(ValueError, match=f"{OTHER} has learned 1 of 2 tasks and is not finished"):
        compare([run(), part])


@pytest.mark.parametrize("name", ["evidence", "seed", "updates", "schedule", "method"])
@pytest.mark.parametrize("value", [None, "x", {}])
def test_a_record_without_evidence_is_refused(name, value):
    if name == "method" and value == "x":
        return  # a name like any other
    record = with_settings(run(), **{name: value})
    with pytest.raises(ValueError, match=r"does not say what it started from .* train it again"):
        compare([record])
    del record.settings[name]
    with pytest.raises(ValueError, match="made by hand or by an earlier version"):
        compare([record])


@pytest.mark.parametrize(
    "settings",
    [{"lam": np.nan}, {"lam": "0.1"}, {"lam": [1]}, {"updates": ["a", "b"]}, {"schedule": {}}],
    ids=str,
)
def test_numbers_that_training_never_writes_are_refused(settings):
    with pytest.raises(ValueError, match=r"^records: MAS.* does not say what it started from"):
        compare([with_settings(run(), **settings)])


def test_two_runs_of_one_name_are_told_apart():
    with pytest.raises(ValueError, match=f"^records: two runs of {ONE} differ in the number of"):
        compare([run(), with_settings(run(), updates=[9, 9])])


# ---- real runs ---------------------------------------------------------------------------------


def test_runs_alone_in_a_sweep_and_from_the_disk_compare(digits, short, tmp_path):
    more: dict[str, Any] = {"schedule": short, "progress": False}
    alone = [me.learn(digits, me.SI(), 0.1, seed=seed, **more) for seed in (0, 1)]
    swept = me.sweep(digits, me.MAS(), [0.1, 1.0], [0, 1], **more)
    joint = me.sweep(digits, me.Joint(), [0.0], [0, 1], **more)
    kept = [Record.load(r.save(tmp_path / f"{i}")) for i, r in enumerate([*swept, *joint])]
    found = compare([*alone, *kept])
    assert {row.label for row in found.rows} == {
        "SI, λ = 0.1", "MAS, λ = 0.1", "MAS, λ = 1", "Joint"
    }  # fmt: skip
    mas = next(row for row in found.rows if row.label == "MAS, λ = 1")
    assert mas.average.mean == pytest.approx(statistics.fmean(r.average for r in swept[2:]))
    assert not found.alike


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"schedule": me.Schedule(steps=31, evaluations=3)}, "number of updates"),
        ({"schedule": me.Schedule(steps=30, evaluations=3, batch=16)}, "batch of the schedule"),
        ({"schedule": me.Schedule(steps=30, evaluations=3, lr=0.1)}, "lr of the schedule"),
        ({"model": me.mlp([64, 64, 10], seed=5)}, "initial weights"),
        ({"model": me.mlp([64, 12, 10], seed=0)}, "initial weights"),
        ({"stream": me.rotated("digits", tasks=2, step=90, samples=201)}, "samples of the stream"),
        ({"stream": me.rotated("digits", tasks=3, step=90, samples=200)}, "tasks of the stream"),
        ({"stream": me.permuted("digits", tasks=2, samples=200)}, "name of the stream"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_real_runs_of_different_budgets_are_refused(digits, short, other, message):
    given: dict[str, Any] = {"stream": digits, "schedule": short}
    records = [
        me.learn(method=method, progress=False, **more)
        for method, more in ((me.FineTune(), given), (me.L2(), given | other))
    ]
    with pytest.raises(ValueError, match=f"FineTune, seed 0 and L2.* differ in the {message}"):
        compare(records)


class Bent(nn.Module):
    """Two layers, and between them a function that neither the weights nor the layers show."""

    def __init__(self, bend: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second, self.bend = nn.Linear(64, 16), nn.Linear(16, 10), bend

    def forward(self, x: Tensor) -> Tensor:
        """The logits."""
        return self.second(self.bend(self.first(x)))


def test_networks_that_differ_in_their_forward_pass_alone_are_told_apart(digits, short):
    relu, l2, sine = (
        me.learn(digits, method, model=Bent(bend), schedule=short, progress=False)
        for method, bend in (
            (me.FineTune(), torch.relu), (me.L2(), torch.relu), (me.L2(), torch.sin)
        )
    )  # fmt: skip
    assert len(compare([relu, l2]).rows) == 2
    with pytest.raises(ValueError, match="differ in the accuracy before any learning; give both"):
        compare([relu, sine])
    elsewhere = replace(l2, initial=l2.initial + 0.004)  # one answer in 250, on another processor
    assert len(compare([relu, elsewhere]).rows) == 2
    assert len(compare([relu, replace(sine, initial=None)]).rows) == 2


def test_the_same_network_given_or_made_is_the_same_start(digits, short):
    made = me.learn(digits, me.FineTune(), schedule=short, progress=False)
    model = me.mlp([64, 64, 10], seed=0)
    given = me.learn(digits, me.L2(), schedule=short, model=model, progress=False)
    assert len(comparison.compare([made, given]).rows) == 2
