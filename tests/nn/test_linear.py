"""Linear and the activation layers: by hand, by PyTorch, by central differences, by hard inputs."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812
from nnbook.scratch.gradcheck import gradcheck
from tests.nn.parity import compare


def numbers(*shape, dtype=np.float64):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def linears(i, o, bias=True, dtype=np.float64):
    kind = torch.float64 if dtype == np.float64 else torch.float32
    return nn.Linear(i, o, bias, dtype=dtype), torch.nn.Linear(i, o, bias, dtype=kind)


def test_linear_by_hand():
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": [[2.0, -1.0]], "bias": [0.5]})
    assert layer(np.array([3.0, 4.0])) == 2.5  # 2*3 - 1*4 + 0.5
    layer(np.array([[3.0, 4.0], [1.0, 0.0]]))
    grad = layer.backward(np.array([[1.0], [10.0]]))
    np.testing.assert_array_equal(grad, [[2, -1], [20, -10]])
    np.testing.assert_array_equal(layer.weight.grad, [[13, 4]])
    np.testing.assert_array_equal(layer.bias.grad, [11])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(3,), (1, 3), (5, 3), (2, 4, 3), (0, 3), (2, 0, 3)])
def test_linear_agrees_with_pytorch(shape, dtype, bias):
    compare(*linears(3, 2, bias, dtype), numbers(*shape, dtype=dtype))


@pytest.mark.parametrize(
    "x",
    [numbers(4, 6)[:, ::2], numbers(4, 3)[::-1], np.asfortranarray(numbers(4, 3)),
     1e4 * numbers(4, 3), numbers(3, 4).T],
    ids=["strided", "reversed", "fortran", "large", "transposed"],
)  # fmt: skip
def test_layouts_agree_with_pytorch(x):
    compare(*linears(3, 2), x)


@given(
    batch=st.lists(st.integers(0, 4), max_size=3), i=st.integers(1, 6), o=st.integers(1, 6),
    bias=st.booleans(),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_any_shape_agrees_with_pytorch(batch, i, o, bias):
    compare(*linears(i, o, bias), numbers(*batch, i))


def test_backward_agrees_with_central_differences():
    assert gradcheck(nn.Linear(3, 2, rng=0), numbers(4, 3))


def test_functions_are_the_layer():
    layer, x, grad = nn.Linear(3, 2, rng=0), numbers(5, 3), numbers(5, 2)
    y = layer(x)
    np.testing.assert_array_equal(F.linear(x, layer.weight.data, layer.bias.data), y)
    grad_x, grad_weight, grad_bias = F.linear_backward(grad, x, layer.weight.data)
    np.testing.assert_array_equal(grad_x, layer.backward(grad))
    np.testing.assert_array_equal(grad_weight, layer.weight.grad)
    np.testing.assert_array_equal(grad_bias, layer.bias.grad)


def test_starts_as_pytorch_does():
    torch.manual_seed(0)
    ours, theirs = nn.Linear(100, 300, rng=0), torch.nn.Linear(100, 300)
    for mine, other in ((ours.weight.data, theirs.weight), (ours.bias.data, theirs.bias)):
        assert np.abs(mine).max() <= 0.1
        assert np.abs(mine).max() == pytest.approx(0.1, rel=0.02)
        assert mine.std() == pytest.approx(other.std().item(), rel=0.1)


def test_looks_as_in_pytorch():
    assert repr(linears(3, 2)[0]) == repr(linears(3, 2)[1])
    assert repr(linears(3, 2, False)[0]) == repr(linears(3, 2, False)[1])


# Activations

ACTIVATIONS = [
    ("Sigmoid", ()), ("Tanh", ()), ("ReLU", ()), ("LeakyReLU", ()), ("LeakyReLU", (0.3,)),
    ("ELU", ()), ("ELU", (0.5,)), ("GELU", ()), ("GELU", ("tanh",)), ("SiLU", ()),
    ("Softplus", ()), ("Softplus", (3.0, 5.0)), ("Hardtanh", ()), ("Hardtanh", (-0.5, 2.0)),
    ("Softmax", (-1,)), ("Softmax", (0,)), ("LogSoftmax", (-1,)), ("LogSoftmax", (0,)),
]  # fmt: skip
each = pytest.mark.parametrize(("name", "args"), ACTIVATIONS)


def twins(name, args):
    return getattr(nn, name)(*args), getattr(torch.nn, name)(*args)


@each
@pytest.mark.parametrize(
    "x",
    [3 * numbers(4, 5), numbers(7), numbers(0, 3), numbers(1, 1), np.asfortranarray(numbers(4, 5)),
     numbers(4, 10)[:, ::-2], np.array([-1e4, -40.0, 0.0, 40.0, 1e4]),
     numbers(4, 5, dtype=np.float32)],
    ids=["matrix", "row", "empty", "one", "fortran", "strided", "extreme", "float32"],
)  # fmt: skip
def test_activations_agree_with_pytorch(name, args, x):
    compare(*twins(name, args), x)


@each
def test_activations_look_as_in_pytorch(name, args):
    ours, theirs = twins(name, args)
    assert repr(ours) == repr(theirs)


@each
def test_activations_agree_with_central_differences(name, args):
    assert gradcheck(getattr(nn, name)(*args), 2 * numbers(4, 5) + 0.01)


# PyTorch's LeakyReLU and ELU answer a NaN with a slope of 0.01 and 1; ours is NaN.
@pytest.mark.parametrize("name", ["Sigmoid", "Tanh", "ReLU", "SiLU"])
def test_nan_passes_as_in_pytorch(name):
    ours, theirs = twins(name, ())
    x = torch.tensor([float("nan"), 1.0], requires_grad=True)
    y = theirs(x)
    y.sum().backward()
    np.testing.assert_array_equal(ours(x.detach().numpy()), y.detach().numpy())
    grad = ours.backward(np.ones(2, dtype=np.float32))
    np.testing.assert_allclose(grad, x.grad.numpy(), rtol=1e-6)
