"""How far off is a number? The squared error, and the absolute one."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._floats import FloatArray
from nnbook.nn._reduction import Reduction, chain, pair, reduced, refuse_given


@np.errstate(all="ignore")  # a square may overflow, and the mean of nothing is nan
def mse_loss(
    input: ArrayLike,  # noqa: A002 - PyTorch's name for it
    target: ArrayLike,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
    weight: None = None,
) -> Any:
    r"""The squared error: twice as far off is four times as bad.

    $$\ell_i = (x_i - t_i)^2$$

    Source: Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805.

    Args:
        input: What was computed, $x$, of any shape.
        target: What it should have been, $t$, in the same shape.
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"` or `"sum"` of the losses, or `"none"` for all of them.
        weight: Not supported.

    Returns:
        A number, or with `"none"` an array in the shape of `input`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes differ: PyTorch would broadcast them, and compare each number with
            each.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> print(F.mse_loss([1.0, 2.0], [0.0, 4.0]))
        2.5
        >>> F.mse_loss([1.0, 2.0], [0.0, 4.0], reduction="none")
        array([1., 4.])
    """
    refuse_given("mse_loss", size_average=size_average, reduce=reduce, weight=weight)
    x, t = pair(input, target)
    return reduced(np.square(x - t), x, reduction)


@np.errstate(all="ignore")
def mse_loss_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    reduction: Reduction = "mean",
) -> FloatArray:
    r"""The gradient of `mse_loss`: the further off, the stronger the pull.

    The derivative of a square, $\dfrac{d\ell_i}{dx_i} = 2\,(x_i - t_i)$, times the share of the
    loss in the mean, $1/n$, or in the sum, 1.

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `mse_loss`.
        target: As for `mse_loss`.
        reduction: As for `mse_loss`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.mse_loss_backward(1.0, [1.0, 2.0], [0.0, 4.0])
        array([ 1., -2.])
    """
    x, t = pair(input, target)
    return chain(grad_output, 2 * (x - t), x, reduction)


@np.errstate(all="ignore")
def l1_loss(
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
    weight: None = None,
) -> Any:
    r"""The absolute error: twice as far off is twice as bad, so that no outlier rules.

    $$\ell_i = |x_i - t_i|$$

    Source: Bloomfield and Steiger, Least Absolute Deviations, 1983.

    Args:
        input: What was computed, $x$, of any shape.
        target: What it should have been, $t$, in the same shape.
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"`, `"sum"` or `"none"`.
        weight: Not supported.

    Returns:
        A number, or with `"none"` an array in the shape of `input`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes differ.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> print(F.l1_loss([1.0, 2.0], [0.0, 4.0]))
        1.5
    """
    refuse_given("l1_loss", size_average=size_average, reduce=reduce, weight=weight)
    x, t = pair(input, target)
    return reduced(np.abs(x - t), x, reduction)


@np.errstate(all="ignore")
def l1_loss_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    reduction: Reduction = "mean",
) -> FloatArray:
    r"""The gradient of `l1_loss`: the pull is the same from everywhere.

    The derivative of $|x_i - t_i|$ is the sign of $x_i - t_i$, and 0 at the kink by convention.
    Where an error is `nan` its sign is too (PyTorch's is 0).

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `l1_loss`.
        target: As for `l1_loss`.
        reduction: As for `l1_loss`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.l1_loss_backward(1.0, [1.0, 2.0], [0.0, 4.0])
        array([ 0.5, -0.5])
    """
    x, t = pair(input, target)
    return chain(grad_output, np.sign(x - t), x, reduction)
