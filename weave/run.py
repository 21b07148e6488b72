"""Run pages: each in a process of its own, in parallel, and from a cache when nothing changed.

A page's record is kept under a key of what could change it: its snippets, this engine, Python,
and the versions of all installed packages. The record also names the project's modules that the
page imported, with their hashes, and holds only as long as those are what they were.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from weave.figures import Figure
from weave.snippets import Page, Problem, Snippet
from weave.worker import Error, Job, Result, how_it_ended, imports, work

KEPT_RECORDS = 4
_HEAVY = {"torch": "torch", "sklearn": "sklearn", "nnbook": "numpy", "numpy": "numpy"}
# One thread for each page: pages run beside one another, and sums keep their order.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
}
# With these one can have NumPy compute as on another machine, and see whether a page says the same.
_PROCESSOR = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES")
_FORKSERVER = threading.Lock()
# As it is when we come: setuptools, once imported, adds the packages it brings along.
_PATH = tuple(sys.path)

Progress = Callable[[Path, int, int, float], None]
"""Called as (page, snippets done, snippets in all, seconds so far)."""


@dataclass
class Run:
    """The record of a page's run: a result for each snippet that ran, and how it ended."""

    results: dict[int, Result] = field(default_factory=dict)
    death: Problem | None = None  # killed its process, or ran past its limit
    seconds: float = 0.0
    cached: bool = False


