"""What is shown in another language: is all of it translated, with the same numbers?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from mas_edu._common import language, language_texts
from tests.support.texts import outside, overlapping, texts_of
from tools.texts import has_words

OPEN, CLOSE = "\u2061", "\u2062"  # drawn without width, so that marked texts fit as others do
MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
NAMES = ("MAS", "EWC", "SI", "Memory Aware Synapses", "ReLU", "lr", "log")
TAG = re.compile(r"<style.*?</style>|<pre.*?</pre>|<[^>]*>", re.DOTALL)  # code stays as it is


class Marked(Mapping[str, str]):
    """A language's texts, each between two marks; it notes the English ones that were asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts, self.asked = texts, set[str]()

    def __getitem__(self, text: str) -> str:
        self.asked.add(text)
        return f"{OPEN}{self.texts[text]}{CLOSE}"

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak a language."""
    with mock.patch.dict(os.environ, {language.VARIABLE: name}):
        yield


@contextmanager
def marked(name: str) -> Iterator[Marked]:
    """Speak a language and mark what is translated: all else is a leftover."""
    texts = Marked(language_texts(name))
    with speaking(name), mock.patch.object(language, "language_texts", return_value=texts):
        yield texts


def leftovers(texts: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """Return what is left of marked texts without what was translated, where it has words.

    `names`: that no language translates, such as "MAS".
    """
    found = []
    for text in texts:
        rest = text
        while MARKED.search(rest):
            rest = MARKED.sub(" ", rest)
        for name in names:
            rest = re.sub(rf"\b{re.escape(name)}\b", " ", rest)
        if re.search(r"[A-Za-z]{2}", rest):
            found.append(text.replace(OPEN, "⟦").replace(CLOSE, "⟧"))
    return found


def numbers(text: str) -> list[str]:
    """Return the numbers in a text, in no order: a translation may move them.

    >>> numbers("12 of 40 updates, 0.5 s")
    ['0.5', '12', '40']
    """
    return sorted(NUMBER.findall(text))


def without_tags(page: str) -> str:
    """Return the text of HTML, and what it says instead of pictures; no code, no style."""
    spoken = re.findall(r'(?:alt|aria-label|title)="([^"]*)"', page)
    return " ".join([TAG.sub(" ", page), *spoken]).replace("&nbsp;", " ")


def controls_say(controls: Iterable[Any]) -> list[str]:
    """Return names, tooltips and options of widgets."""
    found = []
    for control in controls:
        found += [control.description, control.tooltip or ""]
        found += [o[0] if isinstance(o, tuple) else str(o) for o in getattr(control, "options", ())]
        found += getattr(control, "tooltips", ())
    return found


def check_state(figure: Any, language: str, known: set[str]) -> None:
    """Assert that the figure as it is now is translated, with the same numbers, and has room.

    `known`: all texts of the package.
    """
    looks = {name: look.value for name, look in figure.looks.items()}
    with marked(language) as asked:
        drawn = figure.draw(figure.state, **looks)
        written = texts_of(drawn)
        said = figure.describe(figure.state, **looks)
        assert leftovers([said, *(text.get_text() for text in written)], NAMES) == []
    assert set(filter(has_words, asked.asked)) <= known
    assert numbers(said) == numbers(figure.words)
    assert outside(drawn, written, margin=0) == []
    covered = overlapping(written)
    if covered:  # of runs as short as these, also in English
        english = texts_of(figure.draw(figure.state, **looks))
        assert len(covered) <= len(overlapping(english)), covered
