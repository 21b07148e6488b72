"""A recurrent layer with a linear one on top, in PyTorch."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnbook._recurrent import CELLS
from nnbook._rng import layer_generator
from nnbook.nn._checks import one_of, positive
from nnbook.pytorch._device import resolve_device

_LAYERS: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class SequenceModel(nn.Module):
    r"""Reads a sequence step by step, and answers at each step.

    $$\mathbf{h}_t = \operatorname{cell}(\mathbf{x}_t, \mathbf{h}_{t-1}), \qquad
    \mathbf{z}_t = W \mathbf{h}_t + \mathbf{b}$$

    The answers $\mathbf{z}_t$ are scores: numbers for a regression, or one for each class.

    Sources: Elman (1990), Finding structure in time, for the plain cell; Hochreiter and Schmidhuber
    (1997), Long short-term memory; Cho et al. (2014), Learning phrase representations using RNN
    encoder-decoder for statistical machine translation, for the GRU.

    Args:
        in_features: How many numbers come in at each step.
        hidden: How many units a recurrent layer has.
        out_features: How many numbers are answered at each step.
        cell: The kind of recurrent layer: "rnn", "lstm" or "gru".
        layers: How many there are, one on top of the other.
        rng: A generator or seed for the start. The twin in NumPy starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.
        device: Where they lie; "auto" takes a GPU if there is one.

    Attributes:
        rnn: The recurrent layers: an `RNN`, `LSTM` or `GRU`.
        head: The linear layer.
        in_features: As given.
        hidden: As given.
        out_features: As given.
        cell: As given.
        layers: As given.

    Shapes:
        (N, T, in_features) to (N, T, out_features).

    Raises:
        ValueError: If the cell is unknown, or a size not positive.

    Examples:
        >>> model = SequenceModel(3, 8, 2, "lstm", rng=0, device="cpu")
        >>> model
        SequenceModel(
          (rnn): LSTM(3, 8, batch_first=True)
          (head): Linear(in_features=8, out_features=2, bias=True)
        )
        >>> x = torch.zeros(5, 7, 3, dtype=torch.float64)  # five sequences of seven steps
        >>> scores, state = model(x)
        >>> scores.shape
        torch.Size([5, 7, 2])
        >>> more, state = model(x, state)  # and how they go on
    """

    def __init__(
        self,
        in_features: int,
        hidden: int,
        out_features: int,
        cell: str = "rnn",
        layers: int = 1,
        *,
        rng: int | np.random.Generator | None = None,
        dtype: torch.dtype = torch.float64,
        device: str | torch.device = "auto",
    ) -> None:
        super().__init__()
        positive(in_features=in_features, hidden=hidden, out_features=out_features, layers=layers)
        one_of("cell", cell, CELLS)
        place = resolve_device(device, dtype)
        self.rnn = _LAYERS[cell](in_features, hidden, layers, batch_first=True, dtype=dtype)
        self.head = nn.Linear(hidden, out_features, dtype=dtype)
        self.in_features, self.hidden, self.out_features = in_features, hidden, out_features
        self.cell, self.layers = cell, layers
        _start(self, layer_generator(rng))
        self.to(place)

    def forward(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """The answers at all steps, and the state after the last.

        Args:
            x: The sequences, (N, T, in_features); or one, (T, in_features).
            state: The state to begin with, such as an earlier call has given out; zeros without.

        Returns:
            The scores (N, T, out_features), and the state, (layers, N, hidden), for an LSTM a pair
            of those.
        """
        h, state = self.rnn(x, state)
        return self.head(h), state  # (N, T, hidden) -> (N, T, out)


@torch.no_grad()
def _start(model: SequenceModel, generator: np.random.Generator) -> None:
    """Weights and biases of PyTorch's distribution, but drawn by NumPy."""
    bound = 1 / np.sqrt(model.hidden)  # of both layers: the head's inputs are the hidden units
    for parameter in model.parameters():
        values = generator.uniform(-bound, bound, tuple(parameter.shape))
        parameter.copy_(torch.from_numpy(values))
