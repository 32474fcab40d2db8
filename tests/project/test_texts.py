"""The tool that lists what a language lacks."""

from __future__ import annotations

import json
import sys
from unittest import mock

import pytest

from mas_edu._common import languages
from tools import texts


@pytest.fixture(scope="module", autouse=True)
def _once():
    """Collect the texts once: it runs cells of all lessons."""
    with mock.patch.object(texts, "texts", return_value=texts.texts()):
        yield


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    monkeypatch.setattr(texts, "languages", lambda: ["en", "fr"])
    return tmp_path


def write(folder, complete=(), **translations):
    content = {"complete": list(complete), "texts": translations}
    (folder / "fr.json").write_text(json.dumps(content))


@pytest.mark.parametrize("language", languages()[1:])
def test_what_a_language_calls_complete_is_complete_and_nothing_is_left_over(language: str) -> None:
    assert texts.faults(language) == []


def test_texts_are_found_wherever_they_stand() -> None:
    found = texts.texts()
    assert "{run} on {stream}" in found["plots/wording.py"]
    assert "B turned by" in found["lessons/forgetting/widget.py"]
    assert "It is lower than you thought, by {distance}." in found["widgets/prediction.py"]
    assert {"stream", "Keeping what was learned."} <= set(found["widgets/glossary_terms.py"])
    assert "another seed" in found["lessons/forgetting/01_forgetting.ipynb"]
    assert "both alike" in found["lessons/sensitivity/02_sensitivity.ipynb"]


def test_a_template_is_found_before_it_reaches_the_call() -> None:
    source = 'template = "{n} tasks" if n > 1 else "{n} task"\ntext = translate(template, n=n)'
    assert list(texts.texts_in(source)) == ["{n} tasks", "{n} task"]


def test_a_part_that_is_not_complete_is_named(folder) -> None:
    write(folder, ["plots", "plot"])
    found = texts.faults("fr")
    assert any(f.startswith("plots is called complete, but plots/matrix.py has 3") for f in found)
    assert "complete: there is no part 'plot'" in found


def test_a_translation_of_what_is_nowhere_said_is_named(folder) -> None:
    write(folder, **{"Once upon a time": "Il était une fois"})
    assert texts.faults("fr") == ["nothing says 'Once upon a time' any more"]


def test_a_text_that_is_translated_twice_is_refused(folder) -> None:
    (folder / "fr.json").write_text(
        '{"complete": [], "texts": {"seed": "graine", "seed": "germe"}}'
    )
    with pytest.raises(SystemExit, match="translated twice: 'seed'"):
        texts.faults("fr")


def test_a_new_language_begins_with_everything_there_is(folder, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["texts", "it", "plots/time_axis.py"])
    with pytest.raises(SystemExit) as ended:
        texts.main()
    assert (
        capsys.readouterr().out == 'plots/time_axis.py:\n  "tasks learned": "",\n  "updates": "",\n'
    )
    assert ended.value.code == 0
