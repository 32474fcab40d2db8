"""Argument checks, whole-file writes and digests; nothing here knows about learning."""

from mas_edu._common.arguments import (
    as_choice,
    as_float,
    as_instance,
    as_int,
    as_ints,
    as_job_count,
    as_list,
    as_seed,
    short_repr,
)
from mas_edu._common.digests import digest
from mas_edu._common.files import (
    TENSORS,
    TEXT,
    check_writable,
    load_arrays,
    save_arrays,
    set_aside,
    write_whole,
)

__all__ = [
    "TENSORS",
    "TEXT",
    "as_choice",
    "as_float",
    "as_instance",
    "as_int",
    "as_ints",
    "as_job_count",
    "as_list",
    "as_seed",
    "check_writable",
    "digest",
    "load_arrays",
    "save_arrays",
    "set_aside",
    "short_repr",
    "write_whole",
]
