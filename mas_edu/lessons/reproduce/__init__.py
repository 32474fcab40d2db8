"""Lesson 12: reproduce, then make."""

from mas_edu.lessons.reproduce.drawing import describe, draw
from mas_edu.lessons.reproduce.experiment import (
    KINDS,
    Card,
    Trial,
    cards,
    choose,
    experiments,
    find,
)
from mas_edu.lessons.reproduce.plans import PLANS, Plan
from mas_edu.lessons.reproduce.quiz import QUIZ, WORDS
from mas_edu.lessons.reproduce.widget import figure
from mas_edu.results import Checklist, save_study
from mas_edu.results import review_study as review

__all__ = [
    "KINDS",
    "PLANS",
    "QUIZ",
    "WORDS",
    "Card",
    "Checklist",
    "Plan",
    "Trial",
    "cards",
    "choose",
    "describe",
    "draw",
    "experiments",
    "figure",
    "find",
    "review",
    "save_study",
]
