"""A tiny book for each test: pages of its own in a folder of its own, never those of nnbook."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from weave.book import Report, examine
from weave.outputs import rewrite
from weave.run import Run

PROJECT = Path(__file__).resolve().parents[2]


class Book:
    """A project in a folder: write pages, run them, read what is wrong as (line, message)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def report(self, text: str, name: str = "page.md") -> Report:
        path = self.write(name, text)
        return examine([path], self.root, quiet=True)[path]

    def faults(self, text: str, name: str = "page.md") -> list[tuple[int, str]]:
        return [(p.line, p.message) for p in self.report(text, name).problems]

    def fault(self, text: str, name: str = "page.md") -> tuple[int, str]:
        found = self.faults(text, name)
        assert len(found) == 1, found
        return found[0]

    def prints(self, text: str) -> list[str]:
        """What each snippet that ran printed."""
        report = self.report(text)
        for result in report.run.results.values():
            assert result.error is None, result.error
        assert report.run.death is None
        return [result.stdout for result in report.run.results.values()]

    def renewed(self, text: str) -> str:
        report = self.report(text)
        return rewrite(report.page, report.run)

    def run(self, name: str = "page.md") -> Run:
        """Run a page that is already written."""
        path = self.root / name
        return examine([path], self.root, quiet=True)[path].run

    def python(self, *arguments: str, timeout: float = 60, **env: str) -> tuple[int, str, str]:
        """Python in the book's folder: exit code, stdout, stderr."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(PROJECT), **env},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return done.returncode, done.stdout, done.stderr

    def weave(self, *arguments: str, **env: str) -> tuple[int, str, str]:
        return self.python("-m", "weave", *arguments, **env)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


@pytest.fixture(scope="module")
def module_book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return Book(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="session")
def make_book() -> Callable[[Path], Book]:
    return Book
