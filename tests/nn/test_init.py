"""How weights start: the distributions are PyTorch's, and a seed fixes them."""

import math

import numpy as np
import pytest
import torch

from nnbook import nn
from nnbook.nn import init

SHAPE = (200, 50, 3, 2)
RANDOM = [
    ("uniform_", {}), ("uniform_", {"a": -2.0, "b": 3.0}), ("normal_", {}),
    ("normal_", {"mean": 2.0, "std": 0.5}), ("trunc_normal_", {}),
    ("trunc_normal_", {"mean": 1.0, "std": 2.0, "a": -1.0, "b": 4.0}), ("xavier_uniform_", {}),
    ("xavier_uniform_", {"gain": 2.0}), ("xavier_normal_", {"gain": 0.5}),
    ("kaiming_uniform_", {}), ("kaiming_uniform_", {"a": math.sqrt(5)}),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {"nonlinearity": "tanh"}), ("kaiming_normal_", {"mode": "fan_out"}),
    ("orthogonal_", {}), ("orthogonal_", {"gain": 3.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), RANDOM)
def test_distributions_are_those_of_pytorch(name, options):
    torch.manual_seed(0)
    theirs = getattr(torch.nn.init, name)(torch.empty(SHAPE, dtype=torch.float64), **options)
    theirs, ours = theirs.numpy(), getattr(init, name)(np.empty(SHAPE), rng=0, **options)
    scale = theirs.std()
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.03 * scale)
    assert ours.std() == pytest.approx(scale, rel=0.02)
    for share in (0.01, 0.2, 0.5, 0.8, 0.99):
        quantiles = np.quantile(ours, share), np.quantile(theirs, share)
        assert quantiles[0] == pytest.approx(quantiles[1], abs=0.05 * scale)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (4, 2, 3)])
def test_orthogonal_rows_or_columns(shape):
    w = init.orthogonal_(np.empty(shape), rng=0).reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "selu", "leaky_relu"])
def test_gains_are_those_of_pytorch(name):
    assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    assert init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)


def test_constants():
    assert (init.zeros_(np.empty(3)) == 0).all()
    assert (init.ones_(np.empty(3)) == 1).all()
    assert (init.constant_(np.empty(3), 2.5) == 2.5).all()
    np.testing.assert_array_equal(init.eye_(np.empty((2, 3))), np.eye(2, 3))


def test_a_parameter_is_filled_in_place():
    parameter = nn.Parameter(np.zeros((3, 2), dtype=np.float32))
    array = parameter.data
    assert init.xavier_uniform_(parameter, rng=0) is parameter
    assert parameter.data is array
    assert array.dtype == np.float32
    assert array.any()


def test_a_seed_fixes_the_numbers():
    a, b = (init.normal_(np.empty(5), rng=3) for _ in "ab")
    np.testing.assert_array_equal(a, b)
    generator = np.random.default_rng(3)
    np.testing.assert_array_equal(init.normal_(np.empty(5), rng=generator), a)
    assert not np.array_equal(init.normal_(np.empty(5), rng=generator), a)
    assert not np.array_equal(init.normal_(np.empty(5)), init.normal_(np.empty(5)))
