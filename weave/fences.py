"""The small print of fences: what a container puts before each line, what an info string says."""

import re

ROLES = ("starter", "check", "solution")
OPTIONS = ("limit", "keep", "needs")


def continuation(prefix: str) -> str:
    """The prefix that later lines of a container carry: list markers become spaces."""
    return re.sub(r"[-*+]|\d+[.)]", lambda m: " " * len(m[0]), prefix.expandtabs(4))


def strip_prefix(line: str, prefix: str) -> str:
    """Remove a container's prefix; blank lines and lines short of it lose what they have."""
    if "\t" in line[: len(prefix)]:
        code = line.lstrip(" \t>")
        line = line[: len(line) - len(code)].expandtabs(4) + code
    if line.startswith(prefix):
        return line[len(prefix) :]
    at = 0
    for char in prefix:
        if at < len(line) and line[at] == char:
            at += 1
        elif char == ">":  # the quote ended: what follows is not ours to strip
            break
    return line[at:]


def fence_language(info: str) -> str:
    """The language of an info string: `python title="x"` and `{ .python #id }` are both python."""
    words = info.split()
    if info.startswith("{"):
        words = re.findall(r"(?<![^\s{])\.([^\s}]+)", info) or info.strip("{} ").split()
    return re.split(r"[{\s]", words[0])[0].lower() if words else ""


def bare_info(info: str) -> str:
    """The info string without the attributes that are ours, for the Markdown renderer."""
    ours = rf"\s*\b(?:{'|'.join((*ROLES, *OPTIONS))})=(?:\"[^\"]*\"|[^\s\"}}]+)"
    return re.sub(ours, "", info).strip()
