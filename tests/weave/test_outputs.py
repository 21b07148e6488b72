"""Output fences: verified at every run, rewritten on demand and then nothing else."""

import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weave.compare import tidy
from weave.outputs import rewrite
from weave.run import Run
from weave.snippets import parse
from weave.worker import MAX_OUTPUT, Result


def test_a_stale_output_is_an_error_with_a_diff_at_its_line(book):
    line, message = book.fault("text\n\n```python\nprint('b')\n```\n\n```output\na\n```\n")
    assert line == 7
    assert message.startswith("this output is not what the snippet prints\n---")
    assert message.endswith("\n-a\n+b")


def test_a_missing_output_is_an_error_with_a_diff(book):
    line, message = book.fault("text\n\n```python\nprint('b')\n```\n")
    assert line == 4
    assert "prints, but no output fence stands below it" in message
    assert message.endswith("\n+b")


def test_an_output_of_a_silent_snippet_is_an_error_with_a_diff(book):
    line, message = book.fault("```python\nx = 1\n```\n\n```output\nb\n```\n")
    assert line == 5
    assert message.split("\n")[-2:] == ["-b", "+"]


def test_a_stale_answer_of_a_console_session_is_an_error_with_a_diff(book):
    line, message = book.fault("text\n```pycon\n>>> 1 + 1\n2\n>>> 2 + 2\n5\n```\n")
    assert line == 5
    assert message.split("\n")[-2:] == ["-5", "+4"]


def page(code: str, output: str) -> str:
    return f"```python\n{code}\n```\n\n```output\n{output}\n```\n"


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(0.50649)\n```\n\n```output\n0.506\n```\n",
        "```python\nprint('a  ')\nprint()\n```\n```output\na\n```\n",
        "```python\nprint('Ünï — λ 🧠')\n```\n\n```output\nÜnï — λ 🧠\n```\n",
        "> ```python\n> print('a\\n\\nb')\n> ```\n>\n> ```output\n> a\n>\n> b\n> ```\n",
        "- ```python\n  print('  a')\n  ```\n\n  ```output\n    a\n  ```\n",
        "```python\nprint('```')\n```\n\n````output\n```\n````\n",
        "```python\nprint('```')\n```\n\n~~~output\n```\n~~~\n",
        "```python\nprint('x = 1')\n```\n\n```output python\nx = 1\n```\n",
        "```pycon\n>>> print('a\\n\\nb')\na\n<BLANKLINE>\nb\n>>> _ = 3\n>>> 0.123456\n0.123\n```\n",
        "```pycon\n>>> 1 / 0\nTraceback (most recent call last):\n...\n"
        "ZeroDivisionError: division by zero\n```\n",
        "```pycon\n>>> for i in range(2):\n...     print(i)\n...\n0\n1\n>>> 'é'\n'é'\n```",
        page("import os\nos.write(1, b'C level')", "C level"),
        page("import os\nprint('a')\nos.system('echo b')\nprint('c')", "a\nb\nc"),
        "```python\nimport os\nos.write(1, bytes([255]))\n```\n```output\n\ufffd\n```\n",
        "```python\nprint(end='a')\n```\n```python\nprint('b')\n```\n```output\nb\n```\n",
    ],
)
def test_these_outputs_are_what_the_snippets_print(book, text):
    faults = book.faults(text)
    if "end='a'" in text:  # what a snippet prints without a newline is still its own
        assert [line for line, _ in faults] == [2]
    else:
        assert faults == []


def test_what_c_code_holds_back_in_its_buffer_is_caught(book):
    code = "import ctypes\nctypes.CDLL(None).puts(b'buffered')"
    book.write("docs/page.md", page(code, "buffered"))
    assert book.weave("--check", PYTHONUNBUFFERED="")[0] == 0  # else C would not hold it back


def test_an_expected_exception_that_does_not_come_is_an_error(book):
    line, _ = book.fault("```pycon\n>>> 1\nTraceback (most recent call last):\n...\nE: x\n```\n")
    assert line == 2


def test_an_unexpected_exception_in_a_console_session_is_an_error_at_its_line(book):
    line, message = book.fault("```pycon\n>>> 1\n1\n>>> 1 / 0\n>>> 2\n2\n```\n")
    assert (line, message.split("\n")[0]) == (4, "ZeroDivisionError: division by zero")


