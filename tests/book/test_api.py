"""The API reference leaves nothing out: every public name of the package stands on a page."""

import inspect
import re
from pathlib import Path

from nnbook import nn, optim
from nnbook.nn import functional
from nnbook.optim import lr_scheduler

API = Path(__file__).parents[2] / "docs" / "api"


def described():
    """The names after `:::`, and for modules with a list of members, the members."""
    names = set()
    for page in API.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for block in re.split(r"^\s*::: ", text, flags=re.M)[1:]:
            name = block.split()[0]
            members = re.findall(r"^\s+- (\w+)$", block, flags=re.M)
            names |= {f"{name}.{member}" for member in members} or {name}
    return names


def test_every_public_name_is_described():
    names = described()
    assert "nnbook.nn.functional.step" in names
    wanted = {f"nnbook.nn.functional.{n}" for n in functional.__all__}
    for module in (nn, optim, lr_scheduler):
        wanted |= {
            f"{module.__name__}.{n}"
            for n in module.__all__
            if inspect.isclass(getattr(module, n)) and not n.startswith("_")
        }
    assert wanted - names == set()


def test_nothing_is_described_twice():
    text = "\n".join(page.read_text(encoding="utf-8") for page in API.glob("*.md"))
    names = re.findall(r"^\s*::: ([\w.]+)", text, flags=re.M)
    twice = {n for n in names if names.count(n) > 1}
    assert twice == {"nnbook.nn.functional"}  # two pages, each with its own members
