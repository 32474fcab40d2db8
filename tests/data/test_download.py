"""Downloads: whole or not at all, and nothing that is there is ever written over."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mas_edu.data import datasets, download
from mas_edu.data.originals import FILES
from tests.support import image_files
from tests.support.image_files import (
    cut,
    dripping,
    dripping_header,
    endless,
    going_in_circles,
    missing,
    publish,
    server,
    silent,
    whole,
    write,
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder; the small sets are those that were published."""
    monkeypatch.setenv("MAS_EDU_DATA", str(tmp_path))
    for name in ("mnist", "kmnist"):
        publish(monkeypatch, name)
    return tmp_path


def names_in(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["mnist", "kmnist"])
def test_a_download_arrives_whole(name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(monkeypatch, whole, name=name) as asked:
        assert len(datasets.load_images(name).x) == 20
        assert len(asked) == 4
        datasets.load_images(name)
        assert len(asked) == 4, "fetched once"
    archives = {f"{file}.gz" for file in FILES} if name == "kmnist" else set()
    assert names_in(root) == set(FILES) | archives, "an archive that bears the only checksum stays"
    assert not list(root.glob(".*"))


@pytest.mark.parametrize("first", [missing, cut, silent, dripping])
def test_the_next_server_is_asked(
    first: image_files.Answer, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "SECONDS_TO_ANSWER", 0.2)
    monkeypatch.setattr(download, "SECONDS_TO_JUDGE", 0.2)
    with server(monkeypatch, first, whole) as asked:
        assert len(datasets.load_images("kmnist").x) == 20
    assert len(asked) == 8


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (missing, "404"),
        (cut, "did not arrive whole"),
        (silent, "timed out"),
        (dripping, "the server sent [0-9]+ bytes in"),
        (dripping_header, "did not come to the data"),
        (going_in_circles, "HTTP Error 302: .*infinite loop"),
        (endless, "more than .* can hold"),
    ],
)
def test_a_download_broken_off_leaves_nothing(
    answer: image_files.Answer, reason: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "SECONDS_TO_ANSWER", 0.2)
    monkeypatch.setattr(download, "SECONDS_TO_JUDGE", 0.2)
    monkeypatch.setattr(download, "MOST_BYTES", 2**20)
    begun = time.monotonic()
    with (
        server(monkeypatch, answer),
        pytest.raises(OSError, match=rf"dataset: 'kmnist' .*could not be downloaded \(.*{reason}"),
    ):
        datasets.load_images("kmnist")
    assert time.monotonic() - begun < 5
    assert not list(root.iterdir())


@pytest.mark.parametrize("folder", ["new/deep", "KMNIST", "new/KMNIST"])
def test_a_failed_download_removes_the_folders_that_it_made(
    folder: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAS_EDU_DATA", str(root / folder))
    with server(monkeypatch, missing), pytest.raises(OSError, match="could not be downloaded"):
        datasets.load_images("kmnist")
    assert not list(root.iterdir())
    (root / folder).mkdir(parents=True)
    with server(monkeypatch, missing), pytest.raises(OSError, match="could not be downloaded"):
        datasets.load_images("kmnist")
    assert not list((root / folder).iterdir())


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_download_leaves_nothing(
    error: BaseException, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(request: object, content: bytes) -> None:
        raise error

    monkeypatch.setattr(Path, "write_bytes", raising)
    with server(monkeypatch, whole), pytest.raises((OSError, KeyboardInterrupt)) as caught:
        datasets.load_images("kmnist")
    assert isinstance(error, OSError) == ("No space left" in str(caught.value))
    assert not list(root.iterdir())


def test_a_download_fills_the_gaps_and_writes_over_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = write(root)
    mine = {file: (raw / file).read_bytes() for file in FILES[1:]}
    (raw / FILES[0]).unlink()
    stamps = {file: (raw / file).stat().st_mtime_ns for file in mine}
    with server(monkeypatch, whole) as asked:
        assert len(datasets.load_images("kmnist").x) == 20
    assert asked == [f"{FILES[0]}.gz"]
    for file, content in mine.items():
        assert (raw / file).read_bytes() == content
        assert (raw / file).stat().st_mtime_ns == stamps[file]


def test_a_folder_where_a_file_belongs_is_not_moved_into(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(root) / FILES[2]
    folder.unlink()
    folder.mkdir()
    with (
        server(monkeypatch, whole) as asked,
        pytest.raises(OSError, match=f"{FILES[2]} is a folder where a file belongs; move it away"),
    ):
        datasets.load_images("kmnist")
    assert not asked
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = root / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("MAS_EDU_DATA", str(blocked))
    sentence = r"'kmnist' is not in .*/file/KMNIST/raw cannot be made .*set MAS_EDU_DATA to another"
    with server(monkeypatch, whole), pytest.raises(OSError, match=sentence):
        datasets.load_images("kmnist")
    assert blocked.read_text() == "not a folder"


def test_what_killed_downloads_left_is_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, mine = (root / name for name in (".kmnist-abc", ".kmnist-def", ".config"))
    for folder in (old, new, mine):
        folder.mkdir()
        (folder / "file").write_text("half")
        for path in (folder / "file", folder):
            os.utime(path, (0, time.time() - 7200))
    (new / "more").write_text("still arriving")
    write(root)
    datasets.load_images("kmnist")
    assert not old.exists()
    assert new.exists()
    assert mine.exists()
