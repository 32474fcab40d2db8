"""The notebooks as pages: run, offline, with words for every picture; and who publishes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from tests.project.test_packaging import make, needs_make
from tools.paths import ROOT
from tools.readme.badge import binder
from tools.site import example
from tools.site.__main__ import main, replace
from tools.site.body import markdown
from tools.site.fit import problems
from tools.site.maths import mathml
from tools.site.pages import site

# what zmq says on Windows, of any notebook that is run
pytestmark = pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, home: Path) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("notebooks")
    example.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAS_EDU_HOME", str(home))
        return site(sorted(folder.glob("*.ipynb")))


@pytest.fixture
def page(pages: dict[str, str]) -> str:
    return pages["01_example.html"]


# ---- a page


def test_there_is_a_page_for_each_notebook_and_the_gallery(pages: dict[str, str]) -> None:
    assert sorted(pages) == ["01_example.html", "02_next.html", "index.html"]


def test_nothing_comes_from_elsewhere(pages: dict[str, str]) -> None:
    for text in pages.values():
        assert "<script" not in text
        assert "<link" not in text
        assert "@import" not in text
        loaded = re.findall(r"\b(?:src|srcset|poster|data)\s*=\s*[\"']?([^\"'>\s]{1,9})", text)
        assert all(address.startswith("data:") for address in loaded)
        assert not re.search(r"url\(", text)


def test_every_picture_has_its_computed_words(pages: dict[str, str]) -> None:
    for name in ("01_example.html", "index.html"):
        pictures = BeautifulSoup(pages[name], "html.parser").find_all("img")
        assert [picture["alt"] for picture in pictures] == [example.ALT]


def test_a_phone_is_thought_of(pages: dict[str, str]) -> None:
    for text in pages.values():
        assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
        assert "prefers-color-scheme: dark" in text
        assert '<html lang="en">' in text


def test_formulas_are_mathml(pages: dict[str, str]) -> None:
    text = body(pages, "01_example.html")
    assert "$" not in text
    assert text.count("<math ") == text.count("</math>") == 2
    assert "<msub><mi>Ω</mi><mi>i</mi></msub>" in text
    assert "<mi>ℱ</mi>" in text


def body(pages: dict[str, str], name: str) -> str:
    return pages[name].partition("<body>")[2]


def outputs(page: str, cell: str) -> Any:
    """What is on the page below the code of a cell."""
    return BeautifulSoup(page, "html.parser").find(id=f"cell-id={cell}").find(class_="output")


def test_a_widget_leaves_what_it_shows_in_the_end_and_where_it_lives(page: str) -> None:
    late = outputs(page, "late")
    assert [part.get_text() for part in late.find_all("p")] == [
        "what it shows in the end",
        "To use it live, open this notebook on Binder, or get the repository and run make lab.",
    ]
    assert late.a["href"] == binder("01_example.ipynb")
    assert "widget-view" not in page


def test_what_is_for_the_terminal_is_not_on_the_page(page: str) -> None:
    assert outputs(page, "bar") is None


def test_a_long_sentence_wraps(page: str) -> None:
    (text,) = outputs(page, "code").find_all("pre", class_="sentence")
    assert text.get_text().strip() == example.SENTENCE.replace(" %", "\N{NO-BREAK SPACE}%").strip()


def test_pages_are_linked(pages: dict[str, str]) -> None:
    first, second = body(pages, "01_example.html"), body(pages, "02_next.html")
    assert '<a rel="next" href="02_next.html">2 · The next →</a>' in first
    assert '<a rel="prev" href="01_example.html">← 1 · An example</a>' in second
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in second
    assert '<a href="02_next.html">the next lesson</a>' in first
    assert all('href="index.html"' in text for text in (first, second))


def test_the_gallery_has_a_card_for_each(pages: dict[str, str]) -> None:
    cards = re.findall(r"<article>.*?</article>", pages["index.html"], re.DOTALL)
    assert len(cards) == 2
    assert '<a href="01_example.html">1 · An example</a>' in cards[0]
    assert "About 30 minutes" in cards[0]
    assert cards[0].count("<li>") == 2
    assert "goes on in the next line" in cards[0]
    assert "<math " in cards[0]
    assert "<p>It is short.</p>" in cards[1]


def test_no_guess_of_the_reader_is_touched(pages: dict[str, str], home: Path) -> None:
    assert list(home.iterdir()) == []


# ---- what is not fit to be published


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
    *_, said, comfort = capsys.readouterr().err.splitlines()
    assert said.startswith(sentence)
    assert comfort == f"{out} is left as it was."
    assert (out / "index.html").read_text() == "as it was"
    assert sorted(tmp_path.iterdir()) == before


def test_a_new_site_takes_the_place_of_the_old_one_alone(tmp_path: Path) -> None:
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
def test_a_page_is_really_checked(fault: str) -> None:
    found = list(problems(f'<div id="cell-id=here">{FAULTS[fault]}</div>'))
    assert any(cell == "here" and fault in why for cell, why in found), found


def test_a_good_page_has_no_problems() -> None:
    good = '<a href="https://x.org">x</a><a href="index.html">y</a><a href="#z">z</a>'
    assert list(problems(good, {"index.html"})) == []


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
