r"""Landscapes in two dimensions, and the paths that lead down: gradient descent to look at.

A network's loss lies over thousands of dimensions, and nobody has seen it. What can happen on the
way down shows over two: a bowl, a ravine, a saddle, a plateau, two basins. `descend` walks on any
function of two numbers, with any optimizer of `nnbook.optim`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook import optim
from nnbook.nn.parameter import Parameter

Array = NDArray[np.float64]

# Where a walk begins, and where the lowest point is nearest to it.
_PLACES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "bowl": ((-1.8, 1.4), (0.0, 0.0)),
    "ravine": ((-1.8, 0.7), (0.0, 0.0)),
    "saddle": ((-1.8, 0.01), (0.0, 1.0)),
    "plateau": ((-1.8, 1.6), (0.0, 0.0)),
    "basins": ((1.8, 1.4), (-1.0574537707383775, 0.0)),
}


class Landscape:
    r"""A function of two weights with a name, its gradient, and a place to start from.

    With $\mathbf{w} = (w_1, w_2)$, the heights are

    - `"bowl"`: $\tfrac12 (w_1^2 + w_2^2)$, as steep in all directions;
    - `"ravine"`: $\tfrac12 (w_1^2 + 25 w_2^2)$, steep across, nearly level along;
    - `"saddle"`: $\tfrac12 w_1^2 + \tfrac14 w_2^4 - \tfrac12 w_2^2$, at zero lowest one way and
      highest the other, with the lowest points at $(0, \pm 1)$;
    - `"plateau"`: $1 - e^{-(w_1^2 + w_2^2)}$, level everywhere but around zero;
    - `"basins"`: $\tfrac14 w_1^4 - \tfrac12 w_1^2 + \tfrac18 w_1 + \tfrac12 w_2^2$, with a deep
      basin on the left and a shallow one on the right.

    Args:
        name: One of these.

    Attributes:
        name: The name.
        start: A place from which the walk down is instructive, (2,).
        minimum: The lowest point; of the saddle's two, the upper, (2,).

    Raises:
        ValueError: If there is none of this name.

    Examples:
        >>> ravine = Landscape("ravine")
        >>> float(ravine([2.0, 0.0])), float(ravine([0.0, 2.0]))
        (2.0, 50.0)
        >>> ravine.gradient([2.0, 2.0])
        array([ 2., 50.])
    """

    def __init__(self, name: str) -> None:
        if name not in _PLACES:
            raise ValueError(f"there is no landscape {name!r}; there are {', '.join(_PLACES)}")
        self.name = name
        self.start, self.minimum = (np.array(place) for place in _PLACES[name])

    def __repr__(self) -> str:
        return f"Landscape({self.name!r})"

    def __call__(self, w: ArrayLike) -> Array:
        """The heights at points (..., 2)."""
        return _HEIGHTS[self.name](*_coordinates(w))

    def gradient(self, w: ArrayLike) -> Array:
        r"""The gradients, by the formulas that one derives on paper, (..., 2) to (..., 2).

        Examples:
            >>> Landscape("bowl").gradient([[1.0, -2.0]])
            array([[ 1., -2.]])
        """
        return np.stack(_GRADIENTS[self.name](*_coordinates(w)), axis=-1)

    def grid(self, limit: float = 2.0, resolution: int = 101) -> tuple[Array, Array, Array]:
        """Both sides of a square around zero and the heights over it, for `plt.contour`.

        Examples:
            >>> first, second, heights = Landscape("bowl").grid(limit=1.0, resolution=3)
            >>> heights
            array([[1. , 0.5, 1. ],
                   [0.5, 0. , 0.5],
                   [1. , 0.5, 1. ]])
        """
        side = np.linspace(-limit, limit, resolution)
        points = np.stack(np.meshgrid(side, side), axis=-1)  # (resolution, resolution, 2)
        return side, side, self(points)


def descend(
    function: Callable[[Array], Any],
    start: ArrayLike,
    *,
    gradient: Callable[[Array], Any] | None = None,
    optimizer: Callable[..., Any] | None = None,
    lr: float = 0.1,
    steps: int = 100,
    **options: Any,
) -> Array:
    r"""The path of an optimizer, whose steps for plain gradient descent are as follows.

    $$\mathbf{w} \leftarrow \mathbf{w} - \eta\, \nabla f(\mathbf{w}) .$$

    Args:
        function: Takes a point and answers its height; a `Landscape`, or any function.
        start: Where to begin, (2,).
        gradient: Its gradient, (2,) to (2,). If it is not given, that of the landscape; if there
            is none, central differences.
        optimizer: A class such as `nnbook.optim.Adam`; `nnbook.optim.SGD` if not given.
        lr: The learning rate $\eta$.
        steps: How many steps to take.
        **options: What else the optimizer is told, such as `momentum=0.9`.

    Returns:
        The start and the point after each step, (steps + 1, 2). A path that explodes ends in
        infinity or `nan`.

    Raises:
        ValueError: If `start` is not a point, or `steps` negative.

    Examples:
        >>> descend(Landscape("bowl"), [1.0, -2.0], lr=0.5, steps=2)
        array([[ 1.  , -2.  ],
               [ 0.5 , -1.  ],
               [ 0.25, -0.5 ]])
        >>> descend(lambda w: w @ w, [1.0, 0.0], lr=0.25, steps=2).round(6)
        array([[1.  , 0.  ],
               [0.5 , 0.  ],
               [0.25, 0.  ]])
    """
    w = Parameter(np.array(start, dtype=np.float64))
    if w.shape != (2,):
        raise ValueError(f"start has shape {w.shape}; a point has (2,)")
    if steps < 0:
        raise ValueError(f"steps is {steps}; it cannot be negative")
    slope = gradient or getattr(function, "gradient", None) or _differences(function)
    mover = (optimizer or optim.SGD)([w], lr=lr, **options)
    path = [np.array(w.data, np.float64)]
    with np.errstate(all="ignore"):  # a rate that is too large leads to infinity, and may
        for _ in range(steps):
            w.grad = np.asarray(slope(path[-1].copy()), dtype=np.float64)
            mover.step()
            path.append(np.array(w.data, np.float64))
    return np.stack(path)


def _differences(function: Callable[[Array], Any], h: float = 1e-6) -> Callable[[Array], Array]:
    """The gradient by central differences: two evaluations for each coordinate."""

    def gradient(w: Array) -> Array:
        return np.array([(function(w + e) - function(w - e)) / (2 * h) for e in h * np.eye(2)])

    return gradient


def _coordinates(w: ArrayLike) -> tuple[Array, Array]:
    points = np.asarray(w, dtype=np.float64)
    if points.ndim == 0 or points.shape[-1] != 2:
        raise ValueError(f"w has shape {points.shape}; it must be (..., 2)")
    return points[..., 0], points[..., 1]


_HEIGHTS: dict[str, Callable[[Array, Array], Array]] = {
    "bowl": lambda a, b: (a**2 + b**2) / 2,
    "ravine": lambda a, b: (a**2 + 25 * b**2) / 2,
    "saddle": lambda a, b: a**2 / 2 + b**4 / 4 - b**2 / 2,
    "plateau": lambda a, b: 1 - np.exp(-(a**2) - b**2),
    "basins": lambda a, b: a**4 / 4 - a**2 / 2 + a / 8 + b**2 / 2,
}
_GRADIENTS: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "bowl": lambda a, b: (a, b),
    "ravine": lambda a, b: (a, 25 * b),
    "saddle": lambda a, b: (a, b**3 - b),
    "plateau": lambda a, b: (
        2 * a * np.exp(-(a**2) - b**2),
        2 * b * np.exp(-(a**2) - b**2),
    ),
    "basins": lambda a, b: (a**3 - a + 1 / 8, b),
}
