"""A network keeps best what Ω was computed on: a small form of `make adaptation`."""

from __future__ import annotations

import pytest

from tools.experiments import adaptation
from tools.experiments.adaptation import Kept
from tools.paths import REPRODUCTION
from tools.readme import blocks

SEEDS = 10


@pytest.fixture(scope="module")
def runs() -> list[dict[str, Kept]]:
    return [adaptation.run(seed, sources=("nothing", "chosen", "others")) for seed in range(SEEDS)]


@pytest.mark.slow
def test_chosen_classes_are_kept_at_the_price_of_the_rest(runs: list[dict[str, Kept]]) -> None:
    """Paired over seeds; the whole 95 % interval lies on one side."""
    mean, half = adaptation.interval(adaptation.differences(runs, "others"))
    assert mean - half > 0


@pytest.mark.slow
def test_any_omega_keeps_more_than_none_at_a_small_price(runs: list[dict[str, Kept]]) -> None:
    for source in ("chosen", "others"):
        for part in ("chosen", "others"):
            mean, half = adaptation.interval(
                getattr(one[source], part) - getattr(one["nothing"], part) for one in runs
            )
            assert mean - half > 0, (source, part)
        cost, _ = adaptation.interval(one["nothing"].new - one[source].new for one in runs)
        assert 0 < cost < 2 * adaptation.PRICE
    assert all(one["nothing"].lam == 0 < one["chosen"].lam < adaptation.LAMS[-1] for one in runs)


def test_each_class_is_chosen_equally_often() -> None:
    chosen = [k for seed in range(5) for k in adaptation.chosen_classes(seed)]
    assert sorted(chosen) == sorted([*range(5)] * 2)


@pytest.mark.slow
def test_the_page_has_the_table_of_the_present_settings(runs: list[dict[str, Kept]]) -> None:
    text = REPRODUCTION.read_text(encoding="utf-8")
    block = blocks.block("adaptation").search(text)
    assert block
    assert f"<!-- adaptation: {adaptation.settings(adaptation.Protocol())} -->" in block[0]
    assert "5 seeds" in block[0]
    rows = [line.split(" | ")[0] for line in block[0].splitlines() if line.startswith("| ")]
    assert rows == [f"| {source}" for source in ("Ω from", *adaptation.SOURCES)]
    kept = dict.fromkeys(adaptation.SOURCES[3:], runs[0]["others"])
    fresh = adaptation.renewed(text, [{**one, **kept} for one in runs], adaptation.QUICK)
    made = blocks.block("adaptation").search(fresh)
    assert made
    assert fresh.replace(made[0], block[0]) == text
    assert fresh != text
