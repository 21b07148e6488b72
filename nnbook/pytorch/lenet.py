r"""LeNet-5 in PyTorch, and a small one for small digits: the twin of `nnbook.scratch.lenet`.

Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
recognition, Proceedings of the IEEE 86, section II.B.
"""

from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnbook._lenet import C3_TABLE, check_pictures, check_small, published_start
from nnbook._lenet import codes as bitmaps
from nnbook._rng import layer_generator
from nnbook.pytorch._device import resolve_device
from nnbook.pytorch._lenet_layers import (
    RBF,
    MAPLoss,
    ScaledTanh,
    Subsampling,
    TableConv2d,
)

__all__ = [
    "RBF",
    "LeNet5",
    "MAPLoss",
    "ScaledTanh",
    "SmallLeNet",
    "Subsampling",
    "TableConv2d",
    "digit_codes",
]


def digit_codes() -> Tensor:
    """What F6 should say for each digit: a picture of it, 12 rows of 7, as +1 and -1.

    The pictures are drawn for this book, in the manner of the paper's figure 3.

    Returns:
        (10, 84), float64.

    Examples:
        >>> for row in digit_codes()[7].reshape(12, 7)[:4]:
        ...     print("".join("#" if pixel > 0 else "." for pixel in row))
        #######
        .....##
        .....##
        ....##.
    """
    return torch.from_numpy(bitmaps())


class _Reader(nn.Sequential):
    """A network that reads pictures of one size only, and says so.

    Attributes:
        size: Height and width of the pictures.
    """

    size: int

    def forward(self, x: Tensor) -> Tensor:
        """Through all layers."""
        check_pictures(type(self).__name__, tuple(x.shape), self.size)
        for layer in self:
            x = layer(x)
        return x

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):  # a slice of a LeNet is no LeNet
            return nn.Sequential(OrderedDict(list(self.named_children())[index]))
        return super().__getitem__(index)


class LeNet5(_Reader):
    r"""LeNet-5 as published: seven layers, 60,000 parameters, a digit of 32 x 32 pixels.

    C1 (6 maps, 5 x 5), S2 (subsampling), C3 (16 maps, 5 x 5, not all connected), S4, C5 (120), F6
    (84), and distances to ten pictures of 84 pixels. After each layer but the last the squashing
    function $1.7159 \tanh(\tfrac23 a)$. The start is the paper's: uniform within $\pm 2.4$ by the
    number of inputs of a unit.

    What is ours: the ten pictures are drawn anew; the distances come with a minus, as scores (see
    `RBF`); and the optimizer is whichever you choose, where the paper takes its own second-order
    method. The loss of the paper is `MAPLoss`.

    Args:
        rng: A generator or seed for the start. The twin in NumPy starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.
        device: Where they lie; "auto" takes a GPU if there is one.

    Shapes:
        (N, 1, 32, 32) to (N, 10).

    Raises:
        ValueError: If the pictures have another size.

    Examples:
        >>> model = LeNet5(rng=0, device="cpu")
        >>> sum(p.numel() for p in model.parameters())
        60000
        >>> model(torch.zeros(3, 1, 32, 32, dtype=torch.float64)).shape
        torch.Size([3, 10])
    """

    def __init__(
        self,
        *,
        rng: int | np.random.Generator | None = None,
        dtype: torch.dtype = torch.float64,
        device: str | torch.device = "auto",
    ) -> None:
        kind: Any = {"rng": 0, "dtype": dtype}  # the true start comes below
        super().__init__(
            OrderedDict({
                "C1": nn.Conv2d(1, 6, 5, dtype=dtype), "f1": ScaledTanh(),
                "S2": Subsampling(6, **kind), "f2": ScaledTanh(),
                "C3": TableConv2d(C3_TABLE, 6, 5, **kind), "f3": ScaledTanh(),
                "S4": Subsampling(16, **kind), "f4": ScaledTanh(),
                "C5": nn.Conv2d(16, 120, 5, dtype=dtype), "f5": ScaledTanh(),
                "flatten": nn.Flatten(),
                "F6": nn.Linear(120, 84, dtype=dtype), "f6": ScaledTanh(),
                "output": RBF(bitmaps(), dtype=dtype),
            })
        )  # fmt: skip
        start = {**published_start(layer_generator(rng)), "output.codes": bitmaps()}
        self.load_state_dict({name: torch.from_numpy(value) for name, value in start.items()})
        self.size = 32
        self.to(resolve_device(device, dtype))

    @torch.no_grad()
    def maps(self, x: Tensor) -> dict[str, Tensor]:
        """What each layer answers, after its squashing function; autograd does not follow.

        Args:
            x: Images, (N, 1, 32, 32).

        Returns:
            Under "C1" a tensor (N, 6, 28, 28), under "S2" one of (N, 6, 14, 14), and so on.

        Examples:
            >>> model = LeNet5(rng=0, dtype=torch.float32, device="cpu")
            >>> [tuple(a.shape[1:]) for a in model.maps(torch.zeros(1, 1, 32, 32)).values()]
            [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120, 1, 1), (84,), (10,)]
        """
        return _maps(self, x)


