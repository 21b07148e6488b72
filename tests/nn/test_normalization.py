"""Batch and layer normalization: by hand, by PyTorch, by central differences, by hard inputs."""

import itertools
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812
from tests.nn.parity import compare, copy_weights, same


def data(*shape, seed=0, scale=2.0, shift=1.0, dtype=np.float64):
    return (np.random.default_rng(seed).normal(size=shape) * scale + shift).astype(dtype)


def pair(name, *args, dtype=torch.float64, **kwargs):
    """Ours and PyTorch's, with the same random weights and running values."""
    theirs = getattr(torch.nn, name)(*args, **kwargs).to(dtype)
    generator = torch.Generator().manual_seed(1)
    for key, value in theirs.state_dict().items():
        if value.is_floating_point():
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
        else:
            assert key == "num_batches_tracked"
    ours = getattr(nn, name)(*args, **kwargs, dtype=str(dtype).split(".")[1])
    copy_weights(ours, theirs)
    return ours, theirs


def test_batch_norm_by_hand():
    # Channel 1: mean 3, variance 4. Channel 2: mean 0, variance 1. eps = 0 is nearly so.
    norm = nn.BatchNorm1d(2, eps=1e-300, momentum=0.25)
    norm.weight.data[:] = [10.0, 1.0]
    norm.bias.data[:] = [0.5, 0.0]
    y = norm(np.array([[1.0, -1.0], [5.0, 1.0]]))
    np.testing.assert_allclose(y, [[-9.5, -1], [10.5, 1]])
    # 0.75 * 0 + 0.25 * 3; 0.75 * 1 + 0.25 * 8, as the unbiased variance of (1, 5) is 8.
    np.testing.assert_allclose(norm.running_mean, [0.75, 0.0])
    np.testing.assert_allclose(norm.running_var, [2.75, 1.25])
    assert norm.num_batches_tracked == 1
    # With two numbers, (1, 0) loses its mean, (0.5, -0.5), and all that is left lies along x_hat.
    grad = norm.backward(np.array([[1.0, 1.0], [0.0, 0.0]]))
    np.testing.assert_allclose(grad, 0, atol=1e-15)
    np.testing.assert_allclose(norm.weight.grad, [-1, -1])
    np.testing.assert_allclose(norm.bias.grad, [1, 1])


def test_batch_norm_after_training_by_hand():
    norm = nn.BatchNorm1d(1, eps=0.5).eval()
    norm.running_mean[:], norm.running_var[:], norm.weight.data[:] = 2.0, 3.5, 6.0
    np.testing.assert_allclose(norm(np.array([[4.0], [2.0]])), [[6.0], [0.0]])
    np.testing.assert_allclose(norm.backward(np.array([[1.0], [2.0]])), [[3.0], [6.0]])
    np.testing.assert_allclose(norm.running_mean, [2.0])
    assert norm.num_batches_tracked == 0


def test_layer_norm_by_hand():
    norm = nn.LayerNorm(4, eps=0.0)
    x = np.array([[0.0, 0.0, 2.0, 2.0], [7.0, 1.0, 1.0, 7.0]])
    np.testing.assert_allclose(norm(x), [[-1, -1, 1, 1], [1, -1, -1, 1]])
    # (4, 0, 0, 0) loses its mean, 1, and its share along x_hat, -1: (4 - 1 - 1, -1 - 1, 0, 0).
    grad = norm.backward(np.array([[4.0, 0, 0, 0], [0, 0, 0, 0]]))
    np.testing.assert_allclose(grad, [[2, -2, 0, 0], [0, 0, 0, 0]], atol=1e-15)
    np.testing.assert_allclose(norm.weight.grad, [-4, 0, 0, 0])
    np.testing.assert_allclose(norm.bias.grad, [4, 0, 0, 0])


BATCH = list(
    itertools.product(
        [("BatchNorm1d", (6, 3)), ("BatchNorm1d", (4, 3, 5)), ("BatchNorm2d", (2, 3, 4, 5))],
        [{}, {"eps": 0.1}, {"momentum": None}, {"momentum": 1.0}, {"momentum": 0.0}],
        [{}, {"affine": False}, {"bias": False}],
        [True, False],
    )
)


