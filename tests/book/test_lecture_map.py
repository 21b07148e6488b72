"""The lecture map promises: every link leads somewhere, every name exists."""

import importlib
import re
from pathlib import Path

import pytest

from weave.links import dead_links
from weave.snippets import parse

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "lecture-map.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`(nnbook[\w.]*)`", TEXT)))
LINKS = sorted(set(re.findall(r"\]\(([^)#\s]+)(?:#([^)\s]+))?\)", TEXT)))


def resolve(name):
    """Import a dotted name: a module, or something in one."""
    module, attributes = name, []
    while True:
        try:
            found = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            attributes.insert(0, last)
            if not module:
                raise
    for attribute in attributes:
        found = getattr(found, attribute)
    return found


def test_the_map_names_something():
    assert len(NAMES) >= 10
    assert len(LINKS) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_every_name_exists(name):
    assert resolve(name) is not None


def test_a_name_that_does_not_exist_is_noticed():
    with pytest.raises(AttributeError):
        resolve("nnbook.nn.functional.no_such_thing")


def test_every_link_leads_to_a_page_and_a_section():
    # Anchors in api/ come from docstrings; those the strict build checks.
    assert [str(problem) for problem in dead_links(parse(DOCS / "lecture-map.md"))] == []


def test_every_part_of_the_lecture_is_listed():
    parts = re.findall(r"^## (Part [IV]+)\.", TEXT, re.MULTILINE)
    assert parts == ["Part I", "Part II", "Part III", "Part IV"]
