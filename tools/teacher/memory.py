"""The memory that a student at work takes: a kernel with the playground, and JupyterLab itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import torch
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tools import markdown
from tools.lessons.cost import environment
from tools.lessons.lesson import FOLDER as NOTEBOOKS
from tools.readme.blocks import block, renewed
from tools.teacher.lesson_pages import FOLDER

PAGE = FOLDER / "littlest_jupyterhub.md"
# The peak of this program alone: getrusage counts what started it, too.
PEAK = "print(next(s.split()[1] for s in open('/proc/self/status') if s.startswith('VmHWM')))"
# The playground's own cell, then what it trains in advance.
PLAY = ("figure = me.playground()\nfigure", "import time\nfigure.wait(120)\ntime.sleep(15)")
STEPS = (("import mas_edu as me",), PLAY)
BUILDS = ("for NVIDIA cards", "CPU alone")
HEAD = (
    "PyTorch",
    "kernel after `import mas_edu`",
    "kernel, peak with the playground",
    "JupyterLab",
    "together",
    "thirty at once",
)


def kernel_peaks() -> list[float]:
    """Return the peak of a kernel's memory after each step, in GB."""
    cells = [new_code_cell(source) for step in STEPS for source in (*step, PEAK)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    where = {"metadata": {"path": str(NOTEBOOKS)}}
    client = NotebookClient(notebook, timeout=200, resources=where)
    with tempfile.TemporaryDirectory() as home, client.setup_kernel(env=environment(home)):
        for place, cell in enumerate(cells):
            client.execute_cell(cell, place)
    peaks = [cell for cell in cells if cell.source == PEAK]
    return [int(cell.outputs[-1].text) * 1024 / 1e9 for cell in peaks]


def lab_memory() -> float:
    """Return the memory of JupyterLab before any notebook is open, in GB."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0"]
    with tempfile.TemporaryDirectory() as folder:
        command += ["--ServerApp.allow_root=True", f"--ServerApp.root_dir={folder}"]
        own = {"JUPYTER_RUNTIME_DIR": folder, "JUPYTER_CONFIG_DIR": folder}
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, env=os.environ | own, stdout=quiet, stderr=quiet) as lab:
            try:
                while not list(Path(folder).glob("jpserver-*.json")):  # not ready yet
                    if lab.poll() is not None:
                        raise RuntimeError("JupyterLab ended by itself")
                    time.sleep(0.2)
                return float(psutil.Process(lab.pid).memory_info().rss / 1e9)
            finally:
                lab.terminate()


def measured() -> str:
    """Measure here, and return a row of the table."""
    (imported, peak), lab = kernel_peaks(), lab_memory()
    build = BUILDS[0 if torch.version.cuda else 1]
    thirty = 30 * (peak + lab) + 0.128  # what TLJH recommends for a server
    figures = [f"{one:.2f} GB" for one in (imported, peak, lab, peak + lab)]
    version = torch.__version__.partition("+")[0]
    return markdown.line([f"{version}, {build}", *figures, f"{thirty:.0f} GB"])


def with_row(page: str, row: str) -> str:
    """Return the page with the row of this build; that of the other build stays."""
    found = block("memory").search(page)
    lines = found[1].splitlines(keepends=True)[2:] if found else []
    build = next(one for one in BUILDS if one in row)
    rows = {next(one for one in BUILDS if one in line): line for line in lines} | {build: row}
    table = markdown.table(HEAD, [], "lrrrrr") + "".join(rows[one] for one in BUILDS if one in rows)
    return renewed(page, "memory", table)


def write_memory() -> None:
    """Measure, and write the row of this build of PyTorch into the page."""
    PAGE.write_text(with_row(PAGE.read_text(encoding="utf-8"), measured()), encoding="utf-8")
