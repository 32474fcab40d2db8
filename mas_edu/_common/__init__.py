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
from mas_edu._common.calls import class_of_call, register_defaults, short_call
from mas_edu._common.digests import digest
from mas_edu._common.files import set_aside, write_whole

__all__ = [
    "as_choice",
    "as_float",
    "as_instance",
    "as_int",
    "as_ints",
    "as_job_count",
    "as_list",
    "as_seed",
    "class_of_call",
    "digest",
    "register_defaults",
    "set_aside",
    "short_call",
    "short_repr",
    "write_whole",
]
