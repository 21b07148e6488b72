"""The perceptron in PyTorch equals its NumPy twin, correction by correction."""

import numpy as np
import pytest
import torch

from nnbook import data
from nnbook.pytorch import perceptron as twin
from nnbook.pytorch._device import resolve_device
from nnbook.scratch import perceptron as scratch

SETS = {
    "and": data.logic_gate("AND"),
    "xor": data.logic_gate("XOR"),
    "gauss": data.gauss(80, noise=0.1),
    "circle": data.circle(80),
    "iris": data.iris(("versicolor", "virginica"), ("petal length", "petal width")),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("options", [{}, {"shuffle": True, "rng": 3}])
@pytest.mark.parametrize("lr", [1.0, 0.1])
def test_same_mistakes_same_weights(name, options, lr):
    x, y = SETS[name]
    ours = scratch.Perceptron(2, lr=lr)
    theirs = twin.Perceptron(2, lr=lr, device="cpu")
    a = ours.fit(x, y, epochs=30, **options)
    b = theirs.fit(torch.tensor(x), torch.tensor(y), epochs=30, **options)
    assert a.mistakes == b.mistakes
    assert (a.converged, a.updates) == (b.converged, b.updates)
    np.testing.assert_array_equal(a.weights, b.weights.numpy())
    np.testing.assert_array_equal(a.biases, b.biases.numpy())
    np.testing.assert_array_equal(ours.score(x), theirs.score(torch.tensor(x)).numpy())
    np.testing.assert_array_equal(ours.predict(x), theirs.predict(x).numpy())


def test_equal_to_the_last_bit_with_many_inputs():
    x, y = data.digits()
    y = (y == 3).astype(int)
    x = x[:400] * 0.1  # products that must be rounded
    ours, theirs = scratch.Perceptron(64, lr=0.3), twin.Perceptron(64, lr=0.3, device="cpu")
    a = ours.fit(x, y[:400], epochs=5, shuffle=True, rng=1)
    b = theirs.fit(x, y[:400], epochs=5, shuffle=True, rng=1)
    np.testing.assert_array_equal(a.weights, b.weights.numpy())
    np.testing.assert_array_equal(ours.score(x), theirs.score(x).numpy())
    line = (x, y[:400], ours.weight, ours.bias)
    assert twin.margin(*line) == scratch.margin(*line)


def test_lists_keep_the_precision_of_python():
    x = [[0.1, 0.7], [0.3, -0.2]]
    a, b = scratch.Perceptron(2), twin.Perceptron(2, device="cpu")
    assert a.fit(x, [0, 1]).mistakes == b.fit(x, [0, 1]).mistakes
    np.testing.assert_array_equal(a.weight, b.weight.numpy())
    assert twin.margin(x, [0, 1], [0.1, -0.3], 0.1) == scratch.margin(x, [0, 1], [0.1, -0.3], 0.1)


def test_inputs_that_pytorch_is_delicate_about():
    x, y = (a.copy() for a in SETS["and"])
    x.flags.writeable = y.flags.writeable = False  # torch.as_tensor would warn
    expected = scratch.Perceptron(2).fit(x, y).mistakes
    assert twin.Perceptron(2, device="cpu").fit(x, y).mistakes == expected
    backwards = twin.Perceptron(2, device="cpu").fit(x[::-1], y[::-1])  # negative strides
    assert backwards.mistakes == scratch.Perceptron(2).fit(x[::-1], y[::-1]).mistakes
    model = twin.Perceptron(2, device="cpu")
    model.fit(torch.tensor(x, requires_grad=True), torch.tensor(y, dtype=torch.uint8))
    assert not model.weight.requires_grad
    line = (torch.tensor(x), torch.tensor(y, dtype=torch.uint8), torch.ones(2), -1.5)
    assert twin.margin(*line) == scratch.margin(x, y, [1.0, 1.0], -1.5)


def test_no_examples_no_epochs_and_no_rng():
    model = twin.Perceptron(2, device="cpu")
    assert model.fit(torch.zeros(0, 2), torch.zeros(0)).mistakes == [0]
    assert model.fit(*SETS["and"], epochs=0).weights.shape == (1, 2)
    with pytest.raises(TypeError, match="rng"):
        model.fit(*SETS["and"], shuffle=True)
    with pytest.raises(ValueError, match="no examples"):
        twin.margin(torch.zeros(0, 2), torch.zeros(0), torch.ones(2), 0.0)


def test_margin_and_bound_agree():
    x, y = data.gauss(80)
    weight, bias = np.array([1.0, 0.8]), 0.3
    line = (torch.tensor(x), torch.tensor(y), torch.tensor(weight), bias)
    assert twin.margin(*line) == scratch.margin(x, y, weight, bias)
    assert twin.novikoff_bound(*line) == scratch.novikoff_bound(x, y, weight, bias)


def test_numpy_arrays_are_welcome():
    x, y = SETS["and"]
    model = twin.Perceptron(2, device="cpu")
    assert model.fit(x, y).converged
    assert (model.predict(x) == torch.tensor(y)).all()


def test_it_is_a_module_that_saves_and_loads():
    x, y = SETS["and"]
    model, other = (twin.Perceptron(2, device="cpu") for _ in range(2))
    model.fit(x, y)
    assert set(model.state_dict()) == {"weight", "bias"}
    other.load_state_dict(model.state_dict())
    assert (other.predict(x) == torch.tensor(y)).all()
    assert (other(torch.tensor(x)) == other.predict(x)).all()


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (torch.zeros(4, 3), torch.zeros(4), "3 features; weight expects 2"),
        (torch.zeros(4, 2), torch.zeros(3), r"\(4, 2\).*\(3,\)"),
        (torch.zeros(2, 2), torch.tensor([0, 2]), "2"),
        (torch.tensor([[float("nan"), 0.0]]), torch.tensor([0]), "NaN"),
    ],
)
def test_bad_input_is_named_as_in_numpy(x, y, words):
    for model, to in (
        (twin.Perceptron(2, device="cpu"), lambda t: t),
        (scratch.Perceptron(2), np.asarray),
    ):
        with pytest.raises(ValueError, match=words):
            model.fit(to(x), to(y))


def test_the_bound_needs_a_line_that_separates():
    with pytest.raises(ValueError, match="separate"):
        twin.novikoff_bound(*SETS["xor"], torch.ones(2), -0.5)


def test_devices():
    assert resolve_device("cpu") == torch.device("cpu")
    expected = "cuda" if torch.cuda.is_available() else ("mps", "cpu")
    assert resolve_device().type in expected
