"""Shares and names as plots and captions write them."""

from __future__ import annotations

import re

from mas_edu._common import as_instance, as_numbers, short_repr, translate
from mas_edu.results import Record


def percent(share: float) -> str:
    """Write a share as all pictures do.

    >>> percent(0.974), percent(-0.001)
    ('97 %', '0 %')
    """
    number = as_numbers("share", share, 0, "one such as 0.97")
    if number.size != 1:
        raise ValueError(f"share: expected one number, got {short_repr(share)}")
    return f"{100 * number.item():z.0f} %"


def short_names(text: str) -> str:
    """Return the text with the names of methods as plots and captions write them.

    >>> short_names("FineTune"), short_names("EWC, λ = 30")
    ('Fine-tuning', 'EWC, λ = 30')
    """
    as_instance("text", text, str, "'MAS, λ = 0.1'")
    if text == "run":  # of a record that does not say how it was made
        return translate("run")
    return re.sub(r"\bFineTune\b", translate("Fine-tuning"), text)


def run_on(run: str, stream: str) -> str:
    """Return what was run on what; the run alone where the stream has no name.

    >>> run_on("MAS, λ = 0.1", "rotated digits")
    'MAS, λ = 0.1 on rotated digits'
    """
    if not stream:
        return run
    return translate("{run} on {stream}", run=run, stream=stream_name(stream))


def run_title(record: Record) -> str:
    """Return `record.title` in the reader's language."""
    return run_on(short_names(record.label), record.stream_name)


def stream_name(name: str) -> str:
    """Return the name of a stream in the reader's language: "rotated digits"."""
    kind, _, data = name.partition(" ")
    names = {
        "rotated": translate("rotated {data}", data=data),
        "permuted": translate("permuted {data}", data=data),
        "split": translate("split {data}", data=data),
    }
    return names.get(kind, name) if data else name


def task_name(name: str) -> str:
    """Return the name of a task in the reader's language; names that readers chose stay.

    >>> task_name("task 3"), task_name("upright")
    ('task 3', 'upright')
    """
    kind, _, number = as_instance("name", name, str, "'task 1'").rpartition(" ")
    names = {
        "task": translate("task {number}", number=number),
        "permutation": translate("permutation {number}", number=number),
    }
    if number.isdigit() and kind in names:
        return names[kind]
    return translate("in place") if name == "in place" else name
