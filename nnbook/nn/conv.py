"""Convolutional layers: few weights, used at every place."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.nn import init
from nnbook.nn._checks import as_grad, as_input, float_dtype, one_of, positive, refuse
from nnbook.nn._conv import (
    Grads,
    convolve,
    convolve_backward,
    convolve_transposed,
    convolve_transposed_backward,
)
from nnbook.nn._conv_functional import Size, as_row, check_channels, conv_windows, one
from nnbook.nn._conv_transposed import output_size as _output_size
from nnbook.nn._floats import FloatArray
from nnbook.nn._windows import MODES, Windows, as_images, pair
from nnbook.nn.module import Module

Rng = int | np.random.Generator | None


def _sizes(name: str, value: Size, dims: int, at_least: int = 1) -> tuple[int, ...]:
    """As many numbers as there are dimensions; one number stands for all."""
    if dims == 2:
        return pair(name, value, at_least)
    if isinstance(value, (list, tuple)):
        value = one(name, value)
    return pair(name, value, at_least)[1:]


class _Conv(Module):
    """What all convolutional layers share: their arguments, parameters and checks."""

    dims = 2
    transposed = False
    bias: Any

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Size, stride: Size,
        padding: Size | str, dilation: Size, groups: int, bias: bool, padding_mode: str,
        dtype: DTypeLike, rng: Rng,
    ) -> None:  # fmt: skip
        positive(in_channels=in_channels, out_channels=out_channels, groups=groups)
        one_of("padding_mode", padding_mode, list(MODES))
        for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name} is {channels}; groups, which is {groups}, must divide it")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = _sizes("kernel_size", kernel_size, self.dims)
        self.stride = _sizes("stride", stride, self.dims)
        self.dilation = _sizes("dilation", dilation, self.dims)
        self.padding: Any = padding
        if not isinstance(padding, str):
            self.padding = _sizes("padding", padding, self.dims, at_least=0)
        self.padding_mode = padding_mode
        one, other = in_channels, out_channels
        rows, columns = (one, other // groups) if self.transposed else (other, one // groups)
        shape = (rows, columns, *self.kernel_size)
        self.weight, self.bias = init.weight_and_bias(
            shape, bias, float_dtype(dtype), rng, out_features=out_channels
        )
        self._windows()  # "same" with a stride is refused here, not at the first image

    def _windows(self) -> Windows:
        """A sequence is an image of one row, so all windows have two dimensions."""
        kernels = self.weight.data
        if self.dims == 2:
            return conv_windows(kernels, self.stride, self.padding, self.dilation)
        padding = self.padding if isinstance(self.padding, str) else (0, *self.padding)
        return conv_windows(as_row(kernels), (1, *self.stride), padding, (1, *self.dilation))

    def _images(self, x: ArrayLike) -> tuple[FloatArray, FloatArray, bool]:
        """The input and the kernels as images, and whether there was a batch."""
        array, weight = as_input(x, self.weight.data), self.weight.data
        if self.dims == 1:
            array, weight = as_row(array), as_row(weight)
        images, batched = as_images(array)
        check_channels(images, weight, self.groups, self.transposed)
        return images, weight, batched

    def _shape(self, image: FloatArray, batched: bool) -> FloatArray:
        """An image as what this layer gives out: without the row, or the batch, that was added."""
        image = image[..., 0, :] if self.dims == 1 else image
        return image if batched else image[0]

    def _as_image(self, grad_output: ArrayLike, y_shape: tuple[int, ...], batched: bool) -> Any:
        """The gradient from above as a batch of images."""
        shape = (*y_shape[:2], *y_shape[4 - self.dims :])[0 if batched else 1 :]
        return as_grad(grad_output, shape, self.weight.dtype).reshape(y_shape)

    def _take(self, grads: Grads, batched: bool) -> Any:
        """Add the parameters' gradients to them, and give back the input's."""
        self.weight.add_grad(grads.weight.reshape(self.weight.shape))
        if self.bias is not None:
            self.bias.add_grad(grads.bias)
        return None if grads.x is None else self._shape(grads.x, batched)

    def extra_repr(self) -> str:
        """The arguments that are not the default, as PyTorch shows them."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        text += f", stride={self.stride}"
        if self.padding != (0,) * self.dims:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.dims:
            text += f", dilation={self.dilation}"
        text += self._more_repr()
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text

    def _more_repr(self) -> str:
        return ""


