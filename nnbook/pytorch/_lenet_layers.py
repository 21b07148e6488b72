r"""The parts of LeNet-5 that later networks dropped: the twin of `nnbook.scratch._lenet_layers`.

Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
recognition, Proceedings of the IEEE 86, section II.B and III.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from nnbook._lenet import (
    SUBSAMPLED,
    A,
    S,
    check_answers,
    check_classes,
    check_codes,
    check_j,
    check_maps,
    crosses,
    uniform,
)
from nnbook._rng import layer_generator
from nnbook.nn._checks import positive


def parameter(values: Any, dtype: torch.dtype) -> nn.Parameter:
    """An array of NumPy as something to be learned."""
    return nn.Parameter(torch.from_numpy(np.asarray(values)).to(dtype))


class ScaledTanh(nn.Module):
    r"""The squashing function $f(a) = 1.7159 \tanh(\tfrac23 a)$, with $f(\pm 1) = \pm 1$.

    Source: the paper's appendix A. At $\pm 1$ it is most curved, so that targets of $\pm 1$ do not
    drive a unit into saturation.

    Examples:
        >>> print(f"{ScaledTanh()(torch.tensor(1.0)).item():.3f}")
        1.000
    """

    def forward(self, x: Tensor) -> Tensor:
        """The function of each number."""
        return A * torch.tanh(S * x)


class Subsampling(nn.Module):
    r"""Trainable pooling: the sum of 2 x 2 numbers, times a coefficient, plus a bias.

    $$y_{m,r,c} = w_m \left( x_{m,2r,2c} + x_{m,2r,2c+1} + x_{m,2r+1,2c} + x_{m,2r+1,2c+1} \right)
    + b_m$$

    Both start uniformly within $\pm 2.4/4$. A last odd row or column is left out.

    Args:
        channels: The number of maps; each has a coefficient and a bias of its own.
        rng: A generator or seed for the start.
        dtype: The type of the parameters.

    Attributes:
        weight: (channels,).
        bias: (channels,).

    Shapes:
        (N, channels, H, W) to (N, channels, H/2, W/2), or both without N.

    Examples:
        >>> Subsampling(6, rng=0)(torch.zeros(2, 6, 28, 28, dtype=torch.float64)).shape
        torch.Size([2, 6, 14, 14])
    """

    def __init__(
        self, channels: int, *, rng: int | np.random.Generator | None = None,
        dtype: torch.dtype = torch.float64,
    ) -> None:  # fmt: skip
        super().__init__()
        positive(channels=channels)
        generator = layer_generator(rng)
        start = [uniform(SUBSAMPLED, (channels,), 2.4, generator) for _ in range(2)]
        self.weight, self.bias = (parameter(values, dtype) for values in start)

    def forward(self, x: Tensor) -> Tensor:
        """One number for every four."""
        check_maps(tuple(x.shape), len(self.weight))
        sums = F.avg_pool2d(x, 2, divisor_override=1)
        return sums * self.weight[:, None, None] + self.bias[:, None, None]

    def extra_repr(self) -> str:
        """The number of maps."""
        return f"{len(self.weight)}"


class TableConv2d(nn.Module):
    r"""A convolution in which each map looks at some of the maps before it, by a table.

    $$z_{o,r,c} = b_o + \sum_{m \in \text{table}_o} \sum_{i,j} W_{o,m,i,j}\; x_{m,r+i,c+j}$$

    There is one kernel for each cross of the table. They start uniformly within $\pm 2.4$ by the
    number of pixels that the map sees.

    Args:
        table: For each map that goes out, the maps that it looks at.
        in_channels: The number of maps that come in.
        kernel_size: Height and width of the kernels.
        rng: A generator or seed for the start.
        dtype: The type of the parameters.

    Attributes:
        weight: (crosses, kernel_size, kernel_size).
        bias: (maps,).

    Shapes:
        (N, in_channels, H, W) to (N, maps, out_h, out_w), or both without N.

    Raises:
        ValueError: If the table names a map that is not there, or one twice, or none.

    Examples:
        >>> layer = TableConv2d([(0,), (0, 1)], in_channels=2, kernel_size=3, rng=0)
        >>> tuple(layer(torch.zeros(1, 2, 8, 8, dtype=torch.float64)).shape)
        (1, 2, 6, 6)
    """

    _crosses: Tensor

    def __init__(
        self, table: Sequence[Sequence[int]], in_channels: int, kernel_size: int, *,
        rng: int | np.random.Generator | None = None, dtype: torch.dtype = torch.float64,
    ) -> None:  # fmt: skip
        super().__init__()
        positive(in_channels=in_channels, kernel_size=kernel_size)
        table_of_crosses = crosses(table, in_channels)  # (out, in)
        self.register_buffer("_crosses", torch.from_numpy(table_of_crosses), persistent=False)
        looks_at, side = table_of_crosses.sum(axis=1), kernel_size
        pixels, generator = looks_at * side**2, layer_generator(rng)
        shape = (int(looks_at.sum()), side, side)
        weight = uniform(np.repeat(pixels, looks_at), shape, 2.4, generator)
        self.weight = parameter(weight, dtype)
        self.bias = parameter(uniform(pixels, (len(pixels),), 2.4, generator), dtype)

    def full_weight(self) -> Tensor:
        """The kernels as those of a `Conv2d`, (out, in, h, w), zero where there is no cross."""
        full = self.weight.new_zeros((*self._crosses.shape, *self.weight.shape[1:]))
        full[self._crosses] = self.weight
        return full

    def forward(self, x: Tensor) -> Tensor:
        """The convolution with `full_weight`."""
        check_maps(tuple(x.shape), self._crosses.shape[1])
        return F.conv2d(x, self.full_weight(), self.bias)

    def extra_repr(self) -> str:
        """Maps in, maps out, the kernels' size and their number."""
        (out, maps), side = self._crosses.shape, self.weight.shape[1]
        return f"{maps}, {out}, kernel_size={(side, side)}, crosses={self.weight.shape[0]}"


