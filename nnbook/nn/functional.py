r"""Activation functions, each with its derivative, under the names of `torch.nn.functional`.

All of them take a number, a list or an array of any shape. `float16`, `float32` and `float64` stay
what they are, whole numbers become `float64`, and anything else is a `TypeError`. No input
overflows, `nan` stays `nan`, an empty array gives an empty array.

For a function `g` of one number, `g_derivative(z)` is the slope at each element of `z`. Softmax
mixes its inputs, so it has a table of slopes (`softmax_jacobian`) and the product of this table
with a gradient that arrives from above (`softmax_backward`).

Examples:
    >>> from nnbook.nn import functional as F
    >>> F.relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    >>> F.relu_derivative([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
"""

from nnbook.nn._gelu import gelu, gelu_derivative
from nnbook.nn._rectifiers import (
    elu,
    elu_derivative,
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    silu,
    silu_derivative,
    softplus,
    softplus_derivative,
)
from nnbook.nn._sigmoids import (
    hardtanh,
    hardtanh_derivative,
    sigmoid,
    sigmoid_derivative,
    step,
    step_derivative,
    tanh,
    tanh_derivative,
)
from nnbook.nn._softmax import (
    log_softmax,
    log_softmax_backward,
    logsumexp,
    logsumexp_backward,
    softmax,
    softmax_backward,
    softmax_jacobian,
)

__all__ = [
    "elu",
    "elu_derivative",
    "gelu",
    "gelu_derivative",
    "hardtanh",
    "hardtanh_derivative",
    "leaky_relu",
    "leaky_relu_derivative",
    "log_softmax",
    "log_softmax_backward",
    "logsumexp",
    "logsumexp_backward",
    "relu",
    "relu_derivative",
    "sigmoid",
    "sigmoid_derivative",
    "silu",
    "silu_derivative",
    "softmax",
    "softmax_backward",
    "softmax_jacobian",
    "softplus",
    "softplus_derivative",
    "step",
    "step_derivative",
    "tanh",
    "tanh_derivative",
]
