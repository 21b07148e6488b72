"""Values inside tuples inside tuples, as layers with several inputs and outputs have them."""

from collections.abc import Iterator
from typing import Any


def leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """What stands inside nested tuples, with names such as `hx[0]`.

    >>> list(leaves((1, (2, 3)), "h"))
    [('h[0]', 1), ('h[1][0]', 2), ('h[1][1]', 3)]
    """
    if isinstance(value, (tuple, list)):
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{name}[{i}]")
    else:
        yield name, value


def pairs(value: Any, other: Any, name: str) -> Iterator[tuple[str, Any, Any]]:
    """As `leaves`, each with what stands at its place in `other`; `None` if nothing does.

    >>> list(pairs((1, (2, 3)), (4, None), "h"))
    [('h[0]', 1, 4), ('h[1][0]', 2, None), ('h[1][1]', 3, None)]
    """
    if isinstance(value, (tuple, list)):
        for i, inner in enumerate(value):
            has = isinstance(other, (tuple, list)) and i < len(other)
            yield from pairs(inner, other[i] if has else None, f"{name}[{i}]")
    else:
        yield name, value, other


def nested_map(function: Any, value: Any) -> Any:
    """The same nesting, with a function of each leaf.

    >>> nested_map(str, (1, (2, 3)))
    ('1', ('2', '3'))
    """
    if isinstance(value, (tuple, list)):
        return tuple(nested_map(function, inner) for inner in value)
    return function(value)
