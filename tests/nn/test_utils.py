"""Clipping gradients, and parameters as one vector, against PyTorch."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnbook import nn, optim

SHAPES = [(3, 4), (4,), (), (0, 2), (2, 1, 3)]
NORMS = [0.5, 1.0, 2, 3.0, math.inf, "inf"]


def twins(scale=1.0, dtype=np.float64, seed=0, missing=(1,)):
    rng = np.random.default_rng(seed)
    ours, theirs = [], []
    for i, shape in enumerate(SHAPES):
        value = np.asarray(rng.normal(size=shape)).astype(dtype)
        ours.append(nn.Parameter(value.copy()))
        theirs.append(torch.nn.Parameter(torch.tensor(value)))
        if i not in missing:
            grad = np.asarray(scale * rng.normal(size=shape)).astype(dtype)
            ours[-1].grad, theirs[-1].grad = grad, torch.tensor(grad)
    return ours, theirs


def same(ours, theirs, **tolerance):
    for mine, other in zip(ours, theirs, strict=True):
        if other.grad is None:
            assert mine.grad is None
        else:
            assert mine.grad.dtype == mine.dtype
            np.testing.assert_allclose(mine.grad, other.grad.numpy(), **tolerance)


@pytest.mark.parametrize("norm_type", NORMS)
@pytest.mark.parametrize("max_norm", [0.0, 0.1, 2.0, 1e3, math.inf])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e4])
def test_clipping_by_norm_agrees_with_pytorch(norm_type, max_norm, scale):
    ours, theirs = twins(scale)
    if norm_type == math.inf or norm_type == "inf":  # PyTorch has no largest of no numbers
        ours[3].grad = theirs[3].grad = None
    total = nn.utils.clip_grad_norm_(iter(ours), max_norm, norm_type)
    wanted = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    assert type(total) is float
    assert total == pytest.approx(float(wanted), rel=1e-12)
    same(ours, theirs, rtol=1e-12, atol=0)


@pytest.mark.parametrize("clip", [0.0, 0.3, 1, math.inf])
def test_clipping_by_value_agrees_with_pytorch(clip):
    ours, theirs = twins()
    assert nn.utils.clip_grad_value_(ours, clip) is None
    torch.nn.utils.clip_grad_value_(theirs, clip)
    same(ours, theirs, rtol=0, atol=0)


def test_float32_stays_float32():
    ours, theirs = twins(100.0, np.float32)
    total = nn.utils.clip_grad_norm_(ours, np.float64(1.0))
    wanted = torch.nn.utils.clip_grad_norm_(theirs, 1.0)
    assert total == pytest.approx(float(wanted), rel=1e-6)
    same(ours, theirs, rtol=1e-6)
    nn.utils.clip_grad_value_(ours, np.float64(0.05))
    torch.nn.utils.clip_grad_value_(theirs, 0.05)
    same(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("norm_type", [1.0, 2.0, math.inf])
def test_numbers_that_are_none(bad, norm_type):
    ours, theirs = twins(missing=(1, 3))
    ours[0].grad[0, 0] = theirs[0].grad[0, 0] = bad
    with pytest.raises(RuntimeError, match="nothing can be clipped"):
        nn.utils.clip_grad_norm_(ours, 1.0, norm_type, error_if_nonfinite=True)
    same(ours, theirs)
    total = nn.utils.clip_grad_norm_(ours, 1.0, norm_type)
    wanted = float(torch.nn.utils.clip_grad_norm_(theirs, 1.0, norm_type))
    np.testing.assert_equal(total, wanted)
    same(ours, theirs)
    ours[0].grad = np.full((3, 4), bad)
    nn.utils.clip_grad_value_(ours, 1.0)
    np.testing.assert_array_equal(ours[0].grad, np.clip(np.full((3, 4), bad), -1, 1))


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float64, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
           elements=st.floats(-1e4, 1e4)),
    st.sampled_from([1.0, 2.0, 2.5]),
)  # fmt: skip
def test_total_norm_agrees_with_pytorch(array, norm_type):
    total = nn.utils.get_total_norm(array, norm_type)
    wanted = float(torch.linalg.vector_norm(torch.tensor(array), norm_type))
    assert total == pytest.approx(wanted, rel=1e-12)


def test_worked_by_hand():
    weight, bias = nn.Parameter(np.zeros(2)), nn.Parameter(np.zeros(1))
    weight.grad, bias.grad = np.array([6.0, 0.0]), np.array([-8.0])
    kept = weight.grad
    assert nn.utils.clip_grad_norm_([weight, bias], 5.0) == 10.0
    np.testing.assert_allclose(weight.grad, [3.0, 0.0], rtol=1e-6)
    np.testing.assert_allclose(bias.grad, [-4.0], rtol=1e-6)
    np.testing.assert_array_equal(kept, [6.0, 0.0])
    assert nn.utils.clip_grad_norm_([weight, bias], 5.0, 1.0) == pytest.approx(7.0)
    assert nn.utils.clip_grad_norm_(nn.Parameter(np.zeros(2)), 1.0) == 0.0
    assert nn.utils.clip_grad_norm_([], 1.0) == 0.0
    assert nn.utils.get_total_norm([]) == 0.0


def test_short_gradients_are_left_alone():
    weight = nn.Parameter(np.zeros(2))
    weight.grad = grad = np.array([3.0, 4.0])
    nn.utils.clip_grad_norm_(weight, 5.1)
    assert weight.grad is grad


def test_vectors_there_and_back():
    ours, theirs = twins()
    vector = nn.utils.parameters_to_vector(iter(ours))
    wanted = torch.nn.utils.parameters_to_vector(theirs).detach().numpy()
    np.testing.assert_array_equal(vector, wanted)
    vector[:] = 0  # a copy
    assert ours[0].data.any()
    fresh = np.arange(wanted.size) / 7
    nn.utils.vector_to_parameters(fresh, iter(ours))
    torch.nn.utils.vector_to_parameters(torch.tensor(fresh), theirs)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine.data, other.detach().numpy())


def test_vectors_reach_an_optimizer():
    ours, _ = twins()
    optimizer = optim.SGD(ours, lr=1.0)
    nn.utils.vector_to_parameters(np.ones(23), ours)
    for parameter in ours:
        parameter.grad = np.full(parameter.shape, 0.25)
    optimizer.step()
    np.testing.assert_array_equal(nn.utils.parameters_to_vector(ours), np.full(23, 0.75))


W = nn.Parameter(np.zeros(2))
U = nn.utils
MALFORMED = [
    (lambda: U.clip_grad_norm_(W, -1.0), ValueError, "max_norm is -1.0"),
    (lambda: U.clip_grad_norm_(W, math.nan), ValueError, "max_norm is nan"),
    (lambda: U.clip_grad_norm_(W, 1.0, 0.0), ValueError, "norm_type is 0.0"),
    (lambda: U.clip_grad_norm_(W, 1.0, foreach=True), NotImplementedError, "foreach=True"),
    (lambda: U.clip_grad_norm_([np.zeros(2)], 1.0), TypeError, "got a ndarray"),
    (lambda: U.clip_grad_value_(W, -1.0), ValueError, "clip_value is -1.0"),
    (lambda: U.clip_grad_value_(W, 1.0, True), NotImplementedError, "foreach=True"),
    (lambda: U.clip_grad_value_([3.0], 1.0), TypeError, "got a float"),
    (lambda: U.get_total_norm([], foreach=True), NotImplementedError, "foreach=True"),
    (lambda: U.parameters_to_vector([]), ValueError, "no parameters"),
    (lambda: U.parameters_to_vector([W, nn.Parameter(np.zeros(2, np.float32))]), TypeError,
     "float32 and float64"),
    (lambda: U.vector_to_parameters(np.zeros(3), [W]), ValueError, r"\(3,\).* 2 numbers"),
    (lambda: U.vector_to_parameters(np.zeros((2, 1)), [W]), ValueError, r"\(2, 1\)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), MALFORMED)
def test_malformed_calls_say_why(call, error, message):
    with pytest.raises(error, match=message):
        call()
