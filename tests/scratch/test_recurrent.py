"""Recurrent models in NumPy: steps by hand, gradients against differences, streams, refusals."""

import copy
import math

import numpy as np
import pytest

from nnbook import nn, optim
from nnbook.scratch.gradcheck import gradcheck
from nnbook.scratch.recurrent import (
    SequenceModel,
    fit_stream,
    gradient_by_lag,
    one_hot,
    roll_forward,
    write,
)

CELLS = ("rnn", "lstm", "gru")
each_cell = pytest.mark.parametrize("cell", CELLS)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def one_unit(w_in=0.5, w=0.8, v=2.0):
    """A plain model of one unit, with weights by hand and no biases."""
    model = SequenceModel(1, 1, 1, rng=0)
    model.load_state_dict(
        {
            "rnn.weight_ih_l0": [[w_in]], "rnn.weight_hh_l0": [[w]], "rnn.bias_ih_l0": [0],
            "rnn.bias_hh_l0": [0], "head.weight": [[v]], "head.bias": [0],
        }
    )  # fmt: skip
    return model


# The model


def test_two_steps_by_hand():
    h1 = math.tanh(0.5 * 1.0)
    h2 = math.tanh(0.5 * -2.0 + 0.8 * h1)
    scores, state = one_unit()(np.array([[[1.0], [-2.0]]]))
    np.testing.assert_allclose(scores, [[[2 * h1], [2 * h2]]], rtol=1e-14)
    np.testing.assert_allclose(state, [[[h2]]], rtol=1e-14)


def test_two_steps_back_by_hand():
    model = one_unit()
    model(np.array([[[1.0], [-2.0]]]))
    grad_x, grad_first = model.backward(np.array([[[0.0], [1.0]]]))
    h1 = math.tanh(0.5)
    h2 = math.tanh(-1.0 + 0.8 * h1)
    at_2 = 2.0 * (1 - h2**2)  # by the sum of step 2
    at_1 = at_2 * 0.8 * (1 - h1**2)
    np.testing.assert_allclose(grad_x, [[[at_1 * 0.5], [at_2 * 0.5]]], rtol=1e-14)
    np.testing.assert_allclose(grad_first, [[[at_1 * 0.8]]], rtol=1e-14)
    np.testing.assert_allclose(model.rnn.weight_hh_l0.grad, [[at_2 * h1]], rtol=1e-14)
    np.testing.assert_allclose(model.rnn.weight_ih_l0.grad, [[at_1 - 2 * at_2]], rtol=1e-14)


@each_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_gradients_agree_with_central_differences(cell, layers):
    gradcheck(SequenceModel(2, 3, 2, cell, layers, rng=0), normal(2, 4, 2))


@each_cell
def test_gradient_by_the_first_state_and_from_the_last(cell):
    model = SequenceModel(2, 3, 2, cell, rng=0)
    x, (_, state) = normal(2, 4, 2), SequenceModel(2, 3, 2, cell, rng=1)(normal(2, 2, 2))
    gradcheck(model, x, state)


@each_cell
def test_a_sequence_in_two_parts_is_the_whole(cell):
    model, x = SequenceModel(2, 5, 3, cell, 2, rng=0), normal(4, 9, 2)
    whole, last = model(x)
    first, state = model(x[:, :4])
    second, state = model(x[:, 4:], state)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, rtol=1e-12)
    for mine, other in zip(np.atleast_2d(state), np.atleast_2d(last), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-12)


@each_cell
def test_float32_stays_float32(cell):
    model = SequenceModel(2, 3, 2, cell, rng=0, dtype=np.float32)
    x = normal(2, 4, 2).astype(np.float32)
    scores, state = model(x)
    grad_x, _ = model.backward(np.ones_like(scores))
    assert scores.dtype == grad_x.dtype == np.asarray(state).dtype == np.float32
    assert all(p.grad.dtype == np.float32 for p in model.parameters())


@each_cell
def test_the_start_follows_the_seed_and_lies_within_its_bounds(cell):
    a, b, c = (SequenceModel(4, 25, 3, cell, rng=seed).state_dict() for seed in (0, 0, 1))
    for key, value in a.items():
        np.testing.assert_array_equal(value, b[key])
        assert (value != c[key]).any()
        assert 0.5 / 5 < abs(value).max() <= 1 / 5


# Learning from a stream


