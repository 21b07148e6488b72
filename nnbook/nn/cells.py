"""One step of a recurrent network as a module, for loops of your own."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.nn._floats import FloatArray
from nnbook.nn._recurrent_cell import RNNCellBase
from nnbook.nn._recurrent_module import mode_of


class RNNCell(RNNCellBase):
    r"""The plain recurrent step: an activation function of what comes in and what was.

    $$\mathbf{h}' = g(W_{ih} \mathbf{x} + \mathbf{b}_{ih} + W_{hh} \mathbf{h} + \mathbf{b}_{hh})$$

    All parameters start uniformly within $\pm 1/\sqrt{\text{hidden}}$.

    Source: Elman, Finding structure in time, 1990.

    Args:
        input_size: How many numbers come in.
        hidden_size: How many units there are.
        bias: Whether the sums have biases.
        nonlinearity: $g$, `"tanh"` or `"relu"`.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start.

    Attributes:
        weight_ih: (hidden_size, input_size).
        weight_hh: (hidden_size, hidden_size).
        bias_ih: (hidden_size,), or `None`.
        bias_hh: (hidden_size,), or `None`.

    Shapes:
        An input (N, input_size) and a state (N, hidden_size) to a state (N, hidden_size); or all of
        it without N.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> cell, h = nn.RNNCell(3, 4, rng=0), None
        >>> for x in np.ones((5, 2, 3)):  # five steps of two sequences
        ...     h = cell(x, h)
        >>> h.shape
        (2, 4)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        mode = mode_of(nonlinearity)
        super().__init__(mode, input_size, hidden_size, bias, device, dtype, rng=rng)
        self.nonlinearity = nonlinearity

    def backward(self, grad_h: ArrayLike | None) -> tuple[FloatArray | None, FloatArray]:
        r"""Through the sum: the gradients of two linear layers.

        With $\delta = \partial L/\partial \mathbf{h}' \odot g'$ they are
        $\partial L/\partial \mathbf{x} = W_{ih}^\top \delta$ and
        $\partial L/\partial \mathbf{h} = W_{hh}^\top \delta$. The weights get
        $\delta\, \mathbf{x}^\top$ and $\delta\, \mathbf{h}^\top$, and both biases $\delta$.

        Args:
            grad_h: The gradient by the new state.

        Returns:
            The gradients by the input and by the old state, also where that was not given.
        """
        return self._backward(grad_h=grad_h)


class LSTMCell(RNNCellBase):
    r"""A step of long short-term memory, with gates $\mathbf{i}, \mathbf{f}, \mathbf{o}$.

    $$\mathbf{c}' = \mathbf{f} \odot \mathbf{c} + \mathbf{i} \odot \mathbf{g}, \qquad
    \mathbf{h}' = \mathbf{o} \odot \tanh(\mathbf{c}')$$

    $$\mathbf{i}, \mathbf{f}, \mathbf{o} = \sigma(W_{ih} \mathbf{x} + \mathbf{b}_{ih} +
    W_{hh} \mathbf{h} + \mathbf{b}_{hh}), \qquad \mathbf{g} = \tanh(\dots)$$

    Each has weights of its own, one below the other in the order $i, f, g, o$. All parameters start
    uniformly within $\pm 1/\sqrt{\text{hidden}}$.

    Sources: Hochreiter and Schmidhuber, Long short-term memory, 1997. Gers, Schmidhuber and
    Cummins, Learning to forget, 2000.

    Args:
        input_size: How many numbers come in.
        hidden_size: How many units there are.
        bias: Whether the sums have biases.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start.

    Attributes:
        weight_ih: (4 * hidden_size, input_size).
        weight_hh: (4 * hidden_size, hidden_size).
        bias_ih: (4 * hidden_size,), or `None`.
        bias_hh: (4 * hidden_size,), or `None`.

    Shapes:
        An input (N, input_size) and a pair of states (N, hidden_size) to a pair of states; or all
        of it without N.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> cell, state = nn.LSTMCell(3, 4, rng=0), None
        >>> for x in np.ones((5, 2, 3)):  # five steps of two sequences
        ...     state = cell(x, state)
        >>> h, c = state
        >>> h.shape, c.shape
        ((2, 4), (2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__("LSTM", input_size, hidden_size, bias, device, dtype, rng=rng)

    def backward(
        self, grad_h: ArrayLike | None, grad_c: ArrayLike | None = None
    ) -> tuple[FloatArray | None, tuple[FloatArray, FloatArray]]:
        r"""Through the gates; `_recurrent_steps` has the derivation.

        Args:
            grad_h: The gradient by $\mathbf{h}'$.
            grad_c: The gradient by $\mathbf{c}'$.

        Returns:
            The gradients by the input and by the pair of old states, also where they were not
            given.
        """
        return self._backward(grad_h=grad_h, grad_c=grad_c)


class GRUCell(RNNCellBase):
    r"""A step of the gated recurrent unit, with gates $\mathbf{r}$ and $\mathbf{z}$.

    $$\mathbf{n} = \tanh(W_{in} \mathbf{x} + \mathbf{b}_{in} + \mathbf{r} \odot (W_{hn} \mathbf{h} +
    \mathbf{b}_{hn})), \qquad \mathbf{h}' = (1 - \mathbf{z}) \odot \mathbf{n} + \mathbf{z} \odot
    \mathbf{h}$$

    $$\mathbf{r}, \mathbf{z} = \sigma(W_{ih} \mathbf{x} + \mathbf{b}_{ih} + W_{hh} \mathbf{h} +
    \mathbf{b}_{hh})$$

    Each has weights of its own, one below the other in the order $r, z, n$. All parameters start
    uniformly within $\pm 1/\sqrt{\text{hidden}}$.

    Source: Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk and Bengio, Learning phrase
    representations using RNN encoder-decoder for statistical machine translation, 2014.

    Args:
        input_size: How many numbers come in.
        hidden_size: How many units there are.
        bias: Whether the sums have biases.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start.

    Attributes:
        weight_ih: (3 * hidden_size, input_size).
        weight_hh: (3 * hidden_size, hidden_size).
        bias_ih: (3 * hidden_size,), or `None`.
        bias_hh: (3 * hidden_size,), or `None`.

    Shapes:
        An input (N, input_size) and a state (N, hidden_size) to a state (N, hidden_size); or all of
        it without N.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> cell, h = nn.GRUCell(3, 4, rng=0), None
        >>> for x in np.ones((5, 2, 3)):  # five steps of two sequences
        ...     h = cell(x, h)
        >>> h.shape
        (2, 4)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__("GRU", input_size, hidden_size, bias, device, dtype, rng=rng)

    def backward(self, grad_h: ArrayLike | None) -> tuple[FloatArray | None, FloatArray]:
        """Through the gates; `_recurrent_steps` has the derivation.

        Args:
            grad_h: The gradient by the new state.

        Returns:
            The gradients by the input and by the old state, also where that was not given.
        """
        return self._backward(grad_h=grad_h)
