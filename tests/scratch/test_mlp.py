"""The multi-layer perceptron in NumPy: XOR by hand, gradients against differences, refusals."""

import copy

import numpy as np
import pytest

from nnbook import data, nn, optim
from nnbook.scratch.gradcheck import gradcheck
from nnbook.scratch.mlp import MLP
from nnbook.scratch.training import fit

ACTIVATIONS = (
    "elu", "gelu", "identity", "leaky_relu", "relu", "sigmoid", "silu", "softplus", "tanh",
)  # fmt: skip


def test_xor_by_hand_with_rectifiers():
    x, y = data.logic_gate("XOR")
    model = MLP((2, 2, 1), "relu", rng=0)
    model.load_state_dict(
        {"0.weight": [[1, 1], [1, 1]], "0.bias": [0, -1], "2.weight": [[1, -2]], "2.bias": [0]}
    )
    np.testing.assert_array_equal(model(x.astype(float))[:, 0], y)
    (hidden,) = model.hidden(x.astype(float))
    np.testing.assert_array_equal(hidden, [[0, 0], [1, 0], [1, 0], [2, 1]])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_agree_with_central_differences(activation):
    x = np.random.default_rng(1).normal(size=(5, 3))
    gradcheck(MLP((3, 4, 4, 2), activation, rng=0), x)


def test_the_layers_are_the_formula():
    x = np.random.default_rng(0).normal(size=(7, 2))
    model = MLP((2, 5, 3, 1), "sigmoid", rng=0)
    w1, b1, w2, b2, w3, b3 = (p.data for p in model.parameters())
    a1 = 1 / (1 + np.exp(-(x @ w1.T + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ w2.T + b2)))
    for ours, theirs in zip(model.hidden(x), (a1, a2), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(model(x), a2 @ w3.T + b3, rtol=1e-12)


def test_without_an_activation_it_is_one_matrix():
    x = np.random.default_rng(0).normal(size=(7, 4))
    model = MLP((4, 16, 8, 2), "identity", rng=0)
    w1, b1, w2, b2, w3, b3 = (p.data for p in model.parameters())
    one = w3 @ w2 @ w1
    np.testing.assert_allclose(model(x), x @ one.T + w3 @ (w2 @ b1 + b2) + b3, rtol=1e-12)


def test_no_hidden_layer_is_a_linear_layer():
    model = MLP((3, 2), rng=0)
    assert [type(layer).__name__ for layer in model] == ["Linear"]
    assert model.hidden(np.zeros((4, 3))) == []


def test_the_start_follows_the_seed_and_lies_within_its_bounds():
    a, b, c = (MLP((100, 50, 10), rng=seed).state_dict() for seed in (0, 0, 1))
    for key, value in a.items():
        np.testing.assert_array_equal(value, b[key])
        assert (value != c[key]).any()
        bound = 1 / np.sqrt(100 if key.startswith("0") else 50)
        assert 0.9 * bound < abs(value).max() <= bound
    assert (MLP((2, 2))[0].weight.data != MLP((2, 2))[0].weight.data).any()


def test_an_activation_as_a_class_or_a_function():
    x = np.random.default_rng(0).normal(size=(7, 2))
    np.testing.assert_array_equal(
        MLP((2, 4, 1), nn.ReLU, rng=0)(x), MLP((2, 4, 1), "relu", rng=0)(x)
    )
    leaky = MLP((2, 4, 4, 1), lambda: nn.LeakyReLU(0.2), rng=0)
    assert leaky[1].negative_slope == leaky[3].negative_slope == 0.2
    assert leaky[1] is not leaky[3]


def test_a_slice_is_a_part_of_it():
    model = MLP((2, 4, 3, 1), rng=0)
    x = np.random.default_rng(0).normal(size=(7, 2))
    assert type(model[:2]) is nn.Sequential
    np.testing.assert_array_equal(model[:2](x), model.hidden(x)[0])
    np.testing.assert_array_equal(model[:4](x), model.hidden(x)[1])


def test_float32_stays_float32():
    model = MLP((2, 4, 1), rng=0, dtype=np.float32)
    x = np.ones((3, 2), dtype=np.float32)
    assert model(x).dtype == model.hidden(x)[0].dtype == np.float32
    assert model.backward(np.ones((3, 1), dtype=np.float32)).dtype == np.float32


def test_it_learns_xor_and_can_be_copied():
    x, y = data.logic_gate("XOR")
    model = MLP((2, 4, 1), rng=0)
    untrained = copy.deepcopy(model)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    fit(model, nn.BCEWithLogitsLoss(), optimizer, (x.astype(float), y[:, None].astype(float)),
        epochs=300, batch_size=4)  # fmt: skip
    assert ((model(x.astype(float))[:, 0] > 0) == y).all()
    assert (untrained[0].weight.data != model[0].weight.data).any()
    untrained.load_state_dict(model.state_dict())
    np.testing.assert_array_equal(untrained(x.astype(float)), model(x.astype(float)))


def test_refusals():
    with pytest.raises(ValueError, match=r"sizes is \(2,\)"):
        MLP((2,))
    with pytest.raises(ValueError, match=r"sizes\[1\] is 0"):
        MLP((2, 0, 1))
    with pytest.raises(TypeError, match=r"sizes\[1\] must be a whole number, not 2\.5"):
        MLP((2, 2.5, 1))
    with pytest.raises(ValueError, match=r"no activation 'than'; there are elu, gelu"):
        MLP((2, 2, 1), "than")
    with pytest.raises(ValueError, match="x has 3 features"):
        MLP((2, 2, 1), rng=0)(np.zeros((4, 3)))
