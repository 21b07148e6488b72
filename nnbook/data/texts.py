"""Text: a file of yours, or the English that ships with every Python.

A text of many megabytes need not lie in memory: `sentences` reads it piece by piece, as often as
it is asked to.
"""

import importlib
import re
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path

_BLOCK = 1 << 16  # characters that are read at a time
_LONGEST = 1000  # words; what has no full stop is cut, as in the programs that came with the papers

_PARAGRAPH = re.compile(r"\n\s*\n")
_END = re.compile(r"[.!?][\"')\]”’]*\s+|\n\s*\n")
_WORD = re.compile(r"\b[^\W\d]\w*(?:['’][^\W\d]+)*")


def text(source: str | PathLike[str] = "python-docs") -> str:
    """A text as one string.

    Args:
        source: The path of a UTF-8 file, or "python-docs": what `help()` says about Python's own
            topics, from `pydoc_data.topics`, each paragraph once.

    Returns:
        The text; its lines end in a newline, whatever they end in in the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is no UTF-8 text.
        ImportError: If this Python came without its documentation.

    Examples:
        >>> "assignment" in text() and len(text()) > 100_000
        True
    """
    if source == "python-docs":
        return _python_docs()
    return "".join(_blocks(_found(source)))


def sentences(source: str | PathLike[str] = "python-docs") -> Iterable[list[str]]:
    r"""The sentences of a text, as lists of words in lower case, one after the other.

    A sentence ends with a full stop, an exclamation or question mark before a blank, or with an
    empty line; after a thousand words at the latest. A word is letters, digits and underscores, of
    which the first is no digit, and may have an apostrophe inside. Sentences without words are left
    out.

    The file is read piece by piece, so it may be larger than the memory; and anew each time that
    one iterates.

    Args:
        source: The path of a UTF-8 file, or "python-docs", as for `text`.

    Returns:
        An iterable, to be gone through as often as one likes.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: On iterating, if the file is no UTF-8 text.
        ImportError: If this Python came without its documentation.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "fox.txt"
        >>> _ = path.write_text("The quick brown fox.\nDoesn't it jump?", encoding="utf-8")
        >>> list(sentences(path))
        [['the', 'quick', 'brown', 'fox'], ["doesn't", 'it', 'jump']]
    """
    return _Sentences(None if source == "python-docs" else _found(source))


class _Sentences:
    """What `sentences` returns."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __iter__(self) -> Iterator[list[str]]:
        blocks = [_python_docs()] if self._path is None else _blocks(self._path)
        for sentence in _cut(blocks):
            words = _WORD.findall(sentence.lower())
            for i in range(0, len(words), _LONGEST):
                yield words[i : i + _LONGEST]

    def __repr__(self) -> str:
        return f"sentences({'python-docs' if self._path is None else str(self._path)!r})"


def _cut(blocks: Iterable[str]) -> Iterator[str]:
    """The sentences of a text that comes in blocks; an end may lie on the border of two."""
    rest = ""
    for block in blocks:
        *done, rest = _END.split(rest + block)
        yield from done
        if len(rest) > _BLOCK:  # a text of one endless line
            end = rest.rfind(" ") if " " in rest else len(rest)
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _blocks(path: Path) -> Iterator[str]:
    """The text of a file, piece by piece."""
    try:
        with path.open(encoding="utf-8-sig") as file:  # with or without a byte order mark
            while block := file.read(_BLOCK):
                yield block
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is no UTF-8 text ({error.reason}: {error.object[error.start]:#04x}); "
            "save it as UTF-8 first"
        ) from error


def _found(source: str | PathLike[str]) -> Path:
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"no file {str(path)!r}; name one, or 'python-docs'")
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder; name a file, or 'python-docs'")
    return path


def _python_docs() -> str:
    """What `help()` has to say; some paragraphs belong to several topics, and come once."""
    try:
        topics: dict[str, str] = importlib.import_module("pydoc_data.topics").topics
    except ImportError as error:
        raise ImportError(
            "this Python came without its documentation (pydoc_data); name a file of your own"
        ) from error
    paragraphs = (p.rstrip() for topic in topics.values() for p in _PARAGRAPH.split(topic))
    return "\n\n".join(dict.fromkeys(p for p in paragraphs if p)) + "\n"
