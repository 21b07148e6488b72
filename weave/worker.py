"""The child process that runs one page's snippets, one namespace from top to bottom.

It only runs and records; what is right or wrong is judged from the record (`weave.check`), so that
an edit of a caption or of an output fence needs no new run.
"""

import ast
import builtins
import ctypes
import doctest
import os
import sys
import tempfile
import traceback
import types
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

from weave.figures import Figure, apply_style, take_figures
from weave.snippets import Snippet

MAX_OUTPUT = 200_000
ENGINE = str(Path(__file__).parent)


@dataclass
class Error:
    """An exception as a reader needs it: where in the page, what, and the way there."""

    line: int
    message: str
    traceback: str


@dataclass
class Result:
    """What one snippet did: what it printed and drew, and what went wrong."""

    stdout: str = ""
    stderr: str = ""
    figures: list[Figure] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)  # pycon: what each example printed
    error: Error | None = None
    starter_passed: bool = False  # an exercise whose starter already passes its check


@dataclass(frozen=True)
class Job:
    """One page to run: where it lies, the project's root, and its snippets that run."""

    path: Path
    root: Path
    snippets: list[Snippet]


def work(connection: Connection, job: Job, scratch: Path) -> None:
    """Run a job, reporting over `connection`: ("start", i), ("done", i, Result)..., ("end", files).

    A page stops at its first raising snippet, since what follows stands on it.
    """
    os.setsid()  # so that whatever the page starts can be ended with it
    sys.path.insert(0, str(job.root))
    os.chdir(scratch)
    runner = PageRunner(job)
    for snippet in job.snippets:
        connection.send(("start", snippet.index))
        results = runner.run(snippet)
        for index, result in results.items():
            connection.send(("done", index, result))
        if any(result.error for result in results.values()):
            break
    connection.send(("end", project_files(job.root)))


def project_files(root: Path) -> list[str]:
    """The project's own modules that are imported by now, as paths relative to its root."""
    files = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name != "__main__" and Path(file).is_relative_to(root):
            relative = Path(file).relative_to(root)
            if relative.parts[0] not in ("weave", ".venv"):
                files.append(relative.as_posix())
    return sorted(files)


class PageRunner:
    """Runs snippets in a module of their own and takes what they print and draw."""

    def __init__(self, job: Job) -> None:
        self.path = str(job.path)
        self.exercises: dict[str, dict[str, Snippet]] = {}
        # A real module named __main__, as in a notebook: dataclasses and pickle look it up.
        module = types.ModuleType("__main__")
        module.__dict__["__file__"] = self.path
        sys.modules["__main__"] = module
        self.namespace = module.__dict__
        self.streams = Streams()
        apply_style()

    def run(self, snippet: Snippet) -> dict[int, Result]:
        """Run one snippet; an exercise runs when its last part is reached."""
        if snippet.kind == "pycon":
            return {snippet.index: self.run_pycon(snippet)}
        if snippet.kind == "hidden":
            # A check must not leave names behind that the reader's notebook will not have.
            return {snippet.index: self.execute(snippet, dict(self.namespace))}
        if snippet.exercise is None or snippet.role is None:
            return {snippet.index: self.execute(snippet, self.namespace)}
        parts = self.exercises.setdefault(snippet.exercise, {})
        parts[snippet.role] = snippet
        return self.run_exercise(parts) if len(parts) == 3 else {}

    def run_exercise(self, parts: dict[str, Snippet]) -> dict[int, Result]:
        """The starter must fail its check, the solution must pass it; neither leaves a trace."""
        starter, check, solution = parts["starter"], parts["check"], parts["solution"]
        attempt, answer = dict(self.namespace), dict(self.namespace)
        results = {starter.index: self.execute(starter, attempt)}
        if results[starter.index].error is None:
            failed = self.execute(check, attempt).error is not None
            results[starter.index].starter_passed = not failed
        results[solution.index] = self.execute(solution, answer)
        if results[solution.index].error is None:
            results[check.index] = self.execute(check, answer)
        return results

    def execute(self, snippet: Snippet, namespace: dict[str, Any]) -> Result:
        result = Result()
        try:
            # Blank lines in front give every line its number in the page.
            source = "\n" * (snippet.line - 1) + snippet.code
            exec(compile(source, self.path, "exec", dont_inherit=True), namespace)  # noqa: S102
        except BaseException as error:  # also SystemExit: a page must not end its own run unseen
            result.error = describe(error, self.path, snippet)
        return self.finish(result, snippet)

    def run_pycon(self, snippet: Snippet) -> Result:
        result = Result()
        sys.displayhook = self.display
        try:
            for example in doctest.DocTestParser().get_examples(snippet.code, self.path):
                source = "\n" * (snippet.line + example.lineno - 1) + example.source
                error = self.run_example(source, snippet)
                printed, stderr = self.streams.take()
                result.stderr += stderr
                expected = (example.exc_msg or "").strip()
                if error is not None and not expected:
                    result.error = error
                    break
                result.examples.append(printed if error is None else raised(error.message))
        except ValueError as error:  # doctest: the prompts are malformed
            result.error = Error(snippet.line, str(error), str(error))
        finally:
            sys.displayhook = sys.__displayhook__
        return self.finish(result, snippet)

    def run_example(self, source: str, snippet: Snippet) -> Error | None:
        try:
            exec(compile(source, self.path, "single", dont_inherit=True), self.namespace)  # noqa: S102
        except BaseException as error:  # described, and compared with what the page expects
            return describe(error, self.path, snippet)
        return None

    def display(self, value: object) -> None:
        if value is not None:
            print(repr(value))  # noqa: T201
            vars(builtins)["_"] = value

    def finish(self, result: Result, snippet: Snippet) -> Result:
        self.streams.leave_if_forked()
        try:
            figures = take_figures()  # also after an error, so that no later snippet gets them
            result.figures = [] if result.error else figures
        except Exception as error:  # a figure that cannot be drawn is the snippet's error
            result.error = result.error or describe(error, self.path, snippet)
        stdout, stderr = self.streams.take()
        result.stdout += stdout
        result.stderr += stderr
        if self.streams.cut:
            message = f"this snippet prints more than {MAX_OUTPUT:,} bytes"
            result.error = result.error or Error(snippet.line, message, "")
            self.streams.cut = False
        return result


def raised(message: str) -> str:
    """An expected exception, in the form in which a doctest shows it."""
    return f"Traceback (most recent call last):\n    ...\n{message}"


def describe(error: BaseException, path: str, snippet: Snippet) -> Error:
    """Where in the page an exception arose, and its traceback from there on."""
    message = "".join(traceback.format_exception_only(error)).strip()
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(ENGINE)
    ]
    lines = [f.lineno for f in frames if f.filename == path and f.lineno]
    if isinstance(error, SyntaxError) and error.filename == path and error.lineno:
        line, message = error.lineno, f"SyntaxError: {error.msg}"
    else:
        line = lines[-1] if lines else snippet.line
    last = snippet.line + len(snippet.code.split("\n"))
    here = [n for n in lines if snippet.line <= n < last]  # rather this snippet than one it calls
    return Error(here[-1] if here else line, message, "".join(traceback.format_list(frames)))


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


def imports(code: str) -> set[str]:
    """The top-level names a snippet imports; empty if it does not parse (its run will say so).

    >>> sorted(imports("import torch.nn as nn; from nnbook import data"))
    ['nnbook', 'torch']
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return set()
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    return {name.partition(".")[0] for name in names}
