"""Grade submissions: run each, judge it in this process, keep it until something changes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from mas_edu._common import digest, write_whole
from mas_edu.classroom.catalogue import all_exercises, own_digests
from mas_edu.classroom.exercise import Exercise
from mas_edu.classroom.grading.limits import Limits
from mas_edu.classroom.grading.notebook_code import Notebook, read_notebook
from mas_edu.classroom.grading.submissions import Submission
from mas_edu.classroom.grading.supervisor import TICK, Run, Supervisor
from mas_edu.classroom.judging import Verdict, judge_observations, prepare_judging
from mas_edu.classroom.student_part import pack_for_student

KEPT = "kept"  # folder within `out` for what is graded already
LONGEST = 100  # bytes of a student's name within a file's: a disk allows 255 in all
BLANK = ("missing", "unwritten")  # no answer: one in another notebook of the submission counts


@dataclass(frozen=True, eq=False)
class Grade:
    """The verdicts on a student's submission.

    Args:
        student: who.
        ids: numbers that the course system has for the student.
        verdicts: by exercise, of all that were to be done.
        status: "graded", or why there is nothing to grade.
        notes: what ended early, by cell.
        code: the student's code of each exercise.
    """

    student: str
    ids: tuple[str, ...]
    verdicts: dict[str, Verdict]
    status: str = "graded"
    notes: tuple[str, ...] = ()
    code: dict[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The sum of the points."""
        return sum(verdict.points for verdict in self.verdicts.values())


@dataclass(frozen=True)
class Grader:
    """Grade submissions, keeping each grade until the submission or a check changes.

    Args:
        exercises: numbers of the exercises to grade, in order.
        seed: of the cases that answers are called with.
        limits: of each submission.
        jobs: submissions at a time.
    """

    exercises: tuple[str, ...]
    seed: int = 0
    limits: Limits = field(default_factory=Limits)
    jobs: int = 2

    def grade(
        self,
        submissions: Sequence[Submission],
        out: Path,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Grade]:
        """Yield the grade of each submission, in the order in which they are done.

        What is done is kept in `out` and read again, unless the submission, the exercises or the
        seed changed.

        Args:
            submissions: of all students.
            out: folder for what is done.
            stop: asked ten times a second; True ends the grading.

        Raises:
            ValueError: if the solution of an exercise fails with this seed.
        """
        (out / KEPT).mkdir(parents=True, exist_ok=True)
        left = []
        for submission in submissions:
            found = _read_kept(self._kept_path(submission, out))
            if found is None:
                left.append(submission)
            else:
                yield found
        supervisor = Supervisor(self.limits, pack_for_student(self.exercises))
        pool = ThreadPoolExecutor(self.jobs)
        try:
            waiting = {pool.submit(self._run, supervisor, one): one for one in left}
            for number in self.exercises if left else ():  # meanwhile
                if not stop():
                    prepare_judging(all_exercises()[number], self.seed)
            while waiting and not stop():
                for future in wait(waiting, TICK, FIRST_COMPLETED).done:
                    submission = waiting.pop(future)
                    found = self._judge(submission, future.result())
                    self._keep(found, self._kept_path(submission, out))
                    yield found
        finally:
            supervisor.stop()
            pool.shutdown(cancel_futures=True)

    def _run(self, supervisor: Supervisor, submission: Submission) -> list[Ran]:
        """Run every notebook of a submission; nothing of a student's code runs in this process."""
        found = []
        for path, content in submission.files:
            try:
                notebook = read_notebook(content)
            except ValueError as error:
                found.append(Ran(path, problem=str(error)))
                continue
            wanted = exercises_of(notebook, self.exercises)
            beside = [(file.seen_from(path), file) for file in submission.studies]
            cells = list(notebook.cells)
            run = supervisor.run(cells, wanted, self.seed, beside) if wanted else Run()
            found.append(Ran(path, notebook, run, wanted))
        return found

    def _judge(self, submission: Submission, ran: Sequence[Ran]) -> Grade:
        """Judge what the notebooks of a submission came to; of two answers the last one counts."""
        verdicts = {number: _absent(number) for number in self.exercises}
        code = {}
        for one in ran:
            for number in one.wanted:
                exercise = all_exercises()[number]
                verdict = self._verdict(exercise, one)
                if verdict.status not in BLANK or verdicts[number].status == "missing":
                    verdicts[number] = verdict
                    code[number] = one.notebook.code_of(exercise.name) if one.notebook else ""
        problems = [f"{one.path} {one.problem}" for one in ran if one.problem]
        read = [one for one in ran if not one.problem]
        if not read:
            status = "; ".join(problems)
        elif not any(one.wanted for one in read):
            status = "no exercise found in it"
        else:
            status = "graded"
        cells = (f"cell {k} {words}" for one in ran for k, words in sorted(one.run.cells.items()))
        broken = (f"{one.path} {one.run.broken}" for one in ran if one.run.broken)
        notes = (*cells, *broken, *(problems if read else ()))
        return Grade(submission.student, submission.ids, verdicts, status, notes, code)

    def _verdict(self, exercise: Exercise, ran: Ran) -> Verdict:
        number, run = exercise.id, ran.run
        if number in run.found:
            try:
                return judge_observations(exercise, run.found[number], self.seed)
            except (ValueError, TypeError, KeyError, IndexError, AttributeError):
                return _without_points(exercise, "error", "What it sent cannot be read.")
        if number in run.blamed:
            words = f"The call {run.blamed[number]}"
            return _without_points(exercise, "error", words if words[-1] == "?" else f"{words}.")
        cell = ran.notebook.last_cell_with(exercise.name) if ran.notebook else 0
        if cell in run.cells:
            words = f"`{exercise.name}` is not there: its cell {run.cells[cell]}"
        elif cell and run.broken:
            words = f"`{exercise.name}` was not reached: the notebook {run.broken}"
        elif cell:
            words = f"`{exercise.name}` is not there once all cells have run"
        else:
            words = f"`{exercise.name}` is not there: no cell defines it"
        return _without_points(exercise, "missing", words if words[-1] == "?" else f"{words}.")

    def _kept_path(self, submission: Submission, out: Path) -> Path:
        files = [
            f"{path} {hashlib.sha256(content).hexdigest()}" for path, content in submission.files
        ]
        files += [f"{file.path} {file.size} {file.stamp}" for file in submission.studies]
        settings = repr((self.exercises, self.seed, self.limits, submission.student))
        code = digest([settings, _checks_digest(), *own_digests(), *files], 16)
        return out / KEPT / f"{file_name(submission.student)}-{code}.json"

    def _keep(self, grade: Grade, path: Path) -> None:
        text = json.dumps(asdict(grade), ensure_ascii=False)
        write_whole(path, lambda fresh: fresh.write_text(text, encoding="utf-8"))


