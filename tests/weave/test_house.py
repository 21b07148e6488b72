"""What the engine is made of, and that it leaves the process that calls it as it was."""

import ast
import os
import sys
from pathlib import Path

import pytest

import weave
from weave.snippets import parse
from weave.worker import imports

MODULES = sorted(Path(weave.__file__).parent.glob("*.py"))


def imported(path: Path) -> set[str]:
    return imports(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_engine_knows_nothing_of_neural_networks(path):
    assert not imported(path) & {"nnbook", "torch", "sklearn", "numpy"}


def test_only_the_adapters_import_their_hosts():
    for host, modules in {
        "mkdocs": ["hooks"],
        "sybil": ["testing"],
        "markdown": ["links", "markdown"],
        "nbformat": ["notebook"],
    }.items():
        assert [p.stem for p in MODULES if host in imported(p)] == modules


def test_no_module_of_the_engine_imports_by_name_at_run_time():
    for path in MODULES:
        names = {n.id for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Name)}
        assert not names & {"__import__", "importlib.import_module"}


def test_snippets_run_on_one_thread_and_the_callers_environment_is_untouched(book, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    before, main, path = dict(os.environ), sys.modules["__main__"], list(sys.path)
    names = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MPLBACKEND"
    printed = book.prints(f"```python\nimport os\nprint(*map(os.getenv, {names!r}))\n```\n")
    assert printed == ["1 1 1 Agg\n"]
    assert dict(os.environ) == before
    assert sys.modules["__main__"] is main
    assert sys.path == path


def test_the_callers_folder_and_streams_are_untouched(book, capfd):
    before = os.getcwd(), sys.stdout, sys.stderr, sys.stdin
    book.report("```python\nimport os; os.chdir('/'); print(1); os.system('echo 2')\n```\n")
    assert (os.getcwd(), sys.stdout, sys.stderr, sys.stdin) == before
    assert capfd.readouterr() == ("", "")


def test_pages_see_the_projects_modules_and_not_the_engines_namespace(book):
    assert not book.faults("""
        ```python
        import sys
        assert "nnbook" not in sys.modules
        assert not [name for name in globals() if not name.startswith("__") and name != "sys"]
        assert sys.modules["__main__"].__dict__ is globals()
        ```
    """)


def test_parsing_is_fast_and_never_slower_than_linear(tmp_path):
    import time

    nasty = ["> " * 50 + "x", "- " * 50 + "```", " " * 2000 + "x", "1. " * 60 + "<", "`" * 3000]
    text = "\n".join(nasty * 20)
    began = time.perf_counter()
    parse(tmp_path / "page.md", text)
    assert time.perf_counter() - began < 2
