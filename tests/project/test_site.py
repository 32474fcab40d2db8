"""What the site refuses to publish, its formulas, and the workflow that publishes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from markupsafe import Markup

import mas_edu as me
from tests.project.test_packaging import make, needs_make
from tools.paths import ROOT
from tools.site import example
from tools.site.__main__ import main, replace
from tools.site.body import markdown
from tools.site.fit import UnfitError, check, problems
from tools.site.frames import LambdaFrame, frames
from tools.site.maths import mathml
from tools.site.pages import SCRIPT, gallery

# zmq warns of it on Windows whenever a notebook is run
pytestmark = pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


# ---- what must not be published


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("1 / 0", "03_failing.ipynb, cell 'fails': ZeroDivisionError: division by zero"),
        ("assert 1 > 2", "03_failing.ipynb, cell 'fails': AssertionError"),
        (
            'from IPython.display import HTML\nHTML(\'<img src="https://x.org/a.png" alt="A">\')',
            "03_failing.ipynb, cell 'fails': <img> loads 'https://x.org/a.png', which",
        ),
    ],
)
def test_a_fault_is_one_sentence_and_leaves_the_old_site(
    tmp_path: Path, capsys: Any, source: str, sentence: str
) -> None:
    example.write_failing(tmp_path, source)
    out = tmp_path / "site"
    replace(out, {"index.html": "as it was"})
    before = sorted(tmp_path.iterdir())
    assert main([f"--notebooks={tmp_path}", f"--out={out}"]) == 1
    *_, said, rest = capsys.readouterr().err.splitlines()
    assert said.startswith(sentence)
    assert rest == f"{out} is left as it was."
    assert (out / "index.html").read_text() == "as it was"
    assert sorted(tmp_path.iterdir()) == before


def test_a_new_site_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    replace(tmp_path / "site", {"index.html": "old", "gone.html": "old"})
    replace(tmp_path / "site", {"index.html": "new"})
    assert [path.name for path in tmp_path.rglob("*")] == ["site", "index.html"]
    assert (tmp_path / "site" / "index.html").read_text() == "new"


def test_a_folder_that_is_no_site_is_not_replaced(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "thesis").mkdir()
    assert main([f"--notebooks={tmp_path}", f"--out={tmp_path / 'thesis'}"]) == 1
    assert "is there and no site" in capsys.readouterr().err


FAULTS = {
    "has a script": "<script>1</script>",
    "has no alt text": '<img src="data:image/png;base64,AAAA">',
    "no alt text; me.plots.show": '<img src="data:image/png;base64,AAAA" alt=" ">',
    "<img> loads 'a.png'": '<img src="a.png" alt="A">',
    "<link> loads": '<link rel="stylesheet" href="https://x.org/a.css">',
    "<iframe> loads": '<iframe src="//x.org"></iframe>',
    "a style loads": "<style>@import 'https://x.org/a.css';</style>",
    "<p> loads": "<p style=\"background: url('https://x.org/a.png')\">",
    "leads to 'gone.html'": '<a href="gone.html#part">there</a>',
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_a_page_is_found(fault: str) -> None:
    found = list(problems(f'<div id="cell-id=here">{FAULTS[fault]}</div>'))
    assert any(cell == "here" and fault in why for cell, why in found), found


def test_a_good_page_has_no_problems() -> None:
    good = '<a href="https://x.org">x</a><a href="index.html">y</a><a href="#z">z</a>'
    assert list(problems(good, {"index.html"})) == []


# ---- the start page and its λ


def frame(lam: str, chosen: bool = False) -> LambdaFrame:
    picture = Markup(f'<svg viewBox="0 0 4 3" role="img" aria-label="with {lam}"></svg>')
    return LambdaFrame(lam, (("average", "7 %"),), (picture,), f"It fell, {lam}.", chosen)


def test_the_start_page_shows_one_lambda_and_has_the_others() -> None:
    page = gallery([], [frame("0"), frame("0.1", chosen=True), frame("10")])
    shown = BeautifulSoup(page, "html.parser")
    figures = shown.find_all("figure", class_="frame")
    assert [one["data-lam"] for one in figures] == ["0", "0.1", "10"]
    assert [one.has_attr("hidden") for one in figures] == [True, False, True]
    assert [one.svg["aria-label"] for one in figures] == ["with 0", "with 0.1", "with 10"]
    slider = shown.find("input", type="range")
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "2", "1")
    assert shown.find("label", attrs={"for": slider["id"]})
    assert shown.find("output").get_text() == "0.1"
    (script,) = shown.find_all("script")
    assert script.get_text().strip() == SCRIPT.strip()
    check("index", page, [], SCRIPT)


def test_no_other_script_is_published() -> None:
    page = gallery([], [frame("0")])
    for other in (page, page.replace("slider.", "fetch('https://x.org');slider.", 1)):
        with pytest.raises(UnfitError, match="has a script"):
            check("index", other, [], SCRIPT if other is not page else "")


def test_without_the_playground_the_start_page_has_no_script() -> None:
    assert "<script" not in gallery([])
    assert "range" not in gallery([]).partition("<body>")[2]


def test_the_script_asks_for_nothing_and_loads_nothing() -> None:
    assert not re.search(r"fetch|XMLHttp|import|http|eval|src", SCRIPT)


def test_frames_are_runs_of_the_playground_with_the_ends_of_its_slider() -> None:
    found = frames(3, tasks=2, schedule=me.Schedule(steps=2, evaluations=1))
    assert [one.lam for one in found][:: len(found) - 1] == ["0", "10"]
    assert [one.lam for one in found if one.chosen] == ["0.1"]
    for one in found:
        wide, narrow, _, _ = one.pictures
        assert 'viewBox="0 0 740 360"' in wide
        assert 'viewBox="0 0 400 360"' in narrow
        assert one.lam == "0" or all(f"λ = {one.lam}" in curves for curves in (wide, narrow))
        assert all('role="img" aria-label="' in picture for picture in one.pictures)
        assert [name for name, _ in one.numbers] == ["average", "forgetting", "learned"]


# ---- formulas


def test_the_limits_of_a_maximum_are_below_it() -> None:
    assert "<munder><mo>max</mo>" in mathml(r"\max_{i} a_i", block=True)
    assert "<msub><mo>max</mo>" in mathml(r"\max_{i} a_i")


def test_signs_of_html_are_safe() -> None:
    assert "<mo>&lt;</mo>" in mathml("j < T")


@pytest.mark.parametrize("latex", [r"\fooo x", "x_", r"\left( x", "a & b"])
def test_a_formula_that_cannot_be_drawn_is_named(latex: str) -> None:
    with pytest.raises(ValueError, match="formula .*" + re.escape(repr(latex))):
        mathml(latex)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_text_of_the_notebooks_can_be_drawn(path: Path) -> None:
    names = {f"{other.stem}.html" for other in NOTEBOOKS}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            text = markdown(cell.source, path.parent)
            assert "$" not in text, cell.id
            assert list(problems(text, names)) == [], cell.id


# ---- who builds and publishes


@needs_make
def test_make_site_is_one_command() -> None:
    done = make(ROOT, "--dry-run", "site", "PYTHON=python3")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith("python -m tools.site")


def test_the_workflow_publishes_with_no_more_rights_than_it_needs() -> None:
    text = (ROOT / ".github" / "workflows" / "site.yml").read_text(encoding="utf-8")
    flow = yaml.safe_load(text)
    assert flow[True]["push"] == {"branches": ["main"]}  # YAML reads `on` as a truth value
    assert flow["permissions"] == {"contents": "read"}
    assert flow["concurrency"]["group"] == "pages"
    build, deploy = flow["jobs"]["build"], flow["jobs"]["deploy"]
    assert "permissions" not in build
    assert {"run": "make site"} in build["steps"]
    assert build["steps"][-1]["with"] == {"path": "site"}
    assert deploy["needs"] == "build"
    assert deploy["permissions"] == {"pages": "write", "id-token": "write"}


def test_actions_are_pinned_to_a_major_version() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        used = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]
        assert used
        assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used)
