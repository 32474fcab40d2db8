"""The worker behind an interactive figure: it trains beside the notebook, the latest wish wins.

A job is a generator that gives its state after every step. Between two steps it may be paused,
stopped or replaced by a newer job, whenever the reader likes; it does not have to know.

    live = Live(draw, show, fail)   # draw: state -> frame, pure; show: put a frame on the screen
    live.start(job)                 # a daemon thread runs it; one that is under way ends
    live.pause(), live.resume(), live.stop()
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Generic, Literal, TypeVar

import torch

State = TypeVar("State")
Frame = TypeVar("Frame")
Phase = Literal["running", "paused", "stopped", "finished", "failed"]

NAME = "mas_edu worker"
DRAWING = threading.RLock()  # matplotlib is drawn by one thread at a time, in the whole process
WORKERS: weakref.WeakSet[Worker] = weakref.WeakSet()  # type: ignore[type-arg]


class Worker(Generic[State, Frame]):
    """Runs one job at a time, and shows where it stands.

    Args:
        draw: makes a frame of the job's state and phase; called by the worker, alone at a time.
        show: puts the frame on the screen; never called for a job that a newer one has replaced.
        fail: told, in a sentence, why a job ended.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
        per_second: at most so many frames; drawing takes at most a third of the time.
    """

    def __init__(
        self,
        draw: Callable[[State, Phase], Frame],
        show: Callable[[Frame, Phase], object],
        fail: Callable[[str], object],
        *,
        blocking: bool = False,
        per_second: float = 5.0,
    ) -> None:
        self.draw, self.show, self.fail = draw, show, fail
        self.blocking, self.per_second = blocking, per_second
        self._lock = threading.RLock()
        self._turn: _Turn[State] = _Turn(job=None)
        WORKERS.add(self)

    @property
    def phase(self) -> Phase:
        """Where the latest job stands."""
        return self._turn.phase

    def start(self, job: Generator[State, None, object]) -> None:
        """Begin a job; one that is under way ends at its next step and shows nothing more."""
        with self._lock:
            self._turn.end()
            turn = self._turn = _Turn(job)
        if self.blocking:
            self._work(turn)
        else:
            threading.Thread(None, self._work, NAME, (turn,), daemon=True).start()

    def pause(self) -> None:
        """Halt before the next step."""
        self._turn.going.clear()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._turn.going.set()

    def stop(self) -> None:
        """End the job at its next step; what it has reached is shown."""
        self._turn.end()

    def drop(self) -> None:
        """End the job and show nothing more of it."""
        with self._lock:
            self._turn.end()
            self._turn = _Turn(job=None)

    def wait(self, seconds: float | None = None) -> bool:
        """Until the latest job has ended; False when the time was not enough.

        An interrupt of the kernel stops the job.
        """
        try:
            return self._turn.over.wait(seconds)
        except KeyboardInterrupt:
            self.stop()
            raise

    def _work(self, turn: _Turn[State]) -> None:
        assert turn.job is not None
        states: list[State] = []
        try:
            with closing(turn.job) as job, use_one_thread():
                turn.phase = self._follow(turn, job, states)
                if states:
                    self._show(turn, states[-1])
        except Exception as error:
            turn.phase = "failed"
            with self._lock:
                if turn is self._turn:
                    self.fail(error_sentence(error))
        finally:
            turn.over.set()

    def _follow(
        self, turn: _Turn[State], job: Generator[State, None, object], states: list[State]
    ) -> Phase:
        """Take the job's steps, showing its state now and then; the last one is in `states`."""
        pace = Pace(self.per_second)
        try:
            for state in job:
                states[:] = [state]
                if not turn.going.is_set():
                    turn.phase = "paused"
                    self._show(turn, state)
                    turn.going.wait()
                    turn.phase = "running"
                if turn.ended:
                    return "stopped"
                if pace.due():
                    with pace:
                        self._show(turn, state)
        except KeyboardInterrupt:  # only where the caller's thread works
            return "stopped"
        return "finished"

    def _show(self, turn: _Turn[State], state: State) -> None:
        if turn is not self._turn:
            return
        phase = turn.phase
        with DRAWING:
            frame = self.draw(state, phase)
        with self._lock:
            if turn is self._turn:  # nothing newer has begun while it was drawn
                self.show(frame, phase)


class _Turn(Generic[State]):
    """One job from its start to its end, and what the reader wants of it."""

    def __init__(self, job: Generator[State, None, object] | None) -> None:
        self.job = job
        self.phase: Phase = "running" if job else "finished"
        self.going, self.over = threading.Event(), threading.Event()
        self.going.set()
        self.ended = False
        if job is None:
            self.over.set()

    def end(self) -> None:
        self.ended = True
        self.going.set()


class Pace:
    """Says when a frame is due: not too often, and drawing takes a third of the time at most.

    >>> pace = Pace(per_second=5)
    >>> pace.due()
    True
    >>> with pace:
    ...     pass
    >>> pace.due()
    False
    """

    def __init__(self, per_second: float, share: float = 1 / 3) -> None:
        self.least, self.share = 1 / per_second, share
        self.next = self.begun = 0.0

    def due(self) -> bool:
        """Whether it is time to draw."""
        return time.monotonic() >= self.next

    def __enter__(self) -> None:
        self.begun = time.monotonic()

    def __exit__(self, *_: object) -> None:
        now = time.monotonic()
        rest = (now - self.begun) * (1 / self.share - 1)
        self.next = max(self.begun + self.least, now + rest)


def error_sentence(error: BaseException) -> str:
    """An error as a sentence for the reader.

    >>> error_sentence(ValueError("tasks: 10 classes allow at most 5 tasks, got 7"))
    'tasks: 10 classes allow at most 5 tasks, got 7.'
    >>> error_sentence(ZeroDivisionError())
    'Unexpected ZeroDivisionError.'
    """
    text = str(error).strip()
    expected = isinstance(error, ValueError | OSError | ArithmeticError) and text
    words = text if expected else f"Unexpected {type(error).__name__}" + (text and f": {text}")
    return words if words.endswith((".", "!", "?")) else f"{words}."


_borrowed = {"users": 0, "before": 1}  # guarded by DRAWING


@contextmanager
def use_one_thread() -> Iterator[None]:
    """PyTorch on one thread while any worker is at work; the last one gives back what was set.

    Small networks are fastest so, and several figures do not fight for the cores.
    """
    with DRAWING:
        if not _borrowed["users"]:
            _borrowed["before"] = torch.get_num_threads()
        _borrowed["users"] += 1
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with DRAWING:
            _borrowed["users"] -= 1
            if not _borrowed["users"]:
                torch.set_num_threads(_borrowed["before"])
