"""Recurrent layers: by hand, by PyTorch over a grid, by central differences, by hard inputs."""

import copy
import itertools
import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import nn
from nnbook._nested import leaves, pairs
from nnbook.nn.recurrent import RNNBase
from nnbook.scratch.gradcheck import gradcheck
from tests.nn.parity import compare

KINDS = [
    ("RNN", {}),
    ("RNN", {"nonlinearity": "relu"}),
    ("LSTM", {}),
    ("LSTM", {"proj_size": 2}),
    ("GRU", {}),
]
IDS = ["rnn-tanh", "rnn-relu", "lstm", "lstm-projected", "gru"]
kinds = pytest.mark.parametrize(("name", "kind"), KINDS, ids=IDS)


def numbers(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def twins(name, *args, dtype=np.float64, **kwargs):
    torch.manual_seed(0)
    theirs = getattr(torch.nn, name)(*args, **kwargs)
    theirs = theirs.double() if dtype == np.float64 else theirs
    return getattr(nn, name)(*args, dtype=dtype, rng=0, **kwargs), theirs


def states(layer, *batch, dtype=np.float64, scale=1.0):
    """Random first states that fit a layer."""
    head = layer.num_layers * (1 + layer.bidirectional)
    sizes = [getattr(layer, "proj_size", 0) or layer.hidden_size, layer.hidden_size]
    h, c = (
        scale * numbers(head, *batch, size, dtype=dtype, seed=i) for i, size in enumerate(sizes)
    )
    return (h, c) if isinstance(layer, nn.LSTM) else h


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


# By hand


def test_rnn_by_hand():
    layer = nn.RNN(1, 1)
    layer.load_state_dict(
        {
            "weight_ih_l0": [[2.0]],
            "weight_hh_l0": [[0.5]],
            "bias_ih_l0": [0.25],
            "bias_hh_l0": [0.75],
        }
    )
    h1 = math.tanh(2 * 1 + 0.5 * 0 + 1)
    h2 = math.tanh(2 * -1 + 0.5 * h1 + 1)
    output, h_n = layer(np.array([[[1.0]], [[-1.0]]]))
    np.testing.assert_allclose(output.ravel(), [h1, h2], rtol=1e-15)
    np.testing.assert_array_equal(h_n, output[1:])
    grad_x, grad_h0 = layer.backward(np.array([[[0.0]], [[1.0]]]))
    d2 = 1 - h2**2  # by the second sum
    d1 = d2 * 0.5 * (1 - h1**2)  # by the first, through the state
    np.testing.assert_allclose(grad_x.ravel(), [2 * d1, 2 * d2], rtol=1e-12)
    np.testing.assert_allclose(grad_h0.ravel(), [0.5 * d1], rtol=1e-12)
    np.testing.assert_allclose(layer.weight_ih_l0.grad, [[d1 - d2]], rtol=1e-12)
    np.testing.assert_allclose(layer.weight_hh_l0.grad, [[d2 * h1]], rtol=1e-12)
    for bias in (layer.bias_ih_l0, layer.bias_hh_l0):
        np.testing.assert_allclose(bias.grad, [d1 + d2], rtol=1e-12)


def test_lstm_by_hand():
    layer = nn.LSTM(1, 1, bias=False)
    layer.load_state_dict(
        {"weight_ih_l0": [[1.0], [2.0], [3.0], [4.0]], "weight_hh_l0": [[0.1], [0.2], [0.3], [0.4]]}
    )
    h0, c0 = 0.5, -2.0
    i, f, o = sigmoid(1 + 0.05), sigmoid(2 + 0.1), sigmoid(4 + 0.2)
    c1 = f * c0 + i * math.tanh(3 + 0.15)
    output, (h_n, c_n) = layer(np.ones((1, 1)), (np.array([[h0]]), np.array([[c0]])))
    np.testing.assert_allclose(output, [[o * math.tanh(c1)]], rtol=1e-14)
    np.testing.assert_array_equal(h_n, output)
    np.testing.assert_allclose(c_n, [[c1]], rtol=1e-14)
    _, (_, grad_c0) = layer.backward(None, (None, np.array([[1.0]])))
    np.testing.assert_allclose(grad_c0, [[f]], rtol=1e-14)


def test_gru_by_hand():
    layer = nn.GRU(1, 1)
    layer.load_state_dict({
        "weight_ih_l0": [[1.0], [-2.0], [3.0]], "weight_hh_l0": [[0.5], [0.25], [-1.0]],
        "bias_ih_l0": [0.0, 0.1, 0.2], "bias_hh_l0": [0.0, 0.3, 0.4],
    })  # fmt: skip
    h0 = 0.8
    r, z = sigmoid(1 + 0.4), sigmoid(-2 + 0.2 + 0.4)
    n = math.tanh(3 + 0.2 + r * (-0.8 + 0.4))
    output, _ = layer(np.ones((1, 1)), np.array([[h0]]))
    np.testing.assert_allclose(output, [[(1 - z) * n + z * h0]], rtol=1e-14)
    layer.backward(np.ones((1, 1)))
    d_n = (1 - z) * (1 - n * n)
    np.testing.assert_allclose(layer.bias_ih_l0.grad[2], d_n, rtol=1e-12)
    np.testing.assert_allclose(layer.bias_hh_l0.grad[2], d_n * r, rtol=1e-12)


# PyTorch


@kinds
@pytest.mark.parametrize(
    ("bias", "batch_first", "bidirectional"), list(itertools.product([True, False], repeat=3))
)
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_agrees_with_pytorch(name, kind, num_layers, bias, batch_first, bidirectional):
    options = {"num_layers": num_layers, "bias": bias, "batch_first": batch_first}
    ours, theirs = twins(name, 2, 4, bidirectional=bidirectional, **options, **kind)
    x = numbers(3, 5, 2)
    compare(ours, theirs, x)
    n = 3 if batch_first else 5
    theirs.zero_grad()
    ours.zero_grad()
    compare(ours, theirs, x, states(ours, n))


@kinds
@pytest.mark.parametrize("bidirectional", [True, False])
def test_one_sequence_agrees_with_pytorch(name, kind, bidirectional):
    for batch_first in (True, False):
        options = {"num_layers": 2, "batch_first": batch_first, "bidirectional": bidirectional}
        ours, theirs = twins(name, 2, 4, **options, **kind)
        compare(ours, theirs, numbers(5, 2))
        ours, theirs = twins(name, 2, 4, **options, **kind)
        compare(ours, theirs, numbers(5, 2), states(ours))


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@kinds
def test_float32_agrees_with_pytorch_and_stays(name, kind):
    ours, theirs = twins(name, 5, 8, 2, bidirectional=True, dtype=np.float32, **kind)
    compare(ours, theirs, numbers(20, 4, 5, dtype="f"), states(ours, 4, dtype=np.float32))
    ours.zero_grad()
    output, _ = ours(numbers(20, 4, 5, dtype="f"))
    grad_x, _ = ours.backward(np.ones(output.shape))  # float64, and turned into float32
    assert output.dtype == grad_x.dtype == np.float32
    assert {p.grad.dtype for p in ours.parameters()} == {np.dtype("float32")}


@given(
    case=st.sampled_from(KINDS), steps=st.integers(1, 6), n=st.integers(0, 3),
    features=st.integers(1, 4), size=st.integers(3, 5), layers=st.integers(1, 3),
    bidirectional=st.booleans(), batch_first=st.booleans(), bias=st.booleans(),
    with_state=st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_shape_agrees_with_pytorch(
    case, steps, n, features, size, layers, bidirectional, batch_first, bias, with_state
):
    name, kind = case
    options = {"bias": bias, "batch_first": batch_first, "bidirectional": bidirectional}
    ours, theirs = twins(name, features, size, layers, **options, **kind)
    x = numbers(n, steps, features) if batch_first else numbers(steps, n, features)
    compare(ours, theirs, x, *([states(ours, n)] if with_state else []))


@kinds
@pytest.mark.parametrize(
    "x",
    [
        numbers(4, 0, 3),
        numbers(1, 1, 3),
        numbers(8, 4, 6)[::-2, :, ::2],
        np.asfortranarray(numbers(4, 5, 3)),
        numbers(3, 5, 4).T,
        1e4 * numbers(4, 5, 3),
        np.zeros((4, 5, 3)),
        np.array([[[np.inf, 0, 0]], [[0, 0, 0]]]),
        np.array([[[-np.inf, 0, 0], [1, 2, 3]], [[0, 0, 0], [np.nan, 0, 0]]]),
    ],
    ids=["empty", "one", "strided", "fortran", "transposed", "large", "zeros", "inf", "nan"],
)
def test_layouts_and_extremes_agree_with_pytorch(name, kind, x):
    ours, theirs = twins(name, 3, 4, 2, bidirectional=True, **kind)
    before = x.copy()
    compare(ours, theirs, x)
    np.testing.assert_array_equal(x, before)


@kinds
def test_extreme_states_agree_with_pytorch(name, kind):
    ours, theirs = twins(name, 3, 4, **kind)
    compare(ours, theirs, numbers(4, 5, 3), states(ours, 5, scale=1e4))


def test_a_long_sequence_agrees_with_pytorch():
    ours, theirs = twins("LSTM", 3, 4)
    compare(ours, theirs, numbers(300, 2, 3), states(ours, 2))


# Gradients


@kinds
def test_gradients_agree_with_central_differences(name, kind):
    options = {"num_layers": 2, "bidirectional": True, "dropout": 0.5, "rng": 0}
    layer = getattr(nn, name)(3, 4, **options, **kind)
    report = gradcheck(layer, numbers(4, 2, 3), states(layer, 2), max_entries=12)
    assert report.checked > 60


@kinds
def test_either_gradient_may_be_absent(name, kind):
    layer = getattr(nn, name)(3, 4, 2, rng=0, **kind)
    x, hx = numbers(5, 2, 3), states(layer, 2)
    output, last = layer(x, hx)
    grads = numbers(*output.shape), states(layer, 2)

    def answers(*given):
        layer.zero_grad()
        grad_x, grad_hx = layer.backward(*given)
        grad_hx = grad_hx if isinstance(grad_hx, tuple) else (grad_hx,)
        return [grad_x, *grad_hx, *(p.grad for p in layer.parameters())]

    both, first = answers(*grads), answers(grads[0])
    for a, b, c in zip(both, first, answers(None, grads[1]), strict=True):
        np.testing.assert_allclose(a, b + c, atol=1e-12)
    for a, b in zip(first, answers(grads[0], None), strict=True):
        np.testing.assert_array_equal(a, b)
    assert all(np.all(a == 0) for a in answers(None))
    if isinstance(last, tuple):
        h, c = grads[1]
        parts = answers(None, (h, None)), answers(None, (None, c))
        for a, b, whole in zip(*parts, answers(None, grads[1]), strict=True):
            np.testing.assert_allclose(a + b, whole, atol=1e-12)


@kinds
@pytest.mark.parametrize("bidirectional", [True, False])
def test_the_gradient_by_the_input_can_be_left_out(name, kind, bidirectional):
    layer = getattr(nn, name)(3, 4, 2, bidirectional=bidirectional, batch_first=True, rng=0, **kind)
    grad = np.ones(layer(numbers(2, 5, 3))[0].shape)
    layer.backward(grad)
    expected = [p.grad for p in layer.parameters()]
    layer.zero_grad()
    layer.requires_input_grad_(False)
    grad_x, grad_hx = layer.backward(grad)
    assert grad_x is None
    assert grad_hx is not None
    for parameter, want in zip(layer.parameters(), expected, strict=True):
        np.testing.assert_array_equal(parameter.grad, want)


@kinds
def test_nothing_that_is_kept_is_given_out(name, kind):
    layer = getattr(nn, name)(3, 4, 2, rng=0, **kind)
    x, hx = numbers(5, 2, 3), states(layer, 2)
    given_out = layer(x, hx)
    grads = np.ones(given_out[0].shape), states(layer, 2)
    before = copy.deepcopy((x, hx, grads))
    first = layer.backward(*grads)
    kept = copy.deepcopy(first)
    for _, array in leaves((given_out, first), "what we own now"):
        array += 100.0
    for answers, wanted in ((layer.backward(*grads), kept), ((x, hx, grads), before)):
        for what, is_now, was in pairs(answers, wanted, "answers"):
            np.testing.assert_array_equal(is_now, was, err_msg=what)


def test_a_frozen_parameter_gets_no_gradient():
    layer = nn.GRU(3, 4, rng=0)
    layer.weight_hh_l0.requires_grad = False
    layer.backward(np.ones(layer(numbers(5, 2, 3))[0].shape))
    assert layer.weight_hh_l0.grad is None
    assert layer.bias_hh_l0.grad is not None


# Dropout


def test_dropout_acts_between_layers_in_training_only():
    dropping, theirs = twins("LSTM", 3, 16, num_layers=2, dropout=0.25)
    x = numbers(6, 8, 3)
    plain, (h_plain, _) = compare(dropping.eval(), theirs.eval(), x)
    output, (h_n, _) = dropping.train()(x)
    np.testing.assert_array_equal(h_n[0], h_plain[0])  # nothing is dropped from the input,
    assert np.count_nonzero(output == 0) == 0  # nor from the output
    assert not np.allclose(output, plain)


def test_dropout_keeps_the_mean_and_drops_the_share_it_should():
    layer = nn.RNN(1, 200, num_layers=2, nonlinearity="relu", bias=False, dropout=0.25, rng=0)
    state = {
        "weight_ih_l0": np.ones((200, 1)), "weight_hh_l0": np.zeros((200, 200)),
        "weight_ih_l1": np.eye(200), "weight_hh_l1": np.zeros((200, 200)),
    }  # fmt: skip
    layer.load_state_dict(state)  # both layers pass on what they get
    output, _ = layer(np.ones((10, 10, 1)))
    assert set(np.unique(output.round(12))) == {0.0, round(4 / 3, 12)}
    assert np.mean(output == 0) == pytest.approx(0.25, abs=0.02)
    assert not np.array_equal(output[0], output[1])  # each step has a mask of its own
    assert not np.array_equal(output, layer(np.ones((10, 10, 1)))[0])


def test_dropout_of_everything_leaves_the_biases():
    ours, theirs = twins("GRU", 3, 4, num_layers=2, dropout=1.0)
    compare(ours, theirs, numbers(5, 2, 3))


def test_the_same_seed_gives_the_same_layer_and_masks():
    a, b = (nn.GRU(3, 8, num_layers=2, dropout=0.5, rng=7) for _ in range(2))
    np.testing.assert_array_equal(a(numbers(5, 2, 3))[0], b(numbers(5, 2, 3))[0])
    different = nn.GRU(3, 8, num_layers=2, dropout=0.5, rng=8)
    assert not np.allclose(a.weight_ih_l0.data, different.weight_ih_l0.data)


def test_dropout_without_a_second_layer_warns_as_in_pytorch():
    with pytest.warns(UserWarning, match=r"0\.5.*num_layers is 1") as caught:
        nn.LSTM(3, 4, dropout=0.5)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match=r"dropout=0\.5 and num_layers=1"):
        torch.nn.LSTM(3, 4, dropout=0.5)


# Form


@kinds
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_layers": 3, "bias": False},
        {"batch_first": True, "bidirectional": True},
        {"num_layers": 2, "dropout": 0.5},
        {"num_layers": 2, "dropout": 1},
    ],
    ids=str,
)
def test_looks_as_in_pytorch(name, kind, options):
    ours, theirs = twins(name, 3, 4, **options, **kind)
    assert repr(ours) == repr(theirs)
    mine = [(n, p.shape) for n, p in ours.named_parameters()]
    assert mine == [(n, tuple(p.shape)) for n, p in theirs.named_parameters()]
    for attribute in ("mode", "input_size", "hidden_size", "num_layers", "bias", "batch_first",
                      "dropout", "bidirectional", "proj_size"):  # fmt: skip
        assert getattr(ours, attribute) == getattr(theirs, attribute)