def test_a_chunk_as_long_as_the_sequence_is_full_backpropagation():
    for cell in CELLS:
        x, y = normal(12, 2), normal(12, 3, seed=1)
        whole, stream = (SequenceModel(2, 4, 3, cell, rng=0) for _ in range(2))
        loss_fn = nn.MSELoss()
        scores, _ = whole(x)
        loss = loss_fn(scores, y)
        whole.backward(loss_fn.backward())
        optim.SGD(whole.parameters(), lr=0.1).step()
        opt = optim.SGD(stream.parameters(), lr=0.1)
        found = fit_stream(stream, nn.MSELoss(), opt, x, y, steps=50, batch=1, epochs=1)
        assert found == [pytest.approx(loss, rel=1e-12)]
        for p, q in zip(whole.parameters(), stream.parameters(), strict=True):
            np.testing.assert_allclose(p.data, q.data, rtol=0, atol=1e-14)


def test_shorter_chunks_carry_the_state_but_no_gradient():
    x, y = normal(8, 1), normal(8, 1, seed=1)
    model = one_unit()
    opt = optim.SGD(model.parameters(), lr=0.0)  # so that the two chunks have the same weights
    fit_stream(model, nn.MSELoss(), opt, x, y, steps=5, batch=1, epochs=1)
    probe, loss_fn = one_unit(), nn.MSELoss()
    _, state = probe(x[:5])
    scores, _ = probe(x[5:], state)
    loss_fn(scores, y[5:])
    probe.backward(loss_fn.backward())
    for p, q in zip(model.parameters(), probe.parameters(), strict=True):
        np.testing.assert_allclose(p.grad, q.grad, rtol=1e-12)  # that of the last chunk


def test_streams_are_cut_as_said_and_the_rest_is_left_out():
    x = np.arange(11.0)[:, None]
    seen = []

    class Spy(SequenceModel):
        def forward(self, x, state=None):
            seen.append((x[:, :, 0].tolist(), None if state is None else state.shape))
            return super().forward(x, state)

    model = Spy(1, 2, 1, rng=0)
    opt = optim.SGD(model.parameters(), lr=0.0)
    fit_stream(model, nn.MSELoss(), opt, x, x, steps=3, batch=2, epochs=2)
    one_epoch = [([[0, 1, 2], [5, 6, 7]], None), ([[3, 4], [8, 9]], (1, 2, 2))]
    assert seen == one_epoch * 2  # each epoch begins with a state of zeros


def test_the_loss_of_an_epoch_counts_every_step_alike():
    x, y = np.zeros((5, 1)), np.array([0.0, 0, 0, 0, 5])
    model = one_unit()  # no biases and no input: it answers zero
    opt = optim.SGD(model.parameters(), lr=0.0)
    losses = fit_stream(model, nn.MSELoss(), opt, x, y, steps=4, batch=1, epochs=1)
    assert losses == [pytest.approx(25 / 5)]


def test_clipping_shortens_the_step():
    x, y = normal(20, 1), 1000 * normal(20, 1, seed=1)
    before, model = one_unit(), one_unit()
    opt = optim.SGD(model.parameters(), lr=1.0)
    fit_stream(model, nn.MSELoss(), opt, x, y, steps=20, batch=1, epochs=1, clip=0.25)
    moved = [p.data - q.data for p, q in zip(model.parameters(), before.parameters(), strict=True)]
    assert math.isclose(math.sqrt(sum((m**2).sum() for m in moved)), 0.25, rel_tol=1e-5)


def test_the_callback_sees_each_epoch_and_modes_are_kept():
    seen = []
    model = SequenceModel(1, 2, 1, rng=0).eval()
    opt = optim.SGD(model.parameters(), lr=0.01)
    losses = fit_stream(
        model, nn.MSELoss(), opt, normal(9, 1), normal(9, 1), steps=3, batch=2, epochs=3,
        callback=lambda m, so_far: seen.append((m is model, m.training, list(so_far))),
    )  # fmt: skip
    assert seen == [(True, True, losses[:i]) for i in (1, 2, 3)]
    assert not model.training
    assert model.rnn.input_requires_grad
    assert fit_stream(
        model, nn.MSELoss(), opt, normal(9, 1), normal(9, 1), steps=3, batch=2, epochs=0
    ) == []  # fmt: skip


@each_cell
def test_it_learns_to_predict_a_word(cell):
    ids = np.array(["helo".index(c) for c in "hello" * 40])
    x = one_hot(ids, 4)
    model = SequenceModel(4, 10, 4, cell, rng=0)
    opt = optim.Adam(model.parameters(), lr=0.03)
    losses = fit_stream(
        model, nn.CrossEntropyLoss(), opt, x[:-1], ids[1:], steps=10, batch=2, epochs=30, clip=1.0
    )
    assert losses[0] > 1.0 > 0.1 > losses[-1]
    assert write(model, "helo", "hel", 12, temperature=0.0, rng=0) == "lohellohello"


