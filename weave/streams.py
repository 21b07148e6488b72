"""What a page's process prints: to be taken by snippet."""

import ctypes
import os
import sys
import tempfile
from typing import IO

MAX_OUTPUT = 200_000


class Streams:
    """Catches stdout and stderr at the file descriptors: print, C code and subprocesses alike."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.cut = False  # whether more was written than we keep
        self.files: list[IO[bytes]] = []  # they live as long as the process
        for _ in range(2):
            self.files.append(tempfile.TemporaryFile())  # noqa: SIM115
        self.open()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # input() ends at once instead of waiting
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115

    def open(self) -> None:
        """Set sys.stdout and sys.stderr to write into our files, whatever they were."""
        for descriptor, file in enumerate(self.files, 1):
            os.dup2(file.fileno(), descriptor)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
        self.streams = sys.stdout, sys.stderr

    def leave_if_forked(self) -> None:
        """End a copy of this process that a snippet made by os.fork and let run on."""
        if os.getpid() != self.owner:
            os._exit(0)

    def take(self) -> tuple[str, str]:
        """What was written since the last call; the files are emptied."""
        self.leave_if_forked()
        ctypes.CDLL(None).fflush(None)  # what C code printed and still holds back
        broken = False
        for stream in (sys.stdout, sys.stderr, *self.streams):
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):  # a snippet closed or removed it
                broken = True
        if broken:
            self.open()
        texts = []
        for file in self.files:
            file.seek(0)
            data = file.read(MAX_OUTPUT + 1)
            file.seek(0)
            file.truncate()
            self.cut = self.cut or len(data) > MAX_OUTPUT
            texts.append(data[:MAX_OUTPUT].decode("utf-8", errors="replace"))
        return texts[0], texts[1]
