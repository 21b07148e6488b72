"""The hook that completes the site: vendor files, glossary tooltips, mended pages."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]


def load():
    # MkDocs too loads a hook by its path; as a module its name would be that of Python's own site.
    spec = importlib.util.spec_from_file_location("nnbook_site_hook", ROOT / "tools" / "site.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = load()

GLOSSARY = """# Glossary

Words.

perceptron
:   A neuron with a step, $\\sigma(w \\cdot x)$, as in [the chapter](chapters/perceptron.md#rule).
    It learns. Always.
<!-- also: perceptrons, Rosenblatt's machine -->

learning rate
:   The factor $\\eta$ of a *step*. Not more.

learning
:   Getting better.

rate
:   How often.

GAN
:   A `generative` adversarial network.
"""


@pytest.fixture
def terms():
    return tool.read_glossary(GLOSSARY)


def marked(content, terms):
    soup = BeautifulSoup(tool.add_tooltips(content, terms), "html.parser")
    return [tag.get_text() for tag in soup.select("abbr.nn-term")]


def test_the_glossary_is_read_with_aliases_and_as_plain_text(terms):
    assert [t.names for t in terms] == [
        ("perceptron", "perceptrons", "Rosenblatt's machine"),
        ("learning rate",),
        ("learning",),
        ("rate",),
        ("GAN",),
    ]
    assert terms[0].definition == "A neuron with a step, σ(w · x), as in the chapter."
    assert terms[1].definition == "The factor η of a step."
    assert terms[4].definition == "A generative adversarial network."


def test_the_real_glossary_gives_every_term_a_short_definition():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = tool.read_glossary(text)
    assert len(terms) == len(re.findall(r"^:   ", text, re.MULTILINE)) > 5
    for term in terms:
        assert 10 < len(term.definition) <= tool.LONGEST_TOOLTIP + 2, term
        assert not re.search(r"[$\\`]|\]\(", term.definition), term


def test_long_definitions_are_cut_at_a_word():
    cut = tool.first_sentence("word " * 200)
    assert len(cut) <= tool.LONGEST_TOOLTIP + 2
    assert cut.endswith("word …")


def test_only_the_first_use_is_marked_whatever_its_form(terms):
    assert marked("<p>Perceptrons and one perceptron.</p><p>A perceptron.</p>", terms) == [
        "Perceptrons"
    ]


def test_the_longest_term_wins_wherever_it_stands_in_the_glossary(terms):
    backwards = list(reversed(terms))
    assert marked("<p>A learning rate.</p>", backwards) == ["learning rate"]


def test_a_term_may_be_broken_across_lines(terms):
    assert marked("<p>The learning\nrate, then a rate.</p>", terms) == ["learning\nrate", "rate"]


def test_capitals_of_an_acronym_matter(terms):
    assert marked("<p>They gan, but a GAN did not.</p>", terms) == ["GAN"]


@pytest.mark.parametrize("text", ["generated", "rate-limited", "inaccurate", "rate.py", "separate"])
def test_parts_of_words_are_left_alone(terms, text):
    assert marked(f"<p>{text}</p>", terms) == []


@pytest.mark.parametrize(
    "barred",
    [
        "<h2>perceptron</h2>",
        '<a href="x.html">perceptron</a>',
        "<code>perceptron</code>",
        "<pre><span>perceptron</span></pre>",
        "<details><summary>perceptron</summary>perceptron</details>",
        '<span class="arithmatex">\\(perceptron\\)</span>',
        '<div class="tabbed-set"><p>perceptron</p></div>',
        "<!-- perceptron -->",
        "<p>x</p>",
    ],
)
def test_headings_links_code_and_formulas_are_left_alone(terms, barred):
    assert marked(barred, terms) == []
    assert marked(f"{barred}<p>perceptron</p>", terms) == ["perceptron"]


def test_a_page_without_terms_is_not_touched(terms):
    content = "<p>A &nbsp; page<br />of its own.</p>"
    assert tool.add_tooltips(content, terms) == content
    assert tool.add_tooltips("<p>perceptron</p>", []) == "<p>perceptron</p>"


def test_what_stands_around_a_term_stays(terms):
    content = '<p>1 &lt; 2 <em>and</em> <img alt="x" src="a.svg"/> a perceptron &amp; b</p>'
    soup = BeautifulSoup(tool.add_tooltips(content, terms), "html.parser")
    soup.abbr.unwrap()
    assert str(soup) == content


def test_a_tooltip_can_be_reached_by_keyboard_and_keeps_quotes_safe():
    term = tool.Term(("bias",), 'A "weight" < 1 & more.')
    tag = BeautifulSoup(tool.add_tooltips("<p>bias</p>", [term]), "html.parser").abbr
    assert tag["tabindex"] == "0"
    assert tag["title"] == term.definition


def test_pages_ask_no_other_host_and_name_their_dialog():
    page = tool.mend_page(
        '<meta name="generator" content="x"><a class="md-source" data-md-component="source">'
        '<div data-md-component="search" role="dialog">'
    )
    assert "generator" not in page
    assert 'component="source"' not in page
    assert 'role="dialog" aria-label="Search"' in page


def test_missing_node_modules_are_named_with_the_remedy(tmp_path):
    with pytest.raises(tool.SiteError, match=r"^No KaTeX in .* `npm ci --ignore-scripts`"):
        tool.copy_vendor(tmp_path / "site", tmp_path / "node_modules")


def test_a_version_that_moved_its_files_is_named(tmp_path):
    (tmp_path / "node_modules" / "katex").mkdir(parents=True)
    with pytest.raises(tool.SiteError, match=r"katex\.min\.js is missing"):
        tool.copy_vendor(tmp_path / "site", tmp_path / "node_modules")


@pytest.mark.skipif(not tool.NODE_MODULES.is_dir(), reason="no node_modules: run `make setup`")
def test_vendor_files_are_complete_licensed_and_local(tmp_path):
    tool.copy_vendor(tmp_path)
    vendor = tmp_path / tool.VENDOR
    sheets = list(vendor.rglob("*.css"))
    assert len(sheets) == 2
    for sheet in sheets:
        addresses = re.findall(r"url\(([^)]+)\)", sheet.read_text("utf-8"))
        assert len(addresses) > 10
        for address in addresses:
            assert address.endswith(".woff2")
            assert (sheet.parent / address).is_file()
    for folder in vendor.iterdir():
        assert list(folder.glob("*LICENSE.txt")), folder.name
    assert len(list((vendor / "fonts").glob("*LICENSE.txt"))) == len(tool.FONTS)
    assert not [p for p in vendor.rglob("*") if "cyrillic" in p.name or "vietnamese" in p.name]
