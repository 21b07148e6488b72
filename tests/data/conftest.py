"""A mirror on this machine that gives files, and misbehaves as it is told."""

import gzip
import hashlib
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from nnbook.data import _download, _transfer
from nnbook.data._sources import RemoteFile, Source


def idx_gz(array):
    """A gzipped IDX file of unsigned bytes, written by the book of the format."""
    head = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes(), mtime=0)


class Mirror:
    """A server whose paths begin with what goes wrong: `/fine/NAME`, `/breaks/NAME`, ..."""

    def __init__(self, files):
        self.files = files
        self.asked = []  # (way, Range header)
        self.released = threading.Event()  # ends what stalls, when the test is over
        handler = type("Handler", (_Handler,), {"mirror": self})
        self.server = _Server(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def url(self, way):
        return f"http://127.0.0.1:{self.server.server_port}/{way}/"

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Clients that hang up are what we are about."""


class _Handler(BaseHTTPRequestHandler):
    mirror = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        _, way, name = self.path.split("/")
        self.mirror.asked.append((way, self.headers.get("Range")))
        self.content = self.mirror.files[name]
        getattr(self, way)()

    def answer(self, status, content, promised=None, **headers):
        self.send_response(status)
        if promised is not False:
            self.send_header("Content-Length", promised or len(content))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def fine(self, sent=None):
        """Knows ranges; `sent` limits what really arrives."""
        begin = int((self.headers.get("Range") or "bytes=0-")[len("bytes=") : -1])
        if begin >= len(self.content):
            return self.answer(416, b"", Content_Range=f"bytes */{len(self.content)}")
        headers = {"Content_Range": f"bytes {begin}-{len(self.content) - 1}/{len(self.content)}"}
        rest = self.content[begin:]
        return self.answer(
            206 if begin else 200, rest[:sent], len(rest), **(headers if begin else {})
        )

    def breaks(self):
        self.fine(sent=-(-len(self.content) // 3))

    def dumb(self):
        self.answer(200, self.content)

    def dumb_breaks(self):
        self.answer(200, self.content[: len(self.content) // 2], len(self.content))

    def dead(self):
        self.answer(200, b"", len(self.content))

    def hangs_up(self):
        pass

    def wrong(self):
        """Other bytes, as many."""
        self.content = bytes(byte ^ 1 for byte in self.content)
        self.fine()

    def missing(self):
        self.answer(404, b"no such thing")

    def stalls(self):
        self.fine(sent=len(self.content) // 2)
        self.mirror.released.wait(20)

    def freezes(self):
        """Gives a few bytes, and no more."""
        self.fine(sent=1000)
        self.mirror.released.wait(20)

    def silent(self):
        self.mirror.released.wait(20)

    def promises_more(self):
        self.answer(200, self.content + b"more")

    def gives_more(self):
        self.answer(200, self.content + b"more", promised=False)

    def unsized(self):
        self.answer(200, self.content, promised=False)

    def unsized_open(self):
        """Gives all, and neither says so nor hangs up."""
        self.answer(200, self.content, promised=False)
        self.mirror.released.wait(20)

    def misplaces(self):
        """Answers the question for a range with another range."""
        if self.headers.get("Range"):
            self.answer(
                206,
                self.content,
                Content_Range=f"bytes 0-{len(self.content) - 1}/{len(self.content)}",
            )
        else:
            self.answer(200, self.content)

    def refuses_ranges(self):
        if self.headers.get("Range"):
            self.answer(416, b"")
        else:
            self.answer(200, self.content)

    def moved(self):
        self.answer(302, b"", Location=self.path.replace("/moved/", "/fine/"))

    def astray(self):
        self.answer(302, b"", Location="ftp://127.0.0.1/file")

    def in_circles(self):
        self.answer(302, b"", Location=self.path)

    def slow(self):
        """In many small portions, half a second in all."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        step = len(self.content) // 50 + 1
        for begin in range(0, len(self.content), step):
            self.wfile.write(self.content[begin : begin + step])
            self.mirror.released.wait(0.01)


NAME = "train-images-idx3-ubyte.gz"


@pytest.fixture(scope="session")
def contents():
    """The four files of a small MNIST: 30 images to learn from, and 20 others."""
    rng = np.random.default_rng(0)
    files = {}
    for prefix, n in (("train", 30), ("t10k", 20)):
        files[f"{prefix}-images-idx3-ubyte.gz"] = idx_gz(rng.integers(0, 256, (n, 28, 28)))
        files[f"{prefix}-labels-idx1-ubyte.gz"] = idx_gz(np.arange(n) % 10)
    return files


@pytest.fixture
def mirror(contents, monkeypatch):
    monkeypatch.setattr(_transfer, "_SCHEMES", ("https", "http"))
    monkeypatch.setattr(_transfer, "_TIMEOUT", 2.0)  # longer than a busy machine dawdles
    mirror = Mirror(dict(contents))
    yield mirror
    mirror.close()


@pytest.fixture
def source_of(mirror):
    """`source_of("breaks", "fine")`: a data set with these two mirrors."""

    def build(*ways):
        remote = [
            RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())
            for name, content in mirror.files.items()
        ]
        splits = {"train": tuple(remote[:2]), "test": tuple(remote[2:])}
        return Source("Tiny", "tiny", tuple(mirror.url(way) for way in ways), splits)

    return build


@pytest.fixture
def fetch(source_of, tmp_path):
    """`fetch("breaks", "fine")` from two such mirrors: the path."""

    def run(*ways, download=True, progress=False):
        source = source_of(*ways)
        file = source.splits["train"][0]
        return _download.fetch(source, file, tmp_path, download=download, progress=progress)

    return run


@pytest.fixture
def begun(contents, tmp_path):
    """`begun(1000)`: so many bytes are there from another time."""

    def leave(content):
        if isinstance(content, int):
            content = contents[NAME][:content]
        part = tmp_path / "tiny" / f"{NAME}.part"
        part.parent.mkdir()
        part.write_bytes(content)
        return part

    return leave


@pytest.fixture
def left(tmp_path):
    """What is left in the folder, but for the lock."""
    return lambda: {path.name for path in tmp_path.rglob("*") if path.is_file()} - {".lock"}
