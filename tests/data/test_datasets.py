"""Data sets: what is damaged or missing is said, and nothing that is there is ever written over."""

from __future__ import annotations

import os
import socket
import struct
import urllib.error
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torchvision

import mas_edu as me
from mas_edu.data import datasets
from mas_edu.data.datasets import DOWNLOADED, FILES

HERE = datasets.data_folder()  # as the test run was started: $MAS_EDU_DATA, or the user's cache
needs_mnist = pytest.mark.skipif(
    not datasets.is_present("mnist"),
    reason=f"no MNIST in {HERE}: python -m mas_edu prefetch mnist, or set MAS_EDU_DATA",
)
Change = Callable[[Path], None]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and no network."""
    monkeypatch.setenv("MAS_EDU_DATA", str(tmp_path))
    monkeypatch.setattr(socket, "create_connection", _no_network)
    return tmp_path


def _no_network(*_: object, **__: object) -> None:
    raise OSError("Network is unreachable")


def _write(root: Path, name: str = "kmnist", samples: int = 12) -> Path:
    """A small but whole set in the format of the original files."""
    raw = root / DOWNLOADED[name] / "raw"
    raw.mkdir(parents=True)
    for part in ("train", "t10k"):
        labels = bytes(i % 10 for i in range(samples))
        images = bytes((i * j) % 256 for i in range(samples) for j in range(28 * 28))
        head = struct.pack(">IIII", 0x803, samples, 28, 28)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(head + images)
        head = struct.pack(">II", 0x801, samples)
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(head + labels)
    return raw


def _files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_digits_needs_no_folder_and_no_network(root: Path) -> None:
    images = datasets.load_images("digits")
    assert (images.classes, images.shape, images.white) == (10, (1, 8, 8), 16.0)
    assert (images.x.shape, images.x.dtype) == ((1797, 8, 8), torch.uint8)
    assert datasets.is_present("digits")
    assert not _files(root)


def test_a_set_that_is_there_is_read(root: Path) -> None:
    _write(root)
    before = _files(root)
    stream = me.rotated("kmnist", 2)
    assert (len(stream[0].x), len(stream[0].x_val), len(stream[0].x_test)) == (11, 1, 12)
    assert stream.features == 784
    assert datasets.is_present("kmnist")
    assert _files(root) == before


@pytest.mark.parametrize("name", DOWNLOADED)
def test_no_network(name: str, root: Path) -> None:
    assert not datasets.is_present(name)
    with pytest.raises(
        OSError, match=f"dataset: '{name}' is not in .*could not be downloaded"
    ) as e:
        me.rotated(name)
    assert "digits" in str(e.value), "what to do without a network"
    assert "MAS_EDU_DATA" in str(e.value)
    assert "\n" not in str(e.value)
    assert not _files(root)
    assert not list(root.rglob(".*")), "no temporary folder is left"


@pytest.mark.parametrize("file", FILES)
def test_one_missing_file_and_no_network(file: str, root: Path) -> None:
    (_write(root) / file).unlink()
    before = _files(root)
    with pytest.raises(OSError, match="could not be downloaded"):
        datasets.load_images("kmnist")
    assert _files(root) == before


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _garbled(path: Path) -> None:
    path.write_bytes(b"<html>not found</html>" * 100)


def _longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


@pytest.mark.parametrize("damage", [_cut, _emptied, _garbled, _longer])
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_named_and_left_alone(file: str, damage: Change, root: Path) -> None:
    path = _write(root) / file
    damage(path)
    before = _files(root)
    with pytest.raises(ValueError, match=r"'kmnist' cannot be read.*damaged or cut") as e:
        datasets.load_images("kmnist")
    assert str(path) in str(e.value)
    assert "prefetch kmnist" in str(e.value), "what to do"
    assert "\n" not in str(e.value)
    assert _files(root) == before


def test_labels_that_do_not_fit_the_images(root: Path) -> None:
    raw = _write(root)
    (raw / FILES[1]).write_bytes(struct.pack(">II", 0x801, 3) + bytes(3))
    with pytest.raises(ValueError, match="3 labels for 12 images"):
        datasets.load_images("kmnist")
    (raw / FILES[1]).write_bytes(struct.pack(">II", 0x801, 12) + bytes([200] * 12))
    with pytest.raises(ValueError, match="a label 200, where 9 is the last"):
        datasets.load_images("kmnist")


def test_a_set_of_no_images(root: Path) -> None:
    _write(root, samples=0)
    with pytest.raises(ValueError, match="damaged or cut short"):
        datasets.load_images("kmnist")


def test_a_repaired_file_is_read(root: Path) -> None:
    path = _write(root) / FILES[0]
    whole = path.read_bytes()
    _cut(path)
    with pytest.raises(ValueError, match="damaged"):
        datasets.load_images("kmnist")
    path.write_bytes(whole)
    assert len(datasets.load_images("kmnist").x) == 12


class _Mirror:
    """Stands for torchvision's class: writes a set into the folder, or only a part of it."""

    def __init__(self, name: str, files: int = 4, error: Exception | None = None) -> None:
        self.name, self.files, self.error = name, files, error
        self.asked: list[str] = []

    def __call__(self, root: str, download: bool) -> None:
        assert download
        self.asked.append(root)
        raw = _write(Path(root), self.name, samples=20)
        for file in FILES[self.files :]:
            (raw / file).unlink()
        if self.error:
            raise self.error


