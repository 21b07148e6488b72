r"""Which of many classes? The surprise at the truth, from scores or from their log-probabilities.

Both losses look at rows, one for each example, or for each pixel of each: (N, C, d1, ...) becomes
(N * d1 * ..., C). What they do there depends on the target, and stands in `_class_targets`.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._checks import fraction
from nnbook.nn._class_targets import (
    Labels,
    Target,
    from_rows,
    rows,
    shares_of_labels,
    shares_of_probabilities,
)
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn._reduction import Reduction, refuse_given
from nnbook.nn._softmax import log_softmax, log_softmax_backward


@np.errstate(all="ignore")  # where all is ignored, the mean of nothing is nan
def nll_loss(
    input: ArrayLike,  # noqa: A002 - PyTorch's name for it
    target: ArrayLike,
    weight: ArrayLike | None = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: Reduction = "mean",
) -> Any:
    r"""The negative log-likelihood: the less probable the truth was held, the larger.

    $$\ell_i = -w_{t_i} x_{i,t_i}, \qquad L = \frac{\sum_i \ell_i}{\sum_i w_{t_i}}$$

    The second is the mean: each example counts what its class does. Source: Fisher, On the
    mathematical foundations of theoretical statistics, 1922.

    Args:
        input: Logarithms of probabilities, $x$: (N, C) for N examples and C classes; (N, C, d1,
            ...) where each example has many labels, as an image has pixels; (C,) for one example.
        target: The right classes, $t$, from 0 to C - 1: (N,), (N, d1, ...) or ().
        weight: What the classes count, $w$, (C,).
        size_average: Not supported: say `reduction`.
        ignore_index: A label that says *do not count this one*.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"` or `"sum"` of the losses, or `"none"` for all of them.

    Returns:
        A number, or with `"none"` an array in the shape of `target`.

    Raises:
        TypeError: If labels are no whole numbers, or the dtypes of `input` and `weight` differ.
        ValueError: If the shapes do not fit, or there is no such class.

    Examples:
        >>> import numpy as np
        >>> from nnbook.nn import functional as F
        >>> logs = np.log([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
        >>> F.nll_loss(logs, [1, 2], reduction="none").round(3)
        array([1.386, 0.223])
    """
    refuse_given("nll_loss", size_average=size_average, reduce=reduce)
    logs = as_floats(input)
    return Labels(target, logs, weight, ignore_index).loss(rows(logs), reduction)


@np.errstate(all="ignore")
def nll_loss_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> FloatArray:
    r"""The gradient of `nll_loss`: only the truth is pulled at.

    In $\ell_i = -w_{t_i} x_{i,t_i}$ stands one log-probability of each row, so

    $$\frac{\partial \ell_i}{\partial x_{ic}} = \begin{cases} -w_c & c = t_i \\
    0 & \text{otherwise} \end{cases}$$

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `nll_loss`.
        target: As for `nll_loss`.
        weight: As for `nll_loss`.
        ignore_index: As for `nll_loss`.
        reduction: As for `nll_loss`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.nll_loss_backward(1.0, [[-1.0, -2.0, -3.0]], [1])
        array([[ 0., -1.,  0.]])
    """
    logs = as_floats(input)
    labels = Labels(target, logs, weight, ignore_index)
    return from_rows(labels.backward(grad_output, rows(logs), reduction), logs.shape)


@np.errstate(all="ignore")
def cross_entropy(
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    weight: ArrayLike | None = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    r"""`nll_loss` of the `log_softmax` of scores: the loss of nearly every classifier.

    $$\ell_i = -\sum_c w_c\, q_{ic} \ln p_{ic}, \qquad
    p_{ic} = \frac{e^{x_{ic}}}{\sum_m e^{x_{im}}}$$

    A label $t_i$ means $q_{ic} = 1$ for $c = t_i$, else 0; then the mean divides by
    $\sum_i w_{t_i}$, as that of `nll_loss`. A target of probabilities is $q$ itself; then it
    divides by the number of losses. Label smoothing is less sure of the truth: it replaces $q$ by
    $(1 - \varepsilon)\, q + \varepsilon / C$. Sources: Bridle, Probabilistic interpretation of
    feedforward classification network outputs, 1990; Szegedy, Vanhoucke, Ioffe, Shlens and Wojna,
    Rethinking the Inception architecture for computer vision, 2016.

    Args:
        input: Scores, $x$: (N, C), (N, C, d1, ...) or (C,), as for `nll_loss`.
        target: Labels, as for `nll_loss`; or probabilities, $q$, in the shape of `input`.
        weight: What the classes count, $w$, (C,).
        size_average: Not supported: say `reduction`.
        ignore_index: A label that says *do not count this one*.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"`, `"sum"` or `"none"`.
        label_smoothing: How unsure to be, $\varepsilon$, from 0 to 1.

    Returns:
        A number, or with `"none"` an array with a loss for each row of classes.

    Raises:
        TypeError: If labels are no whole numbers, probabilities no floats, or dtypes differ.
        ValueError: If the shapes do not fit, there is no such class, or `ignore_index` names a
            class and the target holds probabilities.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> scores = [[2.0, 1.0, -1.0], [0.0, 100.0, 0.0]]
        >>> F.cross_entropy(scores, [0, 2], reduction="none").round(3)
        array([  0.349, 100.   ])
    """
    refuse_given("cross_entropy", size_average=size_average, reduce=reduce)
    logs, wanted = log_probabilities(input, target, weight, ignore_index, label_smoothing)
    return wanted.loss(logs, reduction)


@np.errstate(all="ignore")
def cross_entropy_backward(
    grad_output: ArrayLike,
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> FloatArray:
    r"""The gradient of `cross_entropy`: probability minus truth.

    From $\partial \ln p_c / \partial x_m = \delta_{cm} - p_m$ (see `log_softmax_backward`), with
    the index of the row left out:

    $$\frac{\partial \ell}{\partial x_m} = -\sum_c w_c\, q_c\, (\delta_{cm} - p_m)
    = p_m \sum_c w_c\, q_c - w_m q_m$$

    Without weights the sum is 1, and $p_m - q_m$ remains.

    Args:
        grad_output: $\partial L / \partial \ell$, a number, or with `"none"` an array.
        input: As for `cross_entropy`.
        target: As for `cross_entropy`.
        weight: As for `cross_entropy`.
        ignore_index: As for `cross_entropy`.
        reduction: As for `cross_entropy`.
        label_smoothing: As for `cross_entropy`.

    Returns:
        $\partial L / \partial x$, in the shape of `input`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.cross_entropy_backward(1.0, [[2.0, 1.0, -1.0]], [0]).round(3)
        array([[-0.295,  0.259,  0.035]])
    """
    logs, wanted = log_probabilities(input, target, weight, ignore_index, label_smoothing)
    return grad_of_scores(grad_output, logs, wanted, reduction, np.shape(input))


def log_probabilities(
    input: ArrayLike,  # noqa: A002
    target: ArrayLike,
    weight: ArrayLike | None,
    ignore_index: int,
    label_smoothing: float,
) -> tuple[FloatArray, Target]:
    """What forward and backward both need: ln p, in rows, and what the target wants of it."""
    fraction("label_smoothing", label_smoothing)
    label_smoothing = float(label_smoothing)  # a float64 of NumPy's would widen float32 scores
    x, t = as_floats(input), np.asarray(target)
    wanted: Target
    if x.ndim > 0 and t.shape == x.shape:
        wanted = shares_of_probabilities(t, x, weight, ignore_index, label_smoothing)
    else:
        labels = Labels(t, x, weight, ignore_index)
        smooth = label_smoothing > 0
        wanted = shares_of_labels(labels, x, weight, label_smoothing) if smooth else labels
    return log_softmax(rows(x), dim=1), wanted


def grad_of_scores(
    grad_output: ArrayLike,
    logs: FloatArray,
    wanted: Target,
    reduction: Reduction,
    shape: tuple[int, ...],
) -> FloatArray:
    """Back through the sum over the classes, and then through the softmax."""
    grad_logs = wanted.backward(grad_output, logs, reduction)
    return from_rows(log_softmax_backward(grad_logs, logs, dim=1), shape)
