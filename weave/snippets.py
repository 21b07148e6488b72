"""Parse a page: which fences run, what they should print, which figures they owe.

Sybil's own Markdown lexer passes over fences with attributes and looks inside longer fences, so
this one is ours: outermost fences only, any info string, inside any container (tabs, admonitions,
lists, blockquotes), every position kept as a line of the page.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from weave.fences import ROLES, bare_info, continuation, fence_language, strip_prefix

LANGUAGES = {"python": "python", "py": "python", "python3": "python", "pycon": "pycon"}
DEFAULT_LIMIT = 60.0

_CONTAINER = r"(?P<prefix>[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]+|>)*)"
_OPENING = re.compile(_CONTAINER + r"(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_COMMENT = re.compile(_CONTAINER + r"<!--")
_DIRECTIVE = re.compile(r"<!--\s*(?P<name>figure|film|skip)\s*(?::(?P<text>.*?))?-->", re.DOTALL)
_HIDDEN = re.compile(r"<!---?\s*invisible-code-block:\s*python[ \t]*$")
_ALMOST_HIDDEN = re.compile(r"<!-+\s*invisible", re.IGNORECASE)
_ALT = re.compile(r"\|\s*alt:")
_ATTRIBUTE = re.compile(r"""(?P<key>[\w-]+)=(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"}]+))""")


@dataclass(frozen=True)
class Problem:
    """Something wrong with a page, at a line, in words that help; `snippet` is an index, if any."""

    path: Path
    line: int
    message: str
    snippet: int | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Directive:
    """A `<!-- figure: ... -->`, `<!-- film: ... -->` or `<!-- skip: ... -->` comment."""

    name: str
    text: str
    line: int
    span: tuple[int, int]

    @property
    def caption(self) -> str:
        """The text shown below the figure."""
        return _ALT.split(self.text, maxsplit=1)[0].strip()

    @property
    def alt(self) -> str:
        """What is to be seen, for those who do not see it; the caption where none is given."""
        return "".join(_ALT.split(self.text, maxsplit=1)[1:]).strip() or self.caption


@dataclass(frozen=True)
class Output:
    """The output fence below a snippet: its lines in the page (`span`) and its text.

    `language` is how it is coloured: ```output python for a snippet that prints source code.
    """

    text: str
    span: tuple[int, int]
    line: int
    language: str = "text"


@dataclass
class Snippet:
    """One fence that runs.

    `line` is where its code begins in the page, from 1; spans are half-open ranges of line
    indices, from 0, that hold the fence with its first and last line.
    """

    index: int
    kind: str  # python, pycon or hidden
    code: str
    line: int
    span: tuple[int, int]
    prefix: str
    info: str
    fence: str
    role: str | None = None
    exercise: str | None = None
    limit: float = DEFAULT_LIMIT
    keep: bool = False  # a solution on which what follows stands
    needs: str = ""  # a library without which readers' notebooks pass over it
    directives: list[Directive] = field(default_factory=list)
    output: Output | None = None

    @property
    def skipped(self) -> str | None:
        """The reason why this snippet does not run, or None if it does."""
        return next((d.text for d in self.directives if d.name == "skip"), None)

    @property
    def figures(self) -> list[Directive]:
        """The captions of the figures this snippet draws, in order."""
        return [d for d in self.directives if d.name in ("figure", "film")]


@dataclass
class Page:
    """A parsed page: its lines, its snippets, and what is wrong with it before anything runs."""

    path: Path
    text: str
    lines: list[str]
    snippets: list[Snippet]
    problems: list[Problem]
    spans: list[tuple[int, int]] = field(default_factory=list)  # all its fences and comments

    def exercise(self, name: str) -> dict[str, Snippet]:
        """The starter, check and solution of one exercise."""
        return {s.role: s for s in self.snippets if s.exercise == name and s.role}


def parse(path: Path, text: str | None = None) -> Page:
    """Parse a page's text (read from `path` if not given)."""
    unreadable = None
    if text is None:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            text, unreadable = "", f"this page is not UTF-8: {error}"
    page = Page(path, text, text.split("\n"), [], [])
    if unreadable:
        page.problems.append(Problem(path, 1, unreadable))
    _Lexer(page).run()
    _check_exercises(page)
    return page


