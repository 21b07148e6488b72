"""Pooling: by hand, by PyTorch over a grid, by central differences, by ties and hard inputs."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812
from nnbook.scratch.gradcheck import gradcheck
from tests.nn.parity import compare


def image(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def twins(name, *args, **kwargs):
    return getattr(nn, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)


def test_max_pool_by_hand():
    x = np.array([[[1.0, 5.0, 2.0], [4.0, 3.0, 6.0], [0.0, 7.0, 8.0]]])
    pool = nn.MaxPool2d(2, stride=1)
    np.testing.assert_array_equal(pool(x), [[[5, 6], [7, 8]]])
    grad = pool.backward(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
    np.testing.assert_array_equal(grad, [[[0, 1, 0], [0, 0, 2], [0, 3, 4]]])


def test_the_first_of_equals_takes_the_gradient():
    pool = nn.MaxPool2d(2)
    pool(np.zeros((1, 1, 4, 4)))
    grad = pool.backward(np.ones((1, 1, 2, 2)))
    np.testing.assert_array_equal(grad[0, 0], [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4])


def test_avg_pool_by_hand():
    pool = nn.AvgPool2d(2)
    assert pool(np.array([[[1.0, 2.0], [3.0, 6.0]]])) == 3.0
    np.testing.assert_array_equal(pool.backward(np.array([[[8.0]]])), [[[2, 2], [2, 2]]])


def test_adaptive_avg_pool_by_hand():
    pool = nn.AdaptiveAvgPool2d((1, 2))
    np.testing.assert_array_equal(pool(np.array([[[1.0, 2.0, 3.0]]])), [[[1.5, 2.5]]])
    np.testing.assert_array_equal(pool.backward(np.array([[[2.0, 4.0]]])), [[[1, 3, 2]]])


MAX = list(
    itertools.product([2, (3, 2)], [None, 1, (2, 3)], [0, (1, 1)], [1, (2, 1)], ["random", "ties"])
)


@pytest.mark.parametrize(("kernel", "stride", "padding", "dilation", "values"), MAX)
def test_max_pool_agrees_with_pytorch(kernel, stride, padding, dilation, values):
    x = image(2, 3, 7, 8)
    x = x if values == "random" else np.round(x)  # many equal numbers
    compare(*twins("MaxPool2d", kernel, stride, padding, dilation), x)


AVG = list(
    itertools.product([2, (3, 2)], [None, 1, (2, 3)], [0, (1, 1)], [True, False], [None, 3, -2])
)


@pytest.mark.parametrize(("kernel", "stride", "padding", "include", "divisor"), AVG)
def test_avg_pool_agrees_with_pytorch(kernel, stride, padding, include, divisor):
    args = kernel, stride, padding, False, include, divisor
    compare(*twins("AvgPool2d", *args), image(2, 3, 7, 8))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9, (2, 7), (None, 2), (3, None)])
def test_adaptive_avg_pool_agrees_with_pytorch(size):
    compare(*twins("AdaptiveAvgPool2d", size), image(2, 3, 7, 8))


POOLS = [
    ("MaxPool2d", (2,)),
    ("MaxPool2d", (3, 2, 1)),
    ("AvgPool2d", (2,)),
    ("AvgPool2d", (3, 1, 1)),
    ("AdaptiveAvgPool2d", (3,)),
]


@pytest.mark.parametrize(("name", "args"), POOLS)
@pytest.mark.parametrize(
    "x",
    [
        image(3, 6, 6),
        image(0, 3, 6, 6),
        image(1, 1, 3, 3),
        image(2, 3, 12, 6)[:, :, ::-2],
        np.asfortranarray(image(2, 3, 6, 6)),
        image(3, 6, 6, 2).transpose(3, 0, 1, 2),
        1e4 * image(2, 3, 6, 6),
        image(2, 3, 6, 6, dtype=np.float32),
    ],
    ids=["unbatched", "empty", "one", "strided", "fortran", "chwn", "large", "float32"],
)
def test_layouts_and_sizes_agree_with_pytorch(name, args, x):
    compare(*twins(name, *args), x)


@given(
    n=st.integers(0, 2), h=st.integers(1, 9), w=st.integers(1, 9),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)),
    name=st.sampled_from(["MaxPool2d", "AvgPool2d"]), half=st.booleans(),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_any_shape_agrees_with_pytorch_or_is_refused(n, h, w, kernel, stride, name, half):
    padding = tuple(k // 2 for k in kernel) if half else 0
    ours, theirs = twins(name, kernel, stride, padding)
    x = np.round(2 * image(n, 2, h, w))
    try:
        theirs(torch.from_numpy(x))
    except RuntimeError:
        with pytest.raises(ValueError, match="the window needs"):
            ours(x)
        return
    compare(ours, theirs, x)


@pytest.mark.parametrize(("name", "args"), POOLS)
def test_backward_agrees_with_central_differences(name, args):
    assert gradcheck(getattr(nn, name)(*args), image(2, 2, 6, 6))


@pytest.mark.parametrize("stride", [None, 1])
def test_nan_is_not_hidden(stride):
    x = image(1, 1, 4, 4)
    x[0, 0, 0, 0] = np.nan
    ours, theirs = twins("MaxPool2d", 2, stride)
    np.testing.assert_array_equal(ours(x), theirs(torch.from_numpy(x)).numpy())


def test_functions_are_the_layers():
    x = image(2, 3, 7, 8)
    pool = nn.MaxPool2d(3, 2, 1)
    y = pool(x)
    np.testing.assert_array_equal(F.max_pool2d(x, 3, 2, 1), y)
    grad = image(*y.shape, seed=1)
    np.testing.assert_array_equal(F.max_pool2d_backward(grad, x, 3, 2, 1), pool.backward(grad))
    np.testing.assert_array_equal(
        F.max_pool2d_backward(grad[0], x[0], 3, 2, 1), pool.backward(grad)[0]
    )
    for pool, f in (
        (
            nn.AvgPool2d(3, 2, 1, False, False),
            lambda g: F.avg_pool2d_backward(g, x, 3, 2, 1, False),
        ),
        (nn.AdaptiveAvgPool2d(3), lambda g: F.adaptive_avg_pool2d_backward(g, x, 3)),
    ):
        grad = image(*pool(x).shape, seed=1)
        np.testing.assert_array_equal(f(grad), pool.backward(grad))
    np.testing.assert_array_equal(
        F.avg_pool2d(x, 3, 2, 1, False, False), nn.AvgPool2d(3, 2, 1, False, False)(x)
    )
    np.testing.assert_array_equal(F.adaptive_avg_pool2d(x, 3), nn.AdaptiveAvgPool2d(3)(x))


@pytest.mark.parametrize(
    ("name", "args"),
    [*POOLS, ("MaxPool2d", ((3, 2), 2, (1, 1), 2)), ("AdaptiveAvgPool2d", ((3, None),))],
)
def test_looks_as_in_pytorch(name, args):
    ours, theirs = twins(name, *args)
    assert repr(ours) == repr(theirs)
