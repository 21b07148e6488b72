"""Convolutions: by hand, by PyTorch over a grid, by central differences, by hard inputs."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812
from nnbook.scratch.gradcheck import gradcheck
from tests.nn.parity import compare


def image(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def twins(name, *args, dtype=np.float64, **kwargs):
    torch.manual_seed(0)
    theirs = getattr(torch.nn, name)(*args, **kwargs).to(
        torch.float64 if dtype == np.float64 else torch.float32
    )
    return getattr(nn, name)(*args, dtype=dtype, **kwargs), theirs


def test_conv2d_by_hand():
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    layer = nn.Conv2d(1, 1, 2)
    layer.load_state_dict({"weight": [[[[1.0, 2.0], [3.0, 4.0]]]], "bias": [0.5]})
    # 0*1 + 1*2 + 3*3 + 4*4 + 0.5 = 27.5, and each step to the right adds 1 + 2 + 3 + 4 = 10
    np.testing.assert_array_equal(layer(x), [[[[27.5, 37.5], [57.5, 67.5]]]])
    grad = layer.backward(np.array([[[[1.0, 0.0], [0.0, 10.0]]]]))
    np.testing.assert_array_equal(grad, [[[[1, 2, 0], [3, 14, 20], [0, 30, 40]]]])
    np.testing.assert_array_equal(layer.weight.grad, [[[[40, 51], [73, 84]]]])
    np.testing.assert_array_equal(layer.bias.grad, [11])


def test_conv_transpose2d_by_hand():
    layer = nn.ConvTranspose2d(1, 1, 2, stride=1)
    layer.load_state_dict({"weight": [[[[1.0, 2.0], [3.0, 4.0]]]], "bias": [0.5]})
    out = layer(np.array([[[[1.0, 10.0]]]]))
    np.testing.assert_array_equal(out, [[[[1.5, 12.5, 20.5], [3.5, 34.5, 40.5]]]])


def test_conv1d_by_hand():
    layer = nn.Conv1d(1, 1, 2, bias=False)
    layer.load_state_dict({"weight": [[[1.0, 10.0]]]})
    np.testing.assert_array_equal(layer(np.array([[[1.0, 2.0, 3.0]]])), [[[21, 32]]])
    np.testing.assert_array_equal(layer.backward(np.array([[[1.0, 1.0]]])), [[[1, 11, 10]]])


GRID = list(
    itertools.product(
        [3, (2, 3)],  # kernel_size
        [1, (2, 1)],  # stride
        [0, (1, 2), "valid"],  # padding
        [1, (1, 2)],  # dilation
        [1, 2, 4],  # groups
        [True, False],  # bias
    )
)


@pytest.mark.parametrize(("kernel", "stride", "padding", "dilation", "groups", "bias"), GRID)
def test_conv2d_agrees_with_pytorch(kernel, stride, padding, dilation, groups, bias):
    args = 4, 8, kernel, stride, padding, dilation, groups, bias
    compare(*twins("Conv2d", *args), image(2, 4, 7, 8))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", ["same", "valid", 0, 1, (2, 3)])
@pytest.mark.parametrize(("kernel", "dilation"), [(3, 1), ((2, 4), 1), ((3, 2), (2, 3))])
def test_padding_agrees_with_pytorch(mode, padding, kernel, dilation):
    options = {"padding": padding, "dilation": dilation, "padding_mode": mode}
    compare(*twins("Conv2d", 3, 2, kernel, **options), image(2, 3, 6, 7))


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [0, 2, "same"])
@pytest.mark.parametrize(("kernel", "dilation", "groups"), [(3, 1, 1), (4, 2, 2)])
def test_conv1d_agrees_with_pytorch(mode, padding, kernel, dilation, groups):
    options = {"padding": padding, "dilation": dilation, "groups": groups, "padding_mode": mode}
    for x in (image(3, 4, 9), image(4, 9)):
        compare(*twins("Conv1d", 4, 6, kernel, **options), x)


TRANSPOSED = [
    (kernel, stride, padding, extra, groups, bias, dilation)
    for kernel, stride, padding, extra, groups, bias, dilation in itertools.product(
        [3, (2, 3)], [1, (2, 3)], [0, (1, 1)], [0, (1, 0)], [1, 2], [True, False], [1, (2, 1)]
    )
    if extra == 0 or stride != 1 or dilation != 1
]


@pytest.mark.parametrize("args", TRANSPOSED)
def test_conv_transpose2d_agrees_with_pytorch(args):
    compare(*twins("ConvTranspose2d", 4, 6, *args), image(2, 4, 4, 5))


@pytest.mark.parametrize("name", ["Conv2d", "ConvTranspose2d"])
@pytest.mark.parametrize(
    "x",
    [
        image(4, 6, 6),
        image(0, 4, 6, 6),
        image(1, 4, 3, 3),
        image(2, 4, 12, 6)[:, :, ::-2],
        np.asfortranarray(image(2, 4, 6, 6)),
        image(6, 6, 2, 4).transpose(2, 3, 0, 1),
        image(4, 6, 6, 2).transpose(3, 0, 1, 2),
        1e4 * image(2, 4, 6, 6),
    ],
    ids=["unbatched", "empty", "one", "strided", "fortran", "hwnc", "chwn", "large"],
)
def test_layouts_and_sizes_agree_with_pytorch(name, x):
    ours, theirs = twins(name, 4, 2, 3, 2, 1)
    compare(ours, theirs, x)


@pytest.mark.parametrize("name", ["Conv1d", "Conv2d", "ConvTranspose2d"])
def test_float32_stays_float32(name):
    x = image(2, 4, 9, dtype=np.float32) if name == "Conv1d" else image(2, 4, 9, 9, dtype="f")
    compare(*twins(name, 4, 6, 3, dtype=np.float32), x)


@given(
    n=st.integers(0, 3), groups=st.integers(1, 3), c=st.integers(1, 3), o=st.integers(1, 3),
    h=st.integers(1, 9), w=st.integers(1, 9),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_any_shape_agrees_with_pytorch_or_is_refused(
    n, groups, c, o, h, w, kernel, stride, padding, dilation
):
    args = groups * c, groups * o, kernel, stride, padding, dilation, groups
    ours, theirs = twins("Conv2d", *args)
    x = image(n, groups * c, h, w)
    try:
        theirs(torch.from_numpy(x))
    except RuntimeError:
        with pytest.raises(ValueError, match="the window needs"):
            ours(x)
        return
    compare(ours, theirs, x)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv2d(2, 4, 3, 2, 1, groups=2, rng=0), (2, 2, 5, 6)),
        (nn.Conv2d(2, 3, 3, padding=2, padding_mode="reflect", rng=0), (2, 2, 5, 6)),
        (nn.Conv1d(2, 3, 3, padding="same", dilation=2, rng=0), (2, 2, 6)),
        (nn.ConvTranspose2d(2, 3, 3, 2, 1, 1, rng=0), (2, 2, 3, 4)),
    ],
)
def test_backward_agrees_with_central_differences(layer, shape):
    assert gradcheck(layer, image(*shape))


@pytest.mark.parametrize("padding", [0, "same", 2])
def test_functions_are_the_layers(padding):
    x, layer = image(2, 4, 7, 8), nn.Conv2d(4, 6, 3, padding=padding, groups=2, rng=0)
    weight, bias = layer.weight.data, layer.bias.data
    y = layer(x)
    np.testing.assert_array_equal(F.conv2d(x, weight, bias, 1, padding, 1, 2), y)
    grad = image(*y.shape, seed=1)
    grad_x = layer.backward(grad)
    grads = F.conv2d_backward(grad, x, weight, 1, padding, 1, 2)
    np.testing.assert_allclose(grads.x, grad_x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(grads.weight, layer.weight.grad, rtol=1e-12)
    np.testing.assert_allclose(grads.bias, layer.bias.grad, rtol=1e-12)
    alone = F.conv2d_backward(grad[0], x[0], weight, 1, padding, 1, 2)
    np.testing.assert_allclose(alone.x, grad_x[0], rtol=1e-12, atol=1e-12)


def test_functions_for_sequences_are_the_layers():
    x, layer = image(2, 4, 9), nn.Conv1d(4, 6, 3, 2, 1, groups=2, rng=0)
    weight, bias = layer.weight.data, layer.bias.data
    y = layer(x)
    np.testing.assert_array_equal(F.conv1d(x, weight, bias, 2, 1, 1, 2), y)
    grad = image(*y.shape, seed=1)
    grad_x = layer.backward(grad)
    grads = F.conv1d_backward(grad, x, weight, 2, 1, 1, 2)
    np.testing.assert_allclose(grads.x, grad_x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(grads.weight, layer.weight.grad, rtol=1e-12)


def test_transposed_functions_are_the_layers():
    x, layer = image(2, 4, 4, 5), nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, 2, rng=0)
    weight, bias = layer.weight.data, layer.bias.data
    y = layer(x)
    np.testing.assert_array_equal(F.conv_transpose2d(x, weight, bias, 2, 1, 1, 2), y)
    grad = image(*y.shape, seed=1)
    grad_x = layer.backward(grad)
    grads = F.conv_transpose2d_backward(grad, x, weight, 2, 1, 1, 2)
    np.testing.assert_allclose(grads.x, grad_x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(grads.weight, layer.weight.grad, rtol=1e-12)


def test_the_gradient_by_data_can_be_spared():
    x, grad = image(2, 4, 6, 6), image(2, 6, 4, 4)
    for name, g in (("Conv2d", grad), ("ConvTranspose2d", image(2, 6, 8, 8))):
        full, spared = getattr(nn, name)(4, 6, 3, rng=0), getattr(nn, name)(4, 6, 3, rng=0)
        spared.requires_input_grad_(False)
        full(x)
        spared(x)
        assert full.backward(g).shape == x.shape
        assert spared.backward(g) is None
        np.testing.assert_array_equal(full.weight.grad, spared.weight.grad)


def test_nothing_that_is_given_is_changed():
    x, layer = image(2, 4, 6, 6), nn.Conv2d(4, 6, 3, padding=1, rng=0)
    before, grad = x.copy(), image(2, 6, 6, 6)
    grad_before = grad.copy()
    layer(x)
    layer.backward(grad)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(grad, grad_before)


def test_memory_stays_in_its_order_between_layers():
    y = nn.Conv2d(1, 2, 3, rng=0)(image(4, 1, 8, 8))
    for layer in (nn.ReLU(), nn.Tanh(), nn.MaxPool2d(2), nn.AvgPool2d(2)):
        assert layer(y).transpose(1, 2, 3, 0).flags.c_contiguous, layer


REPRS = [
    ("Conv2d", (4, 6, 3), {}),
    ("Conv2d", (4, 6, (3, 2), 2, 1, 2, 2, False), {}),
    ("Conv2d", (4, 6, 3), {"padding": "same", "padding_mode": "circular"}),
    ("Conv1d", (4, 6, 3), {"padding": 1, "stride": 2}),
    ("ConvTranspose2d", (4, 6, 3, 2, 1, 1), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), REPRS)
def test_looks_as_in_pytorch(name, args, kwargs):
    assert repr(getattr(nn, name)(*args, **kwargs)) == repr(
        getattr(torch.nn, name)(*args, **kwargs)
    )


@pytest.mark.parametrize("name", ["Conv1d", "Conv2d", "ConvTranspose2d"])
def test_starts_as_pytorch_does(name):
    args = (32, 64, 5, 1, 0, 1, 2) if name != "ConvTranspose2d" else (32, 64, 5, 1, 0, 0, 2)
    torch.manual_seed(0)
    ours, theirs = getattr(nn, name)(*args, rng=0), getattr(torch.nn, name)(*args)
    bound = 1 / np.sqrt(theirs.weight[0].numel())
    for mine, other in ((ours.weight.data, theirs.weight), (ours.bias.data, theirs.bias)):
        assert np.abs(mine).max() <= bound
        assert np.abs(other.detach().numpy()).max() <= bound
        assert mine.std() == pytest.approx(bound / np.sqrt(3), rel=0.15)


def test_equal_seeds_give_equal_layers():
    a, b, c = (nn.Conv2d(2, 3, 3, rng=seed).weight.data for seed in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)
