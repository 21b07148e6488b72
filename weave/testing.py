"""Sybil's parser for pages: each snippet becomes a test item that reads the page's one run."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

from sybil import Document, Region
from sybil.example import Example

from weave.book import Report, describe, examine
from weave.snippets import parse


def page_parser(root: Path) -> Callable[[Document], Iterator[Region]]:
    """A Sybil parser for the pages of the project at `root`."""

    def parser(document: Document) -> Iterator[Region]:
        page = parse(Path(document.path), document.text)
        starts = [0]
        for line in page.lines:
            starts.append(starts[-1] + len(line) + 1)

        def evaluate(example: Example) -> str | None:
            report = examined(Path(example.path), root)
            mine = [p for p in report.problems if p.snippet == example.parsed]
            return "\n\n" + describe(mine, root) if mine else None

        for snippet in page.snippets:
            start, stop = (starts[line] for line in snippet.span)
            yield Region(start, min(stop, document.end), snippet.index, evaluate)
        if page.snippets or page.problems:
            yield Region(document.end, document.end, None, evaluate)

    return parser


@functools.cache
def examined(path: Path, root: Path) -> Report:
    """The page's report, made once for all its test items."""
    return examine([path], root, quiet=True)[path]
