"""The transposed convolution as a function: what a convolution does on its way back."""

from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad
from nnbook.nn._conv import (
    Grads,
    convolve_transposed,
    convolve_transposed_backward,
    transposed_size,
)
from nnbook.nn._conv_functional import Size, check_bias, checked, conv_windows
from nnbook.nn._floats import FloatArray
from nnbook.nn._windows import Pair, Windows, pair


def conv_transpose2d(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, stride: Size = 1,
    padding: Size = 0, output_padding: Size = 0, groups: int = 1, dilation: Size = 1,
) -> FloatArray:  # fmt: skip
    r"""Each number stamps the kernel, times itself, into a larger image; overlaps add up.

    $$y_{o,\, sr + di - p,\, sc + dj - p} \mathrel{+}= x_{m, r, c}\; W_{m, o, i, j}$$

    Source: Zeiler, Krishnan, Taylor and Fergus, Deconvolutional networks, 2010.

    Args:
        x: Images, (N, in, H, W) or (in, H, W).
        weight: Kernels, (in, out/groups, kernel_h, kernel_w).
        bias: (out,), or `None`.
        stride: How far apart the stamps are.
        padding: How much is cut off at each side.
        output_padding: Rows and columns added below and to the right: with a stride, several sizes
            of image would have given one and the same `x`, and this tells which it is.
        groups: How many independent convolutions share the channels.
        dilation: The distance between the numbers of a stamp.

    Returns:
        (N, out, out_h, out_w), or without N.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.conv_transpose2d([[[1.0, 10.0]]], [[[[1.0, 2.0, 3.0]]]], stride=2)
        array([[[ 1.,  2., 13., 20., 30.]]])
    """
    w, images, batched = checked(x, weight, groups, transposed=True)
    windows = conv_windows(w, stride, padding, dilation)
    size = output_size(images, windows, pair("output_padding", output_padding, at_least=0))
    bias = check_bias(bias, w, w.shape[1] * groups)
    y = convolve_transposed(images, w, bias, windows, groups, size)
    return y if batched else y[0]


def output_size(images: FloatArray, windows: Windows, output_padding: Pair) -> Pair:
    """The size that a transposed convolution gives; no stamp is smaller than what is added."""
    steps = zip(output_padding, windows.stride, windows.dilation, strict=True)
    if any(o >= max(s, d) for o, s, d in steps):
        raise ValueError(
            f"output_padding is {output_padding}; it must be smaller than "
            f"stride {windows.stride} or dilation {windows.dilation}"
        )
    return transposed_size((images.shape[2], images.shape[3]), windows, output_padding)


def conv_transpose2d_backward(
    grad_output: ArrayLike, x: ArrayLike, weight: ArrayLike, stride: Size = 1,
    padding: Size = 0, output_padding: Size = 0, groups: int = 1, dilation: Size = 1,
) -> Grads:  # fmt: skip
    r"""The gradients of `conv_transpose2d`, which are a convolution.

    Forward, each number was spread over a window; so each number's gradient is gathered from that
    window, with the same weights: $\partial L/\partial x$ is `conv2d` of $\partial L/\partial y$.

    Args:
        grad_output: $\partial L/\partial y$, in the shape of the output.
        x: The images.
        weight: The kernels.
        stride: As for `conv_transpose2d`.
        padding: Likewise.
        output_padding: Likewise.
        groups: Likewise.
        dilation: Likewise.

    Returns:
        The gradients by `x`, by `weight` and by the bias.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> kernel = [[[[1.0, 2.0, 3.0]]]]
        >>> grads = F.conv_transpose2d_backward([[[1.0] * 5]], [[[1.0, 10.0]]], kernel, stride=2)
        >>> grads.x, grads.weight, grads.bias
        (array([[[6., 6.]]]), array([[[[11., 11., 11.]]]]), array([5.]))
    """
    w, images, batched = checked(x, weight, groups, transposed=True)
    windows = conv_windows(w, stride, padding, dilation)
    size = output_size(images, windows, pair("output_padding", output_padding, at_least=0))
    shape = (len(images), w.shape[1] * groups, *size)
    grad = as_grad(grad_output, shape if batched else shape[1:], w.dtype)
    grads = convolve_transposed_backward(grad.reshape(shape), images, w, windows, groups)
    return grads if batched or grads.x is None else grads._replace(x=grads.x[0])
