"""Every snippet of every page is a test item, run by the engine that also builds the site."""

from pathlib import Path

import pytest
from sybil import Sybil

from weave.testing import page_parser

pytest_collect_file = Sybil(
    parsers=[page_parser(Path(__file__).parent)],
    patterns=["*.md"],
    excludes=["CHANGELOG.md"],
).pytest()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, as they share what is dear to make; but not all."""
    for item in items:
        if not item.get_closest_marker("alone"):
            item.add_marker(pytest.mark.xdist_group(item.location[0]))
