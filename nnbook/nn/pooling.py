"""Pooling layers: the image shrinks, and what was found stays."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad, refuse
from nnbook.nn._conv_functional import Size
from nnbook.nn._floats import FloatArray, as_floats, laid_out_like
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
from nnbook.nn.module import Module


class _Pool(Module):
    """What all pooling layers share: images come as a batch or alone."""

    def pool(self, images: FloatArray) -> FloatArray:
        """The pooled images."""
        raise NotImplementedError

    def unpool(self, grad: FloatArray) -> FloatArray:
        """The gradient by the images."""
        raise NotImplementedError

    def forward(self, x: ArrayLike) -> FloatArray:
        """One number for each window."""
        images, self._batched = as_images(as_floats(x))
        y = self.pool(images)
        self._y_shape = y.shape
        return y if self._batched else y[0]

    def backward(self, grad_output: ArrayLike) -> FloatArray:
        """What a window's number receives goes to the window's pixels."""
        dtype = self.saved[0].dtype
        shape = self._y_shape if self._batched else self._y_shape[1:]
        grad_x = self.unpool(as_grad(grad_output, shape, dtype).reshape(self._y_shape))
        return grad_x if self._batched else grad_x[0]


class MaxPool2d(_Pool):
    r"""The largest number in each window, $y_{rc} = \max_{i,j} x_{sr + di,\, sc + dj}$.

    Args:
        kernel_size: The window's size.
        stride: How far it moves, $s$; by default its size.
        padding: A border that is never the largest.
        dilation: The distance between the pixels in a window, $d$.
        return_indices: Not supported.
        ceil_mode: Not supported.

    Shapes:
        (N, C, H, W) to (N, C, out_h, out_w), or both without N.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> pool = nn.MaxPool2d(2)
        >>> pool(np.array([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 5.0]]]))
        array([[[4., 5.]]])
        >>> pool.backward(np.array([[[1.0, 10.0]]]))
        array([[[ 0.,  0.,  0.,  0.],
                [ 0.,  1.,  0., 10.]]])
    """

    def __init__(
        self, kernel_size: Size, stride: Size | None = None, padding: Size = 0, dilation: Size = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        refuse("MaxPool2d", return_indices=return_indices, ceil_mode=ceil_mode)
        self._windows = pool_windows(kernel_size, stride, padding, dilation)
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation, self.ceil_mode = padding, dilation, ceil_mode

    def pool(self, images: FloatArray) -> FloatArray:
        """The largest number of each window."""
        y = max_pool(images, self._windows)
        self.save_for_backward(images, y)
        return y

    def unpool(self, grad: FloatArray) -> FloatArray:
        """All to the largest: the derivation stands at `functional.max_pool2d_backward`."""
        images, y = self.saved
        return max_pool_backward(laid_out_like(grad, y), images, y, self._windows)

    def extra_repr(self) -> str:
        """The arguments, as PyTorch shows them."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class AvgPool2d(_Pool):
    r"""The mean of each window.

    Args:
        kernel_size: The window's size.
        stride: How far it moves; by default its size.
        padding: Zeros around the image.
        ceil_mode: Not supported.
        count_include_pad: Whether these zeros count as pixels.
        divisor_override: What to divide by instead of the number of pixels.

    Shapes:
        (N, C, H, W) to (N, C, out_h, out_w), or both without N.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.AvgPool2d(2)(np.array([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 6.0]]]))
        array([[[2.5, 1.5]]])
    """

    def __init__(
        self, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
        ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:  # fmt: skip
        refuse("AvgPool2d", ceil_mode=ceil_mode)
        self._windows = pool_windows(kernel_size, stride, padding)
        avg_divisor((1, 1), self._windows, True, divisor_override, np.dtype(float))
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding = padding
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def pool(self, images: FloatArray) -> FloatArray:
        """The mean of each window."""
        size = (images.shape[2], images.shape[3])
        self._windows.output_size(size)
        divisor = avg_divisor(
            size, self._windows, self.count_include_pad, self.divisor_override, images.dtype
        )
        self.save_for_backward(images, divisor)
        return avg_pool(images, self._windows, divisor)

    def unpool(self, grad: FloatArray) -> FloatArray:
        r"""To every pixel its share.

        In $y = \frac{1}{n} \sum_i x_i$ each derivative is $1/n$; a pixel in several windows
        receives the sum of its shares.
        """
        images, divisor = self.saved
        return avg_pool_backward(grad, images.shape[2:], self._windows, divisor)

    def extra_repr(self) -> str:
        """The arguments, as PyTorch shows them."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(_Pool):
    """Means over as many windows as it takes for the size wanted.

    Where the size wanted does not divide the image's, windows overlap by a pixel.

    Args:
        output_size: Height and width; one number for both; `None` for that of the input.

    Shapes:
        (N, C, H, W) to (N, C, *output_size), or both without N.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.AdaptiveAvgPool2d(1)(np.array([[[1.0, 2.0], [3.0, 6.0]]]))
        array([[[3.]]])
    """

    def __init__(self, output_size: Any) -> None:
        adaptive_stretches((1, 1), output_size)
        self.output_size = output_size

    def pool(self, images: FloatArray) -> FloatArray:
        """The means."""
        size = (images.shape[2], images.shape[3])
        rows, columns = adaptive_stretches(size, self.output_size)
        self.save_for_backward(images, size, rows, columns)
        return adaptive_avg_pool(images, rows, columns)

    def unpool(self, grad: FloatArray) -> FloatArray:
        """To every pixel its share, from all windows that it lies in."""
        _, size, rows, columns = self.saved
        return adaptive_avg_pool_backward(grad, size, rows, columns)

    def extra_repr(self) -> str:
        """The size, as PyTorch shows it."""
        return f"output_size={self.output_size}"
