"""What a run gave, as a value: the accuracy matrix, the curves, Ω, and the questions about them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from mas_edu._common import as_float, as_instance, as_int, short_repr
from mas_edu.networks import Params
from mas_edu.results.storage import TEXT, load_arrays, save_arrays

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Record:
    """One run, finished or interrupted; nothing in it can be changed.

    Args:
        accuracy: `accuracy[i, j]` = share of task j's test part answered rightly after learning
            task i, `[T, T]`. NaN: not measured, such as the rows of tasks not yet learned.
        initial: the same before any learning, `[T]`; needed for `forward_transfer` alone.
        validation: like `accuracy`, on the validation parts, `[T, T]`; λ is chosen by it.
        steps: numbers of updates done when `curve` was measured, `[S]`.
        curve: accuracy on each task in the course of training, `[S, T]`.
        omegas: Ω in force after each finished task, accumulated by the method's rule.
        weights: the model's final state, as `state_dict()` names it.
        memory: what the method carries to the next task beside Ω and the weights; often nothing.
        names: of the tasks.
        settings: what to know to run it again, and digests of what it started from and saw.
        seconds: wall time of the run; of runs trained side by side, this run's share.
        omega_seconds: of these, what the method took after the tasks, mostly for Ω.
        side_by_side: how many runs were trained in one program with this one, itself among them.

    Two records are equal if everything but the last three is.

    >>> record = Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])
    >>> round(record.average, 3), round(record.forgetting, 3), round(record.learned, 3)
    (0.7, 0.3, 0.85)
    """

    accuracy: NDArray[np.float64]
    initial: NDArray[np.float64] | None = None
    validation: NDArray[np.float64] | None = None
    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, int))
    curve: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    omegas: tuple[Params, ...] = ()
    weights: Params = field(default_factory=dict)
    memory: Params = field(default_factory=dict)
    names: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    omega_seconds: float = 0.0
    side_by_side: int = 1

    def __post_init__(self) -> None:
        accuracy = _locked("accuracy", self.accuracy)
        if accuracy.ndim != 2 or accuracy.shape[0] != accuracy.shape[1] or not accuracy.size:
            raise ValueError(
                f"accuracy: expected one row and one column a task, [T, T], got {accuracy.shape}"
            )
        tasks, steps = len(accuracy), _locked("steps", self.steps, int)
        checked = {
            "accuracy": _shares("accuracy", accuracy, (tasks, tasks)),
            "steps": steps,
            "curve": _shares(
                "curve", self.curve if steps.size else np.zeros((0, tasks)), (steps.size, tasks)
            ),
            "omegas": _tensors("omegas", self.omegas),
            "weights": _tensors("weights", [self.weights])[0],
            "memory": _tensors("memory", [self.memory])[0],
            "names": _names(self.names or [f"task {j}" for j in range(1, tasks + 1)], tasks),
            "settings": as_instance("settings", self.settings, dict, "{'lam': 0.1}"),
            "seconds": as_float("seconds", self.seconds),
            "omega_seconds": as_float("omega_seconds", self.omega_seconds),
            "side_by_side": as_int("side_by_side", self.side_by_side, 1),
        }
        for name, shape in (("initial", (tasks,)), ("validation", (tasks, tasks))):
            if getattr(self, name) is not None:
                checked[name] = _shares(name, getattr(self, name), shape)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def finished(self) -> int:
        """How many tasks were learned to the end."""
        rows = [np.isfinite(row[: i + 1]).all() for i, row in enumerate(self.accuracy)]
        return rows.index(False) if False in rows else len(rows)

    @property
    def complete(self) -> bool:
        """Whether every task was learned."""
        return self.finished == len(self.accuracy)

    @property
    def average(self) -> float:
        r"""Mean accuracy over the tasks learned, at the end: :math:`\frac1T \sum_j a_{T,j}`."""
        seen = self._seen
        return float(seen[-1].mean()) if len(seen) else float("nan")

    @property
    def validated(self) -> float:
        """`average` on the validation parts, for choosing λ; NaN where there are none."""
        if self.validation is None or not self.finished:
            return float("nan")
        return float(self.validation[self.finished - 1, : self.finished].mean())

    @property
    def learned(self) -> float:
        r"""Mean accuracy on each task just after learning it: :math:`\frac1T \sum_j a_{j,j}`.

        Read it beside `forgetting`: a frozen network forgets nothing, and learns nothing.
        """
        return float(np.diag(self._seen).mean()) if self.finished else float("nan")

    @property
    def forgetting(self) -> float:
        r"""How far earlier tasks fell from their best, in the mean; 0 after the first task.

        .. math:: \frac{1}{T-1} \sum_{j<T} \Big( \max_{j \le i < T} a_{i,j} - a_{T,j} \Big)

        Chaudhry et al., ECCV 2018 (arXiv 1801.10112), section 3.2, with the best taken from the
        moment the task was learned.
        """
        seen = self._seen
        if len(seen) < 2:
            return 0.0 if len(seen) else float("nan")
        falls = [seen[j:-1, j].max() - seen[-1, j] for j in range(len(seen) - 1)]
        return float(np.mean(falls))

    @property
    def backward_transfer(self) -> float:
        r"""What learning later tasks did to earlier ones: :math:`\frac{1}{T-1} \sum_{j<T}
        (a_{T,j} - a_{j,j})`; negative when they were forgotten, 0 after the first task.

        Lopez-Paz and Ranzato, NeurIPS 2017 (arXiv 1706.08840), equation 3.
        """  # noqa: D205
        seen = self._seen
        if len(seen) < 2:
            return 0.0 if len(seen) else float("nan")
        return float((seen[-1] - np.diag(seen))[:-1].mean())

    @property
    def forward_transfer(self) -> float:
        r"""What earlier tasks did for a later one before it was learned, against the untrained
        network: :math:`\frac{1}{T-1} \sum_{j>1} (a_{j-1,j} - b_j)`; NaN where not measured.

        Lopez-Paz and Ranzato, NeurIPS 2017 (arXiv 1706.08840), equation 4.
        """  # noqa: D205
        if self.finished < 2 or self.initial is None:
            return float("nan")
        later = range(1, self.finished)
        return float(np.mean([self.accuracy[j - 1, j] - self.initial[j] for j in later]))

    @property
    def average_over_time(self) -> float:
        r"""Mean of the averages after each task: how good the network was all along.

        .. math:: \frac1T \sum_{i=1}^T \frac1i \sum_{j \le i} a_{i,j}

        Only tasks learned by then count. "Average incremental accuracy" in Rebuffi et al., CVPR
        2017 (arXiv 1611.07725), section 4.
        """
        seen = self._seen
        rows = [row[: i + 1].mean() for i, row in enumerate(seen)]
        return float(np.mean(rows)) if rows else float("nan")

    def intransigence(self, joint: Record) -> float:
        r"""How far learning fell behind a network that had all tasks' data so far, in the mean.

        .. math:: \frac1T \sum_{k=1}^T (a^*_k - a_{k,k})

        :math:`a^*_k` is the accuracy on task k after `Joint` learned tasks 1 to k. Negative: better
        than the reference. Chaudhry et al., ECCV 2018 (arXiv 1801.10112), section 3.2.

        Args:
            joint: the run of `Joint` on the same stream, with at least as many tasks finished.

        Raises:
            ValueError: if it is no such record.

        >>> joint = Record([[0.9, 0.1], [0.9, 0.9]], settings={"method": "Joint()"})
        >>> round(Record([[0.9, 0.1], [0.6, 0.7]]).intransigence(joint), 3)
        0.1
        """
        as_instance("joint", joint, Record, "me.learn(stream, me.Joint())")
        _one_stream(self, joint)
        if not self.finished:
            return float("nan")
        reference = np.diag(joint.accuracy)[: self.finished]
        return float((reference - np.diag(self._seen)).mean())

    @property
    def _seen(self) -> NDArray[np.float64]:
        return self.accuracy[: self.finished, : self.finished]

    @property
    def label(self) -> str:
        """The run in a legend: method and λ."""
        method = str(self.settings.get("method", "run"))
        method = method.removesuffix("()")
        lam = self.settings.get("lam")
        if isinstance(lam, int | float):
            return f"{method}, λ = {lam:g}"
        return method if lam is None else f"{method}, λ = {lam}"  # by hand, or edited on the disk

    def __repr__(self) -> str:
        state = "" if self.complete else f", {self.finished} of {len(self.accuracy)} tasks finished"
        return (
            f"Record({self.label}: average {self.average:.1%}, forgetting {self.forgetting:.1%}, "
            f"learned {self.learned:.1%}{state})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        mine, theirs = self._arrays(), other._arrays()
        return (
            (self.names, self.settings) == (other.names, other.settings)
            and mine.keys() == theirs.keys()
            and all(np.array_equal(mine[k], theirs[k], equal_nan=True) for k in mine)
        )

    __hash__ = None  # type: ignore[assignment]

    def to_frame(self) -> pd.DataFrame:
        """One row for each measured cell: method, lam, seed, after, task, name, accuracy."""
        import pandas as pd

        shared = {name: self.settings.get(name) for name in ("method", "lam", "seed")}
        rows = [
            {**shared, "after": i + 1, "task": j + 1, "name": self.names[j], "accuracy": value}
            for (i, j), value in np.ndenumerate(self.accuracy)
            if np.isfinite(value)
        ]
        return pd.DataFrame(rows, columns=[*shared, "after", "task", "name", "accuracy"])

    def save(self, folder: str | os.PathLike[str], overwrite: bool = False) -> Path:
        """Write `record.safetensors` and `record.json` into the folder, which is made if needed.

        Each file appears whole or not at all, the JSON last, with the checksum of the tensors.

        Raises:
            FileExistsError: if the folder holds a record and `overwrite` is not given.
            OSError: if the folder cannot be written.
        """
        text = {
            "names": self.names,
            "settings": self.settings,
            "seconds": self.seconds,
            "omega_seconds": self.omega_seconds,
            "side_by_side": self.side_by_side,
            "average": self.average,
            "forgetting": self.forgetting,
            "learned": self.learned,
            "average_over_time": self.average_over_time,
            "finished": self.finished,
            "accuracy": self.accuracy.tolist(),
        }
        return save_arrays(folder, self._arrays(), text, overwrite)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Record:
        """The record that `save` wrote.

        Raises:
            FileNotFoundError: if the folder holds no record.
            ValueError: naming the file that is damaged or cut short, or of a newer format.
        """
        arrays, text = load_arrays(folder, needed=("names", "settings", "seconds"))
        omegas: list[Params] = []
        weights: Params = {}
        memory: Params = {}
        for key, value in arrays.items():
            kind, _, name = key.partition("/")
            if kind == "omega":
                place, _, name = name.partition("/")
                omegas += [{} for _ in range(int(place) + 1 - len(omegas))]
                omegas[int(place)][name] = torch.from_numpy(value)
            elif kind == "weight":
                weights[name] = torch.from_numpy(value)
            elif kind == "memory":
                memory[name] = torch.from_numpy(value)
        try:
            return cls(
                accuracy=arrays["accuracy"],
                initial=arrays.get("initial"),
                validation=arrays.get("validation"),
                steps=arrays["steps"],
                curve=arrays["curve"],
                omegas=tuple(omegas),
                weights=weights,
                memory=memory,
                names=text["names"],
                settings=text["settings"],
                seconds=text["seconds"],
                omega_seconds=text.get("omega_seconds", 0.0),  # earlier files have none
                side_by_side=text.get("side_by_side", 1),
            )
        except ValueError as error:
            raise ValueError(f"record: {Path(folder) / TEXT} is damaged ({error})") from error

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Every array of the record, under the name it has in the file."""
        arrays = {"accuracy": self.accuracy, "steps": self.steps, "curve": self.curve}
        if self.initial is not None:
            arrays["initial"] = self.initial
        if self.validation is not None:
            arrays["validation"] = self.validation
        for i, omega in enumerate(self.omegas):
            arrays |= {f"omega/{i}/{name}": _numbers(v) for name, v in omega.items()}
        arrays |= {f"weight/{name}": _numbers(v) for name, v in self.weights.items()}
        arrays |= {f"memory/{name}": _numbers(v) for name, v in self.memory.items()}
        return {name: np.ascontiguousarray(value) for name, value in arrays.items()}


