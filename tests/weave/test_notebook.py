"""A page as a notebook: valid, the same bytes every time, and it runs in plain Jupyter."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from weave.notebook import notebook
from weave.snippets import parse

PAGE = r"""---
title: Meta
---

# A page

Prose with $x_{1}$ and $f[a](b.md)$ and `[code](c.md){ .x }`, a [link](other.md#part "Title"),
a [far one](../bib.md), an [outer](https://example.org/a.md), a [place](#below), ![pic](a/b.svg).

$$
\mathbf{x}{.y} [a](z.md)
$$

!!! note "In a box"

    Boxed *text*.{ .red }

    ```python
    import sys
    print("boxed")
    ```

    ```output
    boxed
    ```

!!! warning

    No title.

    ```text
    kept  as is
        [a](b.md)
    ```

=== "One"

    ??? tip "Inner"

        Deep.

<!-- figure: Drawn. -->
```python title="x"
for i in range(2):
    print(i)
```

```output
0
1
```

<!--- invisible-code-block: python
assert i == 1
-->

??? question "Exercise"

    ```python starter="e"
    def f():
        ...
    ```

    ```python check="e"
    assert f() == 1
    ```

    ```python solution="e"
    def f():
        return 1
    ```

```pycon
>>> x = 2
>>> for j in range(1):
...     print(j)
...
0
>>> x + 1
3
>>> 1 / 0
Traceback (most recent call last):
    ...
ZeroDivisionError: division by zero
```

<!-- skip: not here -->
````python
print('''```''')
````

{: .weave-lead }
The end.
"""


@pytest.fixture(scope="module")
def page(module_book):
    return parse(module_book.write("page.md", PAGE))


@pytest.fixture(scope="module")
def made(page):
    text = notebook(page, setup="%pip --version", base_url="https://book.org/chapters/")
    return nbformat.reads(text, as_version=4)


@pytest.fixture(scope="module")
def prose(made):
    return "\n".join(cell.source for cell in made.cells if cell.cell_type == "markdown")


def test_it_is_valid_and_the_same_bytes_twice(page):
    first = notebook(page, setup="1", base_url="u")
    assert notebook(page, setup="1", base_url="u") == first
    book = json.loads(first)
    nbformat.validate(book)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    identities = [cell["id"] for cell in book["cells"]]
    assert len(set(identities)) == len(identities)


def test_the_set_up_is_the_first_code_cell_and_the_title_the_first_cell(made):
    assert made.cells[0].source.startswith("# A page\n")
    assert next(c for c in made.cells if c.cell_type == "code").source == "%pip --version"


@pytest.mark.parametrize(
    "head",
    [
        "<!--- invisible-code-block: python\nx = 1\n-->\n\n```python\nx = 1\n```\n",
        "<!-- skip: no -->\n```python\nx\n```\n\nmore\n\n```python\nx = 1\n```\n",
        '```python solution="a"\nx = 1\n```\n',
        "```pycon\n>>> x = 1\n>>> x\n1\n```\n",
    ],
)
def test_the_set_up_stands_before_all_code_whatever_comes_first(tmp_path, head):
    text = notebook(parse(tmp_path / "p.md", "# T\n\n" + head), setup="setup")
    cells = json.loads(text)["cells"]
    code = [c["source"] for c in cells if c["cell_type"] == "code"]
    assert "".join(cells[0]["source"]).startswith("# T")
    assert "".join(code[0]) == "setup"
    assert "".join(code[1]) == "x = 1"


def test_math_and_code_are_kept(prose):
    assert "$x_{1}$ and $f[a](b.md)$ and `[code](c.md){ .x }`" in prose
    assert "$$\n\\mathbf{x}{.y} [a](z.md)\n$$" in prose


def test_links_are_absolute(prose):
    assert '[link](https://book.org/chapters/other.html#part "Title")' in prose
    assert "[far one](https://book.org/bib.html)" in prose
    assert "[outer](https://example.org/a.md)" in prose
    assert "[place](#below)" in prose
    assert "![pic](https://book.org/chapters/a/b.svg)" in prose


def test_containers_are_flattened(prose):
    assert "**In a box**\n\nBoxed *text*.\n" in prose + "\n"
    assert "**Warning**\n\nNo title.\n\n```text\nkept  as is\n    [a](b.md)\n```" in prose
    assert "**One**\n\n**Inner**\n\nDeep." in prose
    for trace in ("!!!", "???", "===", "title: Meta", "<!--", "figure", "assert", "{:"):
        assert trace not in prose, trace


def test_a_skipped_snippet_is_text_with_its_reason(prose):
    assert "````python\nprint('''```''')\n````\n\n*Not run: not here*\n\nThe end." in prose


def test_code_cells_are_the_snippets_in_order(made):
    assert [c.source for c in made.cells if c.cell_type == "code"] == [
        "%pip --version",
        'import sys\nprint("boxed")',
        "for i in range(2):\n    print(i)",
        "def f():\n    ...",
        "assert f() == 1",
        "def f():\n    return 1",
        "assert f() == 1",
        "x = 2",
        "for j in range(1):\n    print(j)",
        "x + 1",
        "1 / 0",
    ]


@pytest.mark.filterwarnings("ignore")  # Jupyter's libraries warn of one another
def test_it_runs_in_plain_jupyter_and_prints_what_the_page_shows(made, tmp_path):
    client = NotebookClient(
        made, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()  # raises if a cell fails that is not marked as an open exercise
    printed = {
        cell.source: "".join(o.get("text", "") for o in cell.outputs)
        for cell in made.cells
        if cell.cell_type == "code"
    }
    assert printed['import sys\nprint("boxed")'] == "boxed\n"
    assert printed["for i in range(2):\n    print(i)"] == "0\n1\n"
    assert printed["for j in range(1):\n    print(j)"] == "0\n"
    failing = [
        cell.source
        for cell in made.cells
        if cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs)
    ]
    assert failing == ["assert f() == 1", "1 / 0"]


def test_without_an_address_pages_link_to_their_html(tmp_path):
    text = notebook(parse(tmp_path / "p.md", "[a](b.md#c) [d](e.svg)\n"))
    assert "[a](b.html#c) [d](e.svg)" in text


@pytest.mark.parametrize(
    "text", ["", "text", "```python\nx", "```pycon\n>>>x\n```\n", "!!! note\n"]
)
def test_any_page_makes_a_notebook(tmp_path, text):
    nbformat.validate(json.loads(notebook(parse(tmp_path / "p.md", text), setup="x")))


LAB = """# A lab

???+ question "Your turn"

    Say one.

    ```python starter="one"
    one = 0
    ```

    ```python check="one"
    assert one == 1, "one is not 1"
    ```

??? tip "Hint"

    It is 1.

??? success "Solution"

    Like this:

    ```python solution="one" keep=yes
    one = 1
    ```

    No more to it.

After it.

```python needs=json
print(one)
```

```output
1
```
"""


def lab(module_book, form):
    book = nbformat.reads(
        notebook(parse(module_book.write("lab.md", LAB)), form=form), as_version=4
    )
    prose = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    return [cell for cell in book.cells if cell.cell_type == "code"], prose


def test_a_students_notebook_has_blanks_and_no_word_of_the_solution(module_book):
    cells, prose = lab(module_book, "student")
    assert [cell.source for cell in cells] == [
        "one = 0", 'assert one == 1, "one is not 1"', "%%needs json\nprint(one)",
    ]  # fmt: skip
    assert [cell.metadata.get("tags", []) for cell in cells] == [["raises-exception"]] * 2 + [[]]
    for word in ("Solution", "Like this", "No more"):
        assert word not in prose
    for word in ("Say one.", "**Hint**", "After it."):
        assert word in prose


def test_a_solved_notebook_has_solutions_in_place_of_blanks(module_book):
    cells, prose = lab(module_book, "solved")
    assert [cell.source for cell in cells] == [
        "one = 1", 'assert one == 1, "one is not 1"', "%%needs json\nprint(one)",
    ]  # fmt: skip
    assert not any(cell.metadata.get("tags") for cell in cells)
    for word in ("Say one.", "**Hint**", "**Solution**", "Like this", "No more", "After it."):
        assert word in prose


def test_a_solution_in_no_block_is_left_out_alone(module_book):
    text = LAB.replace('??? success "Solution"\n', "").replace("\n    ", "\n")
    page = parse(module_book.write("bare.md", text))
    cells = nbformat.reads(notebook(page, form="student"), as_version=4).cells
    assert "Like this" in "".join(cell.source for cell in cells)
    assert "one = 1" not in [cell.source for cell in cells]
