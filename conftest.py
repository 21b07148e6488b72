"""Every snippet of every page is a test item, run by the engine that also builds the site."""

from pathlib import Path

from sybil import Sybil

from weave.testing import page_parser

pytest_collect_file = Sybil(
    parsers=[page_parser(Path(__file__).parent)],
    patterns=["*.md"],
    excludes=["CHANGELOG.md"],
).pytest()
