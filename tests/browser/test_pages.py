"""Every page of the built site, looked at with a real browser."""

import functools
import itertools
import json
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlparse

import pytest
from bs4 import BeautifulSoup

pytestmark = [pytest.mark.browser, pytest.mark.alone]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NAMES = sorted(p.relative_to(DOCS).with_suffix(".html").as_posix() for p in DOCS.rglob("*.md"))
CHAPTERS = [name for name in NAMES if name.startswith("chapters/")]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
each_page = pytest.mark.parametrize("name", NAMES)

CUT_OFF = """() => [...document.querySelectorAll('.md-content *')].filter(e =>
    e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest('pre, .md-typeset__scrollwrap, .arithmatex, .katex, .tabbed-labels'))
    .slice(0, 3).map(e => e.outerHTML.slice(0, 120))"""


# What stands on a page thousands of times looks alike each time: axe may look at a few of each.
THIN_OUT = """() => {
    const seen = {};
    const many = (kind, limit) => (seen[kind] = (seen[kind] || 0) + 1) > limit;
    for (const token of document.querySelectorAll('.highlight code span[class]:not(:has(*))'))
        if (many(token.className, 3)) token.replaceWith(token.textContent);
    for (const line of document.querySelectorAll('.highlight code > span[id], .highlight a[id]'))
        if (many(line.tagName, 20)) line.replaceWith(...line.childNodes);
    for (const formula of document.querySelectorAll('.katex'))
        if (many('formula', 10)) formula.remove();
}"""


@each_page
def test_a_page_is_sound(visit, name):
    """One visit, many questions: a fresh load for each would take minutes."""
    tab = visit()
    page = tab.open(name)
    faults = formulas(page, name) + headings(page) + pictures(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    faults += widths(page)
    page.evaluate(THIN_OUT)
    page.add_script_tag(path=AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        colours = {"light": "default", "dark": "slate"}[scheme]
        page.wait_for_function(f"document.body.dataset.mdColorScheme === '{colours}'")
        page.wait_for_timeout(350)  # colours that fade from one palette to the other
        faults += figures(page, name, scheme) + axe(page, scheme)
    faults += [*tab.complaints, *(f"asks another host: {url}" for url in tab.strangers)]
    assert len(tab.hosts) > 5, "the record of requests is not working"
    assert faults == []


def widths(page):
    faults = []
    for width in (375, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate("document.scrollingElement.scrollWidth")
        if found > width:
            faults.append(f"scrolls sideways at {width}: {found} {page.evaluate(CUT_OFF)}")
    return faults


def formulas(page, name):
    bare = page.locator(".arithmatex:not(:has(.katex))").count()
    wrong = page.locator(".katex-error").count()
    if name in CHAPTERS:
        assert page.locator(".arithmatex").count() > 10
    return [f"{bare} formulas not rendered, {wrong} with errors"] if bare or wrong else []


def headings(page):
    levels = page.evaluate(
        """() => [...document.querySelectorAll('.md-content :is(h1,h2,h3,h4,h5,h6)')]
            .map(h => Number(h.tagName[1]))"""
    )
    jumps = [pair for pair in itertools.pairwise(levels) if pair[1] > pair[0] + 1]
    sound = levels.count(1) == 1 and levels[0] == 1 and not jumps
    return [] if sound else [f"headings out of order: {levels}"]


def pictures(page):
    return page.evaluate(
        """() => [...document.images].filter(i => !i.alt.trim() && !i.closest('[aria-hidden=true]'))
            .map(i => 'picture without words: ' + i.src)"""
    )


def figures(page, name, scheme):
    """Each figure is drawn twice; the one for the palette of the page is shown."""
    shown = page.evaluate(
        """() => [...document.querySelectorAll('figure img')].map(
            i => [i.getAttribute('src').split('#')[1], i.checkVisibility(), i.naturalWidth > 0])"""
    )
    captions = page.locator("figure figcaption").count()
    if name in CHAPTERS:
        assert len(shown) > 3
    faults = [] if captions == page.locator("figure").count() else ["a figure without caption"]
    wrong = [i for i in shown if i != [i[0], i[0] == f"only-{scheme}", True]]
    return [*faults, *(f"figure in {scheme}, {i}: seen and loaded" for i in wrong)]


def axe(page, scheme):
    # The palette changes colours alone, so the second look asks for nothing else.
    rules = "{}" if scheme == "light" else "{runOnly: ['color-contrast']}"
    return [
        (scheme, v["id"], v["help"], len(v["nodes"]), [n["html"][:160] for n in v["nodes"][:3]])
        for v in page.evaluate(f"async () => (await axe.run(document, {rules})).violations")
        if v["impact"] in ("serious", "critical")
    ]


def test_axe_would_find_something(visit):
    page = visit().open("index.html")
    page.evaluate("document.querySelector('.md-content img').removeAttribute('alt')")
    page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run(document)).violations")
    assert "image-alt" in [v["id"] for v in found]


def test_axe_would_find_a_pale_word_in_code_that_was_thinned_out(visit):
    page = visit(reduced_motion="reduce").open("chapters/neuron.html")
    page.add_style_tag(content=".highlight .kn { color: #eee !important; }")
    page.evaluate(THIN_OUT)
    page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run(document)).violations")
    assert "color-contrast" in [v["id"] for v in found]


@each_page
def test_links_and_anchors_lead_somewhere(site, name):
    soup = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
    lost = []
    for tag in soup.select("a[href], link[href], script[src], img[src]"):
        address = tag.get("href") or tag.get("src")
        if urlparse(address).scheme or address.startswith("//"):
            continue
        path, fragment = urldefrag(urljoin("/" + name, address))
        target = site / unquote(path).lstrip("/")
        if target.is_dir():
            target = target / "index.html"
        if not target.is_file() or (
            fragment and target.suffix == ".html" and unquote(fragment) not in ids(target)
        ):
            lost.append(address)
    assert lost == []


@functools.cache
def ids(path):
    """The anchors of a page."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return {tag["id"] for tag in soup.select("[id]")} | {"__skip", "only-light", "only-dark"}


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_offers_its_notebook_colab_source_and_edit(site, name):
    soup = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
    links = {
        tag.get("title") or tag.get_text(strip=True): tag["href"] for tag in soup("a", href=True)
    }
    notebook = (site / name).parent / links["Download as notebook"]
    assert json.loads(notebook.read_text(encoding="utf-8"))["nbformat"] == 4
    assert links["Open in Colab"].endswith("/blob/notebooks/" + name.replace(".html", ".ipynb"))
    source = name.replace(".html", ".md")
    buttons = [tag["href"] for tag in soup.select("a.md-content__button[href]")]
    for kind in ("edit", "raw"):
        assert sum(href.endswith(f"/{kind}/main/docs/{source}") for href in buttons) == 1
