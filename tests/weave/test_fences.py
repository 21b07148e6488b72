"""Which fences run, in whatever container, and at which lines of the page they stand."""

from pathlib import Path

import pytest

from weave.book import examine
from weave.snippets import parse

RUNS = {
    "plain": "```python\nprint(7)\n```\n",
    "py": "```py\nprint(7)\n```\n",
    "upper case": "```Python\nprint(7)\n```\n",
    "space before the language": "``` python\nprint(7)\n```\n",
    "title": '```python title="a.py"\nprint(7)\n```\n',
    "hl_lines": '```python hl_lines="1 2" linenums="1"\nprint(7)\n```\n',
    "braces": "``` { .python }\nprint(7)\n```\n",
    "braces with more": '```{ .py .annotate #id title="x" }\nprint(7)\n```\n',
    "braces with the id first": "```{ #id .python }\nprint(7)\n```\n",
    "options in braces": "```python{1,2}\nprint(7)\n```\n",
    "tilde": "~~~python\nprint(7)\n~~~\n",
    "longer": "`````python\nprint(7)\n`````\n",
    "closed by a longer one": "```python\nprint(7)\n``````\n",
    "tab": '=== "A"\n\n    ```python\n    print(7)\n    ```\n',
    "admonition": "!!! note\n\n    ```python\n    print(7)\n    ```\n",
    "details in a tab": '=== "A"\n    ??? note\n        ```python\n        print(7)\n        ```\n',
    "list item": "- text\n\n    ```python\n    print(7)\n    ```\n",
    "numbered item": "1. text\n\n   ```python\n   print(7)\n   ```\n",
    "on a bullet": "- ```python\n  print(7)\n  ```\n",
    "on a number": "12. ```python\n    print(7)\n    ```\n",
    "on two bullets": "- * ```python\n    print(7)\n    ```\n",
    "quote": "> ```python\n> print(7)\n> ```\n",
    "quote without blanks": ">```python\n>print(7)\n>```\n",
    "quote in a quote": "> > ```python\n> > print(7)\n> > ```\n",
    "list in a quote": "> - ```python\n>   print(7)\n>   ```\n",
    "quote in a list": "- text\n\n    > ```python\n    > print(7)\n    > ```\n",
    "indented by a tab": '=== "A"\n\n\t```python\n\tprint(7)\n\t```\n',
    "fence by blanks, code by tabs": '=== "A"\n\n    ```python\n\tprint(7)\n\t```\n',
    "code with tabs": "```python\nif True:\n\tprint(7)\n```\n",
    "code with tabs in a tab": '=== "A"\n\n\t```python\n\tif True:\n\t\tprint(7)\n\t```\n',
    "below a comment": "<!-- a -->\n```python\nprint(7)\n```\n",
    "below a comment of many lines": "<!--\na\n\nb -->\n```python\nprint(7)\n```\n",
    "below a code span": "```inline```\n\n```python\nprint(7)\n```\n",
    "at the end without a newline": "```python\nprint(7)\n```",
}


def test_every_way_to_write_a_fence_runs_and_prints(book):
    # One page after another in one run: what differs is only how the fence is written.
    paths = {name: book.write(f"{i}.md", text) for i, (name, text) in enumerate(RUNS.items())}
    reports = examine(paths.values(), book.root, quiet=True)
    for name, path in paths.items():
        results = [(r.stdout, r.error) for r in reports[path].run.results.values()]
        assert results == [("7\n", None)], name


def raising(text: str) -> str:
    return text.replace("print(7)", "1 / 0")


def test_an_error_has_its_exact_line_in_every_way_to_write_a_fence(book):
    pages = {
        name: book.write(f"{i}.md", "x\n\n" + raising(text))
        for i, (name, text) in enumerate(RUNS.items())
    }
    reports = examine(pages.values(), book.root, quiet=True)
    for name, path in pages.items():
        lines = path.read_text().split("\n")
        line = next(i for i, text in enumerate(lines, 1) if "1 / 0" in text)
        found = reports[path].problems
        assert [p.line for p in found] == [line], name
        assert found[0].message.startswith("ZeroDivisionError"), name


