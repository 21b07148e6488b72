"""Judge the record of a page's run: everything that is wrong with it, each with its line."""

import doctest
import textwrap
from collections.abc import Iterator

from weave.compare import diff, same
from weave.links import dead_links
from weave.names import collisions
from weave.run import Run
from weave.snippets import Page, Problem, Snippet
from weave.worker import Result


def problems(page: Page, run: Run) -> list[Problem]:
    """What is wrong with a page, in the order of its lines."""
    found = [*page.problems, *dead_links(page), *collisions(page)]
    if run.death is not None:
        found.append(run.death)
    for snippet in page.snippets:
        result = run.results.get(snippet.index)
        if result is not None:
            found.extend(
                Problem(page.path, line, message, snippet.index)
                for line, message in judge(snippet, result)
            )
        elif snippet.output is not None and snippet.skipped is not None:
            message = "this snippet is skipped, so nothing stands behind the output shown"
            found.append(Problem(page.path, snippet.output.line, message, snippet.index))
    return sorted(found, key=lambda problem: problem.line)


def judge(snippet: Snippet, result: Result) -> Iterator[tuple[int, str]]:
    """Each fault of one snippet, as (line, message)."""
    if result.error is not None:
        trace = textwrap.indent(result.error.traceback.rstrip(), "  ")
        yield result.error.line, f"{result.error.message}\n{trace}".rstrip()
        return
    if result.stderr:
        text = textwrap.indent(result.stderr.rstrip(), "  ")
        yield snippet.line, f"this snippet writes to stderr:\n{text}"
    if result.starter_passed:
        name = snippet.exercise
        yield snippet.line, f"the starter of exercise {name!r} already passes its check"
    if snippet.kind == "pycon":
        yield from judge_pycon(snippet, result)
    else:
        yield from judge_output(snippet, result)
    yield from judge_figures(snippet, result)


def judge_output(snippet: Snippet, result: Result) -> Iterator[tuple[int, str]]:
    if snippet.kind == "hidden":
        if result.stdout:
            yield snippet.line, "a hidden check prints, where no reader can see it"
    elif snippet.output is None:
        if result.stdout.strip():
            change = diff("", result.stdout)
            yield (
                snippet.line,
                f"this snippet prints, but no output fence stands below it\n{change}",
            )
    elif not same(snippet.output.text, result.stdout):
        change = diff(snippet.output.text, result.stdout)
        yield snippet.output.line, f"this output is not what the snippet prints\n{change}"


def judge_pycon(snippet: Snippet, result: Result) -> Iterator[tuple[int, str]]:
    examples = doctest.DocTestParser().get_examples(snippet.code)
    for example, printed in zip(examples, result.examples, strict=True):
        if not answers(example, printed):
            line = snippet.line + example.lineno
            change = diff(example.want.replace("<BLANKLINE>", ""), printed)
            yield line, f"this output is not what the example prints\n{change}"


def answers(example: doctest.Example, printed: str) -> bool:
    """Whether a console example shows what it printed; of a traceback, its last line."""
    if example.exc_msg is not None:
        return same(example.exc_msg, printed.rpartition("\n    ...\n")[2])
    return same(example.want.replace("<BLANKLINE>", ""), printed)


def judge_figures(snippet: Snippet, result: Result) -> Iterator[tuple[int, str]]:
    drawn, captions = len(result.figures), snippet.figures
    film = any(d.name == "film" for d in captions)
    if film:
        if len(captions) > 1:
            yield captions[0].line, "a film stands alone above its snippet"
        elif drawn < 2:
            yield captions[0].line, f"this film has {drawn} frames; a film has two or more"
    elif drawn > len(captions):
        yield (
            snippet.line,
            f"this snippet leaves {drawn} figures open but has {len(captions)} captions:"
            " write <!-- figure: caption | alt: what is to be seen --> above it for each",
        )
    elif drawn < len(captions):
        yield captions[drawn].line, f"this caption has no figure: the snippet draws {drawn}"
