"""Pooling: each window is summed up in one number, its largest or its mean.

Nothing is learned here. The image shrinks, and where exactly a pattern was found matters less.
"""

import functools
from typing import Any

import numpy as np

from nnbook.nn._conv_functional import Size
from nnbook.nn._floats import FloatArray
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


def max_pool(x: FloatArray, windows: Windows) -> tuple[FloatArray, FloatArray]:
    """The largest number in each window, and the padded image, which the way back needs."""
    # A border of minus infinity is never the largest.
    image = pad(x, windows.padding, value=-np.inf) if any(map(any, windows.padding)) else x
    parts = [part for _, _, part in windows.slices(windows.output_size(x.shape[2:]))]
    y = np.array(image[parts[0]])
    for part in parts[1:]:
        np.maximum(y, image[part], out=y)
    return y, image


def max_pool_backward(
    grad: FloatArray, image: FloatArray, y: FloatArray, windows: Windows
) -> FloatArray:
    """The gradients go where the largest numbers came from; of equals, the first one gets it.

    Args:
        grad: The gradient from above, (N, C, out_h, out_w).
        image: The padded image, from `max_pool`.
        y: What `max_pool` gave out.
        windows: How the window slid.
    """
    grad_image = np.zeros_like(image)
    unclaimed = np.ones_like(y, dtype=bool)  # the windows whose largest number was not met yet
    spans = zip(windows.stride, windows.kernel, windows.dilation, strict=True)
    apart = all(s > d * (k - 1) for s, k, d in spans)
    for _, _, part in windows.slices((y.shape[2], y.shape[3])):
        largest = image[part] == y
        largest &= unclaimed
        if apart:  # no pixel lies in two windows: write where else one would have to add
            np.multiply(grad, largest, out=grad_image[part])
        else:
            grad_image[part] += grad * largest
        unclaimed ^= largest
    return unpad(grad_image, windows.padding)


def avg_pool(x: FloatArray, windows: Windows, divisor: Any) -> FloatArray:
    """The sum over each window, divided."""
    image = pad(x, windows.padding) if any(map(any, windows.padding)) else x
    parts = [part for _, _, part in windows.slices(windows.output_size(x.shape[2:]))]
    y = np.array(image[parts[0]])
    for part in parts[1:]:
        y += image[part]
    return y / divisor


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


@functools.lru_cache(maxsize=64)
def mean_matrix(size: int, out: int) -> Any:
    r"""The matrix that takes the means of `out` neighboring stretches of `size` numbers.

    Stretch $r$ reaches from $\lfloor r n/m \rfloor$ to $\lceil (r + 1) n/m \rceil$: where $m$ does
    not divide $n$, neighbors overlap, so that none is left out.

    Returns:
        (out, size); each row sums to 1.
    """
    matrix = np.zeros((out, size))
    for r in range(out):
        start, end = r * size // out, -(-(r + 1) * size // out)  # -(-a // b) rounds up
        matrix[r, start:end] = 1 / (end - start)
    matrix.flags.writeable = False
    return matrix


def adaptive_matrices(
    size: Pair, output_size: int | tuple[int | None, int | None] | None, dtype: Any
) -> tuple[FloatArray, FloatArray]:
    """The mean matrices for height and width; `None` keeps a size."""
    wanted = output_size if isinstance(output_size, (list, tuple)) else (output_size,) * 2
    if len(wanted) != 2:
        raise ValueError(f"output_size is {output_size}; it must be one number or two")
    outs = pair("output_size", [n if w is None else w for n, w in zip(size, wanted, strict=True)])
    if min(size) == 0:
        raise ValueError(f"the image has size {size}; there is nothing to take the mean of")
    rows, columns = (mean_matrix(n, m).astype(dtype) for n, m in zip(size, outs, strict=True))
    return rows, columns
