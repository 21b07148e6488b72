"""Layers in a row, in a list, and layers that only change the shape."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad
from nnbook.nn._floats import FloatArray, laid_out_like
from nnbook.nn.module import Module

R = TypeVar("R", bound="_Row")


class _Row(Module):
    """What `Sequential` and `ModuleList` share: modules with an order."""

    def _add(self, name: str, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__}[{name}] is {module!r}, which is not a Module")
        setattr(self, name, module)

    def append(self: R, module: Module) -> R:
        """Add a module at the end."""
        self._add(str(len(self)), module)
        return self

    def __len__(self) -> int:
        return len(list(self._own_modules()))

    def __iter__(self) -> Iterator[Module]:
        return (module for _, module in self._own_modules())

    def __getitem__(self: R, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)._of(dict(list(self._own_modules())[index]))
        return getattr(self, self._name(index))

    def __setitem__(self, index: int, module: Module) -> None:
        self._add(self._name(index), module)

    def _name(self, index: int) -> str:
        names = [name for name, _ in self._own_modules()]
        if not -len(names) <= index < len(names):
            raise IndexError(f"there is no module {index} among {len(names)}")
        return names[index]

    @classmethod
    def _of(cls: type[R], modules: Mapping[str, Module]) -> R:
        row = cls()
        for name, module in modules.items():
            row._add(name, module)
        return row


class Sequential(_Row):
    """One module after the other: the output of each is the input of the next.

    Args:
        *modules: The modules, or one dictionary that names them.

    Raises:
        TypeError: If something is not a module.
        ValueError: If a module stands in it twice: it remembers its last input only, so its
            gradient would be wrong. If a name is taken, or has a dot.

    Examples:
        >>> from nnbook import nn
        >>> model = nn.Sequential(nn.Linear(2, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=1))
        >>> model
        Sequential(
          (0): Linear(in_features=2, out_features=8, bias=True)
          (1): Tanh()
          (2): Linear(in_features=8, out_features=1, bias=True)
        )
        >>> model(np.ones((5, 2))).shape
        (5, 1)
        >>> model.backward(np.ones((5, 1))).shape
        (5, 2)
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            named: Mapping[str, Any] = modules[0]
        else:
            named = {str(i): module for i, module in enumerate(modules)}
        for name, module in named.items():
            self._add(name, module)

    def _add(self, name: str, module: Module) -> None:
        taken = hasattr(self, name) and name not in dict(self._own_modules())
        if taken or "." in name or not name:
            why = "every Sequential has that already" if taken else "it needs letters and no dots"
            raise ValueError(f"a module cannot be called {name!r}: {why}")
        twice = [n for n, other in self.named_children() if other is module and n != name]
        if twice:
            raise ValueError(
                f"the same {type(module).__name__} stands at {twice[0]} and at {name}; a module "
                "remembers only its last input, so make a second one"
            )
        super()._add(name, module)

    def forward(self, x: Any) -> Any:
        """Through all modules, from the first to the last."""
        for module in self:
            x = module(x)
        return x

    def backward(self, grad_output: Any) -> Any:
        r"""Through all modules, from the last to the first: the chain rule.

        For $y = f_2(f_1(x))$ the chain rule says $L' = L'_y \cdot f_2' \cdot f_1'$. Each module
        multiplies its own factor to what it is given.
        """
        for module in reversed(list(self)):
            if grad_output is None:  # a module with `input_requires_grad = False` came before
                return None
            grad_output = module.backward(grad_output)
        return grad_output

    def requires_input_grad_(self, requires_grad: bool = True) -> "Sequential":
        """Ask, or do not ask, the first module with parameters for the gradient by its input."""
        first = next((m for m in self if any(m.parameters())), None)
        if first is not None and not self._goes_back_its_own_way():
            first.requires_input_grad_(requires_grad)
        return self


