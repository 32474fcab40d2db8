"""The images for streams: `digits` comes with scikit-learn, the rest is downloaded.

Downloaded sets live in `$MAS_EDU_DATA` or, without it, in a cache folder of the user. A set is
downloaded into a temporary folder and then moved into place whole; an existing file is never
overwritten, so neither a lost connection nor a damaged file can lose data.
"""

from __future__ import annotations

import functools
import gzip
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mas_edu._common import as_choice, chosen_folder
from mas_edu.data.download import download, remove_killed_downloads
from mas_edu.data.originals import (
    FILES,
    ORIGINALS,
    DamagedError,
    find,
    read_part,
)

DATASETS = ("digits", *ORIGINALS)
DIGITS = "datasets/data/digits.csv.gz"  # in scikit-learn


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled grey images, bytes from 0 to `white`: x `[N, H, W]`, y `[N]`, and a test part.

    `x_test` is None where the set has no test part of its own.
    """

    name: str
    white: float
    x: Tensor
    y: Tensor
    x_test: Tensor | None = None
    y_test: Tensor | None = None

    @property
    def classes(self) -> int:
        """Count the classes: the largest label and one."""
        return int(self.y.max()) + 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return channels, height and width of one image."""
        return (1, self.x.shape[1], self.x.shape[2])


def data_folder() -> Path:
    """Return the folder of downloaded data sets: `$MAS_EDU_DATA`, or the user's cache folder.

    Raises:
        ValueError: if `$MAS_EDU_DATA` is no path.
    """
    if chosen := chosen_folder("MAS_EDU_DATA"):
        return chosen
    from platformdirs import user_cache_path

    return user_cache_path("mas_edu")


def load_images(name: str) -> Images:
    """Load the data set called `name`, and download it first if it is missing.

    Raises:
        ValueError: for an unknown name, or a file that is damaged or cut short.
        OSError: if the set is missing and cannot be downloaded or stored.
    """
    as_choice("dataset", name, DATASETS)
    return _digits() if name == "digits" else _downloaded(name, data_folder())


def images_label(name: str) -> str:
    """Name the images that are counted: all digits, as streams split them, or the training part."""
    return "images" if name == "digits" else "training images"


def is_present(name: str) -> bool:
    """Return whether all files of the set are there, damaged or not: no network is needed then."""
    return name == "digits" or _is_whole(name, data_folder())


@functools.cache
def _digits() -> Images:
    """Load the digits that come with scikit-learn.

    Its file is read directly: importing scikit-learn takes seconds, and 120 MB.
    """
    package = find_spec("sklearn")
    path = Path(package.origin or "").parent / DIGITS if package else Path()
    if path.is_file():
        with gzip.open(path, "rt") as file:  # not the path: NumPy asks for the current folder
            rows = torch.from_numpy(np.loadtxt(file, delimiter=","))  # [N, 65]: pixels, the label
        x, y = rows[:, :-1].reshape(-1, 8, 8), rows[:, -1]
    else:  # another scikit-learn, or none: then this says so
        from sklearn.datasets import load_digits

        x, y = map(torch.from_numpy, (load_digits().images, load_digits().target))
    return Images("digits", 16.0, x.to(torch.uint8), y.to(torch.int64))


@functools.cache
def _downloaded(name: str, root: Path) -> Images:
    """Load a set from its files, checked; download the files that are missing."""
    original = ORIGINALS[name]
    remove_killed_downloads(name, root)
    if not _is_whole(name, root):
        download(name, original, root)
    try:
        x, y = read_part(original, root, train=True)
        x_test, y_test = read_part(original, root, train=False)
    except DamagedError as error:
        raise ValueError(
            f"dataset: {name!r} cannot be read, {error}; "
            f"delete it, then run: python -m mas_edu prefetch {name}"
        ) from error
    return Images(name, 255.0, x, y, x_test, y_test)


def _is_whole(name: str, root: Path) -> bool:
    """Return whether every file of the set is there, damaged or not."""
    return all(find(ORIGINALS[name], root, file) for file in FILES)
