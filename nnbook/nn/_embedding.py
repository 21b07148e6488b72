"""Rows of a table, chosen by their numbers: how words become vectors."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.nn._checks import refuse, whole
from nnbook.nn._floats import FloatArray, as_floats

Indices = NDArray[np.integer[Any]]


def embedding(
    x: ArrayLike,
    weight: ArrayLike,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,  # noqa: ARG001 - concerns `embedding_backward`
    sparse: bool = False,
) -> FloatArray:
    r"""The rows of a table, by their numbers: $\mathbf{y}_n = W_{x_n}$.

    The same as the product of one-hot vectors with the table, without the zeros.

    Source: Bengio, Ducharme, Vincent and Jauvin, A neural probabilistic language model, 2003.

    Args:
        x: Whole numbers from 0 to V - 1, in an array of any shape.
        weight: The table, (V, D).
        padding_idx: The number of the row that gets no gradient; it is looked up like any other.
        max_norm: Not supported.
        norm_type: Not supported, except for its default.
        scale_grad_by_freq: For the gradient only, see `embedding_backward`.
        sparse: Not supported.

    Returns:
        The rows, (*x.shape, D).

    Raises:
        TypeError: If `x` does not hold whole numbers.
        IndexError: If one of them is the number of no row.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.embedding([2, 0, 2], [[0.0, 0.1], [1.0, 1.1], [2.0, 2.1]])
        array([[2. , 2.1],
               [0. , 0.1],
               [2. , 2.1]])
    """
    refuse_options("embedding", max_norm, norm_type, sparse)
    w = as_floats(weight)
    if w.ndim != 2:
        raise ValueError(f"weight has shape {w.shape}; it must be (num_embeddings, embedding_dim)")
    row_number(padding_idx, len(w))
    return np.take(w, as_indices(x, len(w)), axis=0)


def embedding_backward(
    grad_output: ArrayLike,
    x: ArrayLike,
    num_embeddings: int,
    padding_idx: int | None = None,
    scale_grad_by_freq: bool = False,
) -> FloatArray:
    r"""The gradient by the table: every look-up adds to its row.

    With $y_{nd} = W_{x_n d}$ the derivative by $W_{vd}$ is 1 if $x_n = v$, and else 0:

    $$\frac{\partial L}{\partial W_{vd}} = \sum_{n:\; x_n = v} \frac{\partial L}{\partial y_{nd}}$$

    There is no gradient by `x`: between row 2 and row 3 there is nothing.

    Args:
        grad_output: $\partial L / \partial y$, (*x.shape, D).
        x: The numbers of the rows.
        num_embeddings: How many rows the table has.
        padding_idx: The number of the row that gets no gradient.
        scale_grad_by_freq: Divide the gradient of a row by how often it was looked up.

    Returns:
        $\partial L / \partial W$, (V, D).

    Raises:
        TypeError: If `x` does not hold whole numbers.
        IndexError: If one of them is the number of no row.
        ValueError: If the shapes do not fit.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.embedding_backward([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]], [2, 0, 2], 3)
        array([[ 10.,  20.],
               [  0.,   0.],
               [101., 202.]])
    """
    grad, rows = as_floats(grad_output), as_indices(x, num_embeddings).ravel()
    if grad.ndim == 0 or grad.shape[:-1] != np.shape(x):
        raise ValueError(f"grad_output has shape {grad.shape}; x has shape {np.shape(x)}")
    dim = grad.shape[-1]
    total = np.zeros(num_embeddings * dim, dtype=grad.dtype)
    # `total[rows] += grad` would keep only one of several look-ups of a row; `np.add.at` adds all.
    # On single numbers it is three times as quick as on rows, and quicker than sorting the rows
    # and adding up each group. (N, 1) + (D,) -> (N, D): where in `total` each number belongs.
    places = rows[:, None] * dim + np.arange(dim)
    np.add.at(total, places.ravel(), grad.ravel())
    grad_weight = total.reshape(num_embeddings, dim)
    if scale_grad_by_freq:
        often = np.bincount(rows, minlength=num_embeddings)
        grad_weight /= np.maximum(often, 1).astype(grad.dtype)[:, None]
    if padding_idx is not None:
        grad_weight[row_number(padding_idx, num_embeddings)] = 0.0
    return grad_weight


def one_hot(x: ArrayLike, num_classes: int = -1) -> NDArray[np.int64]:
    """A 1 at the place of the class, zeros elsewhere.

    Args:
        x: Classes, whole numbers from 0 on, in an array of any shape.
        num_classes: How many classes there are; with -1, one more than the largest in `x`.

    Returns:
        Zeros and ones, (*x.shape, num_classes).

    Raises:
        TypeError: If `x` does not hold whole numbers.
        IndexError: If a class is negative, or not below `num_classes`.
        ValueError: If the number of classes is to be seen from an empty `x`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.one_hot([1, 0, 2])
        array([[0, 1, 0],
               [1, 0, 0],
               [0, 0, 1]])
    """
    array = np.asarray(x)
    if num_classes == -1:
        if array.size == 0:
            raise ValueError(f"x has shape {array.shape}; its number of classes cannot be seen")
        num_classes = max(0, int(array.max())) + 1
    whole(num_classes=num_classes)
    # (*, 1) == (C,) -> (*, C)
    classes = as_indices(array, num_classes, "classes")[..., None]
    return (classes == np.arange(num_classes)).astype(np.int64)


def as_indices(x: ArrayLike, length: int, what: str = "embeddings") -> Indices:
    """Whole numbers from 0 on and below `length`."""
    array = np.asarray(x)
    if array.dtype.kind not in "iu":
        raise TypeError(f"x must hold whole numbers, to choose {what} by; it has {array.dtype}")
    for extreme in (array.min(), array.max()) if array.size else ():
        if not 0 <= extreme < length:
            raise IndexError(f"x contains {extreme}; there are {length} {what}, from 0 on")
    return array.astype(np.intp, copy=False)


def row_number(padding_idx: int | None, length: int) -> int | None:
    """The number of the row for padding, which may be counted from the end."""
    if padding_idx is None:
        return None
    if not -length <= padding_idx < length:
        raise ValueError(f"padding_idx is {padding_idx}; there are {length} embeddings")
    return padding_idx % length


def refuse_options(layer: str, max_norm: float | None, norm_type: float, sparse: bool) -> None:
    """What both the function and the layer do not support."""
    refuse(layer, max_norm=max_norm, norm_type=None if norm_type == 2 else norm_type, sparse=sparse)