class ModuleList(_Row):
    """Modules in a list, for a `forward` of your own to walk through.

    Args:
        modules: The modules.

    Raises:
        TypeError: If something is not a module.

    Examples:
        >>> from nnbook import nn
        >>> layers = nn.ModuleList([nn.Linear(4, 4, rng=i) for i in range(3)])
        >>> len(layers), layers[-1], len(list(layers.parameters()))
        (3, Linear(in_features=4, out_features=4, bias=True), 6)
    """

    def __init__(self, modules: Any = ()) -> None:
        for i, module in enumerate(modules):
            self._add(str(i), module)

    @classmethod
    def _of(cls, modules: Mapping[str, Module]) -> "ModuleList":
        return cls(modules.values())

    def extend(self, modules: Any) -> "ModuleList":
        """Add several modules at the end."""
        for module in modules:
            self.append(module)
        return self


class Identity(Module):
    """The layer that does nothing, to stand where another one might.

    Args:
        *args: Anything, so that it can take another layer's place.
        **kwargs: Likewise.

    Examples:
        >>> from nnbook import nn
        >>> nn.Identity()(np.array([1.0, 2.0]))
        array([1., 2.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def forward(self, x: ArrayLike) -> FloatArray:
        """The input itself."""
        array = np.asarray(x)
        self.save_for_backward(array.shape, array.dtype)
        return array

    def backward(self, grad_output: ArrayLike) -> FloatArray:
        r"""$\partial L/\partial x = \partial L/\partial y$, for $y = x$."""
        shape, dtype = self.saved
        return as_grad(grad_output, shape, dtype)


class _Reshape(Module):
    """What `Flatten` and `Unflatten` share: the numbers stay, their arrangement changes."""

    def _shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        raise NotImplementedError

    def forward(self, x: ArrayLike) -> FloatArray:
        """The same numbers in their new shape."""
        array = np.asarray(x)
        shape = self._shape(array.shape)
        self.save_for_backward(array, shape)
        return array.reshape(shape)

    def backward(self, grad_output: ArrayLike) -> FloatArray:
        """Each number's gradient goes back to where the number came from."""
        x, shape = self.saved
        return laid_out_like(as_grad(grad_output, shape, x.dtype).reshape(x.shape), x)


def _dim(dim: int, shape: tuple[int, ...], name: str) -> int:
    if not -len(shape) <= dim < len(shape):
        raise IndexError(f"{name} is {dim}; x has shape {shape}")
    return dim % len(shape)


class Flatten(_Reshape):
    """Several dimensions in one, as an image becomes a list of pixels.

    Args:
        start_dim: The first of them.
        end_dim: The last of them.

    Shapes:
        (N, C, H, W) to (N, C * H * W), with the defaults.

    Examples:
        >>> from nnbook import nn
        >>> nn.Flatten()(np.zeros((10, 3, 8, 8))).shape
        (10, 192)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def _shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        start, end = _dim(self.start_dim, shape, "start_dim"), _dim(self.end_dim, shape, "end_dim")
        if start > end:
            raise ValueError(f"start_dim {start} comes after end_dim {end} in shape {shape}")
        return *shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]

    def extra_repr(self) -> str:
        """The dimensions, as PyTorch shows them."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(_Reshape):
    """One dimension in several: the way back from `Flatten`.

    Args:
        dim: Which one.
        unflattened_size: Their sizes. One may be -1, and is then computed.

    Examples:
        >>> from nnbook import nn
        >>> nn.Unflatten(1, (3, 8, 8))(np.zeros((10, 192))).shape
        (10, 3, 8, 8)
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        if isinstance(dim, str):
            raise NotImplementedError(f"Unflatten does not support dimensions by name: dim={dim!r}")
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def _shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        dim = _dim(self.dim, shape, "dim")
        sizes, length = self.unflattened_size, shape[dim]
        known = math.prod(s for s in sizes if s != -1)
        if sizes.count(-1) == 1 and known > 0 and length % known == 0:
            sizes = tuple(length // known if s == -1 else s for s in sizes)
        if math.prod(sizes) != length or min(sizes, default=0) < 0:
            raise ValueError(f"unflattened_size {sizes} does not hold the {length} of dim {dim}")
        return *shape[:dim], *sizes, *shape[dim + 1 :]

    def extra_repr(self) -> str:
        """The dimension and its sizes, as PyTorch shows them."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
