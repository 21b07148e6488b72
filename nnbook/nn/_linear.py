"""The sum at the heart of it all: outputs as weighted sums of inputs."""

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad, as_input
from nnbook.nn._floats import FloatArray, as_floats


@np.errstate(all="ignore")  # inf - inf = nan, as in PyTorch
def linear(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None) -> FloatArray:
    r"""Weighted sums: $\mathbf{y} = \mathbf{x} W^\top + \mathbf{b}$.

    Args:
        x: Inputs, (..., in).
        weight: Weights, one row for each output, (out, in).
        bias: Biases, (out,), or `None`.

    Returns:
        Outputs, (..., out).

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.linear([1.0, 2.0], [[3.0, 4.0], [5.0, 6.0], [0.0, 1.0]], [0.5, 0.0, 0.0])
        array([11.5, 17. ,  2. ])
    """
    w = as_floats(weight)
    x = as_input(x, w)
    if w.ndim != 2:
        raise ValueError(f"weight has shape {w.shape}; it must be (out, in)")
    if x.ndim == 0 or x.shape[-1] != w.shape[1]:
        features = x.shape[-1] if x.ndim else "no"
        raise ValueError(f"x has {features} features; weight expects {w.shape[1]}")
    y: FloatArray = x @ w.T  # (..., in) @ (in, out) -> (..., out)
    if bias is None:
        return y
    b = as_input(bias, w, "bias")
    if b.shape != w.shape[:1]:
        raise ValueError(f"bias has shape {b.shape}; weight has {w.shape[0]} outputs")
    y += b
    return y


@np.errstate(all="ignore")
def linear_backward(
    grad_output: ArrayLike, x: ArrayLike, weight: ArrayLike, input_requires_grad: bool = True
) -> tuple[FloatArray | None, FloatArray, FloatArray]:
    r"""The gradients of `linear`.

    In $y_j = \sum_i W_{ji} x_i + b_j$ the derivative by $x_i$ is $W_{ji}$, by $W_{ji}$ it is $x_i$,
    and by $b_j$ it is 1. The chain rule adds up, over all outputs that a number goes into:

    $$\frac{\partial L}{\partial x_i} = \sum_j \frac{\partial L}{\partial y_j} W_{ji}, \qquad
    \frac{\partial L}{\partial W_{ji}} = \sum_n \frac{\partial L}{\partial y_{nj}}\, x_{ni}, \qquad
    \frac{\partial L}{\partial b_j} = \sum_n \frac{\partial L}{\partial y_{nj}}$$

    An input goes into all outputs of its own example, a weight and a bias into one output of every
    example $n$.

    Args:
        grad_output: $\partial L / \partial y$, (..., out).
        x: The inputs, (..., in).
        weight: The weights, (out, in).
        input_requires_grad: Whether the first of the gradients is wanted.

    Returns:
        The gradients by `x` (`None` if it is not wanted), by `weight`, and by the bias.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.linear_backward([[1.0]], [[5.0, 6.0]], [[3.0, 4.0]])
        (array([[3., 4.]]), array([[5., 6.]]), array([1.]))
    """
    w = as_floats(weight)
    x = as_input(x, w)
    grad = as_grad(grad_output, (*x.shape[:-1], w.shape[0]), w.dtype)
    rows, x_rows = grad.reshape(-1, w.shape[0]), x.reshape(-1, w.shape[1])  # (N, out), (N, in)
    grad_x = grad @ w if input_requires_grad else None  # (..., out) @ (out, in) -> (..., in)
    return grad_x, rows.T @ x_rows, rows.sum(axis=0)
