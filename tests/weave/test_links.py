"""Links between pages are followed, and a dead one is named with its line."""

import pytest


@pytest.fixture
def other(book):
    book.write(
        "docs/other.md",
        """
        # The *other* `page`: it's here

        ## Twice

        ## Twice

        ## Named { #by-hand }

        A paragraph.
        {: #para }

        <span id="raw"></span>
        """,
    )
    return book


GOOD = [
    "other.md",
    "other.md#the-other-page-its-here",
    "other.md#twice",
    "other.md#twice_1",
    "other.md#by-hand",
    "other.md#para",
    "other.md#raw",
    "../docs/other.md",
    "#here-1-2",
    "https://example.org/none",
    "mailto:nobody@example.org",
]
BAD = [
    "another.md",
    "other.md#thrice",
    "other.md#named",
    "other.md#twice_2",
    "#there",
    "docs/other.md",
    "picture.png",
]


@pytest.mark.parametrize("address", GOOD)
def test_a_link_that_leads_somewhere_is_left_alone(other, address):
    assert other.faults(f"# Here: 1 + 2\n\nA [link]({address}).\n", "docs/page.md") == []


@pytest.mark.parametrize("address", BAD)
def test_a_dead_link_is_named_with_its_line(other, address):
    line, message = other.fault(f"# Here\n\nText.\nA [link]({address}).\n", "docs/page.md")
    assert line == 4
    assert address in message


def test_links_in_tables_images_and_boxes_are_followed(other):
    text = "| a | b |\n|---|---|\n| [x](no.md) | ![y](no.png) |\n\n!!! note\n\n    [z](none.md)\n"
    faults = other.faults(text, "docs/page.md")
    assert [line for line, _ in faults] == [3, 3, 7]


def test_what_only_looks_like_a_link_is_not_followed(other):
    text = "`[a](b.md)` and ``[a](`b.md)``\n\n```text\n[a](b.md)\n```\n\n<!-- [a](b.md) -->\n"
    assert other.faults(text, "docs/page.md") == []


def test_anchors_that_the_builder_makes_are_left_to_the_builder(other):
    other.write("docs/api.md", "# API\n\n::: some.module\n")
    assert other.faults("[x](api.md#some.module.name)\n", "docs/page.md") == []
    assert other.faults("[x](no-api.md#some.module.name)\n", "docs/page.md") != []