def _one_stream(record: Record, joint: Record) -> None:
    """Raise unless `joint` is what the record may be measured against."""
    method = joint.settings.get("method", "Joint()")
    streams = [
        json.dumps(one.settings.get("stream"), sort_keys=True, default=str)
        for one in (record, joint)
    ]
    if method != "Joint()":
        raise ValueError(f"joint: expected a run of me.Joint(), got one of {method}")
    one, other = (short_repr(run.names) for run in (record, joint))
    if record.names == joint.names:  # other data under the same names: say which
        one, other = (short_repr(run.settings.get("stream")) for run in (record, joint))
    if record.names != joint.names or ("null" not in streams and streams[0] != streams[1]):
        raise ValueError(
            f"joint: expected a run on the same stream, {one}, got one on {other}; run "
            "me.learn(stream, me.Joint()) on this one"
        )
    counts = [run.settings.get("updates") for run in (record, joint)]
    if None not in counts and counts[0] != counts[1]:
        raise ValueError(
            f"joint: expected a run with the same number of updates a task, "
            f"{short_repr(counts[0])}, got {short_repr(counts[1])}; give both the same Schedule"
        )
    if joint.finished < record.finished:
        raise ValueError(
            f"joint: expected at least {record.finished} finished tasks, got {joint.finished}; let "
            "it finish"
        )


