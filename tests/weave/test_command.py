"""`python -m weave`: pages woven into a folder, pages checked, and usage errors in sentences."""

import os
import re

import pytest

FIGURE = """
<!-- figure: A line. -->
```python
import matplotlib.pyplot as plt
plt.figure(figsize=(1, 1))
plt.plot([1, 2])
```
"""


@pytest.fixture
def docs(book):
    book.write("docs/index.md", "# Home\n\n```python\nprint(1)\n```\n\n```output\n1\n```\n")
    book.write("docs/a/page one.md", FIGURE)
    book.write("docs/a/plot.css", "css")
    book.write("docs/data.csv", "1,2")
    return book


def tree(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_folder_is_woven_with_figures_and_other_files(docs):
    code, out, err = docs.weave("out")
    assert (code, out) == (0, ""), err
    assert tree(docs.root / "out") == [
        "a/page one-figures/00-0-dark.svg",
        "a/page one-figures/00-0-light.svg",
        "a/page one.md",
        "a/plot.css",
        "data.csv",
        "index.md",
    ]
    page = (docs.root / "out" / "a" / "page one.md").read_text()
    assert "![A line.](page%20one-figures/00-0-light.svg#only-light){" in page
    assert "<!--" not in page
    assert "{ .text .weave-output }" in (docs.root / "out" / "index.md").read_text()
    assert tree(docs.root / "docs") == ["a/page one.md", "a/plot.css", "data.csv", "index.md"]


def test_a_broken_page_writes_nothing_and_leaves_exit_code_1(docs):
    docs.write("docs/b.md", "\n\na\n```python\n1 / 0\n```\n")
    docs.write("docs/c.md", "```python\nprint(1)\n```\n")
    code, out, err = docs.weave("out")
    assert (code, out) == (1, "")
    assert "docs/b.md:3: ZeroDivisionError" in err
    assert "docs/c.md:2: this snippet prints" in err
    assert "Traceback" not in err
    assert not (docs.root / "out").exists()


def test_pages_that_are_links_are_woven_where_they_stand(docs):
    docs.write("elsewhere/real.md", "```python\nprint(1)\n```\n\n```output\n1\n```\n")
    (docs.root / "docs" / "link.md").symlink_to(docs.root / "elsewhere" / "real.md")
    (docs.root / "docs" / "dangling.md").symlink_to(docs.root / "nowhere.md")
    code, _, err = docs.weave("out")
    assert code == 0, err
    assert ".weave-output" in (docs.root / "out" / "link.md").read_text()


def test_check_names_every_fault_and_exits_1_or_is_silent_and_exits_0(docs):
    assert docs.weave("--check")[0] == 0
    assert docs.weave("--check") == (0, "", "")
    docs.write("docs/b.md", "```python\n1 / 0\n```\n")
    code, _, err = docs.weave("--check", "docs/b.md", "docs/index.md")
    assert code == 1
    assert re.search(r"^docs/b\.md:2: ZeroDivisionError: division by zero$", err, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a folder to write, or --check, or --outputs"),
        (["out", "--check"], "give a folder to write"),
        (["--check", "--outputs"], "give a folder to write"),
        (["--check", "no.md"], "no such page: no.md"),
        (["--outputs", "docs", "no.md"], "no such page: docs, no.md"),
        (["out", "--docs", "nowhere"], "no such folder: nowhere"),
        (["--check", "--docs", "nowhere"], "no such folder: nowhere"),
        (["docs"], "docs lies in docs"),
        (["docs/out"], "docs/out lies in docs"),
        (["docs/data.csv"], "docs/data.csv is not a folder"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_usage_errors_are_sentences(docs, arguments, words, monkeypatch, capsys):
    from weave.__main__ import main

    monkeypatch.chdir(docs.root)
    before = tree(docs.root)
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert tree(docs.root) == before


def test_progress_names_the_pages_that_run_and_is_silent_when_none_does(docs):
    code, out, err = docs.weave("--check")
    assert (code, out) == (0, "")
    assert "weave: running index.md, 1 snippets\n" in err
    assert "weave: running page one.md, 1 snippets\n" in err
    assert re.search(r"^weave: ran 2 pages in \d+\.\d s\n$", err, re.MULTILINE)
    docs.write("docs/index.md", "# Other\n\n```python\nprint(1)\n```\n\n```output\n1\n```\n")
    assert docs.weave("--check") == (0, "", "")


def test_progress_on_a_terminal_is_one_line_renewed(book):
    import io

    from weave.book import Progress

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    progress = Progress(stream, book.root)
    page = book.root / "page.md"
    progress.step(page, 1, 2, 0.4)
    progress.step(page, 2, 2, 1.4)
    progress.close({page: None})
    text = stream.getvalue()
    assert text.startswith("\r\x1b[Kweave: running page 1/2 (0 s)\r\x1b[K")
    assert text.count("\n") == 1
    assert text.endswith(" s\n")


def test_the_number_of_jobs_can_be_set(docs):
    assert docs.weave("--check", WEAVE_JOBS="1")[0] == 0


def test_an_interrupted_write_leaves_the_old_page(book, monkeypatch):
    from weave.run import write_aside

    page = book.write("page.md", "old")
    monkeypatch.setattr(os, "replace", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_aside(page, "new")
    assert page.read_text() == "old"
    assert list(book.root.iterdir()) == [page]
