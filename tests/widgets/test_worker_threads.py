"""Threads of a worker: the interpreter can be left, and the reader's own stay as they were."""

import contextlib
import os
import subprocess
import sys
import threading
import time

import pytest

from mas_edu.widgets.ending import end_threads

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
