"""LeNet-5 and its small relative in NumPy: the paper's numbers, gradients, refusals."""

import copy
import pickle

import numpy as np
import pytest

from nnbook import nn, optim
from nnbook._lenet import C3_TABLE
from nnbook.scratch.gradcheck import gradcheck
from nnbook.scratch.lenet import LeNet5, MAPLoss, SmallLeNet, digit_codes
from nnbook.scratch.training import fit


def pictures(n, size=32, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 1, size, size))


# name: parameters, connections, shape of the answer; section II.B of the paper
PAPER = {
    "C1": (156, 122_304, (6, 28, 28)),
    "S2": (12, 5_880, (6, 14, 14)),
    "C3": (1_516, 151_600, (16, 10, 10)),
    "S4": (32, 2_000, (16, 5, 5)),
    "C5": (48_120, 48_120, (120, 1, 1)),
    "F6": (10_164, 10_164, (84,)),
}


def test_parameters_and_connections_are_the_papers():
    model = LeNet5(rng=0)
    maps = model.maps(pictures(2))
    for name, (parameters, connections, shape) in PAPER.items():
        sizes = [p.data.size for p in getattr(model, name).parameters()]
        assert sum(sizes) == parameters, name
        assert maps[name].shape == (2, *shape), name
        units = int(np.prod(shape))
        inputs = (connections - units) / units  # of a unit, on average, besides its bias
        if name.startswith("S"):
            assert inputs == 4
        else:
            assert inputs * shape[0] == sizes[0]
    assert sum(p.data.size for p in model.parameters()) == 60_000
    assert sum(connections for _, connections, _ in PAPER.values()) + 840 == 340_908
    assert maps["output"].shape == (2, 10)
    assert [k for k in model.state_dict() if k.startswith("output")] == ["output.codes"]


def test_the_table_is_that_of_the_paper():
    assert [len(row) for row in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    assert len(set(C3_TABLE)) == 16
    looked_at = np.bincount(np.concatenate(C3_TABLE))
    np.testing.assert_array_equal(looked_at, 10)  # ten maps look at each of the six
    gaps = [np.diff([*row, row[0] + 6]) for row in C3_TABLE]
    assert all(sorted(gap) == [1, 1, 4] for gap in gaps[:6])  # three in a row, round the corner
    assert all(sorted(gap) == [1, 1, 1, 3] for gap in gaps[6:12])
    assert all(sorted(gap) == [1, 1, 2, 2] for gap in gaps[12:15])


def test_codes_are_ten_pictures_that_differ():
    codes = digit_codes()
    assert codes.shape == (10, 84)
    assert set(np.unique(codes)) == {-1.0, 1.0}
    apart = ((codes[:, None] - codes) ** 2).sum(axis=-1)
    np.testing.assert_array_equal(np.diag(apart), 0)
    assert apart[~np.eye(10, dtype=bool)].min() >= 4 * 4  # four pixels at least
    codes[:] = 0  # a copy: nobody else's codes change
    assert (digit_codes() != 0).all()


def test_the_start_is_the_papers():
    model = LeNet5(rng=0)
    looks_at = np.array([len(row) for row in C3_TABLE])
    inputs = {"C1": 25, "S2": 4, "S4": 4, "C5": 400, "F6": 120}
    for name, fan_in in inputs.items():
        for p in getattr(model, name).parameters():
            assert np.abs(p.data).max() <= 2.4 / fan_in, name
            assert np.abs(p.data).max() > 0.5 * 2.4 / fan_in, name
    bound = 2.4 / (25 * np.repeat(looks_at, looks_at))  # (60,), another for each map
    scaled = np.abs(model.C3.weight.data) / bound[:, None, None]
    assert 0.98 < scaled.max() <= 1
    assert (scaled.max(axis=(1, 2)) > 0.5).all()
    other, same = LeNet5(rng=1).state_dict(), LeNet5(rng=0).state_dict()
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value, same[key])
        assert key == "output.codes" or (value != other[key]).any()