@pytest.mark.parametrize(("case", "numbers", "affine", "track"), BATCH, ids=str)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_batch_norm_agrees_with_pytorch(case, numbers, affine, track, dtype):
    name, shape = case
    ours, theirs = pair(name, 3, track_running_stats=track, dtype=dtype, **numbers, **affine)
    assert repr(ours) == repr(theirs)
    for step, training in enumerate([True, True, False, True]):
        x = data(*shape, seed=step, dtype=str(dtype).split(".")[1])
        ours.train(training)
        theirs.train(training)
        ours.zero_grad()
        theirs.zero_grad()
        compare(ours, theirs, x, rng=step, copy=False)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    if track:
        assert ours.state_dict()["num_batches_tracked"].dtype == np.int64


LAYER = [
    ((7,), (7,)),
    (7, (2, 7)),
    ([5, 7], (2, 3, 5, 7)),
    ([2, 3, 5], (2, 3, 5)),
]


@pytest.mark.parametrize(("shape", "x_shape"), LAYER, ids=str)
@pytest.mark.parametrize(
    "options", [{}, {"eps": 0.1}, {"elementwise_affine": False}, {"bias": False}], ids=str
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_layer_norm_agrees_with_pytorch(shape, x_shape, options, dtype):
    ours, theirs = pair("LayerNorm", shape, dtype=dtype, **options)
    assert repr(ours) == repr(theirs)
    for training in (True, False):
        ours.train(training)
        ours.zero_grad()
        theirs.zero_grad()
        compare(ours, theirs, data(*x_shape, dtype=str(dtype).split(".")[1]), copy=False)
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_sizes_may_be_numpys():
    assert repr(nn.LayerNorm(np.int64(4))) == repr(torch.nn.LayerNorm(4))
    assert nn.LayerNorm((np.int64(4), 2)).normalized_shape == (4, 2)


def test_a_single_feature_becomes_zero():
    compare(*pair("LayerNorm", 1), data(4, 1), copy=False)  # in float32, PyTorch's is not quite 0
    assert not nn.LayerNorm(1, dtype=np.float32)(data(4, 1, dtype=np.float32)).any()


def test_parameters_start_as_in_pytorch():
    for name, argument in (("BatchNorm1d", 3), ("BatchNorm2d", 3), ("LayerNorm", (2, 3))):
        ours, theirs = getattr(nn, name)(argument), getattr(torch.nn, name)(argument)
        for key, value in theirs.state_dict().items():
            np.testing.assert_array_equal(ours.state_dict()[key], value.numpy())


def test_the_layer_and_the_function_agree():
    x, grad = data(4, 3, 5), data(4, 3, 5, seed=1)
    ours, _ = pair("BatchNorm1d", 3)
    mean, var = ours.running_mean.copy(), ours.running_var.copy()
    weight, bias = ours.weight.data, ours.bias.data
    for training in (True, False):
        ours.train(training)
        ours.zero_grad()
        y = F.batch_norm(x, mean, var, weight, bias, training)
        np.testing.assert_array_equal(ours(x), y)
        np.testing.assert_array_equal(ours.running_mean, mean)  # both followed the batch
        np.testing.assert_array_equal(ours.running_var, var)
        grads = F.batch_norm_backward(grad, x, mean, var, weight, training)
        np.testing.assert_array_equal(ours.backward(grad), grads[0])
        np.testing.assert_array_equal(ours.weight.grad, grads[1])
        np.testing.assert_array_equal(ours.bias.grad, grads[2])
    layer, _ = pair("LayerNorm", (3, 5))
    np.testing.assert_array_equal(
        layer(x), F.layer_norm(x, (3, 5), layer.weight.data, layer.bias.data)
    )
    grads = F.layer_norm_backward(grad, x, [3, 5], layer.weight.data)
    np.testing.assert_array_equal(layer.backward(grad), grads[0])
    np.testing.assert_array_equal(layer.weight.grad, grads[1])
    np.testing.assert_array_equal(layer.bias.grad, grads[2])


def test_functional_backward_leaves_the_running_values_alone():
    mean, var = np.zeros(2), np.ones(2)
    mean.flags.writeable = var.flags.writeable = False
    F.batch_norm_backward(data(4, 2), data(4, 2), mean, var, training=True)


@pytest.mark.parametrize("training", [True, False])
def test_functional_batch_norm_is_pytorchs(training):
    x = data(5, 2, 3)
    options = ({}, {"weight": np.array([2.0, 3.0])}, {"bias": np.array([2.0, 3.0])})
    for given_ in options:
        ours, theirs = [np.zeros(2), np.ones(2)], [torch.zeros(2).double(), torch.ones(2).double()]
        y = F.batch_norm(x, *ours, **given_, training=training, momentum=0.3, eps=1e-2)
        tensors = {k: torch.tensor(v) for k, v in given_.items()}
        expected = torch.nn.functional.batch_norm(
            torch.tensor(x), *theirs, **tensors, training=training, momentum=0.3, eps=1e-2
        )
        same(y, expected, "output")
        same(ours, theirs, "running values")


def central(function, x, h=1e-6):
    """The slope of a sum by each of its inputs."""
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        grad[i] = (function(x + step) - function(x - step)) / (2 * h)
    return grad


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.BatchNorm1d(3), (4, 3)),
        (lambda: nn.BatchNorm1d(3).eval(), (4, 3)),
        (lambda: nn.BatchNorm2d(2), (2, 2, 2, 3)),
        (lambda: nn.LayerNorm(4), (3, 4)),
        (lambda: nn.LayerNorm((2, 3)), (2, 2, 3)),
    ],
)
def test_backward_agrees_with_central_differences(make, shape):
    norm, x, grad = make(), data(*shape), data(*shape, seed=1)
    norm.weight.data[...] = data(*norm.weight.shape, seed=2)
    norm(x)
    answer = norm.backward(grad)
    weight, bias = norm.weight.grad, norm.bias.grad
    np.testing.assert_allclose(answer, central(lambda z: (norm(z) * grad).sum(), x), atol=1e-8)
    for parameter, slope in ((norm.weight, weight), (norm.bias, bias)):
        start = parameter.data

        def loss(values, parameter=parameter):
            parameter.data = values
            return (norm(x) * grad).sum()

        np.testing.assert_allclose(slope, central(loss, start), atol=1e-8)
        parameter.data = start


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(1, 3), st.integers(0, 2**32)
)
def test_any_shape_agrees_with_pytorch(shape, last, seed):
    x = data(*shape, seed=seed)
    compare(*pair("LayerNorm", shape[-min(last, len(shape)) :]), x, copy=False)
    name = "BatchNorm2d" if len(shape) == 4 else "BatchNorm1d"
    ours, theirs = pair(name, shape[1])
    if x.size == shape[1]:
        with pytest.raises(ValueError, match="more than 1"):
            ours(x)
        return
    compare(ours, theirs, x, copy=False)


