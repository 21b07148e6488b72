r"""Small windows that slide over an image: kernels made by hand, and the fields of simple cells.

At each place the numbers under the window are multiplied with its weights and added up: a neuron
that looks at one small region, and the same neuron everywhere.
"""

from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from nnbook._kernels import ROWS
from nnbook.nn._checks import positive, whole
from nnbook.nn._floats import FloatArray, as_floats


def _kernel(rows: list[list[float]], divisor: float) -> FloatArray:
    kernel = np.array(rows) / divisor
    kernel.flags.writeable = False  # they are everybody's
    return kernel


KERNELS = MappingProxyType({name: _kernel(*rows) for name, rows in ROWS.items()})
"""Kernels that are known by name, each (3, 3); rows go down, columns to the right.

`"edge"` is the lecture's. Source of the Sobel kernels: Sobel and Feldman, A 3x3 isotropic gradient
operator for image processing, 1968.
"""


def gabor(
    size: int,
    wavelength: float,
    theta: float,
    phase: float = 0.0,
    sigma: float | None = None,
    gamma: float = 0.5,
) -> FloatArray:
    r"""A wave under a bell: the field of a simple cell.

    $$w(x, y) = \exp\left(-\frac{u^2 + v^2 / r^2}{2 s^2}\right)
    \cos\left(\frac{2 \pi u}{\Lambda} + \varphi\right), \qquad
    \begin{aligned} u &= x \cos\theta + y \sin\theta \\ v &= -x \sin\theta + y \cos\theta
    \end{aligned}$$

    with the origin in the middle of the field, $x$ to the right and $y$ *downwards*, as rows are
    counted. Then the weights are shifted to a mean of 0, so that even light says nothing, and
    scaled to a length of 1.

    Source: Daugman, Uncertainty relation for resolution in space, spatial frequency, and
    orientation optimized by two-dimensional visual cortical filters, 1985.

    Args:
        size: The field is `size` pixels high and wide.
        wavelength: From one bright stripe to the next, $\Lambda$, in pixels.
        theta: In which direction the wave runs, across its stripes, in radians; at 0 the stripes
            are upright.
        phase: Where in its period the wave is in the middle, $\varphi$: 0 for a bright stripe
            there, $-\pi/2$ for a border with the bright side on the right.
        sigma: The width of the bell, $s$; half a wavelength if not given.
        gamma: How much narrower the bell is across the stripes than along, $1 / r$.

    Returns:
        The weights, (size, size).

    Raises:
        TypeError: If `size` is no whole number.
        ValueError: If `size`, `wavelength`, `sigma` or `gamma` is not above 0, or the weights are
            all alike, as for a single pixel.

    Examples:
        >>> w = gabor(5, wavelength=4, theta=0)
        >>> w[2].round(2)
        array([-0.2 ,  0.01,  0.38,  0.01, -0.2 ])
        >>> print(f"sum {abs(w.sum()):.1f}, length {np.sqrt(np.sum(w**2)):.1f}")
        sum 0.0, length 1.0
    """
    positive(size=size)
    sigma = 0.5 * wavelength if sigma is None else sigma
    for name, value in (("wavelength", wavelength), ("sigma", sigma), ("gamma", gamma)):
        if not value > 0:
            raise ValueError(f"{name} is {value}; it must be above 0")
    places = np.arange(size) - (size - 1) / 2  # 0 in the middle
    x, y = np.meshgrid(places, places)
    u = x * np.cos(theta) + y * np.sin(theta)
    v = -x * np.sin(theta) + y * np.cos(theta)
    bell = np.exp(-(u**2 + (gamma * v) ** 2) / (2 * sigma**2))
    w = bell * np.cos(2 * np.pi * u / wavelength + phase)
    w = w - w.mean()
    length = np.sqrt(np.sum(w**2))
    if not length > 1e-12:
        raise ValueError(f"all {size} x {size} weights are alike; there is no wave to be seen")
    weights: FloatArray = w / length
    return weights


def correlate2d(
    image: ArrayLike, kernel: ArrayLike, padding: int = 0, stride: int = 1
) -> FloatArray:
    r"""Slide a kernel over an image: what nearly everybody calls a convolution.

    $$y_{rc} = \sum_{i,j} k_{ij}\; x_{sr + i,\; sc + j}$$

    Args:
        image: Numbers, (H, W).
        kernel: Weights, (kh, kw).
        padding: So many rows and columns of zeros are put around the image.
        stride: How far the kernel moves from place to place, $s$.

    Returns:
        The feature map, ((H + 2 padding - kh) // stride + 1, and so for W).

    Raises:
        TypeError: If these are no numbers.
        ValueError: If one of them is not two-dimensional, or the kernel does not fit.

    Examples:
        >>> correlate2d([[1, 2, 4, 7]], [[-1, 1]])
        array([[1., 2., 3.]])
    """
    x, k = _two_dimensional(image, "image"), _two_dimensional(kernel, "kernel")
    whole(padding=padding)
    positive(stride=stride)
    x = np.pad(x, padding)
    if x.shape[0] < k.shape[0] or x.shape[1] < k.shape[1] or k.size == 0:
        raise ValueError(f"the image with its padding is {x.shape}; the kernel is {k.shape}")
    height, width = ((n - m) // stride + 1 for n, m in zip(x.shape, k.shape, strict=True))
    y = np.zeros((height, width), dtype=np.result_type(x, k))
    for i in range(k.shape[0]):
        for j in range(k.shape[1]):  # what lies under weight (i, j) at all places together
            y += k[i, j] * x[i : i + stride * height : stride, j : j + stride * width : stride]
    return y


def convolve2d(
    image: ArrayLike, kernel: ArrayLike, padding: int = 0, stride: int = 1
) -> FloatArray:
    r"""A convolution as in mathematics: `correlate2d` with the kernel turned upside down.

    $$y_{rc} = \sum_{i,j} k_{ij}\; x_{sr + h - 1 - i,\; sc + w - 1 - j}$$

    for a kernel of $h$ rows and $w$ columns. Every pixel leaves the kernel's picture
    behind, upright, and one convolution after the other is a single one, with another kernel.

    Args:
        image: As for `correlate2d`.
        kernel: As for `correlate2d`.
        padding: As for `correlate2d`.
        stride: As for `correlate2d`.

    Returns:
        As for `correlate2d`.

    Examples:
        >>> dot = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
        >>> convolve2d(dot, [[1, 2], [3, 4]])
        array([[1., 2.],
               [3., 4.]])
        >>> correlate2d(dot, [[1, 2], [3, 4]])
        array([[4., 3.],
               [2., 1.]])
    """
    return correlate2d(image, _two_dimensional(kernel, "kernel")[::-1, ::-1], padding, stride)


def _two_dimensional(x: ArrayLike, name: str) -> FloatArray:
    array = as_floats(x)
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; it must be (height, width)")
    return array
