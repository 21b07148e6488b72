"""How far one distribution is from another."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._checks import one_of
from nnbook.nn._floats import FloatArray
from nnbook.nn._reduction import (
    REDUCTIONS,
    BatchReduction,
    Reduction,
    chain,
    pair,
    reduced,
    refuse_given,
)


@np.errstate(all="ignore")
def kl_div(
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    size_average: None = None,
    reduce: None = None,
    reduction: BatchReduction = "mean",
    log_target: bool = False,
) -> Any:
    r"""The Kullback-Leibler divergence: what believing $e^x$ costs where $t$ is true.

    $$\ell_i = t_i \left( \ln t_i - x_i \right)$$

    where $0 \ln 0 = 0$. The divergence of two distributions is the sum of it. So say `"batchmean"`
    for the mean divergence of a batch; `"mean"` divides by the number of classes as well. Source:
    Kullback and Leibler, On information and sufficiency, 1951.

    Args:
        input: Logarithms of probabilities, $x$, (N, ...).
        target: Probabilities, $t$, in the same shape.
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"`, `"sum"`, `"none"`, or `"batchmean"`, the sum divided by N.
        log_target: Whether `target` holds logarithms too, $\ln t$.

    Returns:
        A number, or with `"none"` an array in the shape of `input`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes differ.

    Examples:
        >>> import numpy as np
        >>> from nnbook.nn import functional as F
        >>> print(f"{F.kl_div(np.log([[0.5, 0.5]]), [[1.0, 0.0]], reduction='batchmean'):.3f}")
        0.693
    """
    refuse_given("kl_div", size_average=size_average, reduce=reduce)
    x, t = pair(input, target)
    if log_target:
        return reduced(np.exp(t) * (t - x), x, *_per_batch(reduction, x))
    t_ln_t = np.where(t == 0, 0.0, t * np.log(t))
    return reduced(t_ln_t - t * x, x, *_per_batch(reduction, x))


@np.errstate(all="ignore")
def kl_div_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    reduction: BatchReduction = "mean",
    log_target: bool = False,
) -> FloatArray:
    r"""The gradient of `kl_div`: $\ell_i$ is a line in $x_i$, with the slope $-t_i$.

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `kl_div`.
        target: As for `kl_div`.
        reduction: As for `kl_div`.
        log_target: As for `kl_div`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.kl_div_backward(1.0, [[-0.7, -0.7]], [[1.0, 0.0]], reduction="batchmean") + 0.0
        array([[-1.,  0.]])
    """
    x, t = pair(input, target)
    return chain(grad_output, -(np.exp(t) if log_target else t), x, *_per_batch(reduction, x))


def _per_batch(reduction: BatchReduction, x: FloatArray) -> tuple[Reduction, int | None]:
    """A mean over the batch is a mean that divides by another number."""
    one_of("reduction", reduction, (*REDUCTIONS, "batchmean"))
    if reduction == "batchmean":
        return "mean", x.shape[0] if x.ndim else 1
    return reduction, None
