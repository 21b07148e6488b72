"""Where downloaded data is kept: a folder the user names, or the platform's folder for caches."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

VARIABLE = "NNBOOK_DATA"
_PATIENCE = 600.0  # seconds to wait for another process


def data_folder(root: str | os.PathLike[str] | None = None) -> Path:
    """The folder with one folder for each data set: `root`, $NNBOOK_DATA, or the default."""
    if root is not None:
        return Path(root).expanduser()
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser()
    return _caches() / "nnbook"


def _caches() -> Path:
    """The folder for caches: ~/Library/Caches, %LOCALAPPDATA%, or the XDG Base Directory's."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    return Path(xdg) if os.path.isabs(xdg) else Path.home() / ".cache"


def shown(folder: Path) -> str:
    """The folder as a message names it, with ~ for the user's home."""
    try:
        return (Path("~") / folder.relative_to(Path.home())).as_posix()
    except (ValueError, RuntimeError):  # elsewhere; or nobody's home
        return folder.as_posix()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Keep other processes that ask from using `folder`; False where that is impossible.

    The lock is the operating system's, so it goes when its process goes, however that ends.
    """
    with (folder / ".lock").open("ab") as file:
        until = time.monotonic() + _PATIENCE
        while (got := _lock(file)) is None and time.monotonic() < until:
            time.sleep(0.05)
        yield bool(got)


def _lock(file: BinaryIO) -> bool | None:
    """Lock an open file: whether the file system can do that, or None if another has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the former on POSIX, the latter on Windows
        return None
    except OSError:
        return False
    return True
