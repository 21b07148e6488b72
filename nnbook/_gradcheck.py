r"""Central differences: what a gradient must be, found without any calculus.

Both checks of gradients stand on this: $\partial f / \partial x \approx (f(x + \varepsilon) - f(x -
\varepsilon)) / 2 \varepsilon$, with an error of the order of $\varepsilon^2$.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook._nested import leaves, pairs

Array = NDArray[Any]
SHOWN = 10


class GradientError(AssertionError):
    """A gradient that disagrees with its central differences; the message says where.

    Examples:
        >>> raise GradientError("by weight at (0, 1): backward says 2, differences say 1")
        Traceback (most recent call last):
        nnbook._gradcheck.GradientError: by weight at (0, 1): backward says 2, differences say 1
    """


@dataclass(frozen=True)
class GradientReport:
    """What was compared, and agreed.

    Attributes:
        checked: How many single derivatives.
        worst: The largest disagreement, as a fraction of what is tolerated.
        names: The inputs and parameters that they belong to.

    Examples:
        >>> GradientReport(6, 0.01, ("x", "weight"))
        GradientReport(6 derivatives agree, by x, weight)
    """

    checked: int
    worst: float
    names: tuple[str, ...]

    def __repr__(self) -> str:
        return f"GradientReport({self.checked} derivatives agree, by {', '.join(self.names)})"


@dataclass
class Claim:
    """An array that can be changed in place, and what is claimed of the gradient by it."""

    name: str
    values: Array
    gradient: Array | None  # None claims that nothing depends on it

    def at(self, index: tuple[Any, ...]) -> float | None:
        """What is claimed of one entry."""
        return None if self.gradient is None else float(self.gradient[index])

    def beside(self, found: float, index: tuple[Any, ...]) -> str:
        """The claim and the difference, next to one another."""
        place = f" at {tuple(map(int, index))}" if index else ""
        claimed = self.at(index)
        says = "None" if claimed is None else f"{claimed:.10g}"
        return f"by {self.name}{place}: backward says {says}, differences say {found:.10g}"


@dataclass(frozen=True)
class Tolerance:
    """How differences are taken, and how far they may be off."""

    eps: float
    rtol: float
    atol: float
    max_entries: int | None

    def excess(self, claimed: float, found: float) -> float:
        """The disagreement as a fraction of what is tolerated; infinite if it is not a number."""
        ratio = abs(claimed - found) / (self.atol + self.rtol * abs(found))
        return ratio if math.isfinite(ratio) else math.inf


def claims_on_inputs(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    answer: tuple[Any, ...],
    as_array: Callable[[Any], Array | None],
) -> Iterator[Claim]:
    """One claim for each float array among the arguments, nested ones too.

    By a `target` for which there is no answer there is nothing to check: losses need none.
    """
    names = _argument_names(function)
    for i, argument in enumerate(arguments):
        claimed = answer[i] if i < len(answer) else None
        name = names[i] if i < len(names) else f"input {i}"
        if name == "target" and claimed is None:
            continue
        for path, value, gradient in pairs(argument, claimed, name):
            values = as_array(value)
            if values is not None:
                yield Claim(path, values, None if gradient is None else np.asarray(gradient))


def _argument_names(function: Callable[..., Any]) -> list[str]:
    try:
        found = inspect.signature(function).parameters.values()
    except ValueError:  # compiled functions may keep theirs to themselves
        return []
    return [p.name for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def weights_in_a_row(what: str, weights: Any) -> list[Any]:
    """The weights of those outputs that have a derivative, in a row."""
    found = [w for _, w in leaves(weights, "") if w is not None]
    if not found:
        raise ValueError(f"{what} has no float output")
    return found


def check_claims(
    what: str,
    claims: Iterable[Claim],
    outputs: Callable[[], list[Array]],
    projection: list[Array],
    tolerance: Tolerance,
    rng: np.random.Generator,
) -> GradientReport:
    """Compare every claim with differences of the outputs' projection on fixed random numbers."""
    claims = list(claims)
    if not claims:
        raise ValueError(f"{what} has no float input or parameter")
    rows: list[tuple[float, str]] = []
    for claim in claims:
        _same_shape(what, claim)
        for index in _entries(claim.values.shape, tolerance.max_entries, rng):
            found = _difference(claim.values, index, outputs, projection, tolerance.eps)
            excess = tolerance.excess(claim.at(index) or 0.0, found)
            rows.append((excess, claim.beside(found, index)))
    _complain(what, [row for row in rows if row[0] > 1], len(rows))
    worst = max((excess for excess, _ in rows), default=0.0)
    return GradientReport(len(rows), worst, tuple(claim.name for claim in claims))


def _same_shape(what: str, claim: Claim) -> None:
    shape = claim.values.shape
    if claim.gradient is not None and np.shape(claim.gradient) != shape:
        raise GradientError(
            f"{what}: the gradient by {claim.name} has shape {np.shape(claim.gradient)}; "
            f"{claim.name} itself has {shape}"
        )


def _difference(
    values: Array,
    index: tuple[Any, ...],
    outputs: Callable[[], list[Array]],
    projection: list[Array],
    eps: float,
) -> float:
    before = values[index].copy()
    sides = []
    try:
        for step in (eps, -eps):
            values[index] = before + step
            sides.append((values[index].copy(), outputs()))
    finally:
        values[index] = before
    (high, above), (low, below) = sides
    # The outputs are subtracted one by one before they are summed: large ones lose no digits.
    change = sum(
        float(np.sum(p * (a - b))) for p, a, b in zip(projection, above, below, strict=True)
    )
    return change / float(high - low)  # the step as it was rounded, not as it was meant


def _entries(
    shape: tuple[int, ...], most: int | None, rng: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    size = math.prod(shape)
    if most is None or size <= most:
        yield from np.ndindex(shape)
    else:
        for flat in np.sort(rng.choice(size, most, replace=False)):
            yield tuple(np.unravel_index(flat, shape))


def _complain(what: str, wrong: list[tuple[float, str]], checked: int) -> None:
    if not wrong:
        return
    wrong.sort(key=lambda row: -row[0])  # the worst first
    lines = [f"{what}: {len(wrong)} of {checked} derivatives disagree, the worst first"]
    lines += [text for _, text in islice(wrong, SHOWN)]
    if len(wrong) > SHOWN:
        lines.append(f"... and {len(wrong) - SHOWN} more")
    raise GradientError("\n  ".join(lines))
