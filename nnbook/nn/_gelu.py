"""The Gaussian error linear unit, exact and in the approximation that the first models used."""

import math
from typing import Literal, TypeAlias

import numpy as np

from nnbook.nn._floats import FloatArray, elementwise
from nnbook.nn._sigmoids import tanh_derivative

Approximate: TypeAlias = Literal["none", "tanh"]
CUBIC = 0.044715  # fitted by Hendrycks and Gimpel, so that the tanh follows the Gaussian


@elementwise
def gelu(z: FloatArray, approximate: Approximate = "none") -> FloatArray:
    r"""The Gaussian error linear unit: the score times the share of a bell curve to its left.

    $$g(z) = z \, \Phi(z) \approx
    \frac{z}{2} \left(1 + \tanh\left(\sqrt{2/\pi}\,(z + 0.044715\,z^3)\right)\right)$$

    $\Phi$ is the distribution function of the standard normal distribution. Source: Hendrycks and
    Gimpel, Gaussian error linear units, 2016.

    Args:
        z: Scores, of any shape.
        approximate: `"none"` for the first form, `"tanh"` for the second.

    Returns:
        Values in the shape of `z`. At minus infinity the product is `nan`, as in PyTorch.

    Raises:
        TypeError: If `z` does not hold real numbers.
        ValueError: If `approximate` is neither of the two.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.gelu([-2.0, 0.0, 3.0]).round(4)
        array([-0.0455,  0.    ,  2.996 ])
        >>> F.gelu([-2.0, 0.0, 3.0], approximate="tanh").round(4)
        array([-0.0454,  0.    ,  2.9964])
    """
    if _is_tanh(approximate):
        return 0.5 * z * (1.0 + np.tanh(_inner(z)))
    return z * _normal_cdf(z)


@elementwise
def gelu_derivative(z: FloatArray, approximate: Approximate = "none") -> FloatArray:
    r"""The slope of `gelu`, by the product rule.

    $$g'(z) = \Phi(z) + z\,\varphi(z), \qquad \varphi(z) = \frac{1}{\sqrt{2\pi}}\, e^{-z^2/2}$$

    For the approximation the bell $\varphi$ is the derivative of its tanh form.

    Args:
        z: Scores, of any shape.
        approximate: As for `gelu`.

    Returns:
        The slope at each score.

    Raises:
        ValueError: If `approximate` is neither of the two.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.gelu_derivative([-2.0, 0.0, 3.0]).round(4)
        array([-0.0852,  0.5   ,  1.0119])
    """
    if _is_tanh(approximate):
        near = np.clip(z, -30.0, 30.0)  # further out the bell is 0, and z² might overflow
        inner_slope = math.sqrt(2.0 / math.pi) * (1.0 + 3.0 * CUBIC * near**2)
        bell = 0.5 * tanh_derivative(_inner(near)) * inner_slope
        return 0.5 * (1.0 + np.tanh(_inner(z))) + z * bell
    bell = np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)
    return _normal_cdf(z) + z * bell


def _is_tanh(approximate: str) -> bool:
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
    return approximate == "tanh"


def _inner(z: FloatArray) -> FloatArray:
    return math.sqrt(2.0 / math.pi) * (z + CUBIC * z**3)


def _normal_cdf(z: FloatArray) -> FloatArray:
    """Φ(z) = erfc(-z / √2) / 2, which keeps all digits of the tiny values far on the left."""
    # NumPy has no error function; Python's is exact to the last digits and takes one number.
    values = [0.5 * math.erfc(v) for v in (-z.astype(np.float64) / math.sqrt(2.0)).ravel().tolist()]
    return np.array(values, dtype=np.float64).reshape(z.shape).astype(z.dtype)
