r"""Loss functions as layers: the last step forward, and where backward begins.

A loss takes two arguments, what the network said and what is true. Its `backward` needs none, for
the loss changes with itself at the rate 1. It answers for the first argument only, with
$\partial L/\partial \text{input}$: the truth is nothing that training could change.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn._checks import fraction
from nnbook.nn._cross_entropy import grad_of_scores, log_probabilities
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn._loss import Loss, WeightedLoss
from nnbook.nn._reduction import REDUCTIONS, BatchReduction, Reduction


class MSELoss(Loss):
    r"""The squared error, $\ell_i = (x_i - t_i)^2$.

    Args:
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: `"mean"` or `"sum"` of the losses, or `"none"` for all of them.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> loss_fn = nn.MSELoss()
        >>> print(loss_fn(np.array([1.0, 2.0]), np.array([0.0, 4.0])))
        2.5
        >>> loss_fn.backward()
        array([ 1., -2.])
    """

    _function, _gradient = staticmethod(F.mse_loss), staticmethod(F.mse_loss_backward)


class L1Loss(Loss):
    r"""The absolute error, $\ell_i = |x_i - t_i|$.

    Args:
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: As for `MSELoss`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> print(nn.L1Loss()(np.array([1.0, 2.0]), np.array([0.0, 4.0])))
        1.5
    """

    _function, _gradient = staticmethod(F.l1_loss), staticmethod(F.l1_loss_backward)


class SmoothL1Loss(Loss):
    r"""The absolute error with a parabola between $-\beta$ and $\beta$.

    Args:
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: As for `MSELoss`.
        beta: Where the parabola meets the lines.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.SmoothL1Loss(reduction="none")(np.array([0.5, 3.0]), np.zeros(2))
        array([0.125, 2.5  ])
    """

    _function, _gradient = staticmethod(F.smooth_l1_loss), staticmethod(F.smooth_l1_loss_backward)
    _option_names = ("reduction", "beta")

    def __init__(
        self,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta


class HuberLoss(Loss):
    r"""The squared error near the target, the absolute one further off than $\delta$.

    Args:
        reduction: As for `MSELoss`.
        delta: How far off an error becomes an outlier.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.HuberLoss(reduction="none", delta=2.0)(np.array([0.5, 3.0]), np.zeros(2))
        array([0.125, 4.   ])
    """

    _function, _gradient = staticmethod(F.huber_loss), staticmethod(F.huber_loss_backward)
    _option_names = ("reduction", "delta")

    def __init__(self, reduction: Reduction = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta


class BCELoss(WeightedLoss):
    r"""The surprise of a probability: $\ell_i = -t_i \ln x_i - (1 - t_i) \ln(1 - x_i)$.

    Args:
        weight: What each loss counts, in a shape that broadcasts to that of the input.
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: As for `MSELoss`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.BCELoss(reduction="none")(np.array([0.9, 0.9]), np.array([1.0, 0.0])).round(3)
        array([0.105, 2.303])
    """

    _function = staticmethod(F.binary_cross_entropy)
    _gradient = staticmethod(F.binary_cross_entropy_backward)


class BCEWithLogitsLoss(WeightedLoss):
    """`BCELoss` of the sigmoid of scores: the loss for yes or no.

    Args:
        weight: What each loss counts, in a shape that broadcasts to that of the input.
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: As for `MSELoss`.
        pos_weight: What a *yes* counts, where a *no* counts 1.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> loss_fn = nn.BCEWithLogitsLoss(reduction="none")
        >>> loss_fn(np.array([0.0, 100.0]), np.array([1.0, 0.0])).round(3)
        array([  0.693, 100.   ])
    """

    _function = staticmethod(F.binary_cross_entropy_with_logits)
    _gradient = staticmethod(F.binary_cross_entropy_with_logits_backward)
    _option_names = ("weight", "reduction", "pos_weight")

    def __init__(
        self,
        weight: ArrayLike | None = None,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
        pos_weight: ArrayLike | None = None,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", None if pos_weight is None else as_floats(pos_weight))


class NLLLoss(WeightedLoss):
    r"""The negative log-likelihood of the right class, $\ell_i = -x_{i,t_i}$.

    Args:
        weight: What the classes count.
        size_average: Not supported: say `reduction`.
        ignore_index: A label that says *do not count this one*.
        reduce: Not supported: say `reduction`.
        reduction: As for `MSELoss`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> logs = nn.LogSoftmax(dim=1)(np.array([[2.0, 1.0, -1.0]]))
        >>> print(nn.NLLLoss()(logs, np.array([0])).round(3))
        0.349
    """

    _function, _gradient = staticmethod(F.nll_loss), staticmethod(F.nll_loss_backward)
    _option_names = ("weight", "ignore_index", "reduction")

    def __init__(
        self,
        weight: ArrayLike | None = None,
        size_average: None = None,
        ignore_index: int = -100,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index


class CrossEntropyLoss(WeightedLoss):
    r"""The surprise at the right class, from scores: $\ell_i = -\ln p_{i,t_i}$ with softmax's $p$.

    Args:
        weight: What the classes count.
        size_average: Not supported: say `reduction`.
        ignore_index: A label that says *do not count this one*.
        reduce: Not supported: say `reduction`.
        reduction: As for `MSELoss`.
        label_smoothing: How unsure to be of the truth, from 0 to 1.

    Shapes:
        Scores (N, C), (N, C, d1, ...) or (C,) with labels (N,), (N, d1, ...) or (), or with
        probabilities in the shape of the scores.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> loss_fn = nn.CrossEntropyLoss()
        >>> print(loss_fn(np.array([[2.0, 1.0, -1.0]]), np.array([0])).round(3))
        0.349
        >>> loss_fn.backward().round(3)
        array([[-0.295,  0.259,  0.035]])
    """

    def __init__(
        self,
        weight: ArrayLike | None = None,
        size_average: None = None,
        ignore_index: int = -100,
        reduce: None = None,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        fraction("label_smoothing", label_smoothing)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    @np.errstate(all="ignore")
    def forward(self, input: ArrayLike, target: ArrayLike) -> Any:  # noqa: A002
        """`functional.cross_entropy`, which keeps its softmax for `backward`."""
        logs, wanted = log_probabilities(
            input, target, self.weight, self.ignore_index, self.label_smoothing
        )
        self.save_for_backward(logs, wanted, np.shape(input))
        return wanted.loss(logs, self.reduction)

    @np.errstate(all="ignore")
    def backward(self, grad_output: ArrayLike = 1.0) -> FloatArray:
        r"""$\partial \ell/\partial \mathbf{x} = \mathbf{p} - \mathbf{q}$: probability minus truth.

        The derivation, with weights, stands at `functional.cross_entropy_backward`.
        """
        logs, wanted, shape = self.saved
        return grad_of_scores(grad_output, logs, wanted, self.reduction, shape)


class KLDivLoss(Loss):
    r"""The Kullback-Leibler divergence, $\ell_i = t_i (\ln t_i - x_i)$.

    Args:
        size_average: Not supported: say `reduction`.
        reduce: Not supported: say `reduction`.
        reduction: As for `MSELoss`, or `"batchmean"`: the sum divided by the number of examples,
            which is the mean divergence.
        log_target: Whether the target holds logarithms too.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> loss_fn = nn.KLDivLoss(reduction="batchmean")
        >>> print(loss_fn(np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]])).round(3))
        0.693
    """

    _function, _gradient = staticmethod(F.kl_div), staticmethod(F.kl_div_backward)
    _option_names = ("reduction", "log_target")
    _reductions = (*REDUCTIONS, "batchmean")

    def __init__(
        self,
        size_average: None = None,
        reduce: None = None,
        reduction: BatchReduction = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target
