"""Run a notebook from top to bottom, without a network, leaving no files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.site.fit import UnfitError

LIVE = "application/vnd.jupyter.widget-view+json"
COPY = '<div class="mas-edu-'  # how the static copy of a widget begins
PATIENCE = 300  # seconds for a cell, on a slow computer

# What a figure shows when its job has ended is the picture to keep, not what it showed first.
SETTLED = "_.wait(60) if hasattr(_, 'wait') else None\n_"


def executed(path: Path) -> Any:
    """Run a notebook and return it with its outputs; the file stays as it is.

    Data sets, guesses and IPython's own files are in a temporary folder: a page does not depend
    on what this computer has, and no guess of the reader is shown or replaced.

    Raises:
        UnfitError: naming the cell that failed, in one sentence.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as home:
        client = NotebookClient(
            notebook,
            timeout=PATIENCE,
            resources={"metadata": {"path": home}},
            store_widget_state=False,
            extra_arguments=["--log-level=ERROR"],
        )
        with client.setup_kernel(env=_environment(home)):
            cells = list(notebook.cells)
            for place, cell in enumerate(cells):
                try:
                    client.execute_cell(cell, place)
                    _settle(client, cell, place)
                except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                    raise UnfitError(path.name, cell.id, _sentence(error)) from error
    notebook.cells = cells
    return notebook


def _settle(client: NotebookClient, cell: Any, place: int) -> None:
    """Show a widget once more when it has finished, in a further cell at the notebook's end.

    That cell stays until all have run: its widget may still put a later copy there.
    """
    outputs = cell.get("outputs", ())
    copies = [k for k, output in enumerate(outputs) if is_copy(output)]
    if not copies:
        return
    again = nbformat.v4.new_code_cell(SETTLED)
    client.nb.cells.append(again)
    client.execute_cell(again, len(client.nb.cells) - 1)
    client.clear_display_id_mapping(place)  # an update would change what is now in its place
    ours = {first + k for first in copies for k in (0, 1)}  # the widget follows its copy
    others = [output for k, output in enumerate(outputs) if k not in ours]
    cell.outputs = [*others, *again.outputs]


def is_copy(output: Any) -> bool:
    """Say whether an output is the static copy that a widget displays before itself."""
    return COPY in output.get("data", {}).get("text/html", "")


def _environment(home: str) -> dict[str, str]:
    own = {"MAS_EDU_HOME": home, "MAS_EDU_DATA": home, "IPYTHONDIR": home}
    return {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | own


def _sentence(error: Exception) -> str:
    if isinstance(error, CellExecutionError):
        lines = [line.strip() for line in str(error.evalue).splitlines() if line.strip()]
        return ": ".join([error.ename, *lines[:1]])
    if isinstance(error, CellTimeoutError):
        return f"it ran for more than {PATIENCE} s"
    return "its kernel died"