class SmallLeNet(_Reader):
    r"""A LeNet for small pictures, with what replaced the original's parts: ReLU and softmax.

    C1 (8 maps, 5 x 5), S2 (pooling over 2 x 2), C3 (16 maps, 3 x 3) and F4, one score for each
    class; zeros around the maps keep their size. Weights and biases start as in PyTorch.

    Args:
        size: Height and width of the pictures, even.
        pooling: What S2 takes of four numbers: the largest, "max", or the "average". With "stride"
            there is no S2, and C1 looks at every second row and column only: the same number of
            parameters without pooling.
        rng: A generator or seed for the start. The twin in NumPy starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.
        device: Where they lie; "auto" takes a GPU if there is one.

    Shapes:
        (N, 1, size, size) to (N, 10).

    Raises:
        ValueError: If the size is odd, or the pooling unknown.

    Examples:
        >>> model = SmallLeNet(rng=0, device="cpu")
        >>> sum(p.numel() for p in model.parameters())
        3946
        >>> model(torch.zeros(3, 1, 8, 8, dtype=torch.float64)).shape
        torch.Size([3, 10])
    """

    def __init__(
        self,
        size: int = 8,
        pooling: str = "max",
        *,
        rng: int | np.random.Generator | None = None,
        dtype: torch.dtype = torch.float64,
        device: str | torch.device = "auto",
    ) -> None:
        check_small(size, pooling)
        stride = 2 if pooling == "stride" else 1
        layers: dict[str, nn.Module] = {
            "C1": nn.Conv2d(1, 8, 5, stride=stride, padding=2, dtype=dtype),
            "f1": nn.ReLU(),
        }
        if pooling != "stride":
            layers["S2"] = nn.MaxPool2d(2) if pooling == "max" else nn.AvgPool2d(2)
        layers |= {
            "C3": nn.Conv2d(8, 16, 3, padding=1, dtype=dtype), "f3": nn.ReLU(),
            "flatten": nn.Flatten(),
            "F4": nn.Linear(16 * (size // 2) ** 2, 10, dtype=dtype),
        }  # fmt: skip
        super().__init__(OrderedDict(layers))
        _start(self, layer_generator(rng))
        self.size = size
        self.to(resolve_device(device, dtype))

    @torch.no_grad()
    def maps(self, x: Tensor) -> dict[str, Tensor]:
        """What each layer answers, after its rectifier; autograd does not follow.

        Args:
            x: Images, (N, 1, size, size).

        Returns:
            Under "C1" a tensor (N, 8, size, size), under "S2" one of half its size, and so on.

        Examples:
            >>> model = SmallLeNet(rng=0, dtype=torch.float32, device="cpu")
            >>> [tuple(a.shape) for a in model.maps(torch.zeros(1, 1, 8, 8)).values()]
            [(1, 8, 8, 8), (1, 8, 4, 4), (1, 16, 4, 4), (1, 10)]
        """
        return _maps(self, x)


def _maps(model: _Reader, x: Tensor) -> dict[str, Tensor]:
    """What comes out of each layer with a capital, after the small letters that follow it.

    "flatten" is passed over: it changes nothing but the shape, and has no name in the paper.
    """
    check_pictures(type(model).__name__, tuple(x.shape), model.size)
    answers: dict[str, Tensor] = {}
    current = ""
    for name, layer in model.named_children():
        x = layer(x)
        if name == "flatten":
            continue
        current = name if name[0].isupper() or name == "output" else current
        answers[current] = x
    return answers


@torch.no_grad()
def _start(model: nn.Module, generator: np.random.Generator) -> None:
    """Weights and biases of PyTorch's distribution, but drawn by NumPy."""
    for layer in model.children():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            bound = 1 / np.sqrt(layer.weight[0].numel())
            for parameter in layer.parameters():
                values = generator.uniform(-bound, bound, tuple(parameter.shape))
                parameter.copy_(torch.from_numpy(values))
