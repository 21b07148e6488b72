r"""From many losses to one number and back: what all loss functions share.

A loss function gives each number, or each example, a loss $\ell_i$. Training needs one number, $L$:
their sum or their mean. Backward, each of them gets its share of what arrives: with the sum it is
$\partial L/\partial \ell_i = 1$, with the mean of $n$ it is $1/n$.
"""

import math
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad, one_of
from nnbook.nn._floats import FloatArray, as_floats

Reduction: TypeAlias = Literal["none", "mean", "sum"]
BatchReduction: TypeAlias = Literal["none", "batchmean", "mean", "sum"]
REDUCTIONS = ("none", "mean", "sum")


def reduced(losses: FloatArray, like: FloatArray, reduction: Reduction, total: Any = None) -> Any:
    """The losses themselves, their mean or their sum, in the dtype of `like`.

    The mean divides by `total`, if it is not the number of losses. The mean of nothing is `nan`, as
    in PyTorch; the caller keeps NumPy from warning of it.
    """
    one_of("reduction", reduction, REDUCTIONS)
    if reduction == "none":
        return np.asarray(losses, like.dtype)[()]
    loss = losses.sum()
    if reduction == "mean":
        loss = loss / (losses.size if total is None else total)
    return like.dtype.type(loss)


def share(
    grad_output: ArrayLike,
    shape: tuple[int, ...],
    like: FloatArray,
    reduction: Reduction,
    total: Any = None,
) -> FloatArray:
    r"""$\partial L/\partial \ell_i$ for losses of this shape; one number if it is the same for all.

    The way back through `reduced`, with the same `total`.
    """
    one_of("reduction", reduction, REDUCTIONS)
    if reduction == "none":
        return as_grad(grad_output, shape, like.dtype)
    grad = as_grad(grad_output, (), like.dtype)
    if reduction == "mean":
        grad = grad / like.dtype.type(math.prod(shape) if total is None else total)
    return grad


def chain(
    grad_output: ArrayLike, slope: FloatArray, like: FloatArray, reduction: Any, total: Any = None
) -> FloatArray:
    r"""The chain rule where each number has a loss of its own, with the slope $d\ell_i/dx_i$.

    $$\frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial \ell_i} \frac{d\ell_i}{d x_i}$$
    """
    grad = share(grad_output, like.shape, like, reduction, total) * slope
    result: FloatArray = np.asarray(grad, like.dtype)[()]
    return result


def pair(input: ArrayLike, target: ArrayLike) -> tuple[FloatArray, FloatArray]:  # noqa: A002
    """Input and target, once it is sure that each number has its own target."""
    x = as_floats(input)
    t = like_input("target", target, x)
    if t.shape != x.shape:
        raise ValueError(f"target has shape {t.shape}; input has {x.shape}; they must be the same")
    return x, t


def like_input(name: str, value: ArrayLike, x: FloatArray) -> FloatArray:
    """A target or a weight in the dtype of the input; a mix would silently cost speed or digits."""
    array = np.asarray(value)
    if array.dtype.kind in "biu":  # whole numbers become what they are compared with
        return array.astype(x.dtype)
    if array.dtype != x.dtype:
        raise TypeError(
            f"{name} has dtype {array.dtype}; input has {x.dtype}: "
            f"convert with {name}.astype(np.{x.dtype})"
        )
    return array


def weighted(name: str, weight: ArrayLike | None, values: FloatArray) -> FloatArray:
    """The values times their weights, of which one may serve for many; without any, as they are."""
    if weight is None:
        return values
    w = like_input(name, weight, values)
    try:
        return np.broadcast_to(w, np.shape(values)) * values
    except ValueError:
        raise ValueError(
            f"{name} has shape {w.shape}, which does not broadcast to input's {np.shape(values)}"
        ) from None


def refuse_given(function: str, **arguments: object) -> None:
    """As `refuse`, but `False` counts as given: for `reduce` it was a choice like any other."""
    for name, value in arguments.items():
        if value is not None:
            hint = "" if name == "weight" else ": say reduction='mean', 'sum' or 'none'"
            raise NotImplementedError(f"{function} does not support {name}={value!r}{hint}")
