r"""Windows that slide over an image: what convolution and pooling have in common.

An image has the shape (N, C, H, W): examples, channels, height, width. A window of a kernel's size
stops at `out_h` x `out_w` places. Whoever wants speed in NumPy does not walk from place to place,
but through the few positions $(i, j)$ inside the window: for each of them, one strided slice of the
image holds what *all* windows see at that position.

The memory may lie in another order than the shape says. A convolution gives out arrays of shape
(N, C, H, W) whose memory runs as (C, H, W, N), and NumPy's elementwise functions keep that order.
Slices along the width are then long runs of memory, and copying them is quick.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnbook.nn._checks import one_of, positive, whole
from nnbook.nn._floats import FloatArray

Pair = tuple[int, int]
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pair(name: str, value: int | Sequence[int], at_least: int = 1) -> Pair:
    """Two numbers, for height and width; one number stands for both."""
    if isinstance(value, (list, tuple)):
        if len(value) != 2:
            raise ValueError(f"{name} is {value}; it must be one number or two")
        both = (value[0], value[1])
    else:
        both = (value, value)
    for number in both:
        (positive if at_least else whole)(**{name: number})
    return int(both[0]), int(both[1])


@dataclass(frozen=True)
class Windows:
    """How a window slides: its size, its steps, the border around the image, its holes.

    Attributes:
        kernel: Height and width of the window.
        stride: How far it moves from place to place.
        padding: Rows above and below, and columns left and right, that are added to the image.
        dilation: The distance between neighbors inside the window; 1 leaves no holes.
    """

    kernel: Pair
    stride: Pair = (1, 1)
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))
    dilation: Pair = (1, 1)

    def output_size(self, size: Sequence[int]) -> Pair:
        r"""How many places: $\lfloor (H + p - d(k - 1) - 1) / s \rfloor + 1$, and for W alike."""
        spans = [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]
        padded = [n + sum(p) for n, p in zip(size, self.padding, strict=True)]
        if any(n < span for n, span in zip(padded, spans, strict=True)):
            raise ValueError(
                f"the image with its padding is {padded[0]} x {padded[1]}; "
                f"the window needs {spans[0]} x {spans[1]}"
            )
        steps = zip(padded, spans, self.stride, strict=True)
        height, width = ((n - span) // s + 1 for n, span, s in steps)
        return height, width

    def slices(self, out_size: Pair) -> Iterator[tuple[int, int, tuple[Any, slice, slice]]]:
        """For each position in the window, the part of a padded image that all windows see there.

        Yields:
            `i, j, part`, where `image[part]` has the shape (..., out_h, out_w).
        """
        rows, columns = (
            [slice(k * d, k * d + s * (n - 1) + 1, s) for k in range(size)]
            for size, d, s, n in zip(self.kernel, self.dilation, self.stride, out_size, strict=True)
        )
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                yield i, j, (..., row, column)


def channels_first(n: int, c: int, size: Pair, dtype: Any) -> FloatArray:
    """An empty array (N, C, H, W), in the memory order (C, H, W, N)."""
    return np.empty((c, *size, n), dtype=dtype).transpose(3, 0, 1, 2)


def unfold(image: FloatArray, windows: Windows, out_size: Pair) -> FloatArray:
    """Every window's content as a column: the step that makes a convolution a matrix product.

    Args:
        image: A padded image, (N, C, H, W).
        windows: How the window slides.
        out_size: At how many places it stops.

    Returns:
        (C, kernel_h, kernel_w, out_h, out_w, N), contiguous.
    """
    x = image.transpose(1, 2, 3, 0)  # (N, C, H, W) -> (C, H, W, N)
    channel, row, column, example = x.strides  # how far it is in memory from one to the next
    (down, right), (holes_down, holes_right) = windows.stride, windows.dilation
    # A view in which a pixel stands once for each window that sees it; only then it is copied.
    view = np.lib.stride_tricks.as_strided(
        x,
        shape=(len(x), *windows.kernel, *out_size, len(image)),
        strides=(
            channel, holes_down * row, holes_right * column, down * row, right * column, example
        ),
        writeable=False,
    )  # fmt: skip
    return np.ascontiguousarray(view)


def fold(columns: FloatArray, size: Pair, windows: Windows) -> FloatArray:
    """The way back from `unfold`: every number is added to the pixel that it was copied from.

    Args:
        columns: (C, kernel_h, kernel_w, out_h, out_w, N).
        size: Height and width of the padded image.
        windows: How the window slides.

    Returns:
        (N, C, H, W), in the memory order (C, H, W, N).
    """
    c, n = columns.shape[0], columns.shape[-1]
    image = channels_first(n, c, size, columns.dtype)
    image[...] = 0.0
    for i, j, part in windows.slices(columns.shape[3:5]):
        image[part] += columns[:, i, j].transpose(3, 0, 1, 2)  # (C, oh, ow, N) -> (N, C, oh, ow)
    return image


def pad(
    x: FloatArray, padding: tuple[Pair, Pair], mode: str = "zeros", value: float = 0.0
) -> FloatArray:
    """The image with a border around it.

    Args:
        x: (N, C, H, W).
        padding: Rows above and below, columns left and right.
        mode: What the border shows: `"zeros"` (or rather `value`), `"reflect"`, `"replicate"` or
            `"circular"`.
        value: What stands for zero.

    Returns:
        (N, C, H + above + below, W + left + right), in the memory order (C, H, W, N).
    """
    (top, bottom), (left, right) = padding
    n, c, h, w = x.shape
    if mode != "zeros":
        rows, columns = _sources(h, padding[0], mode), _sources(w, padding[1], mode)
        x, (top, bottom), (left, right) = x[:, :, rows][..., columns], (0, 0), (0, 0)
    elif not any((top, bottom, left, right)) and x.transpose(1, 2, 3, 0).flags.c_contiguous:
        return x
    image = channels_first(n, c, (x.shape[2] + top + bottom, x.shape[3] + left + right), x.dtype)
    image[...] = value
    image[:, :, top : top + x.shape[2], left : left + x.shape[3]] = x
    return image


def unpad(grad: FloatArray, padding: tuple[Pair, Pair], mode: str = "zeros") -> FloatArray:
    """The way back from `pad`: what was copied into the border is added where it came from."""
    (top, bottom), (left, right) = padding
    if mode == "zeros":
        return grad[:, :, top : grad.shape[2] - bottom, left : grad.shape[3] - right]
    for axis, (before, after) in ((2, (top, bottom)), (3, (left, right))):
        moved = np.moveaxis(grad, axis, 0)  # (H, ...)
        size = len(moved) - before - after
        inside = moved[before : before + size].copy()
        sources = _sources(size, (before, after), mode)
        for place in (*range(before), *range(before + size, len(moved))):
            inside[sources[place]] += moved[place]
        grad = np.moveaxis(inside, 0, axis)
    return grad


def _sources(size: int, border: Pair, mode: str) -> Any:
    """Which pixel each place of the padded row shows."""
    one_of("padding_mode", mode, list(MODES))
    room = {"reflect": size - 1, "circular": size}.get(mode, max(border))
    if max(border) > room or size == 0:
        raise ValueError(f"{mode} padding of {border} does not fit an image of {size} pixels")
    return np.pad(np.arange(size), border, mode=MODES[mode])  # type: ignore[call-overload]


def as_images(x: FloatArray, name: str = "x") -> tuple[FloatArray, bool]:
    """(N, C, H, W) from a batch, or from one image (C, H, W); and whether it was a batch."""
    if x.ndim not in (3, 4):
        raise ValueError(f"{name} has shape {x.shape}; it must be (N, C, H, W) or (C, H, W)")
    return (x, True) if x.ndim == 4 else (x[None], False)
