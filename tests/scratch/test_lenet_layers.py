"""LeNet-5's own layers in NumPy: values by hand, gradients against differences, refusals."""

import pickle

import numpy as np
import pytest

from nnbook.scratch.gradcheck import gradcheck
from nnbook.scratch.lenet import RBF, MAPLoss, ScaledTanh, Subsampling, TableConv2d

A, S = 1.7159, 2 / 3
TABLE = ((0, 1), (2,), (0, 1, 2), (1, 0))


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# By hand


def test_scaled_tanh_by_hand():
    layer = ScaledTanh()
    x = np.array([-1.0, 0.0, 1.0, 3.0])
    e = np.exp(2 * S * x)
    np.testing.assert_allclose(layer(x), A * (e - 1) / (e + 1), rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(layer(x)[[0, 2]], [-1, 1], atol=2e-5)  # what A and S are made for
    assert layer.backward(np.ones(4))[1] == pytest.approx(A * S)  # tanh has slope 1 in 0


def test_subsampling_by_hand():
    layer = Subsampling(2, rng=0)
    layer.load_state_dict({"weight": [0.5, -1.0], "bias": [1.0, 10.0]})
    x = np.arange(1.0, 9.0).reshape(1, 2, 2, 2)  # sums 10 and 26
    np.testing.assert_array_equal(layer(x), [[[[6.0]], [[-16.0]]]])
    grad = layer.backward(np.array([[[[2.0]], [[3.0]]]]))
    np.testing.assert_array_equal(grad, [[np.full((2, 2), 1.0), np.full((2, 2), -3.0)]])
    np.testing.assert_array_equal(layer.weight.grad, [20.0, 78.0])
    np.testing.assert_array_equal(layer.bias.grad, [2.0, 3.0])


def test_table_convolution_by_hand():
    layer = TableConv2d([(1,), (0, 1)], 2, 2, rng=0)
    layer.load_state_dict({"weight": [[[1, 0], [0, -1]], [[1, 1], [1, 1]], [[0, 0], [0, 2]]],
                           "bias": [0.5, -1.0]})  # fmt: skip
    x = np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 9.0]]])
    # 5 - 9 + 0.5; 1 + 2 + 3 + 4 + 2 * 9 - 1
    np.testing.assert_array_equal(layer(x), [[[-3.5]], [[27.0]]])
    grad = layer.backward(np.array([[[10.0]], [[1.0]]]))
    np.testing.assert_array_equal(grad, [[[1, 1], [1, 1]], [[10, 0], [0, -10 + 2]]])
    np.testing.assert_array_equal(layer.weight.grad, [10 * x[1], x[0], x[1]])
    np.testing.assert_array_equal(layer.bias.grad, [10.0, 1.0])


def test_rbf_by_hand():
    layer = RBF([[1.0, 1.0, -1.0], [0.0, 2.0, 0.0]])
    np.testing.assert_array_equal(layer(np.array([[1.0, 0.0, 1.0]])), [[-5.0, -6.0]])
    # -2 * (1 * (x - c0) + 10 * (x - c1))
    np.testing.assert_array_equal(
        layer.backward(np.array([[1.0, 10.0]])), [[-2 * 10, -2 * (-1 - 20), -2 * (2 + 10)]]
    )


def test_map_loss_by_hand():
    loss_fn, scores = MAPLoss(j=1.5), np.array([[-1.0, -2.0, 0.5], [-7.0, -3.0, -4.0]])
    total = np.exp(-1.5) + np.exp(scores).sum(axis=1)
    expected = np.mean([2.0 + np.log(total[0]), 7.0 + np.log(total[1])])
    assert loss_fn(scores, [1, 0]) == pytest.approx(expected, rel=1e-14)
    p = np.exp(scores) / total[:, None]
    np.testing.assert_allclose(
        loss_fn.backward(3.0), 3.0 * (p - [[0, 1, 0], [1, 0, 0]]) / 2, rtol=1e-12
    )


