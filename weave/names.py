"""What snippets call their own: names that one exercise of a page would take from another.

On the page every exercise starts from what stands above it. In a notebook they run one after the
other, and a name that the first one binds is what the second one reads.
"""

import symtable
from collections.abc import Iterator

from weave.snippets import Page, Problem


def collisions(page: Page) -> Iterator[Problem]:
    """Names that an exercise binds and a later one reads without having bound them itself."""
    bound_by: dict[str, str] = {}
    exercises = {s.exercise: None for s in page.snippets if s.exercise}
    for exercise in exercises:
        parts = page.exercise(exercise)
        names = {role: module_names(snippet.code) for role, snippet in parts.items()}
        own = set().union(*(bound for bound, _ in names.values()))
        for role, snippet in parts.items():
            for name in sorted((names[role][1] - own) & set(bound_by)):
                message = (
                    f"exercise {exercise!r} reads {name!r}, which exercise {bound_by[name]!r}"
                    " binds: in a notebook, where they run in turn, it would meet the wrong one"
                )
                yield Problem(page.path, snippet.line, message, snippet.index)
        kept = {n for role, s in parts.items() if s.keep for n in names[role][0]}
        bound_by |= dict.fromkeys(own - kept - set(bound_by), exercise)


def module_names(code: str) -> tuple[set[str], set[str]]:
    r"""The names that a snippet binds in its module, and those that it reads there.

    Both are empty if it does not compile; its run will say so.

    >>> bound, read = module_names("import math\ndef f(x):\n    return math.sin(x) + y")
    >>> sorted(bound), sorted(read)
    (['f', 'math'], ['math', 'y'])
    """
    try:
        module = symtable.symtable(code, "<snippet>", "exec")
    except SyntaxError:
        return set(), set()
    bound, read = set(), set()
    tables = [module]
    for table in tables:
        for symbol in table.get_symbols():
            if table is module or symbol.is_global():
                if symbol.is_assigned() or symbol.is_imported():
                    bound.add(symbol.get_name())
                if symbol.is_referenced():
                    read.add(symbol.get_name())
        tables += table.get_children()
    return bound, read
