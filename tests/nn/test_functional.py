"""Activation functions and softmax: by hand, by central differences, by PyTorch, by hard inputs."""

import math
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnbook.nn import functional as F  # noqa: N812

TORCH = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "elu": torch.nn.functional.elu,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "softplus": torch.nn.functional.softplus,
    "hardtanh": torch.nn.functional.hardtanh,
}
NAMES = [*TORCH, "step"]
OPTIONS = [
    ("leaky_relu", {"negative_slope": 0.3}),
    ("elu", {"alpha": 0.7}),
    ("gelu", {"approximate": "tanh"}),
    ("softplus", {"beta": 3.0}),
    ("softplus", {"beta": 0.5, "threshold": 5.0}),
    ("hardtanh", {"min_val": -0.5, "max_val": 2.0}),
]
SMOOTH = np.linspace(-9, 9, 181) + 0.0123  # no point on a kink
HARD = np.array([-1e4, -750.0, -40.0, -1e-300, 0.0, 1e-300, 40.0, 750.0, 1e4])
each = pytest.mark.parametrize("name", NAMES)


def torch_values(name, z, **options):
    """PyTorch's values and slopes."""
    tensor = torch.tensor(z, requires_grad=True)
    values = TORCH[name](tensor, **options)
    values.sum().backward()
    return values.detach().numpy(), tensor.grad.numpy()


@pytest.mark.parametrize(
    ("name", "z", "value", "slope"),
    [
        ("step", -0.1, 0, 0),
        ("step", 0.0, 1, 0),
        ("sigmoid", 0.0, 0.5, 0.25),
        ("sigmoid", math.log(3), 0.75, 0.1875),
        ("tanh", math.log(2), 0.6, 0.64),
        ("relu", -2.0, 0, 0),
        ("relu", 2.0, 2, 1),
        ("leaky_relu", -2.0, -0.02, 0.01),
        ("elu", -math.log(2), -0.5, 0.5),
        ("softplus", 0.0, math.log(2), 0.5),
        ("silu", 0.0, 0, 0.5),
        ("gelu", 0.0, 0, 0.5),
        ("gelu", 1.0, 0.8413447460685429, 0.8413447460685429 + 0.24197072451914337),
        ("hardtanh", 0.5, 0.5, 1),
        ("hardtanh", 3.0, 1, 0),
    ],
)
def test_values_worked_by_hand(name, z, value, slope):
    assert getattr(F, name)(z) == pytest.approx(value, abs=1e-15)
    assert getattr(F, f"{name}_derivative")(z) == pytest.approx(slope, abs=1e-15)


@each
def test_derivative_agrees_with_central_differences(name):
    g, derivative = getattr(F, name), getattr(F, f"{name}_derivative")
    h = 1e-6
    central = (g(SMOOTH + h) - g(SMOOTH - h)) / (2 * h)
    np.testing.assert_allclose(derivative(SMOOTH), central, atol=2e-9)


@pytest.mark.parametrize(("name", "options"), [*((n, {}) for n in TORCH), *OPTIONS])
@pytest.mark.parametrize("z", [SMOOTH, HARD, np.array([0.0])], ids=["smooth", "hard", "zero"])
def test_agrees_with_pytorch_in_float64(name, options, z):
    values, slopes = torch_values(name, z, **options)
    np.testing.assert_allclose(getattr(F, name)(z, **options), values, rtol=1e-12, atol=1e-14)
    mine = getattr(F, f"{name}_derivative")(z, **options)
    np.testing.assert_allclose(mine, slopes, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", TORCH)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_keep_their_type(name, dtype):
    z = SMOOTH.astype(dtype)
    for function in (getattr(F, name), getattr(F, f"{name}_derivative")):
        assert function(z).dtype == dtype
    if dtype == np.float32:
        values, slopes = torch_values(name, z)
        np.testing.assert_allclose(getattr(F, name)(z), values, rtol=2e-6, atol=5e-7)
        np.testing.assert_allclose(getattr(F, f"{name}_derivative")(z), slopes, atol=2e-6)


@each
def test_any_input_passes_without_a_warning(name):
    z = np.array([-np.inf, -1e308, -1e4, 0.0, 5e-324, 1e4, 1e308, np.inf, np.nan])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values, slopes = getattr(F, name)(z), getattr(F, f"{name}_derivative")(z)
    assert np.isnan(values[-1])
    assert np.isnan(slopes[-1])
    assert np.isfinite(values[1:-2]).all()
    assert np.isfinite(slopes[1:-2]).all()


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "softplus", "hardtanh", "leaky_relu"])
def test_infinity_agrees_with_pytorch(name):
    z = np.array([-np.inf, np.inf])
    np.testing.assert_array_equal(getattr(F, name)(z), TORCH[name](torch.tensor(z)).numpy())


