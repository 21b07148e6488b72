"""Small windows that slide over an image, in PyTorch: kernels, and the fields of simple cells.

The kernels and the formulas are those of `nnbook.scratch.filters`.
"""

import math
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - PyTorch's own name for it

from nnbook._kernels import ROWS
from nnbook.nn._checks import positive

KERNELS = MappingProxyType({
    name: torch.tensor(rows, dtype=torch.float64) / divisor
    for name, (rows, divisor) in ROWS.items()
})  # fmt: skip
"""Kernels that are known by name, each (3, 3)."""


def gabor(
    size: int,
    wavelength: float,
    theta: float,
    phase: float = 0.0,
    sigma: float | None = None,
    gamma: float = 0.5,
) -> Tensor:
    """A wave under a bell; the formula stands at `nnbook.scratch.filters.gabor`.

    Args:
        size: The field is `size` pixels high and wide.
        wavelength: From one bright stripe to the next, in pixels.
        theta: In which direction the wave runs, across its stripes, in radians.
        phase: Where in its period the wave is in the middle.
        sigma: The width of the bell; half a wavelength if not given.
        gamma: How much narrower the bell is across the stripes than along.

    Returns:
        The weights, (size, size), float64.

    Raises:
        TypeError: If `size` is no whole number.
        ValueError: If a size is not above 0, or the weights are all alike.

    Examples:
        >>> gabor(5, wavelength=4, theta=0)[2].round(decimals=2).tolist()
        [-0.2, 0.01, 0.38, 0.01, -0.2]
    """
    positive(size=size)
    sigma = 0.5 * wavelength if sigma is None else sigma
    for name, value in (("wavelength", wavelength), ("sigma", sigma), ("gamma", gamma)):
        if not value > 0:
            raise ValueError(f"{name} is {value}; it must be above 0")
    places = torch.arange(size, dtype=torch.float64) - (size - 1) / 2  # 0 in the middle
    x, y = torch.meshgrid(places, places, indexing="xy")
    u = x * math.cos(theta) + y * math.sin(theta)
    v = -x * math.sin(theta) + y * math.cos(theta)
    bell = torch.exp(-(u**2 + (gamma * v) ** 2) / (2 * sigma**2))
    w = bell * torch.cos(2 * math.pi * u / wavelength + phase)
    w = w - w.mean()
    length = torch.linalg.vector_norm(w)
    if not length > 1e-12:
        raise ValueError(f"all {size} x {size} weights are alike; there is no wave to be seen")
    return w / length


def correlate2d(image: Tensor, kernel: Tensor, padding: int = 0, stride: int = 1) -> Tensor:
    """Slide a kernel over an image: `conv2d`, for one image with one channel.

    Args:
        image: Numbers, (H, W).
        kernel: Weights, (kh, kw), of the same dtype.
        padding: So many rows and columns of zeros are put around the image.
        stride: How far the kernel moves from place to place.

    Returns:
        The feature map, ((H + 2 padding - kh) // stride + 1, and so for W).

    Raises:
        ValueError: If one of them is not two-dimensional.

    Examples:
        >>> correlate2d(torch.tensor([[1.0, 2.0, 4.0, 7.0]]), torch.tensor([[-1.0, 1.0]]))
        tensor([[1., 2., 3.]])
    """
    for name, x in (("image", image), ("kernel", kernel)):
        if x.ndim != 2:
            raise ValueError(f"{name} has shape {tuple(x.shape)}; it must be (height, width)")
    y = F.conv2d(image[None, None], kernel[None, None], padding=padding, stride=stride)
    return y[0, 0]  # (1, 1, out_h, out_w) -> (out_h, out_w)


def convolve2d(image: Tensor, kernel: Tensor, padding: int = 0, stride: int = 1) -> Tensor:
    """A convolution as in mathematics: `correlate2d` with the kernel turned upside down.

    Args:
        image: As for `correlate2d`.
        kernel: As for `correlate2d`.
        padding: As for `correlate2d`.
        stride: As for `correlate2d`.

    Returns:
        As for `correlate2d`.

    Examples:
        >>> dot = torch.zeros(3, 3)
        >>> dot[1, 1] = 1.0
        >>> convolve2d(dot, torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor([[1., 2.],
                [3., 4.]])
    """
    return correlate2d(image, kernel.flip(0, 1), padding, stride)
