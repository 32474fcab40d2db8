"""The published files of the data sets, and the check of files on the disk against them."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

import torch
from torch import Tensor

FILES = tuple(
    f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
CLASSES, SIDE = 10, 28  # of every set here; images have as many rows as columns


@dataclass(frozen=True)
class Original:
    """The sizes and checksums of a published data set: files on the disk have to be these.

    Args:
        folder: torchvision's name of the set, and of the folder that it makes.
        sizes: images in the training and in the test part.
        contents: checksum of each of `FILES`, uncompressed: MD5, or the SHA-1 that Git shows.
        archives: MD5 of each of `FILES`, compressed, where only these were published: an archive is
            then preferred to the file itself.
    """

    folder: str
    contents: tuple[str, ...]
    archives: tuple[str, ...] = ()
    sizes: tuple[int, int] = (60_000, 10_000)


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
    ),
    "kmnist": Original(
        "KMNIST",
        contents=(  # of the published archives; the first as Git shows it in public repositories
            "3cf037df1ccd08cf71c7e9465ca6bc729e79a251",
            "949e75301f8813e0dc5800dcc320fc52",
            "bf305b8cd328700fbc17f5acbc2856d2",
            "9f55f451c0988b028eccdf7d5cc265ab",
        ),
        archives=(
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
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
    paths = (root, Path(os.path.realpath(root)))  # "." has no name, and a link another
    if any(path.name == original.folder for path in paths):
        found += [root / "raw", root]
    elif any((path.parent.name, path.name) == (original.folder, "raw") for path in paths):
        found.append(root)
    return found


def find(original: Original, root: Path, file: str) -> Path | None:
    """Return where a file of a set is, compressed or not; None if it is nowhere.

    The archive comes first where its checksum is the one that was published.
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
    if int(y.max()) >= CLASSES:
        path = find(original, root, labels) or root
        raise DamagedError(path, f"a label {int(y.max())}, where {CLASSES - 1} is the last")
    return x, y


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
    known = original.archives and path.suffix == ".gz"  # checked already, as an archive
    if not known and not _has_checksum(content, original.contents[FILES.index(file)]):
        raise DamagedError(path, "its checksum is not that of the original file")
    return torch.frombuffer(content, dtype=torch.uint8, offset=len(head)).view(shape)


def _has_checksum(content: bytearray, expected: str) -> bool:
    """Return whether this is the MD5 of the bytes, or, if longer, the SHA-1 that Git shows."""
    if len(expected) == 32:
        return hashlib.md5(content, usedforsecurity=False).hexdigest() == expected
    code = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    code.update(content)
    return code.hexdigest() == expected


def _content(original: Original, path: Path, file: str, size: int) -> bytearray:
    """Return what a file holds, uncompressed; of one that is too long, one byte too many."""
    if path.suffix != ".gz":
        with path.open("rb") as plain:
            return _bytes_of(plain, size + 1)
    if original.archives:
        expected = original.archives[FILES.index(file)]
        with path.open("rb") as archive:
            found = hashlib.file_digest(archive, lambda: hashlib.md5(usedforsecurity=False))
        if found.hexdigest() != expected:
            raise DamagedError(path, "its checksum is not that of the original file")
    try:
        with gzip.open(path) as packed:
            return _bytes_of(packed, size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedError(path, error) from error


def _bytes_of(file: BufferedIOBase, most: int) -> bytearray:
    """Return so many bytes of a file at most, in the memory that the tensor will use.

    A second copy would be freed, and then the process would keep more of the blocks that it frees.
    """
    content, found = bytearray(most), 0
    with memoryview(content) as free:
        while count := file.readinto(free[found:]):
            found += count
    del content[found:]
    return content
