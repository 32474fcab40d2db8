"""Outputs for a page without a kernel: a widget becomes its picture and a link to its live form."""

from __future__ import annotations

import html
import re
from typing import Any

import nbformat

from tools.readme.badge import binder, repository
from tools.site.execute import LIVE, is_copy

BAR = re.compile(r"\d+%\|")  # a progress bar as text
CAPTION = re.compile(r"<figcaption>.*?</figcaption>", re.DOTALL)
REVIVE = re.compile(r"<p><em>[^<]*</em></p>\s*<style>.*?</style>", re.DOTALL)  # for a kernel only
LONG = 100  # letters: a longer line is a sentence, which wraps; shorter ones may be a table


def still(notebook: Any, name: str) -> None:
    """Make the outputs of an executed notebook ready for a page, in place.

    Args:
        notebook: executed.
        name: of its file, which the links to its live form contain.
    """
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_still(output, name) for output in cell.outputs if _stays(output)]


def where(name: str) -> str:
    """Say in HTML how to get the notebook with its controls."""
    return (
        f'<p class="live">To use it live, <a href="{binder(name)}">open this notebook on Binder</a>'
        f', or get <a href="https://github.com/{repository()}">the repository</a> and run '
        "<code>make lab</code>.</p>"
    )


def _stays(output: Any) -> bool:
    """Say whether an output stays: progress and warnings are for those who run the notebook."""
    if output.output_type == "stream":
        return bool(output.name == "stdout")
    data = output.get("data", {})
    return not (LIVE in data and BAR.search(data.get("text/plain", "")))


def _still(output: Any, name: str) -> Any:
    if output.output_type == "error":  # a cell that may fail: its message without the stack
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if output.output_type == "stream" and max(map(len, output.text.splitlines()), default=0) > LONG:
        page = f'<pre class="sentence">{_together(html.escape(output.text))}</pre>'
        return nbformat.v4.new_output("display_data", {"text/html": page})
    data = output.get("data", {})
    if data.pop(LIVE, None) is not None:
        data["text/html"] = data.get("text/html", "") + where(name)
    if is_copy(output):
        data["text/html"] = REVIVE.sub("", data["text/html"])
    if "text/html" in data:
        data["text/html"] = CAPTION.sub(lambda found: _together(found[0]), data["text/html"])
    return output


def _together(text: str) -> str:
    """Keep a number and its unit on one line."""
    return text.replace(" %", "&nbsp;%")
