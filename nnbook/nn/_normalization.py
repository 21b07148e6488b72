"""Batch normalization and layer normalization, with their gradients."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn._normalize import (
    Gradients,
    Normalized,
    affine,
    affine_backward,
    count,
    matching,
    normalize,
    normalize_with,
)

# Batch normalization: one mean for each channel


def batch_norm(
    x: ArrayLike,
    running_mean: FloatArray | None,
    running_var: FloatArray | None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> FloatArray:
    r"""Each channel with mean 0 and variance 1 over the batch, then scaled and shifted.

    $$y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift, 2015.

    Args:
        x: (N, C, ...).
        running_mean: Means for use after training, (C,). In training they are updated in place,
            unless they are `None`.
        running_var: Variances, likewise.
        weight: The scale $\gamma$, (C,), or `None` for 1.
        bias: The shift $\beta$, (C,), or `None` for 0.
        training: Whether mean and variance are those of the batch, or the running ones.
        momentum: How much of the batch's goes into the running ones.
        eps: $\epsilon$.

    Returns:
        $y$, in the shape of `x`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit; if a channel has one value only, whose variance is no
            estimate; if the running ones are needed and not there.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.batch_norm([[1.0, 10.0], [3.0, 30.0]], None, None, training=True).round(3)
        array([[-1., -1.],
               [ 1.,  1.]])
    """
    x = with_channels(x)
    normalized = batch_normalized(x, running_mean, running_var, training, momentum, eps)
    return affine(normalized.x_hat, channels(x, "weight", weight), channels(x, "bias", bias))


def batch_norm_backward(
    grad_output: ArrayLike,
    x: ArrayLike,
    running_mean: FloatArray | None = None,
    running_var: FloatArray | None = None,
    weight: ArrayLike | None = None,
    training: bool = False,
    eps: float = 1e-5,
) -> Gradients:
    r"""The gradients of `batch_norm`; the running mean and variance are left alone.

    In training, $n = N H W$ numbers share a mean, for each channel. With
    $g = \gamma\, \partial L/\partial y$,

    $$\frac{\partial L}{\partial x_i} = \frac{1}{\sqrt{\sigma^2 + \epsilon}} \left[ g_i
    - \frac{1}{n} \sum_j g_j - \hat{x}_i\, \frac{1}{n} \sum_j g_j \hat{x}_j \right], \qquad
    \frac{\partial L}{\partial \gamma} = \sum_i \frac{\partial L}{\partial y_i}\, \hat{x}_i, \qquad
    \frac{\partial L}{\partial \beta} = \sum_i \frac{\partial L}{\partial y_i}$$

    The first follows from the three ways in which an input moves the output: by itself, through
    the mean ($\partial \mu / \partial x_i = 1/n$), and through the variance
    ($\partial \sigma^2 / \partial x_i = 2 (x_i - \mu) / n$). After training, mean and variance are
    constants, and the bracket is just $g_i$.

    Args:
        grad_output: $\partial L / \partial y$, in the shape of `x`.
        x: As for `batch_norm`, and so are the others.
        running_mean: (C,), or `None`.
        running_var: (C,), or `None`.
        weight: (C,), or `None`.
        training: Whether the batch's mean and variance were used.
        eps: $\epsilon$.

    Returns:
        The gradients by `x`, by `weight` and by `bias`.

    Raises:
        TypeError: As for `batch_norm`.
        ValueError: As for `batch_norm`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> x = [[1.0], [3.0], [8.0]]
        >>> grad_x, grad_weight, grad_bias = F.batch_norm_backward(
        ...     [[1.0], [0.0], [0.0]], x, training=True)
        >>> grad_x.round(4), grad_weight.round(4), grad_bias
        (array([[ 0.1089],
               [-0.1524],
               [ 0.0435]]), array([-1.019]), array([1.]))
    """
    x = with_channels(x)
    if training:
        running_mean = running_var = None
    normalized = batch_normalized(x, running_mean, running_var, training, 0.0, eps)
    weight = channels(x, "weight", weight)
    return affine_backward(grad_output, normalized, weight, all_but_channels(x))


def batch_normalized(
    x: FloatArray,
    running_mean: FloatArray | None,
    running_var: FloatArray | None,
    training: bool,
    momentum: float,
    eps: float,
) -> Normalized:
    """`batch_norm` before scale and shift; the layers keep it for their `backward`."""
    if eps < 0 or (training and eps == 0):
        raise ValueError(f"eps is {eps}; it must be positive")
    mean, var = channels(x, "running_mean", running_mean), channels(x, "running_var", running_var)
    if not training:
        if mean is None or var is None:
            raise ValueError("outside of training, running_mean and running_var are needed")
        return normalize_with(x, mean, var, eps)
    axes = all_but_channels(x)
    n = count(x, axes)
    if n == 1:
        raise ValueError(f"training needs more than 1 value for each channel; x has {x.shape}")
    normalized, batch_mean, batch_var = normalize(x, axes, eps)
    if n > 1:
        _update(running_mean, batch_mean, momentum)
        _update(running_var, batch_var * (n / (n - 1)), momentum)  # unbiased, as an estimate
    return normalized


@np.errstate(all="ignore")
def _update(running: FloatArray | None, batch: FloatArray, momentum: float) -> None:
    if running is None:
        return
    if not isinstance(running, np.ndarray):
        raise TypeError(f"running values are updated in place: give an array, not {running!r}")
    running += momentum * (batch.reshape(running.shape) - running)


# Layer normalization: one mean for each example


def layer_norm(
    x: ArrayLike,
    normalized_shape: Sequence[int],
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    eps: float = 1e-5,
) -> FloatArray:
    r"""Each example with mean 0 and variance 1 over its features, then scaled and shifted.

    $$y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    Source: Ba, Kiros and Hinton, Layer normalization, 2016.

    Args:
        x: (..., *normalized_shape).
        normalized_shape: The last dimensions, over which mean and variance are taken.
        weight: The scale $\gamma$, in this shape, or `None` for 1.
        bias: The shift $\beta$, in this shape, or `None` for 0.
        eps: $\epsilon$.

    Returns:
        $y$, in the shape of `x`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.layer_norm([[1.0, 3.0], [10.0, 30.0]], (2,)).round(3)
        array([[-1.,  1.],
               [-1.,  1.]])
    """
    x, shape = as_floats(x), tuple(normalized_shape)
    x_hat = layer_normalized(x, shape, eps).x_hat
    return affine(x_hat, matching(x, "weight", weight, shape), matching(x, "bias", bias, shape))


def layer_norm_backward(
    grad_output: ArrayLike,
    x: ArrayLike,
    normalized_shape: Sequence[int],
    weight: ArrayLike | None = None,
    eps: float = 1e-5,
) -> Gradients:
    r"""The gradients of `layer_norm`.

    By `x` it is the formula of `batch_norm_backward`, with the $n$ features of one example instead
    of the $n$ numbers of one channel. A weight and a bias serve all examples, so their gradients
    are summed over these.

    Args:
        grad_output: $\partial L / \partial y$, in the shape of `x`.
        x: (..., *normalized_shape).
        normalized_shape: As for `layer_norm`, and so are the others.
        weight: The scale, or `None`.
        eps: $\epsilon$.

    Returns:
        The gradients by `x`, by `weight` and by `bias`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> grad_x, _, _ = F.layer_norm_backward([[1.0, 0.0, 0.0]], [[1.0, 3.0, 8.0]], (3,))
        >>> grad_x.round(4)
        array([[ 0.1089, -0.1524,  0.0435]])
    """
    x, shape = as_floats(x), tuple(normalized_shape)
    normalized = layer_normalized(x, shape, eps)
    weight = matching(x, "weight", weight, shape)
    return affine_backward(grad_output, normalized, weight, tuple(range(x.ndim - len(shape))))


def layer_normalized(x: FloatArray, shape: tuple[int, ...], eps: float) -> Normalized:
    """`layer_norm` before scale and shift; the layer keeps it for its `backward`."""
    if not shape:
        raise ValueError("normalized_shape is (); it needs at least 1 dimension")
    if x.shape[-len(shape) :] != shape:
        raise ValueError(f"x has shape {x.shape}; normalized_shape is {shape}")
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    return normalize(x, axes, eps)[0]


# Shapes


def with_channels(x: ArrayLike) -> FloatArray:
    """The array, once it is sure that it has channels: (N, C, ...)."""
    array = as_floats(x)
    if array.ndim < 2:
        raise ValueError(f"x has shape {array.shape}; expected (N, C, ...)")
    return array


def all_but_channels(x: FloatArray) -> tuple[int, ...]:
    """The axes that share a channel's mean: all but the second."""
    return (0, *range(2, x.ndim))


def channels(x: FloatArray, name: str, value: ArrayLike | None) -> FloatArray | None:
    """One value for each channel, in the shape (C, 1, 1) that goes with (N, C, H, W)."""
    array = matching(x, name, value, x.shape[1:2])
    return None if array is None else array.reshape(-1, *[1] * (x.ndim - 2))
