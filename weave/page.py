"""The woven page: its Markdown with figures in place and the engine's own marks taken out.

What comes out is plain Markdown with attribute lists, for any site builder. `weave.markdown`
turns the figure paragraphs into <figure> elements where Python-Markdown renders them.
"""

import json
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass, field

from weave.fences import continuation
from weave.figures import Figure
from weave.outputs import fence_lines
from weave.run import Run
from weave.snippets import Directive, Page, Problem, Snippet, front_matter
from weave.worker import Result

_TITLES = {"starter": "Starter", "check": "Check", "solution": "Solution"}


@dataclass
class Woven:
    """A page ready to render, and the files it shows, by path relative to the page."""

    markdown: str
    files: dict[str, str] = field(default_factory=dict)


def weave(page: Page, run: Run, problems: Iterable[Problem] = ()) -> Woven:
    """Put figures below their snippets; `problems`, where given, are shown where they arose."""
    woven = Woven("")
    lines: list[str] = list(page.lines)
    faults = list(problems)
    for snippet in reversed(page.snippets):
        result = run.results.get(snippet.index, Result())
        after = [line for p in faults if p.snippet == snippet.index for line in notice(p)]
        after = figure_lines(page, snippet, result, woven.files) + after
        prefix = continuation(snippet.prefix)
        end = (snippet.output or snippet).span[1]
        lines[end:end] = [(prefix + line).rstrip() for line in after]
        if snippet.output is not None:
            start, stop = snippet.output.span
            info = f"{{ .{snippet.output.language} .weave-output }}"
            lines[start:stop] = fence_lines(snippet.prefix, snippet.output.text, info)
        opening(lines, snippet)
    top = front_matter(lines)
    lines[top:top] = [line for p in faults if p.snippet is None for line in notice(p)]
    woven.markdown = "\n".join(lines)
    return woven


def opening(lines: list[str], snippet: Snippet) -> None:
    """Rewrite a fence's first line without our attributes; take our comments out."""
    start, stop = snippet.span
    if snippet.kind == "hidden":
        lines[start:stop] = [continuation(snippet.prefix).rstrip()]
    else:
        title = _TITLES.get(snippet.role or "")
        info = snippet.info
        if title and "title=" not in info:
            info = f'{info.removesuffix("}").rstrip()} title="{title}"'
            info += " }" if info.startswith("{") else ""
        head = re.split(r"[`~]", lines[start], maxsplit=1)[0]
        lines[start] = f"{head}{snippet.fence}{info}"
    for directive in reversed(snippet.directives):
        shown = [f"*Not run: {directive.text}*", ""] if directive.name == "skip" else []
        prefix = continuation(snippet.prefix)
        begin, stop = directive.span
        lines[begin:stop] = [(prefix + line).rstrip() for line in shown]


def figure_lines(page: Page, snippet: Snippet, result: Result, files: dict[str, str]) -> list[str]:
    """The Markdown of a snippet's figures; their files go into `files`."""
    captions = snippet.figures
    if not captions or not result.figures:
        return []
    folder = f"{page.path.stem}-figures"
    if captions[0].name == "film":
        names = [
            add_files(files, f"{folder}/{snippet.index:02d}-frame{i:03d}", figure)
            for i, figure in enumerate(result.figures)
        ]
        return picture(captions[0], result.figures[-1], names)
    out: list[str] = []
    for i, (caption, figure) in enumerate(zip(captions, result.figures, strict=False)):
        name = add_files(files, f"{folder}/{snippet.index:02d}-{i}", figure)
        out += picture(caption, figure, [name])
    return out


def add_files(files: dict[str, str], name: str, figure: Figure) -> str:
    files[f"{name}-light.svg"] = figure.light
    files[f"{name}-dark.svg"] = figure.dark
    return name


def picture(caption: Directive, figure: Figure, names: list[str]) -> list[str]:
    """One figure as two images, one for each palette, and its caption.

    Without a script a film shows its last frame, which is also what print gets.
    """
    alt = re.sub(r"([\[\]])", r"\\\1", caption.alt.replace("`", "").replace("$", ""))
    size = f'width="{figure.width}" height="{figure.height}"'
    frames = f' data-frames="{len(names)}"' if len(names) > 1 else ""
    place = urllib.parse.quote(names[-1])
    images = [
        f"![{alt}]({place}-{tone}.svg#only-{tone}){{ .weave-{tone} {size}{frames} }}"
        for tone in ("light", "dark")
    ]
    # Words that look like a list, a title or a quote are none here.
    words = re.sub(r"^(\d*)([-+*#>.)])(?=\s)", r"\1\\\2", caption.caption)
    return ["", *images, "", words, "{: .weave-caption }", ""]


def notice(problem: Problem) -> list[str]:
    """A fault as a box in the page, for the live preview."""
    title = json.dumps(f"{problem.path.name}, line {problem.line}", ensure_ascii=False)
    body = fence_lines("    ", problem.message, "text")
    return ["", f"!!! failure {title}", "", *body, ""]
