"""Fill one column of a gradebook exported from Moodle or Canvas; every other byte stays."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mas_edu._common import as_choice, write_whole
from mas_edu.classroom.grading.grades import Grade

NAMES = ("student", "name", "full name", "student name")
FIRST, LAST = ("first name", "firstname"), ("last name", "lastname", "surname")
EXACT = (
    "email address", "email", "username", "id", "id number", "identifier", "sis user id",
    "sis login id",
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A gradebook once its column is filled, and the students without a cell.

    Args:
        content: the gradebook with its column filled.
        matched: how many students got their cell.
        unmatched: students who were not found in it.
        ambiguous: students with several rows, or with the row of another; nothing is filled in.
    """

    content: bytes
    matched: int
    unmatched: tuple[str, ...]
    ambiguous: tuple[str, ...]


def fill_gradebook(
    content: bytes, columns: Mapping[str, Callable[[Grade], str]], grades: Sequence[Grade]
) -> Filled:
    """Return a gradebook with columns filled for every student who is found in it.

    Args:
        content: the exported file; Ω, where its encoding lacks it, is written `&#937;`.
        columns: what to write for a grade, by the name of the column.
        grades: of the students.

    Raises:
        ValueError: if a column is not there, or is there twice.
    """
    text, encoding = _decoded(content)
    lines = split_cells(text)
    header = [_value(cell).strip() for cell, _ in lines[0]]
    places = {_column(header, name): write for name, write in columns.items()}
    keys = [_keys(header, [_value(cell) for cell, _ in line]) for line in lines]
    delimiter = _delimiter(text)
    found = {grade: _rows_of(grade, keys) for grade in grades}
    taken = Counter(rows[0] for rows in found.values() if len(rows) == 1)
    targets = {rows[0]: grade for grade, rows in found.items() if len(rows) == 1 == taken[rows[0]]}
    unmatched = [grade.student for grade, rows in found.items() if not rows]
    ambiguous = [
        grade.student for grade, rows in found.items() if rows and grade not in targets.values()
    ]
    for row, grade in targets.items():
        for place, write in places.items():
            cells = lines[row]
            if place < len(cells):
                words = write(grade).encode(encoding, "xmlcharrefreplace").decode(encoding)
                cells[place] = (_quoted(words, delimiter), cells[place][1])
    filled = "".join(cell + end for line in lines for cell, end in line)
    content = filled.encode(encoding)
    return Filled(content, len(targets), tuple(unmatched), tuple(ambiguous))


def split_cells(text: str) -> list[list[tuple[str, str]]]:
    r"""Return the cells of a CSV file as they are written, each with what follows it.

    >>> split_cells('a,"b, c"\r\n1,2')
    [[('a', ','), ('"b, c"', '\r\n')], [('1', ','), ('2', '')]]
    """
    delimiter = _delimiter(text)
    written = rf'(?:"(?:[^"]|"")*"|[^"{delimiter}\r\n])*'
    cell = re.compile(rf"({written})({delimiter}|\r\n|\n|\r|\Z)")
    lines: list[list[tuple[str, str]]] = [[]]
    place = 0
    while place < len(text):
        match = cell.match(text, place)
        if match is None:  # a quote without its end: the rest is one cell
            lines[-1].append((text[place:], ""))
            break
        lines[-1].append((match[1], match[2]))
        place = match.end()
        if match[2] in ("\r\n", "\n", "\r") and place < len(text):
            lines.append([])
        elif match[2] == delimiter and place == len(text):
            lines[-1].append(("", ""))
    return lines


def save_filled(filled: Filled, path: Path) -> None:
    """Write the gradebook, whole or not at all."""
    write_whole(path, partial(Path.write_bytes, data=filled.content))


def _decoded(content: bytes) -> tuple[str, str]:
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _value(cell: str) -> str:
    """Return what a cell says, without its quotes and without the mark of UTF-8."""
    cell = cell.removeprefix("\ufeff")
    return next(csv.reader([cell], delimiter="\0"), [""])[0] if cell.startswith('"') else cell


def _quoted(text: str, delimiter: str) -> str:
    text = " ".join(text.split())
    return '"' + text.replace('"', '""') + '"' if set(text) & {delimiter, '"'} else text


def _column(header: list[str], name: str) -> int:
    """Return the place of a column; Canvas and Moodle put a number or a kind behind its name."""
    places = [k for k, title in enumerate(header) if title == name]
    places = places or [
        k for k, title in enumerate(header) if re.sub(r"\s*\([^)]*\)$", "", title) == name
    ]
    if len(places) > 1:
        raise ValueError(
            f"column: expected one column {name!r}, got {len(places)}; give its whole name"
        )
    return places[0] if places else header.index(as_choice("column", name, header))


def _keys(header: list[str], cells: list[str]) -> tuple[set[str], set[str]]:
    """Return what a row can be known by: exactly, and as a name in any spelling."""
    by_title = {title.lower(): cell.strip() for title, cell in zip(header, cells, strict=False)}
    exact = {by_title[title].lower() for title in EXACT if by_title.get(title)}
    exact |= {key.partition("@")[0] for key in exact if "@" in key}
    first = next((by_title[title] for title in FIRST if by_title.get(title)), "")
    last = next((by_title[title] for title in LAST if by_title.get(title)), "")
    names = [by_title[title] for title in NAMES if by_title.get(title)]
    names += [f"{first} {last}", f"{last} {first}"] if first or last else []
    for name in list(names):
        family, comma, given = name.partition(",")
        names += [f"{given} {family}", f"{family} {given}"] if comma else []
    return exact | {" ".join(name.lower().split()) for name in names}, set(map(_plain, names))


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _rows_of(grade: Grade, keys: list[tuple[set[str], set[str]]]) -> list[int]:
    """Return the rows that may be this student's: by number, else by name, else by any spelling."""
    name = re.sub(r" \([\w ]*\d+\)$", "", grade.student)
    for test in (
        lambda row: any(number in row[0] for number in grade.ids),
        lambda row: " ".join(name.lower().split()) in row[0],
        lambda row: _plain(name) in row[1],
    ):
        if rows := [k for k, row in enumerate(keys) if k and test(row)]:
            return rows
    return []
