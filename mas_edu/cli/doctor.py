"""Check an installation: what is there, what is missing, and one line of cure for each."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mas_edu._common import language_texts, reader_folder
from mas_edu.data import DATASETS, data_folder, images_label, is_present, load_images

FRONT_END = "@jupyter-widgets/jupyterlab-manager"
GIB = 2**30
LITTLE = 1.0  # GiB free; below it MNIST and JupyterLab get in each other's way


@dataclass(frozen=True)
class Finding:
    """Something looked at: what it is, what was found, and the cure if that is a problem."""

    what: str
    found: str
    cure: str = ""

    def __str__(self) -> str:
        line = f"{'PROBLEM' if self.cure else 'ok':8} {self.what:20} {self.found}"
        return f"{line}\n{'':8} cure: {self.cure}" if self.cure else line


def run_doctor() -> int:
    """Print every finding as it is made; return 1 if there is a problem, else 0."""
    problems = 0
    for finding in examine():
        print(finding, flush=True)
        problems += bool(finding.cure)
    print("all is well" if not problems else f"{problems} to cure")
    return 1 if problems else 0


def examine() -> Iterator[Finding]:
    """Yield all findings, one by one; what is missing spoils only the part that needs it."""
    for part in (
        examine_packages, examine_torch, examine_machine, examine_notebooks, examine_language,
        examine_reader, examine_data,
    ):  # fmt: skip
        try:
            yield from part()
        except ImportError as error:
            name = part.__name__.removeprefix("examine_")
            yield Finding(name, f"not looked at ({error})", "cure the packages first")


def examine_packages(project: str = "mas_edu") -> Iterator[Finding]:
    """Yield Python and every package that the project requires, against its bounds."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    try:
        about = importlib.metadata.metadata(project)
    except importlib.metadata.PackageNotFoundError:
        yield Finding(project, "is not installed", "python -m pip install -e . (in its folder)")
        return
    wanted = SpecifierSet(about["Requires-Python"])
    good = wanted.contains(platform.python_version(), prereleases=True)
    cure = "" if good else f"install Python {wanted} and set up again with it"
    yield Finding("python", f"{platform.python_version()} (wanted: {wanted})", cure)
    for text in importlib.metadata.requires(project) or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield examine_package(requirement.name, str(requirement.specifier))


def examine_package(name: str, wanted: str) -> Finding:
    """Check one package against its bounds, such as ">=2.5".

    >>> print(examine_package("no-such-package", ">=1"))
    PROBLEM  no-such-package      missing (wanted: >=1)
             cure: python -m pip install "no-such-package>=1"
    """
    from packaging.specifiers import SpecifierSet

    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found = "missing"
    good = found != "missing" and SpecifierSet(wanted).contains(found, prereleases=True)
    cure = "" if good else f'python -m pip install "{name}{wanted}"'
    return Finding(name, f"{found} (wanted: {wanted})", cure)


def examine_torch() -> Iterator[Finding]:
    """Yield whether torch and torchvision belong together: they must come from one place."""
    try:
        import torchvision.ops  # noqa: F401
    except Exception as error:  # RuntimeError, OSError, ImportError: all mean the same here
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        cure = "python -m pip install --force-reinstall torch torchvision (together, one index)"
        yield Finding("torch + torchvision", cause, cure)
    else:
        yield Finding("torch + torchvision", "fit each other")


def examine_machine() -> Iterator[Finding]:
    """Yield what there is to compute with."""
    import psutil
    import torch

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    yield Finding("device", device)
    yield Finding("threads", f"{torch.get_num_threads()} of {os.cpu_count()} cores")
    free = psutil.virtual_memory().available / GIB
    cure = "" if free >= LITTLE else "close other programs and notebooks (Kernel > Shut Down All)"
    yield Finding("memory", f"{free:.1f} GiB free", cure)


def examine_notebooks() -> Iterator[Finding]:
    """Yield whether JupyterLab has what widgets need, and a kernel that runs this Python."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_core.paths import jupyter_path

    files = [Path(folder, FRONT_END, "package.json") for folder in jupyter_path("labextensions")]
    about = next((path for path in files if path.is_file()), None)
    found = json.loads(about.read_text(encoding="utf-8"))["version"] if about else "missing"
    cure = "python -m pip install --force-reinstall jupyterlab-widgets, then reload the page"
    yield Finding("widgets front end", found, "" if about else cure)
    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        command = "missing"
    mine = command.startswith("python") or Path(command) == Path(sys.executable)
    cure = "" if mine else "python -m ipykernel install --sys-prefix"
    yield Finding("kernel python3", command, cure)


def examine_language() -> Iterator[Finding]:
    """Yield the language of figures and quizzes, and how many texts have a translation."""
    name = os.environ.get("MAS_EDU_LANGUAGE") or "en"
    try:
        count = len(language_texts(name))
        yield Finding("language", f"{name}, {count} texts" if count else name)
    except ValueError as error:
        yield Finding("language", name, str(error))


def examine_reader() -> Iterator[Finding]:
    """Yield where the reader's guesses and answers are kept."""
    what = "guesses and answers"
    try:
        folder = reader_folder()
    except ValueError as error:
        yield Finding(what, "nowhere", str(error))
        return
    good = _can_write(folder)
    cure = "" if good else "let MAS_EDU_HOME name a folder of yours"
    yield Finding(what, str(folder) if good else f"{folder} (cannot be written)", cure)


def examine_data() -> Iterator[Finding]:
    """Yield whether each data set is here and undamaged; a missing one is no problem."""
    try:
        folder = data_folder()
    except ValueError as error:
        yield Finding("data folder", "unknown", str(error))
        return
    if _can_write(folder):
        yield Finding("data folder", str(folder))
    else:
        used = any(map(is_present, DATASETS[1:]))  # shared by a class, for reading
        cure = "" if used else "set MAS_EDU_DATA to a folder that can be written"
        yield Finding("data folder", f"{folder} (cannot be written)", cure)
    for name in DATASETS:
        found, cure = f"not here yet; to get it: python -m mas_edu prefetch {name}", ""
        if is_present(name):
            try:
                found = f"{len(load_images(name).x)} {images_label(name)}"
            except (ValueError, OSError) as error:
                found, cure = "damaged", str(error)
        yield Finding(f"data: {name}", found, cure)


def _can_write(folder: Path) -> bool:
    """Return whether a file can be made there, or above, where it can be made.

    Its permissions alone do not tell.
    """
    try:
        place = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False
