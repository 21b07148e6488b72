"""Compare what a snippet printed with its page: text exactly, numbers to the digits shown."""

import difflib
import re
from fractions import Fraction

# No number is what continues as a word or a version (3.5s, 1.2.3), nor what no float reaches.
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d{1,3})?(?!\w|\.\d)")


def same(shown: str, printed: str) -> bool:
    """Whether `printed` is `shown`, a number counting as equal if it rounds to the digits shown.

    >>> same("loss 0.507", "loss 0.50650")
    True
    >>> same("loss 0.507", "loss 0.508")
    False
    >>> same("2 steps", "2.0 steps")
    False
    """
    shown, printed = tidy(shown), tidy(printed)
    if shown == printed:
        return True
    if _NUMBER.sub("0", shown) != _NUMBER.sub("0", printed):
        return False
    pairs = zip(_NUMBER.findall(shown), _NUMBER.findall(printed), strict=True)
    return all(same_number(a, b) for a, b in pairs)


def same_number(shown: str, printed: str) -> bool:
    """Whether `printed` is `shown`, or rounds to it with more decimals; only a zero loses its sign.

    >>> same_number("0.5", "0.549"), same_number("0.50", "0.51"), same_number("-0.00", "0.00")
    (True, False, True)
    """
    digits = shown.lstrip("+-")
    if shown == printed:
        return True
    if "." not in shown:
        return False
    if digits == printed.lstrip("+-"):
        return not digits.strip("0.")
    if decimals(shown) >= decimals(printed):
        return False
    if "e" in shown.lower() and "e" not in printed.lower():
        return False
    if (shown[0] == "+") != (printed[0] == "+"):
        return False
    step = Fraction(10) ** (exponent(shown) - decimals(shown))
    return 2 * abs(Fraction(shown) - Fraction(printed)) <= step


def decimals(number: str) -> int:
    """How many digits stand behind the point."""
    return len(re.split(r"[eE]", number)[0].partition(".")[2])


def exponent(number: str) -> int:
    """The power of ten behind the e, or 0."""
    mantissa_and_power = re.split(r"[eE]", number)
    return int(mantissa_and_power[1]) if len(mantissa_and_power) == 2 else 0


def tidy(text: str) -> str:
    """Text without trailing blanks, which no reader sees."""
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))


def diff(shown: str, printed: str) -> str:
    """A unified diff from what the page shows to what the snippet printed."""
    lines = difflib.unified_diff(
        tidy(shown).split("\n"),
        tidy(printed).split("\n"),
        "the page shows",
        "the snippet printed",
        lineterm="",
    )
    return "\n".join(lines)
