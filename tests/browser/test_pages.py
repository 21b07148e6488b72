"""Every page of the built site, looked at with a real browser."""

import functools
import itertools
import json
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlparse

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.browser

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


@each_page
def test_a_page_is_sound(visit, name):
    """One visit, many questions: a fresh load for each would take minutes."""
    tab = visit()
    page = tab.open(name)
    faults = [*tab.complaints, *(f"asks another host: {url}" for url in tab.strangers)]
    assert len(tab.hosts) > 5, "the record of requests is not working"
    faults += formulas(page, name) + headings(page) + pictures(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for width in (1440, 768, 375):
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate("document.scrollingElement.scrollWidth")
        if found > width:
            faults.append(f"scrolls sideways at {width}: {found} {page.evaluate(CUT_OFF)}")
    assert faults == []


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


@each_page
def test_axe_finds_nothing_serious(visit, name):
    page = visit().open(name)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.add_script_tag(path=AXE)
    report = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        colours = {"light": "default", "dark": "slate"}[scheme]
        page.wait_for_function(f"document.body.dataset.mdColorScheme === '{colours}'")
        page.wait_for_timeout(350)  # colours that fade from one palette to the other
        # The palette changes colours alone, so the second look asks for nothing else.
        rules = "{}" if scheme == "light" else "{runOnly: ['color-contrast']}"
        for v in page.evaluate(f"async () => (await axe.run(document, {rules})).violations"):
            if v["impact"] in ("serious", "critical"):
                nodes = [n["html"][:160] for n in v["nodes"][:3]]
                report.append((scheme, v["id"], v["help"], len(v["nodes"]), nodes))
    assert report == []


def test_axe_would_find_something(visit):
    page = visit().open("index.html")
    page.evaluate("document.querySelector('.md-content img').removeAttribute('alt')")
    page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run(document)).violations")
    assert "image-alt" in [v["id"] for v in found]


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
def test_figures_are_shown_in_the_palette_of_the_page(visit, name):
    for scheme, other in (("light", "dark"), ("dark", "light")):
        page = visit(scheme).open(name)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for tone, shown in ((scheme, True), (other, False)):
            images = page.locator(f"figure img[src$='#only-{tone}']")
            assert images.count() > 1
            assert all(i.is_visible() == shown for i in images.all())
        broken = page.evaluate(
            "() => [...document.querySelectorAll('figure img')].filter(i => !i.naturalWidth).length"
        )
        assert broken == 0
        assert page.locator("figure").count() == page.locator("figure figcaption").count()


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_offers_its_notebook_colab_source_and_edit(visit, site, name):
    page = visit().open(name)
    notebook = page.get_by_role("link", name="Download as notebook").get_attribute("href")
    book = json.loads((site / name).parent.joinpath(notebook).read_text(encoding="utf-8"))
    assert book["nbformat"] == 4
    colab = page.get_by_role("link", name="Open in Colab").get_attribute("href")
    assert colab.endswith("/blob/notebooks/" + name.replace(".html", ".ipynb"))
    source = name.replace(".html", ".md")
    assert page.locator(f"a.md-content__button[href$='/edit/main/docs/{source}']").count() == 1
    assert page.locator(f"a.md-content__button[href$='/raw/main/docs/{source}']").count() == 1