def test_far_beyond_j_nothing_pulls_the_wrong_codes():
    loss_fn = MAPLoss(j=10.0)
    loss_fn(np.array([[-40.0, -40.0]]), [0])
    np.testing.assert_allclose(loss_fn.backward(), [[-1.0, 0.0]], atol=1e-12)
    loss_fn(np.array([[-1.0, -1.0]]), [0])
    np.testing.assert_allclose(loss_fn.backward(), [[-0.5, 0.5]], atol=1e-4)


# Against differences


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (ScaledTanh(), (3, 4)),
        (Subsampling(3, rng=0), (2, 3, 4, 6)),
        (Subsampling(3, rng=0), (2, 3, 5, 7)),  # the last row and column are left out
        (Subsampling(3, rng=0), (3, 4, 2)),
        (TableConv2d(TABLE, 3, 2, rng=0), (2, 3, 4, 5)),
        (TableConv2d(TABLE, 3, 3, rng=0), (3, 3, 4)),
        (RBF(normal(4, 5)), (3, 5)),
    ],
)
def test_gradients_agree_with_central_differences(layer, shape):
    gradcheck(layer, normal(*shape), max_entries=None)


@pytest.mark.parametrize("j", [0.5, 10.0])
def test_the_gradient_of_the_loss_agrees_with_central_differences(j):
    gradcheck(MAPLoss(j), normal(6, 4) * 3, np.arange(6) % 4, max_entries=None)


def test_gradients_add_up_and_a_second_backward_gives_the_same():
    for layer, x in (
        (Subsampling(3, rng=0), normal(2, 3, 4, 4)),
        (TableConv2d(TABLE, 3, 2, rng=0), normal(2, 3, 4, 4)),
    ):
        grad = normal(*layer(x).shape, seed=1)
        first, weight = layer.backward(grad), layer.weight.grad.copy()
        np.testing.assert_array_equal(layer.backward(grad), first)
        np.testing.assert_allclose(layer.weight.grad, 2 * weight)


# What the table does


def test_a_full_table_is_a_convolution_and_a_cross_less_is_a_zero():
    layer = TableConv2d(TABLE, 3, 2, rng=0)
    full = layer.full_weight()
    assert full.shape == (4, 3, 2, 2)
    looks = np.abs(full).sum(axis=(2, 3)) > 0
    np.testing.assert_array_equal(looks, [[1, 1, 0], [0, 0, 1], [1, 1, 1], [1, 1, 0]])
    x = normal(1, 3, 5, 5)
    before = layer(x).copy()
    x[:, 2] += 1.0  # nobody but maps 1 and 2 looks at it
    changed = np.abs(layer(x) - before).max(axis=(0, 2, 3)) > 0
    np.testing.assert_array_equal(changed, [False, True, True, False])


def test_starts_lie_within_the_papers_bounds():
    layer = TableConv2d([(0,)] * 200 + [(0, 1, 2, 3)] * 200, 4, 3, rng=0)
    for values in (layer.weight.data, layer.bias.data):
        for part, bound in ((values[:200], 2.4 / 9), (values[200:], 2.4 / 36)):
            assert 0.95 * bound < np.abs(part).max() <= bound
    pool = Subsampling(400, rng=0)
    for values in (pool.weight.data, pool.bias.data):
        assert 0.95 * 0.6 < np.abs(values).max() <= 0.6
    assert (Subsampling(4).weight.data != Subsampling(4).weight.data).any()  # no seed, no plan


# Hard inputs

LAYERS = [
    (ScaledTanh, (4, 3), {}),
    (lambda **k: Subsampling(3, rng=0, **k), (4, 3, 4, 4), {"dtype": np.float32}),
    (lambda **k: TableConv2d(TABLE, 3, 2, rng=0, **k), (4, 3, 4, 4), {"dtype": np.float32}),
    (lambda **k: RBF(normal(4, 5), **k), (4, 5), {"dtype": np.float32}),
]


