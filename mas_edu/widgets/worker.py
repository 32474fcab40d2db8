"""The worker behind a live figure: it trains beside the notebook, the latest request wins.

A job is a generator that yields its state after every step, or None while there is nothing to show.
Between two steps it may be paused, stopped or replaced by a newer job; it does not have to know.

    live = Worker(draw, show, fail)   # draw: state -> frame, pure; show: put a frame on the screen
    live.start(job)                   # a daemon thread runs it; one that is under way ends
    live.pause(), live.resume(), live.stop()
"""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable
from contextlib import closing
from typing import Generic, TypeVar

from mas_edu._common import USER_ERRORS
from mas_edu.networks import own_threads
from mas_edu.widgets.ending import end_threads
from mas_edu.widgets.pace import Pace
from mas_edu.widgets.turn import Job, Phase, State, Turn

Frame = TypeVar("Frame")
NAME = "mas_edu worker"
DRAWING = threading.RLock()  # matplotlib is drawn by one thread at a time, in the whole process
WORKERS: weakref.WeakSet[Worker] = weakref.WeakSet()  # type: ignore[type-arg]


class Worker(Generic[State, Frame]):
    """Runs one job at a time in one thread, and shows where it stands.

    Args:
        draw: makes a frame of the job's state and phase; called by the worker, alone at a time.
        show: puts the frame on the screen; never called for a job that a newer one has replaced.
        fail: told, in a sentence, why a job ended.
        told: told each new phase at once, before it is drawn.
        blank: told of a job that is paused or stopped with no state to show.
        reached: told the state of a job that is paused or stopped, before it is drawn.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
        per_second: at most so many frames; drawing takes at most a third of the time.
            0: the last state only.

    `late`, once set: a frame is shown also when a newer job began while it was drawn. Else nothing
    would move while a slider is dragged, which asks for a newer one before any is drawn.
    """

    def __init__(
        self,
        draw: Callable[[State, Phase], Frame],
        show: Callable[[Frame, Phase], object],
        fail: Callable[[str], object],
        told: Callable[[Phase], object] = lambda phase: None,
        *,
        blank: Callable[[Phase], object] = lambda phase: None,
        reached: Callable[[State, Phase], object] = lambda state, phase: None,
        blocking: bool = False,
        per_second: float = 5.0,
    ) -> None:
        self.draw, self.show, self.fail, self.told = draw, show, fail, told
        self.blank, self.reached = blank, reached
        self.blocking, self.per_second, self.late = blocking, per_second, False
        self._lock = threading.RLock()
        self._turn: Turn[State] = Turn(job=None)
        self._thread: threading.Thread | None = None
        self._closed = False
        WORKERS.add(self)

    @property
    def phase(self) -> Phase:
        """Phase of the latest job."""
        return self._turn.phase

    def start(self, job: Job[State], at_end: bool = False) -> None:
        """Begin a job; one that is under way ends at its next step and shows nothing more.

        Args:
            job: the job; after `close` it does not begin.
            at_end: show its last state alone: it is short, or its result is known.
        """
        turn = Turn(job, at_end)
        with self._lock:
            if self._closed:
                return
            self._replace(turn)
            self.told("running")
            idle = self._thread is None or not self._thread.is_alive()  # lost in a forked process
            if not self.blocking and idle:
                self._thread = threading.Thread(None, self._serve, NAME, daemon=True)
                self._thread.start()
        if self.blocking:
            self._work(turn)

    def pause(self) -> None:
        """Halt before the next step."""
        self._turn.hold()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._turn.going.set()

    def stop(self) -> None:
        """End the job at its next step; what it has reached is shown.

        While a picture is drawn no step is made: that it has stopped is told at once.
        """
        turn = self._turn
        turn.end()
        with self._lock:
            if turn.drawing:
                self._enter(turn, "stopped", turn.drawing)

    def drop(self) -> None:
        """End the job and show nothing more of it."""
        with self._lock:
            self._replace(Turn(job=None))

    def close(self) -> None:
        """End the job, and begin no other."""
        with self._lock:
            self._closed = True
            self.drop()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the latest job has ended; return False when the time was not enough.

        An interrupt of the kernel stops the job.
        """
        try:
            return self._turn.over.wait(seconds)
        except KeyboardInterrupt:
            self.stop()
            raise

    def join(self, seconds: float | None = None) -> None:
        """Wait until the thread has ended, if there is one."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)

    def _replace(self, turn: Turn[State]) -> None:
        self._turn.end()
        if not self._turn.begun:
            self._turn.over.set()
        self._turn = turn

    def _serve(self) -> None:
        """Work on the latest job until there is none: jobs that were replaced never begin."""
        while turn := self._next():
            self._work(turn)

    def _next(self) -> Turn[State] | None:
        with self._lock:
            turn = self._turn
            if turn.begun:
                self._thread = None
                return None
            turn.begun = True
            return turn

    def _work(self, turn: Turn[State]) -> None:
        assert turn.job is not None
        turn.begun = True
        states: list[State] = []
        try:
            # one core: for small networks that is fastest, and it is fair; closed within, as a
            # job's end sets the number, too
            with own_threads(1), closing(turn.job) as job:
                phase = "stopped" if turn.ended else self._follow(turn, job, states)
                self._enter(turn, phase, states)
                self._show_latest(turn, states)
        except USER_ERRORS as error:
            turn.phase = "failed"
            with self._lock:
                if turn is self._turn:
                    self.fail(error_sentence(error))
        finally:
            turn.over.set()

    def _follow(self, turn: Turn[State], job: Job[State], states: list[State]) -> Phase:
        """Take the job's steps, showing its state now and then; the last one is in `states`."""
        pace = Pace(self.per_second) if self.per_second and not turn.at_end else None
        try:
            for state in job:
                if state is not None:
                    states[:] = [state]
                if not turn.going.is_set() and not turn.has_ended():
                    self._pause(turn, states)
                if turn.has_ended():
                    return "stopped"
                if state is not None and pace and pace.due():
                    turn.drawing = [state]
                    with pace:
                        self._show(turn, state)
                    turn.drawing = []  # before the next line: a stop is then told by one of the two
                    if turn.has_ended():  # while it was drawn
                        return "stopped"
        except KeyboardInterrupt:  # only where the caller's thread works
            return "stopped"
        return "finished"

    def _pause(self, turn: Turn[State], states: list[State]) -> None:
        self._enter(turn, "paused", states)
        self._show_latest(turn, states)
        turn.going.wait()
        self._enter(turn, "running", states)

    def _enter(self, turn: Turn[State], phase: Phase, states: list[State]) -> None:
        """Tell the new phase, once, and what was reached if the job halts in it."""
        with self._lock:
            if turn.phase == phase:
                return
            turn.phase = phase
            if turn is not self._turn:
                return
            self.told(phase)
            if phase in ("paused", "stopped"):
                if states:
                    self.reached(states[-1], phase)
                else:
                    self.blank(phase)

    def _show_latest(self, turn: Turn[State], states: list[State]) -> None:
        if states:
            self._show(turn, states[-1])

    def _show(self, turn: Turn[State], state: State) -> None:
        if turn is not self._turn:
            return
        phase = turn.phase
        with DRAWING:
            if turn is not self._turn:  # replaced while another figure was drawn
                return
            frame = self.draw(state, phase)
        with self._lock:
            if turn is not self._turn:  # something newer has begun while it was drawn
                if self.late and self._turn.job is not None:
                    self.show(frame, "running")
            elif not (phase == "running" and turn.interrupted):  # neither stopped nor paused
                self.show(frame, phase)


def error_sentence(error: BaseException) -> str:
    """Return an error as a sentence for the reader.

    >>> error_sentence(ValueError("tasks: 10 classes allow at most 5 tasks, got 7"))
    'tasks: 10 classes allow at most 5 tasks, got 7.'
    >>> error_sentence(ZeroDivisionError())
    'Unexpected ZeroDivisionError.'
    """
    text = str(error).strip()
    expected = isinstance(error, ValueError | OSError | ArithmeticError) and text
    words = text if expected else f"Unexpected {type(error).__name__}" + (text and f": {text}")
    return words if words.endswith((".", "!", "?")) else f"{words}."


@atexit.register
def end_all_workers() -> None:
    """Stop and join every worker: a thread left inside PyTorch aborts the interpreter's exit."""
    for worker in list(WORKERS):
        worker.drop()
    end_threads(NAME)
