"""Lesson 02: sensitivity on two parameters."""

from mas_edu.lessons.sensitivity.widget import (
    QUIZ,
    THETA_A,
    describe,
    draw,
    figure,
    inputs,
    valleys,
)

__all__ = ["QUIZ", "THETA_A", "describe", "draw", "figure", "inputs", "valleys"]