@pytest.mark.parametrize(
    "text",
    [
        "````markdown\n```python\n1 / 0\n```\n````\n",
        "~~~text\n```python\n1 / 0\n```\n~~~\n",
        "````\n```python\n1 / 0\n```\n````\n",
        "<!--\n```python\n1 / 0\n```\n-->\n",
        "<!-- for later\n\n```python\n1 / 0\n```\n\n-->\n",
        "- a\n\n    <!--\n    ```python\n    1 / 0\n    ```\n    -->\n",
        "> <!--\n> ```python\n> 1 / 0\n> ```\n> -->\n",
        "```text\n1 / 0\n```\n",
        "```pythonic\n1 / 0\n```\n",
        "Say ```python 1 / 0``` in a line.\n",
        "``` python `1 / 0` ```\n",
        "\\```python\n1 / 0\n",
    ],
)
def test_what_a_reader_sees_as_no_python_fence_does_not_run(book, text):
    page = parse(Path("page.md"), text)
    assert page.snippets == []
    assert page.problems == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\n\n```python\nx = 1\n", 3, "fence is never closed"),
        ("a\n\n```text\nx = 1\n", 3, "fence is never closed"),
        ("````python\nx = 1\n```\n", 1, "fence is never closed"),
        ("```python\nx = 1\n~~~\n", 1, "fence is never closed"),
        ("a\n<!-- never\n\nends\n", 2, "comment is never closed"),
        ("<!--- invisible-code-block: python\nassert 0\n", 1, "comment is never closed"),
        ("a\n\n```output\n1\n```\n", 3, "no snippet right above"),
        ("```python\n1\n```\n\ntext\n\n```output\n1\n```\n", 7, "no snippet right above"),
        ("```python\n1\n```\n```output\n1\n```\n```output\n1\n```\n", 7, "no snippet right above"),
        ("```pycon\n>>> 1\n1\n```\n```output\n1\n```\n", 5, "remove this output fence"),
        ("```python limit=soon\n1\n```\n", 1, "limit=soon is not a number"),
        ("```python limit=-1\n1\n```\n", 1, "limit=-1 is not a number"),
        ("```python limit=nan\n1\n```\n", 1, "limit=nan is not a number"),
        ("```python limit=inf\n1\n```\n", 1, "limit=inf is not a number"),
        ("<!-- invisible-code-block: python -->\n", 1, "hidden check opens with"),
        ("<!--- invisible-code-block: py\nassert 0\n-->\n", 1, "hidden check opens with"),
        ("<!-- invisible code block: python\nassert 0\n-->\n", 1, "hidden check opens with"),
    ],
)
def test_what_is_malformed_is_named_with_its_line(text, line, words):
    found = parse(Path("page.md"), text).problems
    assert [p.line for p in found] == [line]
    assert words in found[0].message


@pytest.mark.parametrize("name", ["figure", "film", "skip"])
@pytest.mark.parametrize("below", ["", "\ntext\n\n```python\n1\n```\n", "```bash\nls\n```\n"])
def test_a_directive_with_nothing_below_it_is_an_error(name, below):
    found = parse(Path("page.md"), f"\n<!-- {name}: words -->\n{below}").problems
    assert [p.line for p in found] == [2]
    assert f"this {name} comment has no snippet below it" in found[0].message


@pytest.mark.parametrize("name", ["figure", "film", "skip"])
@pytest.mark.parametrize("rest", [": ", ":", ""])
def test_an_empty_directive_is_an_error(name, rest):
    found = parse(Path("page.md"), f"\n<!-- {name}{rest}-->\n```python\n1\n```\n").problems
    assert [p.line for p in found] == [2]
    assert f"this {name} comment is empty" in found[0].message


def test_windows_line_endings_run_and_keep_their_lines(book):
    text = '=== "A"\n\n    ```python\n    print(7)\n    ```\n\n```python\n1 / 0\n```\n'
    path = book.root / "page.md"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    report = examine([path], book.root, quiet=True)[path]
    assert report.run.results[0].stdout == "7\n"
    assert [p.line for p in report.problems] == [4, 8]
    assert report.problems[1].message.startswith("ZeroDivisionError")


def test_a_byte_order_mark_does_not_hide_the_first_fence(book):
    path = book.root / "page.md"
    path.write_bytes(b"\xef\xbb\xbf```python\n1 / 0\n```\n")
    page = parse(path)
    assert [s.line for s in page.snippets] == [2]


def test_a_page_that_is_not_utf8_is_an_error_of_that_page(book):
    (book.root / "page.md").write_bytes(b"caf\xe9\n")
    page = parse(book.root / "page.md")
    assert [p.line for p in page.problems] == [1]
    assert "not UTF-8" in page.problems[0].message


def test_tabs_inside_code_are_kept_as_they_are(book):
    text = '=== "A"\n\n\t```python\n\tprint(repr("a\tb"))\n\t```\n'
    assert book.prints(text) == ["'a\\tb'\n"]


def test_a_blank_or_short_line_inside_an_indented_fence_is_code(book):
    text = '=== "A"\n\n    ```python\n    s = """\n\n    x"""\n    print(repr(s))\n    ```\n'
    assert book.prints(text) == ["'\\n\\nx'\n"]


def test_attributes_that_are_ours_are_read_and_taken_out_of_the_info():
    text = '```python limit=5 starter="a b" title="t"\n1\n```\n'
    snippet = parse(Path("page.md"), text).snippets[0]
    assert (snippet.limit, snippet.role, snippet.exercise) == (5.0, "starter", "a b")
    assert snippet.info == 'python title="t"'


@pytest.mark.parametrize("text", ["", "\n", "text", "---\ntitle: x\n---\n", "---\n", "\x0c\n"])
def test_a_page_without_snippets_is_fine(book, text):
    report = book.report(text)
    assert report.problems == []
    assert report.woven().markdown == report.page.text