def test_a_download_arrives_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = _Mirror("kmnist")
    monkeypatch.setattr(torchvision.datasets, "KMNIST", mirror)
    assert len(datasets.load_images("kmnist").x) == 20
    assert {Path(file).name for file in _files(root)} == set(FILES)
    assert not list(root.glob(".*"))
    assert len(mirror.asked) == 1
    datasets.load_images("kmnist")
    assert len(mirror.asked) == 1, "fetched once"


@pytest.mark.parametrize(
    "error",
    [
        urllib.error.URLError("timed out"),
        RuntimeError("File not found or corrupted."),
        OSError(28, "No space left on device"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_download_broken_off_leaves_nothing(
    error: Exception, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torchvision.datasets, "KMNIST", _Mirror("kmnist", 2, error))
    patience = socket.getdefaulttimeout()
    with pytest.raises(OSError, match=r"dataset: 'kmnist' .*could not be downloaded"):
        datasets.load_images("kmnist")
    assert not _files(root)
    assert socket.getdefaulttimeout() == patience


def test_an_interrupted_download_leaves_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = _Mirror("kmnist", 2, KeyboardInterrupt())  # type: ignore[arg-type]
    monkeypatch.setattr(torchvision.datasets, "KMNIST", mirror)
    with pytest.raises(KeyboardInterrupt):
        datasets.load_images("kmnist")
    assert not _files(root)


def test_a_download_fills_the_gaps_and_writes_over_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = _write(root, samples=20)
    mine = {file: (raw / file).read_bytes() for file in FILES[1:]}
    (raw / FILES[0]).unlink()
    stamps = {file: (raw / file).stat().st_mtime_ns for file in mine}
    monkeypatch.setattr(torchvision.datasets, "KMNIST", _Mirror("kmnist"))
    assert len(datasets.load_images("kmnist").x) == 20
    for file, content in mine.items():
        assert (raw / file).read_bytes() == content
        assert (raw / file).stat().st_mtime_ns == stamps[file]


def test_a_folder_that_cannot_be_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = root / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("MAS_EDU_DATA", str(blocked))
    monkeypatch.setattr(torchvision.datasets, "KMNIST", _Mirror("kmnist"))
    with pytest.raises(OSError, match="dataset: 'kmnist' is not in"):
        datasets.load_images("kmnist")
    assert blocked.read_text() == "not a folder"


def test_the_folder_is_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAS_EDU_DATA", "~/somewhere")
    assert datasets.data_folder() == Path.home() / "somewhere"
    monkeypatch.delenv("MAS_EDU_DATA")
    assert "mas_edu" in datasets.data_folder().parts


@needs_mnist
def test_mnist_is_mnist() -> None:
    images = datasets.load_images("mnist")
    assert images.x.shape == (60_000, 28, 28)
    assert images.y.bincount().tolist()[:3] == [5923, 6742, 5958]
    assert images.x_test is not None
    assert images.x_test.shape == (10_000, 28, 28)
    assert images.y[:5].tolist() == [5, 0, 4, 1, 9]


@needs_mnist
@pytest.mark.parametrize("file", FILES)
def test_one_flipped_bit_of_mnist_is_noticed(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, raw = HERE / "MNIST" / "raw", tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for other in FILES:
        os.symlink((source / other).resolve(), raw / other)
    content = bytearray((source / file).read_bytes())
    content[-1] ^= 1
    (raw / file).unlink()
    (raw / file).write_bytes(content)
    monkeypatch.setenv("MAS_EDU_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=f"{file} is damaged or cut short .*checksum"):
        datasets.load_images("mnist")


@needs_mnist
def test_learning_on_mnist() -> None:
    stream = me.split("mnist", 2, samples=300)
    record = me.learn(stream, me.MAS(), schedule=me.Schedule(epochs=2), progress=False)
    assert record.learned > 0.9
