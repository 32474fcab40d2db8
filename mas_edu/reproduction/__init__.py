"""Run published experiments again, and judge their claims."""

from mas_edu.reproduction.protocols import PROTOCOLS
from mas_edu.reproduction.report import format_result
from mas_edu.reproduction.results import fewer_seeds, load_stored_all, save_result
from mas_edu.reproduction.run import reproduce

__all__ = [
    "PROTOCOLS",
    "fewer_seeds",
    "format_result",
    "load_stored_all",
    "reproduce",
    "save_result",
]
