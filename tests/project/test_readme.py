"""The README and its sister pages: code runs, the diff applies, links and paths exist."""

from __future__ import annotations

import re
import shlex

import nbformat
import pytest
import torch

import mas_edu as me
from mas_edu.cli.parser import make_parser
from tools.bench import readme as bench
from tools.paths import BENCH, REPRODUCTION, ROOT
from tools.readme import reproduced
from tools.readme.badge import badge, derived
from tools.readme.blocks import renewed

README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
NEAR = 4  # printed numbers are percentages of a few hundred samples; versions of PyTorch differ


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the fenced blocks, in order: language and content."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def of(language: str) -> list[str]:
    return [content for kind, content in blocks(README) if kind == language]


def same(printed: str, shown: str) -> bool:
    """Say whether words are equal, and numbers near each other."""
    if NUMBER.sub("#", printed) != NUMBER.sub("#", shown):
        return False
    pairs = zip(NUMBER.findall(printed), NUMBER.findall(shown), strict=True)
    return all(abs(float(one) - float(other)) <= NEAR for one, other in pairs)


def halves(diff: str) -> tuple[str, str]:
    """Return what the diff is applied to, and the result."""
    lines = diff.splitlines(keepends=True)
    assert all(line[0] in " +-\n" for line in lines)
    before = [line[1:] if line[0] != "\n" else line for line in lines if line[0] != "+"]
    after = [line[1:] if line[0] != "\n" else line for line in lines if line[0] != "-"]
    return "".join(before), "".join(after)


def test_code_blocks_run_in_order_and_print_what_is_shown(capsys):
    names: dict[str, object] = {}
    found = blocks(README)
    compared = 0
    for i, (language, content) in enumerate(found):
        if language != "python":
            continue
        capsys.readouterr()
        exec(compile(content, f"README.md, block {i}", "exec"), names)
        printed = capsys.readouterr().out
        follows, shown = found[i + 1]
        if follows == "text":
            assert same(printed, shown), printed
            compared += 1
        else:
            assert printed == ""
    assert compared == len(of("text")) > 0


def test_numbers_that_are_shown_are_really_compared():
    assert same("a 50% b", "a 52% b")
    assert not same("a 50% b", "a 60% b")
    assert not same("a 50% b", "c 50% b")


@pytest.mark.slow
def test_the_diff_turns_the_loop_that_forgets_into_one_that_remembers():
    (diff,) = of("diff")
    before, after = halves(diff)
    assert "optimizer.step()" in before
    accuracy = []
    for code in (before, after):
        torch.manual_seed(0)
        names = {"me": me, "stream": me.rotated("digits", tasks=5, step=20)}
        exec(compile(code, "README.md, diff", "exec"), names)
        accuracy.append(names["accuracy"])
    plain, mas = accuracy
    assert mas[0] > plain[0] + 0.2  # the first task
    assert mas.mean() > plain.mean() + 0.1


def test_the_table_has_the_public_names_and_no_others():
    table = README.split("## The names")[1].split("\n## ")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ")][1:]
    fields = {name for name in dir(me.Record) if not name.startswith("_")}
    named = set(re.findall(r"`(\w+)`", " ".join(rows))) - fields
    assert named == set(me.__all__)


def test_the_commands_are_understood():
    lines = [line for block in of("sh") for line in block.splitlines() if "-m mas_edu" in line]
    assert len(lines) == 6
    for line in lines:
        make_parser().parse_args(shlex.split(line, comments=True)[3:])


def test_each_folder_that_a_command_reads_was_written_by_one_before():
    written: set[str] = set()
    for line in (line for block in of("sh") for line in block.splitlines() if "runs/" in line):
        reads, _, writes = line.split("#")[0].partition("--out")
        assert set(re.findall(r"runs/\w+", reads)) <= written, line
        written |= set(re.findall(r"runs/\w+", writes))
    assert len(written) > 1


def test_the_course_lists_each_notebook_with_its_title_and_minutes():
    course = README.split("## The course\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| \[(.+?)\]\((.+?)\) \| *(\d*) *\| (.+) \|$", course, re.MULTILINE)
    found = sorted((ROOT / "notebooks").glob("[0-9A]*.ipynb"))
    assert [link for _, link, *_ in rows] == [f"notebooks/{path.name}" for path in found]
    for (title, _, minutes, gain), path in zip(rows, found, strict=True):
        notebook = nbformat.read(path, as_version=4)
        assert notebook.cells[0].source.splitlines()[0] == f"# {title}"
        assert minutes == str(notebook.metadata.get("lesson", {}).get("minutes", ""))
        assert len(gain) < 80
    for page in set((ROOT / "notebooks").glob("*.ipynb")) - set(found):
        assert f"](notebooks/{page.name})" in course


def test_the_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    texts = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^|cpu )make ([a-z]+)", texts, re.MULTILINE))
    assert {"lab", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_badge_and_the_links_follow_the_one_address():
    assert badge() in README
    assert derived(README) == README
    assert derived("https://github.com/someone/else") != "https://github.com/someone/else"


def test_the_published_numbers_are_those_that_are_stored():
    page = REPRODUCTION.read_text(encoding="utf-8")
    assert reproduced.load_all()
    assert reproduced.renew_page(page) == page
    assert reproduced.renew_page(page.replace(" reached |", " missed |")) == page
    assert reproduced.renew_readme(README) == README
    assert reproduced.renew_readme(README.replace("reached in", "missed in")) == README


def test_the_rows_of_speed_are_those_of_the_full_table():
    rows = bench.short_table(BENCH.read_text(encoding="utf-8"))
    assert rows.count("\n") == 2 + len(bench.SHOWN)
    assert renewed(README, "speed", rows) == README


def test_the_paths_that_contributing_names_are_there():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w.*]+/[\w./*-]*)`", page))
    assert len(named) > 20
    assert [path for path in sorted(named) if not any(ROOT.glob(path))] == []


def test_contributing_has_all_wings_and_no_others():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    wings = page.split("## The wings\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| `(\w+)` \|", wings, re.MULTILINE)
    folders = {path.parent.name for path in (ROOT / "mas_edu").glob("*/__init__.py")}
    assert {*named} == {*folders, "__init__"}


def test_the_readme_is_short_enough_for_a_newcomer():
    assert len(README.splitlines()) <= 200


def test_each_picture_and_page_is_there():
    for text, link in re.findall(r"(!?\[[^\]]*\])\((?!https?:)([^)]+)\)", README):
        assert (ROOT / link).is_file(), link
        if text.startswith("!"):
            assert len(text) > 40, "a picture says in words what it shows"


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "mas_edu/reproduction/README.md",
        "tools/bench/README.md",
    ],
)
def test_prose_keeps_to_the_width_of_code(page):
    inside = False
    for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
        inside ^= line.startswith("```")
        free = inside or line.startswith(("|", "[!", "!["))
        assert free or len(line) <= 110, line