@pytest.mark.parametrize(("make", "shape", "kind"), LAYERS)
def test_float32_stays_float32(make, shape, kind):
    layer, x = make(**kind), normal(*shape).astype(np.float32)
    y = layer(x)
    grad = layer.backward(np.ones_like(y))
    assert y.dtype == grad.dtype == np.float32
    assert all(p.grad.dtype == p.data.dtype == np.float32 for p in layer.parameters())


@pytest.mark.parametrize(("make", "shape", "kind"), LAYERS)
def test_empty_alone_in_any_order_and_unchanged(make, shape, kind):
    layer, x = make(), normal(*shape)
    y = layer(x)
    empty = layer(x[:0])
    assert empty.shape == (0, *y.shape[1:])
    assert layer.backward(empty).shape == (0, *shape[1:])
    np.testing.assert_allclose(layer(x[1:2]), y[1:2], rtol=1e-12)
    np.testing.assert_allclose(layer(np.asfortranarray(x)), y, rtol=1e-12)
    np.testing.assert_allclose(layer(np.repeat(x, 2, axis=-1)[..., ::2]), y, rtol=1e-12)
    np.testing.assert_array_equal(x, normal(*shape))


@pytest.mark.parametrize(("make", "shape", "kind"), LAYERS)
def test_huge_numbers_and_nan_pass_without_a_warning(make, shape, kind):
    layer, x = make(), np.zeros(shape)
    x[0], x[1, ..., 0] = 1e200, np.nan
    y = layer(x)
    layer.backward(np.ones_like(y))
    assert not np.isnan(y[0]).any()
    assert np.isnan(y[1]).any()
    assert np.isfinite(y[2:]).all()


def test_scaled_tanh_takes_whole_numbers_and_refuses_others():
    np.testing.assert_array_equal(ScaledTanh()([1, -2]), ScaledTanh()(np.array([1.0, -2.0])))
    with pytest.raises(TypeError, match="complex"):
        ScaledTanh()(np.array([1j]))
    with pytest.raises(TypeError, match="expected real numbers"):
        ScaledTanh()(np.array(["1"]))


def test_the_loss_of_whole_numbers_keeps_a_broken_j():
    assert MAPLoss(0.5)([[0, 0]], [0]) == pytest.approx(np.log(2 + np.exp(-0.5)))