# Hard inputs


def layouts(x):
    """The same numbers, in other orders in memory."""
    yield np.asfortranarray(x)
    yield np.repeat(x, 2, axis=-1)[..., ::2]
    yield x[::-1].copy()[::-1]
    yield np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)


@pytest.mark.parametrize("name", ["BatchNorm2d", "LayerNorm"])
def test_layouts(name):
    x, grad = data(4, 3, 5, 6), data(4, 3, 5, 6, seed=1)
    norm = nn.BatchNorm2d(3) if name == "BatchNorm2d" else nn.LayerNorm((5, 6))
    y, back = norm(x), norm.backward(grad)
    for other in layouts(x):
        np.testing.assert_allclose(norm(other), y, rtol=1e-13, atol=1e-13)
        for g in layouts(grad):
            np.testing.assert_allclose(norm.backward(g), back, rtol=1e-12, atol=1e-13)


def test_the_order_in_memory_is_kept():
    # Convolutions give out (N, C, H, W) as a view of (C, H, W, N).
    x = np.moveaxis(data(3, 5, 6, 4), -1, 0)
    for affine in (True, False):
        norm = nn.BatchNorm2d(3, affine=affine)
        assert norm(x).strides == x.strides
        assert norm.backward(x).strides == x.strides


@pytest.mark.parametrize("name", ["BatchNorm1d", "LayerNorm"])
@pytest.mark.parametrize("shift", [1e4, -1e4])
def test_a_large_mean_costs_fewer_digits_than_in_pytorch(name, shift):
    x = data(3000, 2, scale=1.0, shift=shift, dtype=np.float32)
    x, size = (x, 2) if name == "BatchNorm1d" else (x.T, 3000)
    exact = getattr(nn, name)(size)(x.astype(np.float64))
    theirs = getattr(torch.nn, name)(size)(torch.tensor(x)).detach().numpy()
    ours = getattr(nn, name)(size, dtype=np.float32)(x)
    # Of 1e4, float32 knows no more than 5e-4.
    assert abs(ours - exact).max() < min(1e-3, abs(theirs - exact).max())