def test_malformed_prompts_are_an_error(book):
    assert "lacks blank" in book.fault("```pycon\n>>>print(1)\n```\n")[1]


@pytest.mark.parametrize(
    "print_", ["print('x' * {n}, end='')", "import os; os.write(1, b'x' * {n})"]
)
def test_an_output_too_long_is_an_error_and_never_cut_in_silence(book, print_):
    code = print_.format(n=MAX_OUTPUT + 1)
    line, message = book.fault(f"text\n```python\n{code}\n```\n")
    assert line == 3
    assert message == f"this snippet prints more than {MAX_OUTPUT:,} bytes"
    report = book.report(f"```python\n{print_.format(n=MAX_OUTPUT)}\n```\n")
    assert len(report.run.results[0].stdout) == MAX_OUTPUT


def test_an_answer_too_long_is_an_error_too(book):
    text = f"```pycon\n>>> print('é' * {MAX_OUTPUT // 2 + 1})\né\n```\n"
    assert "prints more than" in book.faults(text)[0][1]


STALE = """\
# Title  \n
text  \n
```python title="a"   \n\
print("new")
```


```output
old
```
after

=== "A"

    ```python
    print("one\\n\\n  two")
    ```

    text

=== "B"

    > ```python
    > print("```\\nnew\\n```")
    > ```
    >
    > ```output
    > old
    > ```

~~~python
x = 1
~~~

```output
old
```

```pycon
>>> 1 + 1
3
>>> if True:
...     print("a\\n\\n\\nb")
...
old
>>> 0.123456
0.123
>>> x = 2
gone
>>> 3   # spaces  \n\
4

```

- ```pycon
  >>> 1 / 0
  old
  >>> 5
  ```

<!-- skip: never -->
```python
print("skipped")
```

```python
print(0.123456)
```

```output
0.123
```

```python
print("x = 1")
```
```output python
y = 1
```

```text
old
```
"""

MENDED = """\
# Title  \n
text  \n
```python title="a"   \n\
print("new")
```


```output
new
```
after

=== "A"

    ```python
    print("one\\n\\n  two")
    ```

    ```output
    one

      two
    ```

    text

=== "B"

    > ```python
    > print("```\\nnew\\n```")
    > ```
    >
    > ````output
    > ```
    > new
    > ```
    > ````

~~~python
x = 1
~~~

```pycon
>>> 1 + 1
2
>>> if True:
...     print("a\\n\\n\\nb")
...
a
<BLANKLINE>
<BLANKLINE>
b
>>> 0.123456
0.123
>>> x = 2
>>> 3   # spaces  \n\
3

```

- ```pycon
  >>> 1 / 0
  old
  >>> 5
  ```

<!-- skip: never -->
```python
print("skipped")
```

```python
print(0.123456)
```

```output
0.123
```

```python
print("x = 1")
```
```output python
y = 1
```

```text
old
```
"""


def test_outputs_are_rewritten_inserted_and_removed_and_nothing_else_changes(book):
    # The list item's session raises: from there on the page stays as it was.
    assert book.renewed(STALE) == MENDED


def test_outputs_of_a_sound_page_are_all_renewed(book):
    text = STALE.replace("1 / 0\n  old", "1 // 1\n  old")
    mended = MENDED.replace("1 / 0\n  old\n  >>> 5", "1 // 1\n  1\n  >>> 5\n  5")
    mended = mended.replace("output python\ny = 1", "output python\nx = 1")
    once = book.renewed(text)
    assert once == mended
    assert book.renewed(once) == once
    assert book.faults(once) == []


def test_a_traceback_of_a_console_session_is_renewed(book):
    text = "```pycon\n>>> 1 / 0\nTraceback (most recent call last):\n  x\nE: old\n>>> 2\n2\n```\n"
    once = book.renewed(text)
    assert once == text.replace("  x\nE: old", "    ...\nZeroDivisionError: division by zero")
    assert book.faults(once) == []


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(1)\n",  # never closed
        "- a\n\n    ```python\n    print(1)\n",
        "```python\nprint(1)\n```\n\n```output\n2\n```\n\n```text\nnever closed\n",
    ],
)
def test_a_page_with_an_unclosed_fence_is_not_rewritten(book, text):
    assert book.renewed(text) == text


