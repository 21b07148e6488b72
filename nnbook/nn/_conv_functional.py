"""The convolutions as functions, with every argument checked; `_conv` holds the mathematics."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad, as_input, one_of, positive
from nnbook.nn._conv import Grads, convolve, convolve_backward
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn._windows import Pair, Windows, as_images, pair

Size: TypeAlias = int | Sequence[int]


def conv_windows(weight: FloatArray, stride: Size, padding: Size | str, dilation: Size) -> Windows:
    """The windows of a convolution, with PyTorch's "same" and "valid" for the padding."""
    kernel = (weight.shape[2], weight.shape[3])
    strides, holes = pair("stride", stride), pair("dilation", dilation)
    if not isinstance(padding, str):
        high, wide = pair("padding", padding, at_least=0)
        return Windows(kernel, strides, ((high, high), (wide, wide)), holes)
    one_of("padding", padding, ("same", "valid"))
    if padding == "valid":
        return Windows(kernel, strides, dilation=holes)
    if strides != (1, 1):
        raise ValueError(f"padding='same' needs a stride of 1; stride is {stride}")
    missing = [d * (k - 1) for k, d in zip(kernel, holes, strict=True)]
    high2, wide2 = ((m // 2, m - m // 2) for m in missing)
    return Windows(kernel, strides, (high2, wide2), holes)


def checked(
    x: ArrayLike, weight: ArrayLike, groups: int, transposed: bool = False
) -> tuple[FloatArray, FloatArray, bool]:
    """Kernels and images that fit one another, and whether there was a batch."""
    w = as_floats(weight)
    images, batched = as_images(as_input(x, w))
    check_channels(images, w, groups, transposed)
    return w, images, batched


def check_channels(x: FloatArray, weight: FloatArray, groups: int, transposed: bool) -> None:
    """The image has the channels that the kernels were made for."""
    positive(groups=groups)
    if weight.ndim != 4:
        raise ValueError(f"weight has shape {weight.shape}; it must have 4 dimensions")
    if weight.shape[0] % groups:
        raise ValueError(f"groups is {groups}; it must divide the {weight.shape[0]} of weight")
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    if x.shape[1] != channels:
        raise ValueError(f"x has {x.shape[1]} channels; weight expects {channels}")


def check_bias(bias: ArrayLike | None, weight: FloatArray, channels: int) -> FloatArray | None:
    """The bias as an array, one number for each output channel."""
    if bias is None:
        return None
    array = as_input(bias, weight, "bias")
    if array.shape != (channels,):
        raise ValueError(f"bias has shape {array.shape}; weight has {channels} output channels")
    return array


def conv2d(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, stride: Size = 1,
    padding: Size | str = 0, dilation: Size = 1, groups: int = 1,
) -> FloatArray:  # fmt: skip
    r"""A kernel slides over an image; at each place, the products under it are summed up.

    $$y_{o, r, c} = b_o + \sum_{m, i, j} W_{o, m, i, j}\; x_{m,\, sr + di - p,\, sc + dj - p}$$

    Source: LeCun et al., Backpropagation applied to handwritten zip code recognition, 1989; as a
    matrix product, Chellapilla, Puri and Simard, High performance convolutional neural networks
    for document processing, 2006.

    Args:
        x: Images, (N, in, H, W) or (in, H, W).
        weight: Kernels, (out, in/groups, kernel_h, kernel_w).
        bias: One for each output channel, (out,), or `None`.
        stride: How far the kernel moves, $s$.
        padding: Zeros around the image, $p$; or `"valid"` for none, or `"same"` for as many as keep
            the size.
        dilation: The distance between the pixels that a kernel sees, $d$.
        groups: How many independent convolutions share the channels.

    Returns:
        (N, out, out_h, out_w), or without N.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit.

    Examples:
        >>> import numpy as np
        >>> from nnbook.nn import functional as F
        >>> image = np.array([[[0.0, 0.0, 1.0, 1.0]] * 3])  # one channel, dark left, bright right
        >>> edge = np.array([[[[-1.0, 1.0]]]])
        >>> F.conv2d(image, edge)
        array([[[0., 1., 0.],
                [0., 1., 0.],
                [0., 1., 0.]]])
    """
    w, images, batched = checked(x, weight, groups)
    windows = conv_windows(w, stride, padding, dilation)
    y, _ = convolve(images, w, check_bias(bias, w, w.shape[0]), windows, groups)
    return y if batched else y[0]


def conv2d_backward(
    grad_output: ArrayLike, x: ArrayLike, weight: ArrayLike, stride: Size = 1,
    padding: Size | str = 0, dilation: Size = 1, groups: int = 1,
) -> Grads:  # fmt: skip
    r"""The gradients of `conv2d`.

    Each weight meets one pixel in every window, each pixel one weight in every window that sees it:

    $$\frac{\partial L}{\partial W_{o,m,i,j}} = \sum_{n, r, c}
    \frac{\partial L}{\partial y_{n,o,r,c}}\; x_{n,\,m,\,sr+di-p,\,sc+dj-p}, \qquad
    \frac{\partial L}{\partial x_{n,m,a,b}} = \sum_{\substack{o,\,i,\,j,\,r,\,c \\ sr+di-p=a,\;
    sc+dj-p=b}} \frac{\partial L}{\partial y_{n,o,r,c}}\; W_{o,m,i,j}$$

    and the bias meets every place: $\partial L/\partial b_o = \sum_{n,r,c} \partial L/\partial
    y_{n,o,r,c}$.

    Args:
        grad_output: $\partial L/\partial y$, in the shape of the output.
        x: The images.
        weight: The kernels.
        stride: As for `conv2d`.
        padding: Likewise.
        dilation: Likewise.
        groups: Likewise.

    Returns:
        The gradients by `x`, by `weight` and by the bias.

    Examples:
        >>> import numpy as np
        >>> from nnbook.nn import functional as F
        >>> image, edge = np.ones((1, 1, 3)), np.array([[[[-1.0, 1.0]]]])
        >>> grads = F.conv2d_backward(np.array([[[1.0, 10.0]]]), image, edge)
        >>> grads.x
        array([[[-1., -9., 10.]]])
        >>> grads.weight, grads.bias
        (array([[[[11., 11.]]]]), array([11.]))
    """
    w, images, batched = checked(x, weight, groups)
    windows = conv_windows(w, stride, padding, dilation)
    y, columns = convolve(images, w, None, windows, groups)
    grad = as_grad(grad_output, y.shape if batched else y.shape[1:], w.dtype)
    size = (images.shape[2], images.shape[3])
    grads = convolve_backward(grad.reshape(y.shape), columns, size, w, windows, groups)
    return grads if batched or grads.x is None else grads._replace(x=grads.x[0])


def conv1d(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, stride: int = 1,
    padding: int | str = 0, dilation: int = 1, groups: int = 1,
) -> FloatArray:  # fmt: skip
    r"""A kernel slides along a sequence: `conv2d` on an image of a single row.

    Args:
        x: Sequences, (N, in, L) or (in, L).
        weight: Kernels, (out, in/groups, kernel).
        bias: (out,), or `None`.
        stride: How far the kernel moves.
        padding: Zeros at both ends, or `"valid"`, or `"same"`.
        dilation: The distance between the numbers that a kernel sees.
        groups: How many independent convolutions share the channels.

    Returns:
        (N, out, out_l), or without N.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.conv1d([[1.0, 2.0, 4.0, 7.0]], [[[-1.0, 1.0]]])
        array([[1., 2., 3.]])
    """
    w = as_floats(weight)
    image, kernels = as_row(as_input(x, w)), as_row(w, "weight")
    y = conv2d(image, kernels, bias, *_row_sizes(stride, padding, dilation), groups)
    return y[..., 0, :]  # (..., out, 1, out_l) -> (..., out, out_l)


def conv1d_backward(
    grad_output: ArrayLike, x: ArrayLike, weight: ArrayLike, stride: int = 1,
    padding: int | str = 0, dilation: int = 1, groups: int = 1,
) -> Grads:  # fmt: skip
    r"""The gradients of `conv1d`: those of `conv2d_backward` for an image of a single row.

    Args:
        grad_output: $\partial L/\partial y$, in the shape of the output.
        x: The sequences.
        weight: The kernels.
        stride: As for `conv1d`.
        padding: Likewise.
        dilation: Likewise.
        groups: Likewise.

    Returns:
        The gradients by `x`, by `weight` and by the bias.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> grads = F.conv1d_backward([[1.0, 10.0]], [[1.0, 2.0, 4.0]], [[[-1.0, 1.0]]])
        >>> grads.x, grads.weight, grads.bias
        (array([[-1., -9., 10.]]), array([[[21., 42.]]]), array([11.]))
    """
    w = as_floats(weight)
    image, kernels = as_row(as_input(x, w)), as_row(w, "weight")
    grad = as_row(as_floats(grad_output), "grad_output")
    sizes = _row_sizes(stride, padding, dilation)
    grads = conv2d_backward(grad, image, kernels, *sizes, groups)
    grad_x = None if grads.x is None else grads.x[..., 0, :]
    return Grads(grad_x, grads.weight[..., 0, :], grads.bias)


def _row_sizes(stride: int, padding: int | str, dilation: int) -> tuple[Pair, Any, Pair]:
    """Stride, padding and dilation of a sequence, for the image of one row."""
    edges = padding if isinstance(padding, str) else (0, one("padding", padding))
    return (1, one("stride", stride)), edges, (1, one("dilation", dilation))


def one(name: str, value: Size) -> int:
    """The one number that a sequence has where an image has two."""
    numbers = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if len(numbers) != 1:
        raise ValueError(f"{name} is {value}; a sequence has one dimension")
    return int(numbers[0])


def as_row(x: FloatArray, name: str = "x") -> FloatArray:
    """A sequence as an image of one row: (..., L) -> (..., 1, L)."""
    if x.ndim not in (2, 3):
        raise ValueError(f"{name} has shape {x.shape}; it must be (N, C, L) or (C, L)")
    return x[..., None, :]
