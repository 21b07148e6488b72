"""Files that are fetched once, from the first mirror that gives the right bytes."""

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nnbook.data._folders import VARIABLE, alone, shown
from nnbook.data._sources import RemoteFile, Source
from nnbook.data._transfer import MirrorError, Report, transfer

_TRIES = 5  # at the same mirror, as long as each brings something


def fetch(source: Source, file: RemoteFile, root: Path, *, download: bool, progress: bool) -> Path:
    """The path of a file of `source` below `root`; the file is fetched if it is not there.

    It appears under its name only when it is whole and its SHA-256 is right.

    Raises:
        FileNotFoundError: If it is not there and `download` is false.
        ConnectionError: If no mirror gives it.
        OSError: If it cannot be written.
        ValueError: If what is there under its name is another file.
    """
    path = root / source.folder / file.name
    if path.exists():
        _check(path, file)
    elif download:
        _fetch(source, file, path, progress)
    else:
        raise FileNotFoundError(
            f"{file.name} of {source.title} is not there, and download is False. "
            + _by_hand(source, path.parent)
        )
    return path


def _fetch(source: Source, file: RemoteFile, path: Path, progress: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path.parent) as locked:
            if path.exists():  # another process has fetched it in the meantime
                return _check(path, file)
            mark = "" if locked else f".{os.getpid()}"
            part = path.with_name(f"{path.name}{mark}.part")
            _from_mirrors(source, file, part, progress)
            os.replace(part, path)
    except OSError as error:
        if error.errno is None:  # not from the operating system: ours, about the mirrors
            raise
        raise OSError(
            f"cannot write into {shown(path.parent)} ({error.strerror}). Name another folder with "
            f"root=... or with the environment variable {VARIABLE}"
        ) from error


def _from_mirrors(source: Source, file: RemoteFile, part: Path, progress: bool) -> None:
    """Fill `part` from the first mirror that can."""
    told = []
    with _Bar(file, progress) as bar:
        for mirror in source.mirrors:
            try:
                return _from_mirror(mirror + file.name, part, file, bar.move)
            except MirrorError as error:
                told.append(f"  {urlsplit(mirror).hostname} {error}")
    raise ConnectionError(
        f"no mirror of {source.title} gave {file.name}:\n"
        + "\n".join(told)
        + f"\nWithout a connection: {_by_hand(source, part.parent)}"
    )


def _from_mirror(url: str, part: Path, file: RemoteFile, report: Report) -> None:
    for left in reversed(range(_TRIES)):
        try:
            _attempt(url, part, file, report)
        except MirrorError as error:
            if error.spoilt:
                part.unlink(missing_ok=True)
            if not (error.again and left):
                raise
        else:
            return


def _attempt(url: str, part: Path, file: RemoteFile, report: Report) -> None:
    """Bring `part` to its length, unless it has it, and check it."""
    had = part.stat().st_size if part.exists() else 0
    if had > file.size:
        part.unlink()
    if had != file.size:
        transfer(url, part, file.size, report)
    if (found := _sha256(part)) != file.sha256:
        # What was there before may have been the fault: then the mirror gets another chance.
        why = f"sent a file with SHA-256 {found}; it must be {file.sha256}"
        raise MirrorError(why, again=had > 0, spoilt=True)


def _check(path: Path, file: RemoteFile) -> None:
    if (found := _sha256(path)) != file.sha256:
        raise ValueError(
            f"{file.name} in {shown(path.parent)} has {path.stat().st_size:,} bytes and SHA-256 "
            f"{found}; it must have {file.size:,} and {file.sha256}. Delete it to fetch it anew"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _by_hand(source: Source, folder: Path) -> str:
    """What to do without a download."""
    return (
        f"put {', '.join(source.names)} from {source.mirrors[0]} into {shown(folder)}, or into the "
        f"folder {source.folder} of one that root=... or the environment variable {VARIABLE} names"
    )


class _Bar:
    """Shows how much of a file has come, or does nothing."""

    def __init__(self, file: RemoteFile, wanted: bool) -> None:
        self._bar: Any = None
        if wanted:
            try:
                from tqdm import tqdm
            except ImportError as error:
                raise ImportError(
                    "progress=True needs tqdm: pip install 'nnbook[train]'"
                ) from error
            self._bar = tqdm(total=file.size, unit="B", unit_scale=True, desc=file.name)

    def move(self, done: int) -> None:
        """So many bytes are there; fewer than before if the download begins anew."""
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
