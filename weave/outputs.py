"""Rewrite a page's output fences to what its snippets print, and nothing else."""

import doctest

from weave.check import answers
from weave.compare import same, tidy
from weave.run import Run
from weave.snippets import Page, Snippet


def rewrite(page: Page, run: Run) -> str:
    """The page's text with every stale output mended, missing ones added, empty ones removed."""
    lines = list(page.lines)
    if page.problems:  # where a fence is not closed, say, its output has no place
        return page.text
    for snippet in reversed(page.snippets):
        result = run.results.get(snippet.index)
        if result is None or result.error is not None or snippet.kind == "hidden":
            continue
        if snippet.kind == "pycon":
            replace_answers(lines, snippet, result.examples)
        else:
            replace_output(lines, snippet, result.stdout)
    return "\n".join(lines)


def replace_output(lines: list[str], snippet: Snippet, printed: str) -> None:
    """Put one snippet's output in its place; a fence that already says the same stays."""
    output = snippet.output
    if output is not None and (same(output.text, printed) and printed.strip()):
        return
    language = output.language if output is not None else "text"
    info = "output" if language == "text" else f"output {language}"
    block = fence_lines(snippet.prefix, tidy(printed), info) if printed.strip() else []
    if output is not None:
        start, end = output.span
        while not block and start > snippet.span[1] and not lines[start - 1].strip(" \t>"):
            start -= 1  # the blank line before a removed fence goes with it
        lines[start:end] = block
    elif block:
        at = snippet.span[1]
        lines[at:at] = [snippet.prefix.rstrip(), *block]


def fence_lines(prefix: str, text: str, info: str = "output") -> list[str]:
    """A fence in its container, longer than any fence inside it."""
    ticks = "```"
    while ticks in text:
        ticks += "`"
    body = [(prefix + line).rstrip() for line in text.split("\n")]
    return [f"{prefix}{ticks}{info}", *body, f"{prefix}{ticks}"]


def replace_answers(lines: list[str], snippet: Snippet, printed: list[str]) -> None:
    """Put the stale answers of a pycon fence in their places; every other line stays."""
    examples = doctest.DocTestParser().get_examples(snippet.code)
    for example, new in reversed(list(zip(examples, printed, strict=True))):
        if answers(example, new):
            continue
        start = snippet.line + example.lineno
        while lines[start].removeprefix(snippet.prefix).lstrip().startswith("..."):
            start += 1
        indent = snippet.prefix + " " * example.indent
        answer = [line or "<BLANKLINE>" for line in tidy(new).split("\n")] if new.strip() else []
        lines[start : start + example.want.count("\n")] = [indent + line for line in answer]
