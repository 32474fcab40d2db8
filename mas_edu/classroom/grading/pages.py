"""The pages of grading: a table, a feedback page for each student, a summary for the teacher."""

from __future__ import annotations

import csv
import html
import io
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mas_edu._common import write_whole
from mas_edu.classroom.catalogue import all_exercises
from mas_edu.classroom.grading.grades import KEPT, Grade, file_name
from mas_edu.classroom.judging import Verdict

GRADES, FEEDBACK, SUMMARY = "grades.csv", "feedback", "summary.html"
WRITTEN_FILES, WRITTEN_FOLDERS = (GRADES, SUMMARY), (FEEDBACK, KEPT)  # in the folder of grading
STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em;
       color: #1a1a1a; background: #fff }
table { border-collapse: collapse } td, th { padding: .2em .8em .2em 0; text-align: left;
       vertical-align: top; border-bottom: 1px solid #ddd }
pre { background: #f5f5f5; padding: .6em; overflow-x: auto; font-size: 14px }
h2 { font-size: 1.1em; margin: 1.6em 0 .2em } p { margin: .3em 0 }"""


def write_pages(grades: Sequence[Grade], out: Path) -> None:
    """Write grades.csv, a feedback page for each student, and summary.html."""
    (out / FEEDBACK).mkdir(parents=True, exist_ok=True)
    _write(out / GRADES, "\ufeff" + grades_table(grades))  # the mark by which Excel knows UTF-8
    for grade in grades:
        _write(out / FEEDBACK / f"{file_name(grade.student)}.html", feedback_page(grade))
    _write(out / SUMMARY, summary_page(grades))


def grades_table(grades: Sequence[Grade]) -> str:
    """Return the grades as CSV: a row a student, a column an exercise."""
    numbers = _numbers(grades)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["student", "points", "of", *numbers, "status", "notes"])
    for grade in grades:
        of = sum(verdict.of for verdict in grade.verdicts.values())
        points = [f"{grade.verdicts[number].points:g}" for number in numbers]
        texts = [_as_text(part) for part in (grade.student, grade.status, "; ".join(grade.notes))]
        table.writerow([texts[0], f"{grade.points:g}", of, *points, *texts[1:]])
    return text.getvalue()


def feedback_page(grade: Grade) -> str:
    """Return what a student gets: points, the sentence, the next hint, the own code."""
    of = sum(verdict.of for verdict in grade.verdicts.values())
    parts = [f"<p><strong>{grade.points:g} of {of} points</strong></p>"]
    if grade.status != "graded":
        parts.append(f"<p>{html.escape(grade.status)}</p>")
    parts += [
        _feedback(verdict, grade.code.get(number, "")) for number, verdict in grade.verdicts.items()
    ]
    if grade.notes:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in grade.notes)
        parts.append(f"<h2>What ended early</h2><ul>{notes}</ul>")
    return _page(f"Exercises of {grade.student}", parts)


def summary_page(grades: Sequence[Grade]) -> str:
    """Return what to talk about next time: how many are right, each mistake and how often."""
    total = len(grades)
    parts = [f"<p>{total} submission{'s' if total != 1 else ''}.</p>"]
    for number in _numbers(grades):
        verdicts = [grade.verdicts[number] for grade in grades]
        right = sum(verdict.right for verdict in verdicts)
        counts = Counter(_kind(verdict) for verdict in verdicts if not verdict.right)
        rows = "".join(
            f"<tr><td>{count} of {total}</td><td>{html.escape(words)}</td></tr>"
            for words, count in counts.most_common()
        )
        title = html.escape(f"{number} {verdicts[0].name}: {right} of {total} right")
        parts.append(f"<h2>{title}</h2><table>{rows}</table>")
    odd = [grade for grade in grades if grade.status != "graded" or grade.notes]
    if odd:
        rows = "".join(
            f"<tr><td>{html.escape(grade.student)}</td>"
            f"<td>{html.escape('; '.join([grade.status, *grade.notes]))}</td></tr>"
            for grade in odd
        )
        parts.append(f"<h2>To look at yourself</h2><table>{rows}</table>")
    return _page("What went wrong, and how often", parts)


def feedback_text(grade: Grade) -> str:
    """Return the sentences of a student's feedback as one line of text."""
    if grade.status != "graded":
        return grade.status
    return " ".join(
        f"{number}: {'right.' if verdict.right else verdict.words}"
        for number, verdict in grade.verdicts.items()
    )


def _numbers(grades: Sequence[Grade]) -> list[str]:
    return list(grades[0].verdicts) if grades else []


def _kind(verdict: Verdict) -> str:
    """Return what wrong answers are counted by: the named mistake, or the kind of problem."""
    if verdict.status in ("mistake", "property"):
        return verdict.words
    if verdict.status == "error":
        words = verdict.words.partition(":")[0].rstrip(".")
        return f"ended with {words}" if words.isidentifier() else words
    return {
        "unwritten": "not written yet",
        "missing": "not there",
        "form": "another form than asked for",
        "case": "wrong in a way that has no name",
    }[verdict.status]


def _feedback(verdict: Verdict, code: str) -> str:
    exercise = all_exercises()[verdict.id]
    state = "right" if verdict.right else "not right yet"
    lines = [verdict.words, verdict.detail]
    lines += [] if verdict.right else [f"Hint: {exercise.hints[0]}"]
    text = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    shown = f"<pre>{html.escape(code)}</pre>" if code else ""
    title = f"{verdict.id} {verdict.name}: {state}, {verdict.points:g} of {verdict.of}"
    return f"<h2>{html.escape(title)}</h2>{text}{shown}"


def _as_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def _page(title: str, parts: Sequence[str]) -> str:
    name = html.escape(title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{name}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{name}</h1>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _write(path: Path, text: str) -> None:
    write_whole(path, partial(Path.write_bytes, data=text.encode("utf-8")))
