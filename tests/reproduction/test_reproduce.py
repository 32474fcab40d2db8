"""Published experiments: the settings, the choice of λ, the verdicts, what is stored."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.cli import main
from mas_edu.reproduction import protocols, report, results
from mas_edu.reproduction import run as reproduce
from mas_edu.reproduction.protocol import Claim, Entry, Protocol, quick_version
from mas_edu.reproduction.protocols import PROTOCOLS
from mas_edu.results import Interval

SHORT = me.Schedule(steps=30, lr=0.01, evaluations=1)
TINY = Protocol(
    name="tiny",
    title="Two turned tasks",
    stream={"kind": "rotated", "dataset": "digits", "tasks": 2, "step": 60, "samples": 200},
    hidden=(16,),
    schedule=SHORT,
    entries=(
        Entry("fine-tuning", me.FineTune(), claim=Claim(50, 50, source="a paper")),
        Entry("MAS", me.MAS(), (0.0, 1.0, 1e9), Claim(99.9, least=True, source="a paper")),
    ),
    seeds=(0, 1),
    choosing=SHORT,
    choosing_seeds=(7,),
    deviations=("it is tiny",),
)
every_protocol = pytest.mark.parametrize(
    "protocol", [*protocols.all_protocols()], ids=lambda p: p.name
)
STORED = sorted(Path(reproduce.__file__).with_name(results.STORED).glob("*.json"))


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Protocol:
    """The only experiment there is."""
    monkeypatch.setitem(PROTOCOLS, "tiny", (TINY,))
    return TINY


# ---- the settings


@every_protocol
def test_settings_are_plain_values_and_say_if_quick(protocol):
    assert json.loads(json.dumps(protocol.settings)) == protocol.settings
    quick = quick_version(protocol)
    assert quick.settings != protocol.settings
    assert quick.settings["quick"]
    assert len(quick.seeds) == 2


@every_protocol
def test_lam_is_chosen_on_seeds_that_do_not_count(protocol):
    assert not set(protocol.seeds) & set(protocol.choosing_seeds)
    assert 0 < protocol.val < 1
    for entry in protocol.entries:
        assert entry.lams == tuple(sorted(set(entry.lams)))
        assert entry.method.penalised or len(entry.lams) == 1


def test_test_parts_are_never_set_aside_and_validation_parts_only_to_choose():
    assert all(task.x_val is not None for task in TINY.tasks(choosing=True))
    assert all(task.x_val is None for task in TINY.tasks())
    sizes = {len(task.x_test) for task in (*TINY.tasks(choosing=True), *TINY.tasks())}
    assert len(sizes) == 1


def test_lam_may_be_chosen_on_the_first_tasks():
    first = replace(TINY, choosing_tasks=1)
    assert [task.name for task in first.tasks(choosing=True)] == [TINY.tasks()[0].name]
    assert len(first.tasks()) == 2
    assert torch.equal(first.tasks(choosing=True)[0].x, TINY.tasks(choosing=True)[0].x)
    assert first.settings["choosing"]["tasks"] == 1


@pytest.mark.parametrize(
    ("name", "row", "shown"),
    [
        ("seed", "MAS", "≥ 80.016"),
        ("split-task", "MAS", "≥ 99.2"),
        ("split-domain", "MAS", "≥ 68.6"),
        ("split-class", "MAS", "19.52 ± 0.29"),
        ("split-domain", "SI", "64.76 ± 3.09"),
        ("permuted", "MAS", "≥ 94.33"),
    ],
)
def test_claims_are_the_published_ones(name, row, shown):
    (protocol,) = (p for p in protocols.all_protocols() if p.name == name)
    (entry,) = (entry for entry in protocol.entries if entry.name == row)
    assert str(entry.claim) == shown


# ---- running


def test_rows_equal_runs_of_learn_with_the_lam_chosen_on_validation_parts(tiny, tmp_path):
    (found,) = reproduce.reproduce("tiny", store=tmp_path, progress=False)
    assert found["settings"] == tiny.settings
    plain, mas = found["rows"]
    assert plain["lam"] is None
    assert plain["validation"] == {}
    tried = me.sweep(
        tiny.tasks(choosing=True), me.MAS(), (0.0, 1.0, 1e9), [7],
        schedule=SHORT, model=lambda seed: me.mlp([64, 16, 10], seed), progress=False,
    )  # fmt: skip
    assert mas["lam"] == me.choose_lam(tried)
    assert list(mas["validation"]) == ["0", "1", "1e+09"]
    runs = [
        me.learn(
            tiny.tasks(), me.MAS(), mas["lam"], seed=seed,
            schedule=SHORT, model=me.mlp([64, 16, 10], seed), progress=False,
        )
        for seed in tiny.seeds
    ]  # fmt: skip
    averages = [100 * run.average for run in runs]
    assert mas["averages"] == pytest.approx(averages, abs=1)
    assert mas["mean"] == pytest.approx(np.mean(mas["averages"]), abs=1e-2)
    assert mas["low"] < mas["mean"] < mas["high"]
    assert mas["after"][-1] == pytest.approx(mas["mean"], abs=1e-2)


def test_a_row_may_have_more_updates_than_the_others_where_it_counts(tiny):
    longer = Entry("longer", me.MAS(), (0.0, 1.0), times=3)
    runs = reproduce.Runs(progress=False)
    (chosen, counted) = (runs(tiny, longer, lams)[0] for lams in (longer.lams, [1.0]))
    assert chosen.settings["updates"] == [30, 30]
    assert counted.settings["updates"] == [90, 90]
    assert longer.training(me.Schedule(epochs=4)).epochs == 12
    assert replace(tiny, entries=(longer,)).settings["rows"]["longer"]["times"] == 3


def test_a_second_call_resumes_from_the_store(tiny, tmp_path, monkeypatch):
    first = reproduce.reproduce("tiny", store=tmp_path, progress=False)

    def never(*_):
        raise AssertionError("trained again")

    monkeypatch.setattr(me.Training, "__iter__", never)
    monkeypatch.setattr("mas_edu.training.sweeps.grid.train_batched", never)
    assert reproduce.reproduce("tiny", store=tmp_path, progress=False) == first
    (one,) = reproduce.reproduce("tiny", store=tmp_path, seeds=1, progress=False)
    assert [row["low"] for row in one["rows"]] == [None, None]


def test_a_diverged_run_is_counted_and_not_averaged(tiny, tmp_path):
    wild = replace(tiny, schedule=replace(SHORT, optimizer="sgd", lr=1e25))
    with pytest.warns(UserWarning, match="diverged"):
        row = reproduce.run_entry(wild, tiny.entries[0], reproduce.Runs(progress=False))
    assert row["unfinished"] == 2
    assert row["mean"] is None
    assert row["verdict"] == "none: no run was finished"
    json.dumps(row, allow_nan=False)


def test_diverged_runs_are_reported_and_leave_no_verdict(tiny, monkeypatch):
    count = reproduce.Runs.__call__

    def one_lost(*args):
        records = count(*args)
        lost = replace(records[0], accuracy=np.full((2, 2), np.nan))
        return [lost, *records[1:]] if len(args[-1]) == 1 else records

    monkeypatch.setattr(reproduce.Runs, "__call__", one_lost)
    (found,) = reproduce.reproduce("tiny", rows=["fine-tuning"], progress=False)
    assert found["rows"][0]["verdict"] == "none: 1 of the runs diverged"
    assert "runs that diverged and are not in the mean: fine-tuning, 1" in report.format_result(
        found
    )


def test_a_row_that_diverges_for_every_lam_leaves_the_other_rows(tiny, tmp_path):
    wild = replace(tiny, choosing=replace(SHORT, optimizer="sgd", lr=1e25))
    with pytest.warns(UserWarning, match="diverged"):
        found = reproduce.run_protocol(wild, reproduce.Runs(progress=False), lambda line: None)
    tuned, mas = found["rows"]
    assert tuned["mean"] is not None
    assert (mas["mean"], mas["lam"]) == (None, None)
    assert mas["verdict"] == "none: no run was finished"
    kept = results.save_result(found, tmp_path).read_text(encoding="utf-8")
    assert mas["verdict"] in report.format_result(json.loads(kept))


# ---- judging


@pytest.mark.parametrize(
    ("claim", "mean", "half", "said"),
    [
        (Claim(90, 1), 90.9, 0.1, "within the published interval"),
        (Claim(90, 1), 91.5, 0.1, "above the published interval by 0.50"),
        (Claim(90, 1), 88.0, 0.9, "below the published interval by 1.00"),
        (Claim(90, 1), 88.0, 9.9, "below the published interval by 1.00, the two overlap"),
        (Claim(90, 1), 91.5, 0.6, "above the published interval by 0.50, the two overlap"),
        (Claim(90, 1), 91.5, float("nan"), "above the published interval by 0.50"),
        (Claim(90, least=True), 90.0, 0.0, "reached"),
        (Claim(90, least=True), 90.5, 1.0, "reached in the mean, the interval begins below"),
        (Claim(90, least=True), 89.0, 0.5, "missed by 1.00"),
        (Claim(90, least=True), 89.0, 5.0, "missed by 1.00, the interval reaches it"),
        (Claim(90, least=True), 91.0, float("nan"), "reached"),
        (Claim(90, least=True), 89.9999, 0.0, "missed by less than 0.01"),
        (Claim(98.56, 0.49), 98.07, 0.0, "within the published interval"),
        (Claim(98.56, 0.49), 99.05, 0.0, "within the published interval"),
        (None, 91.0, 1.0, ""),
    ],
)
def test_verdicts(claim, mean, half, said):
    assert report.judge(claim, Interval(mean, mean - half, mean + half)) == said


def test_a_quick_run_judges_nothing():
    assert (
        report.judge(Claim(1, least=True), Interval(99, 98, 100), quick=True) == "none: a quick run"
    )


def test_the_report_has_claim_setting_deviation_interval_and_verdict(tiny):
    (found,) = reproduce.reproduce("tiny", progress=False)
    text = report.format_result(found)
    mas = found["rows"][1]
    interval = f"{mas['mean']:.2f} ({mas['low']:.2f} … {mas['high']:.2f})"
    for part in ("≥ 99.9", "a paper", "it is tiny", "seeds 0, 1", "30 updates a task", interval):
        assert part in text
    assert mas["verdict"].startswith("missed by")
    assert mas["verdict"] in text
    edge = "the best λ is the last of those tried: MAS"
    assert (edge in text) == (mas["lam"] in (0.0, 1e9))


# ---- what is stored


def test_saved_and_read_again_it_is_the_same(tiny, tmp_path):
    (found,) = reproduce.reproduce("tiny", progress=False)
    path = results.save_result(found, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == found


def test_rows_run_in_separate_calls_are_joined(tiny, tmp_path):
    (whole,) = reproduce.reproduce("tiny", progress=False)
    parts = [
        reproduce.reproduce("tiny", rows=[name], progress=False)[0]
        for name in ("MAS", "fine-tuning")
    ]
    older = {**parts[0], "rows": [{**parts[0]["rows"][0], "mean": 1.0}]}
    for part in [older, *parts]:  # the newer takes the place of the older
        path = results.save_result(part, tmp_path)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["settings"] == json.loads(json.dumps(whole["settings"]))
    for row, expected in zip(found["rows"], whole["rows"], strict=True):
        assert {**row, "seconds": 0} == {**expected, "seconds": 0}


@pytest.mark.parametrize(
    "change",
    [
        lambda found: {**found, "seeds": [0]},
        lambda found: {**found, "versions": {**found["versions"], "torch": "2.0"}},
        lambda found: {**found, "settings": {**found["settings"], "val": 0.5}},
        lambda found: {},
        lambda found: [1, 2],
        lambda found: "no result",
        lambda found: {**found, "settings": 3},
        lambda found: {**found, "rows": [1]},
    ],
    ids=["seeds", "versions", "settings", "empty", "list", "text", "odd settings", "odd rows"],
)
def test_rows_measured_in_another_way_are_not_joined(tiny, tmp_path, change):
    (tuned,) = reproduce.reproduce("tiny", rows=["fine-tuning"], progress=False)
    (other,) = reproduce.reproduce("tiny", rows=["MAS"], progress=False)
    before = json.dumps(change(other))
    (tmp_path / "tiny.json").write_text(before, encoding="utf-8")
    with pytest.warns(UserWarning, match=r"^out: .*tiny.json held.*kept as earlier-tiny-1.json"):
        path = results.save_result(tuned, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == tuned
    assert (tmp_path / "earlier-tiny-1.json").read_text(encoding="utf-8") == before


def test_quick_results_have_a_file_of_their_own(tiny, tmp_path, capsys):
    command = ["reproduce", "tiny", "--rows", "fine-tuning", "--out", str(tmp_path)]
    assert main(command) == 0
    full = (tmp_path / "tiny.json").read_text(encoding="utf-8")
    assert main([*command, "--quick"]) == 0
    assert (tmp_path / "tiny.json").read_text(encoding="utf-8") == full
    quick = json.loads((tmp_path / "tiny-quick.json").read_text(encoding="utf-8"))
    assert quick["settings"]["quick"]
    assert "tiny-quick.json" in capsys.readouterr().out


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored_results_were_made_with_the_settings_of_the_code(path):
    found = results.load_stored(path.stem)
    assert found["name"] == path.stem
    assert results.is_current(found)
    protocol = next(p for p in protocols.all_protocols() if p.name == path.stem)
    entries = [entry for entry in protocol.entries if entry.name in found["settings"]["rows"]]
    assert [row["row"] for row in found["rows"]] == [entry.name for entry in entries]
    assert found["versions"].keys() == {"python", "torch", "mas_edu"}
    for row, entry in zip(found["rows"], entries, strict=True):
        assert len(row["averages"]) + row["unfinished"] == len(found["seeds"])
        assert row["lam"] in (entry.lams if entry.method.penalised else (None,))
        ends = [np.nan if row[end] is None else row[end] for end in ("mean", "low", "high")]
        assert row["verdict"] == report.judge(entry.claim, Interval(*ends))


def test_single_rows_can_be_run(tiny):
    (found,) = reproduce.reproduce("tiny", rows=["fine-tuning"], progress=False)
    assert [row["row"] for row in found["rows"]] == ["fine-tuning"]
    whole = {**found, "settings": json.loads(json.dumps(PROTOCOLS["seed"][0].settings))}
    assert results.left_out({**whole, "name": "seed"}) == [
        "MAS, batch form, cumulative guards", "MAS, batch form, that λ", "MAS, that λ",
        "MAS, batch form", "MAS", "joint",
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"rows: .*MAS"):
        reproduce.reproduce("tiny", rows=["MSA"], progress=False)


def test_a_changed_setting_is_noticed():
    (now,) = PROTOCOLS["seed"]
    found = {
        "name": "seed",
        "title": now.title,
        "settings": json.loads(json.dumps(now.settings)),
        "seeds": [0, 1, 2, 3, 4],
        "deviations": list(now.deviations),
    }
    assert results.is_current(found)
    assert results.is_current({**found, "seeds": [0, 1]})
    for name, other in (("seeds", [50]), ("deviations", []), ("title", "Another")):
        assert not results.is_current({**found, name: other})
    part = {name: row for name, row in found["settings"]["rows"].items() if name == "MAS"}
    assert results.is_current({**found, "settings": {**found["settings"], "rows": part}})
    changed = {"MAS": {**part["MAS"], "lams": [1.0]}}
    assert not results.is_current({**found, "settings": {**found["settings"], "rows": changed}})
    found["settings"]["schedule"]["lr"] *= 2
    assert not results.is_current(found)
    assert not results.is_current({**found, "name": "unheard of"})


def test_fewer_seeds_than_the_experiment_has_are_a_deviation(tiny):
    one, both = (
        reproduce.reproduce("tiny", rows=["fine-tuning"], seeds=count, progress=False)[0]
        for count in (1, None)
    )
    assert "deviation: 1 of 2 seeds" in report.format_result(one)
    assert "deviation: 2 of 2" not in report.format_result(both)


# ---- the command line


def test_the_command_prints_and_stores(tiny, tmp_path, capsys):
    assert main(["reproduce", "tiny", "--seeds", "2", "--out", str(tmp_path / "r")]) == 0
    out = capsys.readouterr().out
    assert "Two turned tasks" in out
    assert str(tmp_path / "r" / "tiny.json") in out
    found = json.loads((tmp_path / "r" / "tiny.json").read_text(encoding="utf-8"))
    assert report.format_result(found) in out


def test_the_command_prints_what_is_stored(capsys):
    assert STORED
    names = {path.stem for path in STORED}
    for name, group in PROTOCOLS.items():
        there = [results.load_stored(p.name) for p in group if p.name in names]
        assert main(["reproduce", name, "--stored"]) == (0 if there else 2)
        printed = capsys.readouterr()
        assert all(report.format_result(found) in printed.out for found in there)
        assert there or "run it without stored" in printed.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["splitt"], "name: .*split"),
        (["split", "--seeds", "0"], "seeds: "),
        (["split", "--seeds", "many"], "seeds: "),
        (["split", "--jobs", "0"], "error: jobs: expected a number of processes"),
        (["split", "--stored", "--seeds", "3"], "seeds: --stored runs nothing"),
        (["split", "--stored", "--quick"], "quick: --stored runs nothing"),
    ],
)
def test_bad_input_is_a_sentence(options, said, capsys, tmp_path):
    assert main(["reproduce", *options, "--out", str(tmp_path / "r")]) == 2
    error = capsys.readouterr().err
    assert re.search(said, error)
    assert "Traceback" not in error


def test_ctrl_c_keeps_what_is_finished_and_chooses_no_lam(tiny, tmp_path, capsys, monkeypatch):
    class Pressed:
        """Ctrl-C in the second sweep, the choice of λ, after its first task."""

        sweeps = updates = 0

        def __call__(self, *args, **options):
            self.sweeps += 1
            return me.sweep(*args, **options, stop=self.stop)

        def stop(self):
            self.updates += self.sweeps == 2
            if self.updates == SHORT.steps + 5:
                raise KeyboardInterrupt
            return False

    sweep = Pressed()
    monkeypatch.setattr(reproduce, "sweep", sweep)
    command = ["reproduce", "tiny", "--out", str(tmp_path)]
    assert main(command) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert f"interrupted; what is finished is kept in {tmp_path}, the same command goes on" in err
    assert sweep.sweeps == 2
    kept = list(tmp_path.glob("runs/*/after-*/record.json"))
    assert len(kept) == 5  # two of fine-tuning, three λ after their first task
    sweep.updates = 10**6  # nobody presses any more
    assert main(command) == 0


def test_the_command_prints_the_rows_of_earlier_calls_too(tiny, tmp_path, capsys):
    for row in ("fine-tuning", "MAS"):
        main(["reproduce", "tiny", "--rows", row, "--out", str(tmp_path)])
    last = capsys.readouterr().out.split("saved:")[1]
    assert re.search(r"^ +fine-tuning .*\n +MAS ", last, re.MULTILINE)
    assert "not run" not in last
