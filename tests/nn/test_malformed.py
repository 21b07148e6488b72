"""Malformed calls: each is refused with an error whose message shows both sides.

A row says what is done, which error it must be, and two parts of its message: what was given, and
what was expected.
"""

import re

import numpy as np
import pytest

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812
from nnbook.nn import init

ones = np.ones


def f32(*shape):
    return np.ones(shape, dtype=np.float32)


def after(layer, *inputs):
    """A layer that has seen an input, and waits for a gradient."""
    layer(*inputs)
    return layer


LAYERS = [
    # Linear
    (lambda: nn.Linear(2, 3)(ones((4, 3))), ValueError, "x has 3 features", "weight expects 2"),
    (lambda: nn.Linear(2, 3)(1.0), ValueError, "x has no features", "weight expects 2"),
    (lambda: nn.Linear(2, 3)(f32(4, 2)), TypeError, "x has dtype float32", "weight has float64"),
    (lambda: nn.Linear(2, 3)(ones((4, 2), int)), TypeError, "x has dtype int64", "float64"),
    (lambda: nn.Linear(2, 3)(ones((4, 2), complex)), TypeError, "complex128", "float64"),
    (lambda: nn.Linear(2, 3, dtype="f")(ones((4, 2))), TypeError, "x has dtype float64", "float32"),
    (lambda: nn.Linear(2, 3)([["a", "b"]]), TypeError, "dtype <U1", "float64"),
    (lambda: nn.Linear(0, 3), ValueError, "in_features is 0", "at least 1"),
    (lambda: nn.Linear(2, -1), ValueError, "out_features is -1", "cannot be negative"),
    (lambda: nn.Linear(2.0, 3), TypeError, "in_features must be a whole number", "2.0"),
    (lambda: nn.Linear(2, 3, dtype=int), TypeError, "need a float dtype", "got int64"),
    (lambda: nn.Linear(2, 3, device="cuda"), NotImplementedError, "Linear", "device='cuda'"),
    (lambda: nn.Linear(2, 3, rng="seed"), TypeError, "rng must be", "'seed'"),
    (lambda: after(nn.Linear(2, 3), ones((4, 2))).backward(ones((4, 2))), ValueError,
     "grad_output has shape (4, 2)", "output has shape (4, 3)"),
    (lambda: after(nn.Linear(2, 3), ones((4, 2))).backward(ones((3, 4))), ValueError,
     "grad_output has shape (3, 4)", "(4, 3)"),
    (lambda: after(nn.Linear(2, 3), ones((4, 2))).backward(ones((4, 3), complex)), TypeError,
     "real numbers", "complex128"),
    (lambda: nn.Linear(2, 3).backward(ones((4, 3))), RuntimeError, "Linear.backward", "forward"),
    (lambda: F.linear(ones(2), ones(2)), ValueError, "weight has shape (2,)", "(out, in)"),
    (lambda: F.linear(ones(2), ones((3, 2)), ones(2)), ValueError, "bias has shape (2,)",
     "weight has 3 outputs"),
    (lambda: F.linear(ones(2), ones((3, 2)), f32(3)), TypeError, "bias has dtype float32",
     "float64"),
    # Module, Parameter, state
    (lambda: nn.Linear(2, 1).load_state_dict({"weight": ones((1, 2))}), ValueError,
     "bias is missing", "Linear cannot load"),
    (lambda: nn.Linear(2, 1, bias=False).load_state_dict({"weight": ones((1, 2)), "bias": [1.0]}),
     ValueError, "bias is unexpected", "Linear cannot load"),
    (lambda: nn.Linear(2, 1, bias=False).load_state_dict({"weight": ones((2, 1))}), ValueError,
     "weight has shape (2, 1)", "the module's has (1, 2)"),
    (lambda: nn.Parameter(ones(3)).add_grad(ones(2)), ValueError, "grad has shape (2,)", "(3,)"),
    (lambda: nn.Parameter(["a"]), TypeError, "expected real numbers", "<U1"),
    # Containers
    (lambda: nn.Sequential(nn.Tanh(), 3), TypeError, "Sequential[1] is 3", "not a Module"),
    (lambda: nn.ModuleList([None]), TypeError, "ModuleList[0] is None", "not a Module"),
    (lambda: nn.Sequential(nn.Tanh())[1], IndexError, "no module 1", "among 1"),
    (lambda: nn.Sequential(*[nn.Tanh()] * 2), ValueError, "Tanh stands at 0 and at 1", "second"),
    (lambda: nn.Flatten(3)(ones((2, 2))), IndexError, "start_dim is 3", "x has shape (2, 2)"),
    (lambda: nn.Flatten(2, 1)(ones((2, 2, 2))), ValueError, "start_dim 2", "end_dim 1"),
    (lambda: nn.Unflatten(1, (2, 2))(ones((1, 6))), ValueError, "unflattened_size (2, 2)",
     "the 6 of dim 1"),
    (lambda: nn.Unflatten(1, (4, -1))(ones((1, 6))), ValueError, "(4, -1)", "the 6 of dim 1"),
    (lambda: nn.Unflatten(2, (2,))(ones((1, 6))), IndexError, "dim is 2", "shape (1, 6)"),
    (lambda: nn.Unflatten("C", (2,)), NotImplementedError, "Unflatten", "dim='C'"),
    (lambda: after(nn.Flatten(), ones((2, 2, 2))).backward(ones((2, 2, 2))), ValueError,
     "grad_output has shape (2, 2, 2)", "(2, 4)"),
    (lambda: after(nn.Identity(), ones(2)).backward(ones(3)), ValueError, "(3,)", "(2,)"),
    # Activations
    (lambda: nn.ReLU()(ones(2, complex)), TypeError, "expected real numbers", "complex128"),
    (lambda: nn.Tanh()(["x"]), TypeError, "expected real numbers", "<U1"),
    (lambda: after(nn.ReLU(), ones(2)).backward(ones(3)), ValueError, "grad_output has shape (3,)",
     "output has shape (2,)"),
    (lambda: after(nn.Sigmoid(), ones((2, 1))).backward(ones((1, 2))), ValueError, "(1, 2)",
     "(2, 1)"),
    (lambda: nn.ReLU(inplace=True), NotImplementedError, "ReLU", "inplace=True"),
    (lambda: nn.LeakyReLU(inplace=True), NotImplementedError, "LeakyReLU", "inplace=True"),
    (lambda: nn.ELU(inplace=True), NotImplementedError, "ELU", "inplace=True"),
    (lambda: nn.SiLU(inplace=True), NotImplementedError, "SiLU", "inplace=True"),
    (lambda: nn.Hardtanh(inplace=True), NotImplementedError, "Hardtanh", "inplace=True"),
    (lambda: nn.Hardtanh(1.0, -1.0), ValueError, "min_val is 1.0", "max_val, which is -1.0"),
    (lambda: nn.GELU("erf"), ValueError, "approximate is 'erf'", "'none', 'tanh'"),
    (lambda: nn.Softmax(), NotImplementedError, "Softmax", "dim=None"),
    (lambda: nn.LogSoftmax(), NotImplementedError, "LogSoftmax", "dim=None"),
    (lambda: nn.Softmax(2)(ones((2, 2))), IndexError, "no dim 2", "shape (2, 2)"),
    (lambda: nn.LogSoftmax(-3)(ones((2, 2))), IndexError, "no dim -3", "shape (2, 2)"),
    (lambda: nn.Softmax(-1)(1.0), ValueError, "softmax needs a dimension", "single number"),
    (lambda: after(nn.Softmax(-1), ones(2)).backward(ones(3)), ValueError, "(3,)", "(2,)"),
    # Convolution
    (lambda: nn.Conv2d(3, 4, 3)(ones((2, 1, 8, 8))), ValueError, "x has 1 channels", "expects 3"),
    (lambda: nn.Conv2d(3, 4, 3)(ones((8, 8))), ValueError, "x has shape (8, 8)", "(N, C, H, W)"),
    (lambda: nn.Conv2d(3, 4, 3)(ones((2, 3, 2, 8))), ValueError, "2 x 8", "the window needs 3 x 3"),
    (lambda: nn.Conv2d(3, 4, 3)(f32(2, 3, 8, 8)), TypeError, "x has dtype float32", "float64"),
    (lambda: nn.Conv2d(3, 4, 3)(ones((2, 3, 8, 8), int)), TypeError, "int64", "float64"),
    (lambda: nn.Conv2d(3, 4, 0), ValueError, "kernel_size is 0", "at least 1"),
    (lambda: nn.Conv2d(3, 4, (3, 3, 3)), ValueError, "kernel_size is (3, 3, 3)", "one number or"),
    (lambda: nn.Conv2d(3, 4, 3, stride=0), ValueError, "stride is 0", "at least 1"),
    (lambda: nn.Conv2d(3, 4, 3, padding=-1), ValueError, "padding is -1", "negative"),
    (lambda: nn.Conv2d(3, 4, 3, padding="full"), ValueError, "padding is 'full'", "'same'"),
    (lambda: nn.Conv2d(3, 4, 3, 2, "same"), ValueError, "padding='same'", "stride is (2, 2)"),
    (lambda: nn.Conv2d(3, 4, 3, dilation=1.5), TypeError, "dilation must be a whole", "1.5"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "in_channels is 3", "which is 2"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), ValueError, "out_channels is 3", "which is 2"),
    (lambda: nn.Conv2d(3, 4, 3, groups=0), ValueError, "groups is 0", "at least 1"),
    (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), ValueError, "'mirror'", "'reflect'"),
    (lambda: nn.Conv2d(3, 4, 3, device="cuda"), NotImplementedError, "Conv2d", "device='cuda'"),
    (lambda: nn.Conv2d(1, 1, 1, padding=4, padding_mode="reflect")(ones((1, 1, 4, 4))), ValueError,
     "reflect padding of (4, 4)", "4 pixels"),
    (lambda: nn.Conv2d(1, 1, 1, padding=5, padding_mode="circular")(ones((1, 1, 4, 4))),
     ValueError, "circular padding of (5, 5)", "4 pixels"),
    (lambda: after(nn.Conv2d(1, 1, 3), ones((1, 1, 5, 5))).backward(ones((1, 1, 5, 5))),
     ValueError, "grad_output has shape (1, 1, 5, 5)", "(1, 1, 3, 3)"),
    (lambda: nn.Conv1d(3, 4, 3)(ones((2, 1, 8))), ValueError, "x has 1 channels", "expects 3"),
    (lambda: nn.Conv1d(3, 4, 3)(ones((2, 3, 8, 8))), ValueError, "(2, 3, 8, 8)", "(N, C, L)"),
    (lambda: nn.Conv1d(3, 4, (3, 3)), ValueError, "kernel_size is (3, 3)", "one dimension"),
    (lambda: nn.Conv1d(3, 4, 3)(ones((2, 3, 2))), ValueError, "1 x 2", "the window needs 1 x 3"),
    (lambda: nn.ConvTranspose2d(3, 4, 3)(ones((2, 4, 8, 8))), ValueError, "x has 4 channels",
     "expects 3"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, 2, output_padding=2)(ones((2, 3, 8, 8))), ValueError,
     "output_padding is (2, 2)", "stride (2, 2)"),
    (lambda: nn.ConvTranspose2d(1, 1, 1, padding=4)(ones((1, 1, 3, 3))), ValueError, "(3, 3)",
     "(-5, -5)"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, padding="same"), ValueError, "'same'", "numbers only"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect"), ValueError, "'reflect'",
     "'zeros'"),
    (lambda: nn.ConvTranspose2d(1, 1, 1)(ones((1, 1, 3, 3)), output_size=(4, 4)),
     NotImplementedError, "ConvTranspose2d", "output_size=(4, 4)"),
    (lambda: F.conv2d(ones((1, 1, 4, 4)), ones((1, 1, 2))), ValueError,
     "weight has shape (1, 1, 2)", "4 dimensions"),
    (lambda: F.conv2d(ones((1, 2, 4, 4)), ones((3, 1, 2, 2)), groups=2), ValueError, "groups is 2",
     "the 3 of weight"),
    (lambda: F.conv2d(ones((1, 1, 4, 4)), ones((2, 1, 2, 2)), ones(3)), ValueError,
     "bias has shape (3,)", "weight has 2 output channels"),
    (lambda: F.conv2d_backward(ones((1, 1, 4, 4)), ones((1, 1, 4, 4)), ones((1, 1, 2, 2))),
     ValueError, "(1, 1, 4, 4)", "(1, 1, 3, 3)"),
    (lambda: F.conv1d(ones((1, 4)), ones((1, 1, 2)), stride=(1, 2)), ValueError,
     "stride is (1, 2)", "one dimension"),
    # Pooling
    (lambda: nn.MaxPool2d(0), ValueError, "kernel_size is 0", "at least 1"),
    (lambda: nn.MaxPool2d(2, 0), ValueError, "stride is 0", "at least 1"),
    (lambda: nn.MaxPool2d(2, padding=2), ValueError, "padding is 2", "kernel_size (2, 2)"),
    (lambda: nn.MaxPool2d(2, ceil_mode=True), NotImplementedError, "MaxPool2d", "ceil_mode=True"),
    (lambda: nn.MaxPool2d(2, return_indices=True), NotImplementedError, "MaxPool2d",
     "return_indices=True"),
    (lambda: nn.MaxPool2d(3)(ones((1, 1, 2, 4))), ValueError, "2 x 4", "the window needs 3 x 3"),
    (lambda: nn.MaxPool2d(2)(ones((4, 4))), ValueError, "x has shape (4, 4)", "(N, C, H, W)"),
    (lambda: nn.MaxPool2d(2)(ones((1, 1, 4, 4), complex)), TypeError, "real numbers", "complex128"),
    (lambda: after(nn.MaxPool2d(2), ones((1, 1, 4, 4))).backward(ones((1, 1, 4, 4))), ValueError,
     "(1, 1, 4, 4)", "(1, 1, 2, 2)"),
    (lambda: nn.AvgPool2d(2, ceil_mode=True), NotImplementedError, "AvgPool2d", "ceil_mode=True"),
    (lambda: nn.AvgPool2d(2, divisor_override=0), ValueError, "divisor_override is 0", "divided"),
    (lambda: nn.AvgPool2d(2, padding=2), ValueError, "padding is 2", "kernel_size (2, 2)"),
    (lambda: nn.AdaptiveAvgPool2d(0), ValueError, "output_size is 0", "at least 1"),
    (lambda: nn.AdaptiveAvgPool2d((1, 2, 3)), ValueError, "(1, 2, 3)", "one number or two"),
    (lambda: nn.AdaptiveAvgPool2d(1)(ones((1, 1, 0, 3))), ValueError, "size (0, 3)", "nothing"),
    # init
    (lambda: init.uniform_(ones(2), 1.0, 0.0), ValueError, "a is 1.0", "b, which is 0.0"),
    (lambda: init.normal_(ones(2), std=-1.0), ValueError, "std is -1.0", "negative"),
    (lambda: init.trunc_normal_(ones(2), a=2.0, b=-2.0), ValueError, "a is 2.0", "b, which is -2"),
    (lambda: init.trunc_normal_(ones(2), mean=50.0), ValueError, "mean 50.0", "[-2.0, 2.0]"),
    (lambda: init.eye_(ones(3)), ValueError, "2 dimensions", "shape (3,)"),
    (lambda: init.orthogonal_(ones(3)), ValueError, "at least 2", "shape (3,)"),
    (lambda: init.xavier_uniform_(ones(3)), ValueError, "2 dimensions or more", "(3,)"),
    (lambda: init.kaiming_normal_(ones((3, 3)), mode="in"), ValueError, "mode is 'in'", "'fan_in'"),
    (lambda: init.calculate_gain("swish"), ValueError, "nonlinearity is 'swish'", "'tanh'"),
    (lambda: init.zeros_([1.0, 2.0]), TypeError, "float array or a Parameter", "list"),
    (lambda: init.zeros_(ones(2, int)), TypeError, "float array", "int64"),
    (lambda: init.uniform_(ones(2), rng=0.5), TypeError, "rng must be", "0.5"),
]  # fmt: skip