class RBF(nn.Module):
    r"""How near an answer is to each of several codes: minus the squared distance.

    $$s_i = -\lVert \mathbf{x} - \mathbf{c}_i \rVert^2$$

    The paper's Euclidean radial basis function units give the distance itself, a penalty. Here the
    sign is turned, so that the largest is the answer, as for all other networks of the book.

    Args:
        codes: What the answers should be, (classes, features). They are not learned.
        dtype: Their type; inputs must have it too.

    Shapes:
        (N, features) to (N, classes).

    Examples:
        >>> RBF([[1.0, 1.0], [1.0, -1.0]])(torch.ones(1, 2, dtype=torch.float64))
        tensor([[-0., -4.]], dtype=torch.float64)
    """

    codes: Tensor

    def __init__(self, codes: Any, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        self.register_buffer("codes", torch.as_tensor(codes, dtype=dtype).clone())
        check_codes(tuple(self.codes.shape))

    def forward(self, x: Tensor) -> Tensor:
        """Minus the squared distance to each code."""
        if x.dtype != self.codes.dtype:  # PyTorch would compute in the wider of the two
            raise TypeError(f"x has dtype {x.dtype}; codes has {self.codes.dtype}")
        check_answers(tuple(x.shape), tuple(self.codes.shape))
        apart = x[:, None] - self.codes  # (N, 1, F) - (K, F) -> (N, K, F)
        return -(apart**2).sum(dim=-1)

    def extra_repr(self) -> str:
        """Features and classes."""
        return f"{self.codes.shape[1]}, {self.codes.shape[0]}"


class MAPLoss(nn.Module):
    r"""The paper's discriminative criterion: near to the right code, and far from the others.

    $$\mathcal{L} = y_t + \ln \Bigl( e^{-j} + \sum_i e^{-y_i} \Bigr), \qquad y_i = -s_i$$

    with $t$ the right class. It is a cross-entropy with one class more, "none of these", whose
    score is always $-j$: a distance of less than $j$ is near enough. Source: equation 9.

    Args:
        j: How near is near enough; the paper has it positive.

    Examples:
        >>> loss = MAPLoss(j=2.0)(torch.tensor([[-1.0, -9.0]]), torch.tensor([0]))
        >>> print(f"{loss.item():.3f}")
        0.314
    """

    def __init__(self, j: float = 10.0) -> None:
        super().__init__()
        check_j(j)
        self.j = j

    def forward(self, scores: Tensor, target: Tensor) -> Tensor:
        """The mean loss, of scores (N, classes) and classes (N,)."""
        check_classes(tuple(scores.shape), target.detach().cpu().numpy())
        none_of_these = scores.new_full((len(scores), 1), -self.j)
        extended = torch.cat([scores, none_of_these], dim=1)  # (N, K + 1)
        return F.cross_entropy(extended, target)

    def extra_repr(self) -> str:
        """How near is near enough."""
        return f"j={self.j}"
