"""The images for streams: `digits` comes with scikit-learn, the rest through torchvision.

Downloaded sets live in `$MAS_EDU_DATA` or, without it, in a cache folder of the user. A set is
downloaded into a temporary folder and then moved into place whole; an existing file is never
overwritten, so neither a lost connection nor a damaged file can lose data.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from mas_edu._common import as_choice

DOWNLOADED = {"mnist": "MNIST", "fashion": "FashionMNIST", "kmnist": "KMNIST"}  # torchvision names
DATASETS = ("digits", *DOWNLOADED)
FILES = tuple(
    f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
CHECKSUMS = {  # md5 of the uncompressed files, equal to those of the original archives' contents
    "mnist": dict(
        zip(
            FILES,
            (
                "6bbc9ace898e44ae57da46a324031adb",
                "a25bea736e30d166cdddb491f175f624",
                "2646ac647ad5339dbf082846283269ea",
                "27ae3e4e09519cfbb04c329615203637",
            ),
            strict=True,
        )
    )
}
SECONDS_TO_ANSWER = 20.0  # a mirror silent for this long counts as "no network"


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
    """Return the folder of downloaded data sets: `$MAS_EDU_DATA`, or the user's cache folder."""
    chosen = os.environ.get("MAS_EDU_DATA")
    if chosen:
        return Path(chosen).expanduser()
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
    """Tell whether all files of the set are there, damaged or not, so that no network is needed."""
    return name == "digits" or not _missing(name, data_folder())


@functools.cache
def _digits() -> Images:
    """Load the digits that come with scikit-learn."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Images(
        "digits", 16.0, torch.tensor(bunch.images, dtype=torch.uint8), torch.tensor(bunch.target)
    )


@functools.cache
def _downloaded(name: str, root: Path) -> Images:
    """Load a set from its files, checked; download the files that are missing."""
    if _missing(name, root):
        _download(name, root)
    for file, expected in CHECKSUMS.get(name, {}).items():
        path = _files_folder(name, root) / file
        if hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != expected:
            raise ValueError(
                _damage_message(name, path, "its checksum is not that of the original file")
            )
    (x, y), (x_test, y_test) = (
        _read_part(name, root, train=True),
        _read_part(name, root, train=False),
    )
    return Images(name, 255.0, x, y, x_test, y_test)


def _files_folder(name: str, root: Path) -> Path:
    """Return the folder in which torchvision keeps the files of a set."""
    return root / DOWNLOADED[name] / "raw"


def _missing(name: str, root: Path) -> list[Path]:
    """List the files of a set that are not there."""
    paths = [_files_folder(name, root) / file for file in FILES]
    return [path for path in paths if not path.is_file()]


def _damage_message(name: str, path: Path, why: object) -> str:
    """Say which file is damaged, why it seems so, and what to do."""
    return (
        f"dataset: {name!r} cannot be read, {path} is damaged or cut short ({why}); "
        f"delete it, then run: python -m mas_edu prefetch {name}"
    )


def _read_part(name: str, root: Path, train: bool) -> tuple[Tensor, Tensor]:
    """Read images `[N, 28, 28]` and labels `[N]` of the train or the test part."""
    from torchvision.datasets.mnist import read_image_file, read_label_file

    images, labels = (
        _files_folder(name, root) / file for file in (FILES[:2] if train else FILES[2:])
    )
    try:
        x = read_image_file(str(images))  # [N, 28, 28]
    except Exception as error:  # torchvision asserts, or numpy cannot reshape: both mean damage
        raise ValueError(_damage_message(name, images, error or "not an idx file")) from error
    try:
        y = read_label_file(str(labels))  # [N]
    except Exception as error:
        raise ValueError(_damage_message(name, labels, error or "not an idx file")) from error
    if len(x) != len(y) or not len(x):
        raise ValueError(_damage_message(name, labels, f"{len(y)} labels for {len(x)} images"))
    if int(y.max()) > 9:
        raise ValueError(
            _damage_message(name, labels, f"a label {int(y.max())}, where 9 is the last")
        )
    return x, y


def _download(name: str, root: Path) -> None:
    """Download the whole set beside its place, then move in the files that were missing."""
    import torchvision

    advice = (
        "connect and try again, set MAS_EDU_DATA to a folder that has it, "
        "or use dataset='digits', which needs no network"
    )
    timeout = socket.getdefaulttimeout()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=f".{name}-") as temporary:
            socket.setdefaulttimeout(SECONDS_TO_ANSWER)
            getattr(torchvision.datasets, DOWNLOADED[name])(temporary, download=True)
            _files_folder(name, root).mkdir(parents=True, exist_ok=True)
            for path in _missing(name, root):
                shutil.move(
                    _files_folder(name, Path(temporary)) / path.name, path
                )  # same disk: a rename
    except Exception as error:  # URLError, RuntimeError of torchvision, OSError of the disk
        cause = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise OSError(
            f"dataset: {name!r} is not in {root} and could not be downloaded ({cause}); {advice}"
        ) from error
    finally:
        socket.setdefaulttimeout(timeout)
