"""What is not needed is not imported: a process starts faster, and in less memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

WORK = """
import sys
import threading
import mas_edu as me

assert "matplotlib" not in sys.modules
me.plots.frontier
assert "matplotlib" in sys.modules

short = me.Schedule(steps=2)
stream = me.rotated("digits", tasks=2, samples=60)
for model in (None, me.cnn((1, 8, 8), 10)):
    record = me.learn(stream, me.MAS(), schedule=short, model=model, progress=False)
worker = threading.Thread(target=me.learn, args=(stream, me.MAS()), kwargs={"schedule": short})
worker.start()
worker.join()
me.sweep(stream, me.EWC(), [0, 1], (0, 1), schedule=short, progress=False)
from mas_edu.lessons.cancellation.experiment import gradients
gradients(me.snapshot(me.mlp([64, 8, 10])), stream[0].x)
assert "torch._inductor" not in sys.modules
assert not {"sklearn", "pandas"} & set(sys.modules)
"""


@pytest.mark.slow
def test_plots_and_the_compiler_of_pytorch_are_imported_when_needed() -> None:
    subprocess.run([sys.executable, "-c", WORK], check=True, timeout=120)