@dataclass(frozen=True)
class Ran:
    """One notebook of a submission, and what running it came to."""

    path: str
    notebook: Notebook | None = None
    run: Run = field(default_factory=Run)
    wanted: list[str] = field(default_factory=list)
    problem: str = ""


def exercises_of(notebook: Notebook, wanted: Sequence[str]) -> list[str]:
    """Return which of the wanted exercises a notebook is about: those of its lessons."""
    lessons = notebook.lessons()
    return [number for number in wanted if all_exercises()[number].lesson in lessons]


def exercises_in(submissions: Sequence[Submission]) -> tuple[str, ...]:
    """Return the exercises of all lessons that any submission is about."""
    lessons: set[str] = set()
    for _, content in (file for submission in submissions for file in submission.files):
        with suppress(ValueError):
            lessons |= read_notebook(content).lessons()
    return tuple(number for number, one in all_exercises().items() if one.lesson in lessons)


def file_name(student: str) -> str:
    """Return a name for files about a student.

    >>> file_name("ada"), file_name("../x")
    ('ada', '.._x-d6b96a')
    """
    safe = re.sub(r"[^\w .-]+", "_", student).strip()
    start = safe.encode()[:LONGEST].decode(errors="ignore")
    if start == student and not safe.startswith("."):
        return safe
    return f"{start}-{digest([student], 6)}"


def _absent(number: str) -> Verdict:
    return _without_points(all_exercises()[number], "missing", "It was not handed in.")


def _without_points(exercise: Exercise, status: str, words: str) -> Verdict:
    return Verdict(exercise.id, exercise.name, status, words, 0.0, exercise.points)  # type: ignore[arg-type]


@cache
def _checks_digest() -> str:
    """Return a digest of all that judges: a grade is kept only while this stays the same."""
    files = sorted(Path(__file__).parents[1].rglob("*.py"))
    return digest([path.read_text(encoding="utf-8") for path in files])


def _read_kept(path: Path) -> Grade | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        verdicts = {
            number: Verdict(**{**one, "warned": tuple(one["warned"])})
            for number, one in found.pop("verdicts").items()
        }
        return Grade(
            **{**found, "ids": tuple(found["ids"]), "notes": tuple(found["notes"])},
            verdicts=verdicts,
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
