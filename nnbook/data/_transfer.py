"""One file from one mirror: go on where the last attempt broke off, and trust nothing."""

import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_SCHEMES: tuple[str, ...] = ("https",)
_TIMEOUT = 20.0  # seconds without a byte
_PIECE = 1 << 16  # bytes

Report = Callable[[int], object]


class MirrorError(Exception):
    """A mirror did not give the file; the message says why, after the words "the mirror ...".

    Attributes:
        again: Whether it is worth asking the same mirror once more.
        spoilt: Whether what has come so far is of no use.
    """

    def __init__(self, why: str, *, again: bool = False, spoilt: bool = False) -> None:
        super().__init__(why)
        self.again, self.spoilt = again, spoilt


def transfer(url: str, part: Path, size: int, report: Report) -> None:
    """Bring `part`, the beginning of a file of `size` bytes, to its full length.

    Raises:
        MirrorError: If the mirror does not answer, breaks off, stalls, or sends another length.
    """
    had = part.stat().st_size if part.exists() else 0
    with _open(url, had) as response:
        begin = _position(response, had, size)
        with part.open("ab" if begin else "wb") as file:
            report(begin)
            for piece in _pieces(response, size - begin):
                file.write(piece)
                file.flush()  # so that whoever is killed now keeps it
                report(file.tell())
            os.fsync(file.fileno())  # on the disk before it gets its name


def _open(url: str, begin: int) -> Any:
    _check_scheme(url)
    headers = {"User-Agent": "nnbook"} | ({"Range": f"bytes={begin}-"} if begin else {})
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked above
    try:
        return urllib.request.build_opener(_Redirects).open(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        unresumable = error.code == 416
        why = f"answered {error.code} {error.reason}"
        raise MirrorError(why, again=unresumable, spoilt=unresumable) from None
    except (OSError, HTTPException, ValueError) as error:
        raise MirrorError(f"did not answer: {_reason(error)}") from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirection, but not from https to http, or to a file."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        try:
            _check_scheme(newurl)
        except MirrorError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_scheme(url: str) -> None:
    if urlsplit(url).scheme not in _SCHEMES:
        raise MirrorError(f"has or leads to the address {url}; only {_SCHEMES[0]} is allowed")


def _position(response: Any, had: int, size: int) -> int:
    """Where the answer begins: at `had`, or at 0 if the server knows nothing of ranges."""
    begin = 0
    if response.status == 206:
        sent = response.headers.get("Content-Range", "")
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", sent)
        if not match or int(match[1]) != had or match[2] not in (str(size), "*"):
            why = f"was asked for the bytes from {had:,} of {size:,} and sent {sent!r}"
            raise MirrorError(why, again=had > 0, spoilt=True)
        begin = had
    if response.length not in (None, size - begin):
        raise MirrorError(f"promises {response.length + begin:,} bytes; the file has {size:,}")
    return begin


def _pieces(response: Any, wanted: int) -> Iterator[bytes]:
    """Exactly `wanted` bytes, in pieces of bounded size."""
    missing = wanted
    while missing:
        try:
            piece = response.read1(min(missing, _PIECE))
        except (OSError, HTTPException) as error:
            why = f"broke off {missing:,} bytes before the end: {_reason(error)}"
            raise MirrorError(why, again=missing < wanted) from None
        if not piece:
            why = f"broke off {missing:,} bytes before the end"
            raise MirrorError(why, again=missing < wanted)
        missing -= len(piece)
        yield piece
    if response.length is None:
        _check_end(response)


def _check_end(response: Any) -> None:
    """Of an answer that promised no length: is this all?"""
    try:
        more = response.read1(1)
    except (OSError, HTTPException):
        return  # it said no more, nor that it was done; the digest will tell
    if more:
        raise MirrorError("sends more bytes than the file has", spoilt=True)


def _reason(error: Exception) -> str:
    """What went wrong, in a few words."""
    reason = getattr(error, "reason", error)
    words = getattr(reason, "strerror", None) or str(reason)
    return words or type(reason).__name__
