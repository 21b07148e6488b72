"""The drawings that chapters share: points, decision regions, lines, functions, a neuron.

Every function takes the axes to draw on (new ones if none are given) and returns them. Colours are
those of matplotlib's cycle, "C0" to "C5", so that a style, or a dark page, can exchange them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Limits = tuple[float, float]

_MARKERS = "osD^vPX*hd"  # a class is told by its marker as well as by its colour


def points(
    x: ArrayLike,
    y: ArrayLike,
    *,
    ax: Any = None,
    size: float = 28,
    labels: Sequence[str] | None = None,
    label_at: Sequence[tuple[float, float]] | None = None,
) -> Any:
    """Examples in the plane, each class with its own marker and colour.

    Args:
        x: The examples, (N, 2).
        y: Their classes, whole numbers from 0, (N,).
        ax: Where to draw.
        size: The area of a marker, in points squared.
        labels: The classes' names, written into the picture.
        label_at: Where to write each name; above its class if not given.

    Raises:
        ValueError: If `x` is not (N, 2) or `y` not (N,).

    Examples:
        >>> ax = points([[0, 0], [1, 1]], [0, 1], labels=["no", "yes"])
        >>> [text.get_text() for text in ax.texts]
        ['no', 'yes']
    """
    inputs, classes = np.asarray(x, dtype=float), np.asarray(y)
    if inputs.ndim != 2 or inputs.shape[1] != 2 or classes.shape != (len(inputs),):
        raise ValueError(
            f"x has shape {inputs.shape}; y has shape {classes.shape}; expected (N, 2) and (N,)"
        )
    ax = _axes(ax)
    for c in np.unique(classes):
        mine = inputs[classes == c]
        marker = _MARKERS[int(c) % len(_MARKERS)]
        ax.scatter(*mine.T, s=size, marker=marker, color=f"C{int(c)}", alpha=0.85, lw=0)
        if labels is not None:
            above = (mine[:, 0].mean(), mine[:, 1].max())
            place = label_at[int(c)] if label_at is not None else above
            style = {"color": f"C{int(c)}", "ha": "center", "weight": "bold"}
            lift = 0 if label_at is not None else 6  # points, so that it clears the topmost marker
            ax.annotate(labels[int(c)], place, (0, lift), textcoords="offset points", **style)
    return ax


def decision_regions(
    predict: Callable[[Array], Any],
    xlim: Limits,
    ylim: Limits,
    *,
    ax: Any = None,
    resolution: int = 200,
    alpha: float = 0.16,
) -> Any:
    """Shade the plane by what a classifier answers there.

    Args:
        predict: Takes points (M, 2) and returns their classes, whole numbers from 0, (M,).
        xlim: The range of the first input.
        ylim: The range of the second.
        ax: Where to draw.
        resolution: The number of points along each side at which `predict` is asked.
        alpha: The strength of the shade.

    Examples:
        >>> ax = decision_regions(lambda x: (x[:, 0] > 0).astype(int), (-1, 1), (-1, 1))
        >>> len(ax.collections)
        2
    """
    ax = _axes(ax)
    first, second = np.linspace(*xlim, resolution), np.linspace(*ylim, resolution)
    grid = np.stack(np.meshgrid(first, second), axis=-1)  # (resolution, resolution, 2)
    classes = np.asarray(predict(grid.reshape(-1, 2))).reshape(resolution, resolution)
    for c in np.unique(classes):
        # The contour of one class at a time, so that no band runs between class 0 and class 2.
        inside = (classes == c).astype(float)
        ax.contourf(first, second, inside, levels=[0.5, 1.5], colors=[f"C{int(c)}"], alpha=alpha)
    ax.set(xlim=xlim, ylim=ylim)
    return ax


def line(
    weight: ArrayLike,
    bias: ArrayLike,
    xlim: Limits,
    ylim: Limits,
    *,
    ax: Any = None,
    color: str = "C3",
    linewidth: float = 2.0,
    arrow: bool = False,
) -> Any:
    """The decision line w0 + x1 w1 + x2 w2 = 0 of a neuron with two inputs.

    Where the weights are all zero there is no line, and none is drawn; nor is one that does not
    cross the limits.

    Args:
        weight: The weights, (2,).
        bias: The bias w0.
        xlim: The range of the first input.
        ylim: The range of the second; the line is cut off at both.
        ax: Where to draw.
        color: The line's colour.
        linewidth: Its width in points.
        arrow: Whether to draw the direction of the weights. It stands at a right angle to the
            line where both axes have the same scale (`aspect="equal"`).

    Raises:
        ValueError: If there are not two weights.

    Examples:
        >>> len(line([1.0, 0.0], -0.5, (0, 1), (0, 1)).lines)  # a vertical line
        1
        >>> len(line([0.0, 0.0], 1.0, (0, 1), (0, 1)).lines)
        0
    """
    w, w0 = np.asarray(weight, dtype=float), float(np.asarray(bias))
    if w.shape != (2,):
        raise ValueError(f"weight has shape {w.shape}; a line in the plane has two weights")
    ax = _axes(ax)
    ax.set(xlim=xlim, ylim=ylim)
    length = float(np.linalg.norm(w))
    if length == 0:
        return ax
    normal = w / length
    box = np.array([xlim, ylim], dtype=float)
    ends = _clip_line(normal, w0 / length, box)
    if ends is None:
        return ax
    ax.plot(*ends.T, color=color, linewidth=linewidth)
    if arrow:
        tail = ends.mean(axis=0)
        tip = tail + 0.22 * np.ptp(box, axis=1).min() * normal
        style = {"arrowstyle": "-|>", "color": color, "linewidth": linewidth, "shrinkA": 0}
        ax.annotate("", tip, tail, arrowprops=style)
        ax.annotate("$\\mathbf{w}$", tip, (8, 0), textcoords="offset points", color=color)
    return ax


def _clip_line(normal: Array, offset: float, box: Array) -> Array | None:
    """The ends, (2, 2), of the part of a line within a box (2, 2), or None if it passes by."""
    middle = box.mean(axis=1)
    foot = middle - (offset + normal @ middle) * normal  # the line's point nearest the middle
    along = np.array([-normal[1], normal[0]])
    first, last = -np.inf, np.inf  # how far one may go along the line, either way
    for j in (0, 1):
        low, high = np.sort(box[j] - foot[j])
        if along[j] == 0:  # parallel to these two sides: wholly between them or wholly outside
            if not low <= 0 <= high:
                return None
            continue
        near, far = sorted((low / along[j], high / along[j]))
        first, last = max(first, near), min(last, far)
    return foot + np.array([[first], [last]]) * along if first < last else None


def function(
    g: Callable[[Array], Any],
    dg: Callable[[Array], Any],
    lim: Limits,
    *,
    ax: Any = None,
    labels: tuple[str, str] = ("$g(z)$", "$g'(z)$"),
) -> Any:
    """A function of one variable and its slope, each labelled at its end.

    Args:
        g: The function, elementwise.
        dg: Its derivative, likewise.
        lim: The range of z.
        ax: Where to draw.
        labels: What to write beside the curves.

    Examples:
        >>> ax = function(np.sin, np.cos, (0, 3))
        >>> [line.get_linestyle() for line in ax.lines[-2:]]
        ['-', '--']
    """
    ax = _axes(ax)
    z = np.linspace(*lim, 601)
    for through_zero in (ax.axhline, ax.axvline):
        through_zero(0, color=_rc("grid.color"), linewidth=0.8, zorder=0)
    values = np.array([g(z), dg(z)])  # (2, 601)
    close = abs(values[0, -1] - values[1, -1]) < 0.08 * np.ptp(values)
    for i, label in enumerate(labels):
        ax.plot(z, values[i], "--" if i else "-", color=f"C{i}")
        upper = values[i, -1] > values[1 - i, -1] or (i == 0 and values[0, -1] == values[1, -1])
        shift = (6, (8 if upper else -8) if close else 0)  # points; apart where the ends meet
        end = (z[-1], values[i, -1])
        ax.annotate(label, end, shift, textcoords="offset points", color=f"C{i}", va="center")
    ax.set(xlabel="$z$", xlim=lim)
    return ax


def neuron(inputs: Sequence[str], *, ax: Any = None, output: str = "$\\hat{y}$") -> Any:
    """A drawing of a neuron: inputs, weights, sum, step, output.

    Args:
        inputs: What to write into the circles of the inputs.
        ax: Where to draw.
        output: What to write at the end.

    Examples:
        >>> len(neuron(["$x_1$", "$x_2$"]).patches)  # the inputs and a 1, the sum, the activation
        5
    """
    ax = _axes(ax)
    from matplotlib.patches import Circle, FancyBboxPatch

    names = ["1", *inputs]
    heights = np.linspace(1, -1, len(names)) * 0.55 * (len(names) - 1)
    for i, (name, height) in enumerate(zip(names, heights, strict=True)):
        ax.add_patch(Circle((0, height), 0.34, fill=False, ec="C0", lw=2))
        ax.text(0, height, name, ha="center", va="center", fontsize=13)
        start, end = np.array([0.34, height]), np.array([2.9, 0.0])
        _arrow(ax, start, end + 0.42 * (start - end) / np.linalg.norm(start - end))
        on_the_way = start + 0.42 * (end - start)
        lift = 0.1 + 0.25 * abs(height) / 2.9  # the steeper the arrow, the more room a name needs
        ax.text(on_the_way[0], on_the_way[1] + lift, f"$w_{i}$", ha="center", fontsize=13)
    ax.add_patch(Circle((2.9, 0), 0.42, fill=False, ec="C1", lw=2))
    ax.text(2.9, 0, "$\\Sigma$", ha="center", va="center", fontsize=16)
    _arrow(ax, (3.32, 0), (4.3, 0))
    ax.text(3.8, 0.13, "$z$", ha="center", fontsize=13)
    box = FancyBboxPatch(
        (4.35, -0.4), 0.9, 0.8, boxstyle="round,pad=0.02", fill=False, ec="C1", lw=2
    )
    ax.add_patch(box)
    ax.plot([4.48, 4.8, 4.8, 5.12], [-0.24, -0.24, 0.24, 0.24], color="C1", lw=2)
    _arrow(ax, (5.27, 0), (6.15, 0))
    ax.text(6.4, 0, output, ha="center", va="center", fontsize=14)
    base = heights[-1] - 0.75
    for place, word in (
        (0, "inputs"),
        (1.5, "weights"),
        (2.9, "sum"),
        (4.8, "activation"),
        (6.4, "output"),
    ):
        ax.text(place, base, word, ha="center", fontsize=10)
    ax.set(xlim=(-0.6, 6.9), ylim=(base - 0.2, -heights[-1] + 0.5), aspect="equal")
    ax.axis("off")
    return ax


def _arrow(ax: Any, start: ArrayLike, end: ArrayLike) -> None:
    style = {"arrowstyle": "-|>", "color": _rc("axes.edgecolor"), "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", np.asarray(end), np.asarray(start), arrowprops=style)


def _rc(name: str) -> Any:
    import matplotlib as mpl

    settings: Any = mpl.rcParams
    return settings[name]


def _axes(ax: Any) -> Any:
    """The axes given, or new ones."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError("drawing needs matplotlib: pip install 'nnbook[plot]'") from error
    return plt.subplots()[1]
