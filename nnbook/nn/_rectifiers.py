"""The rectifier and its relatives: all follow the diagonal on the right, and differ on the left."""

import numpy as np

from nnbook.nn._floats import FloatArray, elementwise, nan_stays
from nnbook.nn._sigmoids import sigmoid


@elementwise
def relu(z: FloatArray) -> FloatArray:
    r"""The rectified linear unit: positive scores pass, the others do not.

    $$g(z) = \max(0, z)$$

    Source: Fukushima, Visual feature extraction by a multilayered network of analog threshold
    elements, 1969; the name from Nair and Hinton, Rectified linear units improve restricted
    Boltzmann machines, 2010.

    Args:
        z: Scores, of any shape.

    Returns:
        Values from 0 upwards in the shape of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.relu([-2.0, 0.0, 3.0])
        array([0., 0., 3.])
    """
    return np.maximum(z, 0.0)


@elementwise
@nan_stays
def relu_derivative(z: FloatArray) -> FloatArray:
    r"""The slope of the rectifier: 1 where $z > 0$, else 0; 0 at the kink by convention.

    Args:
        z: Scores, of any shape.

    Returns:
        The slope at each score.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.relu_derivative([-2.0, 0.0, 3.0])
        array([0., 0., 1.])
    """
    return np.where(z > 0, 1.0, 0.0)


@elementwise
def leaky_relu(z: FloatArray, negative_slope: float = 0.01) -> FloatArray:
    r"""A rectifier that leaks: negative scores pass too, but made small.

    $$g(z) = \begin{cases} z & z > 0 \\ a z & z \le 0 \end{cases}$$

    Source: Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models,
    2013.

    Args:
        z: Scores, of any shape.
        negative_slope: The slope $a$ on the left.

    Returns:
        Values in the shape of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.leaky_relu([-2.0, 0.0, 3.0])
        array([-0.02,  0.  ,  3.  ])
    """
    return np.where(z > 0, z, negative_slope * z)


@elementwise
@nan_stays
def leaky_relu_derivative(z: FloatArray, negative_slope: float = 0.01) -> FloatArray:
    r"""The slope of `leaky_relu`: 1 where $z > 0$, else `negative_slope`.

    Args:
        z: Scores, of any shape.
        negative_slope: The slope on the left, and at the kink.

    Returns:
        The slope at each score.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.leaky_relu_derivative([-2.0, 0.0, 3.0])
        array([0.01, 0.01, 1.  ])
    """
    return np.where(z > 0, 1.0, negative_slope)


@elementwise
def elu(z: FloatArray, alpha: float = 1.0) -> FloatArray:
    r"""The exponential linear unit, which bends toward $-\alpha$ on the left.

    $$g(z) = \begin{cases} z & z > 0 \\ \alpha\,(e^{z} - 1) & z \le 0 \end{cases}$$

    Source: Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by
    exponential linear units, 2016.

    Args:
        z: Scores, of any shape.
        alpha: How far below zero it goes.

    Returns:
        Values above `-alpha` in the shape of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.elu([-2.0, 0.0, 3.0]).round(3)
        array([-0.865,  0.   ,  3.   ])
    """
    # expm1 is e^z - 1 without the loss of digits near zero.
    return np.where(z > 0, z, alpha * np.expm1(z))


@elementwise
def elu_derivative(z: FloatArray, alpha: float = 1.0) -> FloatArray:
    r"""The slope of `elu`: 1 where $z > 0$, else $\alpha e^{z}$.

    Args:
        z: Scores, of any shape.
        alpha: How far below zero the function goes.

    Returns:
        The slope at each score.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.elu_derivative([-2.0, 0.0, 3.0]).round(3)
        array([0.135, 1.   , 1.   ])
    """
    return np.where(z > 0, 1.0, alpha * np.exp(z))


@elementwise
def softplus(z: FloatArray, beta: float = 1.0, threshold: float = 20.0) -> FloatArray:
    r"""The rectifier with its kink rounded.

    $$g(z) = \frac{1}{\beta} \ln\left(1 + e^{\beta z}\right)$$

    Source: Dugas, Bengio, Bélisle, Nadeau and Garcia, Incorporating second-order functional
    knowledge for better option pricing, 2001.

    Args:
        z: Scores, of any shape.
        beta: How sharp the bend is.
        threshold: Where $\beta z$ exceeds it, the result is `z`, as in PyTorch.

    Returns:
        Positive values in the shape of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.softplus([-2.0, 0.0, 30.0]).round(3)
        array([ 0.127,  0.693, 30.   ])
    """
    scaled = beta * z
    # ln(1 + e^s) = max(s, 0) + ln(1 + e^-|s|), where nothing can overflow.
    smooth = (np.maximum(scaled, 0.0) + np.log1p(np.exp(-np.abs(scaled)))) / beta
    return np.where(scaled > threshold, z, smooth)


@elementwise
def softplus_derivative(z: FloatArray, beta: float = 1.0, threshold: float = 20.0) -> FloatArray:
    r"""The slope of softplus is the sigmoid, $\sigma(\beta z)$, and 1 beyond the threshold.

    Args:
        z: Scores, of any shape.
        beta: How sharp the bend is.
        threshold: Where $\beta z$ exceeds it, the slope is 1.

    Returns:
        The slope at each score.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.softplus_derivative([-2.0, 0.0, 30.0]).round(3)
        array([0.119, 0.5  , 1.   ])
    """
    return np.where(beta * z > threshold, 1.0, sigmoid(beta * z))


@elementwise
def silu(z: FloatArray) -> FloatArray:
    r"""The sigmoid linear unit, also called swish: the score times its own sigmoid.

    $$g(z) = z \, \sigma(z)$$

    Source: Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning, 2018.

    Args:
        z: Scores, of any shape.

    Returns:
        Values in the shape of `z`. At minus infinity the product is `nan`, as in PyTorch.

    Raises:
        TypeError: If `z` does not hold real numbers.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.silu([-2.0, 0.0, 3.0]).round(3)
        array([-0.238,  0.   ,  2.858])
    """
    return z * sigmoid(z)


@elementwise
def silu_derivative(z: FloatArray) -> FloatArray:
    r"""The slope of `silu`, by the product rule.

    $$g'(z) = \sigma(z) + z\,\sigma'(z) = \sigma(z)\,\bigl(1 + z\,\sigma(-z)\bigr)$$

    Args:
        z: Scores, of any shape.

    Returns:
        The slope at each score.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.silu_derivative([-2.0, 0.0, 3.0]).round(3)
        array([-0.091,  0.5  ,  1.088])
    """
    return sigmoid(z) * (1.0 + z * sigmoid(-z))
