"""The questions that every layer asks of what it is given; each answer shows both sides."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.nn._floats import FloatArray, as_floats


def float_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """The dtype of a layer's parameters: float32 to be fast, float64 to be exact."""
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"parameters need a float dtype such as float64; got {np.dtype(dtype)}")
    return np.dtype(dtype)


def as_input(x: ArrayLike, weight: FloatArray, name: str = "x") -> FloatArray:
    """The input as an array of the weights' dtype; a mix would silently cost speed or digits."""
    array = np.asarray(x)
    if array.dtype != weight.dtype:
        raise TypeError(
            f"{name} has dtype {array.dtype}; weight has {weight.dtype}: "
            f"convert with {name}.astype(np.{weight.dtype})"
        )
    return array


def as_grad(grad_output: ArrayLike, shape: tuple[int, ...], dtype: DTypeLike) -> FloatArray:
    """The gradient that arrives, once it is sure that it has the shape of what was given out."""
    grad = as_floats(grad_output)
    if grad.shape != shape:
        raise ValueError(f"grad_output has shape {grad.shape}; output has shape {shape}")
    with np.errstate(over="ignore"):  # what is too large for the dtype becomes inf
        return grad.astype(dtype, copy=False)


def refuse(layer: str, **arguments: object) -> None:
    """Name the first argument that is set and not supported; never ignore one."""
    for name, value in arguments.items():
        if value is not None and value is not False:
            raise NotImplementedError(f"{layer} does not support {name}={value!r}")


def positive(**sizes: int) -> None:
    """Every size is a whole number of at least 1."""
    for name, value in sizes.items():
        whole(**{name: value})
        if value < 1:
            raise ValueError(f"{name} is {value}; it must be at least 1")


def whole(**sizes: int) -> None:
    """Every size is a whole number, 0 included."""
    for name, value in sizes.items():
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
            raise TypeError(f"{name} must be a whole number, not {value!r}")
        if value < 0:
            raise ValueError(f"{name} is {value}; it cannot be negative")


def one_of(name: str, value: object, choices: Sequence[object]) -> None:
    """The value is one of the names that are known."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(map(repr, choices))}")


def fraction(name: str, value: float) -> None:
    """A probability, or a share: from 0 to 1."""
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}; it must lie between 0 and 1")
