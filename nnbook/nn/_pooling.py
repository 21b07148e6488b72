"""Pooling: each window is summed up in one number, its largest or its mean.

Nothing is learned here. The image shrinks, and where exactly a pattern was found matters less.
"""

from typing import Any

import numpy as np

from nnbook.nn._conv_functional import Size
from nnbook.nn._floats import FloatArray, gated
from nnbook.nn._windows import Pair, Windows, pad, pair, unpad


def pool_windows(
    kernel_size: Size, stride: Size | None, padding: Size, dilation: Size = 1
) -> Windows:
    """The windows of a pooling layer: by default side by side, without overlap."""
    kernel = pair("kernel_size", kernel_size)
    steps = kernel if stride is None else pair("stride", stride)
    high, wide = pair("padding", padding, at_least=0)
    if high > kernel[0] // 2 or wide > kernel[1] // 2:
        raise ValueError(f"padding is {padding}; it must be at most half of kernel_size {kernel}")
    return Windows(kernel, steps, ((high, high), (wide, wide)), pair("dilation", dilation))


def max_pool(x: FloatArray, windows: Windows) -> FloatArray:
    """The largest number in each window."""
    # A border of minus infinity is never larger than a pixel.
    image = pad(x, windows.padding, value=-np.inf) if any(map(any, windows.padding)) else x
    parts = [part for _, _, part in windows.slices(windows.output_size(x.shape[2:]))]
    y = np.array(image[parts[0]])
    for part in parts[1:]:
        np.maximum(y, image[part], out=y)
    return y


def max_pool_backward(
    grad: FloatArray, x: FloatArray, y: FloatArray, windows: Windows
) -> FloatArray:
    """The gradients go where the largest numbers came from; of equals, the first one gets it.

    Args:
        grad: The gradient from above, (N, C, out_h, out_w).
        x: The image.
        y: What `max_pool` gave out.
        windows: How the window slid.
    """
    if np.isnan(y).any():  # a NaN counts as larger than all numbers, but does not equal itself
        x, y = (np.nan_to_num(a, nan=np.inf, posinf=None, neginf=-np.inf) for a in (x, y))
    # A border of NaN equals nothing, so no gradient goes there.
    image = pad(x, windows.padding, value=np.nan) if any(map(any, windows.padding)) else x
    grad_image = np.zeros_like(image)
    unclaimed = np.ones_like(y, dtype=bool)  # the windows whose largest number was not met yet
    spans = zip(windows.stride, windows.kernel, windows.dilation, strict=True)
    apart = all(s > d * (k - 1) for s, k, d in spans)
    for _, _, part in windows.slices((y.shape[2], y.shape[3])):
        largest = image[part] == y
        largest &= unclaimed
        if apart:  # no pixel lies in two windows: write where else one would have to add
            grad_image[part] = gated(grad, largest)
        else:
            grad_image[part] += gated(grad, largest)
        unclaimed ^= largest
    return unpad(grad_image, windows.padding)


@np.errstate(all="ignore")  # inf - inf = nan, as in PyTorch
def avg_pool(x: FloatArray, windows: Windows, divisor: Any) -> FloatArray:
    """The sum over each window, divided."""
    image = pad(x, windows.padding) if any(map(any, windows.padding)) else x
    parts = [part for _, _, part in windows.slices(windows.output_size(x.shape[2:]))]
    y = np.array(image[parts[0]])
    for part in parts[1:]:
        y += image[part]
    return y / divisor


@np.errstate(all="ignore")
def avg_pool_backward(grad: FloatArray, size: Pair, windows: Windows, divisor: Any) -> FloatArray:
    r"""Every pixel of a window has the same share in its mean: $\partial L/\partial y$, divided."""
    height, width = (n + sum(p) for n, p in zip(size, windows.padding, strict=True))
    shared = grad / divisor
    grad_image = np.zeros_like(shared, shape=(*grad.shape[:2], height, width))
    for _, _, part in windows.slices((grad.shape[2], grad.shape[3])):
        grad_image[part] += shared
    return unpad(grad_image, windows.padding)


def avg_divisor(
    size: Pair, windows: Windows, count_include_pad: bool, override: int | None, dtype: Any
) -> Any:
    """By what to divide: the window's size, or the number of its pixels inside the image."""
    if override is not None:
        if override == 0:
            raise ValueError("divisor_override is 0; nothing can be divided by it")
        return dtype.type(override)
    whole = windows.kernel[0] * windows.kernel[1]
    if count_include_pad or not any(map(any, windows.padding)):
        return dtype.type(whole)
    ones = np.ones((1, 1, *size), dtype=dtype)
    return avg_pool(ones, windows, 1)[0, 0]  # the sums of ones count the pixels: (out_h, out_w)


def stretches(size: int, out: int) -> list[slice]:
    r"""`out` neighboring stretches of `size` numbers, as even as can be.

    Stretch $r$ reaches from $\lfloor r n/m \rfloor$ to $\lceil (r + 1) n/m \rceil$: where $m$ does
    not divide $n$, neighbors overlap, so that none is left out.
    """
    # -(-a // b) rounds up
    return [slice(r * size // out, -(-(r + 1) * size // out)) for r in range(out)]


def adaptive_stretches(
    size: Pair, output_size: int | tuple[int | None, int | None] | None
) -> tuple[list[slice], list[slice]]:
    """The stretches of height and width; `None` keeps a size."""
    wanted = output_size if isinstance(output_size, (list, tuple)) else (output_size,) * 2
    if len(wanted) != 2:
        raise ValueError(f"output_size is {output_size}; it must be one number or two")
    outs = pair("output_size", [n if w is None else w for n, w in zip(size, wanted, strict=True)])
    if min(size) == 0:
        raise ValueError(f"the image has size {size}; there is nothing to take the mean of")
    return stretches(size[0], outs[0]), stretches(size[1], outs[1])


@np.errstate(all="ignore")  # inf - inf = nan, as in PyTorch
def adaptive_avg_pool(x: FloatArray, rows: list[slice], columns: list[slice]) -> FloatArray:
    """The means over all stretches: first down the columns, then along the rows."""
    y = np.stack([x[:, :, stretch].mean(axis=2) for stretch in rows], axis=2)  # (N, C, h, W)
    y = np.stack([y[..., stretch].mean(axis=3) for stretch in columns], axis=3)  # (N, C, h, w)
    return y


@np.errstate(all="ignore")
def adaptive_avg_pool_backward(
    grad: FloatArray, size: Pair, rows: list[slice], columns: list[slice]
) -> FloatArray:
    """Every number of a stretch has the same share in its mean."""
    n, c, h, _ = grad.shape
    grad_rows = np.zeros((n, c, h, size[1]), dtype=grad.dtype)
    for i, stretch in enumerate(columns):
        grad_rows[..., stretch] += grad[..., i : i + 1] / (stretch.stop - stretch.start)
    grad_x = np.zeros((n, c, *size), dtype=grad.dtype)
    for i, stretch in enumerate(rows):
        grad_x[:, :, stretch] += grad_rows[:, :, i : i + 1] / (stretch.stop - stretch.start)
    return grad_x
