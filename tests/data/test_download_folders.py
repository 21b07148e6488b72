"""Where downloads go: the folder, and what else may be at it at the same time."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nnbook.data import _folders

NAME = "train-images-idx3-ubyte.gz"
HOME = Path("/home/someone")


def test_a_folder_that_cannot_be_is_named(fetch, tmp_path):
    (tmp_path / "tiny").write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match=r"cannot write into .*tiny .*root=.*NNBOOK_DATA"):
        fetch("fine")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_read_only_folder_is_named(fetch, tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OSError, match=r"cannot write into .*Permission denied"):
            fetch("fine")
    finally:
        tmp_path.chmod(0o700)


def test_a_read_only_folder_that_has_the_file_is_read(fetch, contents, tmp_path, monkeypatch):
    path = fetch("fine")

    def refuse(*args, **kwargs):
        raise PermissionError

    for name in ("mkdir", "unlink"):
        monkeypatch.setattr(Path, name, refuse)
    monkeypatch.setattr(_folders, "_lock", refuse)
    assert fetch("fine").read_bytes() == path.read_bytes() == contents[NAME]


def test_a_full_disk_is_no_fault_of_the_mirrors(fetch, mirror, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot write .*\(No space left on device\)"):
        fetch("fine", "dumb")
    assert len(mirror.asked) == 1


def test_where_files_cannot_be_locked_each_process_writes_its_own(
    fetch, begun, contents, monkeypatch
):
    part = begun(1000)
    monkeypatch.setattr(_folders, "_lock", lambda file: False)
    assert fetch("fine").read_bytes() == contents[NAME]
    assert part.stat().st_size == 1000  # perhaps another process is at it


def test_a_lock_that_is_never_given_back_is_not_awaited_for_ever(fetch, monkeypatch):
    monkeypatch.setattr(_folders, "_PATIENCE", 0.1)
    monkeypatch.setattr(_folders, "_lock", lambda file: None)
    assert fetch("fine").exists()


@pytest.fixture
def process(mirror, source_of, tmp_path):
    """`process("slow")`: another process that fetches the file."""
    script = Path(__file__).with_name("fetching.py")
    running = []

    def start(way):
        file = source_of(way).splits["train"][0]
        values = [mirror.url(way), tmp_path, file.name, file.size, file.sha256]
        running.append(subprocess.Popen([sys.executable, script, *map(str, values)]))
        return running[-1]

    yield start
    for child in running:
        child.kill()
        child.wait()


def test_two_processes_ask_once(process, mirror, contents, tmp_path, left):
    children = [process("slow"), process("slow")]
    assert [child.wait(20) for child in children] == [0, 0]
    assert mirror.asked == [("slow", None)]
    assert (tmp_path / "tiny" / NAME).read_bytes() == contents[NAME]
    assert left() == {NAME}


def test_killed_midway_it_leaves_no_half_file_and_goes_on(
    process, fetch, mirror, contents, tmp_path, left
):
    child = process("freezes")
    part = tmp_path / "tiny" / f"{NAME}.part"
    until = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size == 1000) and time.monotonic() < until:
        time.sleep(0.01)
    child.kill()
    child.wait()
    assert left() == {part.name}
    assert fetch("fine").read_bytes() == contents[NAME]
    assert mirror.asked == [("freezes", None), ("fine", "bytes=1000-")]
    assert left() == {NAME}


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, HOME / ".cache" / "nnbook"),
        ("linux", {"XDG_CACHE_HOME": "/fast"}, Path("/fast/nnbook")),
        ("linux", {"XDG_CACHE_HOME": "relative"}, HOME / ".cache" / "nnbook"),
        ("darwin", {"XDG_CACHE_HOME": "/fast"}, HOME / "Library" / "Caches" / "nnbook"),
        ("win32", {}, HOME / "AppData" / "Local" / "nnbook"),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/nnbook")),
        ("linux", {"NNBOOK_DATA": "/data"}, Path("/data")),
        ("linux", {"NNBOOK_DATA": "~/data"}, HOME / "data"),
    ],
)
def test_where_the_data_is_kept(platform, environment, expected, monkeypatch):
    for name in ("NNBOOK_DATA", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"HOME": str(HOME)} | environment).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert _folders.data_folder() == expected
    assert _folders.data_folder("/here") == Path("/here")


def test_messages_do_not_name_the_home(monkeypatch):
    monkeypatch.setenv("HOME", str(HOME))
    assert _folders.shown(HOME / ".cache" / "nnbook") == "~/.cache/nnbook"
    assert _folders.shown(Path("/data")) == "/data"
