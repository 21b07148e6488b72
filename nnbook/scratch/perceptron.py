"""Rosenblatt's perceptron: a neuron with a step activation that learns from its mistakes.

Source: Rosenblatt (1958), The perceptron: a probabilistic model for information storage and
organization in the brain, Psychological Review 65.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnbook._rng import as_generator

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class History:
    """What happened during `Perceptron.fit`, epoch by epoch.

    Attributes:
        mistakes: How many examples were answered wrongly, and corrected, in each of E epochs.
        weights: The weights at the start and after each epoch, (E + 1, d).
        biases: The bias likewise, (E + 1,).

    Examples:
        >>> History([2, 0], np.zeros((3, 2)), np.zeros(3)).converged
        True
    """

    mistakes: list[int]
    weights: Array
    biases: Array

    @property
    def converged(self) -> bool:
        """Whether the last epoch passed without a mistake."""
        return bool(self.mistakes) and self.mistakes[-1] == 0

    @property
    def updates(self) -> int:
        """The number of corrections in all."""
        return sum(self.mistakes)


class Perceptron:
    r"""A neuron $\hat y = g(w_0 + \mathbf{x}^\top \mathbf{w})$ with the step function $g$.

    Args:
        in_features: The number of inputs, d.
        lr: The learning rate $\eta$.
        dtype: The type of the weights.

    Attributes:
        weight: The weights, (d,), zero at the start.
        bias: The bias, ().

    Raises:
        ValueError: If `in_features` is not at least 1, or `lr` not a positive number.

    Examples:
        >>> model = Perceptron(in_features=2)
        >>> x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1])
        >>> model.fit(x, y, epochs=20).mistakes
        [2, 3, 3, 2, 1, 0]
        >>> model.predict(x)
        array([0, 0, 0, 1])
    """

    def __init__(self, in_features: int, *, lr: float = 1.0, dtype: DTypeLike = np.float64) -> None:
        if in_features < 1:
            raise ValueError(f"in_features is {in_features}; a perceptron has at least one input")
        if not 0 < lr < np.inf:
            raise ValueError(f"lr is {lr}; it must be a positive number")
        self.in_features = in_features
        self.lr = lr
        self.weight = np.zeros(in_features, dtype=dtype)  # (d,)
        self.bias = np.zeros((), dtype=dtype)

    def __repr__(self) -> str:
        return f"Perceptron(in_features={self.in_features}, lr={self.lr})"

    def score(self, x: ArrayLike) -> Array:
        r"""The score $w_0 + \mathbf{x}^\top \mathbf{w}$ of one example (d,) or of many (N, d).

        Examples:
            >>> Perceptron(in_features=2).score([[1.0, 2.0], [3.0, 4.0]])
            array([0., 0.])
        """
        return np.asarray(self.bias + _dot(self._check_x(x), self.weight))  # (N, d), (d,) -> (N,)

    def predict(self, x: ArrayLike) -> Array:
        """The answers, 0 or 1; a score of exactly zero is a 1.

        Examples:
            >>> Perceptron(in_features=2).predict([[1.0, 2.0]])
            array([1])
        """
        return (self.score(x) >= 0).astype(np.int64)

    def update(self, x: ArrayLike, y: int) -> bool:
        r"""Look at one example and correct a mistake; true if there was one.

        $\mathbf{w} \leftarrow \mathbf{w} + \eta (y - \hat y)\, \mathbf{x}$ and
        $w_0 \leftarrow w_0 + \eta (y - \hat y)$: nothing changes where the answer is right.

        Args:
            x: The example, (d,).
            y: Its label, 0 or 1.

        Examples:
            >>> model = Perceptron(in_features=2)
            >>> model.update([1.0, 2.0], 0), model.weight, float(model.bias)
            (True, array([-1., -2.]), -1.0)
        """
        example = self._check_x(x)
        if example.ndim != 1:
            raise ValueError(f"x has shape {example.shape}; one example has ({self.in_features},)")
        _check_examples(example[None], np.asarray(y)[None])
        return self._update(example, int(y))

    def _update(self, x: Array, y: int) -> bool:
        error = y - int(self.bias + _dot(x, self.weight) >= 0)
        if error:
            self.weight = self.weight + self.lr * error * x  # (d,)
            self.bias = np.asarray(self.bias + self.lr * error)
        return bool(error)

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int = 100,
        shuffle: bool = False,
        rng: int | np.random.Generator | None = None,
    ) -> History:
        """Go through the examples until an epoch passes without a mistake, or `epochs` are over.

        It goes on from the weights that it has. No examples at all are one epoch without a mistake.

        Args:
            x: The examples, (N, d).
            y: Their labels, 0 or 1, (N,).
            epochs: The largest number of rounds through all examples.
            shuffle: Whether each epoch visits the examples in a new random order.
            rng: A seed or generator for that order; needed only to shuffle.

        Raises:
            ValueError: If shapes do not fit, a label is not 0 or 1, or an input is not finite.
            TypeError: If `shuffle` is asked for without an `rng`, or `x` holds no real numbers.

        Examples:
            >>> x, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
            >>> Perceptron(in_features=1).fit(x, y).converged
            True
        """
        inputs, labels = self._check_x(x), np.asarray(y)
        _check_examples(inputs, labels)
        generator = as_generator(rng) if shuffle else None
        mistakes, weights, biases = [], [self.weight], [self.bias]
        for _ in range(epochs):
            order = generator.permutation(len(inputs)) if generator else range(len(inputs))
            mistakes.append(sum(self._update(inputs[i], int(labels[i])) for i in order))
            weights.append(self.weight)
            biases.append(self.bias)
            if mistakes[-1] == 0:  # nothing changed, so nothing ever will
                break
        return History(mistakes, np.stack(weights), np.stack(biases))

    def _check_x(self, x: ArrayLike) -> Array:
        inputs = np.asarray(x)
        if inputs.dtype.kind not in "fiub":
            raise TypeError(f"x must hold real numbers; it has dtype {inputs.dtype}")
        if inputs.ndim not in (1, 2):
            raise ValueError(f"x has shape {inputs.shape}; it must be (d,) or (N, d)")
        if inputs.shape[-1] != self.in_features:
            raise ValueError(
                f"x has {inputs.shape[-1]} features; weight expects {self.in_features}"
            )
        with np.errstate(over="ignore"):  # too large for float32: infinite, and refused
            return inputs.astype(self.weight.dtype)


def margin(x: ArrayLike, y: ArrayLike, weight: ArrayLike, bias: ArrayLike) -> float:
    r"""How much room a line leaves: the smallest signed distance of an example from it.

    $\min_i t_i (w_0 + \mathbf{x}_i^\top \mathbf{w}) / \lVert \mathbf{w} \rVert$ with $t_i = \pm 1$
    for the labels 1 and 0. Negative if the line does not separate the classes.

    Args:
        x: The examples, (N, d).
        y: Their labels, 0 or 1, (N,).
        weight: The line's weights, (d,).
        bias: Its bias, ().

    Raises:
        ValueError: If there are no examples, or the weights are all zero.

    Examples:
        >>> margin([[0.0, 0.0], [4.0, 3.0]], [0, 1], weight=[4.0, 3.0], bias=-10.0)
        2.0
    """
    scores = _signed_scores(x, y, weight, bias)
    w = np.asarray(weight, dtype=np.float64)
    length = float(np.sqrt(_dot(w, w)))
    if length == 0:
        raise ValueError("the weights are all zero: there is no line to measure from")
    return float(scores.min()) / length


def novikoff_bound(x: ArrayLike, y: ArrayLike, weight: ArrayLike, bias: ArrayLike) -> float:
    r"""The largest number of corrections a perceptron can need, $(R / \gamma)^2$.

    The bias counts as a weight with a constant input of 1: with $\tilde{\mathbf{x}} = (1,
    \mathbf{x})$ and $\boldsymbol{\theta} = (w_0, \mathbf{w})$, $R = \max_i \lVert
    \tilde{\mathbf{x}}_i \rVert$ and $\gamma = \min_i t_i\, \boldsymbol{\theta}^\top
    \tilde{\mathbf{x}}_i / \lVert \boldsymbol{\theta} \rVert$. It holds for a start from zero and
    any order of the examples.

    Args:
        x: The examples, (N, d).
        y: Their labels, 0 or 1, (N,).
        weight: The weights of a line that separates the classes, (d,).
        bias: Its bias, ().

    Raises:
        ValueError: If the line given does not separate the classes.

    Source: Novikoff (1962), On convergence proofs on perceptrons.

    Examples:
        >>> novikoff_bound([[-1.0], [1.0]], [0, 1], weight=[1.0], bias=0.0)
        2.0
    """
    smallest = float(_signed_scores(x, y, weight, bias).min())
    if smallest <= 0:
        raise ValueError("the line given does not separate the classes, so it bounds nothing")
    inputs, theta = np.asarray(x, dtype=np.float64), np.append(weight, bias)  # (d + 1,)
    theta_squared = float(_dot(theta, theta))
    radius_squared = 1 + float(_dot(inputs, inputs).max())
    return radius_squared * theta_squared / smallest**2


def _signed_scores(x: ArrayLike, y: ArrayLike, weight: ArrayLike, bias: ArrayLike) -> Array:
    """Each example's score, positive if it is on the side of its label, (N,)."""
    inputs, w = np.asarray(x, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    labels = np.asarray(y)
    if inputs.ndim != 2 or w.ndim != 1 or inputs.shape[1] != len(w):
        raise ValueError(f"x has shape {inputs.shape}; weight has shape {w.shape}")
    _check_examples(inputs, labels)
    if len(inputs) == 0:
        raise ValueError("there are no examples")
    scores = np.asarray(bias, dtype=np.float64) + _dot(inputs, w)  # (N,)
    return np.where(labels == 1, scores, -scores)


def _dot(a: Array, b: Array) -> Array:
    """Sums of products along the last dimension, (..., d) and (..., d) to (...).

    `a @ b` adds in an order of the processor's choice, and a score of zero may come out as 1e-17
    here and as -1e-17 there: a different answer. From left to right it is the same everywhere.
    """
    return np.asarray(np.cumsum(a * b, axis=-1)[..., -1])


def _check_examples(x: Array, y: Array) -> None:
    if x.ndim != 2 or y.shape != (len(x),):
        raise ValueError(f"x has shape {x.shape}; y has shape {y.shape}; expected (N, d) and (N,)")
    if not np.isin(y, (0, 1)).all():
        strange = y[~np.isin(y, (0, 1))][0]
        raise ValueError(f"labels must be 0 or 1; y contains {strange}")
    if not np.isfinite(x).all():
        raise ValueError("x contains NaN or infinity; a perceptron cannot learn from it")
