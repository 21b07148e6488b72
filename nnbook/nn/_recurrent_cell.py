"""What the three recurrent cells share."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.nn._checks import as_input
from nnbook.nn._floats import FloatArray
from nnbook.nn._recurrent import walk, walk_back
from nnbook.nn._recurrent_module import Recurrent
from nnbook.nn.parameter import Parameter


class RNNCellBase(Recurrent):
    """What the three cells share: a walk along sequences of length one.

    Args:
        mode: Which step: `"RNN_TANH"`, `"RNN_RELU"`, `"LSTM"` or `"GRU"`.
        input_size: How many numbers come in.
        hidden_size: How many units there are.
        bias: Whether the sums have biases.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start.

    Examples:
        >>> from nnbook.nn.cells import RNNCellBase
        >>> RNNCellBase("GRU", 3, 4, rng=0).weight_ih.shape  # three gates
        (12, 3)
    """

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None = None
    bias_hh: Parameter | None = None

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(mode, input_size, hidden_size, bias, device, rng)
        self._add_parameters("", input_size, dtype)

    def forward(self, x: ArrayLike, hx: Any = None) -> Any:
        """The state after the step; an LSTM's is a pair.

        Args:
            x: The input, (N, input_size) or (input_size,).
            hx: The state before the step, (N, hidden_size) or (hidden_size,), for an LSTM a pair of
                those; zeros if it is not given.

        Raises:
            TypeError: If a dtype is not that of the weights.
            ValueError: If a shape does not fit.
        """
        array = as_input(x, self.weight_ih.data)
        if array.ndim not in (1, 2) or array.shape[-1] != self.input_size:
            sizes = f"(N, {self.input_size}) or ({self.input_size},)"
            raise ValueError(f"x has shape {array.shape}; {type(self).__name__} expects {sizes}")
        shape = (*array.shape[:-1], self.hidden_size)
        states = self._first_states(hx, [shape] * self._step.states)
        rows = [s.reshape(-1, s.shape[-1]) for s in (array, *states)]  # (N, its size) each
        done = walk(self._step, rows[0][None], rows[1:], self._weights(""))
        self.save_for_backward(done, array.shape)
        return self._given_out([np.copy(s[1]).reshape(shape) for s in done.states])

    def _backward(self, **grads: ArrayLike | None) -> tuple[FloatArray | None, Any]:
        """From the gradients by the new state to those by the input and by the old state."""
        done, x_shape = self.saved
        shape = (*x_shape[:-1], self.hidden_size)
        by_states = [self._grad(grad, shape, name) for name, grad in grads.items()]
        grad_x, grad_states, grad_weights = walk_back(
            self._step,
            np.zeros_like(done.hidden),  # there is no output besides the state
            [g.reshape(-1, self.hidden_size) for g in by_states],
            done,
            self._weights(""),
            self.input_requires_grad,
        )
        self._add_grads("", grad_weights)
        grad_hx = self._given_out([g.reshape(shape) for g in grad_states])
        return None if grad_x is None else grad_x.reshape(x_shape), grad_hx

    def extra_repr(self) -> str:
        """The options, as PyTorch shows them."""
        shown = f"{self.input_size}, {self.hidden_size}"
        shown += "" if self.bias else ", bias=False"
        return shown + (", nonlinearity=relu" if self.mode == "RNN_RELU" else "")