class _Lexer:
    """Walks the lines of a page once; each method consumes one construct."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines = page.lines
        self.at = 0
        self.pending: list[Directive] = []

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if _COMMENT.match(line):
                self.comment()
            elif (opening := _OPENING.match(line)) and self.opens(opening):
                self.fence(opening)
            else:
                if line.strip(" \t>"):
                    self.drop_pending()
                self.at += 1
        self.drop_pending()

    @staticmethod
    def opens(opening: re.Match[str]) -> bool:
        # ```inline``` on one line is a code span: a backtick fence's info holds no backtick.
        return not (opening["fence"][0] == "`" and "`" in opening["info"])

    def problem(self, line: int, message: str, snippet: int | None = None) -> None:
        self.page.problems.append(Problem(self.page.path, line, message, snippet))

    def drop_pending(self) -> None:
        for directive in self.pending:
            self.problem(directive.line, f"this {directive.name} comment has no snippet below it")
        self.pending = []

    def comment(self) -> None:
        start = self.at
        while self.at < len(self.lines) and "-->" not in self.lines[self.at]:
            self.at += 1
        if self.at == len(self.lines):
            self.problem(start + 1, "this comment is never closed with -->")
        self.at += 1
        span = (start, min(self.at, len(self.lines)))
        self.page.spans.append(span)
        prefix = continuation(_COMMENT.match(self.lines[start])["prefix"])  # type: ignore[index]
        body = [strip_prefix(line, prefix) for line in self.lines[span[0] : span[1]]]
        if _HIDDEN.match(body[0].rstrip()):
            self.drop_pending()
            code = "\n".join(body[1:]).rpartition("-->")[0].rstrip()
            self.add("hidden", code, start + 2, span, prefix, "", "")
        elif directive := _DIRECTIVE.match("\n".join(body)):
            text = " ".join((directive["text"] or "").split())
            if not text:
                self.problem(start + 1, f"this {directive['name']} comment is empty")
            self.pending.append(Directive(directive["name"], text, start + 1, span))
            if text and not self.pending[-1].caption:
                self.problem(start + 1, f"the caption of this {directive['name']} has no words")
        elif _ALMOST_HIDDEN.match(body[0]):
            message = "a hidden check opens with a line <!--- invisible-code-block: python"
            self.problem(start + 1, message)

    def fence(self, opening: re.Match[str]) -> None:
        start, prefix = self.at, continuation(opening["prefix"])
        body, closed = [], False
        closing = re.compile(rf" {{0,3}}{opening['fence'][0]}{{{len(opening['fence'])},}}\s*$")
        self.at += 1
        while self.at < len(self.lines):
            line = strip_prefix(self.lines[self.at], prefix)
            self.at += 1
            if closed := bool(closing.match(line)):
                break
            body.append(line)
        if not closed:
            self.problem(start + 1, "this fence is never closed")
        info, span, code = opening["info"].strip(), (start, self.at), "\n".join(body)
        self.page.spans.append(span)
        language = fence_language(info)
        if language in LANGUAGES:
            self.add(LANGUAGES[language], code, start + 2, span, prefix, info, opening["fence"])
        elif language == "output":
            colour = re.match(r"output\s+([\w+-]+)$", info, re.IGNORECASE)
            self.output(Output(code, span, start + 1, colour[1] if colour else "text"))
        else:
            self.drop_pending()

    def add(
        self,
        kind: str,
        code: str,
        line: int,
        span: tuple[int, int],
        prefix: str,
        info: str,
        fence: str,
    ) -> None:
        snippet = Snippet(
            len(self.page.snippets), kind, code, line, span, prefix, bare_info(info), fence
        )
        self.page.snippets.append(snippet)
        snippet.directives, self.pending = self.pending, []
        attributes = {m["key"]: m["quoted"] or m["bare"] or "" for m in _ATTRIBUTE.finditer(info)}
        for role in ROLES:
            if role in attributes:
                snippet.role, snippet.exercise = role, attributes[role]
        if "limit" in attributes:
            snippet.limit = self.seconds(attributes["limit"], span[0] + 1, snippet.index)
        snippet.needs = attributes.get("needs", "")
        if "keep" in attributes:
            snippet.keep = attributes["keep"] == "yes" and snippet.role == "solution"
            if not snippet.keep:
                self.problem(span[0] + 1, "keep=yes stands at a solution, nowhere else")

    def seconds(self, text: str, line: int, snippet: int) -> float:
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 0 < value < float("inf"):
            message = f"limit={text} is not a number of seconds above 0"
            self.problem(line, message, snippet)
            return DEFAULT_LIMIT
        return value

    def output(self, output: Output) -> None:
        self.drop_pending()
        above = self.page.snippets[-1] if self.page.snippets else None
        start = output.span[0]
        adjacent = above is not None and not any(
            line.strip(" \t>") for line in self.lines[above.span[1] : start]
        )
        if above is None or above.output is not None or not adjacent or above.kind == "hidden":
            self.problem(output.line, "this output fence has no snippet right above it")
        elif above.kind == "pycon":
            self.problem(
                output.line, "a pycon fence holds its own output; remove this output fence"
            )
        else:
            above.output = output


def front_matter(lines: list[str]) -> int:
    """How many lines the block of metadata at the head of a page takes; 0 where there is none."""
    if lines[0].rstrip() != "---":
        return 0
    ends = (i for i, line in enumerate(lines) if i and line.rstrip() in ("---", "..."))
    return next(ends, -1) + 1


def _check_exercises(page: Page) -> None:
    names = dict.fromkeys(s.exercise for s in page.snippets if s.exercise is not None)
    for name in names:
        parts = [s for s in page.snippets if s.exercise == name]
        first = parts[0]
        for role in ROLES:
            runs = [s for s in parts if s.role == role and s.kind == "python" and not s.skipped]
            if len(runs) != 1:
                message = (
                    f"exercise {name!r} has {len(runs)} {role} fences that run;"
                    " it needs exactly one"
                )
                page.problems.append(Problem(page.path, first.span[0] + 1, message, first.index))
