"""The runs that a plot shows in colour, and those that are pale, for comparison."""

from __future__ import annotations

from collections.abc import Sequence

from mas_edu._common import as_flag
from mas_edu.results import Record, as_record, as_records

FEW = 6  # tasks whose colours can be told apart


def split_baseline(
    records: Sequence[Record] | Record, baseline: Record | None = None, panels: bool | None = None
) -> tuple[list[Record], list[Record], bool]:
    """Return the runs in colour, those drawn pale, and whether each task has its own panel.

    Args:
        records: one run, or several to compare.
        baseline: a run that is drawn pale; None: with panels, FineTune among the records.
        panels: None: yes, for several runs or for more tasks than there are colours.
    """
    found = [record for record in as_records(records) if record is not baseline]
    pale = [] if baseline is None else [as_record(baseline, "baseline")]
    if not found:
        found, pale = pale, []
    if panels is None:
        panels = len(found) + len(pale) > 1 or len(found[0].accuracy) > FEW
    if not as_flag("panels", panels):
        return found[:1], [*found[1:], *pale], False
    plain = [record for record in found if record.method_label == "FineTune"]
    if pale or len(plain) == len(found):
        return found, pale, True
    return [record for record in found if record.method_label != "FineTune"], plain, True
