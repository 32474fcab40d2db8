"""Records whose files were changed at random: refused in one sentence, or the same result.

A fixed number of changes, always the same ones; more are tried with
`MAS_EDU_FUZZ=5000 python -m pytest tests/project/test_fuzz_records.py`.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mas_edu as me
from mas_edu.results import TENSORS, TEXT, storage

pytestmark = pytest.mark.slow
TRIES = int(os.environ.get("MAS_EDU_FUZZ", "150"))
budget = settings(
    max_examples=TRIES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
RECORD = me.Record(
    [[0.9, 0.2], [0.7, 0.8]],
    initial=[0.1, 0.1],
    validation=[[0.8, np.nan], [0.7, 0.7]],
    steps=[0, 5],
    curve=[[0.1, 0.1], [0.9, 0.2]],
    omegas=[{"a.weight": torch.rand(2, 3), "b": torch.rand(())}] * 2,
    weights={"a.weight": torch.rand(2, 3, dtype=torch.float64), "count": torch.tensor(3)},
    memory={"score": torch.rand(5)},
    names=["0°", "a / b"],
    settings={"method": "MAS()", "lam": 0.1, "seed": 3, "stream": {"dataset": "digits"}},
    seconds=1.5,
    omega_seconds=0.5,
    side_by_side=6,
)


def everything(record: me.Record) -> tuple[Any, ...]:
    return record, record.seconds, record.omega_seconds, record.side_by_side


def loaded(folder: Path) -> me.Record | None:
    """Load a record, or check that it is refused as it should be."""
    record, error = None, None
    try:
        record = me.Record.load(folder)
    except Exception as refused:
        error = refused
    if record is None:
        assert type(error) in (ValueError, FileNotFoundError)
        assert str(error).startswith(("record: ", "folder: "))
        assert "\n" not in str(error)
        return None
    assert repr(record)
    assert record.title
    return record


def _flip(content: bytearray, draw: random.Random) -> None:
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)


def _set(content: bytearray, draw: random.Random) -> None:
    content[draw.randrange(len(content))] = draw.choice(b'0123456789{}[]",:.-eEtfn \x00\xff')


def _cut_out(content: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(content))
    del content[start : start + draw.randint(1, 1 + len(content) // draw.choice((1, 4, 40)))]


def _repeat(content: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(content))
    content[start:start] = content[start : start + draw.randint(1, 60)]


def _insert(content: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(content) + 1)
    content[start:start] = draw.choice((draw.randbytes(3), b"0", b"1", b" ", b'"', b'"lam":9,'))


def _swap_lines(content: bytearray, draw: random.Random) -> None:
    lines = content.split(b"\n")
    i, j = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    content[:] = b"\n".join(lines)


def _cut_lines(content: bytearray, draw: random.Random) -> None:
    lines = content.split(b"\n")
    start = draw.randrange(len(lines))
    del lines[start : start + draw.randint(1, 8)]
    content[:] = b"\n".join(lines)


CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _set, _cut_out, _repeat, _insert, _swap_lines, _cut_lines,
)  # fmt: skip


@budget
@given(
    file=st.sampled_from([TEXT, TEXT, TENSORS]),
    change=st.sampled_from(CHANGES),
    draw=st.randoms(use_true_random=False),
)
def test_a_changed_file_is_never_another_result(
    file: str, change: Any, draw: random.Random, tmp_path: Path
) -> None:
    RECORD.save(tmp_path, overwrite=True)
    content = bytearray((tmp_path / file).read_bytes())
    change(content, draw)
    (tmp_path / file).write_bytes(content)
    found = loaded(tmp_path)
    assert found is None or everything(found) == everything(RECORD)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
keys = st.sampled_from(
    ["format", "names", "settings", "seconds", "omega_seconds", "side_by_side", "tensors", "sha256"]
)


@budget
@given(forged=st.dictionaries(keys, values, min_size=1, max_size=3))
def test_a_forged_text_is_refused_or_read(forged: dict[str, Any], tmp_path: Path) -> None:
    RECORD.save(tmp_path, overwrite=True)
    text = json.loads((tmp_path / TEXT).read_text(encoding="utf-8"))
    del text[storage.OWN]
    (tmp_path / TEXT).write_text(json.dumps(text | forged), encoding="utf-8")
    loaded(tmp_path)


names = st.builds(
    "/".join,
    st.lists(
        st.sampled_from(
            ["accuracy", "steps", "curve", "initial", "omega", "weight", "memory", "0", "1", "-1"]
        )
        | st.integers(0, 10**12).map(str)
        | st.text(max_size=3),
        min_size=1,
        max_size=3,
    ),
)
arrays = st.builds(
    lambda shape, kind: np.ones(shape, kind),
    st.lists(st.integers(0, 3), max_size=3).map(tuple),
    st.sampled_from(["f4", "f8", "i8", "u1", "u2", "?", "c8", "f2"]),
)


@budget
@given(forged=st.dictionaries(names, arrays, max_size=4), keep=st.booleans())
def test_forged_arrays_are_refused_or_read(
    forged: dict[str, Any], keep: bool, tmp_path: Path
) -> None:
    RECORD.save(tmp_path, overwrite=True)
    whole = safetensors.numpy.load_file(tmp_path / TENSORS) if keep else {}
    tensors = safetensors.numpy.save(whole | forged)
    text = json.loads((tmp_path / TEXT).read_text(encoding="utf-8"))
    del text[storage.OWN]
    text["sha256"] = storage.hashlib.sha256(tensors).hexdigest()
    (tmp_path / TENSORS).write_bytes(tensors)
    (tmp_path / TEXT).write_text(json.dumps(text), encoding="utf-8")
    loaded(tmp_path)


@pytest.mark.parametrize("file", [TEXT, TENSORS])
def test_every_cut_of_a_file_is_refused(file: str, tmp_path: Path) -> None:
    content = (RECORD.save(tmp_path) / file).read_bytes()
    for size in range(0, len(content) - 1, 7):  # the last byte of the text is a line feed
        (tmp_path / file).write_bytes(content[:size])
        assert loaded(tmp_path) is None
