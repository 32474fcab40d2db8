"""Run published experiments again, and judge their claims."""

from mas_edu.reproduction.protocols import PROTOCOLS
from mas_edu.reproduction.report import format_result
from mas_edu.reproduction.results import load_stored_all, save_result
from mas_edu.reproduction.run import reproduce

__all__ = ["PROTOCOLS", "format_result", "load_stored_all", "reproduce", "save_result"]
