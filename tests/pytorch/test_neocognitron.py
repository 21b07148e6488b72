"""The Neocognitron in PyTorch learns what the one in NumPy learns, from the same start."""

import numpy as np
import pytest
import torch

from nnbook.pytorch import neocognitron
from nnbook.scratch import neocognitron as scratch

rng = np.random.default_rng(0)


def pictures():
    bars = np.zeros((3, 12, 12))
    bars[0, 2:10, 5] = bars[1, 5, 2:10] = 1.0
    bars[2, np.arange(2, 10), np.arange(2, 10)] = 1.0
    return bars


def close(theirs, ours):
    np.testing.assert_allclose(theirs.numpy(), ours, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("in_planes", "window"), [(1, 1), (1, 5), (3, 3)])
def test_s_layers(in_planes, window):
    ours = scratch.SLayer(in_planes, 4, 2.5, window, rng=3)
    theirs = neocognitron.SLayer(in_planes, 4, 2.5, window, rng=3)
    u = rng.random((in_planes, 7, 6))
    for area in (1, 3):
        assert theirs.learn(torch.from_numpy(u), 100.0, area) == ours.learn(u, 100.0, area)
        close(theirs(torch.from_numpy(u)), ours(u))
        close(theirs.a, ours.a)
        close(theirs.b, ours.b)


@pytest.mark.parametrize(("window", "stride"), [(1, 1), (5, 2), (3, 3), (None, 2)])
def test_c_layers(window, stride):
    u = rng.random((3, 7, 8))
    ours, theirs = scratch.CLayer(window, stride), neocognitron.CLayer(window, stride)
    close(theirs(torch.from_numpy(u)), ours(u))


@pytest.mark.parametrize("seed", range(3))
def test_the_same_network_learns_the_same(seed):
    x = pictures()
    ours = scratch.Neocognitron((8, 12), (4.0, 2.0), rng=seed).train(x)
    theirs = neocognitron.Neocognitron((8, 12), (4.0, 2.0), rng=seed, device="cpu")
    theirs.train(torch.from_numpy(x).float())  # zeros and ones lose nothing
    for picture in x:
        answers = theirs.answers(torch.from_numpy(picture))
        for a, b in zip(answers, ours.answers(picture), strict=True):
            close(a, b)
        close(theirs(torch.from_numpy(picture)), ours(picture))


def test_the_first_of_equals_wins():
    u = torch.zeros(2, 3, 3, dtype=torch.float64)
    u[0, 1, 2], u[1, 0, 0] = 1.0, 1.0 + 1e-12
    assert neocognitron.representatives(u, area=3) == [(0, 1, 2)]
    assert neocognitron.representatives(torch.zeros(0, 3, 3), area=1) == []


def test_nothing_is_left_for_autograd():
    u = torch.rand(1, 6, 6, requires_grad=True)
    layer = neocognitron.SLayer(1, 2, rng=0)
    layer.learn(u, 1.0, 2)
    assert not layer(u).requires_grad
    assert not layer.a.requires_grad


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: neocognitron.SLayer(1, 1, window=4), ValueError, "window is 4; it must be odd"),
        (lambda: neocognitron.SLayer(1, 1, -1), ValueError, "selectivity is -1"),
        (
            lambda: neocognitron.SLayer(2, 1)(torch.ones(3, 4, 4)),
            ValueError,
            r"u has shape \(3, 4, 4\); it must be \(2, height, width\)",
        ),
        (lambda: neocognitron.CLayer(window=2), ValueError, "window is 2; it must be odd"),
        (lambda: neocognitron.CLayer()(torch.ones(4, 4)), ValueError, r"u has shape \(4, 4\)"),
        (
            lambda: neocognitron.Neocognitron((1, 2), (1,)),
            ValueError,
            "planes has 2 entries, selectivity 1",
        ),
        (
            lambda: neocognitron.Neocognitron(device="cpu")(torch.ones(4)),
            ValueError,
            r"a picture has shape \(4,\)",
        ),
        (
            lambda: neocognitron.Neocognitron(device="cpu").train(torch.ones(4, 4)),
            ValueError,
            r"pictures has shape \(4, 4\)",
        ),
        (
            lambda: neocognitron.CLayer()(torch.ones(1, 4, 4, dtype=torch.complex64)),
            TypeError,
            "no real numbers: torch.complex64",
        ),
    ],
)
def test_malformed(call, error, message):
    with pytest.raises(error, match=message):
        call()
