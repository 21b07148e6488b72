"""Recurrent layers: networks that read a sequence step by step, and remember."""

import numpy as np
from numpy.typing import DTypeLike

from nnbook.nn._recurrent_layer import RNNBase
from nnbook.nn._recurrent_module import mode_of


class RNN(RNNBase):
    r"""A plain recurrent network: an activation function of what comes in and what was.

    $$\mathbf{h}_t = g(W_{ih} \mathbf{x}_t + \mathbf{b}_{ih} + W_{hh} \mathbf{h}_{t-1} +
    \mathbf{b}_{hh})$$

    All parameters start uniformly within $\pm 1/\sqrt{\text{hidden}}$.

    Source: Elman, Finding structure in time, 1990.

    Args:
        input_size: How many numbers come in at each step.
        hidden_size: How many units a layer has.
        num_layers: How many layers there are, each reading what the one below gives out.
        nonlinearity: $g$, `"tanh"` or `"relu"`.
        bias: Whether the sums have biases.
        batch_first: Whether the batch is the first dimension, (N, T, F), or the second, (T, N, F).
        dropout: The probability with which a number is dropped between two layers in training.
        bidirectional: Whether to read every sequence from its end as well.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start, and for what is dropped.

    Attributes:
        weight_ih_l0: (hidden_size, input_size), for the first layer; `_l1` for the next, with
            as many columns as the first gives out, and `_reverse` behind it for the way from the
            end.
        weight_hh_l0: (hidden_size, hidden_size).
        bias_ih_l0: (hidden_size,), if there are biases.
        bias_hh_l0: (hidden_size,), if there are biases.

    Shapes:
        Sequences (T, N, input_size) to outputs (T, N, directions * hidden_size) and last states
        (layers * directions, N, hidden_size).

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> rnn = nn.RNN(3, 4, num_layers=2, rng=0)
        >>> output, h_n = rnn(np.ones((5, 2, 3)))  # five steps of two sequences
        >>> output.shape, h_n.shape
        ((5, 2, 4), (2, 2, 4))
        >>> grad_x, grad_h_0 = rnn.backward(np.ones((5, 2, 4)))
        >>> grad_x.shape, grad_h_0.shape
        ((5, 2, 3), (2, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            mode_of(nonlinearity), input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, 0, device, dtype, rng=rng,
        )  # fmt: skip
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    r"""Long short-term memory: what is remembered, $\mathbf{c}$, stands behind gates.

    $$\mathbf{c}_t = \mathbf{f}_t \odot \mathbf{c}_{t-1} + \mathbf{i}_t \odot \mathbf{g}_t, \qquad
    \mathbf{h}_t = \mathbf{o}_t \odot \tanh(\mathbf{c}_t)$$

    $$\mathbf{i}_t, \mathbf{f}_t, \mathbf{o}_t = \sigma(W_{ih} \mathbf{x}_t + \mathbf{b}_{ih} +
    W_{hh} \mathbf{h}_{t-1} + \mathbf{b}_{hh}), \qquad \mathbf{g}_t = \tanh(\dots)$$

    Each has weights of its own, one below the other in the order $i, f, g, o$. With a projection,
    $W_{hr} \mathbf{h}_t$ takes the place of $\mathbf{h}_t$, in the output and in the next step. All
    parameters start uniformly within $\pm 1/\sqrt{\text{hidden}}$.

    Sources: Hochreiter and Schmidhuber, Long short-term memory, 1997. Gers, Schmidhuber and
    Cummins, Learning to forget, 2000. Sak, Senior and Beaufays, Long short-term memory based
    recurrent neural network architectures for large vocabulary speech recognition, 2014, for the
    projection.

    Args:
        input_size: How many numbers come in at each step.
        hidden_size: How many units a layer has.
        num_layers: How many layers there are, each reading what the one below gives out.
        bias: Whether the sums have biases.
        batch_first: Whether the batch is the first dimension, (N, T, F), or the second, (T, N, F).
        dropout: The probability with which a number is dropped between two layers in training.
        bidirectional: Whether to read every sequence from its end as well.
        proj_size: To how many numbers $\mathbf{h}$ is projected; 0 for no projection.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start, and for what is dropped.

    Attributes:
        weight_ih_l0: (4 * hidden_size, input_size), for the first layer; `_l1` for the next, with
            as many columns as the first gives out, and `_reverse` behind it for the way from the
            end.
        weight_hh_l0: (4 * hidden_size, proj_size or hidden_size).
        bias_ih_l0: (4 * hidden_size,), if there are biases.
        bias_hh_l0: (4 * hidden_size,), if there are biases.
        weight_hr_l0: (proj_size, hidden_size), if there is a projection.

    Shapes:
        Sequences (T, N, input_size) to outputs (T, N, directions * P) and a pair of last states
        (layers * directions, N, P) and (layers * directions, N, hidden_size), where P is proj_size
        or hidden_size.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> lstm = nn.LSTM(3, 4, batch_first=True, rng=0)
        >>> output, (h_n, c_n) = lstm(np.ones((2, 5, 3)))  # two sequences of five steps
        >>> output.shape, h_n.shape, c_n.shape
        ((2, 5, 4), (1, 2, 4), (1, 2, 4))
        >>> grad_x, (grad_h_0, grad_c_0) = lstm.backward(np.ones((2, 5, 4)))
        >>> grad_x.shape, grad_h_0.shape, grad_c_0.shape
        ((2, 5, 3), (1, 2, 4), (1, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            "LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            proj_size, device, dtype, rng=rng,
        )  # fmt: skip


class GRU(RNNBase):
    r"""Gated recurrent units: a gate $\mathbf{z}$ decides between what was and what is new.

    $$\mathbf{n}_t = \tanh(W_{in} \mathbf{x}_t + \mathbf{b}_{in} + \mathbf{r}_t \odot (W_{hn}
    \mathbf{h}_{t-1} + \mathbf{b}_{hn})), \qquad
    \mathbf{h}_t = (1 - \mathbf{z}_t) \odot \mathbf{n}_t + \mathbf{z}_t \odot \mathbf{h}_{t-1}$$

    $$\mathbf{r}_t, \mathbf{z}_t = \sigma(W_{ih} \mathbf{x}_t + \mathbf{b}_{ih} +
    W_{hh} \mathbf{h}_{t-1} + \mathbf{b}_{hh})$$

    Each has weights of its own, one below the other in the order $r, z, n$. All parameters start
    uniformly within $\pm 1/\sqrt{\text{hidden}}$.

    Source: Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk and Bengio, Learning phrase
    representations using RNN encoder-decoder for statistical machine translation, 2014.

    Args:
        input_size: How many numbers come in at each step.
        hidden_size: How many units a layer has.
        num_layers: How many layers there are, each reading what the one below gives out.
        bias: Whether the sums have biases.
        batch_first: Whether the batch is the first dimension, (N, T, F), or the second, (T, N, F).
        dropout: The probability with which a number is dropped between two layers in training.
        bidirectional: Whether to read every sequence from its end as well.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start, and for what is dropped.

    Attributes:
        weight_ih_l0: (3 * hidden_size, input_size), for the first layer; `_l1` for the next, with
            as many columns as the first gives out, and `_reverse` behind it for the way from the
            end.
        weight_hh_l0: (3 * hidden_size, hidden_size).
        bias_ih_l0: (3 * hidden_size,), if there are biases.
        bias_hh_l0: (3 * hidden_size,), if there are biases.

    Shapes:
        Sequences (T, N, input_size) to outputs (T, N, directions * hidden_size) and last states
        (layers * directions, N, hidden_size).

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> gru = nn.GRU(3, 4, bidirectional=True, rng=0)
        >>> output, h_n = gru(np.ones((5, 2, 3)))  # five steps of two sequences
        >>> output.shape, h_n.shape
        ((5, 2, 8), (2, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            0, device, dtype, rng=rng,
        )  # fmt: skip
