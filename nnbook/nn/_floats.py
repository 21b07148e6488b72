"""What all functions promise about numbers: floats stay as they are, NaN stays, nothing warns."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.floating[Any]]
P = ParamSpec("P")


def as_floats(z: ArrayLike) -> FloatArray:
    """An array of floats: floats keep their precision, whole numbers become float64."""
    array = np.asarray(z)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise TypeError(f"expected real numbers, got an array of dtype {array.dtype}")
    return array


def elementwise(
    function: Callable[Concatenate[FloatArray, P], FloatArray],
) -> Callable[Concatenate[ArrayLike, P], FloatArray]:
    """Make a formula for float arrays a function for any numbers, of the same shape and dtype."""

    @functools.wraps(function)
    def wrapped(z: ArrayLike, *args: P.args, **kwargs: P.kwargs) -> FloatArray:
        z = as_floats(z)
        with np.errstate(all="ignore"):  # exp(1000) = inf is an intermediate value, not an accident
            out = np.asarray(function(z, *args, **kwargs)).astype(z.dtype, copy=False)
        result: FloatArray = out[()]  # an array of no dimensions becomes a number
        return result

    return cast(Callable[Concatenate[ArrayLike, P], FloatArray], wrapped)


def nan_stays(
    function: Callable[Concatenate[FloatArray, P], FloatArray],
) -> Callable[Concatenate[FloatArray, P], FloatArray]:
    """For formulas that forget NaN: a comparison such as z > 0 answers False for it."""

    @functools.wraps(function)
    def wrapped(z: FloatArray, *args: P.args, **kwargs: P.kwargs) -> FloatArray:
        return np.where(np.isnan(z), z, function(z, *args, **kwargs))

    return cast(Callable[Concatenate[FloatArray, P], FloatArray], wrapped)


def gated(grad: FloatArray, passes: Any) -> FloatArray:
    """The gradient where it passes, elsewhere 0."""
    with np.errstate(all="ignore"):
        product: FloatArray = grad * passes
        if np.isfinite(product.sum()):
            return product
    return np.where(passes, grad, 0)  # slower, but 0 times inf is not 0


def laid_out_like(array: FloatArray, other: FloatArray) -> FloatArray:
    """The array with its memory in the order of another: one slow copy, then many quick steps."""
    if array.strides == other.strides or array.shape != other.shape:
        return array
    laid_out = np.empty_like(other, dtype=array.dtype)
    laid_out[...] = array
    return laid_out
