"""Dropout as a layer: a different part of the network learns from every batch."""

import numpy as np
from numpy.typing import ArrayLike

from nnbook._rng import layer_generator
from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn._checks import as_grad, fraction, refuse
from nnbook.nn._dropout import apply_mask
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn.module import Module


class Dropout(Module):
    r"""In training, each number becomes 0 with probability $p$; the others grow by $1/(1-p)$.

    So the mean stays, and in `eval` mode, where all numbers pass, there is nothing left to correct.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to
    prevent neural networks from overfitting, 2014.

    Args:
        p: The probability of being dropped.
        inplace: Not supported.
        rng: A generator or seed for what is dropped.

    Raises:
        ValueError: If `p` is no probability.

    Shapes:
        Any, and the same again.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> layer = nn.Dropout(p=0.5, rng=0)
        >>> layer(np.array([1.0, 2.0, 3.0, 4.0]))
        array([2., 4., 6., 0.])
        >>> layer.backward(np.ones(4))
        array([2., 2., 2., 0.])
        >>> layer.eval()(np.array([1.0, 2.0, 3.0, 4.0]))
        array([1., 2., 3., 4.])
    """

    def __init__(
        self,
        p: float = 0.5,
        inplace: bool = False,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        refuse("Dropout", inplace=inplace)
        fraction("p", p)
        self.p = p
        self._rng = layer_generator(rng)

    def forward(self, x: ArrayLike) -> FloatArray:
        """What is left of the numbers."""
        x = as_floats(x)
        if not self.training or self.p == 0:
            self.save_for_backward(x.shape, x.dtype, None)
            return x
        mask = F.dropout_mask(x.shape, self.p, x.dtype, self._rng)
        self.save_for_backward(x.shape, x.dtype, mask)
        return apply_mask(x, mask)

    def backward(self, grad_output: ArrayLike) -> FloatArray:
        r"""$\partial L/\partial x_i = m_i\, \partial L/\partial y_i$, for $y_i = m_i x_i$.

        The mask $m$ is that of the way forward; where nothing was dropped, it is 1.
        """
        shape, dtype, mask = self.saved
        if mask is None:
            return as_grad(grad_output, shape, dtype)
        return F.dropout_backward(grad_output, mask)

    def extra_repr(self) -> str:
        """The options, as PyTorch shows them."""
        return f"p={self.p}, inplace=False"
