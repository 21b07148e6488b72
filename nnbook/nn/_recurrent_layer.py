"""Recurrent layers on top of each other, in one direction or two: what all three kinds share."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn._checks import as_input, fraction, positive, whole
from nnbook.nn._dropout import apply_mask
from nnbook.nn._floats import FloatArray
from nnbook.nn._recurrent import read, read_back
from nnbook.nn._recurrent_module import Recurrent, flags
from nnbook.nn._recurrent_steps import States


class RNNBase(Recurrent):
    r"""What `RNN`, `LSTM` and `GRU` share: layers on top of each other, in one direction or two.

    Each layer reads what the one below gave out. With two directions, a second network reads every
    sequence from its end, and its outputs stand beside those of the first.

    Args:
        mode: Which step: `"RNN_TANH"`, `"RNN_RELU"`, `"LSTM"` or `"GRU"`.
        input_size: How many numbers come in at each step.
        hidden_size: How many units a layer has.
        num_layers: How many layers there are.
        bias: Whether the sums have biases.
        batch_first: Whether the batch is the first dimension, (N, T, F), or the second, (T, N, F).
        dropout: The probability with which a number is dropped between two layers in training.
        bidirectional: Whether to read in both directions.
        proj_size: The size of an LSTM's output, if it is to be projected; see `LSTM`.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start, and for what is dropped.

    Examples:
        >>> from nnbook.nn.recurrent import RNNBase
        >>> layer = RNNBase("GRU", 3, 4, num_layers=2, rng=0)
        >>> layer
        RNNBase(3, 4, num_layers=2)
        >>> layer.weight_ih_l1.shape  # three gates
        (12, 4)
    """

    def __init__(
        self,
        mode: str,
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
        super().__init__(mode, input_size, hidden_size, bias, device, rng)
        self.num_layers, self.batch_first = num_layers, batch_first
        self.dropout, self.bidirectional, self.proj_size = dropout, bidirectional, proj_size
        self._check_options()
        self.dropout = float(dropout)
        for layer, suffixes in enumerate(self._suffixes()):
            for suffix in suffixes:
                self._add_parameters(suffix, self._features(layer), dtype, proj_size)

    def _check_options(self) -> None:
        positive(num_layers=self.num_layers)
        flags(batch_first=self.batch_first, bidirectional=self.bidirectional)
        if isinstance(self.dropout, bool):
            raise TypeError(f"dropout must be a probability, not {self.dropout!r}")
        fraction("dropout", self.dropout)
        whole(proj_size=self.proj_size)
        if self.proj_size and self.mode != "LSTM":
            raise ValueError(f"proj_size is {self.proj_size}; only an LSTM is projected")
        if self.proj_size >= self.hidden_size:
            raise ValueError(
                f"proj_size is {self.proj_size}; it must be less than hidden_size, "
                f"which is {self.hidden_size}"
            )
        if self.dropout and self.num_layers == 1:
            warnings.warn(
                f"dropout is {self.dropout}, and acts between layers; num_layers is 1",
                stacklevel=4,
            )

    # Sizes and names

    def _suffixes(self) -> list[list[str]]:
        """What PyTorch puts behind a parameter's name, for each layer and direction."""
        directions = ["", "_reverse"] if self.bidirectional else [""]
        return [[f"_l{layer}{d}" for d in directions] for layer in range(self.num_layers)]

    def _features(self, layer: int) -> int:
        """How many numbers come into a layer at each step."""
        out = self.proj_size or self.hidden_size
        return self.input_size if layer == 0 else out * (1 + self.bidirectional)

    def _state_shapes(self, batch: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The shapes of h and of c, over all layers and directions."""
        sizes = [self.proj_size or self.hidden_size, self.hidden_size][: self._step.states]
        return [(self.num_layers * (1 + self.bidirectional), *batch, size) for size in sizes]

    # Forward

    def forward(self, x: ArrayLike, hx: Any = None) -> tuple[FloatArray, Any]:
        """The outputs of the last layer at all steps, and the states of all layers after the last.

        Args:
            x: The sequences, (T, N, input_size), or (N, T, input_size) with `batch_first`; or one
                sequence, (T, input_size).
            hx: The states before the first step, (layers * directions, N, its size); for an LSTM
                a pair of those. Zeros if it is not given.

        Raises:
            NotImplementedError: If the sequences are packed.
            TypeError: If a dtype is not that of the weights.
            ValueError: If a shape does not fit, or the sequences have no step.
        """
        y = self._sequences(x)  # (T, N, F)
        shapes = self._state_shapes(() if np.ndim(x) == 2 else y.shape[1:2])
        first = self._by_layer(self._first_states(hx, shapes))
        layers = []
        for layer, suffixes in enumerate(self._suffixes()):
            mask = self._mask(layer, y)
            y = y if mask is None else apply_mask(y, mask)
            weights = [self._weights(suffix) for suffix in suffixes]
            y, walks = read(self._step, y, [s[layer] for s in first], weights)
            layers.append((walks, mask))
        output = self._as_given(y, np.ndim(x))
        self.save_for_backward(layers, output.shape, shapes)
        last = [[w.states[i][-1] for walks, _ in layers for w in walks] for i in range(len(shapes))]
        states = [np.stack(s).reshape(shape) for s, shape in zip(last, shapes, strict=True)]
        return output, self._given_out(states)

    def _sequences(self, x: Any) -> FloatArray:
        """The sequences as (T, N, F), once it is sure that they fit."""
        name = type(self).__name__
        if hasattr(x, "batch_sizes"):
            raise NotImplementedError(f"{name} does not support packed sequences: pad them")
        array = as_input(x, np.empty(0, self._dtype))
        if array.ndim not in (2, 3):
            raise ValueError(f"x has {array.ndim} dimensions; {name} expects 3, or 2 without batch")
        if array.shape[-1] != self.input_size:
            raise ValueError(f"x has {array.shape[-1]} features; {name} expects {self.input_size}")
        sequences = self._time_first(array)
        if len(sequences) == 0:
            raise ValueError(f"x has 0 steps, in shape {array.shape}; {name} expects at least 1")
        return sequences

    def _time_first(self, x: FloatArray) -> FloatArray:
        """(T, F), (N, T, F) with `batch_first`, or (T, N, F), to (T, N, F)."""
        if x.ndim == 2:
            return x[:, None]
        return x.swapaxes(0, 1) if self.batch_first else x

    def _as_given(self, y: FloatArray, ndim: int) -> FloatArray:
        """And back to what had so many dimensions."""
        if ndim == 2:
            return y[:, 0]
        return y.swapaxes(0, 1) if self.batch_first else y

    def _mask(self, layer: int, x: FloatArray) -> FloatArray | None:
        """The mask of dropout for what comes into a layer; data is not dropped."""
        if layer == 0 or not self.training or self.dropout == 0:
            return None
        return F.dropout_mask(x.shape, self.dropout, x.dtype, self._rng)

    def _by_layer(self, states: States) -> States:
        """States that can be asked for a layer, and that for a direction, as (N, size)."""
        head = (self.num_layers, 1 + self.bidirectional)
        return [s.reshape(*head, s.shape[1] if s.ndim == 3 else 1, s.shape[-1]) for s in states]

    # Backward

    def backward(self, grad_output: ArrayLike | None, grad_state: Any = None) -> tuple[Any, Any]:
        r"""Backpropagation through time, from the last layer to the first.

        The derivation stands in `_recurrent` for the way along the sequence, and in
        `_recurrent_steps` for each step of it.

        Args:
            grad_output: The gradient by the outputs, or `None` if the loss has not looked at them.
            grad_state: The gradient by the last states, for an LSTM a pair; or `None`.

        Returns:
            The gradient by `x` (`None` where `input_requires_grad` is false) and that by `hx`, also
            where it was not given.

        Raises:
            ValueError: If a shape is not that of what was given out.
        """
        layers, shape, shapes = self.saved
        grad: Any = self._time_first(self._grad(grad_output, shape, "grad_output"))
        by_last = self._by_layer(self._state_grads(grad_state, "grad_state", shapes))
        by_first: list[States] = []  # for each layer
        for layer, (walks, mask) in reversed(list(enumerate(layers))):
            suffixes, want_x = self._suffixes()[layer], layer > 0 or self.input_requires_grad
            weights, last = [self._weights(s) for s in suffixes], [g[layer] for g in by_last]
            grad, by_states, by_weights = read_back(self._step, grad, last, walks, weights, want_x)
            grad = grad if mask is None else apply_mask(grad, mask)
            by_first.insert(0, by_states)
            for suffix, by_weight in zip(suffixes, by_weights, strict=True):
                self._add_grads(suffix, by_weight)
        by_hx = zip(zip(*by_first, strict=True), shapes, strict=True)
        grad_hx = self._given_out([np.stack(g).reshape(s) for g, s in by_hx])
        return None if grad is None else self._as_given(grad, len(shape)), grad_hx

    def extra_repr(self) -> str:
        """The options, as PyTorch shows them: those that are not the default."""
        defaults = {
            "proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0,
            "bidirectional": False,
        }  # fmt: skip
        options = [f"{k}={getattr(self, k)}" for k, v in defaults.items() if getattr(self, k) != v]
        return ", ".join([str(self.input_size), str(self.hidden_size), *options])
