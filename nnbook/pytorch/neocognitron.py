r"""The Neocognitron in PyTorch: a layer is a convolution, and nobody asks for its gradient.

The formulas stand in `nnbook.scratch.neocognitron`. Source: Fukushima, Neocognitron: a
self-organizing neural network model for a mechanism of pattern recognition unaffected by shift in
position, 1980.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - PyTorch's own name for it

from nnbook._rng import layer_generator
from nnbook.nn._checks import positive, whole
from nnbook.pytorch._device import resolve_device


class SLayer:
    r"""Planes of S-cells: each compares what it sees with what it has learned.

    The formula stands at `nnbook.scratch.neocognitron.SLayer`. The sums over windows are
    convolutions, with $a$ for the excitation, and with $c$ over the squares for $v^2$.

    Args:
        in_planes: How many planes it looks at.
        planes: How many features it can learn.
        selectivity: How particular a cell is, $r$.
        window: The size of the window, odd.
        rng: A seed or generator for the faint first weights.
        device: Where to compute.

    Attributes:
        a: The excitatory weights, (planes, in_planes, window, window).
        b: The inhibitory weights, (planes,); 0 for a plane that has learned nothing yet.
        c: The fixed weights, (window, window).

    Raises:
        ValueError: If a size is not above 0, or `window` is even.

    Examples:
        >>> layer = SLayer(1, 2, selectivity=4.0, window=3, rng=0)
        >>> bar = torch.zeros(1, 5, 5, dtype=torch.float64)
        >>> bar[0, :, 2] = 1.0
        >>> winners = layer.learn(bar, rate=1e4, area=4)
        >>> print(f"{layer(bar)[winners[0]]:.2f} {layer(bar.mT).max():.2f}")
        1.00 0.00
    """

    def __init__(
        self,
        in_planes: int,
        planes: int,
        selectivity: float = 4.0,
        window: int = 5,
        *,
        rng: int | np.random.Generator | None = None,
        device: str | torch.device = "cpu",
    ) -> None:
        positive(in_planes=in_planes, planes=planes, window=window)
        if window % 2 == 0:
            raise ValueError(f"window is {window}; it must be odd, so that it has a middle")
        if not selectivity > 0:
            raise ValueError(f"selectivity is {selectivity}; it must be above 0")
        self.selectivity = float(selectivity)
        bell = _bell(window, resolve_device(device, torch.float64))
        self.c = bell / (bell.sum() * in_planes)
        faint = layer_generator(rng).random((planes, in_planes, window, window))
        self.a = 1e-3 * torch.from_numpy(faint).to(self.c.device) * self.c
        self.b = self.c.new_zeros(planes)

    def __call__(self, u: Tensor) -> Tensor:
        """What the cells answer.

        Args:
            u: The planes before, (in_planes, H, W).

        Returns:
            (planes, H, W).

        Raises:
            ValueError: If `u` has another number of planes.
        """
        u = self._checked(u)
        excitation = F.conv2d(u[None], self.a, padding="same")[0]
        r = self.selectivity
        inhibition = 2 * r / (1 + r) * self.b[:, None, None] * self._v(u)  # (planes, H, W)
        return r * F.relu((1 + excitation) / (1 + inhibition) - 1)

    def learn(self, u: Tensor, rate: float, area: int) -> list[tuple[int, int, int]]:
        r"""Let the winners learn what they see: $\Delta a_i = q\, c_i u_i$, $\Delta b = q\, v / 2$.

        Args:
            u: The planes before, (in_planes, H, W).
            rate: How much, $q$.
            area: How far around a winner no other cell may win.

        Returns:
            The winners, as `representatives` gives them.
        """
        u, window = self._checked(u), len(self.c)
        padded, v = F.pad(u, [window // 2] * 4), self._v(u)
        winners = representatives(self(u), area)
        for n, row, column in winners:
            seen = padded[:, row : row + window, column : column + window]
            self.a[n] += rate * self.c * seen
            self.b[n] += rate / 2 * v[row, column]
        return winners

    def _v(self, u: Tensor) -> Tensor:
        """The root of the weighted mean square in each window, (H, W)."""
        c = self.c.expand(1, len(u), *self.c.shape)
        return F.conv2d(u[None] ** 2, c, padding="same")[0, 0].sqrt()

    def _checked(self, u: Any) -> Tensor:
        planes, wanted = _double(u).to(self.c.device), self.a.shape[1]
        if planes.ndim != 3 or len(planes) != wanted:
            raise ValueError(
                f"u has shape {tuple(planes.shape)}; it must be ({wanted}, height, width)"
            )
        return planes


class CLayer:
    r"""Planes of C-cells: each pools the S-cells of one plane in a region.

    The formula stands at `nnbook.scratch.neocognitron.CLayer`.

    Args:
        window: The size of the region, odd; `None` for the whole plane.
        stride: From one C-cell to the next.

    Raises:
        ValueError: If a size is not above 0, or `window` is even.

    Examples:
        >>> u = torch.zeros(2, 4, 4)
        >>> u[0, 3, 0] = 1.0
        >>> [round(answer.item(), 2) for answer in CLayer(window=None)(u).flatten()]
        [0.4, 0.0]
    """

    def __init__(self, window: int | None = 5, stride: int = 2) -> None:
        positive(stride=stride, **({} if window is None else {"window": window}))
        if window is not None and window % 2 == 0:
            raise ValueError(f"window is {window}; it must be odd, so that it has a middle")
        self.window, self.stride = window, stride

    def __call__(self, u: Tensor) -> Tensor:
        """What the cells answer.

        Args:
            u: The planes of S-cells, (planes, H, W).

        Returns:
            (planes, ceil(H / stride), ceil(W / stride)), or (planes, 1, 1) for whole planes.
        """
        planes = _double(u)
        if planes.ndim != 3:
            shape = tuple(planes.shape)
            raise ValueError(f"u has shape {shape}; it must be (planes, height, width)")
        if self.window is None:
            pooled = planes.sum(dim=(1, 2), keepdim=True)
        else:
            bell = _bell(self.window, planes.device)[None, None]
            margin = self.window // 2
            pooled = F.conv2d(planes[:, None], bell, stride=self.stride, padding=margin)[:, 0]
        x = F.relu((1 + pooled) / (1 + pooled.mean(dim=0)) - 1)
        return x / (0.5 + x)


class Neocognitron:
    """Stages of S-cells and C-cells; the last C-layer has one cell for each plane.

    Args:
        planes: How many planes each stage has.
        selectivity: How particular the S-cells of each stage are.
        window: The size of the windows of all layers but the last.
        rng: A seed or generator for the faint first weights; the twin in NumPy has the same.
        device: Where to compute; "auto" takes a GPU if there is one.

    Attributes:
        stages: The pairs of layers.

    Raises:
        ValueError: If `planes` and `selectivity` differ in length, or are empty.

    Examples:
        >>> bars = torch.zeros(2, 12, 12)
        >>> bars[0, 2:10, 5] = bars[1, 5, 2:10] = 1.0  # upright and level
        >>> network = Neocognitron((8, 8), (4.0, 2.0), rng=0, device="cpu").train(bars)
        >>> upright, level = (network(bar).argmax().item() for bar in bars)
        >>> moved = bars[0].roll(2, dims=1)
        >>> upright != level, network(moved).argmax().item() == upright
        (True, True)
    """

    def __init__(
        self,
        planes: Sequence[int] = (8, 24, 24),
        selectivity: Sequence[float] = (4.0, 2.5, 1.8),
        window: int = 5,
        *,
        rng: int | np.random.Generator | None = None,
        device: str | torch.device = "auto",
    ) -> None:
        if len(planes) != len(selectivity) or not planes:
            raise ValueError(f"planes has {len(planes)} entries, selectivity {len(selectivity)}")
        generator = layer_generator(rng)
        before, last = (1, *planes), len(planes) - 1
        self.stages = [
            (
                SLayer(before[i], count, selectivity[i], window, rng=generator, device=device),
                CLayer(window if i < last else None),
            )
            for i, count in enumerate(planes)
        ]

    def __call__(self, picture: Tensor) -> Tensor:
        """What the last cells answer to a picture, (H, W): one number for each plane."""
        return self.answers(picture)[-1][:, 0, 0]

    def answers(self, picture: Tensor) -> list[Tensor]:
        """What the cells of all layers answer to a picture, (H, W): S1, C1, S2, C2, ..."""
        u, found = _plane(picture), []
        for s_layer, c_layer in self.stages:
            found += [s_layer(u)]
            u = c_layer(found[-1])
            found += [u]
        return found

    def train(
        self, pictures: Tensor, rounds: int = 10, rate: float = 1e4, area: int = 2
    ) -> "Neocognitron":
        """Show all pictures again and again; stage after stage learns what there is to be seen.

        Args:
            pictures: The pictures, (N, H, W), without any labels.
            rounds: How often each stage sees them.
            rate: See `SLayer.learn`.
            area: See `SLayer.learn`. In the last stage a winner silences all others.

        Returns:
            The network itself.

        Raises:
            ValueError: If there are no pictures, or they have another number of axes.
        """
        whole(rounds=rounds, area=area)
        tensor = _double(pictures)
        if tensor.ndim != 3 or not len(tensor):
            raise ValueError(
                f"pictures has shape {tuple(tensor.shape)}; it must be (N, H, W), N above 0"
            )
        shown = [_plane(picture) for picture in tensor]
        for i, (s_layer, c_layer) in enumerate(self.stages):
            for u in shown * rounds:
                s_layer.learn(u, rate, max(u.shape) if i + 1 == len(self.stages) else area)
            shown = [c_layer(s_layer(u)) for u in shown]
        return self


def representatives(u: Tensor, area: int) -> list[tuple[int, int, int]]:
    """The winners: the loudest cell of all, then the loudest of those it leaves free, and so on.

    A winner silences its plane and all planes around it. Which of equally loud cells wins is said
    at `nnbook.scratch.neocognitron.representatives`.

    Args:
        u: What the S-cells answer, (planes, H, W).
        area: How far around a winner the others are silenced.

    Returns:
        Plane, row and column of each winner.

    Examples:
        >>> u = torch.zeros(2, 1, 9)
        >>> u[0, 0, 2], u[0, 0, 7], u[1, 0, 3], u[1, 0, 6] = 5.0, 4.0, 3.0, 2.0
        >>> representatives(u, area=2)
        [(0, 0, 2), (1, 0, 6)]
    """
    left, winners = _double(u).round(decimals=9), []
    while left.numel() and left.max() > 0:
        n, row, column = (left == left.max()).nonzero()[0].tolist()  # `argmax` may take any
        winners.append((n, row, column))
        left[n] = 0.0
        rows = slice(max(0, row - area), row + area + 1)
        left[:, rows, max(0, column - area) : column + area + 1] = 0.0
    return winners


def _double(u: Any) -> Tensor:
    tensor = torch.as_tensor(u)
    if tensor.is_complex():
        raise TypeError(f"these are no real numbers: {tensor.dtype}")
    return tensor.detach().to(torch.float64)


def _plane(picture: Any) -> Tensor:
    tensor = _double(picture)
    if tensor.ndim != 2 or not tensor.numel():
        raise ValueError(f"a picture has shape {tuple(tensor.shape)}; it must be (height, width)")
    return tensor[None]


def _bell(window: int, device: torch.device) -> Tensor:
    """Weights that fade from the middle of a window, where they are 1, to its border."""
    places = torch.arange(window, dtype=torch.float64, device=device) - window // 2
    squares = places[:, None] ** 2 + places**2
    return torch.exp(-squares / (2 * (window / 2.5) ** 2))