def test_gradients_of_the_whole_agree_with_central_differences():
    gradcheck(LeNet5(rng=0), pictures(1), max_entries=4)
    model, loss_fn = LeNet5(rng=3), MAPLoss()
    x, y, eps = pictures(3), np.array([0, 4, 9]), 1e-5
    loss_fn(model(x), y)
    model.backward(loss_fn.backward())
    for _, p in model.named_parameters():
        place = np.unravel_index(p.data.size // 2, p.data.shape)
        before, losses = p.data[place], []
        for step in (eps, -eps):
            p.data[place] = before + step
            losses.append(loss_fn(model(x), y))
        p.data[place] = before
        assert p.grad[place] == pytest.approx((losses[0] - losses[1]) / (2 * eps), rel=1e-5)


@pytest.mark.parametrize("pooling", ["max", "average", "stride"])
def test_gradients_of_the_small_one(pooling):
    gradcheck(SmallLeNet(6, pooling, rng=0), pictures(2, 6), max_entries=20)


@pytest.mark.parametrize("size", [2, 8, 14])
def test_sizes_of_the_small_one_are_those_of_its_formula(size):
    half = size // 2
    wanted = 8 * 26 + 16 * (8 * 9 + 1) + (16 * half**2 + 1) * 10
    for pooling in ("max", "average", "stride"):
        model = SmallLeNet(size, pooling, rng=0)
        assert sum(p.data.size for p in model.parameters()) == wanted
        maps = model.maps(pictures(2, size))
        assert maps["C3"].shape == (2, 16, half, half)
        assert ("S2" in maps) == (pooling != "stride")
        np.testing.assert_array_equal(maps["F4"], model(pictures(2, size)))


def test_what_each_pooling_does():
    x = pictures(3, 8)
    largest, mean, every_second = (
        SmallLeNet(8, p, rng=0).maps(x) for p in ("max", "average", "stride")
    )
    windows = largest["C1"].reshape(3, 8, 4, 2, 4, 2)
    np.testing.assert_array_equal(largest["S2"], windows.max(axis=(3, 5)))
    np.testing.assert_allclose(mean["S2"], windows.mean(axis=(3, 5)), rtol=1e-12)
    np.testing.assert_allclose(every_second["C1"], largest["C1"][:, :, ::2, ::2], atol=1e-12)


def test_maps_are_what_the_layers_say():
    model, x = LeNet5(rng=0), pictures(2)
    maps = model.maps(x)
    assert list(maps) == [*PAPER, "output"]
    np.testing.assert_array_equal(maps["C1"], model.f1(model.C1(x)))
    np.testing.assert_array_equal(maps["F6"], model[:-1](x))
    np.testing.assert_array_equal(maps["output"], model(x))
    assert type(model[:3]) is nn.Sequential
    assert model[0] is model.C1


@pytest.mark.parametrize(("make", "size"), [(LeNet5, 32), (SmallLeNet, 8)])
def test_float32_stays_float32(make, size):
    model, x = make(rng=0, dtype=np.float32), pictures(2, size).astype(np.float32)
    assert all(a.dtype == np.float32 for a in model.maps(x).values())
    assert model.backward(np.ones((2, 10), np.float32)).dtype == np.float32
    assert all(v.dtype == np.float32 for v in model.state_dict().values())
    exact = make(rng=0)(x.astype(float))
    np.testing.assert_allclose(model(x), exact, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("make", "size"), [(LeNet5, 32), (SmallLeNet, 8)])
def test_empty_one_strided_huge_and_nan(make, size):
    model, x = make(rng=0), pictures(3, size)
    y = model(x)
    assert model(x[:0]).shape == (0, 10)
    assert model.backward(np.zeros((0, 10))).shape == (0, 1, size, size)
    np.testing.assert_allclose(model(x[2:]), y[2:], rtol=1e-10)
    np.testing.assert_allclose(model(np.asfortranarray(x)), y, rtol=1e-10)
    np.testing.assert_allclose(model(x[:, :, ::-1, ::-1][:, :, ::-1, ::-1]), y, rtol=1e-10)
    assert np.isfinite(model(1e30 * x)).all()
    x[0, 0, size // 2, size // 2] = np.nan
    broken = model(x)
    assert np.isnan(broken[0]).all()
    np.testing.assert_allclose(broken[1:], y[1:], rtol=1e-10)


@pytest.mark.parametrize("shape", [(2, 1, 28, 28), (2, 1, 36, 36), (1, 32, 32), (2, 3, 32, 32)])
def test_other_pictures_are_refused_with_both_sides(shape):
    words = ", ".join(map(str, shape))
    for call in (LeNet5(rng=0), LeNet5(rng=0).maps):
        with pytest.raises(
            ValueError, match=rf"x has shape \({words}\); LeNet5 expects \(N, 1, 32"
        ):
            call(np.zeros(shape))


def test_refusals():
    with pytest.raises(ValueError, match=r"\(2, 1, 10, 10\); SmallLeNet expects \(N, 1, 8, 8\)"):
        SmallLeNet(rng=0)(pictures(2, 10))
    with pytest.raises(TypeError, match="x has dtype float32; weight has float64"):
        LeNet5(rng=0)(pictures(1).astype(np.float32))
    with pytest.raises(ValueError, match="size is 7; it must be even"):
        SmallLeNet(7)
    with pytest.raises(ValueError, match="size is 0; it must be even, and at least 2"):
        SmallLeNet(0)
    with pytest.raises(TypeError, match=r"size must be a whole number, not 8\.0"):
        SmallLeNet(8.0)
    with pytest.raises(ValueError, match="pooling is 'mean'; it must be one of 'max', 'average'"):
        SmallLeNet(8, "mean")
    with pytest.raises(TypeError, match="rng must be"):
        LeNet5(rng="0")
    with pytest.raises(TypeError, match="float dtype"):
        LeNet5(dtype=int)


def test_it_learns_and_can_be_copied():
    x, y = pictures(8), np.arange(8)
    model = LeNet5(rng=0)
    untrained = copy.deepcopy(model)
    history = fit(model, MAPLoss(), optim.SGD(model.parameters(), lr=0.002, momentum=0.9),
                  (x, y), epochs=60, batch_size=4)  # fmt: skip
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert (untrained.C1.weight.data != model.C1.weight.data).any()
    untrained.load_state_dict(model.state_dict())
    for other in (untrained, pickle.loads(pickle.dumps(model))):  # noqa: S301
        np.testing.assert_array_equal(other(x), model(x))
    with pytest.raises(ValueError, match=r"C1\.weight has shape"):
        model.load_state_dict({**model.state_dict(), "C1.weight": np.zeros((6, 1, 3, 3))})


def test_repr_names_the_layers_as_the_paper_does():
    lines = repr(LeNet5(rng=0)).splitlines()
    assert lines[0] == "LeNet5("
    assert lines[3:6] == [
        "  (S2): Subsampling(6)",
        "  (f2): ScaledTanh()",
        "  (C3): TableConv2d(6, 16, kernel_size=(5, 5), crosses=60)",
    ]
