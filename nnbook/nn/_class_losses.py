"""Yes or no, and how sure: losses of a probability for each number."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._floats import FloatArray
from nnbook.nn._rectifiers import softplus
from nnbook.nn._reduction import Reduction, chain, pair, reduced, refuse_given, weighted
from nnbook.nn._sigmoids import sigmoid


@np.errstate(all="ignore")  # ln 0 = -inf is met below, and the mean of nothing is nan
def binary_cross_entropy(
    input: ArrayLike,  # noqa: A002 - PyTorch's name for it
    target: ArrayLike,
    weight: ArrayLike | None = None,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Any:
    r"""How surprised a probability of *yes* is by the truth.

    $$\ell_i = -w_i \left( t_i \ln x_i + (1 - t_i) \ln (1 - x_i) \right)$$

    A probability of exactly 0 or 1 that is wrong would cost infinitely much. So, as in PyTorch, no
    logarithm counts as less than -100. Source: Cox, The regression analysis of binary sequences,
    1958.

    Args:
        input: Probabilities, $x$, of any shape.
        target: What is true, $t$, in the same shape: 0, 1, or a probability.
        weight: What each loss counts, $w$, in a shape that broadcasts to that of `input`.
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"` or `"sum"` of the losses, or `"none"` for all of them.

    Returns:
        A number, or with `"none"` an array in the shape of `input`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit, or a number is not between 0 and 1.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.binary_cross_entropy([0.9, 0.9], [1.0, 0.0], reduction="none").round(3)
        array([0.105, 2.303])
    """
    refuse_given("binary_cross_entropy", size_average=size_average, reduce=reduce)
    x, t = _probabilities(input, target)
    ln_yes, ln_no = np.maximum(np.log(x), -100.0), np.maximum(np.log1p(-x), -100.0)
    losses = -(t * ln_yes + (1.0 - t) * ln_no)
    return reduced(weighted("weight", weight, losses), x, reduction)


@np.errstate(all="ignore")
def binary_cross_entropy_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> FloatArray:
    r"""The gradient of `binary_cross_entropy`.

    From $\dfrac{d \ln x}{dx} = \dfrac{1}{x}$ and $\dfrac{d \ln (1 - x)}{dx} = -\dfrac{1}{1 - x}$:

    $$\frac{d\ell_i}{dx_i} = -w_i \left( \frac{t_i}{x_i} - \frac{1 - t_i}{1 - x_i} \right)
    = w_i \, \frac{x_i - t_i}{x_i (1 - x_i)}$$

    The divisor is kept above $10^{-12}$, as in PyTorch: a probability that is wrong and sure of it
    gets a strong pull, where that of the cut logarithm would be 0.

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `binary_cross_entropy`.
        target: As for `binary_cross_entropy`.
        weight: As for `binary_cross_entropy`.
        reduction: As for `binary_cross_entropy`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.binary_cross_entropy_backward(1.0, [0.8, 0.5], [1.0, 0.0], reduction="sum")
        array([-1.25,  2.  ])
    """
    x, t = _probabilities(input, target)
    slope = (x - t) / np.maximum(x * (1.0 - x), 1e-12)
    return chain(grad_output, weighted("weight", weight, slope), x, reduction)


@np.errstate(all="ignore")
def binary_cross_entropy_with_logits(
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    weight: ArrayLike | None = None,
    size_average: None = None,
    reduce: None = None,
    reduction: Reduction = "mean",
    pos_weight: ArrayLike | None = None,
) -> Any:
    r"""`binary_cross_entropy` of the sigmoid of scores, without ever computing the sigmoid.

    $$\ell_i = -w_i \left( p\, t_i \ln \sigma(x_i) + (1 - t_i) \ln (1 - \sigma(x_i)) \right)$$

    With $-\ln \sigma(x) = \operatorname{softplus}(-x)$ and
    $-\ln (1 - \sigma(x)) = x + \operatorname{softplus}(-x)$ nothing is rounded to 0 before its
    logarithm is taken, and no score is too large:

    $$\ell_i = w_i \left( (1 - t_i)\, x_i
    + (1 - t_i + p\, t_i) \operatorname{softplus}(-x_i) \right)$$

    Source: Cox, The regression analysis of binary sequences, 1958.

    Args:
        input: Scores, $x$, of any shape.
        target: What is true, $t$, in the same shape: 0, 1, or a probability.
        weight: What each loss counts, $w$, in a shape that broadcasts to that of `input`.
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"`, `"sum"` or `"none"`.
        pos_weight: What a *yes* counts, $p$, where a *no* counts 1; its shape broadcasts too. Above
            1 it makes up for a *yes* that is rare.

    Returns:
        A number, or with `"none"` an array in the shape of `input`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> scores, target = [0.0, 100.0], [1.0, 0.0]
        >>> F.binary_cross_entropy_with_logits(scores, target, reduction="none").round(3)
        array([  0.693, 100.   ])
    """
    refuse_given("binary_cross_entropy_with_logits", size_average=size_average, reduce=reduce)
    x, t = pair(input, target)
    no, yes = 1.0 - t, weighted("pos_weight", pos_weight, t)
    losses = no * x + (no + yes) * softplus(-x, threshold=np.inf)
    return reduced(weighted("weight", weight, losses), x, reduction)


@np.errstate(all="ignore")
def binary_cross_entropy_with_logits_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
    pos_weight: ArrayLike | None = None,
) -> FloatArray:
    r"""The gradient of `binary_cross_entropy_with_logits`: probability minus truth.

    The slope of $\operatorname{softplus}(-x)$ is $-\sigma(-x) = \sigma(x) - 1$. So

    $$\frac{d\ell_i}{dx_i} = w_i \left( 1 - t_i + (1 - t_i + p\, t_i)(\sigma(x_i) - 1) \right)
    = w_i \left( (1 - t_i + p\, t_i)\, \sigma(x_i) - p\, t_i \right)$$

    which for $p = 1$ is $w_i (\sigma(x_i) - t_i)$: what the sigmoid flattens, the logarithm makes
    up for.

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `binary_cross_entropy_with_logits`.
        target: As for `binary_cross_entropy_with_logits`.
        weight: As for `binary_cross_entropy_with_logits`.
        reduction: As for `binary_cross_entropy_with_logits`.
        pos_weight: As for `binary_cross_entropy_with_logits`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.binary_cross_entropy_with_logits_backward(1.0, [0.0, 100.0], [1.0, 0.0])
        array([-0.25,  0.5 ])
    """
    x, t = pair(input, target)
    no, yes = 1.0 - t, weighted("pos_weight", pos_weight, t)
    slope = (no + yes) * sigmoid(x) - yes
    return chain(grad_output, weighted("weight", weight, slope), x, reduction)


def _probabilities(input: ArrayLike, target: ArrayLike) -> tuple[FloatArray, FloatArray]:  # noqa: A002
    """Input and target, once it is sure that all of them may be probabilities."""
    x, t = pair(input, target)
    for name, values in (("input", x), ("target", t)):
        outside = ~((values >= 0) & (values <= 1))  # said so, nan is outside too
        if outside.any():
            raise ValueError(f"{name} holds {values[outside][0]}; it must lie between 0 and 1")
    return x, t
