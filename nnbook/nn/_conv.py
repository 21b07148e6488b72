r"""Convolution: the same small set of weights looks at every place of the image.

With the windows laid side by side as columns, it is one matrix product $Y = W X$: every row of $W$
is a kernel, every column of $X$ a window (Chellapilla, Puri and Simard, High performance
convolutional neural networks for document processing, 2006). The gradients are products too:
$W^\top\, \partial L/\partial Y$ by the input and $\partial L/\partial Y\; X^\top$ by the weights.

A transposed convolution takes these in another order: it goes forward as a convolution goes back.
With `groups`, channels are dealt out to independent convolutions, and the products are stacked.
"""

import math
from typing import NamedTuple

import numpy as np

from nnbook.nn._floats import FloatArray
from nnbook.nn._windows import Pair, Windows, fold, pad, unfold, unpad


class Grads(NamedTuple):
    """The gradients of a layer with weights: by its input (or `None`), its weights, its bias."""

    x: FloatArray | None
    weight: FloatArray
    bias: FloatArray


def _kernels(weight: FloatArray, groups: int) -> FloatArray:
    """Each kernel as a row: (out, in/G, kh, kw) -> (G, out/G, in/G * kh * kw)."""
    return weight.reshape(groups, weight.shape[0] // groups, math.prod(weight.shape[1:]))


def _rows(image: FloatArray, groups: int) -> FloatArray:
    """Each channel as a row: (N, C, H, W) -> (G, C/G, H * W * N)."""
    n, c, h, w = image.shape
    return image.transpose(1, 2, 3, 0).reshape(groups, c // groups, h * w * n)


def _image(rows: FloatArray, n: int, size: Pair) -> FloatArray:
    """The way back: (G, C/G, H * W * N) -> (N, C, H, W), without a copy."""
    channels = rows.shape[0] * rows.shape[1]
    return rows.reshape(channels, *size, n).transpose(3, 0, 1, 2)


def _columns(image: FloatArray, windows: Windows, out_size: Pair, groups: int) -> FloatArray:
    """Each window as a column: (N, C, H, W) -> (G, C/G * kh * kw, out_h * out_w * N)."""
    columns = unfold(image, windows, out_size)
    c, kh, kw, out_h, out_w, n = columns.shape
    return columns.reshape(groups, c // groups * kh * kw, out_h * out_w * n)


def _spread(columns: FloatArray, n: int, size: Pair, padded: Pair, windows: Windows) -> FloatArray:
    """The way back from `_columns`: what each window says is added up pixel by pixel."""
    c = columns.shape[0] * columns.shape[1] // (windows.kernel[0] * windows.kernel[1])
    return fold(columns.reshape(c, *windows.kernel, *size, n), padded, windows)


def _products(rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Rows columnsᵀ, a sum over all places: (G, A, P) and (G, B, P) -> (G, A, B)."""
    # Computed as (columns rowsᵀ)ᵀ: with the larger matrix in front, OpenBLAS needs half the time.
    return (columns @ rows.swapaxes(1, 2)).swapaxes(1, 2)


def _padded(size: Pair, windows: Windows) -> Pair:
    height, width = (n + sum(p) for n, p in zip(size, windows.padding, strict=True))
    return height, width


@np.errstate(all="ignore")  # inf - inf = nan, as in PyTorch
def convolve(
    x: FloatArray, weight: FloatArray, bias: FloatArray | None, windows: Windows, groups: int,
    mode: str = "zeros",
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    r"""The convolution $Y = W X$, and the columns $X$, which the way back needs again.

    $$y_{o, r, c} = b_o + \sum_{m, i, j} W_{o, m, i, j}\; x_{m,\, sr + di,\, sc + dj}$$

    over input channels $m$ and the positions $(i, j)$ in the window, with stride $s$ and dilation
    $d$. (Strictly a cross-correlation: a mathematician's convolution would turn the kernel round.)

    Args:
        x: (N, in, H, W).
        weight: (out, in/groups, kernel_h, kernel_w).
        bias: (out,), or `None`.
        windows: How the kernel slides.
        groups: How many independent convolutions share the channels.
        mode: What the padding shows.

    Returns:
        (N, out, out_h, out_w), and the columns (G, in/G * kernel_h * kernel_w, out_h * out_w * N).
    """
    size = windows.output_size(x.shape[2:])
    columns = _columns(pad(x, windows.padding, mode), windows, size, groups)
    y = _kernels(weight, groups) @ columns  # (G, out/G, CKK) @ (G, CKK, P) -> (G, out/G, P)
    if bias is not None:
        y += bias.reshape(groups, -1, 1)
    return _image(y, len(x), size), columns


@np.errstate(all="ignore")
def convolve_backward(
    grad: FloatArray, columns: FloatArray, size: Pair, weight: FloatArray, windows: Windows,
    groups: int, mode: str = "zeros", input_requires_grad: bool = True,
) -> Grads:  # fmt: skip
    r"""The gradients of `convolve`.

    $Y = W X$ is a linear layer whose examples are the windows, so as there
    $\partial L/\partial W = \partial L/\partial Y\; X^\top$ and $\partial L/\partial X = W^\top\,
    \partial L/\partial Y$. A pixel stands in several columns of $X$, once for each window that sees
    it; it changes the loss through all of them, so `fold` adds their gradients. The bias of a
    channel goes into every place of every image, so its gradient is the sum over all of them.

    Args:
        grad: $\partial L/\partial y$, (N, out, out_h, out_w).
        columns: What `convolve` returned.
        size: Height and width of the input.
        weight: (out, in/groups, kernel_h, kernel_w).
        windows: How the kernel slid.
        groups: How many groups there were.
        mode: What the padding showed.
        input_requires_grad: Whether the gradient by the input is wanted.
    """
    rows, kernels = _rows(grad, groups), _kernels(weight, groups)
    grad_weight = _products(rows, columns)  # (G, out/G, CKK)
    grad_x = None
    if input_requires_grad:
        grad_columns = kernels.swapaxes(1, 2) @ rows  # (G, CKK, out/G) @ (G, out/G, P)
        out_size = (grad.shape[2], grad.shape[3])
        image = _spread(grad_columns, len(grad), out_size, _padded(size, windows), windows)
        grad_x = unpad(image, windows.padding, mode)
    return Grads(grad_x, grad_weight.reshape(weight.shape), rows.sum(axis=-1).ravel())


def transposed_size(size: Pair, windows: Windows, output_padding: Pair) -> Pair:
    r"""What a transposed convolution makes of H: $(H - 1)s - p + d(k - 1) + o + 1$, and of W."""
    height, width = (
        (n - 1) * s - sum(p) + d * (k - 1) + o + 1
        for n, s, p, d, k, o in zip(
            size, windows.stride, windows.padding, windows.dilation, windows.kernel,
            output_padding, strict=True,
        )
    )  # fmt: skip
    if min(*size, height, width) < 1:
        raise ValueError(f"an image of {size} would become one of ({height}, {width})")
    return height, width


@np.errstate(all="ignore")
def convolve_transposed(
    x: FloatArray, weight: FloatArray, bias: FloatArray | None, windows: Windows, groups: int,
    output_size: Pair,
) -> FloatArray:  # fmt: skip
    r"""The transposed convolution $X = W^\top Y$: each number stamps the kernel into the image.

    Where stamps overlap, they add up; the padding is what is cut off in the end.

    Args:
        x: (N, in, H, W).
        weight: (in, out/groups, kernel_h, kernel_w).
        bias: (out,), or `None`.
        windows: How the kernel slides over the *output*.
        groups: How many independent convolutions share the channels.
        output_size: From `transposed_size`.

    Returns:
        (N, out, *output_size).
    """
    columns = _kernels(weight, groups).swapaxes(1, 2) @ _rows(x, groups)  # (G, CKK, P)
    size, padded = (x.shape[2], x.shape[3]), _padded(output_size, windows)
    y = unpad(_spread(columns, len(x), size, padded, windows), windows.padding)
    return y if bias is None else y + bias[:, None, None]


@np.errstate(all="ignore")
def convolve_transposed_backward(
    grad: FloatArray, x: FloatArray, weight: FloatArray, windows: Windows, groups: int,
    input_requires_grad: bool = True,
) -> Grads:  # fmt: skip
    r"""The gradients of `convolve_transposed`.

    The way forward was the way back of a convolution, so the way back is its way forward: with the
    windows of $\partial L/\partial y$ as the columns $G$, $\partial L/\partial x = W G$ and
    $\partial L/\partial W = x\, G^\top$.

    Args:
        grad: $\partial L/\partial y$, (N, out, out_h, out_w).
        x: The input, (N, in, H, W).
        weight: (in, out/groups, kernel_h, kernel_w).
        windows: How the kernel slid over the output.
        groups: How many groups there were.
        input_requires_grad: Whether the gradient by the input is wanted.
    """
    size = (x.shape[2], x.shape[3])
    columns = _columns(pad(grad, windows.padding), windows, size, groups)  # (G, out/G * kh * kw, P)
    grad_x = None
    if input_requires_grad:
        rows = _kernels(weight, groups) @ columns  # (G, in/G, CKK) @ (G, CKK, P) -> (G, in/G, P)
        grad_x = _image(rows, len(x), size)
    grad_weight = _products(_rows(x, groups), columns)  # (G, in/G, CKK)
    return Grads(grad_x, grad_weight.reshape(weight.shape), grad.sum(axis=(0, 2, 3)))
