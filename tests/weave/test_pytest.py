"""Under pytest every snippet is a test item of its own, failing with its place in the page."""

import re

import pytest

CONFTEST = """
from pathlib import Path
from sybil import Sybil
from weave.testing import page_parser

pytest_collect_file = Sybil(
    parsers=[page_parser(Path(__file__).parent)], patterns=["*.md"]
).pytest()
"""


@pytest.fixture(scope="module")
def outcome(module_book):
    book = module_book
    book.write("conftest.py", CONFTEST)
    book.write("good.md", "```python\nx = 1\n```\n\n- a\n\n    ```pycon\n    >>> x\n    1\n    ```")
    book.write(
        "bad.md",
        """
        text

        ```python title="é"
        x = 1
        ```

        <!--- invisible-code-block: python
        assert x == 2, "hidden"
        -->
        """,
    )
    book.write("stale.md", "```python\nprint(1)\n```\n\n```output\n2\n```\n\n```python\n1\n```\n")
    book.write("loose.md", "<!-- figure: Nothing. -->\n\ntext\n")
    book.write("prose.md", "text\n\n```bash\nls\n```\n")
    book.write("dies.md", "```python\nx = 1\n```\n\n```python\nimport os; os._exit(3)\n```\n")
    code, out, _ = book.python("-m", "pytest", "-v", "-p", "no:cacheprovider", "--color=no")
    return code, out


def items(out, name):
    return re.findall(rf"^{name}::(\S+) (\w+)", out, re.MULTILINE)


def test_each_snippet_is_one_item_and_the_page_itself_another(outcome):
    code, out = outcome
    assert code == 1
    assert [state for _, state in items(out, "good.md")] == ["PASSED"] * 3
    assert [state for _, state in items(out, "bad.md")] == ["PASSED", "FAILED", "PASSED"]
    assert [state for _, state in items(out, "stale.md")] == ["FAILED", "PASSED", "PASSED"]
    assert [state for _, state in items(out, "dies.md")] == ["PASSED", "FAILED", "PASSED"]
    assert items(out, "prose.md") == []


def test_items_are_named_by_the_line_of_their_fence(outcome):
    assert [name for name, _ in items(outcome[1], "good.md")][:2] == [
        "line:1,column:1",
        "line:7,column:1",
    ]


def test_failing_items_name_their_place_in_the_page(outcome):
    out = outcome[1]
    assert "bad.md:8: AssertionError: hidden" in out
    assert "stale.md:5: this output is not what the snippet prints" in out
    assert "\n-2\n+1" in out.replace("E   ", "").replace("    ", "")
    assert "dies.md:5: this snippet ended the page's process (exit code 3)" in out


def test_a_problem_of_no_snippet_is_reported_too(outcome):
    assert [state for _, state in items(outcome[1], "loose.md")] == ["FAILED"]
    assert "loose.md:1: this figure comment has no snippet below it" in outcome[1]