def test_arguments_stand_in_pytorchs_order():
    assert repr(nn.RNN(3, 4, 2, "relu", False, True, 0.5, True)) == repr(
        torch.nn.RNN(3, 4, 2, "relu", False, True, 0.5, True)
    )
    assert repr(nn.GRU(3, 4, 2, False, True, 0.5, True)) == repr(
        torch.nn.GRU(3, 4, 2, False, True, 0.5, True)
    )
    assert repr(nn.LSTM(3, 4, 2, False, True, 0.5, True, 2)) == repr(
        torch.nn.LSTM(3, 4, 2, False, True, 0.5, True, 2)
    )
    assert nn.RNN(3, 4, nonlinearity="relu").nonlinearity == "relu"


@kinds
def test_starts_uniformly_within_pytorchs_bound(name, kind):
    options = {"num_layers": 2, "bidirectional": True}
    ours, theirs = twins(name, 30, 64, **options, **kind)
    for (key, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        for values in (p.data, q.detach().numpy()):
            assert abs(values).max() <= 1 / 8
            assert abs(values).max() > (0.122 if values.size > 1000 else 0.11), key
            assert values.std() == pytest.approx(1 / 8 / math.sqrt(3), rel=0.15)


def test_copies_and_pickles_work_alike():
    layer = nn.LSTM(3, 4, num_layers=2, rng=0)
    x = numbers(5, 2, 3)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):  # noqa: S301
        np.testing.assert_array_equal(other(x)[0], layer(x)[0])


