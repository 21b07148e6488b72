"""The picture in which one edits the nine numbers of a kernel."""

import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn.datasets import load_sample_image

from nnbook.scratch.filters import KERNELS, correlate2d

pytestmark = pytest.mark.browser

CHAPTER = "chapters/kernels.html"
EDITOR = "document.getElementById('kernel-editor').kernelEditor"


@pytest.fixture
def tab(visit):
    tab = visit()
    tab.page.goto(tab.base + CHAPTER)  # the pictures of the page may come later
    expect(tab.page.locator(".nn-kernel--ready")).to_be_visible()
    return tab


@pytest.fixture
def page(tab):
    return tab.page


def weights(page):
    return page.locator(".nn-kernel__grid input")


def values(page):
    return [weights(page).nth(n).input_value() for n in range(9)]


def shown_map(page):
    return np.array(page.evaluate(f"{EDITOR}.state.map"))


def picture(page, name="photograph"):
    return np.array(page.evaluate(f"{EDITOR}.pictures[{name!r}].pixels"), dtype=float)


def in_words(name):
    return name.replace("sobel", "Sobel").replace("laplacian", "Laplacian").replace("_", " ")


def test_it_begins_with_the_kernel_of_the_lecture_and_the_pixel_of_the_chapter(tab):
    page = tab.page
    assert values(page) == ["-1"] * 4 + ["8"] + ["-1"] * 4
    assert page.locator(".nn-kernel__sum strong").inner_text() == "= 256"
    assert shown_map(page)[26, 50] == 256
    assert tab.complaints == []
    assert tab.strangers == []


def test_the_photograph_is_the_chapters(page):
    gray = load_sample_image("china.jpg").mean(axis=2)[:426]
    photo = np.rint(gray.reshape(213, 2, 320, 2).mean(axis=(1, 3)))
    assert np.array_equal(picture(page), photo[15:79, 70:134])


def test_the_kernels_are_the_packages(page):
    names = page.evaluate(f"Object.keys({EDITOR}.kernels)")
    assert names == [in_words(name) for name in KERNELS]
    for name, kernel in KERNELS.items():
        numbers, divisor = page.evaluate(f"{EDITOR}.kernels[{in_words(name)!r}]")
        assert np.array_equal(np.reshape(numbers, (3, 3)) / divisor, kernel), name


def test_the_named_buttons_give_the_maps_of_correlate2d(page):
    for name, kernel in KERNELS.items():
        button = page.get_by_role("button", name=in_words(name), exact=True)
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        assert page.locator(".nn-kernel__button[aria-pressed=true]").count() == 1
        for kind in ("photograph", "letter", "rings", "one dot"):
            page.get_by_role("radio", name=kind).check()
            expected = correlate2d(picture(page, kind), kernel)
            assert np.array_equal(shown_map(page), expected), f"{name}, {kind}"


def test_a_number_typed_changes_the_map_at_once(page):
    weights(page).first.focus()
    kernel = np.array([[2, -1, 0.5], [-3, 0, 1e1], [0, -0.25, 7]])
    for number in kernel.ravel():
        page.keyboard.press("Control+a")
        page.keyboard.type(f"{number:g}")
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").endswith("divided by")
    page.keyboard.press("Control+a")
    page.keyboard.type("4")
    assert np.array_equal(shown_map(page), correlate2d(picture(page), kernel / 4))
    assert page.locator(".nn-kernel__button[aria-pressed=true]").count() == 0
    expect(page.locator(".nn-kernel__note")).to_contain_text("add up to 3.81")


def drawn(page):
    return page.evaluate(
        """() => { const c = document.querySelectorAll('.nn-kernel canvas')[1];
            return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]; }"""
    )


def test_the_canvas_shows_the_map(page):
    def gray():
        rgba = np.reshape(drawn(page), (62, 62, 4))
        assert (rgba[..., 3] == 255).all()
        assert (rgba[..., 0] == rgba[..., 1]).all()
        return rgba[..., 0]

    page.get_by_role("button", name="identity").click()
    assert np.array_equal(gray(), picture(page)[1:-1, 1:-1])
    page.get_by_role("button", name="Sobel x").click()
    answer = shown_map(page)
    reach = np.abs(answer).max()
    assert np.abs(gray() - 255 * (answer / reach + 1) / 2).max() <= 0.51
    page.get_by_role("button", name="sharpen").click()
    assert np.array_equal(gray(), np.clip(shown_map(page), 0, 255))
    page.get_by_role("button", name="identity").click()
    weights(page).nth(4).fill("-1")
    assert np.array_equal(gray(), 255 - picture(page)[1:-1, 1:-1]), "this should be a negative"


