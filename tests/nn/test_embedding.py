"""Embedding and one-hot: by hand, by PyTorch, by central differences, by hard inputs."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812
from tests.nn.parity import compare


def test_by_hand():
    layer = nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], freeze=False)
    np.testing.assert_array_equal(layer([[2, 0], [2, 2]]), [[[5, 6], [1, 2]], [[5, 6], [5, 6]]])
    grad = np.array([[[1.0, 2.0], [10.0, 20.0]], [[100.0, 200.0], [1000.0, 2000.0]]])
    assert layer.backward(grad) is None
    np.testing.assert_array_equal(layer.weight.grad, [[10, 20], [0, 0], [1101, 2202]])


OPTIONS = [{}, {"padding_idx": 0}, {"padding_idx": 3}, {"padding_idx": -1}]
SHAPES = [(), (1,), (7,), (2, 5), (2, 1, 3), (0,), (0, 4), (300,)]


@pytest.mark.parametrize(
    ("options", "shape", "scaled"), list(itertools.product(OPTIONS, SHAPES, [False, True])), ids=str
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_agrees_with_pytorch(options, shape, scaled, dtype):
    theirs = torch.nn.Embedding(6, 3, scale_grad_by_freq=scaled, **options).to(dtype)
    ours = nn.Embedding(6, 3, scale_grad_by_freq=scaled, **options, dtype=str(dtype)[6:])
    assert repr(ours) == repr(theirs)
    x = np.asarray(np.random.default_rng(0).integers(6, size=shape))
    compare(ours, theirs, x)
    assert ours.weight.grad.dtype == np.dtype(str(dtype)[6:])


@given(st.data(), st.integers(1, 12), st.integers(1, 5))
def test_any_indices_agree_with_pytorch(data, num, dim):
    x = np.array(data.draw(st.lists(st.integers(0, num - 1), max_size=30)), dtype=np.int64)
    padding = data.draw(st.none() | st.integers(-num, num - 1))
    compare(nn.Embedding(num, dim, padding), torch.nn.Embedding(num, dim, padding).double(), x)


def test_it_is_the_product_with_one_hot_vectors():
    layer, x = nn.Embedding(5, 3, rng=0), np.array([[4, 0], [4, 2]])
    np.testing.assert_allclose(layer(x), F.one_hot(x, 5) @ layer.weight.data)
    grad = np.random.default_rng(0).normal(size=(2, 2, 3))
    layer.backward(grad)
    rows = F.one_hot(x, 5).reshape(-1, 5)
    np.testing.assert_allclose(layer.weight.grad, rows.T @ grad.reshape(-1, 3), atol=1e-15)


def test_backward_agrees_with_central_differences():
    layer, x, h = nn.Embedding(4, 2, rng=0), np.array([1, 3, 1, 1]), 1e-3
    grad = np.random.default_rng(0).normal(size=(4, 2))
    layer(x)
    layer.backward(grad)
    for i in np.ndindex(4, 2):
        step = np.zeros((4, 2))
        step[i] = h
        up, down = (F.embedding(x, layer.weight.data + s) for s in (step, -step))
        slope = ((up - down) * grad).sum() / (2 * h)
        assert layer.weight.grad[i] == pytest.approx(slope, abs=1e-10)


def test_the_start_is_that_of_pytorch():
    weight = nn.Embedding(400, 100, padding_idx=7, rng=0).weight.data
    np.testing.assert_array_equal(weight[7], 0)
    torch.testing.assert_close(torch.nn.Embedding(9, 2, 7).weight[7], torch.zeros(2))
    others = np.delete(weight, 7, axis=0)
    assert abs(others.mean()) < 0.02
    assert abs(others.std() - 1) < 0.02
    assert abs((abs(others) < 1).mean() - 0.6827) < 0.01
    again = nn.Embedding(400, 100, padding_idx=7, rng=0).weight.data
    np.testing.assert_array_equal(weight, again)


def test_pretrained_tables():
    table = np.arange(6.0).reshape(3, 2).astype(np.float32)
    layer = nn.Embedding.from_pretrained(table, padding_idx=1)
    theirs = torch.nn.Embedding.from_pretrained(torch.tensor(table), padding_idx=1)
    assert repr(layer) == repr(theirs)
    np.testing.assert_array_equal(layer([1]), table[[1]])  # the row for padding is left as it is
    compare(layer, theirs, np.array([0, 1]))
    layer.backward(np.ones((2, 2), np.float32))
    assert layer.weight.grad is None
    assert layer.weight.dtype == np.float32
    layer.weight.data += 1
    assert table[0, 0] == 0  # the table was copied
    thawed = nn.Embedding.from_pretrained(table, freeze=False, scale_grad_by_freq=True)
    assert thawed.weight.requires_grad
    assert thawed.scale_grad_by_freq
    assert nn.Embedding.from_pretrained([[1, 2]]).weight.dtype == np.float64


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_any_whole_numbers_choose(dtype):
    layer = nn.Embedding(200, 2, rng=0)
    x = np.array([0, 100, 100], dtype)
    np.testing.assert_array_equal(layer(x), layer.weight.data[[0, 100, 100]])
    layer.backward(np.ones((3, 2)))
    np.testing.assert_array_equal(layer.weight.grad[[0, 100]], [[1, 1], [2, 2]])


def test_layouts():
    layer, table = nn.Embedding(9, 3, rng=0), np.random.default_rng(0).integers(9, size=(4, 6))
    grad = np.random.default_rng(1).normal(size=(4, 6, 3))
    y = layer(table)
    layer.backward(grad)
    expected = layer.weight.grad
    for x in (np.asfortranarray(table), np.repeat(table, 2, 1)[:, ::2], table[::-1].copy()[::-1]):
        np.testing.assert_array_equal(layer(x), y)
        layer.zero_grad()
        layer.backward(np.asfortranarray(grad))
        np.testing.assert_allclose(layer.weight.grad, expected, rtol=1e-13)
    layer.zero_grad()
    same = np.broadcast_to(np.array([5]), (7, 4))
    compare(layer, torch.nn.Embedding(9, 3).double(), same)


def test_nothing_is_changed_or_handed_out_twice():
    layer, x = nn.Embedding(4, 2, rng=0), np.array([1, 1])
    grad = np.ones((2, 2))
    weight = layer.weight.data.copy()
    y = layer(x)
    y += 5
    np.testing.assert_array_equal(layer.weight.data, weight)
    x[:] = 3  # the caller's array may change before backward
    layer.backward(grad)
    np.testing.assert_array_equal(layer.weight.grad[1], [2, 2])
    np.testing.assert_array_equal(grad, 1)


def test_infinity_and_nan_stay_in_their_rows():
    layer = nn.Embedding(3, 1, padding_idx=2, rng=0)
    layer([0, 1, 2])
    layer.backward([[np.inf], [1.0], [np.nan]])
    np.testing.assert_array_equal(layer.weight.grad, [[np.inf], [1.0], [0.0]])


# One-hot


@pytest.mark.parametrize("x", [[0, 2, 1], [[3, 3], [0, 1]], 2, [5]], ids=str)
@pytest.mark.parametrize("num", [-1, 6, 9])
def test_one_hot_agrees_with_pytorch(x, num):
    ours, theirs = F.one_hot(x, num), torch.nn.functional.one_hot(torch.tensor(x), num).numpy()
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype
    assert F.one_hot(np.zeros((0, 2), int), 3).shape == (0, 2, 3)


# Malformed calls


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Embedding(10, 3)([0, 15]), IndexError, "15.*10 embeddings"),
        (lambda: nn.Embedding(10, 3)([0, 10]), IndexError, "10.*10 embeddings"),
        (lambda: nn.Embedding(10, 3)([[-1, 2]]), IndexError, "-1.*10 embeddings"),
        (lambda: nn.Embedding(10, 3)([1.0]), TypeError, "whole numbers.*float64"),
        (lambda: nn.Embedding(10, 3)([True]), TypeError, "bool"),
        (lambda: nn.Embedding(0, 3), ValueError, "num_embeddings is 0"),
        (lambda: nn.Embedding(3, 0), ValueError, "embedding_dim is 0"),
        (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "3.*3 embeddings"),
        (lambda: nn.Embedding(3, 2, padding_idx=-4), ValueError, "-4.*3 embeddings"),
        (lambda: nn.Embedding(3, 2, max_norm=1.0), NotImplementedError, "Embedding.*max_norm"),
        (lambda: nn.Embedding(3, 2, norm_type=1.0), NotImplementedError, "norm_type"),
        (lambda: nn.Embedding(3, 2, sparse=True), NotImplementedError, "sparse"),
        (lambda: nn.Embedding(3, 2, device="cpu"), NotImplementedError, "device"),
        (lambda: nn.Embedding(3, 2, dtype=int), TypeError, "int"),
        (lambda: nn.Embedding(3, 2, _weight=np.zeros((2, 3))), ValueError, r"\(2, 3\).*\(3, 2\)"),
        (lambda: nn.Embedding.from_pretrained([1.0]), ValueError, r"\(1,\)"),
        (lambda: nn.Embedding.from_pretrained([[1.0]], sparse=True), NotImplementedError, "sparse"),
        (lambda: nn.Embedding(3, 2).backward(np.ones((1, 2))), RuntimeError, "before forward"),
        (lambda: F.embedding([0], [1.0]), ValueError, r"\(1,\)"),
        (lambda: F.embedding([2], [[1.0]]), IndexError, "2.*1 embeddings"),
        (lambda: F.embedding([0], [[1.0]], max_norm=1.0), NotImplementedError, "max_norm"),
        (lambda: F.embedding([0], [[1.0]], padding_idx=1), ValueError, "1.*1 embeddings"),
        (
            lambda: F.embedding_backward(np.ones((3, 2)), [0, 1], 4),
            ValueError,
            r"\(3, 2\).*\(2,\)",
        ),
        (lambda: F.embedding_backward(np.ones((1, 2)), [4], 4), IndexError, "4.*4 embeddings"),
        (lambda: F.one_hot([3], 3), IndexError, "3.*3 classes"),
        (lambda: F.one_hot([-1]), IndexError, "-1"),
        (lambda: F.one_hot([0], -2), ValueError, "-2"),
        (lambda: F.one_hot([0.5]), TypeError, "float64"),
        (lambda: F.one_hot(np.zeros(0, int)), ValueError, r"\(0,\)"),
    ],
)
def test_malformed_calls_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_gradient_of_the_wrong_shape_is_refused():
    layer = nn.Embedding(3, 2)
    layer([0, 1])
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2, 2\)"):
        layer.backward(np.ones((2, 3)))
