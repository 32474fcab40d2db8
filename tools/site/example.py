"""Two small notebooks with one of everything that a page has to show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ALT = 'A curve "falls" from 97 % to 61 %, below <half> & more.'
SENTENCE = "A long sentence, 97 % of it printed so that nobody has to read it by scrolling. " * 3
FORMULA = (
    r"\Omega_i = \frac1N \sum_{k=1}^N \left| \frac{\partial\, F(x_k)^2}{\partial \theta_i} \right|"
)

HEADER = r"""# 1 · An example

After this lesson you can

- read $\Omega_i$ where it
  goes on in the next line;
- find [the next lesson](02_next.ipynb).
"""
SHOW = f"""
from matplotlib.figure import Figure
import mas_edu as me

figure = Figure(figsize=(9, 3), dpi=100)
figure.add_subplot().plot([97, 61])
me.plots.show(figure, alt={ALT!r})
"""
LATE = """
from mas_edu.widgets.text import Page

class Late(Page):
    still = "<p>not yet</p>"

    def wait(self, seconds):
        self.still = "<p>what it shows in the end</p>"

Late()
"""
BAR = """
import sys
from tqdm.auto import tqdm

for _ in tqdm(range(3)):
    print("a complaint", file=sys.stderr)
"""


def write(folder: Path) -> None:
    """Write the notebooks into a folder."""
    _write(
        folder / "01_example.ipynb",
        header=new_markdown_cell(HEADER),
        formula=new_markdown_cell(f"A formula:\n\n$${FORMULA} = {FORMULA} = \\mathcal F$$"),
        table=new_markdown_cell("|a|b|\n|-|-|\n|" + 12 * "wide" + "|" + 12 * "wide" + "|"),
        show=new_code_cell(SHOW),
        guess=new_code_cell("me.predict('01', 'How much?').keep(40)"),
        late=new_code_cell(LATE),
        bar=new_code_cell(BAR),
        code=new_code_cell(f"print({SENTENCE!r})"),
    )
    _write(folder / "02_next.ipynb", header=new_markdown_cell("# 2 · The next\n\nIt is short."))


def write_failing(folder: Path, source: str) -> None:
    """Write a notebook whose cell `fails` has this code."""
    _write(folder / "03_failing.ipynb", before=new_code_cell("1"), fails=new_code_cell(source))


def _write(path: Path, **cells: Any) -> None:
    for name, cell in cells.items():
        cell["id"] = name
    notebook = new_notebook(cells=list(cells.values()), metadata={"lesson": {"minutes": 30}})
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)
