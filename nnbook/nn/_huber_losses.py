"""How far off is a number? Two answers that are smooth near the target and calm far from it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._floats import FloatArray
from nnbook.nn._reduction import Reduction, chain, pair, reduced, refuse_given


@np.errstate(all="ignore")
def smooth_l1_loss(
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
    beta: float = 1.0,
) -> Any:
    r"""The absolute error with its kink rounded, between $-\beta$ and $\beta$.

    $$\ell_i = \begin{cases} \frac{1}{2\beta} (x_i - t_i)^2 & |x_i - t_i| < \beta \\
    |x_i - t_i| - \frac{1}{2} \beta & \text{otherwise} \end{cases}$$

    Both parts have the value $\beta/2$ and the slope 1 where they meet. Source: Girshick, Fast
    R-CNN, 2015.

    Args:
        input: What was computed, $x$, of any shape.
        target: What it should have been, $t$, in the same shape.
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"`, `"sum"` or `"none"`.
        beta: Where the parabola meets the lines; with 0 this is `l1_loss`.

    Returns:
        A number, or with `"none"` an array in the shape of `input`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes differ, or `beta` is negative.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.smooth_l1_loss([0.5, 3.0], [0.0, 0.0], reduction="none")
        array([0.125, 2.5  ])
    """
    refuse_given("smooth_l1_loss", size_average=size_average, reduce=reduce)
    x, t = pair(input, target)
    distance = np.abs(x - t)
    parabola = 0.5 * np.square(distance) / _not_negative(beta)
    return reduced(np.where(distance < beta, parabola, distance - 0.5 * beta), x, reduction)


@np.errstate(all="ignore")
def smooth_l1_loss_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    reduction: Reduction = "mean",
    beta: float = 1.0,
) -> FloatArray:
    r"""The gradient of `smooth_l1_loss`: a pull that grows up to 1, and then stays.

    The derivative of the parabola is $(x_i - t_i)/\beta$, and of the lines the sign of $x_i - t_i$.

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `smooth_l1_loss`.
        target: As for `smooth_l1_loss`.
        reduction: As for `smooth_l1_loss`.
        beta: As for `smooth_l1_loss`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.smooth_l1_loss_backward(1.0, [0.5, 3.0], [0.0, 0.0])
        array([0.25, 0.5 ])
    """
    x, t = pair(input, target)
    error = x - t
    near = np.abs(error) < _not_negative(beta)
    return chain(grad_output, np.where(near, error / beta, np.sign(error)), x, reduction)


@np.errstate(all="ignore")
def huber_loss(
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    reduction: Reduction = "mean",
    delta: float = 1.0,
    weight: None = None,
) -> Any:
    r"""The squared error near the target, the absolute one far from it.

    $$\ell_i = \begin{cases} \frac{1}{2} (x_i - t_i)^2 & |x_i - t_i| \le \delta \\
    \delta \left(|x_i - t_i| - \frac{1}{2} \delta\right) & \text{otherwise} \end{cases}$$

    This is $\delta$ times `smooth_l1_loss` with $\beta = \delta$. Source: Huber, Robust estimation
    of a location parameter, 1964.

    Args:
        input: What was computed, $x$, of any shape.
        target: What it should have been, $t$, in the same shape.
        reduction: `"mean"`, `"sum"` or `"none"`.
        delta: How far off an error becomes an outlier.
        weight: Not supported.

    Returns:
        A number, or with `"none"` an array in the shape of `input`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes differ, or `delta` is not positive.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.huber_loss([0.5, 3.0], [0.0, 0.0], reduction="none", delta=2.0)
        array([0.125, 4.   ])
    """
    refuse_given("huber_loss", weight=weight)
    x, t = pair(input, target)
    distance = np.abs(x - t)
    line = _positive(delta) * (distance - 0.5 * delta)
    return reduced(np.where(distance <= delta, 0.5 * np.square(distance), line), x, reduction)


@np.errstate(all="ignore")
def huber_loss_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    reduction: Reduction = "mean",
    delta: float = 1.0,
) -> FloatArray:
    r"""The gradient of `huber_loss`: the error itself, but never more than $\delta$.

    The derivative of the parabola is $x_i - t_i$, and of the lines it is $\pm\delta$.

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `huber_loss`.
        target: As for `huber_loss`.
        reduction: As for `huber_loss`.
        delta: As for `huber_loss`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.huber_loss_backward(1.0, [0.5, 3.0], [0.0, 0.0], delta=2.0)
        array([0.25, 1.  ])
    """
    x, t = pair(input, target)
    slope = np.clip(x - t, -_positive(delta), delta)
    return chain(grad_output, slope, x, reduction)


def _not_negative(beta: float) -> float:
    """The half-width of smooth L1's parabola, which may be 0."""
    if not beta >= 0:
        raise ValueError(f"beta is {beta}; it must be at least 0")
    return beta


def _positive(delta: float) -> float:
    """The half-width of Huber's parabola, which may not be 0: nothing would be left of the loss."""
    if not delta > 0:
        raise ValueError(f"delta is {delta}; it must be above 0")
    return delta