def test_the_loss_stays_finite_far_from_everything():
    loss_fn = MAPLoss()
    assert loss_fn(np.full((2, 3), -1e6), [0, 1]) == pytest.approx(1e6 - 10)
    assert np.isfinite(loss_fn.backward()).all()
    assert np.isnan(loss_fn(np.zeros((0, 3)), np.zeros(0, dtype=int)))  # the mean of nothing


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Subsampling(0), ValueError, "channels is 0; it must be at least 1"),
        (lambda: Subsampling(2, dtype=int), TypeError, "float dtype"),
        (lambda: Subsampling(6)(np.ones((2, 1, 4, 4))), ValueError,
         r"x has shape \(2, 1, 4, 4\); the weights expect \(N, 6, H, W\)"),
        (lambda: Subsampling(6)(np.ones((6, 4))), ValueError, r"x has shape \(6, 4\)"),
        (lambda: Subsampling(1)(np.ones((1, 4, 4), np.float32)), TypeError,
         "x has dtype float32; weight has float64"),
        (lambda: Subsampling(1)(np.ones((1, 1, 1))), ValueError, "1"),
        (lambda: TableConv2d([], 2, 3), ValueError, "the table is empty"),
        (lambda: TableConv2d([(0, 2)], 2, 3), ValueError,
         r"map 0 of the table looks at \(0, 2\); name one of the maps 0 to 1"),
        (lambda: TableConv2d([(0,), ()], 2, 3), ValueError, r"map 1 of the table looks at \(\)"),
        (lambda: TableConv2d([(1, 1)], 2, 3), ValueError, r"looks at \(1, 1\)"),
        (lambda: TableConv2d([(-1,)], 2, 3), ValueError, r"table\[0\]\[0\] is -1"),
        (lambda: TableConv2d([(0.5,)], 2, 3), TypeError, r"table\[0\]\[0\] must be a whole number"),
        (lambda: TableConv2d([(0,)], 2, 0), ValueError, "kernel_size is 0"),
        (lambda: TableConv2d(TABLE, 3, 2)(np.ones((1, 2, 4, 4))), ValueError,
         r"x has shape \(1, 2, 4, 4\); the weights expect \(N, 3, H, W\)"),
        (lambda: TableConv2d(TABLE, 3, 2)(np.ones((1, 3, 4, 4), int)), TypeError, "int64"),
        (lambda: TableConv2d(TABLE, 3, 5)(np.ones((1, 3, 4, 4))), ValueError, "5.*4|4.*5"),
        (lambda: RBF([1.0, 2.0]), ValueError, r"codes has shape \(2,\)"),
        (lambda: RBF(np.ones((2, 3)))(np.ones((4, 2))), ValueError,
         r"x has shape \(4, 2\); codes has shape \(2, 3\)"),
        (lambda: RBF(np.ones((2, 3)))(np.ones((1, 3), np.float32)), TypeError, "float32.*float64"),
        (lambda: MAPLoss(0.0), ValueError, "j is 0.0; it must be positive"),
        (lambda: MAPLoss(float("nan")), ValueError, "j is nan"),
        (lambda: MAPLoss()(np.ones((2, 3)), [0, 3]), ValueError,
         "target holds 3; scores has 3 classes"),
        (lambda: MAPLoss()(np.ones((2, 3)), [0, -100]), ValueError, "target holds -100"),
        (lambda: MAPLoss()(np.ones((2, 3)), [0]), ValueError,
         r"scores has shape \(2, 3\), target \(1,\)"),
        (lambda: MAPLoss()(np.ones(3), [0, 1, 2]), ValueError, r"scores has shape \(3,\)"),
        (lambda: MAPLoss()(np.ones((2, 3)), [0.0, 1.0]), TypeError, "target has dtype float64"),
    ],
)  # fmt: skip
def test_malformed(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(("make", "shape", "kind"), LAYERS)
def test_backward_refuses_another_shape_and_waits_for_forward(make, shape, kind):
    layer = make()
    with pytest.raises(RuntimeError, match="before forward"):
        layer.backward(np.ones(1))
    layer(normal(*shape))
    with pytest.raises(ValueError, match=r"grad_output has shape \(7, 7\); output has shape"):
        layer.backward(np.ones((7, 7)))


def test_repr_and_pickle():
    layers = [Subsampling(6), TableConv2d(TABLE, 3, 2), RBF(np.ones((10, 84))), MAPLoss(2.0)]
    assert [repr(layer) for layer in layers] == [
        "Subsampling(6)", "TableConv2d(3, 4, kernel_size=(2, 2), crosses=8)", "RBF(84, 10)",
        "MAPLoss(j=2.0)",
    ]  # fmt: skip
    assert repr(ScaledTanh()) == "ScaledTanh()"
    x = normal(2, 3, 4, 4)
    copy = pickle.loads(pickle.dumps(layers[1]))  # noqa: S301
    np.testing.assert_array_equal(copy(x), layers[1](x))
    assert list(layers[2].state_dict()) == ["codes"]
    assert list(layers[2].parameters()) == []  # codes are not learned


def test_codes_are_a_copy():
    codes = np.ones((2, 3))
    layer = RBF(codes)
    codes[:] = 7.0
    np.testing.assert_array_equal(layer.codes, 1.0)
