"""When a printed text counts as the text shown: numbers to the digits shown, all else exactly."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from weave.compare import diff, same

NUMBERS = st.decimals(-(10**6), 10**6, places=9, allow_nan=False, allow_infinity=False)
PLACES = st.integers(0, 8)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=20)


@given(NUMBERS, PLACES, PLACES)
def test_a_number_counts_if_it_rounds_to_the_decimals_shown(x, fewer, more):
    fewer, more = sorted((fewer, more))
    assume(fewer > 0)
    shown, printed = f"loss {x:.{fewer}f}!", f"loss {x:.{more}f}!"
    assert same(shown, printed)
    assert same(printed, shown) == (fewer == more)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 15), st.integers(1, 15))
def test_a_number_with_an_exponent_counts_if_it_rounds_to_the_digits_shown(x, fewer, more):
    fewer, more = sorted((fewer, more))
    assert same(f"{x:.{fewer}e}", f"{x:.{more}e}")


@given(NUMBERS, NUMBERS, PLACES, PLACES)
def test_a_number_that_does_not_round_to_the_one_shown_is_refused(x, y, fewer, more):
    fewer, more = sorted((fewer, more))
    shown, printed = f"{x:.{fewer}f}", f"{y:.{more}f}"
    within = abs(float(shown) - float(printed)) <= 0.5 * 10.0**-fewer * (1 + 1e-6)
    if not within and float(shown) != float(printed):
        assert not same(shown, printed)


@given(st.integers(), st.integers())
def test_integers_are_exact(a, b):
    assert same(f"n = {a}", f"n = {b}") == (a == b)


@given(st.integers(10**15, 10**30), st.integers(1, 1000))
def test_integers_beyond_a_float_are_exact(a, step):
    assert not same(str(a), str(a + step))


@given(TEXTS, TEXTS)
def test_texts_without_digits_are_the_same_only_if_they_look_the_same(a, b):
    assume(not any(c.isdigit() for c in a + b))

    def looks(text):
        return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))

    assert same(a, a)
    assert same(a, b) == (looks(a) == looks(b))


@given(st.lists(NUMBERS, min_size=1, max_size=4), st.data())
def test_one_changed_digit_is_refused(numbers, data):
    text = " ".join(f"{x:.4f}" for x in numbers)
    at = data.draw(st.sampled_from([i for i, c in enumerate(text) if c.isdigit()]))
    other = data.draw(st.sampled_from("0123456789"))
    changed = text[:at] + other + text[at + 1 :]
    assert same(text, changed) == (other == text[at])


@given(TEXTS, st.text(" \t\n", max_size=5))
def test_trailing_blanks_do_not_count(text, blanks):
    assert same(text, text + blanks)
    assert same(f"a\nb{blanks}", "a\nb")
    assert same(f"a  \nb{blanks}", "a\t\nb")


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("0.507", "0.50650"),
        ("-0.00", "0.00"),
        ("0.00", "-0.001"),
        ("0.0", "1.23e-17"),
        ("1.0e3", "9.96e2"),
        ("[1. 2.5]", "[1. 2.5]"),
        ("(0.5, 1.25)", "(0.503, 1.2517)"),
        ("nan inf -inf", "nan inf -inf"),
        ("loss 0.5.", "loss 0.51."),
        ("50.1%", "50.12%"),
        ("1,234.5", "1,234.52"),
        ("x=0.5,", "x=0.52,"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.52"),
        ("1.5e999", "1.5e999"),
        ("1.5e99999999999", "1.5e99999999999"),
    ],
)
def test_these_are_the_same(shown, printed):
    assert same(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("0.507", "0.508"),
        ("0.50", "0.51"),
        ("0.5", "0.56"),
        ("0.50", "0.5"),
        ("0.500", "0.50"),
        ("1", "1.0"),
        ("2 steps", "2.0 steps"),
        ("1", "1.2"),
        ("1e5", "100000"),
        ("1.0e5", "100000.00"),
        ("007", "7"),
        ("+1", "1"),
        ("+0.5", "0.52"),
        ("0.5", "+0.52"),
        ("0.5", "-0.52"),
        ("-0", "0"),
        ("1.2.3", "1.25.3"),
        ("v1.2.3", "v1.2.30"),
        ("3.5s", "3.52s"),
        ("10.0.0.1", "10.00.0.1"),
        ("0.12345678901234567", "0.12345678901234568"),
        ("9007199254740992", "9007199254740993"),
        ("1e400", "1e500"),
        ("nan", "inf"),
        ("inf", "1e309"),
        ("-inf", "inf"),
        ("nan", "0.0"),
        ("0x1F", "0x2F"),
        ("a  b", "a b"),
        ("  a", "a"),
        ("a", "\na"),
        ("a\n\nb", "a\nb"),
        ("0.5 0.5", "0.5"),
        ("0.5", "0.5 0.5"),
        ("x1", "x2"),
        ("x_1.5", "x_1.52"),
        ("é", "e\u0301"),
        ("a\u00a0b", "a b"),
        ("½", "¼"),
        ("٣", "٤"),
        ("1.5e4000", "1.51e4000"),
        ("1.5e99999999999", "1.52e99999999999"),
    ],
)
def test_these_are_not_the_same(shown, printed):
    assert not same(shown, printed)


def test_the_diff_leads_from_the_page_to_what_was_printed():
    assert diff("a\nb\n", "a\nc\n").split("\n") == [
        "--- the page shows",
        "+++ the snippet printed",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
    ]
