"""What every chapter must have beyond snippets that run: parts, exercises, a notebook."""

import ast
import os
import re
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

from weave.compare import same
from weave.notebook import notebook
from weave.snippets import parse

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CHAPTERS = sorted((DOCS / "chapters").glob("*.md"))
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)


def test_there_are_chapters():
    assert len(CHAPTERS) >= 3


@each_chapter
def test_has_the_parts_of_a_chapter(path):
    text = path.read_text(encoding="utf-8")
    parts = [
        '!!! abstract "In one paragraph"',
        '!!! info "What you need first"',
        "## Exercises",
        "## Review questions",
        "## References",
    ]
    places = [text.find(part) for part in parts]
    missing = [part for part, place in zip(parts, places, strict=True) if place < 0]
    assert not missing
    assert places == sorted(places), "the parts stand in another order"
    assert re.search(r"^\*.+\?\*$", text, re.MULTILINE), "it does not open with a question"


@each_chapter
def test_every_exercise_has_starter_check_and_solution(path):
    page = parse(path)
    tasks = re.findall(r'^\?\?\? question "Exercise (\d+)\. ', page.text, re.MULTILINE)
    names = {s.exercise for s in page.snippets if s.exercise}
    assert [int(number) for number in tasks] == list(range(1, len(tasks) + 1))
    assert len(tasks) >= 3
    assert len(names) == len(tasks)
    assert page.text.count('??? success "Solution"') == len(tasks)


@each_chapter
def test_every_figure_says_what_is_to_be_seen(path):
    figures = [directive for s in parse(path).snippets for directive in s.figures]
    assert figures
    without = [f"{path.name}:{d.line}" for d in figures if "| alt:" not in d.text]
    assert not without


@each_chapter
def test_every_source_in_the_references_is_cited_in_the_text(path):
    body, _, references = path.read_text(encoding="utf-8").partition("## References")
    cited = set(re.findall(r"bibliography\.md#(\w+)", body))
    listed = set(re.findall(r"bibliography\.md#(\w+)", references))
    assert cited <= listed, f"cited but not listed: {sorted(cited - listed)}"


def test_every_source_has_an_anchor_and_every_anchor_is_used():
    text = (DOCS / "bibliography.md").read_text(encoding="utf-8")
    anchors = set(re.findall(r"^\{: #(\w+) \}$", text, re.MULTILINE))
    used = set()
    for path in DOCS.rglob("*.md"):
        used |= set(re.findall(r"bibliography\.md#(\w+)", path.read_text(encoding="utf-8")))
    assert used <= anchors, f"no such source: {sorted(used - anchors)}"
    assert anchors - used <= {"smilkov2016"}  # cited by the package's docstrings


# The engine runs a page as a notebook does: in one process from top to bottom, of which hidden
# checks and exercises get a copy. So some notebooks stand for all; ask for all with this variable.
WHOLE = os.environ.get("NNBOOK_NOTEBOOKS") == "all"
RUN_IN_JUPYTER = [p for p in CHAPTERS if WHOLE or p.stem in ("neuron", "mlp", "kernels")]


@pytest.mark.alone
@pytest.mark.parametrize("path", RUN_IN_JUPYTER, ids=lambda p: p.stem)
def test_the_notebook_runs_in_plain_jupyter_and_prints_what_the_page_shows(path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")  # drawing what nobody sees takes a third of the time
    page = parse(path)
    book = nbformat.reads(notebook(page, setup="print('ready')"), as_version=4)
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    printed = {}
    for cell in cells:
        streams = [o for o in cell.outputs if o.output_type == "stream" and o.name == "stdout"]
        printed.setdefault(cell.source, "".join(o.text for o in streams))
    shown = [s for s in page.snippets if s.kind == "python" and s.output is not None]
    assert shown
    for snippet in shown:
        assert same(snippet.output.text, printed[snippet.code]), f"{path.name}:{snippet.line}"


@each_chapter
def test_the_notebook_has_every_snippet_in_its_order_and_no_hidden_check(path):
    page = parse(path)
    book = nbformat.reads(notebook(page), as_version=4)
    cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
    wanted = []
    for snippet in page.snippets:
        if snippet.skipped is None and snippet.kind == "python":
            wanted.append(snippet.code)
            if snippet.role == "solution":  # and its check once more
                wanted.append(page.exercise(snippet.exercise)["check"].code)
    assert [source for source in cells if source in wanted] == wanted
    assert not {s.code for s in page.snippets if s.kind == "hidden"} & set(cells)
    for source in cells:
        ast.parse(TransformerManager().transform_cell(source))  # as Jupyter reads it


def test_a_notebook_shows_its_figures(monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)
    page = parse(DOCS / "chapters" / "neuron.md")
    book = nbformat.reads(notebook(page), as_version=4)
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
    shown = [output for output in outputs if "image/png" in output.get("data", ())]
    figures = [snippet for snippet in page.snippets if snippet.figures]
    assert len(shown) >= len(figures) > 0
