"""Files of data sets changed at random: refused in one sentence, or the same images.

A fixed number of changes, always the same ones; more are tried with
`MAS_EDU_FUZZ=5000 python -m pytest tests/project/test_fuzz_data.py`.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mas_edu.data import datasets
from mas_edu.data.originals import FILES, ORIGINALS
from tests.project.test_fuzz_records import CHANGES
from tests.support import image_files

pytestmark = pytest.mark.slow
budget = settings(
    max_examples=int(os.environ.get("MAS_EDU_FUZZ", "150")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def published() -> Any:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ORIGINALS:
            image_files.publish(monkeypatch, name)
        yield


FORMS = [(name, ending) for name in ORIGINALS for ending in ("", ".gz")]


@budget
@given(
    form=st.sampled_from(FORMS),
    file=st.sampled_from(FILES),
    change=st.sampled_from(CHANGES),
    draw=st.randoms(use_true_random=False),
)
def test_a_changed_file_is_never_another_set(
    form: tuple[str, str],
    file: str,
    change: Any,
    draw: random.Random,
    published: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    name, ending = form
    root: Path = tmp_path_factory.mktemp("data", numbered=True)
    path = image_files.write(root, name, ending=ending) / f"{file}{ending}"
    content = bytearray(path.read_bytes())
    change(content, draw)
    path.write_bytes(content)
    original = datasets._downloaded.__wrapped__
    found, error = None, None
    try:
        found = original(name, root)
    except Exception as refused:
        error = refused
    if found is None:
        assert type(error) is ValueError
        assert str(error).startswith(f"dataset: {name!r} cannot be read, {path} is damaged")
        assert "\n" not in str(error)
        return
    whole = original(name, image_files.write(root / "whole", name).parents[1])
    for part in ("x", "y", "x_test", "y_test"):
        assert torch.equal(getattr(found, part), getattr(whole, part))
