"""A built site on a port of this machine, and a Chromium to look at it, for tests and shots."""

import contextlib
import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

# The site is served under the path that it is published at, so that 404.html's addresses hold.
PREFIX = "/nnbook/"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder under PREFIX, without a word."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".ipynb": "application/json",
        ".woff2": "font/woff2",
    }

    def translate_path(self, path: str) -> str:
        """The file of an address; what lies outside PREFIX is not there."""
        if not unquote(path).startswith(PREFIX):
            return os.path.join(self.directory, "outside-the-prefix")
        return super().translate_path("/" + path[len(PREFIX) :])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """Does not complain when a browser closes a connection early."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve a folder on a free port; the address ends with a slash."""
    handler = functools.partial(Handler, directory=str(site))
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{PREFIX}"
        finally:
            server.shutdown()
            thread.join()


def find_chromium() -> str | None:
    """The machine's Chromium: CHROMIUM, or PATH's; None leaves it to Playwright."""
    if named := os.environ.get("CHROMIUM"):
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None
