"""Records as arguments: one, or several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mas_edu._common import is_iterable
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
