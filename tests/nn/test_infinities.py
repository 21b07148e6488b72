"""Infinities and NaN: they spread as far as in PyTorch, no further, and nothing warns."""

import numpy as np
import pytest
import torch

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it

VALUES = [np.inf, -np.inf, np.nan]
IMAGES = (2, 3, 5, 6)
LAYERS = [
    (nn.ReLU(), torch.nn.ReLU(), (4, 3)),
    (nn.Hardtanh(), torch.nn.Hardtanh(), (4, 3)),
    (nn.Sigmoid(), torch.nn.Sigmoid(), (4, 3)),
    (nn.Tanh(), torch.nn.Tanh(), (4, 3)),
    (nn.Softmax(dim=-1), torch.nn.Softmax(dim=-1), (4, 3)),
    (nn.LogSoftmax(dim=-1), torch.nn.LogSoftmax(dim=-1), (4, 3)),
    (nn.MaxPool2d(2), torch.nn.MaxPool2d(2), IMAGES),
    (nn.MaxPool2d(3, 2, 1), torch.nn.MaxPool2d(3, 2, 1), IMAGES),
    (nn.AvgPool2d(2), torch.nn.AvgPool2d(2), IMAGES),
    (nn.AdaptiveAvgPool2d((2, 4)), torch.nn.AdaptiveAvgPool2d((2, 4)), IMAGES),
]
IDS = [repr(ours) for ours, _, _ in LAYERS]


def both(ours, theirs, x, grad_of):
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    y, y_t = ours(x), theirs(tensor)
    grad = grad_of(y.shape)
    y_t.backward(torch.from_numpy(grad))
    np.testing.assert_allclose(y, y_t.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.backward(grad), tensor.grad.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("ours", "theirs", "shape"), LAYERS, ids=IDS)
def test_in_the_input(ours, theirs, shape, value):
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape)
    x.flat[5] = value
    both(ours, theirs, x, lambda shape: rng.normal(size=shape))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("ours", "theirs", "shape"), LAYERS, ids=IDS)
def test_in_the_gradient(ours, theirs, shape, value):
    def grad_of(shape):
        grad = rng.normal(size=shape)
        grad.flat[[0, 1]] = value
        return grad

    rng = np.random.default_rng(1)
    both(ours, theirs, rng.normal(size=shape), grad_of)


def test_an_image_of_minus_infinity_keeps_its_gradient_out_of_the_border():
    ours, theirs = nn.MaxPool2d(3, 2, 1), torch.nn.MaxPool2d(3, 2, 1)
    both(ours, theirs, np.full((1, 1, 4, 4), -np.inf), np.ones)


def test_nan_is_larger_than_infinity_and_a_gradient_goes_to_it():
    x = np.array([[[np.inf, 1.0], [np.nan, 2.0]]])
    assert np.isnan(F.max_pool2d(x, 2)).all()
    np.testing.assert_array_equal(
        F.max_pool2d_backward([[[7.0]]], x, 2), [[[0.0, 0.0], [7.0, 0.0]]]
    )


@pytest.mark.parametrize("value", VALUES)
def test_a_relu_network_over_time_stops_what_it_stopped(value):
    ours = nn.RNN(2, 3, nonlinearity="relu", rng=0)
    theirs = torch.nn.RNN(2, 3, nonlinearity="relu", dtype=torch.float64)
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.state_dict().items()})
    x = np.random.default_rng(0).normal(size=(1, 2))  # one step: the weights do not mix it again
    tensor = torch.from_numpy(x).requires_grad_()
    output, _ = ours(x)
    assert (output == 0).any()
    grad = np.where(output == 0, value, 1.0)
    theirs(tensor)[0].backward(torch.from_numpy(grad))
    grad_x = ours.backward(grad, np.zeros((1, 3)))[0]
    np.testing.assert_allclose(grad_x, tensor.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Linear(3, 2, rng=0), (4, 3)),
        (nn.Conv2d(3, 2, 3, rng=0), IMAGES),
        (nn.ConvTranspose2d(3, 2, 3, rng=0), IMAGES),
        (nn.LayerNorm(3), (4, 3)),
        (nn.BatchNorm1d(3), (4, 3)),
        (nn.GELU(), (4, 3)),
        (nn.SiLU(), (4, 3)),
        (nn.ELU(), (4, 3)),
        (nn.Softplus(), (4, 3)),
    ],
    ids=lambda value: repr(value),
)
def test_nothing_warns(layer, shape, value):
    x = np.ones(shape)
    x.flat[:3] = value, -value, 0.0
    grad = np.ones(layer(x).shape)
    grad.flat[:3] = -value, 0.0, value
    assert not np.isfinite(layer.backward(grad)).all()


def test_a_gradient_too_large_for_the_dtype_becomes_infinite():
    layer = nn.Tanh()
    layer(np.zeros(1, dtype=np.float32))
    assert layer.backward(np.array([1e300])) == np.inf


# Numbers of NumPy's among the arguments must not widen float32


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.LayerNorm(3, eps=np.float64(1e-5), dtype=np.float32), (4, 3)),
        (nn.BatchNorm1d(3, np.float64(1e-5), np.float64(0.1), dtype=np.float32), (4, 3)),
        (nn.LeakyReLU(np.float64(0.1)), (4, 3)),
        (nn.Hardtanh(np.float64(-1.0), np.float64(1.0)), (4, 3)),
        (nn.Dropout(np.float64(0.5), rng=0), (4, 3)),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("training", [True, False])
def test_float32_stays_float32(layer, shape, training):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    layer.train(training)
    y = layer(x)
    assert y.dtype == layer.backward(np.ones_like(y)).dtype == np.float32


def test_float32_stays_float32_in_functions():
    x = np.ones((2, 3), dtype=np.float32)
    loss = nn.CrossEntropyLoss(label_smoothing=np.float64(0.1))
    assert loss(x, x / 3).dtype == loss.backward().dtype == np.float32
    assert F.scaled_dot_product_attention(x, x, x, scale=np.float64(0.5)).dtype == np.float32
