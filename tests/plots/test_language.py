"""Plots and captions in another language."""

from __future__ import annotations

from typing import Any

import pytest

import mas_edu as me
from mas_edu._common import languages
from tests.support.languages import leftovers, marked, numbers, speaking
from tests.support.texts import texts_in
from tools import texts

CLAIMED = [name for name in languages()[1:] if "plots" in texts.read(name)["complete"]]
NAMES = ("MAS", "digits", "hidden1.weight", "output.weight", "hidden1.bias", "output.bias", "log")


@pytest.fixture(scope="module")
def records() -> list[me.Record]:
    """Runs of two methods on two streams."""
    schedule = me.Schedule(steps=4, evaluations=2)
    streams = me.rotated("digits", tasks=3), me.permuted("digits", tasks=2)
    return [
        me.learn(stream, method, lam=0.1, schedule=schedule, progress=False)
        for stream in streams
        for method in (me.MAS(), me.FineTune())
    ]


def sentences(records: list[me.Record]) -> list[str]:
    """Return every caption, of finished runs, an unfinished one and one that is named by hand."""
    bare = me.Record([[0.9, 0.1], [0.6, 0.8]])
    begun = me.Record([[0.9, 0.1], [float("nan")] * 2], names=["task 1", "task 2"])
    found = [
        caption(record)
        for record in (*records, bare, begun)
        for caption in (me.words.summary, me.words.accuracy_matrix, me.words.forgetting_curves)
    ]
    found += [me.words.omega(records[0], name) for name in records[0].omegas[-1]]
    found += [
        me.words.forgetting_curves(records[:2]),
        me.words.frontier(records[:1]),
        me.words.omega(records[0], "hidden1.weight", (1, 8, 8)),
        me.words.distribution(records[0]),
        me.words.task_samples(me.permuted("digits", tasks=3)),
    ]
    return found


def pictures(records: list[me.Record]) -> list[Any]:
    """Return every plot."""
    first, bare = records[0], me.Record([[0.9, 0.1], [0.6, 0.8]])
    return [
        *(me.plots.accuracy_matrix(record) for record in (*records, bare)),
        *(me.plots.forgetting_curves(record) for record in (*records, bare)),
        me.plots.forgetting_curves(first, panels=True),
        me.plots.forgetting_curves(records[:2]),
        me.plots.frontier(records[:2]),
        *(me.plots.omega_heatmap(first, name, log=True) for name in first.omegas[-1]),
        me.plots.omega_distribution(first),
        me.plots.omega_units(first, (1, 8, 8)),
        me.plots.omega_image(first, (1, 8, 8)),
        me.plots.task_samples(me.permuted("digits", tasks=3)),
    ]


@pytest.mark.parametrize("language", CLAIMED)
def test_captions_are_translated_with_the_same_numbers(language: str, records: Any) -> None:
    english = sentences(records)
    with marked(language):
        said = sentences(records)
    assert leftovers(said, NAMES) == []
    assert [numbers(one) for one in english] == [numbers(one) for one in said]


@pytest.mark.slow
@pytest.mark.parametrize("language", CLAIMED)
def test_plots_are_translated(language: str, records: Any) -> None:
    with marked(language):
        drawn = [text.get_text() for ax in pictures(records) for text in texts_in(ax)]
    assert leftovers(drawn, NAMES) == []


def test_names_of_tasks_and_streams_are_translated_and_the_reader_s_own_stay() -> None:
    record = me.Record([[0.9, 0.1], [0.6, 0.8]], names=["upright {one}", "task two"])
    with speaking("de"):
        said = me.words.forgetting_curves(record)
        assert "Aufgabe 1 (upright {one}) fällt von 90 % auf 60 %" in said
        assert "Aufgabe 2 (task two) erreicht 80 %" in said
        assert "digits, gedreht" in me.words.task_samples(me.rotated("digits", tasks=2))
