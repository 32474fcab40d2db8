"""A worker's job and what the reader wants of it."""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import Generic, Literal, TypeVar

State = TypeVar("State")
Phase = Literal["running", "paused", "stopped", "finished", "failed"]
Job = Generator[State | None, None, object]


class Turn(Generic[State]):
    """One job from its start to its end, and what the reader wants of it."""

    def __init__(self, job: Job[State] | None, at_end: bool = False) -> None:
        self.job, self.at_end = job, at_end
        self.phase: Phase = "running" if job else "finished"
        self.going, self.over = threading.Event(), threading.Event()
        self.going.set()
        self.begun = job is None
        self.ended = False
        self.drawing: list[State] = []  # the state of which a picture is made between two steps
        if job is None:
            self.over.set()

    @property
    def interrupted(self) -> bool:
        """Return whether the job is to end or pause: its frame as it runs would be out of date."""
        return self.ended or not self.going.is_set()

    def has_ended(self) -> bool:
        """Return whether the job is to make no further step."""
        return self.ended

    def hold(self) -> None:
        """Let the job wait before its next step; one that is to end does not wait."""
        self.going.clear()
        if self.ended:
            self.going.set()

    def end(self) -> None:
        """Let the job make no further step."""
        self.ended = True
        self.going.set()
