"""Dropout: numbers left out at random, so that no neuron learns to rely on another."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook._rng import layer_generator
from nnbook.nn._checks import as_grad, fraction, refuse
from nnbook.nn._floats import FloatArray, as_floats


def dropout_mask(
    shape: tuple[int, ...],
    p: float = 0.5,
    dtype: DTypeLike = np.float64,
    rng: int | np.random.Generator | None = None,
) -> FloatArray:
    r"""What dropout multiplies by: 0 with probability $p$, else $1/(1-p)$.

    This factor keeps the mean: $p \cdot 0 + (1-p) \cdot \frac{1}{1-p} = 1$.

    Args:
        shape: The shape of what it is for.
        p: The probability of a 0.
        dtype: The type of what it is for.
        rng: A generator or seed.

    Returns:
        The factors, in this shape.

    Raises:
        ValueError: If `p` is no probability.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.dropout_mask((2, 4), p=0.5, rng=0)
        array([[2., 2., 2., 0.],
               [0., 0., 0., 0.]])
    """
    fraction("p", p)
    # In float32, whatever the dtype: half the work, and one seed gives one mask.
    kept = layer_generator(rng).random(shape, dtype=np.float32) >= p
    scale = 1.0 / (1.0 - p) if p < 1 else 0.0  # for p = 1 nothing is kept, and nothing scaled
    mask: FloatArray = kept.astype(dtype)
    mask *= scale
    return mask


def dropout(
    x: ArrayLike,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    rng: int | np.random.Generator | None = None,
) -> FloatArray:
    r"""Each number replaced by 0 with probability $p$, and the others divided by $1 - p$.

    $$y_i = m_i\, x_i, \qquad m_i = \begin{cases} 0 & \text{with probability } p \\
    \frac{1}{1-p} & \text{else} \end{cases}$$

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to
    prevent neural networks from overfitting, 2014.

    Args:
        x: Numbers, in an array of any shape.
        p: The probability of being dropped.
        training: If not, nothing is dropped.
        inplace: Not supported.
        rng: A generator or seed; `dropout_mask` makes the same mask from the same seed.

    Returns:
        What is left, in the shape of `x`.

    Raises:
        TypeError: If `x` does not hold real numbers.
        ValueError: If `p` is no probability.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.dropout([1.0, 2.0, 3.0, 4.0], p=0.5, rng=0)
        array([2., 4., 6., 0.])
        >>> F.dropout([1.0, 2.0, 3.0, 4.0], p=0.5, training=False)
        array([1., 2., 3., 4.])
    """
    refuse("dropout", inplace=inplace)
    x = as_floats(x)
    fraction("p", p)
    if not training:
        return np.copy(x)
    return apply_mask(x, dropout_mask(x.shape, p, x.dtype, rng))


@np.errstate(all="ignore")  # 0 * inf = nan, in PyTorch as well
def apply_mask(x: FloatArray, mask: FloatArray) -> FloatArray:
    """The product, element by element."""
    return x * mask


def dropout_backward(grad_output: ArrayLike, mask: FloatArray) -> FloatArray:
    r"""The gradient of `dropout`: through the same mask.

    From $y_i = m_i x_i$ follows $\partial L/\partial x_i = m_i\, \partial L/\partial y_i$: what was
    dropped had no part in the loss.

    Args:
        grad_output: $\partial L / \partial y$, in the shape of the mask.
        mask: The mask of the way forward, from `dropout_mask`.

    Returns:
        $\partial L / \partial x$, in the same shape.

    Raises:
        TypeError: If `grad_output` does not hold real numbers.
        ValueError: If the shapes differ.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.dropout_backward([1.0, 1.0, 1.0, 1.0], F.dropout_mask((4,), p=0.5, rng=0))
        array([2., 2., 2., 0.])
    """
    return apply_mask(as_grad(grad_output, mask.shape, mask.dtype), mask)
