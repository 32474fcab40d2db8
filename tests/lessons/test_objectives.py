"""Every objective of a lesson is answered by a check, a question or an exercise."""

from __future__ import annotations

import copy

import pytest

from mas_edu.lessons.forgetting.quiz import OBJECTIVES
from tools.lessons import BESIDE, LESSONS, Lesson
from tools.lessons.objectives import faults, unanswered


@pytest.mark.parametrize("lesson", [*LESSONS, *BESIDE], ids=lambda lesson: lesson.number)
def test_every_objective_is_answered(lesson: Lesson) -> None:
    assert unanswered(lesson) == []


FAULTS = {
    "OBJECTIVES has 3 entries, the header 4": {"tell forgetting from": None},
    "does not begin with 'fly'": {"tell forgetting from": None, "fly": ("quiz 1",)},
    "nothing answers 'tell forgetting": {"tell forgetting from": ()},
    "there is no 'quiz 4'": {"tell forgetting from": ("quiz 4",)},
    "there is no 'exercise 99.9'": {"tell forgetting from": ("exercise 99.9",)},
    "there is no 'summary'": {"tell forgetting from": ("summary",)},
    "there is no 'quiz'": {"tell forgetting from": ("quiz",)},
    "question 3 of the quiz answers no objective": {"compute average": ("average",)},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    answered = {**copy.deepcopy(OBJECTIVES), **FAULTS[fault]}
    found = list(faults(LESSONS[0].read(), {k: v for k, v in answered.items() if v is not None}, 3))
    assert any(fault in sentence for sentence in found), found