def run_pages(
    pages: Iterable[Page],
    root: Path,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> dict[Path, Run]:
    """Run every page that has no valid record, as many at once as there are cores."""
    pages = list(pages)
    with ThreadPoolExecutor(max_workers=jobs()) as pool:
        runs = pool.map(lambda page: run_page(page, root, cache, progress), pages)
        return {page.path: run for page, run in zip(pages, runs, strict=True)}


def jobs() -> int:
    """How many pages run at once: WEAVE_JOBS, or the number of cores."""
    return int(os.environ.get("WEAVE_JOBS", 0)) or os.cpu_count() or 1


def run_page(
    page: Page, root: Path, cache: Path | None = None, progress: Progress | None = None
) -> Run:
    """The record of one page: from the cache if it still holds, else by running it."""
    snippets = [s for s in page.snippets if s.skipped is None]
    if not snippets:
        return Run()
    key = static_key(snippets)
    store = Store(cache, root, page.path) if cache else None
    if store and (run := store.load(key)):
        return run
    began = time.time()
    run, files = execute(Job(page.path, root, snippets), progress)
    sound = run.death is None and not any(r.error for r in run.results.values())
    if store and sound:
        store.save(key, run, files, began)
    return run


def execute(job: Job, progress: Progress | None = None) -> tuple[Run, list[str]]:
    """Run a page in a fresh process, and end that process if a snippet outlasts its limit."""
    # The page's folder is ours to remove, since the child may end at any moment.
    with tempfile.TemporaryDirectory(prefix="weave-", ignore_cleanup_errors=True) as scratch:
        process, connection = start(job, Path(scratch))
        began = time.monotonic()
        try:
            run, files = listen(connection, job, progress, began)
            if run.death is not None and run.death.message == "":
                process.join(5)
                run.death = death_notice(run.death, process.exitcode)
        finally:
            end(process)
            connection.close()
    run.seconds = time.monotonic() - began
    return run, files


def listen(
    connection: Connection, job: Job, progress: Progress | None, began: float
) -> tuple[Run, list[str]]:
    """Collect a child's messages until it ends, dies, or a snippet outlasts its limit."""
    run, current = Run(), job.snippets[0]
    by_index = {s.index: s for s in job.snippets}
    done = 0
    while True:
        if not connection.poll(current.limit + (60.0 if done == 0 else 0.0)):
            message = f"this snippet ran past its limit of {current.limit:g} s and was ended"
            run.death = Problem(job.path, current.span[0] + 1, message, current.index)
            return run, []
        try:
            kind, *rest = connection.recv()
        except (EOFError, OSError):  # OSError: it died in the middle of a message
            run.death = Problem(job.path, current.span[0] + 1, "", current.index)
            return run, []
        if kind == "start":
            current = by_index[rest[0]]
            done += 1
            if progress:
                progress(job.path, done, len(job.snippets), time.monotonic() - began)
        elif kind == "done":
            run.results[rest[0]] = rest[1]
        else:
            return run, rest[0]


def death_notice(death: Problem, exitcode: int | None) -> Problem:
    """Name the snippet during which a page's process ended."""
    message = f"this snippet ended the page's process ({how_it_ended(exitcode)})"
    return Problem(death.path, death.line, message, death.snippet)


def end(process: Any) -> None:
    """End a page's process and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()


def start(job: Job, scratch: Path) -> tuple[Any, Connection]:
    """A page's process, forked from a server that did the heavy imports once for all.

    The server never imports the project's own modules, so every page sees them as they are now.
    """
    imported = set().union(*(imports(s.code) for s in job.snippets))
    heavy = sorted({_HEAVY[name] for name in imported if name in _HEAVY})
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    with _FORKSERVER, environment(_ENVIRONMENT), quiet_main():
        context.set_forkserver_preload(["weave.worker", "matplotlib.pyplot", *heavy])
        forkserver.ensure_running()
        process = context.Process(target=work, args=(theirs, job, scratch))
        process.start()
    theirs.close()
    return process, ours


@contextlib.contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the length of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def quiet_main() -> Iterator[None]:
    """Hide the caller's main module, which server and child would otherwise run for nothing."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = type(main)("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def static_key(snippets: list[Snippet]) -> str:
    """A hash of what a page's results depend on, save the project's modules."""
    parts = [[s.index, s.kind, s.code, s.role, s.exercise, s.keep] for s in snippets]
    text = json.dumps([parts, surroundings()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def surroundings() -> list[str]:
    """This engine, this Python, the kind of processor asked for, and every package's version."""
    engine = [file_hash(path) for path in sorted(Path(__file__).parent.glob("*.py"))]
    found = importlib.metadata.distributions(path=list(_PATH))
    packages = sorted({f"{d.name}=={d.version}" for d in found})
    processor = [f"{name}={os.environ.get(name, '')}" for name in _PROCESSOR]
    return [sys.version, sys.platform, *processor, *engine, *packages]


def file_hash(path: Path) -> str:
    """The SHA-256 of a file, or a word for one that is gone."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "gone"


class Store:
    """The records of one page, as JSON files.

    They are written aside and renamed, so that another build never meets half a record.
    """

    def __init__(self, cache: Path, root: Path, page: Path) -> None:
        self.folder, self.root = cache, root
        place = hashlib.sha256(str(page).encode()).hexdigest()[:8]
        self.name = f"{page.stem}-{place}"

    def load(self, key: str) -> Run | None:
        """The record under `key` if the modules it imported are unchanged."""
        try:
            record = json.loads(self.file(key).read_text(encoding="utf-8"))
            if any(file_hash(self.root / name) != was for name, was in record["files"].items()):
                return None
            results = {int(i): decode(result) for i, result in record["results"].items()}
            return Run(results, seconds=record["seconds"], cached=True)
        except OSError:  # none yet, or a folder that we may not read
            return None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None  # not one of our records, or a damaged one: run the page again

    def save(self, key: str, run: Run, files: list[str], began: float) -> None:
        """Keep a record, unless a module was edited while the page ran."""
        paths = {name: self.root / name for name in files}
        if any(not p.is_file() or p.stat().st_mtime >= began for p in paths.values()):
            return
        record = {
            "files": {name: file_hash(path) for name, path in paths.items()},
            "results": {index: asdict(result) for index, result in run.results.items()},
            "seconds": run.seconds,
        }
        with contextlib.suppress(OSError):  # no cache is no fault: the page runs again next time
            self.folder.mkdir(parents=True, exist_ok=True)
            write_aside(self.file(key), json.dumps(record))
            self.forget_old()

    def file(self, key: str) -> Path:
        return self.folder / f"{self.name}-{key}.json"

    def forget_old(self) -> None:
        """Keep the newest few records of the page: going back to an older text is common."""
        stamped = []
        for path in self.folder.glob(f"{self.name}-*.json"):
            with contextlib.suppress(FileNotFoundError):  # another build forgot it first
                stamped.append((path.stat().st_mtime, path))
        for _, path in sorted(stamped)[:-KEPT_RECORDS]:
            path.unlink(missing_ok=True)


def decode(record: dict[str, Any]) -> Result:
    """A Result from its JSON form."""
    figures = [Figure(**figure) for figure in record.pop("figures")]
    error = record.pop("error")
    return Result(**record, figures=figures, error=Error(**error) if error else None)


def write_aside(path: Path, text: str) -> None:
    """Write a file under another name and rename it into place, all or nothing."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        if path.exists():
            shutil.copymode(path, name)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
