r"""What every layer is: some parameters, a way forward, and the same way backward.

A network computes forward, from the data to the loss. The chain rule goes the other way: each layer
is told how the loss changes with its output, $\partial L / \partial \text{output}$, adds what
follows for its parameters to their gradients, and answers how the loss changes with its input. That
answer is the next layer's question. In PyTorch autograd finds this way by itself; here each layer
spells it out in its `backward`, and can be read.
"""

from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn.parameter import Parameter

M = TypeVar("M", bound="Module")
T = TypeVar("T")


class Module:
    """The base of all layers and models.

    Parameters and modules that are attributes of a module belong to it; nothing has to be
    registered. A subclass writes `forward`, and `backward` for the gradients.

    A module remembers its last `forward` only. So it can stand in one place of a network: a
    `backward` after two different `forward`s speaks of the second. It keeps arrays, not copies of
    them: do not change an input or an output in place before `backward` has run.

    Attributes:
        training: Whether dropout drops and batch normalization looks at its batch; see `train`.
        input_requires_grad: Whether `backward` should answer for the input at all. The first layer
            of a network need not: its input is data, that nobody changes. Where it is false,
            `Linear`, `Conv2d` and their kin save that work and return `None`.

    Examples:
        >>> from nnbook import nn
        >>> class Scale(nn.Module):
        ...     def __init__(self):
        ...         self.weight = nn.Parameter(np.array(3.0))
        ...
        ...     def forward(self, x):
        ...         self.save_for_backward(x)
        ...         return self.weight.data * x
        ...
        ...     def backward(self, grad_output):
        ...         (x,) = self.saved
        ...         self.weight.add_grad(np.sum(grad_output * x))  # dL/dw = sum of dL/dy x
        ...         return grad_output * self.weight.data  # dL/dx = dL/dy w
        >>> scale = Scale()
        >>> scale(np.array([1.0, 2.0]))
        array([3., 6.])
        >>> scale.backward(np.array([1.0, 1.0]))
        array([3., 3.])
        >>> float(scale.weight.grad)
        3.0
    """

    training: bool = True
    input_requires_grad: bool = True
    _saved: tuple[Any, ...] | None = None
    _buffer_names: tuple[str, ...] = ()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The output for an input."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, grad_output: Any) -> Any:
        r"""From $\partial L / \partial \text{output}$ to $\partial L / \partial \text{input}$.

        On the way the gradients of the parameters are added to their `grad`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As `forward`."""
        return self.forward(*args, **kwargs)

    # What forward leaves for backward

    def save_for_backward(self, *values: Any) -> None:
        """Keep what `backward` will need; `saved` gives it back.

        Nothing is copied: between `forward` and `backward` nobody may change these arrays in place,
        neither the input nor, where it is kept, the output. Write `h = h + x`, not `h += x`.
        """
        self._saved = values

    @property
    def saved(self) -> tuple[Any, ...]:
        """What the last `forward` kept.

        Raises:
            RuntimeError: If there was none.
        """
        if self._saved is None:
            raise RuntimeError(f"{type(self).__name__}.backward was called before forward")
        return self._saved

    def __getstate__(self) -> dict[str, Any]:
        # Copied or pickled without the last batch: a model is not its data.
        return {name: value for name, value in vars(self).items() if name != "_saved"}

    # What belongs to a module

    def register_buffer(self, name: str, value: FloatArray | None) -> None:
        """An array that is saved with the module but not learned, such as a running mean."""
        self._buffer_names = (*self._buffer_names, name)
        setattr(self, name, value)

    def _own_parameters(self) -> Iterator[tuple[str, Parameter]]:
        return ((k, v) for k, v in vars(self).items() if isinstance(v, Parameter))

    def _own_buffers(self) -> Iterator[tuple[str, Any]]:
        return ((k, v) for k in self._buffer_names if (v := getattr(self, k)) is not None)

    def _own_modules(self) -> Iterator[tuple[str, "Module"]]:
        return ((k, v) for k, v in vars(self).items() if isinstance(v, Module))

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """The modules directly below this one, each once, in the order of their assignment."""
        return _once(self._own_modules())

    def children(self) -> Iterator["Module"]:
        """The modules directly below this one, without their names."""
        return (child for _, child in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, "Module"]]:
        """This module and all below it, each once, with names such as `"0.weight"`'s `"0"`."""
        return _once(self._walk(prefix))

    def _walk(self, prefix: str) -> Iterator[tuple[str, "Module"]]:
        yield prefix, self
        for name, child in self._own_modules():
            yield from child._walk(f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator["Module"]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """All parameters, of this module and those below it, each once, with dotted names."""
        return _once(
            (f"{prefix}.{name}" if prefix else name, parameter)
            for prefix, module in self.named_modules()
            for name, parameter in module._own_parameters()
        )

    def parameters(self) -> Iterator[Parameter]:
        """All parameters, in the order of `named_parameters`."""
        return (parameter for _, parameter in self.named_parameters())

    # Modes

    def train(self: M, mode: bool = True) -> M:
        """Put this module and all below it in training mode, or with `False` out of it."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """The mode for using what was learned: nothing is dropped, running means are used."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Freeze all parameters, with `False`, or thaw them."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def requires_input_grad_(self: M, requires_grad: bool = True) -> M:
        """Ask, or do not ask, `backward` for the gradient by the input.

        A class with a `backward` of its own goes on answering: it may build on what it inherited,
        and would find `None` there. To have it look at `input_requires_grad`, set that.
        """
        if not self._goes_back_its_own_way():
            self.input_requires_grad = requires_grad
        return self

    def _goes_back_its_own_way(self) -> bool:
        return not type(self).backward.__module__.startswith("nnbook.")

    def zero_grad(self) -> None:
        """Forget all gradients; without it, those of the next batch are added to them."""
        for parameter in self.parameters():
            parameter.grad = None

    # Saving and loading

    def state_dict(self) -> dict[str, Any]:
        """Copies of all parameters and buffers, under PyTorch's keys and in its shapes."""
        return {key: np.array(value) for key, value, _, _ in self._state()}

    def _state(self, prefix: str = "") -> Iterator[tuple[str, Any, "Module", str]]:
        for name, parameter in self._own_parameters():
            yield prefix + name, parameter.data, self, name
        for name, buffer in self._own_buffers():
            yield prefix + name, buffer, self, name
        for name, child in self._own_modules():
            yield from child._state(f"{prefix}{name}.")

    def load_state_dict(self, state_dict: Mapping[str, ArrayLike]) -> None:
        """Take over parameters and buffers, as arrays or anything that NumPy can make arrays of.

        Args:
            state_dict: The values, under the keys of `state_dict()`. They are copied.

        Raises:
            ValueError: If an entry is missing, unexpected or misshapen. All are named, and then
                nothing is loaded.
            TypeError: If an entry does not hold real numbers; then nothing is loaded either.

        Examples:
            >>> from nnbook import nn
            >>> layer = nn.Linear(2, 1, rng=0)
            >>> layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": [3.0]})
            >>> layer(np.array([[1.0, 1.0]]))
            array([[6.]])
            >>> layer.load_state_dict({"weight": [[1.0, 2.0, 3.0]]})
            Traceback (most recent call last):
            ValueError: Linear cannot load this state_dict: bias is missing;
            weight has shape (1, 3), the module's has (1, 2)
        """
        state = list(self._state())
        given = {key: _numbers(key, value) for key, value in state_dict.items()}
        known = {key: np.shape(value) for key, value, _, _ in state}
        faults = [f"{key} is missing" for key in known if key not in given]
        faults += [f"{key} is unexpected" for key in given if key not in known]
        faults += [
            f"{key} has shape {given[key].shape}, the module's has {shape}"
            for key, shape in known.items()
            if key in given and given[key].shape != shape
        ]
        if faults:
            name = type(self).__name__
            raise ValueError(f"{name} cannot load this state_dict: {'; '.join(faults)}")
        for key, value, module, name in state:
            module._load(name, given[key].astype(np.asarray(value).dtype))  # astype copies

    def _load(self, name: str, value: FloatArray) -> None:
        mine = getattr(self, name)
        if isinstance(mine, Parameter):
            mine.data[...] = value  # in place: an optimizer may hold this array
        else:
            setattr(self, name, value)

    # How it looks

    def extra_repr(self) -> str:
        """What stands between the brackets of a layer's `repr`."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): {child!r}" for name, child in self._own_modules()]
        if not lines:
            return f"{type(self).__name__}({self.extra_repr()})"
        return f"{type(self).__name__}(\n" + indent("\n".join(lines), "  ") + "\n)"


def _numbers(key: str, value: ArrayLike) -> FloatArray:
    try:
        return as_floats(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"the state_dict's {key} holds no real numbers: {error}") from error


def _once(named: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Each thing under its first name only: shared weights are one set of weights."""
    seen: set[int] = set()
    for name, value in named:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value
