"""Threads of a worker: the interpreter can be left, and the reader's own stay as they were."""

import contextlib
import os
import subprocess
import sys
import threading
import time

import pytest
import torch

from mas_edu.widgets import one_thread
from mas_edu.widgets.ending import end_threads
from mas_edu.widgets.one_thread import use_one_thread
from tests.support.workers import in_thread, until

LEAVING = """
import time
import torch
from mas_edu.widgets.worker import Worker

def job():
    while True:
        torch.rand(300, 300) @ torch.rand(300, 300)
        yield 1

live = Worker(lambda state, phase: state, lambda frame, phase: None, print)
live.start(job())
time.sleep(0.2)
"""


@pytest.mark.slow
def test_the_interpreter_can_be_left_while_a_worker_trains():
    for _ in range(2):
        run = subprocess.run([sys.executable, "-c", LEAVING], capture_output=True, text=True)
        assert (run.returncode, run.stderr) == (0, "")


LONG_STEP = LEAVING.replace("        yield 1", "    yield 1")


@pytest.mark.slow
def test_a_long_step_is_broken_off_when_the_interpreter_is_left():
    code = f"{LONG_STEP}\nimport sys\nsys.exit(3)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (3, "")


def test_threads_that_do_not_end_by_themselves_are_broken_off():
    def forever():
        with contextlib.suppress(SystemExit):  # pytest would warn of it
            while True:
                time.sleep(0.001)

    threads = [threading.Thread(None, forever, "endless", daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    end_threads("endless")
    assert not any(thread.is_alive() for thread in threads)


CORES = """
import subprocess
import sys
import threading
import torch
from mas_edu.widgets.worker import Worker

def job():
    for _ in range(50):
        torch.rand(300, 300) @ torch.rand(300, 300)
        yield 1
    asked.wait(20)

asked = threading.Event()
live = Worker(lambda state, phase: state, lambda frame, phase: begun.set(), print)
begun = threading.Event()
live.start(job())
begun.wait(20)
torch.rand(3_000_000).exp()  # the first thing that the main thread computes
asked.set()
live.wait(20)
print(torch.get_num_threads())
"""


@pytest.mark.slow
def test_the_readers_threads_stay_what_they_were():
    run = subprocess.run(
        [sys.executable, "-c", CORES], capture_output=True, text=True, check=True,
        env={**os.environ, "OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"},
    )  # fmt: skip
    assert int(run.stdout) == min(2, os.cpu_count() or 1)


def test_a_worker_computes_on_one_core_and_no_other_thread_does():
    def work():
        with use_one_thread():
            entered.set()
            left.wait(20)
            inside.append(torch.get_num_threads())
        return torch.get_num_threads()

    before, inside, after = torch.get_num_threads(), [], []
    entered, left = threading.Event(), threading.Event()
    torch.set_num_threads(2)
    try:
        workers = [threading.Thread(target=lambda: after.append(work())) for _ in range(2)]
        for worker in workers:
            entered.clear()
            worker.start()
            assert entered.wait(20)
        assert (torch.get_num_threads(), in_thread(torch.get_num_threads)) == (2, 2)
        with use_one_thread():  # in the reader's own thread, as where a figure blocks
            with use_one_thread():
                pass
            assert (torch.get_num_threads(), in_thread(torch.get_num_threads)) == (1, 2)
        torch.set_num_threads(3)  # the reader changes it meanwhile
        left.set()
        for worker in workers:
            worker.join(20)
        assert (inside, after) == ([1, 1], [2, 2])
        assert (torch.get_num_threads(), in_thread(torch.get_num_threads)) == (3, 3)
    finally:
        left.set()
        torch.set_num_threads(before)


def test_workers_that_begin_at_once_leave_the_number_of_later_threads(monkeypatch):
    def held_up(function):
        """Let the second worker read the number before the first sets it back, and set it later."""
        begun.append(function)
        turn = len(begun)
        if turn == 2:
            read.wait(0.3)
        if turn == 4:
            time.sleep(0.1)
        found = in_thread(function)
        if turn == 3:
            read.set()
        done.append(function)
        return found

    def work():
        with use_one_thread():
            inside.wait(20)

    before, begun, done = torch.get_num_threads(), [], []
    read, inside = threading.Event(), threading.Event()
    monkeypatch.setattr(one_thread, "_in_new_thread", held_up)
    torch.set_num_threads(2)
    workers = [threading.Thread(target=work) for _ in range(2)]
    try:
        workers[0].start()
        until(lambda: len(begun) == 2)
        workers[1].start()
        until(lambda: len(done) == 4)
        assert (torch.get_num_threads(), in_thread(torch.get_num_threads)) == (2, 2)
    finally:
        inside.set()
        for worker in workers:
            worker.join(20)
        torch.set_num_threads(before)
