"""The child process that runs one page's snippets, one namespace from top to bottom.

It only runs and records; what is right or wrong is judged from the record (`weave.check`), so that
an edit of a caption or of an output fence needs no new run.
"""

import ast
import builtins
import doctest
import os
import pickle
import signal
import sys
import traceback
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from weave.figures import Figure, apply_style, take_figures
from weave.snippets import Snippet
from weave.streams import MAX_OUTPUT, Streams

ENGINE = str(Path(__file__).parent)
# A copy of a process is not to be trusted on macOS, once its own library for matrices has run.
FORKS = sys.platform == "linux"


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
    starter_error: str = ""  # what its check says of it otherwise


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
    connection.send(("end", sorted(runner.files | project_files(job.root))))


def project_files(root: Path) -> set[str]:
    """The project's own modules that are imported by now, as paths relative to its root."""
    files = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name != "__main__" and Path(file).is_relative_to(root):
            relative = Path(file).relative_to(root)
            if relative.parts[0] not in ("weave", ".venv"):
                files.add(relative.as_posix())
    return files


class PageRunner:
    """Runs snippets in a module of their own and takes what they print and draw."""

    def __init__(self, job: Job) -> None:
        self.path, self.root = str(job.path), job.root
        self.files: set[str] = set()  # of the project, imported in copies of this process
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
            return self.apart(snippet, lambda names: {snippet.index: self.execute(snippet, names)})
        if snippet.exercise is None or snippet.role is None:
            return {snippet.index: self.execute(snippet, self.namespace)}
        parts = self.exercises.setdefault(snippet.exercise, {})
        parts[snippet.role] = snippet
        return self.run_exercise(parts) if len(parts) == 3 else {}

    def run_exercise(self, parts: dict[str, Snippet]) -> dict[int, Result]:
        """The starter must fail its check, the solution must pass it; neither leaves a trace.

        But a solution that is kept does: what follows on the page stands on it.
        """
        starter, check, solution = parts["starter"], parts["check"], parts["solution"]

        def attempt(names: dict[str, Any]) -> dict[int, Result]:
            result = self.execute(starter, names)
            if result.error is None:
                error = self.execute(check, names).error
                result.starter_passed = error is None
                result.starter_error = error.message if error else ""
            return {starter.index: result}

        def answer(names: dict[str, Any]) -> dict[int, Result]:
            result = self.execute(solution, names)
            if result.error is not None:
                return {solution.index: result}
            return {solution.index: result, check.index: self.execute(check, names)}

        failed = self.apart(starter, attempt)
        if not solution.keep:
            return failed | self.apart(solution, answer)
        result = self.execute(solution, self.namespace)
        if result.error is not None:
            return failed | {solution.index: result}
        passed = self.apart(check, lambda names: {check.index: self.execute(check, names)})
        return failed | {solution.index: result} | passed

    def apart(
        self, snippet: Snippet, task: Callable[[dict[str, Any]], dict[int, Result]]
    ) -> dict[int, Result]:
        """Run a task in a copy of this process, so that nothing of what it does stays behind.

        A check must not leave names, a trained model or a used-up generator to snippets below
        it: in the reader's notebook they will not have them.
        """
        if not FORKS:
            return task(dict(self.namespace))
        reader, writer = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # newer Pythons warn of threads, of which we have none
            child = os.fork()
        if child == 0:
            try:
                self.streams.owner = os.getpid()
                with open(writer, "wb") as pipe:
                    pickle.dump((task(self.namespace), project_files(self.root)), pipe)
            finally:
                os._exit(0)  # whatever happens, there must not be two of us
        os.close(writer)
        with open(reader, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(child, 0)
        if not answer:
            how = how_it_ended(os.waitstatus_to_exitcode(status))
            message = f"this snippet ended the process that ran it ({how})"
            return {
                snippet.index: self.finish(Result(error=Error(snippet.line, message, "")), snippet)
            }
        results, files = pickle.loads(answer)  # noqa: S301 - our own child's
        self.files |= files
        return dict(results)

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


def how_it_ended(exitcode: int | None) -> str:
    """The end of a process in words: which signal, or which exit code."""
    if exitcode is not None and exitcode < 0:
        return f"signal {signal.Signals(-exitcode).name}"
    return f"exit code {exitcode}"


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