@each
def test_shapes_and_layouts(name):
    g = getattr(F, name)
    z = np.arange(24.0).reshape(2, 3, 4) - 11.5
    assert g(np.zeros((0, 3))).shape == (0, 3)
    assert np.ndim(g(1.5)) == 0
    np.testing.assert_array_equal(g(z[:, ::2, ::-1]), g(z)[:, ::2, ::-1])
    np.testing.assert_array_equal(g(np.asfortranarray(z)), g(z))
    np.testing.assert_array_equal(g(z.tolist()), g(z))
    np.testing.assert_array_equal(g([-1, 2]), g([-1.0, 2.0]))


@each
def test_the_input_is_left_alone(name):
    z = SMOOTH.copy()
    getattr(F, name)(z)
    getattr(F, f"{name}_derivative")(z)
    np.testing.assert_array_equal(z, SMOOTH)


@each
@pytest.mark.parametrize("bad", [np.array([1j]), np.array(["a"]), np.array([None])])
def test_what_is_not_a_real_number_is_refused(name, bad):
    with pytest.raises(TypeError, match=str(bad.dtype)):
        getattr(F, name)(bad)


def test_tails_keep_their_digits():
    # abs=0, for the default of 1e-12 would let these tiny numbers be anything.
    assert F.sigmoid(-40.0) == pytest.approx(math.exp(-40), rel=1e-15, abs=0)
    assert F.sigmoid(-712.0) == pytest.approx(math.exp(-712), rel=1e-12, abs=0)
    assert F.sigmoid_derivative(40.0) == pytest.approx(math.exp(-40), rel=1e-15, abs=0)
    assert F.tanh_derivative(30.0) == pytest.approx(4 * math.exp(-60), rel=1e-14, abs=0)
    assert F.softplus(-40.0) == pytest.approx(math.exp(-40), rel=1e-15, abs=0)
    assert F.elu(-1e-20) == pytest.approx(-1e-20, rel=1e-15, abs=0)


@pytest.mark.parametrize(("name", "options"), [("gelu", {"approximate": "erf"})])
def test_an_unknown_approximation_is_named(name, options):
    with pytest.raises(ValueError, match="erf"):
        getattr(F, name)(1.0, **options)


def test_hardtanh_refuses_bounds_that_cross():
    with pytest.raises(ValueError, match="min_val"):
        F.hardtanh(0.0, min_val=2.0, max_val=1.0)


# Softmax


def test_softmax_by_hand():
    np.testing.assert_allclose(F.softmax(np.log([1.0, 2.0, 5.0])), [0.125, 0.25, 0.625])
    np.testing.assert_allclose(F.log_softmax(np.log([1.0, 3.0])), np.log([0.25, 0.75]))
    assert F.logsumexp(np.log([1.0, 2.0, 5.0])) == pytest.approx(math.log(8))
    expected = [[0.1875, -0.1875], [-0.1875, 0.1875]]
    np.testing.assert_allclose(F.softmax_jacobian([0.75, 0.25]), expected)


