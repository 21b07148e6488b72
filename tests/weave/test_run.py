"""What a page's run promises: one namespace, a folder of its own, and every fault named."""

import os
import time
from pathlib import Path

import pytest

from weave.book import describe, examine


def test_snippets_of_a_page_share_one_namespace_and_pages_share_none(book):
    one = book.write("one.md", "```python\nshared = 1\n```\n\n```python\nassert shared == 1\n```\n")
    two = book.write("two.md", "```python\nassert 'shared' not in globals()\n```\n")
    reports = examine([one, two, one], book.root, quiet=True)
    assert [r.problems for r in reports.values()] == [[], []]


def test_main_dataclasses_and_pickling_work_in_a_page(book):
    assert book.prints("""
        ```python
        from __future__ import annotations
        import pickle
        import sys
        from dataclasses import dataclass
        from typing import ClassVar

        @dataclass
        class Point:
            kind: ClassVar[str] = "p"
            x: int = 0

        print(__name__, pickle.loads(pickle.dumps(Point(3))), Point.__module__)
        print(sys.modules[__name__].Point is Point, sys.modules["__main__"].__file__[-7:])
        ```
    """) == ["__main__ Point(x=3) __main__\nTrue page.md\n"]


def test_a_class_of_a_page_can_show_its_source(book):
    assert (
        book.prints("""
        text

        ```python
        import inspect

        def f():
            return 1
        ```

        ```python
        print(inspect.getsource(f))
        ```
    """)[1]
        == "def f():\n    return 1\n\n"
    )


def test_pages_import_the_projects_modules_from_its_root(book):
    book.write("mypkg/__init__.py", "name = 'mine'\n")
    assert book.prints("```python\nimport mypkg\nprint(mypkg.name)\n```\n") == ["mine\n"]


def test_the_working_folder_is_a_scratch_one_that_is_gone_afterwards(book):
    before = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("weave-*"))  # noqa: S108
    printed = book.prints("""
        ```python
        import os, pathlib
        pathlib.Path("left.txt").write_text("x")
        os.mkdir("folder")
        print(os.getcwd())
        ```
    """)[0].strip()
    assert not Path(printed).exists()
    assert Path(printed) not in before
    assert sorted(p.name for p in book.root.iterdir()) == [".cache", "page.md"]


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("import os; os._exit(0)", "exit code 0"),
        ("import os; os._exit(3)", "exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "signal SIGSEGV"),
        ("import os; os.abort()", "signal SIGABRT"),
    ],
)
def test_a_snippet_that_kills_its_process_is_named(book, code, how):
    line, message = book.fault(f"```python\nx = 1\n```\n\n```python\n{code}\n```\n")
    assert line == 5
    assert message == f"this snippet ended the page's process ({how})"


def test_scratch_folders_of_dead_and_hanging_pages_are_removed(book):
    for code in ("os._exit(1)", "import time; time.sleep(60)"):
        note = book.root / "where"
        book.fault(f"""
            ```python limit=0.5
            import os, pathlib
            pathlib.Path({str(note)!r}).write_text(os.getcwd())
            {code}
            ```
        """)
        assert not Path(note.read_text()).exists()


def test_a_snippet_past_its_limit_is_ended_with_its_child_processes(book):
    note = book.root / "pid"
    began = time.monotonic()
    line, message = book.fault(f"""
        text

        ```python limit=0.7
        import pathlib, subprocess, time
        child = subprocess.Popen(["sleep", "61.7"])
        pathlib.Path({str(note)!r}).write_text(str(child.pid))
        time.sleep(60)
        ```

        ```python
        print("never")
        ```
    """)
    assert (line, message) == (3, "this snippet ran past its limit of 0.7 s and was ended")
    assert time.monotonic() - began < 20
    assert gone(int(note.read_text()))


def test_child_processes_of_a_page_that_ends_well_are_ended_too(book):
    note = book.root / "pid"
    assert not book.faults(f"""
        ```python
        import pathlib, subprocess
        child = subprocess.Popen(["sleep", "61.7"])
        pathlib.Path({str(note)!r}).write_text(str(child.pid))
        ```
    """)
    assert gone(int(note.read_text()))


