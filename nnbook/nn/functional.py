r"""Layers and losses as plain functions, each with its derivative, under PyTorch's names.

Activation functions take a number, a list or an array of any shape. `float16`, `float32` and
`float64` stay what they are, whole numbers become `float64`, and anything else is a `TypeError`. No
input overflows, `nan` stays `nan`, an empty array gives an empty array. For a function `g` of one
number, `g_derivative(z)` is the slope at each element of `z`.

All other functions mix their inputs, so that a slope has no single place. Next to such an `f`
stands `f_backward(grad_output, ...)`: it takes how the loss changes with the output, and the
arguments of `f`, and answers how the loss changes with the inputs and weights. Its text derives the
formula. For softmax there is besides the whole table of slopes, `softmax_jacobian`.

What has weights takes all its arrays in one dtype: a mix of `float32` and `float64` is a
`TypeError`, for it would silently cost speed, or digits.

Examples:
    >>> from nnbook.nn import functional as F
    >>> F.relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    >>> F.relu_derivative([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
"""

from nnbook.nn._attention import (
    scaled_dot_product_attention,
    scaled_dot_product_attention_backward,
)
from nnbook.nn._class_losses import (
    binary_cross_entropy,
    binary_cross_entropy_backward,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_backward,
)
from nnbook.nn._conv_functional import conv1d, conv1d_backward, conv2d, conv2d_backward
from nnbook.nn._conv_transposed import conv_transpose2d, conv_transpose2d_backward
from nnbook.nn._cross_entropy import (
    cross_entropy,
    cross_entropy_backward,
    nll_loss,
    nll_loss_backward,
)
from nnbook.nn._dropout import dropout, dropout_backward, dropout_mask
from nnbook.nn._embedding import embedding, embedding_backward, one_hot
from nnbook.nn._gelu import gelu, gelu_derivative
from nnbook.nn._huber_losses import (
    huber_loss,
    huber_loss_backward,
    smooth_l1_loss,
    smooth_l1_loss_backward,
)
from nnbook.nn._kl_div import kl_div, kl_div_backward
from nnbook.nn._linear import linear, linear_backward
from nnbook.nn._normalization import (
    batch_norm,
    batch_norm_backward,
    layer_norm,
    layer_norm_backward,
)
from nnbook.nn._pool_functional import (
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)
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
from nnbook.nn._regression_losses import l1_loss, l1_loss_backward, mse_loss, mse_loss_backward
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
    "adaptive_avg_pool2d",
    "adaptive_avg_pool2d_backward",
    "avg_pool2d",
    "avg_pool2d_backward",
    "batch_norm",
    "batch_norm_backward",
    "binary_cross_entropy",
    "binary_cross_entropy_backward",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_backward",
    "conv1d",
    "conv1d_backward",
    "conv2d",
    "conv2d_backward",
    "conv_transpose2d",
    "conv_transpose2d_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "dropout",
    "dropout_backward",
    "dropout_mask",
    "elu",
    "elu_derivative",
    "embedding",
    "embedding_backward",
    "gelu",
    "gelu_derivative",
    "hardtanh",
    "hardtanh_derivative",
    "huber_loss",
    "huber_loss_backward",
    "kl_div",
    "kl_div_backward",
    "l1_loss",
    "l1_loss_backward",
    "layer_norm",
    "layer_norm_backward",
    "leaky_relu",
    "leaky_relu_derivative",
    "linear",
    "linear_backward",
    "log_softmax",
    "log_softmax_backward",
    "logsumexp",
    "logsumexp_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "mse_loss",
    "mse_loss_backward",
    "nll_loss",
    "nll_loss_backward",
    "one_hot",
    "relu",
    "relu_derivative",
    "scaled_dot_product_attention",
    "scaled_dot_product_attention_backward",
    "sigmoid",
    "sigmoid_derivative",
    "silu",
    "silu_derivative",
    "smooth_l1_loss",
    "smooth_l1_loss_backward",
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
