"""The labs: one source, a student's and a solved notebook, three libraries, checks that explain."""

import importlib.util
import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tools.labs import SETUP, notebooks
from weave.book import CACHE
from weave.compare import same
from weave.run import run_page
from weave.snippets import parse

ROOT = Path(__file__).parents[2]
LABS = sorted((ROOT / "docs" / "labs").glob("*.md"))
each_lab = pytest.mark.parametrize("path", LABS, ids=lambda p: p.stem)


def cells(text, kind="code"):
    return [cell for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == kind]


def both(path):
    return list(notebooks(path).values())


def test_there_are_three():
    assert [path.stem for path in LABS] == ["classifier", "seeing", "your-data"]


@each_lab
def test_the_notebooks_in_the_repository_are_those_of_the_page(path):
    for place, text in notebooks(path).items():
        assert place.read_text(encoding="utf-8") == text, "run `make notebooks`"


@each_lab
def test_the_notebooks_carry_no_outputs_and_fixed_ids(path):
    for text in both(path):
        book = json.loads(text)
        assert all(not c.get("outputs") and c.get("execution_count") is None for c in book["cells"])
        ids = [cell["id"] for cell in book["cells"]]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"cell-\d{3}|setup", name) for name in ids)
        assert cells(text)[0].source == SETUP


@each_lab
def test_the_student_sees_no_solution_and_the_other_every_one(path):
    page = parse(path)
    solutions = {s.code for s in page.snippets if s.role == "solution"}
    starters = {s.code for s in page.snippets if s.role == "starter"}
    checks = {s.code for s in page.snippets if s.role == "check"}
    student, solved = ({cell.source for cell in cells(text)} for text in both(path))
    assert len(solutions) >= 5
    assert not student & solutions
    assert student >= starters | checks
    assert not solved & starters
    assert solved >= solutions | checks


@each_lab
def test_every_blank_fails_its_check_with_words_that_help(path):
    page = parse(path)
    run = run_page(page, ROOT, ROOT / CACHE)
    starters = [s for s in page.snippets if s.role == "starter"]
    for starter in starters:
        said = run.results[starter.index].starter_error
        assert said.startswith("AssertionError: "), f"{starter.exercise}: {said or 'passed'}"
        assert len(said.split()) > 6, said


@each_lab
def test_all_three_libraries_take_part(path):
    text = path.read_text(encoding="utf-8")
    names = [re.findall(rf'^=== "{name}"$', text, re.M) for name in ("NumPy", "PyTorch", "Keras")]
    assert len(names[0]) >= 2
    assert len({len(found) for found in names}) == 1
    for snippet in parse(path).snippets:
        if snippet.role is None and snippet.kind == "python":
            assert ("keras" in snippet.code) == bool(snippet.needs), f"line {snippet.line}"


def printed(book):
    out = {}
    for cell in book.cells:
        if cell.cell_type == "code":
            streams = [o for o in cell.outputs if o.output_type == "stream" and o.name == "stdout"]
            out.setdefault(cell.source, "".join(o.text for o in streams))
    return out


def execute(text, folder, monkeypatch, before=""):
    monkeypatch.setenv("MPLBACKEND", "Agg")  # drawing what nobody sees takes a third of the time
    book = nbformat.reads(text, as_version=4)
    first = next(cell for cell in book.cells if cell.cell_type == "code")
    first.source = before + first.source
    place = {"metadata": {"path": str(folder)}}  # where a lab may write its files
    NotebookClient(book, timeout=170, kernel_name="python3", resources=place).execute()
    return book


@pytest.mark.alone
@each_lab
def test_the_solved_notebook_runs_and_prints_what_the_page_shows(path, tmp_path, monkeypatch):
    assert importlib.util.find_spec("keras"), "the tests need Keras"
    out = printed(execute(both(path)[1], tmp_path, monkeypatch))
    shown = [s for s in parse(path).snippets if s.output is not None]
    assert shown
    for snippet in shown:
        source = f"%%needs {snippet.needs}\n" * bool(snippet.needs) + snippet.code
        assert same(snippet.output.text, out[source]), f"{path.name}:{snippet.line}"


@pytest.mark.alone
def test_without_keras_its_cells_say_so_and_the_rest_runs(tmp_path, monkeypatch):
    path = LABS[0]
    gone = "import sys\nsys.modules['keras'] = None\nimport subprocess\n"
    gone += "subprocess.run = lambda *a, **k: type('Done', (), {'returncode': 1})\n"  # no network
    out = printed(execute(both(path)[1], tmp_path, monkeypatch, before=gone))
    with_keras = [source for source in out if source.startswith("%%needs keras\n")]
    assert len(with_keras) >= 3
    for source in with_keras:
        assert out[source] == "keras is not installed, so this cell is passed over.\n"
    assert "Not installed: keras>=3" in next(
        text for source, text in out.items() if "pip" in source
    )
    for snippet in parse(path).snippets:
        if snippet.output is not None and not snippet.needs:
            assert same(snippet.output.text, out[snippet.code])
