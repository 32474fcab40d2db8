"""Records as arguments: one, or several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mas_edu._common import as_float, is_iterable
from mas_edu.results.record import Record


def as_records(records: Iterable[Record] | Record) -> list[Record]:
    """Return the records as a list; one alone may be given as it is.

    Raises:
        ValueError: if there is none, or something else than a record is among them.
    """
    if isinstance(records, Record):
        return [records]
    found: list[Any] = list(records) if is_iterable(records) else [records]
    if not found:
        raise ValueError(
            "records: expected at least one Record, got an empty list; "
            "make one with me.learn(stream, me.MAS())"
        )
    return [as_record(record, "records") for record in found]


def as_record(record: Record, name: str = "record") -> Record:
    """Return the record, once it is known to be one."""
    if not isinstance(record, Record):
        raise ValueError(
            f"{name}: expected a Record, got {type(record).__name__}; "
            "me.learn(…) returns one, me.Record.load(folder) reads one"
        )
    return record


def lam_of(record: Record) -> float | None:
    """Return the λ of a run, by which runs are put together; None: its method has none.

    Raises:
        ValueError: if it is no number, as in a record made by hand.
    """
    lam = record.settings.get("lam")
    return None if lam is None else as_float("records: the λ of a run", lam)
