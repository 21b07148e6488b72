r"""Softmax as a layer, and its logarithm: the last step of a network that names things.

For training, neither is needed: `CrossEntropyLoss` takes the scores themselves, and is safer so.
"""

from numpy.typing import ArrayLike

from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn._floats import FloatArray
from nnbook.nn.module import Module


class _AlongDim(Module):
    """What both share: a dimension that runs over the classes."""

    def __init__(self, dim: int | None = None) -> None:
        if dim is None:
            name = type(self).__name__
            raise NotImplementedError(f"{name} does not support dim=None; say dim=-1 for the last")
        self.dim = dim

    def extra_repr(self) -> str:
        """The dimension, as PyTorch shows it."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    r"""Scores become probabilities, $p_j = e^{x_j} / \sum_m e^{x_m}$.

    Args:
        dim: The dimension that runs over the classes. It has to be given: PyTorch's guess for
            `None` depends on the shape, and warns.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.Softmax(dim=-1)(np.array([2.0, 1.0, -1.0])).round(3)
        array([0.705, 0.259, 0.035])
    """

    def forward(self, x: ArrayLike) -> FloatArray:
        """`functional.softmax` along `dim`."""
        p = F.softmax(x, self.dim)
        self.save_for_backward(p)
        return p

    def backward(self, grad_output: ArrayLike) -> FloatArray:
        r"""The chain rule for scores that share one sum.

        $$\frac{\partial L}{\partial x_m} = p_m \left(\frac{\partial L}{\partial p_m}
        - \sum_j p_j \frac{\partial L}{\partial p_j}\right)$$

        The derivation stands at `functional.softmax_backward`.
        """
        (p,) = self.saved
        return F.softmax_backward(grad_output, p, self.dim)


class LogSoftmax(_AlongDim):
    r"""The logarithms of the probabilities, $\ln p_j = x_j - \ln \sum_m e^{x_m}$.

    Args:
        dim: As for `Softmax`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.LogSoftmax(dim=-1)(np.array([0.0, -1000.0]))
        array([    0., -1000.])
    """

    def forward(self, x: ArrayLike) -> FloatArray:
        """`functional.log_softmax` along `dim`."""
        logs = F.log_softmax(x, self.dim)
        self.save_for_backward(logs)
        return logs

    def backward(self, grad_output: ArrayLike) -> FloatArray:
        r"""The chain rule for scores that share one sum, with $g_j = \partial L/\partial \ln p_j$.

        $$\frac{\partial L}{\partial x_m} = g_m - p_m \sum_j g_j$$

        The derivation stands at `functional.log_softmax_backward`.
        """
        (logs,) = self.saved
        return F.log_softmax_backward(grad_output, logs, self.dim)
