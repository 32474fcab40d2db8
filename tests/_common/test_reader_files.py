"""What is kept about the reader: where it lies, and that nothing of it is lost."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from mas_edu._common import ReaderFile, reader_folder
from mas_edu._common import files as files_module
from mas_edu._common.files import locked

needs_users = pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs the users of Unix")


def test_two_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(first: int) -> None:
        for number in range(first, 60, 3):
            ReaderFile(tmp_path).keep(str(number), number)
            ReaderFile(tmp_path, "tries.json").change("05.1", lambda kept: int(kept or 0) + 1)

    threads = [threading.Thread(target=write, args=(first,)) for first in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ReaderFile(tmp_path).read().values()) == list(range(60))
    assert ReaderFile(tmp_path, "tries.json").read() == {"05.1": 60}
    assert {path.name for path in tmp_path.iterdir()} == {"guesses.json", "tries.json"}


def test_the_lock_of_a_killed_process_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / ".guesses.lock"
    monkeypatch.setattr(files_module, "ABANDONED", 0.05)
    for number, later in enumerate((0, 3600)):  # also where the clock of a server goes ahead
        lock.touch()
        os.utime(lock, (time.time() + later,) * 2)
        ReaderFile(tmp_path).keep("01", number)
        assert ReaderFile(tmp_path).read() == {"01": number}
        assert not lock.exists()


def test_a_lock_that_is_held_is_waited_for(tmp_path: Path) -> None:
    order = []

    def second() -> None:
        with locked(tmp_path / "lock"):
            order.append("second")

    with locked(tmp_path / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_folder_that_cannot_be_made_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = ReaderFile(tmp_path / "file" / "inside")
    said = [file.change_if_possible("01", lambda _: 40) for _ in range(2)]
    assert "cannot be written: let MAS_EDU_HOME name a folder of yours." in said[0]
    assert said[1] == ""
    assert file.read() == {}


# ---- where it lies


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for data of a user who has set nothing."""
    for name in ("MAS_EDU_HOME", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mas_edu"


def test_the_variable_comes_first_then_the_folder_for_user_data(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader_folder() == home
    monkeypatch.setenv("MAS_EDU_HOME", str(home / "ada"))
    assert reader_folder() == home / "ada"


@needs_users
def test_two_users_of_one_home_do_not_mix(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    assert reader_folder() == home
    monkeypatch.setattr(os, "getuid", lambda: home.stat().st_uid + 1)
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    assert reader_folder() == home.with_name("mas_edu-ada")
    monkeypatch.setenv("JUPYTERHUB_USER", "bo/../x")
    assert reader_folder() == home.with_name("mas_edu-bo_.._x")


def test_without_a_home_nothing_is_kept_and_nothing_written_where_one_works(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: Path("~/.local") / name)
    file = ReaderFile(reader_folder())
    assert file.change_if_possible("01", lambda _: 40) != ""
    assert file.read() == {}
    assert list(home.parent.iterdir()) == []


@needs_users
def test_a_user_without_a_name_has_a_folder_of_the_number(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("no such user")  # OSError from Python 3.13 on

    home.mkdir()
    other = home.stat().st_uid + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    monkeypatch.setattr("getpass.getuser", nameless)
    assert reader_folder() == home.with_name(f"mas_edu-{other}")


def test_a_file_with_true_in_place_of_a_guess_is_set_aside(tmp_path: Path) -> None:
    file = ReaderFile(tmp_path)
    file.path.write_text('{"01": true}', encoding="utf-8")
    assert file.read() == {}
    assert [path.read_text("utf-8") for path in file.damaged()] == ['{"01": true}']