def gone(pid: int) -> bool:
    """Whether a process has ended within a few seconds; a zombie has."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_loop_that_catches_everything_is_ended_at_its_limit(book):
    code = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    assert book.fault(f"```python limit=0.5\n{code}\n```\n")[0] == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; sys.exit()", "SystemExit"),
        ("import sys; sys.exit('bye')", "SystemExit: bye"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("exit()", "SystemExit"),
        ("raise BaseException('b')", "BaseException: b"),
        ("class E(Exception):\n    __str__ = None\nraise E", "E"),
        ("raise ValueError('\\ud800')", "ValueError"),
        ("input()", "EOFError"),
        ("def f(): f()\nf()", "RecursionError"),
        ("raise ExceptionGroup('g', [ValueError('v')])", "ExceptionGroup: g"),
        ("x = 'a\0b'", "null bytes"),
    ],
)
def test_what_a_snippet_raises_is_named_at_its_line(book, code, words):
    line, message = book.fault(f"text\n\n```python\n{code}\n```\n")
    assert 4 <= line <= 3 + len(code.split("\n"))
    assert words in message


@pytest.mark.parametrize(
    "code",
    [
        "import sys; print('oops', file=sys.stderr)",
        "import warnings; warnings.warn('oops')",
        "import os; os.write(2, b'oops')",
        "import subprocess; subprocess.run('echo oops >&2', shell=True)",
        "import logging; logging.warning('oops')",
        "import sys; sys.stderr.write('oops')",
    ],
)
def test_writing_to_stderr_is_an_error_that_shows_what(book, code):
    line, message = book.fault(f"text\n\n```python\n{code}\n```\n")
    assert line == 4
    assert "writes to stderr" in message
    assert "oops" in message


def test_errors_have_the_line_of_the_snippet_that_fails(book):
    text = """
        ```python
        def f(x):
            return 1 / x
        ```

        - item

            ```python
            f(1)
            f(0)
            ```
    """
    line, message = book.fault(text)
    assert line == 10
    assert message.startswith("ZeroDivisionError: division by zero")
    assert "line 3, in f" in message


def test_an_error_inside_a_function_has_its_innermost_line_of_the_snippet(book):
    text = """
        ```python
        def call(f):
            return f()
        ```

        ```python
        def divide():
            return 1 / 0

        call(divide)
        ```
    """
    assert book.fault(text)[0] == 8


def test_nothing_can_be_read_from_the_standard_input(book):
    code = "import os, sys; print(os.read(0, 9), sys.stdin.read() == '', os.system('cat'))"
    assert book.prints(f"```python\n{code}\n```\n") == ["b'' True 0\n"]


def test_a_syntax_error_has_its_line_also_in_an_indented_fence(book):
    line, message = book.fault('=== "A"\n\n    ```python\n    x = 1\n    y = = 2\n    ```\n')
    assert line == 5
    assert message.startswith("SyntaxError: invalid syntax")


def test_an_error_in_a_library_has_the_line_of_the_call(book):
    line, message = book.fault("```python\nimport json\n\njson.loads('{')\n```\n")
    assert line == 4
    assert "JSONDecodeError" in message


def test_nothing_below_the_first_error_runs_or_is_judged(book):
    text = "```python\n1 / 0\n```\n\n```python\nprint(1)\n```\n\n```output\n2\n```\n"
    assert [line for line, _ in book.faults(text)] == [2]


def test_all_broken_pages_are_reported_at_once(book):
    pages = [
        book.write("a.md", "```python\n1 / 0\n```\n"),
        book.write("b.md", "```python\nx = 1\n```\n"),
        book.write("c.md", "text\n\n```python\nprint(1)\n```\n"),
    ]
    reports = examine(pages, book.root, quiet=True)
    found = [p for r in reports.values() for p in r.problems]
    text = describe(found, book.root)
    assert [line.partition(": ")[0] for line in text.split("\n") if ".md:" in line] == [
        "a.md:2",
        "c.md:4",
    ] or "a.md:2: ZeroDivisionError" in text
    assert "c.md:4: this snippet prints" in text
    assert "b.md" not in text


def test_a_thread_left_running_does_not_hold_the_page(book):
    began = time.monotonic()
    assert not book.faults("""
        ```python
        import threading, time
        threading.Thread(target=time.sleep, args=(60,), daemon=False).start()
        ```
    """)
    assert time.monotonic() - began < 20


def test_a_snippet_that_forks_and_lets_both_run_on_does_not_confuse_the_run(book):
    printed = book.prints("""
        ```python
        import os, time
        child = os.fork()
        if child == 0:
            time.sleep(0.2)
        else:
            os.waitpid(child, 0)
            print("parent")
        ```

        ```python
        print("once")
        ```
    """)
    assert printed == ["parent\n", "once\n"]


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("import os; os.chdir('/'); print(1)", ["1\n", "next\n"]),
        ("import os, shutil; shutil.rmtree(os.getcwd()); print(1)", ["1\n", "next\n"]),
        ("import sys; print(1); sys.stdout.close()", ["1\n", "next\n"]),
        ("import sys; print(1, end=''); sys.stdout = None", ["1", "next\n"]),
        ("import sys; print(1); sys.modules.pop('__main__')", ["1\n", "next\n"]),
        ("print(1); globals().clear()", ["1\n", "next\n"]),
        ("import sys, io; print(1); sys.stdout = io.StringIO()", ["1\n", ""]),
        ("import signal; signal.signal(2, signal.SIG_IGN); print(1)", ["1\n", "next\n"]),
        ("import os; os.environ.clear(); print(1)", ["1\n", "next\n"]),
        ("import gc; gc.disable(); print(1)", ["1\n", "next\n"]),
        ("import matplotlib; matplotlib.rcdefaults(); print(1)", ["1\n", "next\n"]),
    ],
)
def test_a_page_goes_on_whatever_a_snippet_does_to_its_process(book, code, printed):
    assert book.prints(f"```python\n{code}\n```\n\n```python\nprint('next')\n```\n") == printed


def test_closing_the_descriptors_of_the_output_is_named_where_it_hurts(book):
    text = "```python\nimport os; os.closerange(0, 3)\n```\n\n```python\nprint(1)\n```\n"
    assert book.fault(text)[0] == 6


def test_replacing_print_touches_only_its_own_page(book):
    one = book.write("1.md", "```python\nimport builtins\nbuiltins.print = lambda *a: 1 / 0\n```\n")
    two = book.write("2.md", "```python\nprint(1)\n```\n\n```output\n1\n```\n")
    reports = [examine([path], book.root, quiet=True)[path] for path in (one, two)]
    assert [r.problems for r in reports] == [[], []]
    assert print.__module__ == "builtins"


def test_five_hundred_snippets_run(book):
    text = "n = 0".join(["```python\n", "\n```\n"]) + "\n```python\nn += 1\n```\n" * 499
    report = book.report(text + "\n```python\nprint(n)\n```\n\n```output\n499\n```\n")
    assert report.problems == []
    assert len(report.run.results) == 501


def test_a_form_feed_in_code_runs(book):
    assert book.prints("```python\nx = 1\n\x0c\nprint(x)\n```\n") == ["1\n"]


def test_pages_with_blanks_umlauts_and_equal_names_keep_apart(book):
    names = ["my page.md", "a/same.md", "b/same.md", "übung (1).md"]
    paths = [
        book.write(name, f"```python\nprint({i})\n```\n\n```output\n{i}\n```\n")
        for i, name in enumerate(names)
    ]
    for _ in range(2):
        reports = examine(paths, book.root, quiet=True)
        assert [reports[p].problems for p in paths] == [[]] * 4
    assert all(r.run.cached for r in reports.values())


def test_a_page_reached_through_a_symlink_runs(book):
    target = book.write("real/page.md", "```python\n1 / 0\n```\n")
    (book.root / "docs").mkdir()
    link = book.root / "docs" / "link.md"
    link.symlink_to(target)
    report = examine([link], book.root, quiet=True)[link]
    assert [(p.path, p.line) for p in report.problems] == [(link, 2)]


def test_a_script_without_a_main_guard_can_run_pages(book):
    book.write("page.md", "```python\nprint(1)\n```\n\n```output\n1\n```\n")
    book.write(
        "script.py",
        """
        from pathlib import Path
        from weave.book import examine

        root = Path.cwd()
        report = examine([root / "page.md"], root, quiet=True)[root / "page.md"]
        print("ran", report.problems, report.run.results[0].stdout)
        """,
    )
    code, out, err = book.python("script.py")
    assert (code, out, err) == (0, "ran [] 1\n\n", "")