class Conv2d(_Conv):
    r"""Kernels slide over images, and each answers where it finds its pattern.

    $$y_{o, r, c} = b_o + \sum_{m, i, j} W_{o, m, i, j}\; x_{m,\, sr + di - p,\, sc + dj - p}$$

    Weights and biases start uniformly between $\pm 1/\sqrt{\text{in}/\text{groups} \cdot
    \text{kernel}_h \cdot \text{kernel}_w}$.

    Args:
        in_channels: Channels of the input, 3 for a color image.
        out_channels: The number of kernels.
        kernel_size: Their height and width; one number for a square.
        stride: How far they move, $s$.
        padding: Pixels around the image, $p$; or `"valid"` for none, `"same"` to keep the size.
        dilation: The distance between the pixels that a kernel sees, $d$.
        groups: How many independent convolutions share the channels.
        bias: Whether each kernel has one.
        padding_mode: What the padding shows: `"zeros"`, `"reflect"`, `"replicate"`, `"circular"`.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start.

    Attributes:
        weight: (out_channels, in_channels/groups, kernel_h, kernel_w).
        bias: (out_channels,), or `None`.

    Shapes:
        (N, in_channels, H, W) to (N, out_channels, out_h, out_w), or both without N, with
        $\text{out}_h = \lfloor (H + 2p - d(\text{kernel}_h - 1) - 1)/s \rfloor + 1$.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> layer = nn.Conv2d(1, 6, kernel_size=5, padding=2, rng=0)
        >>> layer
        Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
        >>> layer(np.zeros((10, 1, 28, 28))).shape
        (10, 6, 28, 28)
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1,
        padding: Size | str = 0, dilation: Size = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: None = None, dtype: DTypeLike = np.float64, *,
        rng: Rng = None,
    ) -> None:  # fmt: skip
        refuse(type(self).__name__, device=device)
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, dtype, rng,
        )  # fmt: skip

    def forward(self, x: ArrayLike) -> FloatArray:
        """The sums under the kernels, at every place."""
        images, weight, batched = self._images(x)
        bias = None if self.bias is None else self.bias.data
        windows = self._windows()
        y, columns = convolve(images, weight, bias, windows, self.groups, self.padding_mode)
        self.save_for_backward(columns, images.shape[2:], weight.shape, windows, y.shape, batched)
        return self._shape(y, batched)

    def backward(self, grad_output: ArrayLike) -> Any:
        r"""The gradients of the matrix product $Y = W X$ of kernels and windows.

        $\partial L/\partial W = \partial L/\partial Y\; X^\top$, and $W^\top\, \partial L/\partial
        Y$ for the windows, which is added up where windows overlap. The derivation stands at
        `functional.conv2d_backward`.
        """
        columns, size, weight_shape, windows, y_shape, batched = self.saved
        grads = convolve_backward(
            self._as_image(grad_output, y_shape, batched), columns, size,
            self.weight.data.reshape(weight_shape), windows, self.groups, self.padding_mode,
            self.input_requires_grad,
        )  # fmt: skip
        return self._take(grads, batched)


class Conv1d(Conv2d):
    r"""Kernels slide along sequences: a `Conv2d` for images of a single row.

    Args:
        in_channels: Channels of the input.
        out_channels: The number of kernels.
        kernel_size: Their length.
        stride: How far they move.
        padding: Numbers at both ends, or `"valid"`, or `"same"`.
        dilation: The distance between the numbers that a kernel sees.
        groups: How many independent convolutions share the channels.
        bias: Whether each kernel has one.
        padding_mode: As for `Conv2d`.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start.

    Attributes:
        weight: (out_channels, in_channels/groups, kernel_size).
        bias: (out_channels,), or `None`.

    Shapes:
        (N, in_channels, L) to (N, out_channels, out_l), or both without N.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.Conv1d(4, 8, kernel_size=3, padding="same", rng=0)(np.zeros((10, 4, 50))).shape
        (10, 8, 50)
    """

    dims = 1


class ConvTranspose2d(_Conv):
    r"""Each number stamps a kernel into a larger image: a `Conv2d` on its way back.

    $$y_{o,\, sr + di - p,\, sc + dj - p} \mathrel{+}= x_{m, r, c}\; W_{m, o, i, j}$$

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Height and width of a stamp.
        stride: How far apart the stamps are, $s$.
        padding: How much is cut off at each side, $p$.
        output_padding: Rows and columns added below and to the right.
        groups: How many independent convolutions share the channels.
        bias: Whether each output channel has one.
        dilation: The distance between the numbers of a stamp, $d$.
        padding_mode: Only `"zeros"`, as in PyTorch.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start.

    Attributes:
        weight: (in_channels, out_channels/groups, kernel_h, kernel_w).
        bias: (out_channels,), or `None`.

    Shapes:
        (N, in_channels, H, W) to (N, out_channels, out_h, out_w), or both without N, with
        $\text{out}_h = (H - 1)s - 2p + d(\text{kernel}_h - 1) + \text{output\_padding} + 1$.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> layer = nn.ConvTranspose2d(16, 1, kernel_size=4, stride=2, padding=1, rng=0)
        >>> layer(np.zeros((10, 16, 14, 14))).shape
        (10, 1, 28, 28)
    """

    transposed = True

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Size, stride: Size = 1,
        padding: Size = 0, output_padding: Size = 0, groups: int = 1, bias: bool = True,
        dilation: Size = 1, padding_mode: str = "zeros", device: None = None,
        dtype: DTypeLike = np.float64, *, rng: Rng = None,
    ) -> None:  # fmt: skip
        refuse("ConvTranspose2d", device=device)
        one_of("padding_mode", padding_mode, ("zeros",))
        if isinstance(padding, str):
            raise ValueError(f"padding is {padding!r}; ConvTranspose2d takes numbers only")
        self.output_padding = pair("output_padding", output_padding, at_least=0)
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, dtype, rng,
        )  # fmt: skip

    def forward(self, x: ArrayLike, output_size: Sequence[int] | None = None) -> FloatArray:
        """The stamps, added up; `output_size` is not supported, say `output_padding`."""
        refuse("ConvTranspose2d", output_size=output_size)
        images, weight, batched = self._images(x)
        bias = None if self.bias is None else self.bias.data
        windows = self._windows()
        size = _output_size(images, windows, self.output_padding)
        y = convolve_transposed(images, weight, bias, windows, self.groups, size)
        self.save_for_backward(images, windows, y.shape, batched)
        return self._shape(y, batched)

    def backward(self, grad_output: ArrayLike) -> Any:
        """The gradients of a convolution's way back, which are a convolution.

        The derivation stands at `functional.conv_transpose2d_backward`.
        """
        images, windows, y_shape, batched = self.saved
        grads = convolve_transposed_backward(
            self._as_image(grad_output, y_shape, batched), images, self.weight.data, windows,
            self.groups, self.input_requires_grad,
        )  # fmt: skip
        return self._take(grads, batched)

    def _more_repr(self) -> str:
        return f", output_padding={self.output_padding}" if any(self.output_padding) else ""
