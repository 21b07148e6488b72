r"""The multi-layer perceptron in PyTorch: the twin of `nnbook.scratch.mlp`.

Source: Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors,
Nature 323, whose paper made it known how to train one.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnbook._rng import layer_generator
from nnbook.nn._checks import positive
from nnbook.pytorch._device import resolve_device

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
            "identity"; or a class of `torch.nn`, or a function that makes a module.
        rng: A generator or seed for the start. The twin in NumPy starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.
        device: Where they lie; "auto" takes a GPU if there is one.

    Attributes:
        sizes: As given.

    Shapes:
        (..., sizes[0]) to (..., sizes[-1]).

    Raises:
        ValueError: If there are fewer than two sizes, one is not positive, or the name is unknown.

    Examples:
        >>> model = MLP((2, 3, 1), rng=0, device="cpu")
        >>> model
        MLP(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): Tanh()
          (2): Linear(in_features=3, out_features=1, bias=True)
        )
        >>> model(torch.zeros(5, 2, dtype=torch.float64)).shape
        torch.Size([5, 1])
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Callable[[], Any] = "tanh",
        *,
        rng: int | np.random.Generator | None = None,
        dtype: torch.dtype = torch.float64,
        device: str | torch.device = "auto",
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(f"sizes is {tuple(sizes)}; an MLP has inputs and outputs at least")
        for i, size in enumerate(sizes):
            positive(**{f"sizes[{i}]": size})
        generator, place = layer_generator(rng), resolve_device(device, dtype)
        layers: list[nn.Module] = []
        for size, next_size in pairwise(sizes):
            linear = nn.Linear(size, next_size, dtype=dtype, device=place)
            layers += [_started(linear, generator), _made(activation)]
        super().__init__(*layers[:-1])
        self.sizes = tuple(sizes)

    @torch.no_grad()
    def hidden(self, x: Tensor) -> list[Tensor]:
        r"""What the neurons of each hidden layer answer, $\mathbf{A}^{(1)}, \mathbf{A}^{(2)}$, ...

        It is for looking, not for learning: autograd does not follow.

        Args:
            x: The inputs, (N, sizes[0]).

        Returns:
            One tensor for each hidden layer, (N, sizes[1]), (N, sizes[2]) and so on.

        Examples:
            >>> model = MLP((2, 8, 4, 1), "relu", rng=0, dtype=torch.float32, device="cpu")
            >>> [tuple(a.shape) for a in model.hidden(torch.zeros(5, 2))]
            [(5, 8), (5, 4)]
        """
        answers: list[Tensor] = []
        for i, layer in enumerate(self[:-1]):
            x = layer(x)
            if i % 2 == 1:  # Linear, activation, Linear, activation
                answers.append(x)
        return answers

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):  # model[:2] is a part of an MLP, and no MLP
            return nn.Sequential(*list(self)[index])
        return super().__getitem__(index)


@torch.no_grad()
def _started(layer: nn.Linear, generator: np.random.Generator) -> nn.Linear:
    """The layer with weights and biases of PyTorch's distribution, but drawn by NumPy."""
    bound = 1 / np.sqrt(layer.in_features)
    for parameter in (layer.weight, layer.bias):
        values = generator.uniform(-bound, bound, tuple(parameter.shape))
        parameter.copy_(torch.from_numpy(values))
    return layer


def _made(activation: str | Callable[[], Any]) -> nn.Module:
    """A new module for the activation."""
    if not isinstance(activation, str):
        module: nn.Module = activation()
        return module
    if activation not in _ACTIVATIONS:
        names = ", ".join(_ACTIVATIONS)
        raise ValueError(f"there is no activation {activation!r}; there are {names}")
    return _ACTIVATIONS[activation]()
