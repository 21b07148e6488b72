"""Pooling as functions, with every argument checked; `_pooling` holds the mathematics."""

from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad, refuse
from nnbook.nn._conv_functional import Size
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn._pooling import (
    adaptive_avg_pool,
    adaptive_avg_pool_backward,
    adaptive_stretches,
    avg_divisor,
    avg_pool,
    avg_pool_backward,
    max_pool,
    max_pool_backward,
    pool_windows,
)
from nnbook.nn._windows import as_images


def max_pool2d(
    x: ArrayLike, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
    dilation: Size = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> FloatArray:  # fmt: skip
    r"""The largest number in each window, $y_{rc} = \max_{i,j} x_{sr + di,\, sc + dj}$.

    Source: Riesenhuber and Poggio, Hierarchical models of object recognition in cortex, 1999.

    Args:
        x: Images, (N, C, H, W) or (C, H, W).
        kernel_size: The window's size.
        stride: How far it moves; by default its size, so that windows lie side by side.
        padding: A border that is never the largest, at most half as wide as the window.
        dilation: The distance between the pixels in a window.
        ceil_mode: Not supported.
        return_indices: Not supported.

    Returns:
        (N, C, out_h, out_w), or without N. A window that holds a NaN gives NaN.

    Raises:
        TypeError: If `x` does not hold real numbers.
        ValueError: If the window does not fit.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.max_pool2d([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 5.0]]], 2)
        array([[[4., 5.]]])
    """
    refuse("max_pool2d", ceil_mode=ceil_mode, return_indices=return_indices)
    images, batched = as_images(as_floats(x))
    y = max_pool(images, pool_windows(kernel_size, stride, padding, dilation))
    return y if batched else y[0]


def max_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Size, stride: Size | None = None,
    padding: Size = 0, dilation: Size = 1,
) -> FloatArray:  # fmt: skip
    r"""The gradient of `max_pool2d`: all of it goes to the largest number of each window.

    A tiny change of any other number leaves the maximum as it is, so its derivative is 0; a change
    of the largest moves the maximum by as much, so its derivative is 1. Where several are equal
    there is no derivative; the first, row by row, takes it all, as in PyTorch. A pixel that is the
    largest of several windows receives the sum.

    Args:
        grad_output: $\partial L/\partial y$, in the shape of the output.
        x: The images.
        kernel_size: As for `max_pool2d`.
        stride: Likewise.
        padding: Likewise.
        dilation: Likewise.

    Returns:
        $\partial L/\partial x$, in the shape of `x`. A NaN counts as the largest in its window.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.max_pool2d_backward([[[7.0]]], [[[1.0, 2.0], [4.0, 4.0]]], 2)
        array([[[0., 0.],
                [7., 0.]]])
    """
    images, batched = as_images(as_floats(x))
    windows = pool_windows(kernel_size, stride, padding, dilation)
    y = max_pool(images, windows)
    grad = as_grad(grad_output, y.shape if batched else y.shape[1:], images.dtype)
    grad_x = max_pool_backward(grad.reshape(y.shape), images, y, windows)
    return grad_x if batched else grad_x[0]


def avg_pool2d(
    x: ArrayLike, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None,
) -> FloatArray:  # fmt: skip
    r"""The mean of each window, $y_{rc} = \frac{1}{k_h k_w} \sum_{i,j} x_{sr + i,\, sc + j}$.

    Source: LeCun et al., Gradient-based learning applied to document recognition, 1998, whose
    subsampling layers take the mean.

    Args:
        x: Images, (N, C, H, W) or (C, H, W).
        kernel_size: The window's size.
        stride: How far it moves; by default its size.
        padding: Zeros around the image, at most half as wide as the window.
        ceil_mode: Not supported.
        count_include_pad: Whether the zeros count as pixels.
        divisor_override: What to divide by instead of the number of pixels.

    Returns:
        (N, C, out_h, out_w), or without N.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.avg_pool2d([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 6.0]]], 2)
        array([[[2.5, 1.5]]])
    """
    refuse("avg_pool2d", ceil_mode=ceil_mode)
    images, batched = as_images(as_floats(x))
    windows = pool_windows(kernel_size, stride, padding)
    size = (images.shape[2], images.shape[3])
    windows.output_size(size)
    divisor = avg_divisor(size, windows, count_include_pad, divisor_override, images.dtype)
    y = avg_pool(images, windows, divisor)
    return y if batched else y[0]