# Going on


def test_rolling_forward_is_feeding_back_by_hand():
    model = one_unit(0.7, 0.3, 1.5)
    start = normal(6, 1)
    sequence = start
    for _ in range(4):
        scores, _ = model(sequence)
        sequence = np.concatenate([sequence, scores[-1:]])
    np.testing.assert_allclose(roll_forward(model, start, 4), sequence[6:], rtol=1e-12)
    assert roll_forward(model, start, 0).shape == (0, 1)


def test_writing_draws_with_the_probabilities_of_the_softmax():
    model = SequenceModel(3, 2, 3, rng=0)
    state = {k: np.zeros_like(v) for k, v in model.state_dict().items()}
    model.load_state_dict({**state, "head.bias": np.log([0.7, 0.2, 0.1])})
    text = write(model, "abc", "a", 5000, rng=0)
    assert [text.count(c) / 5000 for c in "abc"] == pytest.approx([0.7, 0.2, 0.1], abs=0.02)
    cold = write(model, "abc", "a", 5000, temperature=0.5, rng=0)  # squares the odds
    assert [cold.count(c) / 5000 for c in "abc"] == pytest.approx(
        [0.49 / 0.54, 0.04 / 0.54, 0.01 / 0.54], abs=0.02
    )
    assert write(model, "abc", "c", 5, temperature=0, rng=0) == "aaaaa"
    assert write(model, "abc", "c", 5, temperature=1e-300, rng=0) == "aaaaa"
    assert write(model, "abc", "c", 0, rng=0) == ""
    text = write(model, "abc", "a", 50, rng=1)
    assert text == write(model, "abc", "a", 50, rng=np.random.default_rng(1))
    assert text != write(model, "abc", "a", 50, rng=2)


def test_one_hot():
    np.testing.assert_array_equal(one_hot([[2, 0]], 3), [[[0, 0, 1], [1, 0, 0]]])
    assert one_hot(np.array([1], np.uint8), 2, np.float32).dtype == np.float32
    assert one_hot([], 4).shape == (0, 4)
    assert one_hot(3, 4).tolist() == [0, 0, 0, 1]


# The gradient by lag


def test_gradient_by_lag_by_hand():
    model, x = one_unit(), np.zeros((5, 1))  # at zero the slope of tanh is 1
    expected = [2 * 0.8**lag * 0.5 for lag in range(5)]
    np.testing.assert_allclose(gradient_by_lag(model, x, rng=0), expected, rtol=1e-12)


@each_cell
def test_gradient_by_lag_against_differences(cell):
    model, x = SequenceModel(2, 3, 2, cell, rng=0), normal(6, 2)
    direction = np.random.default_rng(5).normal(size=2)
    direction /= np.linalg.norm(direction)
    h, slopes = 1e-6, np.zeros((6, 2))
    for t in range(6):
        for j in range(2):
            up, down = x.copy(), x.copy()
            up[t, j] += h
            down[t, j] -= h
            slopes[t, j] = (model(up)[0][-1] - model(down)[0][-1]) @ direction / (2 * h)
    found = gradient_by_lag(model, x, rng=5)
    np.testing.assert_allclose(found, np.linalg.norm(slopes, axis=1)[::-1], rtol=1e-5, atol=1e-9)


def test_gradient_by_lag_leaves_the_model_alone():
    model = SequenceModel(2, 3, 1, rng=0)
    model.rnn.input_requires_grad = False
    x = normal(4, 2)
    model(x)
    model.backward(np.ones((4, 1)))
    before = copy.deepcopy([p.grad for p in model.parameters()])
    gradient_by_lag(model, x, rng=0)
    for p, grad in zip(model.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.grad, grad)
    assert not model.rnn.input_requires_grad


# Hard inputs


@each_cell
def test_hard_inputs(cell):
    model = SequenceModel(2, 3, 2, cell, rng=0)
    scores, _ = model(np.full((1, 50, 2), 1e4))
    assert np.isfinite(scores).all()
    x = normal(4, 7, 2)
    np.testing.assert_array_equal(model(np.asfortranarray(x))[0], model(x)[0])
    np.testing.assert_allclose(model(x[:, ::2])[0], model(x[:, ::2].copy())[0], rtol=1e-14)
    assert model(np.zeros((0, 3, 2)))[0].shape == (0, 3, 2)
    assert gradient_by_lag(model, x[0, :1], rng=0).shape == (1,)