def test_a_page_that_raises_is_rewritten_above_the_error_only(book):
    part = "```python\nprint(1)\n```\n\n```output\n2\n```\n"
    text = part + "\n```python\nprint(3)\n1 / 0\n```\n\n```output\nold\n```\n\n" + part
    assert book.renewed(text) == text.replace("\n2\n", "\n1\n", 1)


CONTAINERS = ["", "    ", "> ", "> > ", "- ", "> - "]


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(CONTAINERS),
            st.sampled_from(["```", "~~~", "````"]),
            st.sampled_from(
                ["", "a\n", "  a\n\nb", "```\n", "~~~~\n```output\n", "0.5\n", "é\t\n"]
            ),
            st.sampled_from([None, "", "a\n", "old\n\nold\n", "0.5", "```\n~~~"]),
        ),
        max_size=5,
    )
)
def test_rewriting_is_idempotent_and_leaves_all_but_outputs_alone(tmp_path_factory, parts):
    lines, prints = ["# Title", ""], {}
    for i, (prefix, fence, printed, shown) in enumerate(parts):
        block = [f"{fence}python", f"x{i} = 1", fence]
        if shown is not None:
            block += ["", "`````output", *shown.split("\n"), "`````"]
        rest = prefix.replace("-", " ")
        lines += [(prefix if j == 0 else rest) + line for j, line in enumerate(block)]
        lines += ["", f"text {i}", ""]
        prints[i] = printed
    page = parse(tmp_path_factory.getbasetemp() / "page.md", "\n".join(lines))
    assert page.problems == []
    run = Run({i: Result(stdout=printed) for i, printed in prints.items()})
    once = rewrite(page, run)
    again = parse(page.path, once)
    assert rewrite(again, run) == once
    for snippet, (_, _, printed, _) in zip(again.snippets, parts, strict=True):
        text = snippet.output.text if snippet.output else ""
        assert tidy(text) == tidy(printed)
    assert without_outputs(again) == without_outputs(page)


def without_outputs(page):
    hidden = [s.output.span for s in page.snippets if s.output]
    kept = [x for i, x in enumerate(page.lines) if not any(a <= i < b for a, b in hidden)]
    return [line for line in kept if line.strip(" >")]


def test_the_command_rewrites_files_and_says_which(book):
    book.write("docs/a.md", "```python\nprint(1)\n```\n")
    book.write("docs/b.md", "```python\nx = 1\n```\n")
    code, out, err = book.weave("--outputs")
    assert (code, out) == (0, "weave: rewrote outputs of docs/a.md\n"), err
    assert (book.root / "docs/a.md").read_text().endswith("\n```\n\n```output\n1\n```\n")
    assert book.weave("--outputs")[:2] == (0, "")


def test_rewriting_keeps_line_endings_mark_mode_and_links(book):
    page = book.root / "real.md"
    page.write_bytes(b"\xef\xbb\xbfa\r\n\r\n```python\r\nprint(1)\r\n```\r\n")
    page.chmod(0o664)
    (book.root / "link.md").symlink_to(page)
    code, _, err = book.weave("--outputs", "link.md")
    assert code == 0, err
    expected = "\ufeffa\n\n```python\nprint(1)\n```\n\n```output\n1\n```\n".replace("\n", "\r\n")
    assert page.read_bytes() == expected.encode()
    assert page.stat().st_mode & 0o777 == 0o664
    assert (book.root / "link.md").is_symlink()


def test_a_page_outside_the_project_can_be_rewritten(book, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "page.md"
    other.write_text(textwrap.dedent("```python\nprint(1)\n```\n"))
    code, out, _ = book.weave("--outputs", str(other))
    assert (code, out) == (0, f"weave: rewrote outputs of {other}\n")


def test_outputs_that_cannot_be_mended_leave_exit_code_1(book):
    book.write("docs/a.md", "```python\nprint(1)\n1 / 0\n```\n")
    code, out, err = book.weave("--outputs")
    assert (code, out) == (1, "")
    assert "docs/a.md:3: ZeroDivisionError" in err
