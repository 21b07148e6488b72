"""Recurrent models in PyTorch equal their NumPy twins: start, answers, gradients, curves, text."""

import inspect

import numpy as np
import pytest
import torch

from nnbook import nn, optim
from nnbook.pytorch import recurrent as twin
from nnbook.scratch import recurrent as scratch

CELLS = ("rnn", "lstm", "gru")
each_cell = pytest.mark.parametrize("cell", CELLS)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def pair(*sizes, seed=0, dtype="float64"):
    """Both twins, from the same seed."""
    ours = scratch.SequenceModel(*sizes, rng=seed, dtype=getattr(np, dtype))
    theirs = twin.SequenceModel(*sizes, rng=seed, dtype=getattr(torch, dtype), device="cpu")
    return ours, theirs


@each_cell
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_same_seed_gives_the_same_start(cell, dtype, layers):
    ours, theirs = pair(3, 4, 2, cell, layers, seed=5, dtype=dtype)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    assert repr(ours) == repr(theirs)
    for key, value in theirs.state_dict().items():
        assert value.dtype == getattr(torch, dtype)
        np.testing.assert_array_equal(value.numpy(), ours.state_dict()[key])


@each_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_same_answers_states_and_gradients(cell, layers):
    ours, theirs = pair(3, 6, 2, cell, layers)
    x = normal(4, 9, 3)
    x_t = torch.tensor(x, requires_grad=True)
    scores, state = ours(x)
    scores_t, state_t = theirs(x_t)
    np.testing.assert_allclose(scores, scores_t.detach().numpy(), rtol=1e-11, atol=1e-13)
    states = [state] if cell != "lstm" else state
    states_t = [state_t] if cell != "lstm" else state_t
    grads = [normal(*s.shape, seed=i) for i, s in enumerate(states)]
    grad_scores = normal(*scores.shape, seed=9)
    grad_x, _ = ours.backward(grad_scores, grads[0] if cell != "lstm" else tuple(grads))
    loss = (scores_t * torch.from_numpy(grad_scores)).sum()
    for mine, other, grad in zip(states, states_t, grads, strict=True):
        np.testing.assert_allclose(mine, other.detach().numpy(), rtol=1e-11, atol=1e-13)
        loss = loss + (other * torch.from_numpy(grad)).sum()
    loss.backward()
    np.testing.assert_allclose(grad_x, x_t.grad.numpy(), rtol=1e-10, atol=1e-12)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_same_methods_with_the_same_parameters():
    mine, other = (inspect.signature(m.SequenceModel.forward) for m in (scratch, twin))
    assert list(mine.parameters) == list(other.parameters)


@each_cell
@pytest.mark.parametrize("clip", [None, 0.2])
def test_the_same_curve_from_the_same_start(cell, clip):
    ours, theirs = pair(1, 8, 1, cell, 2)
    wave = np.sin(0.3 * np.arange(203))[:, None]
    settings = {"steps": 17, "batch": 3, "epochs": 4, "clip": clip}
    mine = scratch.fit_stream(
        ours, nn.MSELoss(), optim.Adam(ours.parameters(), lr=0.02), wave[:-1], wave[1:, 0],
        **settings,
    )  # fmt: skip
    other = twin.fit_stream(
        theirs, torch.nn.MSELoss(), torch.optim.Adam(theirs.parameters(), lr=0.02), wave[:-1],
        torch.from_numpy(wave[1:, 0]), **settings,
    )  # fmt: skip
    np.testing.assert_allclose(mine, other, rtol=1e-9)
    assert mine[-1] < mine[0]
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=0, atol=1e-8)
    rolled = twin.roll_forward(theirs, wave[:50], 30)
    assert not rolled.requires_grad
    np.testing.assert_allclose(scratch.roll_forward(ours, wave[:50], 30), rolled, atol=1e-6)


@each_cell
def test_the_same_text_after_the_same_lessons(cell):
    alphabet = "abcde"
    ids = np.random.default_rng(0).integers(5, size=300)
    ids[1::2] = (ids[:-1:2] + 1) % 5  # every second letter follows from the one before
    ours, theirs = pair(5, 8, 5, cell)
    settings = {"steps": 10, "batch": 4, "epochs": 10, "clip": 1.0}
    x, y = scratch.one_hot(ids[:-1], 5), ids[1:]
    mine = scratch.fit_stream(
        ours, nn.CrossEntropyLoss(), optim.Adam(ours.parameters(), lr=0.02), x, y, **settings
    )
    other = twin.fit_stream(
        theirs, torch.nn.CrossEntropyLoss(), torch.optim.Adam(theirs.parameters(), lr=0.02),
        twin.one_hot(ids[:-1], 5), torch.from_numpy(y.astype(np.int32)), **settings,
    )  # fmt: skip
    np.testing.assert_allclose(mine, other, rtol=1e-9)
    for temperature in (0.0, 0.7, 1.0):
        texts = [
            m.write(model, alphabet, "ab", 60, temperature=temperature, rng=3)
            for m, model in ((scratch, ours), (twin, theirs))
        ]
        assert texts[0] == texts[1]
        assert len(texts[0]) == 60


