"""Memory Aware Synapses: how a network forgets, and how that can be prevented.

stream = me.rotated("digits", tasks=5)             # 1. tasks, one after the other
record = me.learn(stream, me.MAS(), lam=0.1)       # 2. train, protect what matters
record.average, record.forgetting, record.learned  # 3. what is left of each task
me.plots.forgetting_curves([record])               # 4. look at it
omega = me.mas(model, x)                           # Ω of any model, exact, no labels
me.playground()                                    # try all of it, in a notebook
"""

import importlib
from typing import Any

from mas_edu import _ctrl_c  # noqa: F401  (the first import: it acts during the others)
from mas_edu.data import Stream, Task, permuted, rotated, split, stream
from mas_edu.importance import Tally, explain, fisher, mas, mas_batch, mas_local, scp
from mas_edu.methods import (
    EWC,
    L2,
    MAS,
    SCP,
    SI,
    Anchor,
    FineTune,
    Joint,
    MASBatch,
    MASLocal,
    Method,
    RWalk,
)
from mas_edu.networks import Params, cnn, mlp, snapshot
from mas_edu.results import Record, choose_lam, compare, interval
from mas_edu.training import Schedule, Training, accuracies, fit, learn, sweep

__version__ = "0.1.0"

__all__ = [  # noqa: RUF022  (in the order in which a reader meets them)
    # tasks
    "Task", "Stream", "rotated", "permuted", "split", "stream",
    # networks and their weights
    "mlp", "cnn", "Params", "snapshot",
    # importance, and the penalty made of it
    "mas", "mas_batch", "mas_local", "fisher", "scp", "Tally", "explain", "Anchor",
    # methods
    "Method", "FineTune", "Joint", "L2", "MAS", "MASBatch", "MASLocal", "EWC", "SI", "RWalk", "SCP",
    # training
    "Schedule", "fit", "learn", "Training", "accuracies", "Record",
    # many runs
    "sweep", "choose_lam", "compare", "interval",
    # plots, their captions and the interactive figure, loaded when first used
    "plots", "words", "playground",
    # in the lessons
    "predict", "reveal", "quiz", "glossary",
    # in the exercises
    "check", "hint", "solution",
]  # fmt: skip

_LATER = {
    "playground": "widgets.playground",
    "predict": "widgets.prediction",
    "reveal": "widgets.prediction",
    "quiz": "widgets.questions",
    "glossary": "widgets.glossary_terms",
    "check": "classroom.in_notebook",
    "hint": "classroom.in_notebook",
    "solution": "classroom.in_notebook",
}


_WINGS = {"plots": "plots", "words": "plots.captions"}


def __getattr__(name: str) -> Any:
    """Import what needs matplotlib or ipywidgets only when it is first used."""
    if name in _WINGS:
        return importlib.import_module(f"mas_edu.{_WINGS[name]}")
    if name in _LATER:
        return getattr(importlib.import_module(f"mas_edu.{_LATER[name]}"), name)
    raise AttributeError(f"module 'mas_edu' has no attribute {name!r}")
