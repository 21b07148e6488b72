"""The perceptron in NumPy: a run worked by hand, Novikoff's bound, XOR, and refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import data
from nnbook.scratch.perceptron import History, Perceptron, margin, novikoff_bound

AND = data.logic_gate("AND")
XOR = data.logic_gate("XOR")


def test_the_and_run_by_hand():
    # Worked on paper from w = (0, 0), w0 = 0: (weights, bias) after each of the four examples.
    first = [((0, 0), -1), ((0, 0), -1), ((0, 0), -1), ((1, 1), 0)]
    second = [((1, 1), -1), ((1, 0), -2), ((1, 0), -2), ((2, 1), -1)]
    model = Perceptron(2)
    for expected in (first, second):
        for x, y, (weight, bias) in zip(AND.x, AND.y, expected, strict=True):
            before = (model.weight.tolist(), float(model.bias))
            changed = model.update(x, y)
            assert model.weight.tolist() == list(weight)
            assert model.bias == bias
            assert changed == (before != (list(weight), bias))


def test_fit_is_update_after_update():
    one, many = Perceptron(2), Perceptron(2)
    history = one.fit(AND.x, AND.y, epochs=20)
    for epoch in range(len(history.mistakes)):
        mistakes = sum(many.update(x, y) for x, y in zip(AND.x, AND.y, strict=True))
        assert mistakes == history.mistakes[epoch]
        assert many.weight.tolist() == history.weights[epoch + 1].tolist()
        assert many.bias == history.biases[epoch + 1]
    assert history.converged
    assert history.updates == sum(history.mistakes) == 11
    assert (one.predict(AND.x) == AND.y).all()


def test_a_correction_moves_the_score_by_the_amount_derived():
    model = Perceptron(3, lr=0.5)
    x = np.array([1.0, -2.0, 3.0])
    before = model.score(x)
    model.update(x, 0)  # a score of zero answers 1
    assert model.score(x) == before - 0.5 * (1 + x @ x)


def test_a_score_of_zero_answers_one():
    assert Perceptron(2).predict([0.0, 0.0]) == 1


def test_one_example_or_many():
    model = Perceptron(2)
    model.update([1.0, 2.0], 0)
    assert model.score([1.0, 1.0]).shape == ()
    assert model.score(np.ones((5, 2))).shape == (5,)
    assert model.predict(np.ones((0, 2))).shape == (0,)


@pytest.mark.parametrize("name", ["AND", "OR", "NAND", "NOR"])
def test_learns_the_gates_a_line_can_draw(name):
    x, y = data.logic_gate(name)
    model = Perceptron(2)
    assert model.fit(x, y).converged
    assert (model.predict(x) == y).all()


def test_xor_runs_in_a_circle():
    history = Perceptron(2).fit(*XOR, epochs=50)
    assert not history.converged
    states = [(*w, b) for w, b in zip(history.weights.tolist(), history.biases, strict=True)]
    assert len(set(states[2:])) == 1, "it does not return to where it stood"
    assert set(history.mistakes[2:]) == {4}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 40), d=st.integers(1, 5))
def test_separable_data_are_learned_within_novikoffs_bound(seed, n, d):
    rng = np.random.default_rng(seed)
    weight, bias = rng.normal(size=d), rng.normal()
    x = rng.normal(size=(n, d))
    length = np.linalg.norm(weight)
    side = np.where(bias + x @ weight >= 0, 1.0, -1.0)
    x = x + side[:, None] * 0.3 * weight / length  # a gap, so that the bound is small
    y = (side > 0).astype(int)
    bound = novikoff_bound(x, y, weight, bias)
    history = Perceptron(d).fit(x, y, epochs=100_000, shuffle=True, rng=seed)
    assert history.converged
    assert history.updates <= bound


def test_shuffling_needs_no_global_state_and_repeats():
    x, y = data.gauss(60)
    runs = [Perceptron(2).fit(x, y, shuffle=True, rng=7).mistakes for _ in range(2)]
    generator = Perceptron(2).fit(x, y, shuffle=True, rng=np.random.default_rng(7)).mistakes
    assert runs[0] == runs[1] == generator


def test_a_power_of_two_as_rate_only_scales():
    x, y = data.gauss(60, noise=0.3)
    one, other = Perceptron(2), Perceptron(2, lr=4.0)
    assert one.fit(x, y, epochs=30).mistakes == other.fit(x, y, epochs=30).mistakes
    assert other.weight.tolist() == (4 * one.weight).tolist()


def test_margin_and_bound_by_hand():
    x, y = [[-1.0], [3.0]], [0, 1]
    assert margin(x, y, [2.0], -2.0) == 2.0
    # theta = (-2, 2), x~ = (1, -1) and (1, 3): R^2 = 10, gamma = min(4, 4) / sqrt(8).
    assert novikoff_bound(x, y, [2.0], -2.0) == pytest.approx(10 * 8 / 16)
    assert margin(x, y, [2.0], 0.0) == 1.0
    assert margin(x, [1, 0], [2.0], -2.0) == -2.0


def test_a_bound_needs_a_line_that_separates():
    with pytest.raises(ValueError, match="separate"):
        novikoff_bound(XOR.x, XOR.y, [1.0, 1.0], -0.5)
    with pytest.raises(ValueError, match="zero"):
        margin(AND.x, AND.y, [0.0, 0.0], 1.0)


def test_no_examples():
    history = Perceptron(2).fit(np.zeros((0, 2)), np.zeros(0, int))
    assert history.mistakes == [0]
    assert history.converged
    with pytest.raises(ValueError, match="no examples"):
        margin(np.zeros((0, 2)), np.zeros(0, int), [1.0, 0.0], 0.0)


def test_no_epochs():
    history = Perceptron(2).fit(AND.x, AND.y, epochs=0)
    assert history.mistakes == []
    assert not history.converged
    assert history.weights.shape == (1, 2)


@pytest.mark.parametrize(
    ("x", "y", "error", "words"),
    [
        (np.zeros((4, 3)), np.zeros(4), ValueError, "3 features; weight expects 2"),
        (np.zeros((4, 2)), np.zeros(3), ValueError, r"\(4, 2\).*\(3,\)"),
        (np.zeros((2, 4, 2)), np.zeros(2), ValueError, r"\(2, 4, 2\)"),
        (np.zeros((2, 2)), np.array([0, 2]), ValueError, "2"),
        (np.zeros((2, 2)), np.array([-1, 1]), ValueError, "-1"),
        (np.array([[np.nan, 0.0]]), np.array([0]), ValueError, "NaN"),
        (np.array([[np.inf, 0.0]]), np.array([0]), ValueError, "infinity"),
        (np.array([["a", "b"]]), np.array([0]), TypeError, "real"),
        (np.array([[1j, 0]]), np.array([0]), TypeError, "complex128"),
    ],
)
def test_bad_input_is_named(x, y, error, words):
    with pytest.raises(error, match=words):
        Perceptron(2).fit(x, y)


@pytest.mark.parametrize("options", [{"in_features": 0}, {"in_features": 2, "lr": 0.0}])
def test_bad_settings_are_named(options):
    with pytest.raises(ValueError, match=r"in_features|lr"):
        Perceptron(**options)


def test_layout_and_type_of_the_input_do_not_matter():
    x, y = data.gauss(40, noise=0.2)
    expected = Perceptron(2).fit(x, y).mistakes
    assert Perceptron(2).fit(np.asfortranarray(x), y).mistakes == expected
    assert Perceptron(2).fit(np.repeat(x, 2, axis=1)[:, ::2], y).mistakes == expected
    assert Perceptron(2).fit(x.tolist(), y.tolist()).mistakes == expected
    assert Perceptron(2, dtype=np.float32).fit(x, y).weights.dtype == np.float32


def test_history_is_plain():
    assert not History([3, 1], np.zeros((3, 1)), np.zeros(3)).converged
    assert History([3, 1], np.zeros((3, 1)), np.zeros(3)).updates == 4


def test_shuffling_asks_for_its_randomness():
    with pytest.raises(TypeError, match="rng"):
        Perceptron(2).fit(AND.x, AND.y, shuffle=True)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.float32])
def test_labels_of_any_type(dtype):
    y = AND.y.astype(dtype)
    model = Perceptron(2)
    assert model.fit(AND.x, y).mistakes == Perceptron(2).fit(AND.x, AND.y).mistakes
    assert margin(AND.x, y, [1.0, 1.0], -1.5) == pytest.approx(0.5 / np.sqrt(2))
    assert novikoff_bound(AND.x, y, [1.0, 1.0], -1.5) == pytest.approx(3 * 4.25 / 0.25)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [([np.nan, 0.0], 1, "NaN"), ([0.0, 1.0], 2, "2"), ([[0.0, 1.0]], 1, r"\(1, 2\)")],
)
def test_update_refuses_and_changes_nothing(x, y, words):
    model = Perceptron(2)
    with pytest.raises(ValueError, match=words):
        model.update(x, y)
    assert model.weight.tolist() == [0, 0]


def test_scores_are_summed_from_left_to_right():
    model = Perceptron(40)
    model.weight = np.random.default_rng(0).normal(size=40)
    x = np.random.default_rng(1).normal(size=(30, 40))
    for row, score in zip(x, model.score(x), strict=True):
        total = 0.0
        for x_j, w_j in zip(row.tolist(), model.weight.tolist(), strict=True):
            total += x_j * w_j
        assert score == total


def test_what_float32_cannot_hold_is_refused_without_a_warning():
    with pytest.raises(ValueError, match="infinity"):
        Perceptron(1, dtype=np.float32).fit([[1e300]], [1])
