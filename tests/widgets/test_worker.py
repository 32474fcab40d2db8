"""The worker behind interactive figures."""

import threading
import time

import pytest
import torch

from mas_edu.widgets.worker import DRAWING, Worker
from tests.support.workers import PATIENCE, until, working


class Screen:
    """Keeps what a reader would have seen."""

    def __init__(self, **options):
        self.frames, self.errors = [], []
        self.live = Worker(
            lambda state, phase: state,
            lambda frame, phase: self.frames.append((frame, phase)),
            self.errors.append,
            **options,
        )

    @property
    def last(self):
        return self.frames[-1]


def steps(count, log=None, gate=None):
    """A job: 1, 2, … count. It notes its thread and that it was closed, and waits at the gate."""
    try:
        for i in range(1, count + 1):
            if gate:
                assert gate.wait(PATIENCE)
            yield i
    finally:
        if log is not None:
            log.append(threading.current_thread())


def endless():
    i = 0
    while True:
        i += 1
        time.sleep(0.001)
        yield i


@pytest.mark.parametrize("blocking", [False, True])
def test_the_last_state_is_always_shown(blocking):
    screen = Screen(blocking=blocking)
    screen.live.start(steps(1000))
    assert screen.live.wait(PATIENCE)
    assert screen.last == (1000, "finished")
    assert screen.live.phase == "finished"
    assert not screen.errors


def test_work_is_done_in_a_daemon_thread_or_when_blocking_in_the_callers():
    log = []
    for blocking in (False, True):
        screen = Screen(blocking=blocking)
        screen.live.start(steps(3, log))
        assert screen.live.wait(PATIENCE)
    assert log[0] is not threading.current_thread()
    assert log[0].daemon
    assert log[1] is threading.current_thread()


def test_the_latest_job_wins_and_the_older_one_ends_unseen():
    screen, log, gate = Screen(), [], threading.Event()
    screen.live.start(steps(10**9, log, gate))
    time.sleep(0.05)  # it waits in its first step
    screen.live.start(steps(7))
    gate.set()
    assert screen.live.wait(PATIENCE)
    assert log
    assert {frame for frame, _ in screen.frames} <= set(range(1, 8))
    assert screen.last == (7, "finished")


def test_many_jobs_run_one_at_a_time_and_the_last_wins():
    screen, begun, at_work, most = Screen(), [], [], []

    def job(k):
        begun.append(k)
        at_work.append(k)
        most.append(len(at_work))
        try:
            for _ in range(20):
                time.sleep(0.005)
                yield None  # nothing to show yet
            yield k
        finally:
            at_work.remove(k)

    for k in range(20):
        screen.live.start(job(k))
        assert working() <= 1
        time.sleep(0.01)
    assert screen.live.wait(PATIENCE)
    assert max(most) == 1
    assert screen.last == (19, "finished")
    assert {frame for frame, _ in screen.frames} == {19}


def test_a_job_that_was_replaced_before_it_began_never_begins():
    screen, gate, begun = Screen(), threading.Event(), []

    def job(k):
        begun.append(k)
        yield k

    screen.live.start(steps(1, gate=gate))
    until(lambda: working() == 1)
    for k in range(5):
        screen.live.start(job(k))
    gate.set()
    assert screen.live.wait(PATIENCE)
    assert begun == [4]


def test_the_screen_is_told_of_a_stop_before_the_last_picture_is_drawn():
    told, drawing = [], threading.Event()

    def draw(state, phase):
        if phase == "stopped":
            assert drawing.wait(PATIENCE)
        return state

    live = Worker(draw, lambda frame, phase: None, pytest.fail, told.append)
    live.start(endless())
    live.stop()
    until(lambda: "stopped" in told)
    drawing.set()
    assert live.wait(PATIENCE)


@pytest.mark.parametrize(("asked", "phase"), [("stop", "stopped"), ("pause", "paused")])
def test_what_was_reached_is_told_before_it_is_drawn(asked, phase):
    told, drawing = [], threading.Event()

    def draw(state, phase):
        if phase != "running":
            assert drawing.wait(PATIENCE)
        return state

    live = Worker(
        draw,
        lambda frame, phase: None,
        pytest.fail,
        reached=lambda state, phase: told.append((state > 0, phase)),
    )
    live.start(endless())
    time.sleep(0.05)
    getattr(live, asked)()
    until(lambda: told)
    assert told == [(True, phase)]
    drawing.set()
    live.stop()
    assert live.wait(PATIENCE)