@pytest.mark.parametrize("bad", ["", "e", "-", "5000", "1e999"])
def test_what_is_no_number_keeps_the_map_and_says_so(page, bad):
    before = shown_map(page)
    field = weights(page).nth(5)
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(bad)  # at once: 500 on the way to 5000 would be a number
    expect(field).to_have_attribute("aria-invalid", "true")
    error = page.locator(".nn-kernel__error")
    expect(error).to_contain_text("Weight in row 2, column 3")
    expect(page.locator(".nn-kernel__status")).to_contain_text("Weight in row 2, column 3")
    assert np.array_equal(shown_map(page), before)
    page.keyboard.press("Control+a")
    page.keyboard.type("3")
    expect(error).to_be_hidden()
    assert field.get_attribute("aria-invalid") is None
    assert not np.array_equal(shown_map(page), before)


def test_nothing_is_divided_by_zero(page):
    before = shown_map(page)
    divisor = page.get_by_label("divided by")
    divisor.fill("0")
    expect(page.locator(".nn-kernel__error")).to_contain_text("not 0")
    assert np.array_equal(shown_map(page), before)
    page.get_by_role("button", name="blur").click()
    expect(page.locator(".nn-kernel__error")).to_be_hidden()
    assert divisor.input_value() == "16"


def test_turning_it_shows_that_the_map_of_a_dot_is_the_kernel_upside_down(page):
    page.get_by_role("radio", name="one dot").check()
    for n in range(9):
        weights(page).nth(n).fill(str(n + 1))
    upside_down = shown_map(page)[3:6, 3:6] / 255
    assert np.array_equal(upside_down, np.arange(9, 0, -1).reshape(3, 3))
    page.get_by_role("button", name="turn by 180°").click()
    assert values(page) == [str(n) for n in range(9, 0, -1)]
    assert np.array_equal(shown_map(page)[3:6, 3:6] / 255, np.arange(1, 10).reshape(3, 3))


def test_the_arrow_keys_spell_out_another_pixel(page):
    feature_map = page.get_by_role("application", name="Feature map")
    feature_map.focus()
    for key in ("ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    written = page.locator(".nn-kernel__sum").inner_text()
    expected = shown_map(page)[27, 48]
    assert "row 28, column 49" in written
    assert f"= {expected:g}".replace("-", "−") in written
    window = picture(page)[27:30, 48:51].astype(int)
    assert all(f"· {pixel}" in written for pixel in window.ravel())
    expect(page.locator(".nn-kernel__status")).to_contain_text("Row 28, column 49")
    for _ in range(70):
        page.keyboard.press("ArrowRight")
    assert "column 62" in page.locator(".nn-kernel__sum").inner_text()


def test_the_pointer_picks_a_pixel(page):
    screen = page.locator(".nn-kernel__screen").first
    screen.scroll_into_view_if_needed()
    box = screen.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 10.5 / 64, box["y"] + box["height"] * 20.5 / 64)
    assert "row 20, column 10" in page.locator(".nn-kernel__sum").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone(visit, scheme):
    tab = visit(scheme, width=375)
    page = tab.page
    page.goto(tab.base + CHAPTER)
    page.get_by_role("button", name="blur").click()
    assert page.evaluate("document.scrollingElement.scrollWidth") == 375
    for part in page.locator(".nn-kernel :is(input, button, canvas)").all():
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 375
    lines = page.locator(".nn-kernel__sum span").all()
    assert max(line.bounding_box()["height"] for line in lines) < 30, "a line is broken"


def test_without_javascript_it_says_what_would_be_here(visit):
    tab = visit(java_script_enabled=False)
    tab.page.goto(tab.base + CHAPTER)
    expect(tab.page.locator("#kernel-editor")).to_contain_text("It needs JavaScript")


def test_it_works_from_disk(browser, site):
    page = browser.new_page()
    page.goto((site / "chapters" / "kernels.html").as_uri())
    page.get_by_role("button", name="Laplacian").click()
    assert np.array_equal(shown_map(page), correlate2d(picture(page), KERNELS["laplacian"]))
    page.close()
