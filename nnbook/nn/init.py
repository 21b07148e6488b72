r"""How weights start: random, and of the right size.

Too small, and what a network computes fades from layer to layer; too large, and it grows without
bound. Glorot, and then He, asked for the size at which the variance stays the same. With $n$ inputs
of variance 1, a sum with weights of variance $s^2$ has the variance $n s^2$: so $s = 1/\sqrt{n}$,
times a *gain* for what the activation function takes away.

All functions fill the array, or the parameter, that they are given, and return it.
"""

import math
from typing import Any, TypeAlias

import numpy as np

from nnbook._rng import layer_generator
from nnbook.nn._checks import one_of
from nnbook.nn._floats import FloatArray
from nnbook.nn.parameter import Parameter

Target: TypeAlias = FloatArray | Parameter
Rng: TypeAlias = int | np.random.Generator | None

GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


def _array(tensor: Target) -> FloatArray:
    array = tensor.data if isinstance(tensor, Parameter) else tensor
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        kind = getattr(array, "dtype", type(array).__name__)
        raise TypeError(f"expected a float array or a Parameter to fill, got {kind}")
    return array


def _fill(tensor: Any, values: Any) -> Any:
    _array(tensor)[...] = values
    return tensor


def uniform_(tensor: Target, a: float = 0.0, b: float = 1.0, rng: Rng = None) -> Target:
    """Numbers from `a` to `b`, each as likely as the other.

    Examples:
        >>> from nnbook import nn
        >>> w = nn.init.uniform_(np.empty((2, 100)), -1.0, 1.0, rng=0)
        >>> bool(abs(w).max() <= 1.0)
        True
    """
    if a > b:
        raise ValueError(f"a is {a}; it must not exceed b, which is {b}")
    return _fill(tensor, layer_generator(rng).uniform(a, b, _array(tensor).shape))


def normal_(tensor: Target, mean: float = 0.0, std: float = 1.0, rng: Rng = None) -> Target:
    """Numbers from a bell curve.

    Examples:
        >>> from nnbook import nn
        >>> w = nn.init.normal_(np.empty((100, 100)), std=0.1, rng=0)
        >>> print(f"{w.std():.3f}")
        0.100
    """
    if std < 0:
        raise ValueError(f"std is {std}; it cannot be negative")
    return _fill(tensor, layer_generator(rng).normal(mean, std, _array(tensor).shape))


def trunc_normal_(
    tensor: Target, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0,
    rng: Rng = None,
) -> Target:  # fmt: skip
    """Numbers from a bell curve, drawn again until they lie between `a` and `b`.

    Examples:
        >>> from nnbook import nn
        >>> w = nn.init.trunc_normal_(np.empty(1000), rng=0)
        >>> bool(abs(w).max() <= 2.0)
        True
    """
    if not a < b:
        raise ValueError(f"a is {a}; it must be less than b, which is {b}")
    generator, array = layer_generator(rng), _array(tensor)
    if std <= 0 or mean < a - 4 * std or mean > b + 4 * std:
        raise ValueError(f"hardly any number of mean {mean} and std {std} lies in [{a}, {b}]")
    values = generator.normal(mean, std, array.shape)
    while (outside := (values < a) | (values > b)).any():
        values[outside] = generator.normal(mean, std, int(outside.sum()))
    return _fill(tensor, values)


def constant_(tensor: Target, val: float) -> Target:
    """One number everywhere.

    Examples:
        >>> from nnbook import nn
        >>> nn.init.constant_(np.empty(3), 0.5)
        array([0.5, 0.5, 0.5])
    """
    return _fill(tensor, val)


def zeros_(tensor: Target) -> Target:
    """Zeros: right for biases, wrong for weights, which would all stay alike.

    Examples:
        >>> from nnbook import nn
        >>> nn.init.zeros_(np.empty(2))
        array([0., 0.])
    """
    return _fill(tensor, 0.0)


def ones_(tensor: Target) -> Target:
    """Ones.

    Examples:
        >>> from nnbook import nn
        >>> nn.init.ones_(np.empty(2))
        array([1., 1.])
    """
    return _fill(tensor, 1.0)


def eye_(tensor: Target) -> Target:
    """The identity matrix: a linear layer that changes nothing.

    Examples:
        >>> from nnbook import nn
        >>> nn.init.eye_(np.empty((2, 2)))
        array([[1., 0.],
               [0., 1.]])
    """
    shape = _array(tensor).shape
    if len(shape) != 2:
        raise ValueError(f"an identity matrix has 2 dimensions; this array has shape {shape}")
    return _fill(tensor, np.eye(*shape))


