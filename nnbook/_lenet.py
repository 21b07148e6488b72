"""What both LeNets, in NumPy and in PyTorch, have in common: the tables that were made by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.nn._checks import one_of, whole

Array = NDArray[Any]

A, S = 1.7159, 2 / 3  # of the squashing function A tanh(S a); with them, f(1) = 1 and f(-1) = -1
SUBSAMPLED = 4  # the inputs of a subsampling unit, 2 x 2

# Which maps of S2 each of the 16 maps of C3 looks at: table I of the paper, column by column.
C3_TABLE = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip

# Twelve rows of seven pixels for each digit, side by side: 0 to 4 above, 5 to 9 below.
_BITMAPS = """
.#####. ...##.. .#####. .#####. ....##.
##...## ..###.. ##...## ##...## ...###.
##...## .####.. .....## .....## ...###.
##...## ...##.. .....## .....## ..####.
##...## ...##.. ....##. .....## ..#.##.
##...## ...##.. ...##.. ..####. .##.##.
##...## ...##.. ..##... .....## .#..##.
##...## ...##.. .##.... .....## ##..##.
##...## ...##.. ##..... .....## #######
##...## ...##.. ##..... .....## ....##.
##...## ...##.. ##..... ##...## ....##.
.#####. .###### ####### .#####. ....##.

####### ..####. ####### .#####. .#####.
##..... .##.... .....## ##...## ##...##
##..... ##..... .....## ##...## ##...##
##..... ##..... ....##. ##...## ##...##
######. ##..... ....##. ##...## ##...##
.....## ######. ...##.. .#####. ##...##
.....## ##...## ...##.. ##...## .######
.....## ##...## ..##... ##...## .....##
.....## ##...## ..##... ##...## .....##
.....## ##...## .##.... ##...## .....##
##...## ##...## .##.... ##...## ....##.
.#####. .#####. .##.... .#####. .####..
"""


def codes() -> Array:
    """The ten bitmaps as rows of +1 (ink) and -1 (paper), (10, 84)."""
    above, below = (block.split("\n") for block in _BITMAPS.strip("\n").split("\n\n"))
    rows = [[line.split(" ")[i] for line in half] for half in (above, below) for i in range(5)]
    return np.array([[1.0 if c == "#" else -1.0 for c in "".join(digit)] for digit in rows])


def crosses(table: Sequence[Sequence[int]], in_channels: int) -> Array:
    """The table as truth values, (out, in): does this map look at that one?"""
    if not len(table):
        raise ValueError("the table is empty; it must have a row for each map that goes out")
    found = np.zeros((len(table), in_channels), dtype=bool)
    for o, inputs in enumerate(table):
        whole(**{f"table[{o}][{i}]": m for i, m in enumerate(inputs)})
        strange = [m for m in inputs if not 0 <= m < in_channels]
        if strange or not inputs or len(set(inputs)) < len(inputs):
            raise ValueError(
                f"map {o} of the table looks at {tuple(inputs)}; "
                f"name one of the maps 0 to {in_channels - 1} at least, and each once"
            )
        found[o, list(inputs)] = True
    return found


def uniform(
    fan_in: Any, shape: tuple[int, ...], gain: float, generator: np.random.Generator
) -> Array:
    """The paper's start, uniform within +-gain/fan_in; `fan_in` may differ from row to row."""
    bound = gain / np.reshape(np.asarray(fan_in, dtype=float), (-1, *(1,) * (len(shape) - 1)))
    drawn: Array = generator.uniform(-1.0, 1.0, shape) * bound
    return drawn


def published_start(generator: np.random.Generator) -> dict[str, Array]:
    """All 60,000 parameters of LeNet-5, drawn within +-2.4 / (inputs of the unit)."""
    looks_at = np.array([len(inputs) for inputs in C3_TABLE])  # (16,)
    shapes: dict[str, tuple[Any, Any, tuple[int, ...], int]] = {
        "C1": (25, 25, (6, 1, 5, 5), 6),
        "S2": (SUBSAMPLED, SUBSAMPLED, (6,), 6),
        "C3": (25 * np.repeat(looks_at, looks_at), 25 * looks_at, (60, 5, 5), 16),
        "S4": (SUBSAMPLED, SUBSAMPLED, (16,), 16),
        "C5": (400, 400, (120, 16, 5, 5), 120),
        "F6": (120, 120, (84, 120), 84),
    }
    start: dict[str, Array] = {}
    for name, (fan_in, fan_in_of_bias, shape, biases) in shapes.items():
        start[f"{name}.weight"] = uniform(fan_in, shape, 2.4, generator)
        start[f"{name}.bias"] = uniform(fan_in_of_bias, (biases,), 2.4, generator)
    return start


def check_small(size: int, pooling: str) -> None:
    """A small LeNet halves its images once."""
    whole(size=size)
    if size < 2 or size % 2:
        raise ValueError(f"size is {size}; it must be even, and at least 2")
    one_of("pooling", pooling, ("max", "average", "stride"))


def check_pictures(name: str, shape: tuple[int, ...], size: int) -> None:
    """A batch of gray pictures, of the one size that the network was made for."""
    if len(shape) != 4 or shape[1:] != (1, size, size):
        raise ValueError(f"x has shape {tuple(shape)}; {name} expects (N, 1, {size}, {size})")


def check_maps(shape: tuple[int, ...], channels: int) -> None:
    """Maps, in a batch or alone, as many as there are weights for."""
    if len(shape) not in (3, 4) or shape[-3] != channels:
        one = f"({channels}, H, W)"
        raise ValueError(f"x has shape {tuple(shape)}; the weights expect (N, {one[1:]} or {one}")


def check_codes(shape: tuple[int, ...]) -> None:
    """A code for each class."""
    if len(shape) != 2:
        raise ValueError(f"codes has shape {tuple(shape)}; it must be (classes, features)")


def check_answers(shape: tuple[int, ...], codes: tuple[int, ...]) -> None:
    """Answers as long as the codes are."""
    if len(shape) != 2 or shape[1] != codes[1]:
        raise ValueError(f"x has shape {tuple(shape)}; codes has shape {tuple(codes)}")


def check_classes(scores: tuple[int, ...], target: Array) -> None:
    """A label for each row of scores. The class *none of these* is nobody's label."""
    if target.dtype.kind not in "iu":
        raise TypeError(f"target has dtype {target.dtype}; labels are whole numbers")
    if len(scores) != 2 or target.shape != scores[:1]:
        raise ValueError(
            f"scores has shape {tuple(scores)}, target {target.shape}; "
            "they must be (N, classes) and (N,)"
        )
    strange = target[(target < 0) | (target >= scores[1])]
    if strange.size:
        raise ValueError(f"target holds {strange[0]}; scores has {scores[1]} classes, from 0")


def check_j(j: float) -> None:
    """A distance that is near enough."""
    if not j > 0:
        raise ValueError(f"j is {j}; it must be positive")
