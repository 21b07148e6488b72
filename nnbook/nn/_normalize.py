r"""Numbers of mean 0 and variance 1: over a batch, for each channel, or over an example's features.

Batch and layer normalization do the same thing along different axes. It stands here once, as
`normalize`, and so does the way back through it.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad
from nnbook.nn._floats import FloatArray

Gradients = tuple[FloatArray, FloatArray, FloatArray]


class Normalized(NamedTuple):
    r"""What `normalize` computes: the layers keep it for their `backward`.

    Attributes:
        x_hat: $\hat{x}$, in the shape of $x$.
        inv_std: $1/\sqrt{\sigma^2 + \epsilon}$, of length 1 along the axes that share it.
        axes: These axes; none, where mean and variance were constants.
    """

    x_hat: FloatArray
    inv_std: FloatArray
    axes: tuple[int, ...]


@np.errstate(all="ignore")  # inf - inf = nan, in PyTorch too; an empty batch has the mean 0 / 0
def normalize(
    x: FloatArray, axes: tuple[int, ...], eps: float
) -> tuple[Normalized, FloatArray, FloatArray]:
    r"""$\hat{x} = (x - \mu) / \sqrt{\sigma^2 + \epsilon}$, with mean and variance over some axes.

    Args:
        x: The numbers.
        axes: The axes whose numbers share a mean and a variance.
        eps: So that equal numbers are divided by something.

    Returns:
        $\hat{x}$ and what belongs to it, the means, and the variances, of length 1 along `axes`.
    """
    n = count(x, axes)
    # Added up in double precision, as PyTorch does: a float32 sum of 100 000 numbers loses digits.
    mean = (x.sum(axis=axes, keepdims=True, dtype=np.float64) / n).astype(x.dtype)
    x_hat = x - mean
    # From the differences, not as E[x^2] - E[x]^2: for a large mean these two are nearly equal.
    squares = np.square(x_hat).sum(axis=axes, keepdims=True, dtype=np.float64)
    var = (squares / n).astype(x.dtype)
    inv_std = 1.0 / np.sqrt(var + float(eps))
    x_hat *= inv_std
    return Normalized(x_hat, inv_std, axes), mean, var


@np.errstate(all="ignore")
def normalize_with(x: FloatArray, mean: FloatArray, var: FloatArray, eps: float) -> Normalized:
    """As `normalize`, with a mean and a variance that are given, and constants on the way back."""
    inv_std = 1.0 / np.sqrt(var + float(eps))
    return Normalized((x - mean) * inv_std, inv_std, ())


@np.errstate(all="ignore")
def normalize_backward(grad: FloatArray, normalized: Normalized) -> FloatArray:
    r"""The gradient by $x$, from $g = \partial L / \partial \hat{x}$.

    An input $x_i$ moves the output in three ways: it is the number that is normalized, it is a
    part of the mean, and it is a part of the variance. With $n$ numbers that share both, and
    $s = \sqrt{\sigma^2 + \epsilon}$, these are

    $$\frac{\partial (x_j - \mu)}{\partial x_i} = \delta_{ij} - \frac{1}{n}, \qquad
    \frac{\partial \sigma^2}{\partial x_i} = \frac{2}{n} (x_i - \mu), \qquad
    \frac{\partial}{\partial x_i} \frac{1}{s} = -\frac{1}{2 s^3}
    \frac{\partial \sigma^2}{\partial x_i} = -\frac{\hat{x}_i}{n s^2}$$

    (the mean moves too, but $\sum_j (x_j - \mu) = 0$ keeps it out of the variance). The product
    rule for $\hat{x}_j = (x_j - \mu) \cdot \frac{1}{s}$, and the sum over all $j$:

    $$\frac{\partial L}{\partial x_i}
    = \sum_j g_j \left[ \frac{1}{s} \left( \delta_{ij} - \frac{1}{n} \right)
    - (x_j - \mu) \frac{\hat{x}_i}{n s^2} \right]
    = \frac{1}{s} \left[ g_i - \frac{1}{n} \sum_j g_j
    - \hat{x}_i\, \frac{1}{n} \sum_j g_j \hat{x}_j \right]$$

    So what arrives loses its mean, and its share along $\hat{x}$. It has to: to add one number to
    all $x$, or (but for $\epsilon$) to multiply them by one, does not change the output at all. If
    mean and variance are constants, only the first way is left, $g_i / s$.
    """
    x_hat, inv_std, axes = normalized
    if axes:
        n = count(x_hat, axes)
        along = (grad * x_hat).sum(axis=axes, keepdims=True) / n
        grad = grad - grad.sum(axis=axes, keepdims=True) / n - x_hat * along
    return grad * inv_std


@np.errstate(all="ignore")
def affine(x_hat: FloatArray, weight: FloatArray | None, bias: FloatArray | None) -> FloatArray:
    r"""$y = \gamma \hat{x} + \beta$: any mean and variance again, if training prefers them."""
    y = np.copy(x_hat) if weight is None else x_hat * weight
    if bias is not None:
        y += bias
    return y


@np.errstate(all="ignore")
def affine_backward(
    grad_output: ArrayLike,
    normalized: Normalized,
    weight: FloatArray | None,
    shared: tuple[int, ...],
) -> Gradients:
    r"""The gradients by $x$, $\gamma$ and $\beta$, for $y = \gamma \hat{x} + \beta$.

    $$\frac{\partial L}{\partial \hat{x}} = \frac{\partial L}{\partial y}\, \gamma, \qquad
    \frac{\partial L}{\partial \gamma} = \sum \frac{\partial L}{\partial y}\, \hat{x}, \qquad
    \frac{\partial L}{\partial \beta} = \sum \frac{\partial L}{\partial y}$$

    The sums run over the axes along which one $\gamma$ serves all (`shared`).
    """
    x_hat = normalized.x_hat
    grad = as_grad(grad_output, x_hat.shape, x_hat.dtype)
    grad_weight, grad_bias = (grad * x_hat).sum(axis=shared), grad.sum(axis=shared)
    grad_x = normalize_backward(grad if weight is None else grad * weight, normalized)
    return grad_x, grad_weight, grad_bias


def count(x: FloatArray, axes: tuple[int, ...]) -> int:
    """How many numbers lie along these axes."""
    return math.prod(x.shape[axis] for axis in axes)


def matching(
    x: FloatArray, name: str, value: ArrayLike | None, shape: tuple[int, ...]
) -> FloatArray | None:
    """A parameter, once it is sure that it has the dtype of `x` and the shape that goes with it."""
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype != x.dtype:
        raise TypeError(f"{name} has dtype {array.dtype}; x has {x.dtype}")
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}; x needs {shape}, having {x.shape}")
    return array
