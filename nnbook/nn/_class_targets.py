r"""What a target asks of log-probabilities: one of each row, or a share of each.

Log-probabilities stand in rows here, (M, C): C of them for each of M losses. A label picks one of a
row. A distribution takes of each its share. Both know the loss of each row, and the way back.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.nn._floats import FloatArray
from nnbook.nn._reduction import Reduction, like_input, reduced, share


def rows(x: FloatArray) -> FloatArray:
    """One row of classes for each loss."""
    if x.ndim == 2:
        return x
    if x.ndim > 2:
        x = np.moveaxis(x, 1, -1)  # (N, C, d1, ...) -> (N, d1, ..., C)
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])  # -> (N * d1 * ..., C)


def from_rows(x: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The way back from `rows`."""
    if len(shape) <= 2:
        return x.reshape(shape)
    return np.moveaxis(x.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


class Target:
    """What both kinds share: some rows may not count, and the mean knows what to divide by.

    Attributes:
        shape: That of the losses, (N, d1, ...).
        kept: Which rows count, (M,), or `None` if all do.
        total: What the mean divides by.
    """

    shape: tuple[int, ...]
    kept: NDArray[np.bool_] | None
    total: Any

    def of_rows(self, logs: FloatArray) -> FloatArray:
        """The loss of each row, (M, C) to (M,)."""
        raise NotImplementedError

    def of_rows_backward(self, grad: FloatArray, logs: FloatArray) -> FloatArray:
        """The gradient by the rows, (M,) or (1,) to (M, C)."""
        raise NotImplementedError

    def loss(self, logs: FloatArray, reduction: Reduction) -> Any:
        """All losses, their mean or their sum."""
        losses = self.of_rows(logs)
        if self.kept is not None:  # not a product with 0, for 0 times infinity is nan
            losses = np.where(self.kept, losses, 0.0)
        return reduced(losses.reshape(self.shape), logs, reduction, self.total)

    def backward(self, grad_output: ArrayLike, logs: FloatArray, reduction: Reduction) -> Any:
        """The gradient by the log-probabilities."""
        grad = share(grad_output, self.shape, logs, reduction, self.total).reshape(-1)
        if self.kept is not None:
            grad = np.where(self.kept, grad, 0.0)
        return self.of_rows_backward(grad, logs)


class Labels(Target):
    """The right class of each row: its log-probability is all that matters.

    Attributes:
        places: Where it stands, counted through all rows, (M,).
        counts: The weight of its class, (M,), or `None` if all count 1.
    """

    def __init__(
        self, target: ArrayLike, x: FloatArray, weight: ArrayLike | None, ignore_index: int
    ) -> None:
        labels, classes = _labels(target, x), _classes(x)
        self.shape = labels.shape
        labels, self.kept = _kept(labels.reshape(-1), ignore_index)
        _check_range(labels, classes)
        self.places = np.arange(labels.size) * classes + labels
        self.counts = None if weight is None else _class_weight(weight, x)[labels]
        if self.counts is None:
            self.total = labels.size if self.kept is None else np.count_nonzero(self.kept)
        else:
            self.total = self.counts.sum(where=True if self.kept is None else self.kept)

    def of_rows(self, logs: FloatArray) -> FloatArray:
        """Minus the log-probability of the right class, times the weight of the class."""
        losses = -logs.take(self.places)  # (M, C) -> (M,)
        return losses if self.counts is None else self.counts * losses

    def of_rows_backward(self, grad: FloatArray, logs: FloatArray) -> FloatArray:
        """Minus the weight at the right class, 0 elsewhere."""
        grad_logs = np.zeros_like(logs)
        grad_logs.put(self.places, -(grad if self.counts is None else self.counts * grad))
        return grad_logs


class Shares(Target):
    """What each class of a row counts, truth times weight.

    Attributes:
        shares: (M, C).
    """

    def __init__(
        self, shares: FloatArray, shape: tuple[int, ...], kept: Any = None, total: Any = None
    ) -> None:
        self.shares, self.shape, self.kept, self.total = shares, shape, kept, total

    def of_rows(self, logs: FloatArray) -> FloatArray:
        """Minus the log-probabilities, each times its share."""
        return -(self.shares * logs).sum(axis=1)  # (M, C) -> (M,)

    def of_rows_backward(self, grad: FloatArray, logs: FloatArray) -> FloatArray:  # noqa: ARG002
        """Minus the shares."""
        return -grad[:, None] * self.shares  # (M, 1) or (1, 1) * (M, C) -> (M, C)


def shares_of_probabilities(
    target: ArrayLike, x: FloatArray, weight: ArrayLike | None, ignore_index: int, smoothing: float
) -> Shares:
    """A target that says of each class how probable it is."""
    t = np.asarray(target)
    if t.dtype.kind != "f":
        raise TypeError(
            f"target has dtype {t.dtype} and input's shape {x.shape}, so it must hold "
            "probabilities, as floats; labels have no dimension for the classes"
        )
    if ignore_index >= 0:
        raise ValueError(
            f"ignore_index is {ignore_index}, but target holds probabilities, no labels"
        )
    t = rows(like_input("target", t, x))
    if smoothing > 0:
        t = (1.0 - smoothing) * t + x.dtype.type(smoothing) / t.shape[1]
    return Shares(t if weight is None else _class_weight(weight, x) * t, _shape_of_labels(x))


def shares_of_labels(
    labels: Labels, x: FloatArray, weight: ArrayLike | None, smoothing: float
) -> Shares:
    """Labels that are not quite sure: of the truth, each class gets an equal bit."""
    bit = x.dtype.type(smoothing) / _classes(x)  # NumPy's division, which survives 0 classes
    shares = np.full((labels.places.size, _classes(x)), bit, x.dtype)
    shares.put(labels.places, 1.0 - smoothing + bit)
    if weight is not None:
        shares *= _class_weight(weight, x)
    return Shares(shares, labels.shape, labels.kept, labels.total)


def _classes(x: FloatArray) -> int:
    return x.shape[0] if x.ndim == 1 else x.shape[1]


def _shape_of_labels(x: FloatArray) -> tuple[int, ...]:
    return () if x.ndim == 1 else (x.shape[0], *x.shape[2:])


def _labels(target: ArrayLike, x: FloatArray) -> NDArray[np.intp]:
    """The labels, once it is sure that there is one for each row of classes."""
    labels = np.asarray(target)
    if x.ndim == 0:
        raise ValueError("input is a single number; it needs a dimension that runs over classes")
    if labels.shape != _shape_of_labels(x):
        raise ValueError(
            f"target has shape {labels.shape}; input of shape {x.shape} needs labels of shape "
            f"{_shape_of_labels(x)}"
        )
    if labels.dtype.kind not in "iu":
        raise TypeError(f"target has dtype {labels.dtype}; labels must be whole numbers")
    return labels.astype(np.intp, copy=False)


def _kept(labels: NDArray[np.intp], ignore_index: int) -> tuple[NDArray[np.intp], Any]:
    """The labels with a 0 for those to be ignored, and which are not; `None` if that is all."""
    kept = labels != ignore_index
    if kept.all():
        return labels, None
    return np.where(kept, labels, 0), kept


def _check_range(labels: NDArray[np.intp], classes: int) -> None:
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        wrong = labels[(labels < 0) | (labels >= classes)][0]
        raise ValueError(f"target holds the label {wrong}; input has {classes} classes, from 0 on")


def _class_weight(weight: ArrayLike, x: FloatArray) -> FloatArray:
    w = like_input("weight", weight, x)
    if w.shape != (_classes(x),):
        raise ValueError(f"weight has shape {w.shape}; input has {_classes(x)} classes")
    return w
