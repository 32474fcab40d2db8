"""The methods: each is its settings, and says what to hold on to once a task is learned."""

from __future__ import annotations

from mas_edu._common import as_choice
from mas_edu.methods.elastic import EWC
from mas_edu.methods.method import Method
from mas_edu.methods.plain import L2, FineTune, Joint
from mas_edu.methods.sliced import SCP
from mas_edu.methods.synapses import MAS, MASBatch, MASLocal
from mas_edu.methods.walking import SI, RWalk

__all__ = [  # noqa: RUF022  (in the order of METHODS)
    "METHODS", "Method", "named",
    "FineTune", "Joint", "L2", "MAS", "MASBatch", "MASLocal", "EWC", "SI", "RWalk", "SCP",
]  # fmt: skip

METHODS: dict[str, type[Method]] = {
    method.__name__: method
    for method in (FineTune, Joint, L2, MAS, MASBatch, MASLocal, EWC, SI, RWalk, SCP)
}


def make_method(name: str) -> Method:
    """The method of that name with its default settings.

    >>> make_method("MAS")
    MAS()
    """
    return METHODS[as_choice("method", name, METHODS)]()
