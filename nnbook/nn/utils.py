"""What is done to the gradients of all parameters between `backward` and the optimizer's step."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from nnbook.nn._checks import refuse
from nnbook.nn._floats import FloatArray
from nnbook.nn.parameter import Parameter

Parameters = Parameter | Iterable[Parameter]


def get_total_norm(
    tensors: FloatArray | Iterable[FloatArray], norm_type: float = 2.0,
    error_if_nonfinite: bool = False, foreach: bool | None = None,
) -> float:  # fmt: skip
    r"""The norm of arrays, as if all their numbers stood in one vector.

    $$\lVert g \rVert_p = \Big(\sum_i |g_i|^p\Big)^{1/p}, \qquad \lVert g \rVert_\infty =
    \max_i |g_i|$$

    Args:
        tensors: The arrays, such as gradients.
        norm_type: The $p$ of the norm; `math.inf` for the largest size of a number.
        error_if_nonfinite: Whether to refuse a norm that is infinite or no number.
        foreach: Not supported.

    Returns:
        The norm; 0 if there are no arrays.

    Raises:
        RuntimeError: If the norm is not finite, and that was to be refused.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.utils.get_total_norm([np.array([3.0, 0.0]), np.array([[4.0]])])
        5.0
    """
    refuse("get_total_norm", foreach=foreach)
    arrays = [tensors] if isinstance(tensors, np.ndarray) else list(tensors)
    norm_type = float(norm_type)
    if not norm_type > 0:
        raise ValueError(f"norm_type is {norm_type}; it must be above 0")
    with np.errstate(all="ignore"):
        norms = [float(np.linalg.norm(a.reshape(-1), norm_type)) for a in arrays if a.size]
        total = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"the norm of order {norm_type} is {total}; nothing can be clipped to it"
        )
    return total


def clip_grad_norm_(
    parameters: Parameters, max_norm: float, norm_type: float = 2.0,
    error_if_nonfinite: bool = False, foreach: bool | None = None,
) -> float:  # fmt: skip
    r"""Shorten all gradients together, if they are longer than `max_norm`.

    One steep place of the loss, and a step goes anywhere. Recurrent networks have such cliffs.
    Shortened as one long vector, the gradients keep their direction:
    $g \leftarrow g \cdot \min(1, c / (\lVert g \rVert + 10^{-6}))$.

    Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks,
    2013.

    Args:
        parameters: The parameters, or one. Each is given a new `grad`; those without stay without.
        max_norm: The largest length allowed, $c$.
        norm_type: See `get_total_norm`.
        error_if_nonfinite: See `get_total_norm`.
        foreach: Not supported.

    Returns:
        The length that the gradients had.

    Raises:
        RuntimeError: If the norm is not finite, and that was to be refused.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> weight, bias = nn.Parameter(np.zeros(2)), nn.Parameter(np.zeros(1))
        >>> weight.grad, bias.grad = np.array([3.0, 0.0]), np.array([4.0])
        >>> nn.utils.clip_grad_norm_([weight, bias], max_norm=1.0)
        5.0
        >>> weight.grad.round(4), bias.grad.round(4)
        (array([0.6, 0. ]), array([0.8]))
    """
    refuse("clip_grad_norm_", foreach=foreach)
    if not max_norm >= 0:
        raise ValueError(f"max_norm is {max_norm}; it cannot be negative")
    found = _with_grad(parameters)
    total = get_total_norm([g for _, g in found], norm_type, error_if_nonfinite)
    shrink = float(max_norm) / (total + 1e-6)
    if not shrink >= 1:  # where the norm is NaN, all becomes NaN, as in PyTorch
        with np.errstate(all="ignore"):
            for parameter, grad in found:
                parameter.grad = np.asarray(grad * shrink)
    return total


def clip_grad_value_(
    parameters: Parameters, clip_value: float, foreach: bool | None = None
) -> None:
    r"""Bring each number of all gradients between `-clip_value` and `clip_value`.

    Unlike `clip_grad_norm_` this changes the direction.

    Args:
        parameters: The parameters, or one. Each is given a new `grad`; those without stay without.
        clip_value: The largest size allowed.
        foreach: Not supported.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> weight = nn.Parameter(np.zeros(3))
        >>> weight.grad = np.array([-3.0, 0.5, 4.0])
        >>> nn.utils.clip_grad_value_(weight, 1.0)
        >>> weight.grad
        array([-1. ,  0.5,  1. ])
    """
    refuse("clip_grad_value_", foreach=foreach)
    if not clip_value >= 0:
        raise ValueError(f"clip_value is {clip_value}; it cannot be negative")
    for parameter, grad in _with_grad(parameters):
        parameter.grad = np.asarray(np.clip(grad, -float(clip_value), float(clip_value)))


def _with_grad(parameters: Parameters) -> list[tuple[Parameter, FloatArray]]:
    given = _as_list(parameters)
    return [(p, p.grad) for p in given if p.grad is not None]


def _as_list(parameters: Parameters) -> Sequence[Parameter]:
    given = [parameters] if isinstance(parameters, Parameter) else list(parameters)
    for entry in given:
        if not isinstance(entry, Parameter):
            raise TypeError(f"expected parameters, got a {type(entry).__name__}")
    return given


def parameters_to_vector(parameters: Iterable[Parameter]) -> FloatArray:
    """All numbers of all parameters in one vector, a copy.

    Args:
        parameters: The parameters, of one dtype.

    Returns:
        The vector, (n,).

    Raises:
        ValueError: If there are no parameters.
        TypeError: If their dtypes differ.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> layer = nn.Linear(2, 1, rng=0)
        >>> nn.utils.parameters_to_vector(layer.parameters()).shape
        (3,)
    """
    given = _as_list(parameters)
    dtypes = sorted({str(p.dtype) for p in given})
    if not given:
        raise ValueError("there are no parameters to put in a vector")
    if len(dtypes) > 1:
        raise TypeError(f"the parameters have different dtypes: {' and '.join(dtypes)}")
    return np.concatenate([p.data.reshape(-1) for p in given])


def vector_to_parameters(vec: FloatArray, parameters: Iterable[Parameter]) -> None:
    """Put the numbers of a vector into parameters, in the order of `parameters_to_vector`.

    Args:
        vec: The vector, (n,).
        parameters: The parameters, whose values are changed in place.

    Raises:
        ValueError: If the vector has not as many numbers as the parameters.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> layer = nn.Linear(2, 1, rng=0)
        >>> nn.utils.vector_to_parameters(np.array([1.0, 2.0, 3.0]), layer.parameters())
        >>> layer.weight.data, layer.bias.data
        (array([[1., 2.]]), array([3.]))
    """
    given, vector = _as_list(parameters), np.asarray(vec)
    size = sum(p.data.size for p in given)
    if vector.shape != (size,):
        raise ValueError(f"vec has shape {vector.shape}; the parameters have {size} numbers")
    start = 0
    for parameter in given:
        part = vector[start : start + parameter.data.size]
        with np.errstate(over="ignore"):  # what is too large for the dtype becomes inf
            parameter.data[...] = part.reshape(parameter.shape)
        start += part.size