LABELS = np.array([0, 2])

LOSSES = [
    (lambda: nn.MSELoss()(ones((4, 1)), ones(4)), ValueError, "target has shape (4,)", "(4, 1)"),
    (lambda: nn.MSELoss()(ones(4), f32(4)), TypeError, "target has dtype float32", "float64"),
    (lambda: nn.MSELoss("sum")(ones(4), ones(4)), NotImplementedError, "MSELoss", "'sum'"),
    (lambda: nn.MSELoss(reduction="max"), ValueError, "reduction is 'max'", "'mean'"),
    (lambda: nn.MSELoss(size_average=True), NotImplementedError, "MSELoss", "size_average=True"),
    (lambda: nn.L1Loss(reduce=False), NotImplementedError, "L1Loss", "reduce=False"),
    (lambda: nn.L1Loss()(ones(4), ones(5)), ValueError, "(5,)", "(4,)"),
    (lambda: nn.MSELoss().backward(), RuntimeError, "MSELoss.backward", "before forward"),
    (lambda: after(nn.MSELoss(reduction="none"), ones(4), ones(4)).backward(ones(3)), ValueError,
     "(3,)", "(4,)"),
    (lambda: after(nn.MSELoss(), ones(4), ones(4)).backward(ones(4)), ValueError, "(4,)", "()"),
    (lambda: nn.SmoothL1Loss(beta=-1.0)(ones(4), ones(4)), ValueError, "beta is -1.0",
     "at least 0"),
    (lambda: nn.HuberLoss(delta=0.0)(ones(4), ones(4)), ValueError, "delta is 0.0", "above 0"),
    (lambda: nn.BCELoss()(2 * ones(3), ones(3)), ValueError, "input holds 2.0", "between 0 and 1"),
    (lambda: nn.BCELoss()(ones(3), -ones(3)), ValueError, "target holds -1.0", "between 0 and 1"),
    (lambda: nn.BCELoss()(np.full(3, np.nan), ones(3)), ValueError, "input holds nan", "0 and 1"),
    (lambda: nn.BCELoss(weight=ones(2))(ones(3), ones(3)), ValueError, "weight has shape (2,)",
     "(3,)"),
    (lambda: nn.BCEWithLogitsLoss()(ones((3, 1)), ones(3)), ValueError, "(3,)", "(3, 1)"),
    (lambda: nn.BCEWithLogitsLoss(pos_weight=ones(2))(ones(3), ones(3)), ValueError,
     "pos_weight has shape (2,)", "(3,)"),
    (lambda: nn.CrossEntropyLoss()(ones((2, 2)), LABELS), ValueError, "the label 2", "2 classes"),
    (lambda: nn.CrossEntropyLoss()(ones((2, 3)), -LABELS), ValueError, "label -2", "3 classes"),
    (lambda: nn.CrossEntropyLoss()(ones((2, 3)), LABELS.astype(float)), TypeError,
     "target has dtype float64", "whole numbers"),
    (lambda: nn.CrossEntropyLoss()(ones((3, 3)), LABELS), ValueError, "target has shape (2,)",
     "(3,)"),
    (lambda: nn.CrossEntropyLoss()(ones((2, 3)), ones((2, 3), int)), TypeError, "dtype int64",
     "probabilities"),
    (lambda: nn.CrossEntropyLoss(weight=ones(2))(ones((2, 3)), LABELS), ValueError,
     "weight has shape (2,)", "3 classes"),
    (lambda: nn.CrossEntropyLoss(label_smoothing=1.5), ValueError, "label_smoothing is 1.5",
     "between 0 and 1"),
    (lambda: nn.CrossEntropyLoss(ignore_index=1)(ones((2, 3)), ones((2, 3))), ValueError,
     "ignore_index is 1", "probabilities"),
    (lambda: nn.NLLLoss()(ones((2, 2)), LABELS), ValueError, "the label 2", "2 classes"),
    (lambda: nn.NLLLoss()(ones((2, 3)), ones((2, 3))), (ValueError, TypeError), "(2, 3)", "(2,)"),
    (lambda: nn.KLDivLoss(reduction="all"), ValueError, "reduction is 'all'", "'batchmean'"),
    (lambda: nn.KLDivLoss("sum")(ones(3), ones(3)), NotImplementedError, "KLDivLoss", "'sum'"),
]  # fmt: skip

