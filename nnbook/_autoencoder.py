"""What autoencoders in NumPy and in PyTorch have in common: checks, and angles of subspaces."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.nn._checks import fraction, one_of, positive

Array = NDArray[Any]

CORRUPTIONS = ("masking", "gaussian")
PENALTIES = ("l1", "kl")


def principal_angles(a: ArrayLike, b: ArrayLike) -> Array:
    r"""The angles between two subspaces, the smallest first, in radians.

    The first is the smallest that a direction in the one can make with a direction in the other;
    the next is the smallest that is left at right angles to these two, and so on. All are 0 if and
    only if one subspace lies in the other. With orthonormal bases $\mathbf{Q}_a$ and
    $\mathbf{Q}_b$ their cosines are the singular values of $\mathbf{Q}_a^\top \mathbf{Q}_b$. A
    cosine near 1 has lost the digits of a small angle, so small angles come from the sines, the
    singular values of $\mathbf{Q}_b - \mathbf{Q}_a \mathbf{Q}_a^\top \mathbf{Q}_b$.

    Source: Björck and Golub (1973), Numerical methods for computing angles between linear
    subspaces, Mathematics of Computation 27.

    Args:
        a: Columns that span a subspace, (n, k); they need be neither orthogonal nor of length 1.
        b: Columns that span another, (n, m).

    Returns:
        min(k, m) angles.

    Raises:
        ValueError: If the columns do not have the same length, or those of one matrix depend on
            one another.

    Examples:
        >>> floor = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]  # it is spanned by x and y
        >>> tilted = [[2.0, 0.0], [0.0, 1.0], [0.0, 1.0]]  # by x, and half way up from y
        >>> np.degrees(principal_angles(floor, tilted)).round(6)
        array([ 0., 45.])
    """
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if first.ndim != 2 or second.ndim != 2 or len(first) != len(second):
        raise ValueError(
            f"a has shape {first.shape} and b {second.shape}; expected (n, k) and (n, m)"
        )
    if first.shape[1] < second.shape[1]:
        first, second = second, first
    q, p = _basis(first), _basis(second)
    cosines = np.linalg.svd(q.T @ p, compute_uv=False)  # the largest first
    sines = np.linalg.svd(p - q @ (q.T @ p), compute_uv=False)[::-1]  # the smallest first
    small = cosines**2 > 0.5
    angles: Array = np.where(small, np.arcsin(sines.clip(0, 1)), np.arccos(cosines.clip(0, 1)))
    return angles


def _basis(columns: Array) -> Array:
    """An orthonormal basis of what the columns span."""
    left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    count = columns.shape[1]
    rank = int((sizes > sizes.max(initial=0) * max(columns.shape) * np.finfo(float).eps).sum())
    if rank < count or count == 0:
        raise ValueError(f"{count} columns span only {rank} dimensions: they depend on one another")
    return left


def halvings(size: int, channels: Sequence[int]) -> int:
    """The side of a picture after one halving for each number of channels."""
    if not len(channels):
        raise ValueError("channels is empty; name the number of maps of one layer at least")
    positive(size=size, **{f"channels[{i}]": c for i, c in enumerate(channels)})
    if size % 2 ** len(channels):
        raise ValueError(
            f"size is {size}; {len(channels)} layers that halve it need a multiple of "
            f"{2 ** len(channels)}"
        )
    return int(size // 2 ** len(channels))


def check_sizes(sizes: Sequence[int]) -> None:
    """Inputs and a code."""
    if len(sizes) < 2:
        raise ValueError(f"sizes is {tuple(sizes)}; an autoencoder has inputs and a code at least")
    positive(**{f"sizes[{i}]": size for i, size in enumerate(sizes)})


def check_corruption(kind: str, amount: float) -> None:
    """A kind of noise, and how much of it."""
    one_of("kind", kind, CORRUPTIONS)
    if kind == "masking":
        fraction("amount", amount)
    check_number("amount", amount)


def check_number(name: str, value: float, positive: bool = False) -> None:
    """A finite number, not negative."""
    if not (math.isfinite(value) and value >= 0 and not (positive and value == 0)):
        what = "positive" if positive else "not negative"
        raise ValueError(f"{name} is {value}; it must be a finite number, {what}")


def check_penalty(kind: str, target: float) -> None:
    """A kind of penalty, and the mean answer that it asks for."""
    one_of("kind", kind, PENALTIES)
    if not 0 < target < 1:
        raise ValueError(f"target is {target}; it must lie between 0 and 1")


def check_code(shape: Sequence[int]) -> None:
    """A code for each example."""
    if len(shape) != 2 or shape[0] == 0:
        raise ValueError(f"code has shape {tuple(shape)}; expected (N, units), N at least 1")


def check_shares(lowest: float, highest: float) -> None:
    """Answers between 0 and 1; what is no number at all may pass, as everywhere."""
    if lowest < 0 or highest > 1:
        raise ValueError(
            f"code goes from {lowest:.3g} to {highest:.3g}; the divergence takes numbers between "
            "0 and 1, as sigmoids answer"
        )


def check_same(**shapes: Sequence[int]) -> None:
    """Two arrays of one shape, with an example at least."""
    (one, first), (other, second) = shapes.items()
    if tuple(first) != tuple(second):
        raise ValueError(f"{one} has shape {tuple(first)}; {other} has {tuple(second)}")
    if not len(first) or first[0] == 0:
        raise ValueError(f"{one} has no examples")


def pixels(shape: Sequence[int]) -> int:
    """How many numbers one example has."""
    return math.prod(shape[1:])
