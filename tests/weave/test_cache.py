"""The cache: what changed runs again, nothing else does, and no damage to it stops a build."""

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

import weave.run
from weave.book import examine

# The snippet tells of each run by a line in a file outside of its scratch folder.
PAGE = """
Prose.

<!-- figure: Caption. -->
```python
import matplotlib.pyplot as plt
with open({counter!r}, "a") as file:
    file.write("ran\\n")
plt.figure(figsize=(1, 1))
plt.plot([1])
print(1)
```

```output
1
```
"""


@pytest.fixture
def counted(book):
    """A page that runs, and how often it has run."""
    counter = book.root / "runs.txt"
    text = PAGE.format(counter=str(counter))
    book.text = text
    book.runs = lambda: counter.read_text().count("ran") if counter.exists() else 0
    assert book.faults(text) == []
    assert book.runs() == 1
    return book


def age(path, seconds=10.0):
    """Let a file seem written long before the run."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_an_unchanged_page_does_not_run_again_and_is_the_same(counted):
    first = counted.report(counted.text).run
    assert first.cached
    assert counted.runs() == 1
    for record in (counted.root / ".cache").rglob("*.json"):
        record.unlink()
    again = counted.report(counted.text).run
    assert not again.cached
    assert again.results == first.results


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("Prose.", "Other prose.\n\nMore.\n\n```bash\nls\n```\n\n<!-- note -->", 0),
        ("Caption.", "Another caption. | alt: More.", 0),
        ("output\n1", "output\n2", 1),
        ("```output\n1\n```", "", 1),
        ("```python", '```python title="a" limit=7', 0),
    ],
)
def test_edits_that_are_not_code_run_nothing(counted, old, new, faults):
    report = counted.report(counted.text.replace(old, new, 1))
    assert report.run.cached
    assert counted.runs() == 1
    assert len(report.problems) == faults


def test_a_fault_in_a_cached_page_has_its_line_of_today(book):
    text = "```python\nimport sys; sys.stderr.write('x')\n```\n"
    assert [line for line, _ in book.faults(text)] == [2]
    assert [line for line, _ in book.faults("a\n\n" + text)] == [4]


def test_a_snippet_edit_runs_its_page_only(counted):
    other = counted.write("other.md", "```python\nx = 1\n```\n")
    page = counted.root / "page.md"
    examine([page, other], counted.root, quiet=True)
    page.write_text(page.read_text().replace("print(1)", "print(1)  # edited"))
    reports = examine([page, other], counted.root, quiet=True)
    assert [reports[p].run.cached for p in (page, other)] == [False, True]
    assert counted.runs() == 2


def test_going_back_to_an_older_text_runs_nothing(counted):
    edited = counted.text.replace("print(1)", "print(2 - 1)")
    assert not counted.report(edited).run.cached
    assert counted.report(counted.text).run.cached
    assert counted.report(edited).run.cached
    assert counted.runs() == 2


def test_only_a_few_records_are_kept_of_a_page(counted):
    for i in range(2 * weave.run.KEPT_RECORDS):
        counted.report(counted.text.replace("print(1)", f"print(1)  # {i}"))
    records = list((counted.root / ".cache").rglob("*.*"))
    assert len(records) == weave.run.KEPT_RECORDS


def test_a_new_role_of_a_snippet_runs_it_again(book):
    text = (
        "```python {0}\nx = 1\n```\n```python {1}\nassert x == 2\n```\n```python {2}\nx = 2\n```\n"
    )
    one = text.format("starter=a", "check=a", "solution=a")
    other = text.format("solution=a", "check=a", "starter=a")
    assert book.faults(one) == []
    assert len(book.faults(other)) == 2


def test_a_skipped_snippet_set_before_others_does_not_shift_their_records(book):
    part = "```python\nprint({0})\n```\n\n```output\n{0}\n```\n\n"
    text = part.format(1) + part.format(2)
    assert book.faults(text) == []
    assert book.faults("<!-- skip: no -->\n```python\nprint(0)\n```\n\n" + text) == []


def test_an_edit_of_a_module_runs_only_the_pages_that_imported_it(book):
    module = book.write("mypkg/__init__.py", "")
    part = book.write("mypkg/part.py", "value = 1\n")
    for path in (module, part):
        age(path)
    pages = [
        book.write("uses.md", "```python\nfrom mypkg import part\nprint(part.value)\n```\n"),
        book.write("package.md", "```python\nimport mypkg\n```\n"),
        book.write("none.md", "```python\nx = 1\n```\n"),
    ]

    def cached():
        reports = examine(pages, book.root, quiet=True)
        return [reports[page].run.cached for page in pages]

    assert cached() == [False] * 3
    assert cached() == [True] * 3
    part.write_text("value = 2\n")
    age(part)
    assert cached() == [False, True, True]
    assert examine(pages, book.root, quiet=True)[pages[0]].run.results[0].stdout == "2\n"
    part.write_text("value = 1\n")
    assert cached() == [False, True, True]
    module.unlink()
    assert cached()[1] is False
    assert cached()[2] is True


def test_a_module_edited_during_the_run_is_not_cached(book):
    module = book.write("mymodule.py", "value = 1\n")
    age(module)
    text = f"""
        ```python
        import mymodule, pathlib
        print(mymodule.value)
        pathlib.Path({str(module)!r}).write_text("value = 2\\n")
        ```
    """
    assert book.report(text).run.results[0].stdout == "1\n"
    again = book.report(text).run
    assert not again.cached
    assert again.results[0].stdout == "2\n"


@pytest.mark.parametrize("change", ["package", "engine"])
def test_another_package_or_engine_runs_everything(counted, monkeypatch, change):
    before = weave.run.surroundings()
    assert any(name.startswith("pytest==") for name in before)
    if change == "package":
        monkeypatch.setattr(weave.run, "surroundings", lambda: [*before, "new==1.0"])
    else:
        engine = counted.root / "engine" / "weave"
        shutil.copytree(weave.run.__file__.rpartition("/")[0], engine)
        (engine / "page.py").write_text((engine / "page.py").read_text() + "\n")
        monkeypatch.setattr(weave.run, "__file__", str(engine / "run.py"))
        weave.run.surroundings.cache_clear()
    try:
        assert not counted.report(counted.text).run.cached
        assert counted.report(counted.text).run.cached
    finally:
        monkeypatch.undo()
        weave.run.surroundings.cache_clear()
    assert counted.runs() == 2
    assert weave.run.surroundings() == before


def test_a_path_that_some_module_adds_changes_nothing(tmp_path, monkeypatch):
    before = weave.run.surroundings()
    (tmp_path / "vendored-1.0.dist-info").mkdir()
    (tmp_path / "vendored-1.0.dist-info" / "METADATA").write_text("Name: vendored\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)  # as setuptools does when it is imported
    weave.run.surroundings.cache_clear()
    assert weave.run.surroundings() == before
    monkeypatch.setattr(weave.run, "_PATH", (str(tmp_path), *weave.run._PATH))
    weave.run.surroundings.cache_clear()
    assert "vendored==1.0" in weave.run.surroundings()
    monkeypatch.undo()
    weave.run.surroundings.cache_clear()
    assert weave.run.surroundings() == before


def test_another_processor_runs_everything(counted, monkeypatch):
    assert counted.report(counted.text).run.cached
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    weave.run.surroundings.cache_clear()
    try:
        assert not counted.report(counted.text).run.cached
    finally:
        monkeypatch.undo()
        weave.run.surroundings.cache_clear()
    assert counted.report(counted.text).run.cached


def test_every_module_of_the_engine_counts():
    hashes = weave.run.surroundings()
    folder = weave.run.Path(weave.run.__file__).parent
    assert len(list(folder.glob("*.py"))) > 10
    for module in folder.glob("*.py"):
        assert weave.run.file_hash(module) in hashes


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"3",
        b"{}",
        b'{"files": {}, "results": {}}',
        b'{"files": [], "results": {}, "seconds": 1}',
        b'{"files": {}, "results": {"0": {}}, "seconds": 1}',
        b'{"files": {}, "results": {"x": {"figures": [], "error": null}}, "seconds": 1}',
        b'{"files": {}, "results": {"0": {"figures": [3], "error": null}}, "seconds": 1}',
    ],
)
def test_a_damaged_record_is_survived_and_replaced(counted, damage):
    (record,) = (counted.root / ".cache").rglob("*.json")
    record.write_bytes(damage)
    report = counted.report(counted.text)
    assert (report.run.cached, report.problems) == (False, [])
    assert counted.report(counted.text).run.cached
    assert json.loads(record.read_bytes())["results"]


@pytest.mark.parametrize(
    "code",
    ["1 / 0", "import os; os._exit(0)", "import time; time.sleep(9)", "print('x' * 300_000)"],
)
def test_failed_runs_are_not_cached(book, code):
    for _ in range(2):
        report = book.report(f"```python limit=0.3\n{code}\n```\n")
        assert (len(report.problems), report.run.cached) == (1, False)


@pytest.mark.parametrize("block", [".cache", ".cache/weave"])
def test_a_cache_that_cannot_be_written_is_no_fault(book, block):
    (book.root / block).parent.mkdir(parents=True, exist_ok=True)
    (book.root / block).write_text("in the way")
    for _ in range(2):
        report = book.report("```python\nx = 1\n```\n")
        assert (report.problems, report.run.cached) == ([], False)


def test_a_record_that_cannot_be_read_is_no_fault(counted):
    (record,) = (counted.root / ".cache").rglob("*.json")
    record.unlink()
    record.mkdir()
    assert counted.report(counted.text).problems == []


def test_a_cache_deleted_during_the_run_is_made_anew(counted):
    cache = str(counted.root / ".cache")
    text = f"```python\nimport shutil\nshutil.rmtree({cache!r}, ignore_errors=True)\n```\n"
    assert counted.faults(text) == []
    assert counted.report(text).run.cached


def test_many_builds_at_once_over_one_cache_all_succeed(book):
    for i in range(3):
        book.write(f"docs/{i}.md", f"```python\nprint({i})\n```\n\n```output\n{i}\n```\n")
    builds = [
        subprocess.Popen(
            [sys.executable, "-m", "weave", "--check"],
            cwd=book.root,
            env={**os.environ, "PYTHONPATH": str(weave.run.Path(__file__).parents[2])},
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    errors = [build.communicate(timeout=60)[1].decode() for build in builds]
    assert [build.returncode for build in builds] == [0, 0, 0], errors
    records = list((book.root / ".cache" / "weave").iterdir())
    assert len(records) == 3
    assert all(json.loads(record.read_text())["results"] for record in records)
    code, _, err = book.weave("--check")
    assert (code, err) == (0, "")