@pytest.mark.parametrize("scale", [1e-4, 1e4, 1e-30, 1e15])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_extremes_are_pytorchs(scale, dtype):
    x = data(6, 3, scale=scale, shift=0.0, dtype=str(dtype).split(".")[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("BatchNorm1d", "LayerNorm"):
            ours, theirs = pair(name, 3, dtype=dtype)
            compare(ours, theirs, x, copy=False)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["BatchNorm1d", "LayerNorm"])
def test_infinity_and_nan_are_pytorchs(name, bad):
    x = data(4, 3)
    x[1, 2] = bad
    compare(*pair(name, 3), x, copy=False)


def test_equal_numbers_become_zero():
    for norm in (nn.BatchNorm1d(2), nn.LayerNorm(2)):
        np.testing.assert_array_equal(norm(np.full((3, 2), 5.0)), 0)
        np.testing.assert_allclose(norm.backward(np.ones((3, 2))), 0)
    without = torch.nn.LayerNorm(2, eps=0.0).double()
    compare(nn.LayerNorm(2, eps=0.0), without, np.full((3, 2), 5.0))  # 0 / 0


@pytest.mark.parametrize(
    ("name", "argument", "shape"),
    [
        ("BatchNorm1d", 3, (0, 3)),
        ("BatchNorm1d", 3, (0, 3, 2)),
        ("BatchNorm1d", 3, (2, 3, 0)),
        ("BatchNorm2d", 3, (0, 3, 2, 2)),
        ("LayerNorm", 3, (0, 3)),
        ("LayerNorm", (2, 3), (4, 0, 2, 3)),
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_empty_batches(name, argument, shape, training):
    ours, theirs = pair(name, argument)
    ours.train(training)
    theirs.train(training)
    compare(ours, theirs, np.zeros(shape), copy=False)


def test_one_example_is_enough_after_training():
    ours, theirs = pair("BatchNorm1d", 3)
    compare(ours.eval(), theirs.eval(), data(1, 3), copy=False)
    compare(ours.train(), theirs.train(), data(1, 3, 2), copy=False)


def test_inputs_and_outputs_are_left_alone():
    for norm in (nn.BatchNorm1d(3), nn.BatchNorm1d(3, affine=False), nn.LayerNorm(3)):
        x, grad = data(4, 3), data(4, 3, seed=1)
        x_before, grad_before = x.copy(), grad.copy()
        y = norm(x)
        first = norm.backward(grad)
        kept = first.copy()
        y += 1.0  # what was given out is the caller's
        first += 1.0
        np.testing.assert_array_equal(norm.backward(grad), kept)
        np.testing.assert_array_equal(x, x_before)
        np.testing.assert_array_equal(grad, grad_before)


def test_tracking_can_be_switched_off_later():
    ours, theirs = pair("BatchNorm1d", 3)
    ours.track_running_stats = theirs.track_running_stats = False
    x = data(4, 3)
    x[0, 0] = np.nan  # would spoil the running values for good
    compare(ours, theirs, x, copy=False)
    compare(ours.eval(), theirs.eval(), data(4, 3), copy=False)


def test_a_frozen_parameter_gets_no_gradient():
    norm = nn.LayerNorm(3)
    norm.weight.requires_grad = False
    norm(data(2, 3))
    norm.backward(data(2, 3))
    assert norm.weight.grad is None
    assert norm.bias.grad is not None


def test_float32_stays():
    for norm in (nn.BatchNorm1d(3, dtype="float32"), nn.LayerNorm(3, dtype="float32")):
        for training in (True, False):
            norm.train(training)
            assert norm(data(4, 3, dtype=np.float32)).dtype == np.float32
            assert norm.backward(data(4, 3)).dtype == np.float32
            assert {p.grad.dtype for p in norm.parameters()} == {np.dtype(np.float32)}


# Malformed calls


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.BatchNorm1d(3)(np.zeros(3)), ValueError, r"\(3,\).*\(N, C\) or \(N, C, L\)"),
        (lambda: nn.BatchNorm1d(3)(np.zeros((2, 3, 1, 1))), ValueError, r"\(2, 3, 1, 1\)"),
        (lambda: nn.BatchNorm2d(3)(np.zeros((2, 3))), ValueError, r"\(2, 3\).*\(N, C, H, W\)"),
        (lambda: nn.BatchNorm1d(3)(np.zeros((2, 4))), ValueError, "4 channels.*3"),
        (lambda: nn.BatchNorm1d(3)(np.zeros((1, 3))), ValueError, r"more than 1.*\(1, 3\)"),
        (lambda: nn.BatchNorm1d(3)(np.zeros((2, 3), "f4")), TypeError, "float64.*float32"),
        (lambda: nn.BatchNorm1d(3)(np.array([["a"] * 3] * 2)), TypeError, "U1"),
        (lambda: nn.BatchNorm1d(3, eps=0.0)(np.zeros((2, 3))), ValueError, "eps is 0"),
        (lambda: nn.BatchNorm1d(3, eps=-1.0).eval()(np.zeros((2, 3))), ValueError, "eps is -1"),
        (lambda: nn.BatchNorm1d(0), ValueError, "num_features is 0"),
        (lambda: nn.BatchNorm1d(3, device="cpu"), NotImplementedError, "BatchNorm1d.*device"),
        (lambda: nn.BatchNorm2d(3, dtype=int), TypeError, "int"),
        (lambda: nn.LayerNorm(3)(np.zeros((2, 4))), ValueError, r"\(2, 4\).*\(3,\)"),
        (lambda: nn.LayerNorm((2, 3))(np.zeros(3)), ValueError, r"\(3,\).*\(2, 3\)"),
        (lambda: nn.LayerNorm(())(np.zeros(3)), ValueError, r"normalized_shape is \(\)"),
        (lambda: nn.LayerNorm(3)(np.zeros((2, 3), "f4")), TypeError, "float64.*float32"),
        (lambda: nn.LayerNorm(3, device="cpu"), NotImplementedError, "LayerNorm.*device"),
        (lambda: nn.LayerNorm(-1), ValueError, "-1"),
        (lambda: nn.LayerNorm(2.5), TypeError, "whole number, not 2.5"),
        (lambda: nn.LayerNorm((2.5,)), TypeError, "2.5"),
        (lambda: nn.LayerNorm(3).backward(np.zeros(3)), RuntimeError, "before forward"),
        (lambda: F.batch_norm(np.zeros(3), None, None), ValueError, r"\(3,\).*\(N, C"),
        (lambda: F.batch_norm(np.zeros((2, 3)), None, None), ValueError, "running_mean"),
        (lambda: F.batch_norm(np.zeros((2, 3)), np.zeros(2), np.ones(3)), ValueError, "running_m"),
        (
            lambda: F.batch_norm(np.zeros((2, 1)), [0.0], np.ones(1), training=True),
            TypeError,
            "in place",
        ),
        (
            lambda: F.layer_norm(np.zeros((2, 3)), (3,), weight=np.ones(2)),
            ValueError,
            r"weight.*\(2,\).*\(3,\)",
        ),
    ],
)
def test_malformed_calls_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_gradient_of_the_wrong_shape_is_refused():
    for norm in (nn.BatchNorm1d(3), nn.LayerNorm(3)):
        norm(data(4, 3))
        with pytest.raises(ValueError, match=r"\(4, 2\).*\(4, 3\)"):
            norm.backward(np.zeros((4, 2)))
        assert norm.weight.grad is None
