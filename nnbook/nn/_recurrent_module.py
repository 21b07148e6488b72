"""What recurrent layers and recurrent cells share: their parameters, and how a state is given."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook._rng import layer_generator
from nnbook.nn import init
from nnbook.nn._checks import as_grad, as_input, float_dtype, one_of, positive, refuse
from nnbook.nn._floats import FloatArray
from nnbook.nn._recurrent import Weights
from nnbook.nn._recurrent_steps import STEPS, States
from nnbook.nn.module import Module
from nnbook.nn.parameter import Parameter

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
NONLINEARITIES = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}


class Recurrent(Module):
    """The base of `RNNBase` and `RNNCellBase`.

    Inside, a state is always a list: of h, and for an LSTM of h and c. Outside it is an array, and
    for an LSTM a pair of arrays.
    """

    def __init__(
        self, mode: str, input_size: int, hidden_size: int, bias: bool, device: None,
        rng: int | np.random.Generator | None,
    ) -> None:  # fmt: skip
        refuse(type(self).__name__, device=device)
        one_of("mode", mode, list(STEPS))
        positive(input_size=input_size, hidden_size=hidden_size)
        flags(bias=bias)
        self.mode, self.input_size, self.hidden_size = mode, input_size, hidden_size
        self.bias = bias
        self._step, self._rng = STEPS[mode], layer_generator(rng)

    # Parameters

    @property
    def _dtype(self) -> np.dtype[Any]:
        return next(self.parameters()).dtype

    def _add_parameters(
        self, suffix: str, input_size: int, dtype: DTypeLike, proj_size: int = 0
    ) -> None:
        """The weights of one layer in one direction, uniform within 1 / sqrt(hidden_size)."""
        rows, state = self._step.gates * self.hidden_size, proj_size or self.hidden_size
        shapes: list[tuple[int, ...]] = [(rows, input_size), (rows, state), (rows,), (rows,)]
        shapes.append((proj_size, self.hidden_size))
        wanted = (True, True, self.bias, self.bias, proj_size > 0)
        bound = 1 / math.sqrt(self.hidden_size)
        for name, shape, is_wanted in zip(NAMES, shapes, wanted, strict=True):
            if is_wanted:
                parameter = Parameter(np.empty(shape, float_dtype(dtype)))
                setattr(self, name + suffix, init.uniform_(parameter, -bound, bound, self._rng))

    def _parameters_of(self, suffix: str) -> list[Parameter | None]:
        return [getattr(self, name + suffix, None) for name in NAMES]

    def _weights(self, suffix: str) -> Weights:
        return Weights(*(None if p is None else p.data for p in self._parameters_of(suffix)))

    def _add_grads(self, suffix: str, grads: Weights) -> None:
        for parameter, grad in zip(self._parameters_of(suffix), grads, strict=True):
            if parameter is not None:
                parameter.add_grad(grad)

    # States

    def _first_states(self, hx: Any, shapes: Sequence[tuple[int, ...]]) -> States:
        """The states that were given, once it is sure that they fit; zeros if none were."""
        if hx is None:
            return [np.zeros(shape, self._dtype) for shape in shapes]
        given = zip(self._names("hx"), self._listed("hx", hx), shapes, strict=True)
        return [self._first_state(name, value, shape) for name, value, shape in given]

    def _first_state(self, name: str, value: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
        state = as_input(value, np.empty(0, self._dtype), name)
        if state.shape != shape:
            raise ValueError(f"{name} has shape {state.shape}; expected {shape}")
        return state

    def _state_grads(self, grads: Any, name: str, shapes: Sequence[tuple[int, ...]]) -> States:
        """The gradients by the states that were given out; zeros where there are none."""
        given = [None] * len(shapes) if grads is None else self._listed(name, grads)
        named = zip(self._names(name), given, shapes, strict=True)
        return [self._grad(grad, shape, part) for part, grad, shape in named]

    def _grad(self, grad: ArrayLike | None, shape: tuple[int, ...], name: str) -> FloatArray:
        if grad is None:
            return np.zeros(shape, self._dtype)
        if np.shape(grad) != shape:
            raise ValueError(f"{name} has shape {np.shape(grad)}; what was given out has {shape}")
        return as_grad(grad, shape, self._dtype)

    def _names(self, name: str) -> list[str]:
        return [name] if self._step.states == 1 else [f"{name}[0]", f"{name}[1]"]

    def _listed(self, name: str, states: Any) -> list[Any]:
        if self._step.states == 1:
            return [states]
        if not isinstance(states, (tuple, list)):
            raise TypeError(f"{name} must be a pair, of h and of c; got {type(states).__name__}")
        if len(states) != 2:
            raise ValueError(f"{name} has {len(states)} parts; expected 2, h and c")
        return list(states)

    def _given_out(self, states: States) -> Any:
        return states[0] if self._step.states == 1 else tuple(states)


def mode_of(nonlinearity: str) -> str:
    """What PyTorch calls the plain network with this activation function."""
    one_of("nonlinearity", nonlinearity, list(NONLINEARITIES))
    return NONLINEARITIES[nonlinearity]


def flags(**values: bool) -> None:
    """Each is true or false; 0.5 in the place of a flag was meant for something else."""
    for name, value in values.items():
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, not {value!r}")
