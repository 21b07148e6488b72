"""Rosenblatt's perceptron in PyTorch: the twin of `nnbook.scratch.perceptron`.

The rule needs no gradient, so nothing here asks autograd for one; weight and bias are buffers,
which move with the module and are saved with it.

Source: Rosenblatt (1958), The perceptron: a probabilistic model for information storage and
organization in the brain, Psychological Review 65.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnbook._rng import as_generator
from nnbook.pytorch._device import resolve_device
from nnbook.pytorch._tensors import dot, double, tensor


@dataclass(frozen=True, eq=False)
class History:
    """What happened during `Perceptron.fit`, epoch by epoch.

    Attributes:
        mistakes: How many examples were answered wrongly, and corrected, in each of E epochs.
        weights: The weights at the start and after each epoch, (E + 1, d).
        biases: The bias likewise, (E + 1,).

    Examples:
        >>> History([2, 0], torch.zeros(3, 2), torch.zeros(3)).converged
        True
    """

    mistakes: list[int]
    weights: Tensor
    biases: Tensor

    @property
    def converged(self) -> bool:
        """Whether the last epoch passed without a mistake."""
        return bool(self.mistakes) and self.mistakes[-1] == 0

    @property
    def updates(self) -> int:
        """The number of corrections in all."""
        return sum(self.mistakes)


class Perceptron(nn.Module):
    r"""A neuron $\hat y = g(w_0 + \mathbf{x}^\top \mathbf{w})$ with the step function $g$.

    Args:
        in_features: The number of inputs, d.
        lr: The learning rate $\eta$.
        dtype: The type of the weights.
        device: Where they lie; "auto" takes a GPU if there is one.

    Attributes:
        weight: The weights, (d,), zero at the start.
        bias: The bias, ().

    Raises:
        ValueError: If `in_features` is not at least 1, or `lr` not a positive number.

    Examples:
        >>> model = Perceptron(in_features=2, device="cpu")
        >>> x, y = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), torch.tensor([0, 0, 0, 1])
        >>> model.fit(x, y, epochs=20).mistakes
        [2, 3, 3, 2, 1, 0]
        >>> model.predict(x)
        tensor([0, 0, 0, 1])
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self,
        in_features: int,
        *,
        lr: float = 1.0,
        dtype: torch.dtype = torch.float64,
        device: str | torch.device = "auto",
    ) -> None:
        super().__init__()
        if in_features < 1:
            raise ValueError(f"in_features is {in_features}; a perceptron has at least one input")
        if not 0 < lr < float("inf"):
            raise ValueError(f"lr is {lr}; it must be a positive number")
        self.in_features = in_features
        self.lr = lr
        place = resolve_device(device, dtype)
        self.register_buffer("weight", torch.zeros(in_features, dtype=dtype, device=place))
        self.register_buffer("bias", torch.zeros((), dtype=dtype, device=place))

    def __repr__(self) -> str:
        return f"Perceptron(in_features={self.in_features}, lr={self.lr})"

    def forward(self, x: Any) -> Tensor:
        """The answers, as `predict` gives them.

        Examples:
            >>> Perceptron(in_features=2, device="cpu")(torch.ones(1, 2))
            tensor([1])
        """
        return self.predict(x)

    def score(self, x: Any) -> Tensor:
        r"""The score $w_0 + \mathbf{x}^\top \mathbf{w}$ of one example (d,) or of many (N, d).

        Examples:
            >>> Perceptron(in_features=2, device="cpu").score([[1.0, 2.0], [3.0, 4.0]])
            tensor([0., 0.], dtype=torch.float64)
        """
        return self.bias + dot(self._check_x(x), self.weight)  # (N, d), (d,) -> (N,)

    def predict(self, x: Any) -> Tensor:
        """The answers, 0 or 1; a score of exactly zero is a 1.

        Examples:
            >>> Perceptron(in_features=2, device="cpu").predict([[1.0, 2.0]])
            tensor([1])
        """
        return (self.score(x) >= 0).to(torch.int64)

    def update(self, x: Any, y: int) -> bool:
        r"""Look at one example and correct a mistake; true if there was one.

        $\mathbf{w} \leftarrow \mathbf{w} + \eta (y - \hat y)\, \mathbf{x}$ and
        $w_0 \leftarrow w_0 + \eta (y - \hat y)$: nothing changes where the answer is right.

        Args:
            x: The example, (d,).
            y: Its label, 0 or 1.

        Examples:
            >>> model = Perceptron(in_features=2, device="cpu")
            >>> model.update([1.0, 2.0], 0), model.weight.tolist(), model.bias.item()
            (True, [-1.0, -2.0], -1.0)
        """
        example = self._check_x(x)
        if example.ndim != 1:
            raise ValueError(
                f"x has shape {tuple(example.shape)}; one example has ({self.in_features},)"
            )
        _check_examples(example[None], tensor(y)[None])
        return self._update(example, int(y))

    def _update(self, x: Tensor, y: int) -> bool:
        error = y - int(self.bias + dot(x, self.weight) >= 0)
        if error:
            self.weight = self.weight + self.lr * error * x  # (d,)
            self.bias = self.bias + self.lr * error
        return bool(error)

    def fit(
        self,
        x: Any,
        y: Any,
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
            rng: A seed or NumPy generator for that order, which is that of the NumPy twin; needed
                only to shuffle.

        Raises:
            ValueError: If shapes do not fit, a label is not 0 or 1, or an input is not finite.
            TypeError: If `shuffle` is asked for without an `rng`, or `x` holds no real numbers.

        Examples:
            >>> x, y = torch.tensor([[0.0], [1.0], [2.0], [3.0]]), torch.tensor([0, 0, 1, 1])
            >>> Perceptron(in_features=1, device="cpu").fit(x, y).converged
            True
        """
        inputs, labels = self._check_x(x), tensor(y).cpu()
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
        return History(mistakes, torch.stack(weights), torch.stack(biases))

    def _check_x(self, x: Any) -> Tensor:
        inputs = tensor(x)
        if inputs.is_complex():
            raise TypeError(f"x must hold real numbers; it has dtype {inputs.dtype}")
        if inputs.ndim not in (1, 2):
            raise ValueError(f"x has shape {tuple(inputs.shape)}; it must be (d,) or (N, d)")
        if inputs.shape[-1] != self.in_features:
            raise ValueError(
                f"x has {inputs.shape[-1]} features; weight expects {self.in_features}"
            )
        return inputs.to(self.weight)


def margin(x: Any, y: Any, weight: Any, bias: Any) -> float:
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
    w = double(weight)
    length = math.sqrt(dot(w, w).item())  # rounded right; a tensor's sqrt may be off by one bit
    if length == 0:
        raise ValueError("the weights are all zero: there is no line to measure from")
    return scores.min().item() / length


def novikoff_bound(x: Any, y: Any, weight: Any, bias: Any) -> float:
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
    smallest = _signed_scores(x, y, weight, bias).min().item()
    if smallest <= 0:
        raise ValueError("the line given does not separate the classes, so it bounds nothing")
    theta = torch.cat([double(weight), double(bias).reshape(1)])  # (d + 1,)
    inputs = double(x)
    theta_squared = dot(theta, theta).item()
    radius_squared = 1 + dot(inputs, inputs).max().item()
    return radius_squared * theta_squared / smallest**2


def _signed_scores(x: Any, y: Any, weight: Any, bias: Any) -> Tensor:
    """Each example's score, positive if it is on the side of its label, (N,)."""
    inputs, labels, w = double(x), tensor(y).cpu(), double(weight)
    if inputs.ndim != 2 or w.ndim != 1 or inputs.shape[1] != len(w):
        raise ValueError(f"x has shape {tuple(inputs.shape)}; weight has shape {tuple(w.shape)}")
    _check_examples(inputs, labels)
    if len(inputs) == 0:
        raise ValueError("there are no examples")
    scores = double(bias) + dot(inputs, w)  # (N,)
    return torch.where(labels == 1, scores, -scores)


def _check_examples(x: Tensor, y: Tensor) -> None:
    if x.ndim != 2 or y.shape != (len(x),):
        raise ValueError(
            f"x has shape {tuple(x.shape)}; y has shape {tuple(y.shape)}; expected (N, d) and (N,)"
        )
    strange = y[(y != 0) & (y != 1)]
    if len(strange):
        raise ValueError(f"labels must be 0 or 1; y contains {strange[0].item()}")
    if not torch.isfinite(x).all():
        raise ValueError("x contains NaN or infinity; a perceptron cannot learn from it")