MORE = [
    (lambda: nn.BatchNorm1d(3)(ones((4, 2))), ValueError, "x has 2 channels", "3 features"),
    (lambda: nn.BatchNorm1d(3)(ones((4, 3, 2, 2))), ValueError, "(4, 3, 2, 2)", "BatchNorm1d"),
    (lambda: nn.BatchNorm2d(3)(ones((4, 3))), ValueError, "(4, 3)", "BatchNorm2d"),
    (lambda: nn.BatchNorm2d(3)(f32(4, 3, 2, 2)), TypeError, "float32", "float64"),
    (lambda: nn.BatchNorm1d(3)(ones((1, 3))), ValueError, "more than 1 value", "(1, 3)"),
    (lambda: nn.BatchNorm1d(0), ValueError, "num_features is 0", "at least 1"),
    (lambda: nn.BatchNorm1d(3, eps=0.0)(ones((4, 3))), ValueError, "eps is 0.0", "positive"),
    (lambda: nn.BatchNorm1d(3).backward(ones((4, 3))), RuntimeError, "BatchNorm1d.backward",
     "before forward"),
    (lambda: after(nn.BatchNorm1d(3), ones((4, 3))).backward(ones((3, 4))), ValueError, "(3, 4)",
     "(4, 3)"),
    (lambda: nn.LayerNorm(3)(ones((4, 2))), ValueError, "(4, 2)", "(3,)"),
    (lambda: nn.LayerNorm((2, 3))(ones(3)), ValueError, "(3,)", "(2, 3)"),
    (lambda: nn.LayerNorm(())(ones(3)), ValueError, "normalized_shape is ()", "at least 1"),
    (lambda: nn.Dropout(1.5), ValueError, "p is 1.5", "between 0 and 1"),
    (lambda: nn.Dropout(-0.1), ValueError, "p is -0.1", "between 0 and 1"),
    (lambda: nn.Dropout(0.5, inplace=True), NotImplementedError, "Dropout", "inplace=True"),
    (lambda: after(nn.Dropout(0.5, rng=0), ones(4)).backward(ones(3)), ValueError, "(3,)", "(4,)"),
    (lambda: nn.Embedding(4, 2)([4]), IndexError, "x contains 4", "4 embeddings"),
    (lambda: nn.Embedding(4, 2)([-1]), IndexError, "x contains -1", "4 embeddings"),
    (lambda: nn.Embedding(4, 2)([0.5]), TypeError, "whole numbers", "float64"),
    (lambda: nn.Embedding(4, 2, padding_idx=4), ValueError, "padding_idx is 4", "4 embeddings"),
    (lambda: nn.Embedding(0, 2), ValueError, "num_embeddings is 0", "at least 1"),
    (lambda: nn.Embedding(4, 2, max_norm=1.0), NotImplementedError, "max_norm=1.0", "mbedding"),
    (lambda: nn.Embedding(4, 2, sparse=True), NotImplementedError, "sparse=True", "mbedding"),
    (lambda: nn.Embedding(4, 2, _weight=ones((2, 4))), ValueError, "(2, 4)", "(4, 2)"),
    (lambda: after(nn.Embedding(4, 2), [1, 2]).backward(ones((2, 3))), ValueError, "(2, 3)",
     "(2,"),
    (lambda: nn.MultiheadAttention(4, 3), ValueError, "embed_dim is 4", "num_heads, 3"),
    (lambda: nn.MultiheadAttention(4, 2)(*[ones((3, 1, 5))] * 3), ValueError, "5 features", "4"),
    (lambda: nn.MultiheadAttention(4, 2)(ones((3, 1, 4)), ones((2, 1, 4)), ones((3, 1, 4))),
     ValueError, "(2, 1, 4)", "(3, 1, 4)"),
    (lambda: nn.MultiheadAttention(4, 2)(*[ones((3, 1, 4))] * 3, attn_mask=ones((2, 2))),
     ValueError, "attn_mask has shape (2, 2)", "(3, 3)"),
    (lambda: nn.MultiheadAttention(4, 2)(*[ones((3, 1, 4))] * 3, key_padding_mask=ones((3, 1))),
     ValueError, "key_padding_mask has shape (3, 1)", "(1, 3)"),
    (lambda: F.scaled_dot_product_attention(ones((3, 4)), ones((3, 5)), ones((3, 5))), ValueError,
     "(3, 4)", "(3, 5)"),
]  # fmt: skip