@each_cell
def test_the_same_gradient_by_lag(cell):
    ours, theirs = pair(2, 6, 3, cell)
    x = normal(40, 2)
    theirs.eval()
    found = twin.gradient_by_lag(theirs, torch.from_numpy(x), rng=1)
    np.testing.assert_allclose(scratch.gradient_by_lag(ours, x, rng=1), found.numpy(), rtol=1e-8)
    assert found.dtype == torch.float64
    assert not theirs.training
    assert all(p.grad is None for p in theirs.parameters())


def test_gradient_by_lag_leaves_the_input_alone():
    _, theirs = pair(2, 3, 1)
    x = torch.zeros(5, 2, dtype=torch.float64)
    twin.gradient_by_lag(theirs, x, rng=0)
    assert not x.requires_grad
    assert x.grad is None


def test_chunks_carry_the_state_but_no_gradient():
    x, y = normal(8, 1), normal(8, 1, seed=1)
    _, model = pair(1, 3, 1)
    _, probe = pair(1, 3, 1)
    opt = torch.optim.SGD(model.parameters(), lr=0.0)
    twin.fit_stream(model, torch.nn.MSELoss(), opt, x, y, steps=5, batch=1, epochs=1)
    x_t, y_t = torch.from_numpy(x), torch.from_numpy(y)
    with torch.no_grad():
        _, state = probe(x_t[:5])
    scores, _ = probe(x_t[5:], state)
    torch.nn.MSELoss()(scores, y_t[5:]).backward()
    for p, q in zip(model.parameters(), probe.parameters(), strict=True):
        torch.testing.assert_close(p.grad, q.grad)


def test_one_hot():
    for dtype in ("float64", "float32"):
        ours = scratch.one_hot([[2, 0]], 3, getattr(np, dtype))
        theirs = twin.one_hot([[2, 0]], 3, getattr(torch, dtype))
        assert theirs.dtype == getattr(torch, dtype)
        np.testing.assert_array_equal(ours, theirs.numpy())
    assert twin.one_hot(torch.tensor([1], dtype=torch.uint8), 2).tolist() == [[0, 1]]


def test_refusals_are_those_of_the_twin():
    for module, library in ((scratch, "numpy"), (twin, "torch")):
        options = {"device": "cpu"} if library == "torch" else {}
        model = module.SequenceModel(1, 2, 1, rng=0, **options)
        loss = (nn if library == "numpy" else torch.nn).MSELoss()
        opt = (optim if library == "numpy" else torch.optim).SGD(model.parameters(), lr=0.1)
        letters = module.SequenceModel(3, 2, 3, rng=0, **options)
        settings = {"steps": 5, "batch": 1, "epochs": 1}
        with pytest.raises(ValueError, match=r"cell is 'elman'; it must be one of 'rnn'"):
            module.SequenceModel(1, 2, 1, "elman")
        with pytest.raises(ValueError, match="hidden is 0"):
            module.SequenceModel(1, 0, 1)
        with pytest.raises(ValueError, match=r"x has shape \(10,\); the model expects \(T, 1\)"):
            module.fit_stream(model, loss, opt, np.zeros(10), np.zeros(10), **settings)
        with pytest.raises(ValueError, match="x has 10 steps; 11 streams"):
            module.fit_stream(
                model, loss, opt, np.zeros((10, 1)), np.zeros(10), **settings | {"batch": 11}
            )
        with pytest.raises(FloatingPointError, match="the loss is nan"):
            module.fit_stream(model, loss, opt, np.full((10, 1), np.nan), np.zeros(10), **settings)
        with pytest.raises(ValueError, match=r"start has shape \(0, 1\); expected \(T, 1\)"):
            module.roll_forward(model, np.zeros((0, 1)), 1)
        with pytest.raises(ValueError, match="prompt contains 'x'; the alphabet is 'abc'"):
            module.write(letters, "abc", "x", 1, rng=0)
        with pytest.raises(ValueError, match="temperature is -1"):
            module.write(letters, "abc", "a", 1, temperature=-1, rng=0)
        with pytest.raises(ValueError, match="ids contains 3; with k = 3 there are 0 to 2"):
            module.one_hot([0, 3], 3)
        with pytest.raises(TypeError, match="ids must be whole numbers"):
            module.one_hot([0.5], 3)
        with pytest.raises(ValueError, match=r"x has shape \(1, 4, 1\); expected \(T, 1\)"):
            module.gradient_by_lag(model, np.zeros((1, 4, 1)), rng=0)
