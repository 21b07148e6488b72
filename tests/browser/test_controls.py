"""What a reader can do with the site: each control, by mouse and by keyboard."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CHAPTER = "chapters/perceptron.html"
FILM = "figure.weave-film"


def test_the_palette_toggles_and_stays(visit):
    tab = visit("light")
    page = tab.open(CHAPTER)
    light = page.locator("figure img[src$='#only-light']").first
    dark = page.locator("figure img[src$='#only-dark']").first
    assert light.is_visible()
    for _ in range(3):
        if page.locator("body").get_attribute("data-md-color-scheme") == "slate":
            break
        page.locator("form.md-header__option label:visible").first.click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    expect(dark).to_be_visible()
    expect(light).to_be_hidden()
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def test_tabs_are_linked_across_the_page_and_remembered(visit):
    tab = visit()
    page = tab.open("chapters/activations.html")
    torches = page.locator(".tabbed-labels label:has-text('PyTorch')")
    assert torches.count() >= 2
    torches.first.click()
    inputs = page.locator(".tabbed-set > input:nth-of-type(2)")
    for i in range(inputs.count()):
        expect(inputs.nth(i)).to_be_checked()
    page.reload()
    expect(page.locator(".tabbed-set > input:nth-of-type(2)").first).to_be_checked()


def test_search_finds_the_perceptron(visit):
    tab = visit()
    page = tab.open("index.html")
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").type("perceptron")
    results = page.locator(".md-search-result__item a")
    expect(results.first).to_be_visible(timeout=15_000)
    assert "perceptron" in results.first.inner_text().lower()
    results.first.click()
    page.wait_for_url("**/*perceptron*")
    assert tab.complaints == []
    assert tab.strangers == []


def test_code_can_be_copied(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"]).open(CHAPTER)
    block = page.locator(".highlight:has(button)").first
    block.hover()
    block.locator("button").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "def train" in copied


def frame(page):
    return page.locator(f"{FILM} img[src$='#only-light']").first.get_attribute("src")


def test_the_film_is_still_until_it_is_played(visit):
    page = visit().open(CHAPTER)
    film = page.locator(FILM).first
    assert film.locator(".nn-film__label").inner_text() == "frame 18 of 18"
    before = frame(page)
    page.wait_for_timeout(900)
    assert frame(page) == before


def test_the_film_plays_and_steps_by_keyboard(visit):
    tab = visit()
    page = tab.open(CHAPTER)
    film = page.locator(FILM).first
    last = frame(page)
    film.get_by_role("button", name="Previous frame").focus()
    page.keyboard.press("Enter")
    assert "frame016" in frame(page) != last
    film.get_by_role("button", name="Next frame").focus()
    page.keyboard.press("Enter")
    assert frame(page) == last
    film.get_by_role("slider").focus()
    page.keyboard.press("Home")
    assert "frame000" in frame(page)
    film.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    expect(film.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function(
        "document.querySelector('figure.weave-film img').src.match(/frame00[2-9]/)"
    )
    page.keyboard.press("Enter")
    stopped = frame(page)
    page.wait_for_timeout(900)
    assert frame(page) == stopped
    assert tab.complaints == []


def test_the_film_follows_the_palette(visit):
    page = visit("dark").open("index.html")
    film = page.locator(FILM).first
    film.get_by_role("button", name="Previous frame").click()
    shown = [i for i in film.locator("img").all() if i.is_visible()]
    assert len(shown) == 1
    assert shown[0].get_attribute("src").endswith("frame015-dark.svg#only-dark")


def test_the_keyboard_reaches_the_page_and_shows_where_it_is(visit):
    page = visit().open(CHAPTER)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('md-skip')")
    outlined = 0
    for _ in range(12):
        page.keyboard.press("Tab")
        outlined += page.evaluate(
            """() => { const s = getComputedStyle(document.activeElement);
                return s.outlineStyle !== 'none' || s.boxShadow !== 'none' ? 1 : 0; }"""
        )
    assert outlined >= 8


def test_glossary_terms_have_tooltips(visit):
    page = visit().open(CHAPTER)
    term = page.locator("abbr.nn-term").first
    words = term.inner_text()
    term.hover()
    tip = page.locator(".md-tooltip2--active, .md-tooltip--active").first
    expect(tip).to_be_visible()
    assert len(tip.inner_text()) > len(words)
    texts = page.locator("abbr.nn-term").all_inner_texts()
    assert len(texts) == len({t.lower() for t in texts}), "a term is marked twice"


def test_exercises_open_by_keyboard(visit):
    page = visit().open(CHAPTER)
    summary = page.locator("details.success > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.success").first).to_have_attribute("open", "")


def test_print_opens_the_solutions_and_drops_the_chrome(visit):
    page = visit().open(CHAPTER)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details:not([open])").count() == 0
    assert not page.locator(".md-header").is_visible()
    assert not page.locator(".md-sidebar--primary").is_visible()


def test_the_site_opens_from_disk(browser, site):
    page = browser.new_page()
    page.set_default_timeout(20_000)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((site / "chapters" / "neuron.html").as_uri())
    expect(page.locator(".katex").first).to_be_visible()
    page.locator("figure img").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('figure img').naturalWidth > 0")
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").type("perceptron")
    expect(page.locator(".md-search-result__item a").first).to_be_visible(timeout=15_000)
    assert complaints == []
    page.close()


def test_a_page_that_is_not_there_says_so(visit):
    tab = visit()
    response = tab.page.goto(tab.base + "no/such/page.html")
    assert response.status == 404
