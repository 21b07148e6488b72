"""The multi-layer perceptron in PyTorch equals its NumPy twin: start, outputs, gradients, steps."""

import copy

import numpy as np
import pytest
import torch

from nnbook import nn, optim
from nnbook.pytorch import mlp as twin
from nnbook.scratch import mlp as scratch

ACTIVATIONS = (
    "elu", "gelu", "identity", "leaky_relu", "relu", "sigmoid", "silu", "softplus", "tanh",
)  # fmt: skip


def pair(sizes, activation="tanh"):
    """Both twins, the weights of the one copied into the other."""
    ours = scratch.MLP(sizes, activation, rng=0)
    theirs = twin.MLP(sizes, activation, rng=1, device="cpu")
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.state_dict().items()})
    return ours, theirs


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(3, 2), (3, 5, 2), (3, 8, 8, 8, 1)])
def test_same_weights_give_same_outputs_and_gradients(sizes, activation):
    ours, theirs = pair(sizes, activation)
    x = np.random.default_rng(2).normal(size=(6, 3))
    x_t = torch.tensor(x, requires_grad=True)
    grad = np.random.default_rng(3).normal(size=(6, sizes[-1]))
    output = theirs(x_t)
    output.backward(torch.from_numpy(grad))
    np.testing.assert_allclose(ours(x), output.detach().numpy(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(ours.backward(grad), x_t.grad.numpy(), rtol=1e-12, atol=1e-14)
    for (name, p), (name_t, p_t) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert name == name_t
        np.testing.assert_allclose(p.grad, p_t.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_hidden_layers_agree_and_leave_autograd_alone():
    ours, theirs = pair((2, 5, 4, 1), "relu")
    x = np.random.default_rng(0).normal(size=(9, 2))
    for a, b in zip(ours.hidden(x), theirs.hidden(torch.from_numpy(x)), strict=True):
        assert not b.requires_grad
        np.testing.assert_allclose(b.numpy(), a, rtol=1e-12, atol=1e-14)
    assert theirs(torch.from_numpy(x)).requires_grad


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_same_seed_gives_the_same_start(dtype):
    ours = scratch.MLP((3, 4, 2), rng=5, dtype=getattr(np, dtype))
    theirs = twin.MLP((3, 4, 2), rng=5, dtype=getattr(torch, dtype), device="cpu")
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    for key, value in theirs.state_dict().items():
        assert value.dtype == getattr(torch, dtype)
        np.testing.assert_array_equal(value.numpy(), ours.state_dict()[key])


def test_training_takes_the_same_steps():
    ours = scratch.MLP((2, 6, 1), rng=0)
    theirs = twin.MLP((2, 6, 1), rng=0, device="cpu")
    x = np.random.default_rng(0).normal(size=(20, 2))
    y = (x[:, :1] * x[:, 1:] > 0).astype(float)
    loss, loss_t = nn.BCEWithLogitsLoss(), torch.nn.BCEWithLogitsLoss()
    opt = optim.Adam(ours.parameters(), lr=0.05)
    opt_t = torch.optim.Adam(theirs.parameters(), lr=0.05)
    for _ in range(50):
        value = loss(ours(x), y)
        opt.zero_grad()
        ours.backward(loss.backward())
        opt.step()
        value_t = loss_t(theirs(torch.from_numpy(x)), torch.from_numpy(y))
        opt_t.zero_grad()
        value_t.backward()
        opt_t.step()
        assert abs(value - value_t.item()) < 1e-10


def test_slices_classes_and_copies():
    x = torch.ones(3, 2, dtype=torch.float64)
    model = twin.MLP((2, 4, 3, 1), torch.nn.GELU, rng=0, device="cpu")
    assert type(model[:2]) is torch.nn.Sequential
    assert torch.equal(model[:2](x), model.hidden(x)[0])
    assert isinstance(model[-1], torch.nn.Linear)
    assert torch.equal(copy.deepcopy(model)(x), model(x))
    assert model.sizes == (2, 4, 3, 1)


def test_refusals_are_those_of_the_twin():
    for module in (scratch, twin):
        with pytest.raises(ValueError, match=r"sizes is \(2,\)"):
            module.MLP((2,))
        with pytest.raises(ValueError, match=r"sizes\[1\] is 0"):
            module.MLP((2, 0, 1))
        with pytest.raises(TypeError, match="must be a whole number"):
            module.MLP((2, True, 1))
        with pytest.raises(ValueError, match=r"no activation 'than'; there are elu, gelu"):
            module.MLP((2, 2, 1), "than")
