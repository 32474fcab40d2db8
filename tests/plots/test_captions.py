"""Sentences: the numbers in them are those of the record."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

import mas_edu as me
from mas_edu.plots import captions
from tests.results.test_comparison import RUNS, run

MATRIX = [[0.97, 0.1, 0.1], [0.8, 0.9, 0.1], [0.61, 0.904, 0.85]]
SETTINGS = {"method": "MAS()", "lam": 0.1, "stream": {"name": "rotated digits"}}
RECORD = me.Record(MATRIX, names=("0°", "20°", "40°"), settings=SETTINGS)


def until(finished: int) -> me.Record:
    accuracy = np.array(MATRIX)
    accuracy[finished:] = np.nan
    return dataclasses.replace(RECORD, accuracy=accuracy)


def test_curves_tell_each_task_and_the_end():
    assert captions.forgetting_curves([RECORD]) == (
        "MAS, λ = 0.1 on rotated digits: task 1 (0°) falls from 97 % to 61 %, task 2 (20°) stays "
        "at 90 %, task 3 (40°) reaches 85 %; at the end average 79 %, forgetting 18 %, "
        "learned 91 %."
    )


def test_a_task_that_gains_rises():
    record = me.Record([[0.5, 0], [0.7, 0.9]])
    assert "task 1 rises from 50 % to 70 %" in captions.forgetting_curves([record])


def test_curves_of_an_unfinished_run_tell_how_far_it_is():
    assert captions.forgetting_curves([until(2)]).endswith(
        "after 2 of 3 tasks average 85 %, forgetting 17 %, learned 94 %."
    )
    assert captions.forgetting_curves([until(0)]).endswith("no task is finished yet.")


def test_curves_tell_what_is_compared():
    other = me.Record(MATRIX, settings={"method": "FineTune()"})
    assert captions.forgetting_curves([RECORD, other]).endswith(
        "Pale: Fine-tuning, for comparison: at the end average 79 %, forgetting 18 %, learned 91 %."
    )


def test_the_matrix_names_the_task_that_fell_the_furthest():
    assert captions.accuracy_matrix(RECORD).endswith(
        "Just after learning 85 % to 97 %, in the last row 61 % to 90 %; "
        "task 1 (0°) falls the furthest, by 36 points."
    )


def test_a_matrix_without_any_fall_does_not_speak_of_one():
    assert "falls" not in captions.accuracy_matrix(me.Record([[0.5, 0], [0.7, 0.9]]))
    assert "falls" not in captions.accuracy_matrix(until(1))
    assert "blank" in captions.accuracy_matrix(until(0))


@pytest.mark.parametrize(
    ("finished", "begin"),
    [
        (0, "No task is finished yet."),
        (1, "After the first task of 3 the network answers 97 % of its test part correctly;"),
        (2, "After 2 of 3 tasks the network answers 85 % correctly"),
        (3, "After 3 tasks the network answers 79 % correctly"),
    ],
)
def test_the_summary_explains_the_three_numbers(finished, begin):
    assert captions.summary(until(finished)).startswith(begin)


def test_the_summary_has_the_numbers_of_the_record():
    summary = captions.summary(RECORD)
    for share in (RECORD.average, RECORD.learned):
        assert captions.percent(share) in summary
    assert f"fallen by {100 * RECORD.forgetting:.0f} points" in summary


def test_omega_names_the_unit_and_the_pixel_that_matter_most():
    omega = torch.ones(4, 6)
    omega[2] = 3.0
    omega[:, 4] = 5.0
    omega[0, 1] = 9.0
    omega[3, 3] = 0.0
    assert captions.omega({"w": omega}, "w", (1, 2, 3)) == (
        "Ω of w, 4 × 6: from 0 to 9 output² per unit of weight, 4 % are exactly 0. "
        "It is largest from input 1 to output unit 0. "
        f"The unit that matters most is number 2, with {20 / 14.25:.1f} times the mean. "
        "The pixel that matters most is in row 1, column 1."
    )


def test_omega_of_a_convolution_names_channel_and_kernel_place():
    omega = torch.zeros(2, 3, 2, 2)
    omega[1, 2, 0, 1] = 1.0
    assert "from input channel 2, kernel place (0, 1), to output unit 1" in captions.omega(omega)


def test_omega_of_a_bias_and_of_nothing():
    assert captions.omega(torch.tensor([1.0, 3.0])).endswith("It is largest at output unit 1.")
    assert captions.omega(torch.zeros(2, 2)).endswith("100 % are exactly 0. Nothing is protected.")


def test_the_distribution_tells_medians_and_zeros():
    omega = {"w": torch.tensor([0.0, 1.0, 2.0, 4.0]), "dead": torch.zeros(3)}
    assert captions.distribution(omega).endswith(
        "w median 2, 25 % exactly 0; dead 100 % exactly 0."
    )


def test_the_frontier_tells_its_ends_and_the_best_lambda():
    runs = [
        me.Record([[0.9, 0], [end, learned]], settings=SETTINGS | {"lam": lam})
        for lam, end, learned in ((0.0, 0.1, 0.9), (1.0, 0.7, 0.8), (10.0, 0.9, 0.3))
    ]
    assert captions.frontier(runs) == (
        "λ frontier, learned against forgetting. MAS, 3 values of λ: λ = 0 learns 90 % and forgets "
        "80 %, λ = 10 learns 60 % and forgets 0 %; best average 75 % at λ = 1."
    )


def test_the_comparison_tells_every_row_and_what_is_certain():
    found = me.compare(RUNS)
    sentence = captions.comparison(found)
    assert sentence == captions.comparison(RUNS)
    assert sentence.startswith(f"Comparison on {found.title}. Average, mean and 95 % interval")
    for row in found.rows:
        mean, low, high = (100 * value for value in row.average)
        assert f"{mean:.1f} % ({low:.1f} to {high:.1f}), 2 s" in sentence
    assert found.verdict in sentence
    assert "Joint * " in sentence
    assert "* Joint trains on earlier tasks' data again" in sentence


def test_the_comparison_of_one_seed_speaks_of_no_interval():
    sentence = captions.comparison([run(), run("L2()", end=0.4)], "forgetting")
    assert "Forgetting, mean: MAS, λ = 0.1 40.0 %, 1 s; L2, λ = 0.1 50.0 %, 1 s." in sentence
    assert sentence.endswith("one seed cannot say whether that is chance.")


def test_samples_tell_the_tasks():
    stream = me.split("digits", tasks=2)
    assert captions.task_samples(stream) == (
        "Samples of split digits (task), 2 tasks of inputs of 1 × 8 × 8 numbers: 0 1, 2 3."
    )


def test_sentences_refuse_what_plots_refuse():
    with pytest.raises(ValueError, match="records: expected at least one Record"):
        captions.forgetting_curves([])
    with pytest.raises(ValueError, match=r"name: .* did you mean 'weight'"):
        captions.omega({"weight": torch.ones(2)}, "wait")


def test_samples_of_no_stream():
    with pytest.raises(ValueError, match=r"^stream: expected a Stream.* got 5"):
        me.words.task_samples(5)
