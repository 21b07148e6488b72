r"""The Neocognitron: simple and complex cells in turn, which sort what they see without a teacher.

Each stage has two layers. S-cells look for features, each plane of them for one feature at every
place. C-cells pool the S-cells of a plane, so that the place matters less. What an S-cell looks for
it learns by winning: whoever answers loudest learns to answer louder, to just this.

Source: Fukushima, Neocognitron: a self-organizing neural network model for a mechanism of pattern
recognition unaffected by shift in position, 1980. Ours differs in sizes, in training one stage
after the other, and in how the places of the C-cells are chosen.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nnbook._rng import layer_generator
from nnbook.nn._checks import positive, whole
from nnbook.nn._floats import FloatArray, as_floats


class SLayer:
    r"""Planes of S-cells: each compares what it sees with what it has learned.

    Excitation and inhibition do not subtract but divide, as in a shunted circuit:

    $$u_S = r \left[ \frac{1 + \sum_i a_i u_i}{1 + \frac{2r}{1 + r}\, b\, v} - 1 \right]_+ ,
    \qquad v = \sqrt{\textstyle\sum_i c_i u_i^2}$$

    over all inputs $u_i$ in the window, with fixed weights $c_i$ that sum to 1. A cell that has
    learned the pattern $x$ well answers with $(1 + r)\, s - r$, where $s$ is the likeness of $u$
    and $x$, the cosine of the angle between them: 1 for $x$ itself, and nothing below
    $s = r / (1 + r)$. So $r$ says how particular it is.

    Args:
        in_planes: How many planes it looks at.
        planes: How many features it can learn.
        selectivity: The $r$ of the formula.
        window: The size of the window, odd.
        rng: A seed or generator for the faint first weights.

    Attributes:
        a: The excitatory weights, (planes, in_planes, window, window).
        b: The inhibitory weights, (planes,); 0 for a plane that has learned nothing yet.
        c: The fixed weights, (window, window).

    Raises:
        ValueError: If a size is not above 0, or `window` is even.

    Examples:
        >>> layer = SLayer(1, 2, selectivity=4.0, window=3, rng=0)
        >>> bar = np.zeros((1, 5, 5))
        >>> bar[0, :, 2] = 1.0
        >>> winners = layer.learn(bar, rate=1e4, area=4)
        >>> layer(bar)[winners[0]].round(2), layer(bar.swapaxes(1, 2)).max().round(2)
        (np.float64(1.0), np.float64(0.0))
    """

    def __init__(
        self,
        in_planes: int,
        planes: int,
        selectivity: float = 4.0,
        window: int = 5,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        positive(in_planes=in_planes, planes=planes, window=window)
        if window % 2 == 0:
            raise ValueError(f"window is {window}; it must be odd, so that it has a middle")
        if not selectivity > 0:
            raise ValueError(f"selectivity is {selectivity}; it must be above 0")
        self.selectivity = float(selectivity)
        bell = _bell(window)
        self.c = bell / (bell.sum() * in_planes)
        shape = (planes, in_planes, window, window)
        self.a = 1e-3 * layer_generator(rng).random(shape) * self.c
        self.b = np.zeros(planes)

    def __call__(self, u: ArrayLike) -> FloatArray:
        """What the cells answer.

        Args:
            u: The planes before, (in_planes, H, W).

        Returns:
            (planes, H, W).

        Raises:
            ValueError: If `u` has another number of planes.
        """
        patches, v = self._seen(u)
        # (n, k, i, j) with (k, H, W, i, j) -> (n, H, W)
        excitation = np.tensordot(self.a, patches, axes=([1, 2, 3], [0, 3, 4]))
        r = self.selectivity
        inhibition = 2 * r / (1 + r) * self.b[:, None, None] * v  # (planes, H, W)
        return r * np.maximum((1 + excitation) / (1 + inhibition) - 1, 0.0)

    def learn(self, u: ArrayLike, rate: float, area: int) -> list[tuple[int, int, int]]:
        r"""Let the winners learn what they see: $\Delta a_i = q\, c_i u_i$, $\Delta b = q\, v / 2$.

        Args:
            u: The planes before, (in_planes, H, W).
            rate: How much, $q$.
            area: How far around a winner no other cell may win.

        Returns:
            The winners, as `representatives` gives them.
        """
        patches, v = self._seen(u)
        winners = representatives(self(u), area)
        for n, row, column in winners:
            self.a[n] += rate * self.c * patches[:, row, column]
            self.b[n] += rate / 2 * v[row, column]
        return winners

    def _seen(self, u: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """What lies in each window, (in_planes, H, W, window, window), and v, (H, W)."""
        planes, (_, wanted, window, _) = as_floats(u), self.a.shape
        if planes.ndim != 3 or planes.shape[0] != wanted:
            raise ValueError(f"u has shape {planes.shape}; it must be ({wanted}, height, width)")
        patches = _patches(planes, window)
        return patches, np.sqrt(np.einsum("khwij,ij->hw", patches**2, self.c))


class CLayer:
    r"""Planes of C-cells: each pools the S-cells of one plane in a region.

    $$u_C = \psi\left( \frac{1 + \sum_i d_i u_i}{1 + \bar{v}} - 1 \right), \qquad
    \psi(x) = \frac{x}{\tfrac12 + x} \text{ for } x > 0, \text{ else } 0$$

    where $\bar{v}$ is the mean of $\sum_i d_i u_i$ over all planes: who is not louder than the
    average is silent.

    Args:
        window: The size of the region, odd; `None` for the whole plane.
        stride: From one C-cell to the next.

    Raises:
        ValueError: If a size is not above 0, or `window` is even.

    Examples:
        >>> u = np.zeros((2, 4, 4))
        >>> u[0, 3, 0] = 1.0
        >>> CLayer(window=None)(u).round(2).tolist()
        [[[0.4]], [[0.0]]]
    """

    def __init__(self, window: int | None = 5, stride: int = 2) -> None:
        positive(stride=stride, **({} if window is None else {"window": window}))
        if window is not None and window % 2 == 0:
            raise ValueError(f"window is {window}; it must be odd, so that it has a middle")
        self.window, self.stride = window, stride

    def __call__(self, u: ArrayLike) -> FloatArray:
        """What the cells answer.

        Args:
            u: The planes of S-cells, (planes, H, W).

        Returns:
            (planes, ceil(H / stride), ceil(W / stride)), or (planes, 1, 1) for whole planes.
        """
        planes = as_floats(u)
        if planes.ndim != 3:
            raise ValueError(f"u has shape {planes.shape}; it must be (planes, height, width)")
        if self.window is None:
            pooled = planes.sum(axis=(1, 2), keepdims=True)
        else:
            patches = _patches(planes, self.window)[:, :: self.stride, :: self.stride]
            pooled = np.einsum("khwij,ij->khw", patches, _bell(self.window))
        x = np.maximum((1 + pooled) / (1 + pooled.mean(axis=0)) - 1, 0.0)
        answers: FloatArray = x / (0.5 + x)
        return answers


class Neocognitron:
    """Stages of S-cells and C-cells; the last C-layer has one cell for each plane.

    Args:
        planes: How many planes each stage has.
        selectivity: How particular the S-cells of each stage are.
        window: The size of the windows of all layers but the last.
        rng: A seed or generator for the faint first weights; the twin in PyTorch has the same.

    Attributes:
        stages: The pairs of layers.

    Raises:
        ValueError: If `planes` and `selectivity` differ in length, or are empty.

    Examples:
        >>> bars = np.zeros((2, 12, 12))
        >>> bars[0, 2:10, 5] = bars[1, 5, 2:10] = 1.0  # upright and level
        >>> network = Neocognitron((8, 8), (4.0, 2.0), rng=0).train(bars)
        >>> upright, level = (network(bar).argmax() for bar in bars)
        >>> moved = np.roll(bars[0], 2, axis=1)
        >>> bool(upright != level), bool(network(moved).argmax() == upright)
        (True, True)
    """

    def __init__(
        self,
        planes: Sequence[int] = (8, 24, 24),
        selectivity: Sequence[float] = (4.0, 2.5, 1.8),
        window: int = 5,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        if len(planes) != len(selectivity) or not planes:
            raise ValueError(f"planes has {len(planes)} entries, selectivity {len(selectivity)}")
        generator = layer_generator(rng)
        before, last = (1, *planes), len(planes) - 1
        self.stages = [
            (
                SLayer(before[i], count, selectivity[i], window, rng=generator),
                CLayer(window if i < last else None),
            )
            for i, count in enumerate(planes)
        ]

    def __call__(self, picture: ArrayLike) -> FloatArray:
        """What the last cells answer to a picture, (H, W): one number for each plane."""
        return self.answers(picture)[-1][:, 0, 0]

    def answers(self, picture: ArrayLike) -> list[FloatArray]:
        """What the cells of all layers answer to a picture, (H, W): S1, C1, S2, C2, ..."""
        u, found = _plane(picture), []
        for s_layer, c_layer in self.stages:
            found += [s_layer(u)]
            u = c_layer(found[-1])
            found += [u]
        return found

    def train(
        self, pictures: ArrayLike, rounds: int = 10, rate: float = 1e4, area: int = 2
    ) -> "Neocognitron":
        """Show all pictures again and again; stage after stage learns what there is to be seen.

        Args:
            pictures: The pictures, (N, H, W), without any labels.
            rounds: How often each stage sees them.
            rate: See `SLayer.learn`.
            area: See `SLayer.learn`. In the last stage a winner silences all others, so that it
                learns one feature a picture: the picture.

        Returns:
            The network itself.

        Raises:
            ValueError: If there are no pictures, or they have another number of axes.
        """
        whole(rounds=rounds, area=area)
        array = as_floats(pictures)
        if array.ndim != 3 or not len(array):
            raise ValueError(f"pictures has shape {array.shape}; it must be (N, H, W), N above 0")
        shown = [_plane(picture) for picture in array]
        for i, (s_layer, c_layer) in enumerate(self.stages):
            for u in shown * rounds:
                s_layer.learn(u, rate, max(u.shape) if i + 1 == len(self.stages) else area)
            shown = [c_layer(s_layer(u)) for u in shown]
        return self


def representatives(u: ArrayLike, area: int) -> list[tuple[int, int, int]]:
    """The winners: the loudest cell of all, then the loudest of those it leaves free, and so on.

    A winner silences its plane, for its plane has found its feature, and all planes around it, for
    its neighborhood has been explained. Cells whose answers differ by less than a billionth are
    equally loud, and the first of them wins, plane by plane and row by row: along a straight stroke
    all cells see the same, and rounding errors should not decide.

    Args:
        u: What the S-cells answer, (planes, H, W).
        area: How far around a winner the others are silenced.

    Returns:
        Plane, row and column of each winner.

    Examples:
        >>> u = np.zeros((2, 1, 9))
        >>> u[0, 0, 2], u[0, 0, 7], u[1, 0, 3], u[1, 0, 6] = 5.0, 4.0, 3.0, 2.0
        >>> representatives(u, area=2)
        [(0, 0, 2), (1, 0, 6)]
    """
    left, winners = as_floats(u).round(9), []
    while left.size and left.max() > 0:
        n, row, column = (int(i) for i in np.unravel_index(left.argmax(), left.shape))
        winners.append((n, row, column))
        left[n] = 0.0
        rows = slice(max(0, row - area), row + area + 1)
        left[:, rows, max(0, column - area) : column + area + 1] = 0.0
    return winners


def _plane(picture: ArrayLike) -> FloatArray:
    array = as_floats(picture)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"a picture has shape {array.shape}; it must be (height, width)")
    return array[None]


def _bell(window: int) -> FloatArray:
    """Weights that fade from the middle of a window, where they are 1, to its border."""
    places = np.arange(window) - window // 2
    squares = places[:, None] ** 2 + places**2
    weights: FloatArray = np.exp(-squares / (2 * (window / 2.5) ** 2))
    return weights


def _patches(u: FloatArray, window: int) -> FloatArray:
    """What each cell sees: (K, H, W) -> (K, H, W, window, window), zeros beyond the border."""
    margin = window // 2
    padded = np.pad(u, ((0, 0), (margin, margin), (margin, margin)))
    return np.lib.stride_tricks.sliding_window_view(padded, (window, window), axis=(1, 2))
