r"""LeNet-5, the convolutional network that read bank cheques, and a small one for small digits.

Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
recognition, Proceedings of the IEEE 86, section II.B.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnbook import nn
from nnbook._lenet import C3_TABLE, check_pictures, check_small, published_start
from nnbook._lenet import codes as bitmaps
from nnbook._rng import layer_generator
from nnbook.nn._checks import float_dtype
from nnbook.scratch._lenet_layers import (
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

Array = NDArray[Any]


def digit_codes() -> Array:
    """What F6 should say for each digit: a picture of it, 12 rows of 7, as +1 and -1.

    The pictures are drawn for this book, in the manner of the paper's figure 3.

    Returns:
        (10, 84).

    Examples:
        >>> for row in digit_codes()[7].reshape(12, 7)[:4]:
        ...     print("".join("#" if pixel > 0 else "." for pixel in row))
        #######
        .....##
        .....##
        ....##.
    """
    return bitmaps()


class _Reader(nn.Sequential):
    """A network that reads pictures of one size only, and says so.

    Attributes:
        size: Height and width of the pictures.
    """

    size: int

    def forward(self, x: ArrayLike) -> Any:
        """Through all layers."""
        check_pictures(type(self).__name__, np.shape(x), self.size)
        return super().forward(x)

    @classmethod
    def _of(cls, modules: Any) -> Any:
        return nn.Sequential._of(modules)  # a slice of a LeNet is no LeNet


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
        rng: A generator or seed for the start. The twin in PyTorch starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.

    Shapes:
        (N, 1, 32, 32) to (N, 10).

    Raises:
        ValueError: If the pictures have another size.

    Examples:
        >>> model = LeNet5(rng=0)
        >>> sum(p.data.size for p in model.parameters())
        60000
        >>> model(np.zeros((3, 1, 32, 32))).shape
        (3, 10)
    """

    def __init__(
        self, *, rng: int | np.random.Generator | None = None, dtype: DTypeLike = np.float64
    ) -> None:
        kind: Any = {"rng": 0, "dtype": float_dtype(dtype)}  # the true start comes below
        super().__init__(
            {
                "C1": nn.Conv2d(1, 6, 5, **kind), "f1": ScaledTanh(),
                "S2": Subsampling(6, **kind), "f2": ScaledTanh(),
                "C3": TableConv2d(C3_TABLE, 6, 5, **kind), "f3": ScaledTanh(),
                "S4": Subsampling(16, **kind), "f4": ScaledTanh(),
                "C5": nn.Conv2d(16, 120, 5, **kind), "f5": ScaledTanh(),
                "flatten": nn.Flatten(),
                "F6": nn.Linear(120, 84, **kind), "f6": ScaledTanh(),
                "output": RBF(bitmaps(), dtype=dtype),
            }
        )  # fmt: skip
        start = published_start(layer_generator(rng))
        self.load_state_dict({**start, "output.codes": bitmaps()})
        self.size = 32

    def maps(self, x: ArrayLike) -> dict[str, Array]:
        """What each layer answers, after its squashing function.

        Args:
            x: Images, (N, 1, 32, 32).

        Returns:
            Under "C1" an array (N, 6, 28, 28), under "S2" one of (N, 6, 14, 14), and so on.

        Examples:
            >>> maps = LeNet5(rng=0).maps(np.zeros((1, 1, 32, 32)))
            >>> [a.shape[1:] for a in maps.values()]
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
        rng: A generator or seed for the start. The twin in PyTorch starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.

    Shapes:
        (N, 1, size, size) to (N, 10).

    Raises:
        ValueError: If the size is odd, or the pooling unknown.

    Examples:
        >>> model = SmallLeNet(rng=0)
        >>> sum(p.data.size for p in model.parameters())
        3946
        >>> model(np.zeros((3, 1, 8, 8))).shape
        (3, 10)
    """

    def __init__(
        self, size: int = 8, pooling: str = "max", *,
        rng: int | np.random.Generator | None = None, dtype: DTypeLike = np.float64,
    ) -> None:  # fmt: skip
        check_small(size, pooling)
        kind: Any = {"rng": layer_generator(rng), "dtype": dtype}
        layers: dict[str, nn.Module] = {
            "C1": nn.Conv2d(1, 8, 5, stride=2 if pooling == "stride" else 1, padding=2, **kind),
            "f1": nn.ReLU(),
        }
        if pooling != "stride":
            layers["S2"] = nn.MaxPool2d(2) if pooling == "max" else nn.AvgPool2d(2)
        layers |= {
            "C3": nn.Conv2d(8, 16, 3, padding=1, **kind), "f3": nn.ReLU(),
            "flatten": nn.Flatten(),
            "F4": nn.Linear(16 * (size // 2) ** 2, 10, **kind),
        }  # fmt: skip
        super().__init__(layers)
        self.size = size

    def maps(self, x: ArrayLike) -> dict[str, Array]:
        """What each layer answers, after its rectifier.

        Args:
            x: Images, (N, 1, size, size).

        Returns:
            Under "C1" an array (N, 8, size, size), under "S2" one of half its size, and so on.

        Examples:
            >>> maps = SmallLeNet(rng=0).maps(np.zeros((1, 1, 8, 8)))
            >>> {name: a.shape for name, a in maps.items()}
            {'C1': (1, 8, 8, 8), 'S2': (1, 8, 4, 4), 'C3': (1, 16, 4, 4), 'F4': (1, 10)}
        """
        return _maps(self, x)


def _maps(model: _Reader, x: ArrayLike) -> dict[str, Array]:
    """What comes out of each layer with a capital, after the small letters that follow it.

    "flatten" is passed over: it changes nothing but the shape, and has no name in the paper.
    """
    check_pictures(type(model).__name__, np.shape(x), model.size)
    answers: dict[str, Array] = {}
    current = ""
    for name, layer in model.named_children():
        x = layer(x)
        if name == "flatten":
            continue
        current = name if name[0].isupper() or name == "output" else current
        answers[current] = np.asarray(x)
    return answers
