"""All or none, and its smoother kin: the step, the sigmoid, tanh and its straightened form."""

import numpy as np

from nnbook.nn._floats import FloatArray, elementwise, nan_stays


@elementwise
def step(z: FloatArray) -> FloatArray:
    r"""The step (Heaviside) function: fire or stay silent.

    $$g(z) = \begin{cases} 1 & z \ge 0 \\ 0 & z < 0 \end{cases}$$

    At zero it fires. Source: McCulloch and Pitts, A logical calculus of the ideas immanent in
    nervous activity, 1943.

    Args:
        z: Scores, of any shape.

    Returns:
        0 or 1 for each score, in the shape and float type of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.step([-0.5, 0.0, 0.5])
        array([0., 1., 1.])
    """
    return np.heaviside(z, 1.0)


@elementwise
@nan_stays
def step_derivative(z: FloatArray) -> FloatArray:
    """The slope of the step: zero.

    At the jump there is no slope; zero stands there too. This is why a network of
    steps cannot learn by following slopes.

    Args:
        z: Scores, of any shape.

    Returns:
        Zeros in the shape of `z`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.step_derivative([-0.5, 0.0, 0.5])
        array([0., 0., 0.])
    """
    return np.zeros_like(z)


@elementwise
def sigmoid(z: FloatArray) -> FloatArray:
    r"""The logistic function, a step with its edge worn round.

    $$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}}$$

    Source: Verhulst, Recherches mathématiques sur la loi d'accroissement de la population, 1845.

    Args:
        z: Scores, of any shape.

    Returns:
        Values between 0 and 1 in the shape of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.sigmoid([-1000.0, 0.0, 1.0]).round(3)
        array([0.   , 0.5  , 0.731])
    """
    small = np.exp(-np.abs(z))  # e^-|z| is at most 1, so it cannot overflow as e^-z or e^z can
    # The first form of the formula where z >= 0, the second where z < 0.
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


@elementwise
def sigmoid_derivative(z: FloatArray) -> FloatArray:
    r"""The slope of the sigmoid, at most a quarter.

    $$\sigma'(z) = \sigma(z)\,(1 - \sigma(z))$$

    Args:
        z: Scores, of any shape.

    Returns:
        The slope at each score.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.sigmoid_derivative([0.0, 2.0]).round(3)
        array([0.25 , 0.105])
    """
    # σ(-z) is 1 - σ(z), but where σ(z) is nearly 1 it keeps the digits that the subtraction loses.
    return sigmoid(z) * sigmoid(-z)


@elementwise
def tanh(z: FloatArray) -> FloatArray:
    r"""The hyperbolic tangent, a sigmoid stretched to lie between -1 and 1.

    $$\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}} = 2\,\sigma(2z) - 1$$

    Source: LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, section 4.4.

    Args:
        z: Scores, of any shape.

    Returns:
        Values between -1 and 1 in the shape of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.tanh([-1.0, 0.0, 1.0]).round(3)
        array([-0.762,  0.   ,  0.762])
    """
    return np.tanh(z)


@elementwise
def tanh_derivative(z: FloatArray) -> FloatArray:
    r"""The slope of the hyperbolic tangent, 1 at its steepest.

    $$\tanh'(z) = 1 - \tanh^2(z) = \frac{1}{\cosh^2(z)}$$

    Args:
        z: Scores, of any shape.

    Returns:
        The slope at each score.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.tanh_derivative([0.0, 1.0]).round(3)
        array([1.  , 0.42])
    """
    # Where tanh is nearly 1, the subtraction 1 - tanh² would leave only rounding errors.
    return (1.0 / np.cosh(z)) ** 2


@elementwise
def hardtanh(z: FloatArray, min_val: float = -1.0, max_val: float = 1.0) -> FloatArray:
    r"""The hyperbolic tangent drawn with a ruler: the identity, cut off below and above.

    $$g(z) = \min(\max(z, a), b)$$

    Source: Collobert, Large Scale Machine Learning, PhD thesis, 2004.

    Args:
        z: Scores, of any shape.
        min_val: The lower end $a$.
        max_val: The upper end $b$.

    Returns:
        Values between `min_val` and `max_val` in the shape of `z`.

    Raises:
        TypeError: If `z` does not hold real numbers.
        ValueError: If `min_val` is not below `max_val`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.hardtanh([-3.0, 0.5, 3.0])
        array([-1. ,  0.5,  1. ])
    """
    _check_ends(min_val, max_val)
    return np.clip(z, min_val, max_val)


@elementwise
@nan_stays
def hardtanh_derivative(z: FloatArray, min_val: float = -1.0, max_val: float = 1.0) -> FloatArray:
    """The slope of `hardtanh`: 1 between the ends, 0 beyond and at them, as in PyTorch.

    Args:
        z: Scores, of any shape.
        min_val: The lower end.
        max_val: The upper end.

    Returns:
        The slope at each score.

    Raises:
        ValueError: If `min_val` is not below `max_val`.

    Examples:
        >>> from nnbook.nn import functional as F
        >>> F.hardtanh_derivative([-3.0, 0.5, 1.0])
        array([0., 1., 0.])
    """
    _check_ends(min_val, max_val)
    return np.where((z > min_val) & (z < max_val), 1.0, 0.0)


def _check_ends(min_val: float, max_val: float) -> None:
    if not min_val < max_val:
        raise ValueError(f"min_val must be below max_val, got {min_val} and {max_val}")