def test_no_step_is_made_once_it_was_stopped_while_a_picture_was_drawn():
    made, drawing, drawn = [], threading.Event(), threading.Event()

    def job():
        for i in range(5):
            made.append(i)
            yield i

    def draw(state, phase):
        drawing.set()
        assert drawn.wait(PATIENCE)
        return state

    live = Worker(draw, lambda frame, phase: None, pytest.fail)
    live.start(job())
    assert drawing.wait(PATIENCE)
    live.stop()
    drawn.set()
    assert live.wait(PATIENCE)
    assert made == [0]


def test_a_stop_while_a_picture_is_drawn_is_told_before_the_picture_is_ready():
    told, drawing, drawn, ended = [], threading.Event(), threading.Event(), []

    def draw(state, phase):
        drawing.set()
        assert drawn.wait(PATIENCE)
        return state

    def job():
        try:
            yield from endless()
        finally:
            ended.append(True)

    live = Worker(
        draw,
        lambda frame, phase: told.append(("shown", frame, phase)),
        pytest.fail,
        lambda phase: told.append(phase),
        reached=lambda state, phase: told.append(("reached", state, phase)),
    )
    live.start(job())
    assert drawing.wait(PATIENCE)
    live.stop()
    live.stop()
    assert told == ["running", "stopped", ("reached", 1, "stopped")]
    assert live.phase == "stopped"
    drawn.set()
    assert live.wait(PATIENCE)
    assert told == ["running", "stopped", ("reached", 1, "stopped"), ("shown", 1, "stopped")]
    assert ended


@pytest.mark.parametrize(("asked", "told"), [("stop", "stopped"), ("pause", "paused")])
def test_a_frame_that_was_being_drawn_at_a_stop_or_pause_is_not_shown(asked, told):
    shown, drawing, drawn = [], threading.Event(), threading.Event()

    def draw(state, phase):
        if phase == "running":
            drawing.set()
            assert drawn.wait(PATIENCE)
        return state

    live = Worker(draw, lambda frame, phase: shown.append(phase), pytest.fail)
    live.start(endless())
    assert drawing.wait(PATIENCE)
    getattr(live, asked)()  # the screen says "Stopping …": "training" would be wrong after that
    drawn.set()
    until(lambda: shown)
    live.stop()
    assert live.wait(PATIENCE)
    assert shown[0] == told


def test_a_frame_of_an_older_job_is_dropped_even_if_it_was_being_drawn():
    drawing, gate, shown = threading.Event(), threading.Event(), []

    def draw(state, phase):
        if state == "old":
            drawing.set()
            gate.wait(PATIENCE)
        return state

    live = Worker(draw, lambda frame, phase: shown.append(frame), pytest.fail)
    live.start(iter_of("old"))
    assert drawing.wait(PATIENCE)
    live.start(iter_of("new"))
    gate.set()
    assert live.wait(PATIENCE)
    until(lambda: working() == 0 or shown == ["new", "new"])
    assert "old" not in shown


def iter_of(*states):
    yield from states


def test_stop_ends_an_endless_job_and_shows_how_far_it_came():
    screen = Screen()
    screen.live.start(endless())
    until(lambda: screen.frames)
    screen.live.stop()
    assert screen.live.wait(PATIENCE)
    frame, phase = screen.last
    assert phase == screen.live.phase == "stopped"
    assert frame > 0


def test_pause_holds_still_shows_where_and_resume_goes_on_from_there():
    screen = Screen()
    screen.live.start(endless())
    until(lambda: screen.frames)
    screen.live.pause()
    until(lambda: screen.live.phase == "paused" and screen.last[1] == "paused")
    here = screen.last
    assert not screen.live.wait(0.1)
    assert screen.last == here
    screen.live.resume()
    until(lambda: screen.last[0] > here[0])
    assert screen.last[1] == "running"
    screen.live.stop()
    assert screen.live.wait(PATIENCE)


def test_stop_works_while_paused():
    screen = Screen()
    screen.live.start(endless())
    screen.live.pause()
    until(lambda: screen.live.phase == "paused")
    screen.live.stop()
    assert screen.live.wait(PATIENCE)
    assert screen.last[1] == "stopped"


@pytest.mark.parametrize("paused", [False, True])
def test_pause_after_stop_does_not_hold_the_job(paused):
    screen, gate = Screen(), threading.Event()
    screen.live.start(steps(9, gate=gate))
    if paused:
        screen.live.pause()
    screen.live.stop()
    screen.live.pause()
    assert screen.live._turn.going.is_set()  # it waits for nothing, wherever its job is
    gate.set()
    assert screen.live.wait(PATIENCE)
    assert screen.live.phase == "stopped"


