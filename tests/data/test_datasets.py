"""Data sets on the disk: what is damaged or missing is said, and nothing there is written over."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

import mas_edu as me
from mas_edu.data import datasets
from mas_edu.data.originals import FILES, ORIGINALS, DamagedError, read_part
from tests.support import image_files
from tests.support.image_files import idx, publish, write

HERE = datasets.data_folder()  # as the test run was started: $MAS_EDU_DATA, or the user's cache
needs_mnist = pytest.mark.skipif(
    not datasets.is_present("mnist"),
    reason=f"no MNIST in {HERE}: python -m mas_edu prefetch mnist, or set MAS_EDU_DATA",
)
every_set = pytest.mark.parametrize("name", ORIGINALS)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and no network; the small sets are those that were published."""
    monkeypatch.setenv("MAS_EDU_DATA", str(tmp_path))
    monkeypatch.setattr(socket, "create_connection", _no_network)
    for name in ORIGINALS:
        publish(monkeypatch, name)
    return tmp_path


def _no_network(*_: object, **__: object) -> None:
    raise OSError("Network is unreachable")


def files_in(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("file", [datasets.DIGITS, "a file that another version has"])
def test_the_digits_are_those_of_scikit_learn(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "DIGITS", file)
    images, expected = datasets._digits.__wrapped__(), load_digits()
    assert images.x.dtype == torch.uint8
    assert images.y.dtype == torch.int64
    assert np.array_equal(images.x, expected.images)
    assert np.array_equal(images.y, expected.target)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the current folder")
def test_digits_are_read_when_the_current_folder_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    assert len(datasets._digits.__wrapped__().x) == 1797


def test_digits_needs_no_folder_and_no_network(root: Path) -> None:
    images = datasets.load_images("digits")
    assert (images.classes, images.shape, images.white) == (10, (1, 8, 8), 16.0)
    assert (images.x.shape, images.x.dtype) == ((1797, 8, 8), torch.uint8)
    assert datasets.is_present("digits")
    assert not files_in(root)


# ---- what is there -----------------------------------------------------------------------------


@every_set
def test_a_set_that_is_there_is_read(name: str, root: Path) -> None:
    write(root, name)
    before = files_in(root)
    stream = me.rotated(name, 2)
    assert (len(stream[0].x), len(stream[0].x_val), len(stream[0].x_test)) == (18, 2, 20)
    assert stream.features == 784
    assert datasets.is_present(name)
    assert files_in(root) == before


def test_the_numbers_are_those_of_torchvision(root: Path) -> None:
    from torchvision.datasets.mnist import read_image_file, read_label_file

    raw = write(root)
    images = datasets.load_images("kmnist")
    for part, (x, y) in zip(
        ("train", "t10k"), [(images.x, images.y), (images.x_test, images.y_test)], strict=True
    ):
        assert torch.equal(x, read_image_file(str(raw / f"{part}-images-idx3-ubyte")))
        assert torch.equal(y, read_label_file(str(raw / f"{part}-labels-idx1-ubyte")))


@every_set
def test_a_set_of_archives_alone_is_read(name: str, root: Path) -> None:
    write(root, name, ending=".gz")
    before = files_in(root)
    assert datasets.is_present(name)
    assert len(datasets.load_images(name).x) == 20
    assert files_in(root) == before


def test_a_published_archive_is_read_before_a_file_of_unknown_origin(root: Path) -> None:
    raw = write(root, "kmnist", ending=".gz")
    (raw / FILES[0]).write_bytes(b"unpacked halfway")
    assert len(datasets.load_images("kmnist").x) == 20
    assert datasets.is_present("kmnist")


@every_set
@pytest.mark.parametrize("below", [".", "FOLDER", "FOLDER/raw"])
def test_the_data_folder_may_be_the_folder_of_the_set(
    name: str, below: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, name)
    folder = root / below.replace("FOLDER", ORIGINALS[name].folder)
    monkeypatch.setenv("MAS_EDU_DATA", str(folder))
    assert datasets.is_present(name)
    assert len(datasets.load_images(name).x) == 20


@pytest.mark.parametrize(
    ("here", "folder"),
    [("", "."), ("", "raw"), ("raw", "."), ("raw", ".."), ("raw", "../raw"), ("", "loop")],
)
def test_the_folder_of_the_set_may_be_the_one_that_the_reader_is_in(
    here: str, folder: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = write(root)
    (raw.parent / "loop").symlink_to("loop")
    monkeypatch.chdir(raw.parent / here)
    monkeypatch.setenv("MAS_EDU_DATA", folder)
    assert datasets.is_present("kmnist") == (folder != "loop")


@pytest.mark.parametrize("names", [("KMNIST", "elsewhere"), ("elsewhere", "KMNIST")])
def test_the_folder_of_the_set_may_be_a_link(
    names: tuple[str, str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "there").mkdir()
    link, folder = root / names[0], root / "there" / names[1]
    write(root).parent.rename(folder)
    link.symlink_to(folder)
    monkeypatch.setenv("MAS_EDU_DATA", str(link))
    assert datasets.is_present("kmnist")


def test_a_folder_of_files_alone_is_read_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = write(root)
    for file in FILES:
        (raw / file).rename(raw.parent / file)
    monkeypatch.setenv("MAS_EDU_DATA", str(raw.parent))
    assert len(datasets.load_images("kmnist").x) == 20


# ---- what is missing ---------------------------------------------------------------------------


@every_set
def test_no_network(name: str, root: Path) -> None:
    assert not datasets.is_present(name)
    with pytest.raises(
        OSError, match=f"dataset: '{name}' is not in .*could not be downloaded"
    ) as e:
        me.rotated(name)
    assert "digits" in str(e.value), "what to do without a network"
    assert "MAS_EDU_DATA" in str(e.value)
    assert "\n" not in str(e.value)
    assert not files_in(root)
    assert not list(root.rglob(".*")), "no temporary folder is left"


@pytest.mark.parametrize("file", FILES)
def test_one_missing_file_and_no_network(file: str, root: Path) -> None:
    (write(root) / file).unlink()
    before = files_in(root)
    with pytest.raises(OSError, match="could not be downloaded"):
        datasets.load_images("kmnist")
    assert files_in(root) == before


def test_the_folder_is_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAS_EDU_DATA", "~/somewhere")
    assert datasets.data_folder() == Path.home() / "somewhere"
    monkeypatch.delenv("MAS_EDU_DATA")
    assert "mas_edu" in datasets.data_folder().parts


def test_the_folder_of_an_unknown_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAS_EDU_DATA", "~nosuchuser/data")
    for call in (datasets.data_folder, lambda: me.rotated("mnist")):
        with pytest.raises(ValueError, match=r"^MAS_EDU_DATA: expected a path, got '~nosuchuser"):
            call()


def test_a_folder_whose_name_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAS_EDU_DATA", "x" * 5000)
    with pytest.raises(ValueError, match=r"^MAS_EDU_DATA: expected a path, got 'xxx.*too long"):
        me.rotated("mnist")


# ---- what is damaged ---------------------------------------------------------------------------


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut": _cut,
    "emptied": lambda content: b"",
    "garbled": lambda content: b"<html>not found</html>" * 1000,
    "longer": lambda content: content + b"more",
    "one byte short": lambda content: content[:-1],
    "other kind": lambda content: b"\x00\x00\x09" + content[3:],
    "other count": lambda content: content[:7] + b"\x13" + content[8:],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("file", FILES)
@every_set
def test_a_damaged_file_is_named_and_left_alone(
    name: str, file: str, damage: Callable[[bytes], bytes], root: Path
) -> None:
    path = write(root, name) / file
    path.write_bytes(damage(path.read_bytes()))
    before = files_in(root)
    with pytest.raises(ValueError, match=rf"'{name}' cannot be read.*damaged or cut") as e:
        datasets.load_images(name)
    assert str(path) in str(e.value)
    assert f"prefetch {name}" in str(e.value), "what to do"
    assert "\n" not in str(e.value)
    assert files_in(root) == before


@pytest.mark.parametrize("file", FILES)
@every_set
def test_a_damaged_archive_is_named(name: str, file: str, root: Path) -> None:
    path = write(root, name, ending=".gz") / f"{file}.gz"
    whole = path.read_bytes()
    other = image_files.archive(bytes(1000))
    for content in (_cut(whole), b"", whole[:-1] + b"x", b"<html>", whole[:20] + bytes(9), other):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"cannot be read.*\.gz is damaged or cut"):
            datasets.load_images(name)


def images(*each: bytes) -> bytes:
    return idx(0x803, 20, 28, 28, content=b"".join(each))


def labels(each: list[int]) -> bytes:
    return idx(0x801, 20, content=bytes(each))


HALF = list(range(10))
WHOLE = image_files.contents()
REPLACED: dict[str, dict[str, bytes]] = {
    "14 by 56": {FILES[0]: WHOLE[FILES[0]].replace(b"\x1c\0\0\0\x1c", b"\x0e\0\0\0\x38", 1)},
    "all labels 0": {FILES[1]: labels([0] * 20)},
    "one label changed": {FILES[1]: labels([*HALF, *HALF[:-1], 0])},
    "a label 200": {FILES[3]: labels([*HALF, *HALF[:-1], 200])},
    "test equals train": {FILES[2]: WHOLE[FILES[0]]},
    "all pixels 0": {FILES[0]: images(bytes(20 * 784))},
    "all pixels 0 in the test part": {FILES[2]: images(bytes(20 * 784))},
    "one image": {FILES[0]: images(*[bytes(range(196)) * 4] * 20)},
    "labels for images": {FILES[0]: WHOLE[FILES[1]]},
    "images for labels": {FILES[1]: WHOLE[FILES[0]]},
    "3 labels": {FILES[1]: idx(0x801, 3, content=bytes(3))},
    "no images": {FILES[0]: idx(0x803, 0, 28, 28, content=b"")},
}


@pytest.mark.parametrize("files", REPLACED.values(), ids=REPLACED)
@every_set
def test_files_that_are_not_the_published_ones_are_refused(
    name: str, files: dict[str, bytes], root: Path
) -> None:
    raw = write(root, name)
    for file, content in files.items():
        assert content != WHOLE[file], "it is damaged"
        (raw / file).write_bytes(content)
    with pytest.raises(ValueError, match=rf"'{name}' cannot be read.*damaged or cut"):
        datasets.load_images(name)


def test_what_is_known_of_the_published_sets() -> None:
    for name, original in ORIGINALS.items():
        assert original.sizes == (60_000, 10_000)
        assert len(original.contents) == len(FILES), name
        assert len(original.archives) in (0, len(FILES)), name


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("file", FILES)
@every_set
def test_one_changed_pixel_or_label_is_noticed(
    name: str, file: str, ending: str, root: Path
) -> None:
    raw = write(root, name, ending=ending)
    content = bytearray(image_files.contents()[file])
    content[-1] ^= 1
    changed = image_files.archive(bytes(content)) if ending else bytes(content)
    (raw / f"{file}{ending}").write_bytes(changed)
    with pytest.raises(ValueError, match=f"{file}{ending} is damaged or cut short .*checksum"):
        datasets.load_images(name)


def test_the_archives_are_those_that_torchvision_downloads() -> None:
    from torchvision.datasets import KMNIST

    published = dict(KMNIST.resources)
    archives = dict(zip(FILES, ORIGINALS["kmnist"].archives, strict=True))
    assert {f"{file}.gz": code for file, code in archives.items()} == published


def test_the_checksum_of_git(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"what is in it")
    found = subprocess.run(
        ["git", "hash-object", path], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert found == image_files.git_sha1(path.read_bytes())


def test_a_repaired_file_is_read(root: Path) -> None:
    path = write(root) / FILES[0]
    whole = path.read_bytes()
    path.write_bytes(_cut(whole))
    with pytest.raises(ValueError, match="damaged"):
        datasets.load_images("kmnist")
    path.write_bytes(whole)
    assert len(datasets.load_images("kmnist").x) == 20


def test_a_file_of_any_size_takes_no_more_memory_than_the_published_one(root: Path) -> None:
    path = write(root) / FILES[0]
    with path.open("r+b") as file:
        file.truncate(2**42)  # sparse: it takes no space
    with pytest.raises(ValueError, match="more bytes, where 15696 were published"):
        datasets.load_images("kmnist")


# ---- the real one ------------------------------------------------------------------------------


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
def test_another_set_is_not_mnist() -> None:
    other = image_files.replace(ORIGINALS["fashion"], folder="MNIST")
    with pytest.raises(DamagedError, match="checksum"):
        read_part(other, HERE, train=True)


@needs_mnist
def test_learning_on_mnist() -> None:
    stream = me.split("mnist", 2, samples=300)
    record = me.learn(stream, me.MAS(), schedule=me.Schedule(epochs=2), progress=False)
    assert record.learned > 0.9