RECURRENT = [
    (lambda: nn.RNN(2, 3)(ones((5, 1, 4))), ValueError, "x has 4 features", "RNN expects 2"),
    (lambda: nn.LSTM(2, 3)(ones(2)), ValueError, "x has 1 dimensions", "LSTM expects 3"),
    (lambda: nn.GRU(2, 3)(ones((0, 1, 2))), ValueError, "x has 0 steps", "at least 1"),
    (lambda: nn.RNN(2, 3)(f32(5, 1, 2)), TypeError, "float32", "float64"),
    (lambda: nn.RNN(2, 3)(ones((5, 1, 2)), ones((1, 2, 3))), ValueError, "(1, 2, 3)", "(1, 1, 3)"),
    (lambda: nn.LSTM(2, 3)(ones((5, 1, 2)), ones((1, 1, 3))), TypeError, "hx must be a pair",
     "got ndarray"),
    (lambda: nn.RNN(2, 3, nonlinearity="relu6"), ValueError, "'relu6'", "'tanh'"),
    (lambda: nn.RNN(0, 3), ValueError, "input_size is 0", "at least 1"),
    (lambda: nn.GRU(2, 3, num_layers=0), ValueError, "num_layers is 0", "at least 1"),
    (lambda: nn.LSTM(2, 3, 2, dropout=1.5), ValueError, "dropout is 1.5", "between 0 and 1"),
    (lambda: nn.RNN(2, 3).backward(ones((5, 1, 3))), RuntimeError, "RNN.backward", "forward"),
    (lambda: after(nn.RNN(2, 3), ones((5, 1, 2))).backward(ones((5, 1, 2))), ValueError,
     "(5, 1, 2)", "(5, 1, 3)"),
    (lambda: nn.RNNCell(2, 3)(ones((1, 4))), ValueError, "(1, 4)", "RNNCell expects"),
    (lambda: nn.GRUCell(2, 3)(ones((1, 2)), ones((1, 2))), ValueError, "(1, 2)", "(1, 3)"),
    (lambda: nn.LSTMCell(2, 3, device="cuda"), NotImplementedError, "LSTMCell", "device='cuda'"),
    (lambda: nn.utils.clip_grad_norm_([nn.Parameter(ones(2))], -1.0), ValueError,
     "max_norm is -1.0", "negative"),
]  # fmt: skip

CALLS = [*LAYERS, *LOSSES, *MORE, *RECURRENT]


@pytest.mark.parametrize(("call", "error", "one", "other"), CALLS)
def test_a_malformed_call_is_refused_with_both_sides(call, error, one, other):
    with pytest.raises(error, match=re.escape(one)) as caught:
        call()
    assert other in str(caught.value)


def test_there_are_many():
    assert len(CALLS) >= 150