def orthogonal_(tensor: Target, gain: float = 1.0, rng: Rng = None) -> Target:
    r"""A random rotation: $W W^\top = g^2 I$, so no input grows or shrinks.

    Source: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks, 2014.

    Examples:
        >>> from nnbook import nn
        >>> w = nn.init.orthogonal_(np.empty((2, 3)), rng=0)
        >>> abs(w @ w.T).round(6)
        array([[1., 0.],
               [0., 1.]])
    """
    shape = _array(tensor).shape
    if len(shape) < 2:
        raise ValueError(f"orthogonal_ needs at least 2 dimensions; this array has shape {shape}")
    rows, columns = shape[0], math.prod(shape[1:])
    flat = layer_generator(rng).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(flat)
    q *= np.sign(np.diag(r))  # of the two signs that QR may choose, the one that makes q uniform
    return _fill(tensor, gain * (q if rows >= columns else q.T).reshape(shape))


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much to enlarge weights, to make up for what an activation function takes away.

    Examples:
        >>> from nnbook import nn
        >>> print(f"{nn.init.calculate_gain('relu'):.4f}")
        1.4142
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    one_of("nonlinearity", nonlinearity, [*GAINS, "leaky_relu"])
    return GAINS[nonlinearity]


def fans(tensor: Target) -> tuple[int, int]:
    """How many numbers each output is a sum of, and how many sums each input goes into.

    For the weights of a convolution, (out, in, *kernel), the size of the kernel multiplies both.

    Examples:
        >>> from nnbook import nn
        >>> nn.init.fans(np.empty((16, 6, 5, 5)))
        (150, 400)
    """
    shape = _array(tensor).shape
    if len(shape) < 2:
        raise ValueError(f"fan-in and fan-out need 2 dimensions or more; this array has {shape}")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def xavier_uniform_(tensor: Target, gain: float = 1.0, rng: Rng = None) -> Target:
    r"""Uniform within $\pm g \sqrt{6 / (n_\text{in} + n_\text{out})}$.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010.

    Examples:
        >>> from nnbook import nn
        >>> w = nn.init.xavier_uniform_(np.empty((2, 4)), rng=0)
        >>> bool(abs(w).max() <= 1.0)
        True
    """
    bound = gain * math.sqrt(6.0 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor: Target, gain: float = 1.0, rng: Rng = None) -> Target:
    r"""Normal, of standard deviation $g \sqrt{2 / (n_\text{in} + n_\text{out})}$.

    Source: as for `xavier_uniform_`.

    Examples:
        >>> from nnbook import nn
        >>> w = nn.init.xavier_normal_(np.empty((200, 200)), rng=0)
        >>> print(f"{w.std():.3f}")
        0.071
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor))), rng)


def kaiming_uniform_(
    tensor: Target, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    rng: Rng = None,
) -> Target:  # fmt: skip
    r"""Uniform within $\pm g \sqrt{3 / n}$, for the fan-in or fan-out $n$.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015.

    Args:
        tensor: What to fill.
        a: The slope of a leaky ReLU on the left.
        mode: `"fan_in"` keeps the variance on the way forward, `"fan_out"` on the way back.
        nonlinearity: The activation function that follows, for `calculate_gain`.
        rng: A generator or seed.

    Examples:
        >>> from nnbook import nn
        >>> w = nn.init.kaiming_uniform_(np.empty((4, 6)), rng=0)
        >>> bool(abs(w).max() <= 1.0)
        True
    """
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(
    tensor: Target, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    rng: Rng = None,
) -> Target:  # fmt: skip
    r"""Normal, of standard deviation $g / \sqrt{n}$; arguments and source as `kaiming_uniform_`.

    Examples:
        >>> from nnbook import nn
        >>> w = nn.init.kaiming_normal_(np.empty((100, 200)), nonlinearity="relu", rng=0)
        >>> print(f"{w.std():.2f}")
        0.10
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), rng)


def _kaiming_std(tensor: Target, a: float, mode: str, nonlinearity: str) -> float:
    one_of("mode", mode, ("fan_in", "fan_out"))
    fan = fans(tensor)[0 if mode == "fan_in" else 1]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def weight_and_bias(
    shape: tuple[int, ...], bias: bool, dtype: Any, rng: Rng, out_features: int | None = None
) -> tuple[Parameter, Parameter | None]:
    r"""The start of PyTorch's layers: weights and biases all within $\pm 1/\sqrt{n_\text{in}}$.

    Examples:
        >>> from nnbook import nn
        >>> weight, bias = nn.init.weight_and_bias((3, 4), True, np.float64, rng=0)
        >>> bool(abs(weight.data).max() <= 0.5), bias.shape
        (True, (3,))
    """
    generator = layer_generator(rng)
    weight = Parameter(np.empty(shape, dtype=dtype))
    bound = 1 / math.sqrt(max(1, fans(weight)[0]))
    uniform_(weight, -bound, bound, generator)
    if not bias:
        return weight, None
    biases = Parameter(np.empty(shape[0] if out_features is None else out_features, dtype=dtype))
    uniform_(biases, -bound, bound, generator)
    return weight, biases