# Malformed calls


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((0, 4), {}, ValueError, "input_size is 0"),
        ((3, 4.5), {}, TypeError, r"hidden_size.*4\.5"),
        ((3, 4), {"num_layers": 0}, ValueError, "num_layers is 0"),
        ((3, 4), {"dropout": 1.5}, ValueError, r"dropout is 1\.5"),
        ((3, 4, 2), {"dropout": True}, TypeError, "dropout.*True"),
        ((3, 4), {"bias": 0.5}, TypeError, r"bias.*0\.5"),
        ((3, 4), {"batch_first": "yes"}, TypeError, "batch_first.*yes"),
        ((3, 4), {"bidirectional": 1}, TypeError, "bidirectional.*1"),
        ((3, 4), {"proj_size": 4}, ValueError, "proj_size is 4.*hidden_size.*4"),
        ((3, 4), {"proj_size": -1}, ValueError, "proj_size is -1"),
        ((3, 4), {"device": "cpu"}, NotImplementedError, "device='cpu'"),
        ((3, 4), {"dtype": np.int64}, TypeError, "int64"),
        ((3, 4), {"rng": "seed"}, TypeError, "seed"),
    ],
)
def test_constructor_says_what_is_wrong(arguments, options, error, message):
    with pytest.raises(error, match=message):
        nn.LSTM(*arguments, **options)