def adaptive_avg_pool2d(
    x: ArrayLike, output_size: int | tuple[int | None, int | None] | None
) -> FloatArray:
    """Means over as many windows as it takes for the size wanted.

    Source: Lin, Chen and Yan, Network in network, 2014, for the case of one window.

    Args:
        x: Images, (N, C, H, W) or (C, H, W).
        output_size: Height and width; one number for both; `None` for that of `x`.

    Returns:
        (N, C, *output_size), or without N.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.adaptive_avg_pool2d([[[1.0, 2.0, 3.0]]], (1, 2))
        array([[[1.5, 2.5]]])
    """
    images, batched = as_images(as_floats(x))
    size = (images.shape[2], images.shape[3])
    y = adaptive_avg_pool(images, *adaptive_stretches(size, output_size))
    return y if batched else y[0]


def avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Size, stride: Size | None = None,
    padding: Size = 0, count_include_pad: bool = True, divisor_override: int | None = None,
) -> FloatArray:  # fmt: skip
    r"""The gradient of `avg_pool2d`: every pixel of a window has the same share in its mean.

    In $y = \frac{1}{n} \sum_i x_i$ each derivative is $1/n$; a pixel in several windows receives
    the sum of its shares.

    Args:
        grad_output: $\partial L/\partial y$, in the shape of the output.
        x: The images.
        kernel_size: As for `avg_pool2d`.
        stride: Likewise.
        padding: Likewise.
        count_include_pad: Likewise.
        divisor_override: Likewise.

    Returns:
        $\partial L/\partial x$, in the shape of `x`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.avg_pool2d_backward([[[8.0]]], [[[1.0, 2.0], [3.0, 6.0]]], 2)
        array([[[2., 2.],
                [2., 2.]]])
    """
    images, batched = as_images(as_floats(x))
    windows, size = pool_windows(kernel_size, stride, padding), (images.shape[2], images.shape[3])
    shape = (*images.shape[:2], *windows.output_size(size))
    grad = as_grad(grad_output, shape if batched else shape[1:], images.dtype)
    divisor = avg_divisor(size, windows, count_include_pad, divisor_override, images.dtype)
    grad_x = avg_pool_backward(grad.reshape(shape), size, windows, divisor)
    return grad_x if batched else grad_x[0]


def adaptive_avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike,
    output_size: int | tuple[int | None, int | None] | None,
) -> FloatArray:  # fmt: skip
    r"""The gradient of `adaptive_avg_pool2d`: all pixels of a window share alike.

    Windows may overlap; a pixel in several of them receives the sum of its shares.

    Args:
        grad_output: $\partial L/\partial y$, in the shape of the output.
        x: The images.
        output_size: As for `adaptive_avg_pool2d`.

    Returns:
        $\partial L/\partial x$, in the shape of `x`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.adaptive_avg_pool2d_backward([[[2.0, 4.0]]], [[[1.0, 2.0, 3.0]]], (1, 2))
        array([[[1., 3., 2.]]])
    """
    images, batched = as_images(as_floats(x))
    size = (images.shape[2], images.shape[3])
    rows, columns = adaptive_stretches(size, output_size)
    shape = (*images.shape[:2], len(rows), len(columns))
    grad = as_grad(grad_output, shape if batched else shape[1:], images.dtype)
    grad_x = adaptive_avg_pool_backward(grad.reshape(shape), size, rows, columns)
    return grad_x if batched else grad_x[0]
