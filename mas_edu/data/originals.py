"""The published files of the data sets, and the check of files on the disk against them."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

FILES = tuple(
    f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
CLASSES, SIDE = 10, 28  # of every set here; images have as many rows as columns
DIFFERENT = 0.9  # share of images that occur once, at least


@dataclass(frozen=True)
class Original:
    """The sizes and checksums of a published data set: files on the disk have to be these.

    Args:
        folder: torchvision's name of the set, and of the folder that it makes.
        sizes: images in the training and in the test part, as many of each class if `balanced`.
        contents: MD5 of each of `FILES`, uncompressed; none where nobody has published them.
        archives: MD5 of each of `FILES`, compressed, for a set without `contents`.
        balanced: whether the classes are of equal size.
        mean: of the pixels of the training part, from 0 to 1, for a set without `contents`.
    """

    folder: str
    sizes: tuple[int, int] = (60_000, 10_000)
    contents: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()
    balanced: bool = False
    mean: float | None = None


ORIGINALS = {
    "mnist": Original(
        "MNIST",
        contents=(
            "6bbc9ace898e44ae57da46a324031adb",
            "a25bea736e30d166cdddb491f175f624",
            "2646ac647ad5339dbf082846283269ea",
            "27ae3e4e09519cfbb04c329615203637",
        ),
    ),
    "fashion": Original(
        "FashionMNIST",
        contents=(
            "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "9018921c3c673c538a1fc5bad174d6f9",
            "8181f5470baa50b63fa0f6fddb340f0a",
            "15d484375f8d13e6eb1aabb0c3f46965",
        ),
        balanced=True,
    ),
    "kmnist": Original(
        "KMNIST",
        archives=(
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        balanced=True,
        mean=0.19,
    ),
}


class DamagedError(ValueError):
    """A file that is not the published one: which, and why it seems so."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"{path} is damaged or cut short ({why})")


def folders(original: Original, root: Path) -> list[Path]:
    """Return where the files of a set may be: below the data folder, or in it if it is the set's.

    >>> [path.as_posix() for path in folders(ORIGINALS["mnist"], Path("data"))]
    ['data/MNIST/raw']
    >>> [path.as_posix() for path in folders(ORIGINALS["mnist"], Path("data/MNIST"))]
    ['data/MNIST/MNIST/raw', 'data/MNIST/raw', 'data/MNIST']
    """
    found = [root / original.folder / "raw"]
    if root.name == original.folder:
        found += [root / "raw", root]
    elif root.name == "raw" and root.parent.name == original.folder:
        found.append(root)
    return found


def find(original: Original, root: Path, file: str) -> Path | None:
    """Return where a file of a set is, compressed or not; None if it is nowhere.

    The archive comes first where only its checksum is known.
    """
    endings = (".gz", "") if original.archives else ("", ".gz")
    paths = [folder / f"{file}{end}" for folder in folders(original, root) for end in endings]
    return next((path for path in paths if path.is_file()), None)


def read_part(original: Original, root: Path, train: bool) -> tuple[Tensor, Tensor]:
    """Read images, bytes `[N, 28, 28]`, and labels `[N]` of the training or the test part.

    Raises:
        DamagedError: if a file is not the published one.
        FileNotFoundError: if it is not there.
    """
    count = original.sizes[0 if train else 1]
    images, labels = FILES[:2] if train else FILES[2:]
    x = _read(original, root, images, 0x803, (count, SIDE, SIDE))
    y = _read(original, root, labels, 0x801, (count,)).long()
    path = find(original, root, labels) or root
    if int(y.max()) >= CLASSES:
        raise DamagedError(path, f"a label {int(y.max())}, where {CLASSES - 1} is the last")
    if original.balanced and not bool((y.bincount(minlength=CLASSES) * CLASSES == count).all()):
        raise DamagedError(path, f"not {count // CLASSES} labels of each class")
    return x, y


def check_images(original: Original, root: Path, x: Tensor, x_test: Tensor) -> None:
    """Raise unless the images may be the published ones, for a set without checksums of them."""
    if original.contents:
        return
    train, test = ({hash(image.tobytes()) for image in part.numpy()} for part in (x, x_test))
    path = find(original, root, FILES[0]) or root
    if len(train) < DIFFERENT * len(x) or len(test) < DIFFERENT * len(x_test):
        raise DamagedError(path, "the same image again and again")
    if len(train & test) > (1 - DIFFERENT) * len(test):
        raise DamagedError(path, "the images of the test part are also in the training part")
    mean = float(x.double().mean()) / 255
    if original.mean is not None and abs(mean - original.mean) > 0.02:
        raise DamagedError(path, f"the mean of all pixels is {mean:.2f}, not {original.mean:.2f}")


def _read(original: Original, root: Path, file: str, magic: int, shape: tuple[int, ...]) -> Tensor:
    """Read one file in the idx format: four bytes for a number, one for each size, the values."""
    path = find(original, root, file)
    if path is None:
        raise FileNotFoundError(file)
    head = b"".join(number.to_bytes(4, "big") for number in (magic, *shape))
    size = len(head) + torch.Size(shape).numel()
    content = _content(original, path, file, size)
    if len(content) != size:
        found = f"{len(content)} bytes" if len(content) < size else "more bytes"
        raise DamagedError(path, f"{found}, where {size} were published")
    if not content.startswith(head):
        raise DamagedError(path, f"not an idx file of the sizes {shape}")
    expected = original.contents[FILES.index(file)] if original.contents else None
    if expected and hashlib.md5(content, usedforsecurity=False).hexdigest() != expected:
        raise DamagedError(path, "its checksum is not that of the original file")
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=len(head)).view(shape)


def _content(original: Original, path: Path, file: str, size: int) -> bytes:
    """Return what a file holds, uncompressed; of one that is too long, one byte too many."""
    if path.suffix != ".gz":
        with path.open("rb") as plain:
            return plain.read(size + 1)
    if original.archives:
        expected = original.archives[FILES.index(file)]
        with path.open("rb") as archive:
            found = hashlib.file_digest(archive, lambda: hashlib.md5(usedforsecurity=False))
        if found.hexdigest() != expected:
            raise DamagedError(path, "its checksum is not that of the original file")
    try:
        with gzip.open(path) as packed:
            return packed.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedError(path, error) from error
