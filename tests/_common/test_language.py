"""Texts in the reader's language, and files of a language that are wrong."""

from __future__ import annotations

import json
import re

import pytest

from mas_edu._common import language, language_texts, languages, translate
from tests.support.languages import CLOSE, OPEN, leftovers, marked, numbers, speaking


@pytest.fixture
def french(tmp_path, monkeypatch):
    """A folder with French alone."""
    texts = {"{done} of {total} updates": "sur {total} mises à jour, {done}"}
    (tmp_path / "fr.json").write_text(json.dumps({"texts": texts}), encoding="utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    monkeypatch.setattr(language, "language_texts", language_texts.__wrapped__)
    return tmp_path


def test_without_a_language_the_text_is_what_stands_in_the_source(monkeypatch):
    monkeypatch.delenv(language.VARIABLE, raising=False)
    assert translate("{share:.0f} % {name}", share=1.6, name="{x}") == "2 % {x}"
    assert translate("no fields, but {braces}") == "no fields, but {braces}"


@pytest.mark.usefixtures("french")
def test_the_language_is_read_at_each_call_and_may_move_the_fields():
    text, values = "{done} of {total} updates", {"done": 3, "total": 8}
    assert translate(text, **values) == "3 of 8 updates"
    with speaking("fr"):
        assert translate(text, **values) == "sur 8 mises à jour, 3"
    with speaking("en"):
        assert translate(text, **values) == "3 of 8 updates"


@pytest.mark.usefixtures("french")
def test_a_text_without_a_translation_stays_english():
    with speaking("fr"):
        assert translate("{count} seeds", count=3) == "3 seeds"


@pytest.mark.usefixtures("french")
def test_an_unknown_language_gets_a_sentence():
    message = "MAS_EDU_LANGUAGE: expected one of en, fr, got 'it'; leave it unset for English"
    with speaking("it"), pytest.raises(ValueError, match=re.escape(message)):
        translate("tasks")


@pytest.mark.parametrize(
    ("translation", "found"),
    [
        ("{fait} sur {total:.0f}", "{fait}, {total:.0f}"),
        ("{done} sur {total}", "{done}, {total}"),
        ("sur {total:.0f}", "{total:.0f}"),
        ("trois sur huit", "none"),
        ("{done} sur {total:.0f", "a brace without its partner"),
        ("{0} sur {total:.0f}", "{0}, {total:.0f}"),
        ("{} sur {total:.0f}", "{total:.0f}, {}"),
    ],
)
def test_a_translation_with_other_fields_is_refused(french, translation: str, found: str):
    content = {"texts": {"{done} of {total:.0f}": translation}}
    (french / "fr.json").write_text(json.dumps(content))
    message = (
        f"fr.json: expected the fields {{done}}, {{total:.0f}}, got {found} in {translation!r}; "
        "write them as in '{done} of {total:.0f}'"
    )
    with speaking("fr"), pytest.raises(ValueError, match=re.escape(message)):
        translate("tasks")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"texts": 1}', '{"texts": {"a": 1}}', '{"texts": {"a": " "}}']
)
def test_a_damaged_file_gets_a_sentence(french, content: str):
    (french / "fr.json").write_text(content)
    with speaking("fr"), pytest.raises(ValueError, match=r"fr\.json: expected .*, got .*; "):
        translate("tasks")


@pytest.mark.parametrize("name", languages()[1:])
def test_translations_say_the_numbers_of_the_english_texts(name: str):
    for text, translation in language_texts(name).items():
        outside = (re.sub(r"\{[^}]*\}", "", one) for one in (text, translation))
        assert numbers(next(outside)) == numbers(next(outside)), text


def test_the_marks_tell_what_is_translated():
    with marked("de") as texts:
        said = translate("{count} seeds", count=translate("task {number}", number=3))
    assert said == f"{OPEN}{OPEN}Aufgabe 3{CLOSE} Seeds{CLOSE}"
    assert texts.asked == {"{count} seeds", "task {number}"}
    assert leftovers([said, "λ = 3", "MAS"], ["MAS"]) == []
    assert leftovers([f"{said} or more"]) == ["⟦⟦Aufgabe 3⟧ Seeds⟧ or more"]
