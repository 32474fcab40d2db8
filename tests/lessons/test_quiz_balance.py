"""The quizzes of the course cannot be solved by looking at the form of the options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mas_edu.widgets import Question
from tools.lessons import LESSONS

COURSE = [question for lesson in LESSONS for question in lesson.module.QUIZ]


def places(questions: Iterable[Question]) -> list[float]:
    """Return how often the right option is the first, second and third, as shares."""
    found = Counter(question.options.index(question.right) for question in questions)
    return [found[place] / found.total() for place in range(3)]


def share_longest(questions: list[Question]) -> float:
    """Return how often the right option is longer than each of the others."""
    longest = [
        all(len(question.right.text) > len(o.text) for o in question.options if not o.right)
        for question in questions
    ]
    return sum(longest) / len(questions)


def test_each_question_has_three_options() -> None:
    assert {len(question.options) for question in COURSE} == {3}


def test_the_right_option_has_each_place_about_equally_often() -> None:
    assert 0.25 <= min(places(COURSE)) <= max(places(COURSE)) <= 0.42


def test_the_right_option_does_not_have_the_same_place_throughout_a_lesson() -> None:
    for lesson in LESSONS:
        assert max(places(lesson.module.QUIZ)) < 1, lesson.number


def test_the_right_option_is_the_longest_in_some_questions_only() -> None:
    assert 0.2 <= share_longest(COURSE) <= 0.4


def test_unbalanced_quizzes_are_found() -> None:
    always = [Question("?", ("no", False, "-"), ("yes, it is", True, "-"), ("so", False, "-"))]
    assert places(always) == [0, 1, 0]
    assert share_longest(always) == 1
    tie = [Question("?", ("yes", True, "-"), ("not", False, "-"), ("so", False, "-"))]
    assert places(tie) == [1, 0, 0]
    assert share_longest(tie) == 0