def test_a_loss_that_is_not_finite_ends_the_run():
    x = np.full((10, 1), np.nan)
    model = one_unit()
    opt = optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(FloatingPointError, match="the loss is nan"):
        fit_stream(model, nn.MSELoss(), opt, x, x, steps=5, batch=1, epochs=1)
    assert np.isfinite(model.head.weight.data).all()
    letters = SequenceModel(2, 1, 2, rng=0)
    letters.head.bias.data[...] = np.nan
    with pytest.raises(FloatingPointError, match="not finite"):
        write(letters, "ab", "a", 3, rng=0)


# Refusals: malformed calls are named with both sides


def test_refusals_of_the_model():
    with pytest.raises(ValueError, match=r"cell is 'elman'; it must be one of 'rnn', 'lstm'"):
        SequenceModel(1, 2, 1, "elman")
    with pytest.raises(ValueError, match="hidden is 0"):
        SequenceModel(1, 0, 1)
    with pytest.raises(TypeError, match=r"layers must be a whole number, not 1\.5"):
        SequenceModel(1, 2, 1, layers=1.5)
    with pytest.raises(ValueError, match="x has 3 features; RNN expects 2"):
        SequenceModel(2, 2, 1, rng=0)(np.zeros((1, 4, 3)))
    with pytest.raises(TypeError, match="x has dtype float32; weight has float64"):
        SequenceModel(2, 2, 1, rng=0)(np.zeros((1, 4, 2), np.float32))
    with pytest.raises(RuntimeError, match="before forward"):
        SequenceModel(2, 2, 1, rng=0).backward(np.zeros((1, 4, 1)))


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        ((10,), (10,), {}, r"x has shape \(10,\); the model expects \(T, 1\)"),
        ((10, 2), (10,), {}, r"x has shape \(10, 2\); the model expects \(T, 1\)"),
        ((10, 1), (9,), {}, r"y has shape \(9, 1\); expected \(10,\)"),
        ((10, 1), (10, 1, 1), {}, r"y has shape \(10, 1, 1\); expected \(10,\)"),
        ((10, 1), (10,), {"steps": 0}, "steps is 0"),
        ((10, 1), (10,), {"batch": 11}, "x has 10 steps; 11 streams"),
        ((10, 1), (10,), {"epochs": -1}, "epochs is -1"),
        ((10, 1), (10,), {"clip": -1.0}, "max_norm is -1"),
    ],
)
def test_refusals_of_a_stream(x, y, options, message):
    model = one_unit()
    opt = optim.SGD(model.parameters(), lr=0.1)
    settings = {"steps": 5, "batch": 1, "epochs": 1} | options
    with pytest.raises(ValueError, match=message):
        fit_stream(model, nn.MSELoss(), opt, np.zeros(x), np.zeros(y), **settings)


def test_refusals_of_the_rest():
    model, letters = one_unit(), SequenceModel(3, 2, 3, rng=0)
    with pytest.raises(ValueError, match="reads 2 numbers a step and answers 1"):
        roll_forward(SequenceModel(2, 2, 1, rng=0), np.zeros((3, 2)), 1)
    with pytest.raises(ValueError, match=r"start has shape \(0, 1\); expected \(T, 1\)"):
        roll_forward(model, np.zeros((0, 1)), 1)
    with pytest.raises(ValueError, match="n is -1"):
        roll_forward(model, np.zeros((2, 1)), -1)
    with pytest.raises(ValueError, match="n is -1"):
        write(letters, "abc", "a", -1, rng=0)
    with pytest.raises(ValueError, match="alphabet has 2 letters; the model reads 3 and answers 3"):
        write(letters, "ab", "a", 1, rng=0)
    with pytest.raises(ValueError, match="twice in the alphabet 'aba'"):
        write(letters, "aba", "a", 1, rng=0)
    with pytest.raises(ValueError, match="prompt contains 'x'; the alphabet is 'abc'"):
        write(letters, "abc", "ax", 1, rng=0)
    with pytest.raises(ValueError, match="prompt is empty"):
        write(letters, "abc", "", 1, rng=0)
    for temperature in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="temperature is"):
            write(letters, "abc", "a", 1, temperature=temperature, rng=0)
    with pytest.raises(TypeError, match="rng must be"):
        write(letters, "abc", "a", 1, rng=None)
    with pytest.raises(ValueError, match="ids contains 3; with k = 3 there are 0 to 2"):
        one_hot([0, 3], 3)
    with pytest.raises(ValueError, match="ids contains -1"):
        one_hot([-1], 3)
    with pytest.raises(TypeError, match="ids must be whole numbers; got float64"):
        one_hot([0.5], 3)
    with pytest.raises(ValueError, match=r"x has shape \(1, 4, 1\); expected \(T, 1\)"):
        gradient_by_lag(model, np.zeros((1, 4, 1)), rng=0)