def test_a_closed_worker_begins_no_job():
    screen = Screen()
    screen.live.start(endless())
    screen.live.close()
    seen = len(screen.frames)
    screen.live.start(steps(3))
    assert screen.live.wait(PATIENCE)
    assert (screen.live.phase, len(screen.frames)) == ("finished", seen)


def test_a_worker_whose_thread_was_lost_in_a_fork_works_again():
    screen = Screen()
    screen.live._thread = threading.Thread()  # it never runs, as in the forked process
    screen.live.start(steps(3))
    assert screen.live.wait(PATIENCE)
    assert screen.last == (3, "finished")


def test_drop_ends_the_job_and_shows_nothing_more():
    screen, log = Screen(), []

    def job():
        try:
            yield from endless()
        finally:
            log.append("closed")

    screen.live.start(job())
    until(lambda: screen.frames)
    screen.live.drop()
    seen = len(screen.frames)
    until(lambda: log)
    assert len(screen.frames) == seen


def test_frames_are_few_however_fast_the_job():
    screen = Screen(per_second=5)
    screen.live.start(endless())
    time.sleep(1.0)
    screen.live.stop()
    assert screen.live.wait(PATIENCE)
    assert 2 <= len(screen.frames) <= 7  # one at once, five in the second, one at the end


def test_slow_drawing_leaves_most_of_the_time_to_the_work():
    spent = []

    def draw(state, phase):
        time.sleep(0.1)
        spent.append(0.1)

    live = Worker(draw, lambda frame, phase: None, pytest.fail)
    live.start(endless())
    time.sleep(1.2)
    live.stop()
    assert live.wait(PATIENCE)
    assert sum(spent) <= 0.55  # a third of the time, and the last frame


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("tasks: at most 5, got 7"), "tasks: at most 5, got 7."),
        (OSError("dataset: no network"), "dataset: no network."),
        (KeyError("surprise"), "Unexpected KeyError: 'surprise'."),
    ],
)
def test_an_error_reaches_the_reader_as_a_sentence(error, expected, capsys):
    screen = Screen()

    def job():
        yield 1
        raise error

    screen.live.start(job())
    assert screen.live.wait(PATIENCE)
    assert screen.errors == [expected]
    assert screen.live.phase == "failed"
    assert capsys.readouterr() == ("", "")


def test_an_error_of_a_replaced_job_is_not_shown():
    screen, gate, log = Screen(), threading.Event(), []

    def job():
        gate.wait(PATIENCE)
        log.append("raised")
        raise ValueError("old news")
        yield

    screen.live.start(job())
    until(lambda: working() == 1)
    time.sleep(0.05)  # it has begun
    screen.live.start(steps(3))
    gate.set()
    assert screen.live.wait(PATIENCE)
    until(lambda: log and working() == 0)
    assert not screen.errors


def test_an_error_while_drawing_is_reported_too():
    def draw(state, phase):
        raise ValueError("cannot draw this")

    told = []
    live = Worker(draw, pytest.fail, told.append)
    live.start(steps(3))
    assert live.wait(PATIENCE)
    assert told == ["cannot draw this."]


def test_an_interrupt_stops_a_job_in_the_callers_thread_and_keeps_what_it_has():
    screen = Screen(blocking=True)

    def job():
        yield 1
        yield 2
        raise KeyboardInterrupt

    screen.live.start(job())
    assert screen.last == (2, "stopped")


def test_only_one_thread_draws_at_a_time():
    inside, most = [], []

    def draw(state, phase):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()

    figures = [Worker(draw, lambda frame, phase: None, pytest.fail) for _ in range(3)]
    for live in figures:
        live.start(steps(3))
    assert all(live.wait(PATIENCE) for live in figures)
    assert max(most) == 1
    assert DRAWING.acquire(blocking=False)
    DRAWING.release()


def test_a_job_begins_and_ends_on_one_core():
    def job():
        found.append(torch.get_num_threads())
        try:
            yield from endless()
        finally:
            found.append(torch.get_num_threads())

    before, found = torch.get_num_threads(), []
    torch.set_num_threads(2)
    try:
        screen = Screen()
        screen.live.start(job())
        until(lambda: screen.frames)
        screen.live.drop()
        until(lambda: not working())
        assert found == [1, 1]
    finally:
        torch.set_num_threads(before)
