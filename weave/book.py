"""A whole folder of pages: parse, run, judge, weave. The site and the command line stand on it."""

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from weave.check import problems
from weave.page import Woven, weave
from weave.run import Run, run_pages
from weave.snippets import Page, Problem, parse

CACHE = Path(".cache") / "weave"


@dataclass
class Report:
    """One page with the record of its run and what is wrong with it."""

    page: Page
    run: Run
    problems: list[Problem] = field(default_factory=list)

    def woven(self, *, show_problems: bool = False) -> Woven:
        """The page's Markdown and figure files."""
        return weave(self.page, self.run, self.problems if show_problems else ())


def examine(paths: Iterable[Path], root: Path, *, quiet: bool = False) -> dict[Path, Report]:
    """Run every page that needs it and judge them all; nothing stops at the first fault."""
    pages = [parse(path) for path in paths]
    progress = Progress(None if quiet else sys.stderr, root)
    runs = run_pages(pages, root, root / CACHE, progress.step)
    progress.close(runs)
    return {
        page.path: Report(page, runs[page.path], problems(page, runs[page.path])) for page in pages
    }


def describe(found: Iterable[Problem], root: Path) -> str:
    """Problems one below the other, each as path:line from the root."""
    lines = []
    for problem in found:
        path = problem.path
        if path.is_relative_to(root):
            path = path.relative_to(root)
        lines.append(f"{path}:{problem.line}: {problem.message}")
    return "\n".join(lines)


class Progress:
    """A line that says which page runs and how far it is, on a terminal renewed in place."""

    def __init__(self, stream: TextIO | None, root: Path) -> None:
        self.stream, self.root = stream, root
        self.state: dict[Path, tuple[int, int]] = {}
        self.began = time.monotonic()

    def step(self, path: Path, done: int, total: int, seconds: float) -> None:
        """Note that a page has come to its snippet `done` of `total`."""
        first = path not in self.state
        self.state[path] = (done, total)
        if self.stream is None:
            return
        if self.stream.isatty():
            parts = [f"{p.stem} {d}/{t}" for p, (d, t) in self.state.items() if d < t]
            line = f"weave: running {', '.join(parts) or path.stem} ({seconds:.0f} s)"
            self.stream.write(f"\r\x1b[K{line[:100]}")
        elif first:
            self.stream.write(f"weave: running {path.name}, {total} snippets\n")
        self.stream.flush()

    def close(self, runs: dict[Path, Run]) -> None:
        """Sum up what ran, if anything did."""
        ran = [path for path in runs if path in self.state]
        if self.stream is None or not ran:
            return
        start = "\r\x1b[K" if self.stream.isatty() else ""
        seconds = time.monotonic() - self.began
        pages = f"{len(ran)} page{'s' if len(ran) > 1 else ''}"
        self.stream.write(f"{start}weave: ran {pages} in {seconds:.1f} s\n")
