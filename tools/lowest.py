"""Print the lowest versions that pyproject.toml allows, as pins: `tools/lowest.py torch data`.

The names are extras; what the package always needs is included. The printed lines can be handed to
pip as constraints, to prove that the lower bounds still hold. Standard library only.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[(?P<extras>[^]]*)\])?\s*(?P<bounds>[^;]*)")
_FLOOR = re.compile(r"(?:>=|==|~=)\s*([\w.!+-]+)")


def pin(requirement: str) -> str:
    """Turn a requirement into a pin of its lowest version.

    >>> pin("torch>=2.4")
    'torch==2.4'
    >>> pin("mkdocs-material >=9.7, <10")
    'mkdocs-material==9.7'
    >>> pin("mkdocs==1.6.1")
    'mkdocs==1.6.1'
    >>> pin("numpy<3")
    Traceback (most recent call last):
    ValueError: 'numpy<3' has no lower bound
    """
    match = _REQUIREMENT.match(requirement)
    floor = _FLOOR.search(match["bounds"]) if match else None
    if match is None or floor is None:
        raise ValueError(f"{requirement!r} has no lower bound")
    return f"{match['name']}=={floor[1]}"


def lowest(project: dict[str, Any], extras: list[str]) -> list[str]:
    """The pins of a `[project]` table and of some of its extras, each once, sorted.

    An extra that names further extras of the project itself brings those along.

    >>> table = {
    ...     "name": "p",
    ...     "dependencies": ["numpy>=1.26"],
    ...     "optional-dependencies": {"a": ["x>=1,<2"], "b": ["p[a]", "y==3"]},
    ... }
    >>> lowest(table, ["b"])
    ['numpy==1.26', 'x==1', 'y==3']
    >>> lowest(table, ["c"])
    Traceback (most recent call last):
    ValueError: pyproject.toml has no extra 'c'
    """
    optional = project.get("optional-dependencies", {})
    pins = {pin(requirement) for requirement in project["dependencies"]}
    waiting, seen = list(extras), set[str]()
    while waiting:
        extra = waiting.pop()
        if extra in seen:
            continue
        seen.add(extra)
        if extra not in optional:
            raise ValueError(f"pyproject.toml has no extra {extra!r}")
        for requirement in optional[extra]:
            match = _REQUIREMENT.match(requirement)
            if match and match["name"] == project["name"]:
                waiting += [name.strip() for name in (match["extras"] or "").split(",")]
            else:
                pins.add(pin(requirement))
    return sorted(pins)


def main(extras: list[str]) -> int:
    """Print the pins, one to a line."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    try:
        pins = lowest(project, extras)
    except ValueError as error:
        sys.stderr.write(f"lowest: {error}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in pins))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
