r"""Landscapes in two dimensions, and the paths that lead down: gradient descent to look at.

The twin of `nnbook.scratch.landscape`. Nobody has typed a gradient here: autograd finds them.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nnbook.pytorch._tensors import double

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
        >>> ravine([2.0, 0.0]).item(), ravine([0.0, 2.0]).item()
        (2.0, 50.0)
        >>> ravine.gradient([2.0, 2.0])
        tensor([ 2., 50.], dtype=torch.float64)
    """

    def __init__(self, name: str) -> None:
        if name not in _PLACES:
            raise ValueError(f"there is no landscape {name!r}; there are {', '.join(_PLACES)}")
        self.name = name
        self.start, self.minimum = (double(place) for place in _PLACES[name])

    def __repr__(self) -> str:
        return f"Landscape({self.name!r})"

    def __call__(self, w: Any) -> Tensor:
        """The heights at points (..., 2)."""
        points = w if isinstance(w, Tensor) else double(w)
        if points.ndim == 0 or points.shape[-1] != 2:
            raise ValueError(f"w has shape {tuple(points.shape)}; it must be (..., 2)")
        return _HEIGHTS[self.name](points[..., 0], points[..., 1])

    def gradient(self, w: Any) -> Tensor:
        r"""The gradients, by autograd, (..., 2) to (..., 2).

        Examples:
            >>> Landscape("bowl").gradient([[1.0, -2.0]])
            tensor([[ 1., -2.]], dtype=torch.float64)
        """
        points = double(w).clone().requires_grad_()
        # Each height depends on its own point only, so their sum has all gradients side by side.
        return torch.autograd.grad(self(points).sum(), points)[0]

    def grid(self, limit: float = 2.0, resolution: int = 101) -> tuple[Tensor, Tensor, Tensor]:
        """Both sides of a square around zero and the heights over it, for `plt.contour`.

        Examples:
            >>> first, second, heights = Landscape("bowl").grid(limit=1.0, resolution=3)
            >>> heights
            tensor([[1.0000, 0.5000, 1.0000],
                    [0.5000, 0.0000, 0.5000],
                    [1.0000, 0.5000, 1.0000]], dtype=torch.float64)
        """
        side = torch.linspace(-limit, limit, resolution, dtype=torch.float64)
        first, second = torch.meshgrid(side, side, indexing="xy")
        return side, side, self(torch.stack([first, second], dim=-1))


def descend(
    function: Callable[[Tensor], Any],
    start: Any,
    *,
    gradient: Callable[[Tensor], Any] | None = None,
    optimizer: Callable[..., Any] | None = None,
    lr: float = 0.1,
    steps: int = 100,
    **options: Any,
) -> Tensor:
    r"""The path of an optimizer, whose steps for plain gradient descent are as follows.

    $$\mathbf{w} \leftarrow \mathbf{w} - \eta\, \nabla f(\mathbf{w}) .$$

    Args:
        function: Takes a point and answers its height; a `Landscape`, or any function that is
            computed with tensors.
        start: Where to begin, (2,).
        gradient: Its gradient, (2,) to (2,); if it is not given, autograd finds it.
        optimizer: A class such as `torch.optim.Adam`; `torch.optim.SGD` if not given.
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
        tensor([[ 1.0000, -2.0000],
                [ 0.5000, -1.0000],
                [ 0.2500, -0.5000]], dtype=torch.float64)
    """
    w = double(start).clone().requires_grad_()
    if w.shape != (2,):
        raise ValueError(f"start has shape {tuple(w.shape)}; a point has (2,)")
    if steps < 0:
        raise ValueError(f"steps is {steps}; it cannot be negative")
    mover = (optimizer or torch.optim.SGD)([w], lr=lr, **options)
    path = [w.detach().clone()]
    for _ in range(steps):
        mover.zero_grad()
        if gradient is None:
            function(w).backward()
        else:
            w.grad = double(gradient(w.detach().clone()))
        mover.step()
        path.append(w.detach().clone())
    return torch.stack(path)


_HEIGHTS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "bowl": lambda a, b: (a**2 + b**2) / 2,
    "ravine": lambda a, b: (a**2 + 25 * b**2) / 2,
    "saddle": lambda a, b: a**2 / 2 + b**4 / 4 - b**2 / 2,
    "plateau": lambda a, b: 1 - torch.exp(-(a**2) - b**2),
    "basins": lambda a, b: a**4 / 4 - a**2 / 2 + a / 8 + b**2 / 2,
}
