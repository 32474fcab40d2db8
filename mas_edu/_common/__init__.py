"""Argument checks, whole-file writes, digests, translations; nothing here knows about learning."""

from mas_edu._common.arguments import (
    USER_ERRORS,
    as_choice,
    as_flag,
    as_float,
    as_instance,
    as_int,
    as_ints,
    as_job_count,
    as_list,
    as_numbers,
    as_seed,
    as_stop,
    as_text,
    first_line,
    is_iterable,
    short_repr,
)
from mas_edu._common.calls import class_of_call, register_defaults, short_call
from mas_edu._common.child_processes import children_without_ctrl_c
from mas_edu._common.digests import digest
from mas_edu._common.files import chosen_folder, remove_leftovers, set_aside, write_whole
from mas_edu._common.images import figure_png, png_pixels
from mas_edu._common.language import language_texts, languages, translate
from mas_edu._common.progress import progress_bar
from mas_edu._common.reader_files import (
    Guess,
    ReaderFile,
    as_kept_number,
    reader_answers,
    reader_folder,
    reader_guesses,
    reader_hints,
    reader_points,
    reader_results,
    reader_tries,
)

__all__ = [
    "USER_ERRORS",
    "Guess",
    "ReaderFile",
    "as_choice",
    "as_flag",
    "as_float",
    "as_instance",
    "as_int",
    "as_ints",
    "as_job_count",
    "as_kept_number",
    "as_list",
    "as_numbers",
    "as_seed",
    "as_stop",
    "as_text",
    "children_without_ctrl_c",
    "chosen_folder",
    "class_of_call",
    "digest",
    "figure_png",
    "first_line",
    "is_iterable",
    "language_texts",
    "languages",
    "png_pixels",
    "progress_bar",
    "reader_answers",
    "reader_folder",
    "reader_guesses",
    "reader_hints",
    "reader_points",
    "reader_results",
    "reader_tries",
    "register_defaults",
    "remove_leftovers",
    "set_aside",
    "short_call",
    "short_repr",
    "translate",
    "write_whole",
]