def _locked(name: str, values: ArrayLike, kind: type = float) -> NDArray[Any]:
    array: NDArray[Any]
    try:
        plain = values.detach().cpu().double().numpy() if isinstance(values, Tensor) else values
        array = np.array(plain, dtype=kind)  # a copy: the caller's array stays theirs
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected numbers, got {short_repr(values)}") from error
    array.setflags(write=False)
    return array


def _shares(name: str, values: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Accuracies: from 0 to 1, or NaN where not measured."""
    array = _locked(name, values)
    if array.shape != shape:
        raise ValueError(f"{name}: expected the shape {shape}, got {array.shape}")
    outside = array[~(((array >= 0) & (array <= 1)) | np.isnan(array))]
    if outside.size:
        raise ValueError(f"{name}: expected shares from 0 to 1 or NaN, got {outside[0]:g}")
    return array


def _tensors(name: str, several: Iterable[Params]) -> tuple[Params, ...]:
    found = tuple(several) if isinstance(several, Iterable) else ("no iterable",)
    for params in found:
        good = isinstance(params, Mapping)
        if not good or not all(isinstance(value, Tensor) for value in params.values()):
            raise ValueError(f"{name}: expected tensors by name, got {short_repr(several)}")
    return tuple(dict(params) for params in found)


def _names(names: Iterable[str], tasks: int) -> tuple[str, ...]:
    found = tuple(names) if isinstance(names, Iterable) and not isinstance(names, str) else ()
    if len(found) != tasks or not all(isinstance(name, str) for name in found):
        raise ValueError(
            f"names: expected {tasks} texts, one for each task, got {short_repr(names)}"
        )
    return found


def _numbers(tensor: Tensor) -> NDArray[Any]:
    """NumPy has no bfloat16: its numbers are exact in float32."""
    known = tensor.float() if tensor.dtype == torch.bfloat16 else tensor
    array: NDArray[Any] = known.numpy(force=True)
    return array
