"""The figures of lesson 07's exercises: what their texts say is what is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from mas_edu.classroom.exercises.lesson_07 import figures, lies, repaired
from mas_edu.classroom.judging import Verdict, judge_observations
from mas_edu.classroom.observing import observe_cases


@pytest.fixture(scope="module")
def six() -> Any:
    return figures.six()


def judged(answer: Any) -> Verdict:
    one = repaired.REPAIRED
    return judge_observations(one, list(observe_cases(one, answer, 0)), 0)


def test_the_words_have_every_claim_and_kind_of_the_six_figures(six: Any) -> None:
    assert len(lies.LIES) == len(six.subfigs) == len(set(lies.LIES.values()))
    for letter, (claim, _) in zip(lies.LIES, figures.SIX, strict=True):
        words = claim.replace("\n", " ").rstrip(".")
        assert f"{letter}, “{words}”" in figures.SIX_IN_WORDS


def test_the_figures_mislead_as_the_solution_says(six: Any) -> None:
    ranks, honest, cut, own, swapped, hidden = six.subfigs
    assert {image.norm.vmax for ax in honest.axes for image in ax.images} == {4.4}
    assert [image.norm.vmax for ax in own.axes for image in ax.images] == [1.0, 4.4]
    assert cut.axes[0].get_ylim()[0] > 0
    assert len(set(ranks.axes[0].images[0].get_array().ravel())) > 40
    assert [t.get_position() for t in swapped.axes[0].texts][3] == (3, 0)  # task 4, after task 1
    image = hidden.axes[0].images[0]
    values = image.get_array()
    assert (image.norm(values)[values == 0] == 0).all()


def test_the_words_have_the_numbers_of_the_figure_to_mend() -> None:
    titles = [ax.get_title() for ax in figures.to_mend().axes]
    assert titles == ["after task 1: Ω from 0 to 0.99", "after task 2: Ω from 0 to 3.85"]
    for title in titles:
        assert title.replace(":", ",") in figures.TO_MEND_IN_WORDS


def log_from_zero(axes: Any) -> None:
    for ax in axes:
        ax.images[0].set_clim(0, 5)


def test_a_log_scale_from_zero_is_reported() -> None:
    assert judged(log_from_zero).words.startswith("A log scale cannot begin at 0")


def test_a_function_that_fails_leaves_a_figure_that_says_so() -> None:
    def blank(axes: Any) -> None:
        raise NotImplementedError

    def broken(axes: Any) -> None:
        axes[3].set_title("none")

    assert figures.mended(blank).get_suptitle() == "not mended yet"
    assert "IndexError" in figures.mended(broken).get_suptitle()
    assert "ValueError" in figures.mended(log_from_zero).get_suptitle()
    assert figures.mended(repaired.repaired).get_suptitle() == ""


def test_axes_that_were_removed_or_hold_no_map_are_reported() -> None:
    assert "one of the two axes is gone" in judged(lambda axes: axes[0].remove()).words.lower()
    assert "expected one map" in judged(lambda axes: axes[1].clear()).words.lower()


def test_a_colour_map_has_to_get_steadily_brighter_or_darker() -> None:
    def coloured(name: str) -> Any:
        def answer(axes: Any) -> None:
            repaired.repaired(axes)
            for ax in axes:
                ax.images[0].set_cmap(name)

        return answer

    for name in ("Greys", "magma_r"):
        assert judged(coloured(name)).right, name
    for name in ("hsv", "RdBu"):
        assert judged(coloured(name)).words == repaired.LEFT["rainbow"], name
