r"""The multi-layer perceptron: layers of neurons, each of which looks at the layer before it.

Source: Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors,
Nature 323, whose paper made it known how to train one.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnbook import nn
from nnbook._rng import layer_generator
from nnbook.nn._checks import positive

Array = NDArray[Any]

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "elu": nn.ELU, "gelu": nn.GELU, "identity": nn.Identity, "leaky_relu": nn.LeakyReLU,
    "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "silu": nn.SiLU, "softplus": nn.Softplus,
    "tanh": nn.Tanh,
}  # fmt: skip


class MLP(nn.Sequential):
    r"""Layers of neurons in a row, with the activation function $g$ between them.

    $$\mathbf{A}^{(0)} = \mathbf{X}, \qquad
    \mathbf{A}^{(l)} = g\bigl(\mathbf{A}^{(l-1)} \mathbf{W}^{(l)\top} + \mathbf{b}^{(l)}\bigr)$$

    The last layer has no activation: it gives scores, and the loss knows what to make of them.

    Args:
        sizes: The number of inputs, of neurons in each hidden layer, and of outputs.
        activation: The name of the activation function, such as "tanh", "relu", "sigmoid" or
            "identity"; or a class of `nnbook.nn`, or a function that makes a module.
        rng: A generator or seed for the start. The twin in PyTorch starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.

    Attributes:
        sizes: As given.

    Shapes:
        (..., sizes[0]) to (..., sizes[-1]).

    Raises:
        ValueError: If there are fewer than two sizes, one is not positive, or the name is unknown.

    Examples:
        >>> model = MLP((2, 3, 1), rng=0)
        >>> model
        MLP(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): Tanh()
          (2): Linear(in_features=3, out_features=1, bias=True)
        )
        >>> model(np.zeros((5, 2))).shape
        (5, 1)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Callable[[], Any] = "tanh",
        *,
        rng: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(f"sizes is {tuple(sizes)}; an MLP has inputs and outputs at least")
        for i, size in enumerate(sizes):
            positive(**{f"sizes[{i}]": size})
        generator = layer_generator(rng)
        layers: list[nn.Module] = []
        for size, next_size in pairwise(sizes):
            layers += [nn.Linear(size, next_size, dtype=dtype, rng=generator), _made(activation)]
        super().__init__(*layers[:-1])
        self.sizes = tuple(sizes)

    def hidden(self, x: ArrayLike) -> list[Array]:
        r"""What the neurons of each hidden layer answer, $\mathbf{A}^{(1)}, \mathbf{A}^{(2)}$, ...

        It is for looking, not for learning: like any call, it makes the layers forget the input
        that `backward` would speak of.

        Args:
            x: The inputs, (N, sizes[0]).

        Returns:
            One array for each hidden layer, (N, sizes[1]), (N, sizes[2]) and so on.

        Examples:
            >>> [a.shape for a in MLP((2, 8, 4, 1), "relu", rng=0).hidden(np.zeros((5, 2)))]
            [(5, 8), (5, 4)]
        """
        answers: list[Array] = []
        for i, layer in enumerate(self[:-1]):
            x = layer(x)
            if i % 2 == 1:  # Linear, activation, Linear, activation
                answers.append(np.asarray(x))
        return answers

    @classmethod
    def _of(cls, modules: Mapping[str, nn.Module]) -> Any:
        return nn.Sequential._of(modules)  # model[:2] is a part of an MLP, and no MLP


def _made(activation: str | Callable[[], Any]) -> nn.Module:
    """A new module for the activation."""
    if not isinstance(activation, str):
        module: nn.Module = activation()
        return module
    if activation not in _ACTIVATIONS:
        names = ", ".join(_ACTIVATIONS)
        raise ValueError(f"there is no activation {activation!r}; there are {names}")
    return _ACTIVATIONS[activation]()
