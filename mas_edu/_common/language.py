"""Texts in the reader's language: the source is English, every other language is one file.

`mas_edu/languages/de.json` makes German: "texts" has each English text, as it stands in the source,
with its translation; "language" is the language's own name; "complete" names the parts of the
package in which no text may be missing (`python -m tools.texts de` lists what is).

Texts with numbers are templates. Their fields have names, so that a translation may move them:

    translate("{method} keeps {share:.0f} %", method="MAS", share=97.4)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from mas_edu._common.arguments import short_repr

VARIABLE = "MAS_EDU_LANGUAGE"
ENGLISH = "en"
FOLDER = Path(__file__).parents[1] / "languages"


def translate(text: str, **values: object) -> str:
    """Return a text in the language that `MAS_EDU_LANGUAGE` names, its fields filled in.

    Without the variable, or where the language's file lacks the text, it stays English.

    Raises:
        ValueError: if there is no such language, or its file is damaged.

    >>> translate("{method} keeps {share:.0f} %", method="MAS", share=97.4)
    'MAS keeps 97 %'
    """
    found = language_texts(os.environ.get(VARIABLE) or ENGLISH).get(text, text)
    return found.format(**values) if values else found


def languages() -> list[str]:
    """Return the languages there are, English first.

    >>> languages()[:2]
    ['en', 'de']
    """
    return [ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.json"))]


@cache
def language_texts(language: str) -> Mapping[str, str]:
    """Return a language's texts by the English ones, read once and checked."""
    if language not in languages():
        raise ValueError(
            f"{VARIABLE}: expected one of {', '.join(languages())}, got {short_repr(language)}; "
            "leave it unset for English"
        )
    return {} if language == ENGLISH else read_texts(FOLDER / f"{language}.json")


def read_texts(path: Path) -> dict[str, str]:
    """Read the texts of a language's file.

    Raises:
        ValueError: if it has no texts, or a translation has other fields than the English text.
    """
    try:
        texts = json.loads(path.read_text(encoding="utf-8"))["texts"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f'{path.name}: expected JSON with "texts", got {short_repr(error)}; mend the file'
        ) from error
    for text, translation in _pairs(path, texts):
        expected, found = _fields(text), _fields(translation)
        if found != expected:
            raise ValueError(
                f"{path.name}: expected the fields {_listed(expected)}, got {_listed(found)} in "
                f"{short_repr(translation)}; write them as in {short_repr(text)}"
            )
    return dict(texts)


def _pairs(path: Path, texts: Any) -> list[tuple[str, str]]:
    """Return each English text with its translation, both checked to be texts."""
    wrong = [texts] if not isinstance(texts, dict) else [
        one for one in texts.values() if not isinstance(one, str) or not one.strip()
    ]  # fmt: skip
    if wrong:
        raise ValueError(
            f"{path.name}: expected a translation for each English text, got "
            f"{short_repr(wrong[0])}; write it between quotes"
        )
    return list(texts.items())


def _fields(text: str) -> set[str] | None:
    """Return the fields of a template as they are written; None if a brace has no partner."""
    try:
        parts = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return None
    return {
        f"{{{name}{f'!{how}' if how else ''}{f':{form}' if form else ''}}}"
        for name, form, how in parts
    }


def _listed(fields: set[str] | None) -> str:
    if fields is None:
        return "a brace without its partner"
    return ", ".join(sorted(fields)) or "none"
