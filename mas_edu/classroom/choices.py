"""Exercises whose answer is a dict of choices, each a text: a sentence for each wrong one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mas_edu.classroom.exercise import Case

Choices = Mapping[str, str]
Sentences = Mapping[tuple[str, str], str]  # (key, wrong choice) -> what to tell who chose it


def wrong_choices(right: Choices, sentences: Sentences) -> dict[str, tuple[Any, str]]:
    """Return a mistake for each wrong choice: the right answer with that one choice changed.

    >>> wrong_choices({"1": "a", "2": "b"}, {("2", "a"): "That is 1."})
    {'2: a': ({'1': 'a', '2': 'a'}, 'That is 1.')}
    """
    return {
        f"{key}: {choice}": ({**right, key: choice}, words)
        for (key, choice), words in sentences.items()
    }


def judge_choices(right: Choices, sentences: Sentences) -> Callable[[Case, Any], str]:
    """Return a `judge` that names the first wrong choice, also where several are wrong.

    Let the exercise be `by_property`: its card would show all right choices otherwise.

    >>> judge = judge_choices({"1": "a"}, {("1", "b"): "Not b."})
    >>> judge({}, {"1": "a"}), judge({}, {"1": "b"}), judge({}, {"1": "c"})
    ('', 'Not b.', '1: choose one of a, b.')
    """

    def judge(case: Case, found: Any) -> str:
        if not isinstance(found, dict) or found.keys() != right.keys():
            return f"Expected a dict with {', '.join(right)}, and nothing else."
        for key, choice in right.items():
            chosen = found[key] if isinstance(found[key], str) else ""
            if chosen != choice:
                options = sorted({choice, *(wrong for name, wrong in sentences if name == key)})
                other = f"{key}: choose one of {', '.join(options)}."
                return sentences.get((key, chosen), other)
        return ""

    return judge
