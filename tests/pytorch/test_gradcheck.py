"""The check of gradients in PyTorch: autograd passes, a wrong `autograd.Function` does not."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from nnbook import nn as ours
from nnbook.pytorch.gradcheck import GradientError, gradcheck
from nnbook.scratch import gradcheck as scratch

X = torch.randn(5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


class Square(torch.autograd.Function):
    """x^2 with a factor that may be wrong."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(x)
        ctx.factor = factor
        return x * x

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * ctx.factor * x, None


class Layer(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.linear, self.factor = nn.Linear(3, 2), factor

    def forward(self, x):
        return Square.apply(self.linear(x), self.factor)


def test_modules_of_all_kinds_pass():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Dropout(0.5), nn.Linear(4, 2)
    )
    report = gradcheck(model, X)
    assert report.checked == 15 + 16 + 8 + 10
    assert "1.weight of BatchNorm1d" in report.names
    lstm = gradcheck(nn.LSTM(3, 2), X, (torch.zeros(1, 2), torch.ones(1, 2)))
    assert {"hx[0]", "hx[1]"} <= set(lstm.names)
    assert gradcheck(nn.CrossEntropyLoss(), X, torch.arange(5) % 3).names == ("input",)


def test_a_wrong_function_is_named():
    torch.manual_seed(0)
    assert gradcheck(Layer(2.0), X).checked == 15 + 8
    with pytest.raises(GradientError, match=r"by linear\.weight of Linear at") as raised:
        gradcheck(Layer(2.001), X)
    assert str(raised.value).startswith("Layer: 23 of 23")


def test_derivatives_by_hand_beside_autograd():
    gradcheck(torch.tanh, X, backward=lambda g, x: g * (1 - torch.tanh(x) ** 2))
    gradcheck(torch.tanh, X)
    with pytest.raises(GradientError, match=r"tanh: 15 of 15"):
        gradcheck(torch.tanh, X, backward=lambda g, x: g * (1 - torch.tanh(x)))
    with pytest.raises(TypeError, match="backward"):
        gradcheck(nn.Tanh(), X, backward=lambda g, x: g)


def test_nothing_is_left_changed():
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(0.5)).eval().float()
    x = X.float().requires_grad_()
    model(x).sum().backward()
    before, grads = copy.deepcopy(model.state_dict()), [p.grad.clone() for p in model.parameters()]
    random, grad = torch.get_rng_state(), x.grad.clone()
    gradcheck(model.train(), x)
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), grads, strict=True))
    assert model[0].weight.dtype == torch.float32
    assert torch.equal(x.grad, grad)
    assert torch.equal(torch.get_rng_state(), random)


def test_the_seed_decides_and_nothing_else():
    def noise(x):
        return x * torch.rand_like(x)

    found = []
    for outside, seed in ((0, 0), (1, 0), (0, 1)):
        torch.manual_seed(outside)
        with pytest.raises(GradientError) as raised:
            gradcheck(noise, X, backward=lambda g, x: 2 * g, rng=seed)
        found.append(str(raised.value))
    assert found[0] == found[1] != found[2]


def test_frozen_parameters_and_samples():
    layer = nn.Linear(3, 2).requires_grad_(False)
    assert gradcheck(layer, X).names == ("input",)
    assert gradcheck(nn.Tanh(), torch.zeros(50, 50), max_entries=7).checked == 7
    with pytest.raises(ValueError, match="no float output"):
        gradcheck(torch.argmax, X)


def test_both_twins_speak_alike():
    with pytest.raises(scratch.GradientError) as mine:
        scratch.gradcheck(np.square, X.numpy(), backward=lambda g, x: g)
    with pytest.raises(GradientError) as theirs:
        gradcheck(lambda x: x**2, X, backward=lambda g, x: g)
    assert scratch.GradientError is GradientError
    assert str(mine.value).split(":")[1] == str(theirs.value).split(":")[1]
    torch_layer, layer = nn.Linear(3, 2).double(), ours.Linear(3, 2, rng=0)
    assert gradcheck(torch_layer, X).checked == scratch.gradcheck(layer, X.numpy()).checked
