"""Softmax and its logarithm: k scores become k probabilities, or their logarithms, safely."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._floats import FloatArray, as_floats


@np.errstate(all="ignore")  # where inf - inf = nan, PyTorch answers nan as well
def softmax(z: ArrayLike, dim: int = -1) -> FloatArray:
    r"""Turn scores into probabilities: positive, and 1 in all.

    $$p_j = \frac{e^{z_j}}{\sum_m e^{z_m}}$$

    Source: Bridle, Probabilistic interpretation of feedforward classification network outputs,
    1990.

    Args:
        z: Scores, of any shape with at least one dimension.
        dim: The dimension that runs over the classes.

    Returns:
        Probabilities in the shape of `z`; they sum to 1 along `dim`. Where a score is plus
        infinity, or all are minus infinity, the result is `nan`, as in PyTorch.

    Raises:
        TypeError: If `z` does not hold real numbers.
        ValueError: If `z` is a single number.
        IndexError: If `z` has no dimension `dim`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.softmax([2.0, 1.0, -1.0]).round(3)
        array([0.705, 0.259, 0.035])
    """
    z = _with_dim(z, dim)
    # The same shift for all scores changes nothing, and after this one no e^z exceeds 1.
    shifted = z - _max(z, dim)
    e = np.exp(shifted)
    p: FloatArray = e / e.sum(axis=dim, keepdims=True)
    return p


def softmax_jacobian(p: ArrayLike) -> FloatArray:
    r"""All slopes of softmax: how each probability moves with each score.

    $$J_{jm} = \frac{\partial p_j}{\partial z_m} = p_j\,(\delta_{jm} - p_m)$$

    Args:
        p: Probabilities, the result of `softmax` along the last dimension, of shape (..., k).

    Returns:
        The Jacobians, of shape (..., k, k).

    Raises:
        TypeError: If `p` does not hold real numbers.
        ValueError: If `p` is a single number.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.softmax_jacobian([0.7, 0.2, 0.1]).round(2)
        array([[ 0.21, -0.14, -0.07],
               [-0.14,  0.16, -0.02],
               [-0.07, -0.02,  0.09]])
    """
    p = _with_dim(p, -1)
    identity = np.eye(p.shape[-1], dtype=p.dtype)
    # (..., k, 1) * ((k, k) - (..., 1, k)) -> (..., k, k)
    jacobian: FloatArray = p[..., :, None] * (identity - p[..., None, :])
    return jacobian


@np.errstate(all="ignore")
def softmax_backward(grad_output: ArrayLike, p: ArrayLike, dim: int = -1) -> FloatArray:
    r"""The gradient by the scores, from the gradient by the probabilities.

    The chain rule with the Jacobian of `softmax_jacobian`, without ever building the table:

    $$\frac{\partial L}{\partial z_m}
    = \sum_j \frac{\partial L}{\partial p_j}\, p_j (\delta_{jm} - p_m)
    = p_m \left( \frac{\partial L}{\partial p_m}
    - \sum_j \frac{\partial L}{\partial p_j}\, p_j \right)$$

    Args:
        grad_output: $\partial L / \partial p$, in the shape of `p`.
        p: The result of `softmax`.
        dim: The dimension that runs over the classes.

    Returns:
        $\partial L / \partial z$, in the same shape.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the shapes differ, or are those of a single number.
        IndexError: If there is no dimension `dim`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.softmax_backward([1.0, 0.0, 0.0], [0.7, 0.2, 0.1]).round(2)
        array([ 0.21, -0.14, -0.07])
    """
    p = _with_dim(p, dim)
    grad_output = _like(grad_output, p)
    mean = (grad_output * p).sum(axis=dim, keepdims=True)
    return p * (grad_output - mean)


@np.errstate(all="ignore")  # as for softmax; and an empty set has the sum 0
def log_softmax(z: ArrayLike, dim: int = -1) -> FloatArray:
    r"""The logarithm of softmax, finite even where the probability is too small for a float.

    $$\ln p_j = z_j - \ln \sum_m e^{z_m}$$

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, sections 4.1 and 6.2.2.3.

    Args:
        z: Scores, of any shape with at least one dimension.
        dim: The dimension that runs over the classes.

    Returns:
        Logarithms of probabilities, in the shape of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.
        ValueError: If `z` is a single number.
        IndexError: If `z` has no dimension `dim`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.log_softmax([0.0, -1000.0])
        array([    0., -1000.])
    """
    z = _with_dim(z, dim)
    shifted = z - _max(z, dim)  # the largest is now 0, so the sum below is at least e^0 = 1
    logs: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))
    return logs


@np.errstate(all="ignore")
def log_softmax_backward(grad_output: ArrayLike, output: ArrayLike, dim: int = -1) -> FloatArray:
    r"""The gradient by the scores, from the gradient by the logarithms of the probabilities.

    From $\partial \ln p_j / \partial z_m = \delta_{jm} - p_m$:

    $$\frac{\partial L}{\partial z_m} = \frac{\partial L}{\partial \ln p_m}
    - p_m \sum_j \frac{\partial L}{\partial \ln p_j}$$

    Args:
        grad_output: $\partial L / \partial \ln p$, in the shape of `output`.
        output: The result of `log_softmax`.
        dim: The dimension that runs over the classes.

    Returns:
        $\partial L / \partial z$, in the same shape.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the shapes differ, or are those of a single number.
        IndexError: If there is no dimension `dim`.

    Examples:
        >>> import numpy as np
        >>> from nnbook.nn import functional as F
        >>> F.log_softmax_backward([1.0, 0.0, 0.0], np.log([0.7, 0.2, 0.1])).round(2)
        array([ 0.3, -0.2, -0.1])
    """
    output = _with_dim(output, dim)
    grad_output = _like(grad_output, output)
    total = grad_output.sum(axis=dim, keepdims=True)
    grad: FloatArray = grad_output - np.exp(output) * total
    return grad


@np.errstate(all="ignore")  # the logarithm of an empty sum is -inf
def logsumexp(z: ArrayLike, dim: int = -1, keepdim: bool = False) -> FloatArray:
    r"""The smooth maximum below softmax's fraction bar.

    $$\operatorname{lse}(\mathbf{z}) = \ln \sum_m e^{z_m}$$

    Source: Boyd and Vandenberghe, Convex Optimization, 2004, section 3.1.5.

    Args:
        z: Scores, of any shape with at least one dimension.
        dim: The dimension to sum over.
        keepdim: Keep this dimension, with length 1.

    Returns:
        One number for each set of scores; minus infinity for an empty set.

    Raises:
        TypeError: If `z` does not hold real numbers.
        ValueError: If `z` is a single number.
        IndexError: If `z` has no dimension `dim`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> print(f"{F.logsumexp([1000.0, 1000.0]):.3f}")
        1000.693
    """
    z = _with_dim(z, dim)
    largest = _max(z, dim)
    largest = np.where(np.isfinite(largest), largest, 0.0).astype(z.dtype)  # inf - inf would be nan
    total = np.exp(z - largest).sum(axis=dim, keepdims=True)
    result: FloatArray = np.log(total) + largest
    return result if keepdim else result.squeeze(axis=dim)[()]


@np.errstate(all="ignore")
def logsumexp_backward(grad_output: ArrayLike, z: ArrayLike, dim: int = -1) -> FloatArray:
    r"""The gradient by the scores: what arrives, shared out by softmax.

    $$\frac{\partial L}{\partial z_m} = \frac{\partial L}{\partial \operatorname{lse}}
    \, \frac{e^{z_m}}{\sum_j e^{z_j}}$$

    Args:
        grad_output: $\partial L / \partial \operatorname{lse}$, shaped as `logsumexp(z, dim)`.
        z: The scores.
        dim: The dimension that was summed over.

    Returns:
        $\partial L / \partial z$, in the shape of `z`.

    Raises:
        TypeError: If an argument does not hold real numbers.
        ValueError: If the shapes do not fit, or `z` is a single number.
        IndexError: If `z` has no dimension `dim`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.logsumexp_backward(1.0, [2.0, 1.0, -1.0]).round(3)
        array([0.705, 0.259, 0.035])
    """
    p = softmax(z, dim)
    grad_output = _like(grad_output, p.sum(axis=dim))
    return np.expand_dims(grad_output, dim) * p


def _with_dim(z: ArrayLike, dim: int) -> FloatArray:
    """The array, once it is sure that it has the dimension."""
    array = as_floats(z)
    if array.ndim == 0:
        raise ValueError("softmax needs a dimension that runs over classes; got a single number")
    if not -array.ndim <= dim < array.ndim:
        raise IndexError(f"there is no dim {dim} in an array of shape {array.shape}")
    return array


def _max(z: FloatArray, dim: int) -> Any:
    return np.max(z, axis=dim, keepdims=True, initial=-np.inf)  # initial: for empty sets


def _like(grad_output: ArrayLike, output: FloatArray) -> FloatArray:
    """The gradient as floats, once it is sure that it has the output's shape."""
    grad = as_floats(grad_output)
    if grad.shape != np.shape(output):
        raise ValueError(f"grad_output has shape {grad.shape}; output has {np.shape(output)}")
    return grad
