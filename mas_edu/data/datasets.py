"""The images that streams are made of: `digits` comes with scikit-learn, the rest with torchvision.

Downloaded sets live in `$MAS_EDU_DATA` or, without it, in a cache folder of the user. A set is
fetched into a temporary folder and moved into place whole; a file that is already there is never
overwritten, so neither a lost connection nor a damaged file can cost anyone data.
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
SECONDS_TO_ANSWER = 20.0  # a mirror that says nothing for this long counts as "no network"


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled grey images, bytes from 0 to `white`: x `[N, H, W]`, y `[N]`; the test part apart.

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
        """How many different labels there are."""
        return int(self.y.max()) + 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""
        return (1, self.x.shape[1], self.x.shape[2])


def data_folder() -> Path:
    """Where downloaded data sets live: `$MAS_EDU_DATA`, or the user's cache folder."""
    chosen = os.environ.get("MAS_EDU_DATA")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("mas_edu")


def load_images(name: str) -> Images:
    """The data set called `name`, downloaded first if it has to be.

    Raises:
        ValueError: for an unknown name, or a file that is damaged or cut short.
        OSError: if the set is not there and cannot be downloaded or stored.
    """
    as_choice("dataset", name, DATASETS)
    return _digits() if name == "digits" else _downloaded(name, data_folder())


def images_label(name: str) -> str:
    """What is counted of it: the digits come in one piece, a stream splits them."""
    return "images" if name == "digits" else "training images"


def is_present(name: str) -> bool:
    """Whether the set can be loaded without a network (its files are there; not: undamaged)."""
    return name == "digits" or not _missing(name, data_folder())


@functools.cache
def _digits() -> Images:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Images(
        "digits", 16.0, torch.tensor(bunch.images, dtype=torch.uint8), torch.tensor(bunch.target)
    )


@functools.cache
def _downloaded(name: str, root: Path) -> Images:
    if _missing(name, root):
        _download(name, root)
    for file, expected in CHECKSUMS.get(name, {}).items():
        path = _raw(name, root) / file
        if hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != expected:
            raise ValueError(_damaged(name, path, "its checksum is not that of the original file"))
    (x, y), (x_test, y_test) = _read(name, root, train=True), _read(name, root, train=False)
    return Images(name, 255.0, x, y, x_test, y_test)


def _raw(name: str, root: Path) -> Path:
    return root / DOWNLOADED[name] / "raw"


def _missing(name: str, root: Path) -> list[Path]:
    return [_raw(name, root) / file for file in FILES if not (_raw(name, root) / file).is_file()]


def _damaged(name: str, path: Path, why: object) -> str:
    return (
        f"dataset: {name!r} cannot be read, {path} is damaged or cut short ({why}); "
        f"delete it, then run: python -m mas_edu prefetch {name}"
    )


def _read(name: str, root: Path, train: bool) -> tuple[Tensor, Tensor]:
    from torchvision.datasets.mnist import read_image_file, read_label_file

    images, labels = (_raw(name, root) / file for file in (FILES[:2] if train else FILES[2:]))
    try:
        x = read_image_file(str(images))  # [N, 28, 28]
    except Exception as error:  # torchvision asserts, or numpy cannot reshape: both mean damage
        raise ValueError(_damaged(name, images, error or "not an idx file")) from error
    try:
        y = read_label_file(str(labels))  # [N]
    except Exception as error:
        raise ValueError(_damaged(name, labels, error or "not an idx file")) from error
    if len(x) != len(y) or not len(x):
        raise ValueError(_damaged(name, labels, f"{len(y)} labels for {len(x)} images"))
    if int(y.max()) > 9:
        raise ValueError(_damaged(name, labels, f"a label {int(y.max())}, where 9 is the last"))
    return x, y


def _download(name: str, root: Path) -> None:
    """Fetch the whole set beside its place, then move in the files that were missing."""
    import torchvision

    remedy = (
        "connect and try again, set MAS_EDU_DATA to a folder that has it, "
        "or use dataset='digits', which needs no network"
    )
    patience = socket.getdefaulttimeout()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=f".{name}-") as fresh:
            socket.setdefaulttimeout(SECONDS_TO_ANSWER)
            getattr(torchvision.datasets, DOWNLOADED[name])(fresh, download=True)
            _raw(name, root).mkdir(parents=True, exist_ok=True)
            for path in _missing(name, root):
                shutil.move(_raw(name, Path(fresh)) / path.name, path)  # same disk: a rename
    except Exception as error:  # URLError, RuntimeError of torchvision, OSError of the disk
        cause = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise OSError(
            f"dataset: {name!r} is not in {root} and could not be downloaded ({cause}); {remedy}"
        ) from error
    finally:
        socket.setdefaulttimeout(patience)