@pytest.mark.parametrize("dim", [-1, 0, 1])
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_softmax_agrees_with_pytorch(dim, scale):
    z = np.random.default_rng(0).normal(size=(3, 4, 5)) * scale
    t = torch.tensor(z, requires_grad=True)
    grad = np.random.default_rng(1).normal(size=z.shape)
    for name, backward in (
        ("softmax", "softmax_backward"),
        ("log_softmax", "log_softmax_backward"),
    ):
        t.grad = None
        out = getattr(torch, name)(t, dim=dim)
        out.backward(torch.tensor(grad))
        mine = getattr(F, name)(z, dim=dim)
        np.testing.assert_allclose(mine, out.detach().numpy(), rtol=1e-12, atol=1e-300)
        back = getattr(F, backward)(grad, mine, dim=dim)
        np.testing.assert_allclose(back, t.grad.numpy(), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(
        F.logsumexp(z, dim=dim), torch.logsumexp(torch.tensor(z), dim=dim).numpy(), rtol=1e-14
    )


def test_softmax_jacobian_agrees_with_central_differences():
    z, h = np.array([2.0, 1.0, -1.0, 0.5]), 1e-6
    columns = [(F.softmax(z + h * e) - F.softmax(z - h * e)) / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(F.softmax_jacobian(F.softmax(z)), np.stack(columns, 1), atol=1e-9)


def test_softmax_jacobian_of_a_batch_is_the_batch_of_jacobians():
    p = F.softmax(np.random.default_rng(0).normal(size=(2, 3, 4)))
    jacobians = F.softmax_jacobian(p)
    assert jacobians.shape == (2, 3, 4, 4)
    np.testing.assert_array_equal(jacobians[1, 2], F.softmax_jacobian(p[1, 2]))


@given(arrays(np.float64, array_shapes(min_dims=1, max_dims=3), elements=st.floats(-1e4, 1e4)))
def test_softmax_sums_to_one_and_ignores_a_shift(z):
    p = F.softmax(z)
    np.testing.assert_allclose(p.sum(axis=-1), 1)
    np.testing.assert_allclose(F.softmax(z - 64.0), p, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.exp(F.log_softmax(z)), p, rtol=1e-9, atol=1e-300)


def test_softmax_of_hard_inputs():
    np.testing.assert_allclose(F.softmax([1e4, 0.0, -1e4]), [1, 0, 0])
    np.testing.assert_allclose(F.log_softmax([1e4, 0.0]), [0, -1e4])
    np.testing.assert_allclose(F.softmax([-np.inf, 0.0]), [0, 1])
    assert F.softmax(np.zeros((0, 3))).shape == (0, 3)
    assert F.softmax(np.zeros(1))[0] == 1
    assert F.softmax(np.zeros(3, np.float32)).dtype == np.float32
    assert np.isnan(F.softmax([np.nan, 1.0])).all()


def test_softmax_says_what_is_wrong():
    with pytest.raises(TypeError, match="complex128"):
        F.softmax(np.array([1j]))
    with pytest.raises((IndexError, ValueError), match="2"):
        F.softmax(np.zeros((2, 3)), dim=2)
    with pytest.raises(ValueError, match="3"):
        F.softmax_backward(np.zeros(3), np.zeros(2))


INFINITE = [
    [1.7e308, -1.7e308],
    [np.inf, 0.0],
    [-np.inf, 0.0],
    [-np.inf, -np.inf],
    [np.inf, np.inf],
    [np.nan, 0.0],
]


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("z", [*INFINITE, []], ids=str)
def test_softmax_of_infinities_is_pytorchs(name, z):
    expected = getattr(torch, name)(torch.tensor(z, dtype=torch.float64), dim=-1).numpy()
    np.testing.assert_array_equal(getattr(F, name)(z), expected)


@pytest.mark.parametrize("options", [{}, {"approximate": "tanh"}], ids=str)
def test_products_with_infinity_are_pytorchs(options):
    z = np.array([-np.inf, np.inf])
    for name in ("gelu", "silu"):
        mine = getattr(F, name)(z, **(options if name == "gelu" else {}))
        theirs, _ = torch_values(name, z, **(options if name == "gelu" else {}))
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_options_reach_the_derivative(name, options):
    h = 1e-6
    z = np.linspace(-4, 4, 81) + 0.0123
    g, derivative = getattr(F, name), getattr(F, f"{name}_derivative")
    central = (g(z + h, **options) - g(z - h, **options)) / (2 * h)
    np.testing.assert_allclose(derivative(z, **options), central, atol=5e-9)


def test_gelu_keeps_its_tail_and_does_not_overflow_in_half_precision():
    # The normal distribution function at -10 is 7.619853024160527e-24 (a table's value).
    assert F.gelu(-10.0) == pytest.approx(-7.619853024160527e-23, rel=1e-13, abs=0)
    for approximate in ("none", "tanh"):
        slope = F.gelu_derivative(np.float16([-300, 300]), approximate)
        np.testing.assert_array_equal(slope, [0, 1])


@pytest.mark.parametrize("dim", [-1, 0, 1])
@pytest.mark.parametrize("keepdim", [False, True])
def test_logsumexp_and_its_gradient_agree_with_pytorch(dim, keepdim):
    z = np.random.default_rng(0).normal(size=(3, 4, 5))
    t = torch.tensor(z, requires_grad=True)
    out = torch.logsumexp(t, dim=dim, keepdim=keepdim)
    mine = F.logsumexp(z, dim=dim, keepdim=keepdim)
    np.testing.assert_allclose(mine, out.detach().numpy(), rtol=1e-14)
    if not keepdim:
        grad = np.random.default_rng(1).normal(size=mine.shape)
        out.backward(torch.tensor(grad))
        back = F.logsumexp_backward(grad, z, dim=dim)
        np.testing.assert_allclose(back, t.grad.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_softmax_takes_layouts_and_types_and_leaves_its_input(name):
    function = getattr(F, name)
    z = np.random.default_rng(0).normal(size=(4, 6))
    before = z.copy()
    np.testing.assert_allclose(function(np.asfortranarray(z)), function(z), rtol=1e-14)
    np.testing.assert_allclose(function(z[::-1, ::2]), function(z[::-1, ::2].copy()), rtol=1e-14)
    np.testing.assert_array_equal(z, before)
    for dtype in (np.float16, np.float32, np.float64):
        assert function(z.astype(dtype)).dtype == dtype
    assert function([1, 2]).dtype == np.float64
    with pytest.raises(ValueError, match="single number"):
        function(3.0)
    with pytest.raises(TypeError, match="object"):
        function(np.array([None]))


@pytest.mark.parametrize("name", ["softmax_backward", "log_softmax_backward", "logsumexp_backward"])
def test_backward_names_both_shapes(name):
    with pytest.raises(ValueError, match=r"\(3,\).*\(2"):
        getattr(F, name)(np.zeros(3), np.zeros((2, 2)))
