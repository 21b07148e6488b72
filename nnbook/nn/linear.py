"""A layer of neurons before their activation: every input goes into every sum."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn import init
from nnbook.nn._checks import float_dtype, positive, refuse
from nnbook.nn._floats import FloatArray
from nnbook.nn.module import Module


class Linear(Module):
    r"""Weighted sums of all inputs, $\mathbf{y} = \mathbf{x} W^\top + \mathbf{b}$.

    The weights start uniformly between $\pm 1/\sqrt{\text{in}}$, and so do the biases.

    Args:
        in_features: How many numbers come in.
        out_features: How many go out.
        bias: Whether to add a bias to each sum.
        device: Not supported; arrays live where NumPy puts them.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start.

    Attributes:
        weight: (out_features, in_features).
        bias: (out_features,), or `None`.

    Shapes:
        (..., in_features) to (..., out_features).

    Examples:
        >>> from nnbook import nn
        >>> layer = nn.Linear(2, 3, rng=0)
        >>> layer
        Linear(in_features=2, out_features=3, bias=True)
        >>> layer(np.ones((5, 2))).shape
        (5, 3)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        refuse("Linear", device=device)
        positive(in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        shape = (out_features, in_features)
        self.weight, self.bias = init.weight_and_bias(shape, bias, float_dtype(dtype), rng)

    def forward(self, x: ArrayLike) -> FloatArray:
        """The sums."""
        self.save_for_backward(x)
        return F.linear(x, self.weight.data, None if self.bias is None else self.bias.data)

    def backward(self, grad_output: ArrayLike) -> Any:
        r"""$\partial L/\partial \mathbf{x} = \partial L/\partial \mathbf{y}\; W$.

        And for the parameters $\partial L/\partial W = (\partial L/\partial \mathbf{y})^\top
        \mathbf{x}$, $\partial L/\partial \mathbf{b} = \sum_n \partial L/\partial \mathbf{y}_n$: the
        derivation stands at `functional.linear_backward`.
        """
        (x,) = self.saved
        grad_x, grad_weight, grad_bias = F.linear_backward(
            grad_output, x, self.weight.data, self.input_requires_grad
        )
        self.weight.add_grad(grad_weight)
        if self.bias is not None:
            self.bias.add_grad(grad_bias)
        return grad_x

    def extra_repr(self) -> str:
        """The sizes, as PyTorch shows them."""
        has_bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={has_bias}"
