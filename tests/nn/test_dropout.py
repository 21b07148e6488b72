"""Dropout: its statistics, its way back through the same mask, its modes, its edges."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812


def test_by_hand():
    # Of ones, those that are kept become 1 / (1 - 0.75) = 4, and so do their gradients.
    layer = nn.Dropout(0.75, rng=0)
    y = layer(np.ones(1000))
    assert set(y) == {0.0, 4.0}
    np.testing.assert_array_equal(layer.backward(np.full(1000, 2.0)), 2 * y)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_mean_and_share_are_those_of_pytorch(p):
    n = 200_000
    kept = (nn.Dropout(p, rng=1)(np.ones(n)) > 0).mean()
    theirs = (torch.nn.Dropout(p)(torch.ones(n)) > 0).double().mean().item()
    margin = 6 * np.sqrt(p * (1 - p) / n)
    assert abs(kept - (1 - p)) < margin
    assert abs(theirs - (1 - p)) < margin
    assert abs(nn.Dropout(p, rng=2)(np.ones(n)).mean() - 1) < margin / (1 - p)


def test_neighbors_are_dropped_independently():
    dropped = nn.Dropout(0.5, rng=0)(np.ones((500, 400))) == 0
    for axis in (0, 1):
        both = np.mean(dropped & np.roll(dropped, 1, axis))
        assert abs(both - 0.25) < 0.005


@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 1.0])
def test_scale_and_edges_are_those_of_pytorch(p):
    x = np.random.default_rng(0).normal(size=(50, 40))
    y, theirs = nn.Dropout(p, rng=0)(x), torch.nn.Dropout(p)(torch.tensor(x)).numpy()
    both = (y != 0) & (theirs != 0)
    assert both.any() == (p < 1)
    np.testing.assert_allclose(y[both], theirs[both], rtol=1e-15)
    if p in (0.0, 1.0):
        np.testing.assert_array_equal(y, theirs)


def test_after_training_nothing_is_dropped():
    x = np.random.default_rng(0).normal(size=(3, 4))
    layer = nn.Dropout(0.5, rng=0).eval()
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer.backward(2 * x), 2 * x)
    np.testing.assert_array_equal(F.dropout(x, 0.5, training=False), x)


def test_a_seed_says_what_is_dropped():
    x = np.ones((20, 20))
    first, second = nn.Dropout(rng=3), nn.Dropout(rng=np.random.default_rng(3))
    a, b = first(x), first(x)
    np.testing.assert_array_equal(a, second(x))
    assert (a != b).any()  # a new mask each time
    assert (nn.Dropout()(x) != nn.Dropout()(x)).any()
    single = nn.Dropout(rng=3)(x.astype(np.float32))
    np.testing.assert_array_equal(single, a)


def test_backward_takes_the_mask_of_the_last_forward():
    layer = nn.Dropout(0.5, rng=0)
    layer(np.ones(100))
    y = layer(np.ones(100))
    for _ in range(2):
        np.testing.assert_array_equal(layer.backward(np.ones(100)), y)


def test_the_function_and_the_mask_agree_with_the_layer():
    x = np.random.default_rng(0).normal(size=(5, 6))
    layer = nn.Dropout(0.4, rng=7)
    y = layer(x)
    np.testing.assert_array_equal(F.dropout(x, 0.4, rng=7), y)
    mask = F.dropout_mask(x.shape, 0.4, rng=7)
    np.testing.assert_array_equal(x * mask, y)
    np.testing.assert_array_equal(F.dropout_backward(x, mask), layer.backward(x))


def test_backward_agrees_with_central_differences():
    x, h = np.random.default_rng(0).normal(size=12), 1e-3
    grad = np.random.default_rng(1).normal(size=12)
    layer = nn.Dropout(0.5, rng=0)
    layer(x)

    def loss(z):
        return (F.dropout(z, 0.5, rng=0) * grad).sum()

    slopes = [(loss(x + h * e) - loss(x - h * e)) / (2 * h) for e in np.eye(12)]
    np.testing.assert_allclose(layer.backward(grad), slopes, atol=1e-12)


@given(
    arrays(np.float64, array_shapes(min_dims=0, max_dims=4, min_side=0), elements=st.floats(-9, 9)),
    st.floats(0, 1),
)
def test_any_array_is_dropped_or_scaled(x, p):
    layer = nn.Dropout(p, rng=0)
    y = layer(x)
    assert np.shape(y) == x.shape
    if p < 0.999:
        assert np.all((y == 0) | np.isclose(y * (1 - p), x, rtol=1e-12))
    back = layer.backward(np.ones(x.shape))
    np.testing.assert_array_equal(x * back, y)


def test_types_and_layouts():
    x = np.random.default_rng(0).normal(size=(4, 6))
    for dtype in (np.float16, np.float32, np.float64):
        layer = nn.Dropout(0.5, rng=0)
        assert layer(x.astype(dtype)).dtype == dtype
        assert layer.backward(x).dtype == dtype
    y = nn.Dropout(rng=0)(x)
    np.testing.assert_array_equal(nn.Dropout(rng=0)(np.asfortranarray(x)), y)
    np.testing.assert_array_equal(nn.Dropout(rng=0)(np.repeat(x, 2, 1)[:, ::2]), y)
    np.testing.assert_array_equal(nn.Dropout(rng=0)(x.tolist()), y)


def test_hard_numbers_pass_without_a_warning():
    x = np.array([np.inf, -np.inf, np.nan, 1e308, 1e4] * 50)
    layer = nn.Dropout(0.5, rng=0)
    y = layer(x)
    kept = F.dropout_mask(x.shape, 0.5, rng=0) > 0
    assert np.isnan(y[~kept & ~np.isfinite(x)]).all()  # 0 * inf, in PyTorch too
    assert torch.nn.Dropout(1.0)(torch.tensor([np.inf])).isnan().all()
    assert (y[~kept & np.isfinite(x)] == 0).all()
    assert np.isposinf(y[kept & np.isposinf(x)]).all()
    assert nn.Dropout(0.5)(np.zeros((0, 3))).shape == (0, 3)


def test_the_input_is_left_alone():
    x = np.ones(10)
    nn.Dropout(0.5, rng=0)(x)
    np.testing.assert_array_equal(x, 1)
    y = F.dropout(x, training=False)
    y += 1
    np.testing.assert_array_equal(x, 1)


def test_it_looks_like_pytorchs():
    assert repr(nn.Dropout()) == repr(torch.nn.Dropout())
    assert repr(nn.Dropout(0.1)) == repr(torch.nn.Dropout(0.1))
    assert nn.Dropout().state_dict() == {}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Dropout(-0.1), ValueError, "-0.1.*between 0 and 1"),
        (lambda: nn.Dropout(1.5), ValueError, "1.5"),
        (lambda: nn.Dropout(np.nan), ValueError, "nan"),
        (lambda: nn.Dropout(inplace=True), NotImplementedError, "Dropout.*inplace"),
        (lambda: nn.Dropout(rng="seed"), TypeError, "seed"),
        (lambda: nn.Dropout()(np.array([1j])), TypeError, "complex"),
        (lambda: nn.Dropout().backward(np.ones(3)), RuntimeError, "before forward"),
        (lambda: F.dropout([1.0], p=2.0), ValueError, "2.0"),
        (lambda: F.dropout([1.0], p=2.0, training=False), ValueError, "2.0"),
        (lambda: F.dropout([1.0], inplace=True), NotImplementedError, "inplace"),
        (lambda: F.dropout_backward(np.ones(3), np.ones(2)), ValueError, r"\(3,\).*\(2,\)"),
    ],
)
def test_malformed_calls_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("training", [True, False])
def test_a_gradient_of_the_wrong_shape_is_refused(training):
    layer = nn.Dropout(rng=0).train(training)
    layer(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"\(3,\).*\(2, 3\)"):
        layer.backward(np.ones(3))