def test_only_known_steps_are_taken():
    with pytest.raises(ValueError, match=r"'selu'.*'tanh', 'relu'"):
        nn.RNN(3, 4, nonlinearity="selu")
    with pytest.raises(ValueError, match=r"True.*'tanh', 'relu'"):
        nn.RNN(3, 4, 2, True)  # the place of nonlinearity, not of bias
    with pytest.raises(ValueError, match=r"'PERCEPTRON'.*'LSTM'"):
        RNNBase("PERCEPTRON", 3, 4)
    with pytest.raises(ValueError, match=r"proj_size is 2.*LSTM"):
        RNNBase("GRU", 3, 4, proj_size=2)


@pytest.mark.parametrize(
    ("name", "args", "error", "message"),
    [
        ("GRU", (np.zeros((5, 2, 4)),), ValueError, "4 features; GRU expects 3"),
        ("RNN", (np.zeros(3),), ValueError, "1 dimensions; RNN expects 3, or 2"),
        ("RNN", (np.zeros((1, 5, 2, 3)),), ValueError, "4 dimensions"),
        ("RNN", (np.zeros((0, 2, 3)),), ValueError, r"0 steps, in shape \(0, 2, 3\)"),
        ("LSTM", (np.zeros((5, 2, 3), "f"),), TypeError, "x has dtype float32.*float64"),
        ("LSTM", (np.zeros((5, 2, 3), int),), TypeError, "int64.*float64"),
        ("GRU", (np.zeros((5, 2, 3)), np.zeros((1, 2, 5))), ValueError, r"2, 5\).*\(1, 2, 4\)"),
        ("GRU", (np.zeros((5, 2, 3)), np.zeros((1, 4))), ValueError, r"\(1, 4\).*\(1, 2, 4\)"),
        ("GRU", (np.zeros((5, 3)), np.zeros((1, 1, 4))), ValueError, r"1, 4\).*\(1, 4\)"),
        ("GRU", (np.zeros((5, 2, 3)), np.zeros((1, 2, 4), "f")), TypeError, "hx.*float32.*float64"),
        ("LSTM", (np.zeros((5, 2, 3)), np.zeros((2, 2, 4))), TypeError, "hx.*pair.*ndarray"),
        ("LSTM", (np.zeros((5, 2, 3)), [np.zeros((1, 2, 4))]), ValueError, "1 parts; expected 2"),
        (
            "LSTM", (np.zeros((5, 2, 3)), (np.zeros((1, 2, 4)), np.zeros((1, 2, 3)))),
            ValueError, r"hx\[1\].*\(1, 2, 3\).*\(1, 2, 4\)",
        ),
    ],
)  # fmt: skip
def test_forward_says_what_is_wrong(name, args, error, message):
    with pytest.raises(error, match=message):
        getattr(nn, name)(3, 4, rng=0)(*args)


def test_backward_says_what_is_wrong():
    layer = nn.LSTM(3, 4, rng=0)
    with pytest.raises(RuntimeError, match=r"LSTM\.backward was called before forward"):
        layer.backward(np.zeros((5, 2, 4)))
    layer(np.zeros((5, 2, 3)))
    with pytest.raises(ValueError, match=r"grad_output.*\(5, 2, 3\).*\(5, 2, 4\)"):
        layer.backward(np.zeros((5, 2, 3)))
    state = np.zeros((1, 2, 4))
    with pytest.raises(TypeError, match=r"grad_state.*pair.*ndarray"):
        layer.backward(np.zeros((5, 2, 4)), state)
    with pytest.raises(ValueError, match=r"grad_state\[1\].*\(2, 4\).*\(1, 2, 4\)"):
        layer.backward(np.zeros((5, 2, 4)), (state, state[0]))


def test_packed_sequences_are_refused_by_name():
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.zeros(5, 2, 3), [5, 3])
    with pytest.raises(NotImplementedError, match="GRU does not support packed sequences"):
        nn.GRU(3, 4)(packed)
