"""The methods: each is its settings, and makes the anchor that holds on to a learned task."""

from __future__ import annotations

from mas_edu._common import as_choice
from mas_edu.methods.base import Method, omega_unit
from mas_edu.methods.baselines import L2, FineTune, Joint
from mas_edu.methods.ewc import EWC
from mas_edu.methods.mas import MAS, MASBatch, MASLocal
from mas_edu.methods.penalty import Anchor, check_same_weights
from mas_edu.methods.rwalk import RWalk
from mas_edu.methods.scp import SCP
from mas_edu.methods.si import SI

__all__ = [  # noqa: RUF022  (in the order of METHODS)
    "METHODS", "Method", "make_method", "omega_unit", "Anchor", "check_same_weights",
    "FineTune", "Joint", "L2", "MAS", "MASBatch", "MASLocal", "EWC", "SI", "RWalk", "SCP",
]  # fmt: skip

METHODS: dict[str, type[Method]] = {
    method.__name__: method
    for method in (FineTune, Joint, L2, MAS, MASBatch, MASLocal, EWC, SI, RWalk, SCP)
}


def make_method(name: str) -> Method:
    """Return the method of that name with its default settings.

    >>> make_method("MAS")
    MAS()
    """
    return METHODS[as_choice("method", name, METHODS)]()
