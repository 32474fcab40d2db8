"""The measuring of the benchmarks: medians over repeats that take turns, each row a ratio."""

from __future__ import annotations

import gc
import math
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch

import mas_edu as me


@dataclass(frozen=True)
class Row:
    """One line of the table: `ratio` = seconds (or bytes) of `what` over those of `reference`."""

    what: str
    reference: str
    ratio: float
    target: str = ""  # such as "≤ 1.2": what the project promises
    seconds: float | None = None
    note: str = ""

    @classmethod
    def left_out(cls, what: str, why: str) -> Row:
        """Return a row that was not measured, with the reason."""
        return cls(what, "", math.nan, note=f"left out: {why}")

    @property
    def verdict(self) -> str:
        """Return "holds" or "FAILS", or nothing where nothing is promised."""
        if not self.target:
            return ""
        sign, bound = self.target.split()
        holds = self.ratio <= float(bound) if sign == "≤" else self.ratio >= float(bound)
        return "holds" if holds else "FAILS"

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, for the JSON file."""
        ratio = None if math.isnan(self.ratio) else self.ratio  # JSON knows no NaN
        return {**asdict(self), "ratio": ratio, "verdict": self.verdict}


def median_seconds(
    ways: dict[str, Callable[[], object]], repeats: int = 5, device: str = "cpu"
) -> dict[str, float]:
    """Measure the median wall time of each way; they take turns, so that noise hits all alike.

    The garbage collector leaves out what is there already, such as all that other groups import.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()  # once to warm up
    gc.collect()
    gc.freeze()
    try:
        for _ in range(repeats):
            for name, way in ways.items():
                gc.collect()
                synchronise(device)
                begun = time.perf_counter()
                way()
                synchronise(device)
                times[name].append(time.perf_counter() - begun)
    finally:
        gc.unfreeze()
    return {name: statistics.median(values) for name, values in times.items()}


def synchronise(device: str) -> None:
    """Wait for the GPU, where there is one."""
    if device == "cuda":
        torch.cuda.synchronize()


def bf16_gain(device: str, size: int = 1024) -> float:
    """Measure how much faster this machine multiplies matrices in bfloat16 than in float32.

    Below 1 where the processor has no instructions for it (AMX, AVX512-BF16), and sometimes where
    it has: so it is measured, not looked up.
    """
    a = torch.rand(size, size, device=device)
    b = a.bfloat16()
    seconds = median_seconds({"fp32": lambda: a @ a, "bf16": lambda: b @ b}, 5, device)
    return seconds["fp32"] / seconds["bf16"]


def machine(device: str) -> dict[str, Any]:
    """Describe the machine and the versions that the ratios were measured with."""
    cpu = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            cpu = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {
        "processor": cpu,
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "mas_edu": me.__version__,
    }
