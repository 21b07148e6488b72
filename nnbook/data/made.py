"""Data sets made by geometry: six in the plane, after the TensorFlow Playground.

Source of the shapes: Smilkov and Carter (2016), TensorFlow Playground. `circle`, `xor`, `gauss`
and `spiral` have two classes, 0 and 1, as even in number as n allows; `plane` and `multi_gauss`
have targets from -1 to 1. The inputs lie within about 6 of the origin.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook._rng import as_generator
from nnbook.data.dataset import Dataset

Array = NDArray[Any]
Seed = int | np.random.Generator

_FEATURES = ("x1", "x2")
_RADIUS = 5.0
_BUMPS = np.array(  # centre x1, centre x2, sign
    [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
)


def circle(n: int = 200, *, noise: float = 0.0, rng: Seed = 0) -> Dataset:
    """A disc (class 1) within a ring (class 0).

    Args:
        n: The number of examples.
        noise: The largest shift of a point along each axis, as a fraction of the outer radius.
        rng: A seed, or a NumPy generator.

    Examples:
        >>> circle(100)
        Dataset(100 examples, 2 features, classes: ring, disc)
    """
    rng, y = _start(n, noise, rng)
    radius = np.where(y == 1, rng.uniform(0, 0.5, n), rng.uniform(0.7, 1, n)) * _RADIUS
    angle = rng.uniform(0, 2 * math.pi, n)
    x = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)  # (n, 2)
    x += rng.uniform(-_RADIUS, _RADIUS, (n, 2)) * noise
    return Dataset(x, y, _FEATURES, ("ring", "disc"))


def xor(n: int = 200, *, noise: float = 0.0, rng: Seed = 0) -> Dataset:
    """Four square blocks: class 1 where both inputs have the same sign, class 0 elsewhere.

    Args:
        n: The number of examples.
        noise: The largest shift of a point along each axis, as a fraction of 5.
        rng: A seed, or a NumPy generator.

    Examples:
        >>> x, y = xor(100)
        >>> bool(((x[:, 0] * x[:, 1] >= 0) == (y == 1)).all())
        True
    """
    rng, y = _start(n, noise, rng)
    size = rng.uniform(0, _RADIUS, (n, 2)) + 0.3  # a corridor along both axes
    sign = rng.choice([-1.0, 1.0], n)
    x = size * np.stack([sign, np.where(y == 1, sign, -sign)], axis=1)  # (n, 2)
    x += rng.uniform(-_RADIUS, _RADIUS, (n, 2)) * noise
    return Dataset(x, y, _FEATURES, ("different", "same"))


def gauss(n: int = 200, *, noise: float = 0.0, rng: Seed = 0) -> Dataset:
    """Two round clouds, around (2, 2) (class 1) and around (-2, -2) (class 0).

    Args:
        n: The number of examples.
        noise: From 0 to 0.5 the variance of the clouds grows from 0.5 to 4, and on at that rate.
        rng: A seed, or a NumPy generator.

    Examples:
        >>> x, y = gauss(1000)
        >>> bool(np.allclose(x[y == 1].mean(axis=0), 2, atol=0.1))
        True
    """
    rng, y = _start(n, noise, rng)
    deviation = math.sqrt(0.5 + 7 * noise)
    x = np.where(y == 1, 2.0, -2.0)[:, None] + rng.normal(0, deviation, (n, 2))
    return Dataset(x, y, _FEATURES, ("lower", "upper"))


def spiral(n: int = 200, *, noise: float = 0.0, rng: Seed = 0) -> Dataset:
    """Two spiral arms of 1.75 turns, wound into one another.

    Args:
        n: The number of examples.
        noise: The largest shift of a point along each axis.
        rng: A seed, or a NumPy generator.

    Examples:
        >>> spiral(100).x.shape
        (100, 2)
    """
    rng, y = _start(n, noise, rng)
    along = np.arange(n) // 2 / max((n + 1) // 2, 1)  # 0 at the centre, toward 1 at the end
    angle = 1.75 * 2 * math.pi * along + math.pi * (y == 0)
    x = _RADIUS * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)  # (n, 2)
    x += rng.uniform(-1, 1, (n, 2)) * noise
    return Dataset(x, y, _FEATURES, ("arm 0", "arm 1"))


def plane(n: int = 200, *, noise: float = 0.0, rng: Seed = 0) -> Dataset:
    """Regression: a slope, y = (x1 + x2) / 10 cut off at -1 and 1.

    Args:
        n: The number of examples.
        noise: The largest shift of a point along each axis, as a fraction of 6; y keeps the
            value of the unshifted point.
        rng: A seed, or a NumPy generator.

    Examples:
        >>> x, y = plane(100)
        >>> bool(np.allclose(y, np.clip(x.sum(axis=1) / 10, -1, 1)))
        True
    """
    rng, _ = _start(n, noise, rng)
    x = rng.uniform(-6, 6, (n, 2))
    y = np.clip(x.sum(axis=1) / 10, -1, 1)
    return Dataset(x + rng.uniform(-6, 6, (n, 2)) * noise, y, _FEATURES)


def multi_gauss(n: int = 200, *, noise: float = 0.0, rng: Seed = 0) -> Dataset:
    """Regression: six hills and valleys, each falling from height 1 to 0 over a distance of 2.

    Args:
        n: The number of examples.
        noise: The largest shift of a point along each axis, as a fraction of 6; y keeps the
            value of the unshifted point.
        rng: A seed, or a NumPy generator.

    Examples:
        >>> x, y = multi_gauss(100)
        >>> bool(np.abs(y).max() <= 1)
        True
    """
    rng, _ = _start(n, noise, rng)
    x = rng.uniform(-6, 6, (n, 2))
    distance = np.linalg.norm(x[:, None] - _BUMPS[:, :2], axis=2)  # (n, 1, 2) - (6, 2) -> (n, 6)
    height = _BUMPS[:, 2] * np.clip(1 - distance / 2, 0, 1)  # (n, 6)
    y = height[np.arange(n), np.abs(height).argmax(axis=1)]  # of several bumps the higher counts
    return Dataset(x + rng.uniform(-6, 6, (n, 2)) * noise, y, _FEATURES)


def _start(n: int, noise: float, rng: Seed) -> tuple[np.random.Generator, Array]:
    """Check the arguments; a generator, and class labels that alternate."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"n is {n!r}; it must be a whole number")
    if n < 0:
        raise ValueError(f"n is {n}; it must not be negative")
    if not (math.isfinite(noise) and noise >= 0):
        raise ValueError(f"noise is {noise}; it must be a finite number, not negative")
    return as_generator(rng), (np.arange(n) % 2 == 0).astype(np.int64)
