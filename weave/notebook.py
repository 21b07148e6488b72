"""A page as a Jupyter notebook: prose as Markdown cells, snippets as code cells, in order."""

import contextlib
import doctest
import re
import urllib.parse
from dataclasses import dataclass, field
from typing import Any, Literal

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from weave.snippets import Page, Snippet, front_matter

_BLOCK = re.compile(
    r'^(?P<indent> *)(?:!!!|\?\?\?\+?|===[!+]*)(?=[\s"])\s*(?P<kind>[\w-]*)(?:\s+[\w-]+)*\s*'
    r'(?:"(?P<title>.*)")?\s*$'
)
_ATTRIBUTES = re.compile(r"\{:?\s*[.#][A-Za-z][^}]*\}")
_LINK = re.compile(
    r"\]\((?![a-z][a-z0-9+.-]*:|[#/])(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?"
    r'(?P<title>\s+"[^"]*")?\)'
)
_VERBATIM = re.compile(r"(`{3,}|~{3,}|\$\$)")
Form = Literal["student", "solved"]
_SPANS = re.compile(r"(`+[^`]+`+|\$(?!\s)[^$]+(?<!\s)\$)")


@dataclass
class _Builder:
    """Gathers cells; knows in which indented blocks the current line stands."""

    base_url: str = ""
    cells: list[Any] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    verbatim: str = ""  # what ends the formula or fence in which the current line stands

    def line(self, line: str) -> None:
        indent, text = len(line) - len(line.lstrip(" ")), line.strip()
        if text and not self.verbatim:
            while self.blocks and indent <= self.blocks[-1]:
                self.blocks.pop()
        bare = line[min(indent, 4 * len(self.blocks)) :]
        if self.verbatim:
            self.prose.append(bare)
            if text.startswith(self.verbatim) or (self.verbatim == "$$" and text.endswith("$$")):
                self.verbatim = ""
        elif opening := _VERBATIM.match(text):
            self.prose.append(bare)
            if opening[1] not in text[len(opening[1]) :]:
                self.verbatim = opening[1]
        elif block := _BLOCK.match(line):
            self.blocks.append(len(block["indent"]))
            title = block["kind"].capitalize() if block["title"] is None else block["title"]
            self.prose += ["", f"**{title}**", ""] if title else [""]
        else:
            self.prose.append(self.portable(bare))

    def lines(self, lines: list[str], chosen: range, left_out: list[tuple[int, int]]) -> None:
        for number in chosen:
            if not any(start <= number < stop for start, stop in left_out):
                self.line(lines[number])

    def portable(self, line: str) -> str:
        """A line that means the same outside the site: no attribute lists, absolute links."""
        parts = _SPANS.split(line)  # every second one is code or a formula
        parts[::2] = [_LINK.sub(self.link, _ATTRIBUTES.sub("", part)) for part in parts[::2]]
        return "".join(parts).rstrip()

    def link(self, match: re.Match[str]) -> str:
        path = re.sub(r"\.md$", ".html", match["path"])
        address = urllib.parse.urljoin(self.base_url, path)
        return f"]({address}{match['anchor'] or ''}{match['title'] or ''})"

    def flush(self) -> None:
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(self.prose)).strip()
        if text:
            self.add(new_markdown_cell(text))
        self.prose = []

    def code(self, source: str, *, may_raise: bool = False) -> None:
        self.flush()
        cell = new_code_cell(source)
        if may_raise:
            cell.metadata["tags"] = [
                "raises-exception"
            ]  # "Run all" goes on behind an open exercise
        self.add(cell)

    def add(self, cell: Any) -> None:
        cell["id"] = f"cell-{len(self.cells):03d}"
        self.cells.append(cell)


def notebook(page: Page, *, setup: str = "", base_url: str = "", form: Form | None = None) -> str:
    """The page as notebook JSON: the same bytes for the same page.

    `setup`, if given, is the first code cell, for readers who lack the libraries; `base_url` is
    where the site keeps the page, so that its links still lead somewhere. An exercise comes as
    starter and check, which may fail until solved, then the solution and the check once more. In
    the form "student" there are no solutions; in the form "solved" they stand in place of starters.
    """
    builder = _Builder(base_url)
    hidden = [solution_block(page, s) for s in page.snippets if s.role == "solution"]
    hidden = hidden if form == "student" else []
    at = front_matter(page.lines)
    for snippet in page.snippets:
        left_out = hidden + [d.span for d in snippet.directives]
        builder.lines(page.lines, range(at, snippet.span[0]), left_out)
        add_snippet(builder, page, snippet, form)
        at = (snippet.output or snippet).span[1]
    builder.lines(page.lines, range(at, len(page.lines)), hidden)
    builder.flush()
    kinds = [cell["cell_type"] for cell in builder.cells]
    if setup and "code" in kinds:
        builder.cells.insert(kinds.index("code"), new_code_cell(setup, id="setup"))
    book = new_notebook(cells=builder.cells)
    book.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.validate(book)
    return str(nbformat.writes(book)) + "\n"


def solution_block(page: Page, solution: Snippet) -> tuple[int, int]:
    """The lines of the block in which a solution stands, or of its fence if it stands in none."""
    start, stop = solution.span[0], (solution.output or solution).span[1]
    indent = len(solution.prefix)
    above = (i for i in range(start - 1, -1, -1) if _BLOCK.match(page.lines[i]))
    first = next((i for i in above if leading(page.lines[i]) < indent), None)
    if first is None:
        return start, stop
    inside = leading(page.lines[first])
    while stop < len(page.lines) and (
        not page.lines[stop].strip() or leading(page.lines[stop]) > inside
    ):
        stop += 1
    return first, stop


def leading(line: str) -> int:
    """How many spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


def add_snippet(builder: _Builder, page: Page, snippet: Snippet, form: Form | None = None) -> None:
    """One snippet as a code cell; a skipped one as text, a hidden one not at all."""
    if form == "student" and snippet.role == "solution":
        return
    if form == "solved" and snippet.role in ("starter", "check"):
        return  # the check comes behind the solution
    if snippet.skipped is not None:
        builder.prose += ["", f"{snippet.fence}{snippet.info}", *snippet.code.split("\n")]
        builder.prose += [snippet.fence]
        builder.prose += ["", f"*Not run: {snippet.skipped}*"]
    elif snippet.kind == "pycon":
        with contextlib.suppress(ValueError):  # malformed prompts, of which the page's run tells
            for example in doctest.DocTestParser().get_examples(snippet.code):
                builder.code(example.source.rstrip("\n"), may_raise=example.exc_msg is not None)
    elif snippet.kind == "python":
        needs = f"%%needs {snippet.needs}\n" if snippet.needs else ""  # see tools/lab_setup.py
        builder.code(needs + snippet.code, may_raise=snippet.role in ("starter", "check"))
        if snippet.role == "solution" and snippet.exercise:
            check = page.exercise(snippet.exercise).get("check")
            if check is not None:
                builder.code(check.code)
