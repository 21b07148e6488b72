"""Follow a page's links to other files and to sections; one that leads nowhere has a line.

Anchors are those that Python-Markdown gives headings, and those set by `{ #name }`. A page with
`:::` blocks makes anchors while the site is built, and only the builder can check those.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from markdown.extensions.toc import slugify, unique

from weave.snippets import Page, Problem, parse

_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_LINK = re.compile(r"\]\(\s*<?(?P<address>[^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"[ \t>]*#{1,6}[ \t]+(?P<title>.+?)[ \t]*#*$")
_IDENTITY = re.compile(r"\{:?[^}]*?#(?P<name>[\w.:-]+)[^}]*\}|\bid=\"(?P<html>[^\"]+)\"")


def dead_links(page: Page) -> Iterator[Problem]:
    """Each link of a page to a file or a section that is not there."""
    for number, line in prose(page):
        for link in _LINK.finditer(_CODE.sub("", line)):
            address = link["address"]
            if re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE):
                continue
            path, _, fragment = unquote(address).partition("#")
            target = (page.path.parent / path).resolve() if path else page.path
            if not target.exists():
                yield Problem(page.path, number, f"this link leads nowhere: {address}")
            elif fragment and target.suffix == ".md":
                known = sections(page) if target == page.path else stored_sections(target)
                if known is not None and fragment not in known:
                    message = f"this link leads to a section that is not there: {address}"
                    yield Problem(page.path, number, message)


def prose(page: Page) -> Iterator[tuple[int, str]]:
    """The lines of a page outside its fences and comments, numbered from 1."""
    hidden = {line for start, stop in page.spans for line in range(start, stop)}
    for index, line in enumerate(page.lines):
        if index not in hidden:
            yield index + 1, line


def stored_sections(path: Path) -> set[str] | None:
    """The anchors of another page, read again only when its file has changed."""
    return _stored_sections(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1024)  # every chapter links to the bibliography, many times
def _stored_sections(path: Path, stamp: int) -> set[str] | None:  # noqa: ARG001
    return sections(parse(path))


def sections(page: Page) -> set[str] | None:
    """The anchors of a page; None if only its builder knows them."""
    found: set[str] = set()
    for _, line in prose(page):
        if line.lstrip().startswith(":::"):
            return None
        names = [m["name"] or m["html"] for m in _IDENTITY.finditer(line)]
        heading = _HEADING.match(line)
        if heading and not names:
            names = [unique(slugify(heading["title"], "-"), found)]
        found.update(names)
    return found
