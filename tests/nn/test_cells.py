"""Recurrent cells: by hand, by PyTorch, by the layers they are steps of, by hard inputs."""

import copy
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import nn
from nnbook._nested import leaves, pairs
from nnbook.nn.cells import RNNCellBase
from nnbook.scratch.gradcheck import gradcheck
from tests.nn.parity import compare

KINDS = [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("LSTM", {}), ("GRU", {})]
kinds = pytest.mark.parametrize(("name", "kind"), KINDS, ids=["tanh", "relu", "lstm", "gru"])


def numbers(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def twins(name, *args, dtype=np.float64, **kwargs):
    torch.manual_seed(0)
    theirs = getattr(torch.nn, name + "Cell")(*args, **kwargs)
    theirs = theirs.double() if dtype == np.float64 else theirs
    return getattr(nn, name + "Cell")(*args, dtype=dtype, rng=0, **kwargs), theirs


def state(name, *shape, dtype=np.float64, scale=1.0):
    h, c = (scale * numbers(*shape, dtype=dtype, seed=i) for i in (1, 2))
    return (h, c) if name == "LSTM" else h


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


def test_rnn_cell_by_hand():
    cell = nn.RNNCell(2, 1, nonlinearity="relu")
    cell.load_state_dict(
        {"weight_ih": [[1.0, 2.0]], "weight_hh": [[3.0]], "bias_ih": [0.5], "bias_hh": [-1.0]}
    )
    # 1 * 1 + 2 * -2 + 3 * 2 + 0.5 - 1 = 2.5, and a negative sum for the second
    x, h = np.array([[1.0, -2.0], [-1.0, 0.0]]), np.array([[2.0], [0.0]])
    np.testing.assert_array_equal(cell(x, h), [[2.5], [0.0]])
    grad_x, grad_h = cell.backward(np.array([[10.0], [1.0]]))
    np.testing.assert_array_equal(grad_x, [[10, 20], [0, 0]])
    np.testing.assert_array_equal(grad_h, [[30], [0]])
    np.testing.assert_array_equal(cell.weight_ih.grad, [[10, -20]])
    np.testing.assert_array_equal(cell.weight_hh.grad, [[20]])
    np.testing.assert_array_equal(cell.bias_hh.grad, [10])


def test_lstm_cell_by_hand():
    cell = nn.LSTMCell(1, 1)  # σ(ln 3) = 3/4, σ(0) = 1/2, tanh(ln 2) = 3/5
    cell.load_state_dict({
        "weight_ih": np.zeros((4, 1)), "weight_hh": np.zeros((4, 1)),
        "bias_ih": [math.log(3), 0.0, math.log(2), -math.log(3)], "bias_hh": np.zeros(4),
    })  # fmt: skip
    h, c = cell(np.array([7.0]), (np.array([8.0]), np.array([0.1])))
    np.testing.assert_allclose(c, [0.1 / 2 + 0.75 * 0.6], rtol=1e-14)
    np.testing.assert_allclose(h, [math.tanh(0.5) / 4], rtol=1e-14)
    _, (grad_h, grad_c) = cell.backward(np.zeros(1), np.ones(1))
    np.testing.assert_allclose(cell.bias_ih.grad, [0.6 * 3 / 16, 0.1 / 4, 0.75 * 0.64, 0])
    np.testing.assert_array_equal(grad_h, [0])
    np.testing.assert_allclose(grad_c, [0.5])


def test_gru_cell_by_hand():
    cell = nn.GRUCell(1, 1)  # r = 3/4, z = 1/2, n = tanh(3/4 of (4/3) ln 2) = 3/5
    cell.load_state_dict({
        "weight_ih": np.zeros((3, 1)), "weight_hh": np.zeros((3, 1)),
        "bias_ih": [math.log(3), 0.0, 0.0], "bias_hh": [0.0, 0.0, 4 / 3 * math.log(2)],
    })  # fmt: skip
    h = cell(np.array([7.0]), np.array([0.4]))
    np.testing.assert_allclose(h, [(0.6 + 0.4) / 2], rtol=1e-14)
    cell.backward(np.ones(1))
    s_n = 0.5 * 0.64
    by_r = s_n * 4 / 3 * math.log(2) * 3 / 16
    np.testing.assert_allclose(cell.bias_ih.grad, [by_r, (0.4 - 0.6) / 4, s_n], rtol=1e-13)
    np.testing.assert_allclose(cell.bias_hh.grad, [by_r, (0.4 - 0.6) / 4, s_n * 0.75], rtol=1e-13)


@kinds
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("batch", [(), (1,), (6,)], ids=str)
def test_agrees_with_pytorch(name, kind, bias, batch):
    for args in ([], [state(name, *batch, 4)]):
        compare(*twins(name, 3, 4, bias=bias, **kind), numbers(*batch, 3), *args)


@kinds
def test_float32_agrees_with_pytorch_and_stays(name, kind):
    ours, theirs = twins(name, 20, 30, dtype=np.float32, **kind)
    compare(ours, theirs, numbers(8, 20, dtype="f"), state(name, 8, 30, dtype="f"))
    assert {p.grad.dtype for p in ours.parameters()} == {np.dtype("float32")}


@given(
    case=st.sampled_from(KINDS), n=st.integers(1, 4), features=st.integers(1, 5),
    size=st.integers(1, 5), bias=st.booleans(), with_state=st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_shape_agrees_with_pytorch(case, n, features, size, bias, with_state):
    name, kind = case
    args = [state(name, n, size)] if with_state else []
    compare(*twins(name, features, size, bias=bias, **kind), numbers(n, features), *args)


@kinds
@pytest.mark.parametrize(
    "x",
    [
        numbers(8, 6)[::-2, ::2],
        np.asfortranarray(numbers(4, 3)),
        1e4 * numbers(4, 3),
        np.array([[np.inf, 0, 0], [-np.inf, 0, 0], [np.nan, 0, 0], [0, 0, 0]]),
    ],
    ids=["strided", "fortran", "large", "infinite"],
)
def test_layouts_and_extremes_agree_with_pytorch(name, kind, x):
    ours, theirs = twins(name, 3, 4, **kind)
    compare(ours, theirs, x, state(name, 4, 4))
    compare(*twins(name, 3, 4, **kind), x, state(name, 4, 4, scale=1e4))


@kinds
def test_an_empty_batch_passes(name, kind):
    cell = getattr(nn, name + "Cell")(3, 4, rng=0, **kind)  # two of PyTorch's cells refuse it
    for h in as_tuple(cell(np.zeros((0, 3)))):
        assert h.shape == (0, 4)
    grad_x, _ = cell.backward(np.zeros((0, 4)))
    assert grad_x.shape == (0, 3)
    np.testing.assert_array_equal(cell.weight_hh.grad, np.zeros(cell.weight_hh.shape))


@kinds
@pytest.mark.parametrize("batch", [(), (5,)], ids=str)
def test_gradients_agree_with_central_differences(name, kind, batch):
    cell = getattr(nn, name + "Cell")(3, 4, rng=0, **kind)
    assert gradcheck(cell, numbers(*batch, 3), state(name, *batch, 4)).checked > 30


@kinds
def test_a_cell_is_a_step_of_its_layer(name, kind):
    layer = getattr(nn, name)(3, 4, rng=0, **kind)
    cell = getattr(nn, name + "Cell")(3, 4, **kind)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, now = numbers(5, 2, 3), None
    output, last = layer(x)
    for t in range(5):
        now = cell(x[t], now)
        np.testing.assert_allclose(as_tuple(now)[0], output[t], rtol=1e-13)
    for mine, theirs in zip(as_tuple(now), as_tuple(last), strict=True):
        np.testing.assert_allclose(mine, theirs[0], rtol=1e-13)


def test_either_gradient_of_an_lstm_cell_may_be_absent():
    cell, x, hx = nn.LSTMCell(3, 4, rng=0), numbers(2, 3), state("LSTM", 2, 4)
    cell(x, hx)
    grad_h, grad_c = numbers(2, 4, seed=3), numbers(2, 4, seed=4)
    whole, parts = (
        cell.backward(grad_h, grad_c),
        (cell.backward(grad_h), cell.backward(None, grad_c)),
    )
    for (_, a), (_, b), (_, c) in zip(
        leaves(parts[0], ""), leaves(parts[1], ""), leaves(whole, ""), strict=True
    ):
        np.testing.assert_allclose(a + b, c, atol=1e-13)


@kinds
def test_nothing_that_is_kept_is_given_out(name, kind):
    cell = getattr(nn, name + "Cell")(3, 4, rng=0, **kind)
    for batch in ((), (2,)):
        x, hx, grads = numbers(*batch, 3), state(name, *batch, 4), as_tuple(state(name, *batch, 4))
        given_out = cell(x, hx)
        before = copy.deepcopy((x, hx, grads))
        first = cell.backward(*grads)
        kept = copy.deepcopy(first)
        for _, array in leaves((given_out, first), "what we own now"):
            array += 100.0
        for answers, wanted in ((cell.backward(*grads), kept), ((x, hx, grads), before)):
            for what, is_now, was in pairs(answers, wanted, "answers"):
                np.testing.assert_array_equal(is_now, was, err_msg=what)


@kinds
def test_the_gradient_by_the_input_can_be_left_out(name, kind):
    cell = getattr(nn, name + "Cell")(3, 4, rng=0, **kind).requires_input_grad_(False)
    cell(numbers(2, 3))
    grad_x, grad_h = cell.backward(np.ones((2, 4)))
    assert grad_x is None
    assert as_tuple(grad_h)[0].shape == (2, 4)
    assert np.any(cell.weight_ih.grad)


@kinds
@pytest.mark.parametrize("bias", [True, False])
def test_looks_and_starts_as_in_pytorch(name, kind, bias):
    ours, theirs = twins(name, 30, 64, bias, **kind)
    assert repr(ours) == repr(theirs)
    assert ours.bias == bias
    assert (ours.bias_ih is None) == (theirs.bias_ih is None) == (not bias)
    for (key, p), (their_key, q) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert (key, p.shape) == (their_key, tuple(q.shape))
        assert 0.11 < abs(p.data).max() <= 1 / 8
        assert abs(q.detach().numpy()).max() <= 1 / 8
        assert p.data.std() == pytest.approx(1 / 8 / math.sqrt(3), rel=0.15)


@kinds
def test_the_same_seed_gives_the_same_cell(name, kind):
    cells = [getattr(nn, name + "Cell")(3, 4, rng=seed, **kind) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(cells[0].weight_hh.data, cells[1].weight_hh.data)
    assert not np.allclose(cells[0].weight_hh.data, cells[2].weight_hh.data)


@pytest.mark.parametrize(
    ("name", "args", "error", "message"),
    [
        ("GRUCell", (np.zeros((2, 4)),), ValueError, r"\(2, 4\); GRUCell expects \(N, 3\)"),
        ("RNNCell", (np.zeros((2, 2, 3)),), ValueError, r"\(2, 2, 3\); RNNCell expects"),
        ("RNNCell", (1.0,), ValueError, r"\(\); RNNCell expects"),
        ("RNNCell", (np.zeros((2, 3), "f"),), TypeError, "x has dtype float32.*float64"),
        ("GRUCell", (np.zeros((2, 3)), np.zeros((1, 4))), ValueError, r"\(1, 4\).*\(2, 4\)"),
        ("GRUCell", (np.zeros(3), np.zeros((1, 4))), ValueError, r"\(1, 4\).*\(4,\)"),
        ("GRUCell", (np.zeros((2, 3)), np.zeros((2, 4), "f")), TypeError, "hx.*float32.*float64"),
        ("LSTMCell", (np.zeros((2, 3)), np.zeros((2, 4))), TypeError, "hx.*pair.*ndarray"),
        (
            "LSTMCell", (np.zeros((2, 3)), (np.zeros((2, 4)), np.zeros((2, 5)))),
            ValueError, r"hx\[1\].*\(2, 5\).*\(2, 4\)",
        ),
    ],
)  # fmt: skip
def test_forward_says_what_is_wrong(name, args, error, message):
    with pytest.raises(error, match=message):
        getattr(nn, name)(3, 4, rng=0)(*args)


def test_backward_and_constructors_say_what_is_wrong():
    cell = nn.LSTMCell(3, 4, rng=0)
    with pytest.raises(RuntimeError, match=r"LSTMCell\.backward was called before forward"):
        cell.backward(np.zeros((2, 4)))
    cell(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"grad_c.*\(2, 3\).*\(2, 4\)"):
        cell.backward(np.zeros((2, 4)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"'selu'.*'tanh', 'relu'"):
        nn.RNNCell(3, 4, nonlinearity="selu")
    with pytest.raises(ValueError, match="hidden_size is 0"):
        nn.GRUCell(3, 0)
    with pytest.raises(TypeError, match=r"bias.*'relu'"):
        nn.RNNCell(3, 4, "relu")
    with pytest.raises(NotImplementedError, match=r"LSTMCell.*device='cpu'"):
        nn.LSTMCell(3, 4, device="cpu")
    with pytest.raises(ValueError, match=r"'XYZ'.*'LSTM'"):
        RNNCellBase("XYZ", 3, 4)
