"""The data sets: their geometry, their balance, their refusals."""

import sys

import numpy as np
import pytest

from nnbook import data

MADE = ["circle", "xor", "gauss", "spiral", "plane", "multi_gauss"]
CLASSES = MADE[:4]


@pytest.mark.parametrize("name", MADE)
def test_same_seed_same_data_and_another_seed_other_data(name):
    make = getattr(data, name)
    first, again, other = (
        make(50, noise=0.1),
        make(50, noise=0.1, rng=0),
        make(50, noise=0.1, rng=1),
    )
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.y, again.y)
    assert (first.x != other.x).any()
    generator = np.random.default_rng(0)
    np.testing.assert_array_equal(make(50, noise=0.1, rng=generator).x, first.x)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("n", [0, 1, 2, 7, 200])
def test_shapes_for_any_number(name, n):
    x, y = getattr(data, name)(n)
    assert x.shape == (n, 2)
    assert y.shape == (n,)
    assert x.dtype == np.float64
    assert y.dtype == (np.int64 if name in CLASSES else np.float64)
    assert np.abs(x).max(initial=0) < 8


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_balanced(name):
    for n in (200, 201):
        y = getattr(data, name)(n).y
        assert abs(int((y == 0).sum()) - int((y == 1).sum())) <= 1


@pytest.mark.parametrize("name", ["plane", "multi_gauss"])
def test_regression_targets_lie_between_minus_one_and_one(name):
    y = getattr(data, name)(2000).y
    assert -1 <= y.min() < -0.8
    assert 0.8 < y.max() <= 1


def test_the_disc_lies_within_the_ring():
    x, y = data.circle(1000)
    radius = np.linalg.norm(x, axis=1)
    assert radius[y == 1].max() <= 2.5
    assert 3.5 <= radius[y == 0].min() <= radius.max() <= 5


def test_xor_is_the_sign_of_the_product_and_keeps_off_the_axes():
    x, y = data.xor(1000)
    assert ((x.prod(axis=1) > 0) == (y == 1)).all()
    assert np.abs(x).min() >= 0.3


def test_gauss_grows_with_noise():
    spread = [np.var(x[y == 1]) for x, y in (data.gauss(4000, noise=s) for s in (0, 0.25, 0.5))]
    np.testing.assert_allclose(spread, [0.5, 2.25, 4.0], rtol=0.1)


def test_the_spiral_winds_outwards():
    x, y = data.spiral(400)
    for arm in (0, 1):
        radius = np.linalg.norm(x[y == arm], axis=1)
        assert (np.diff(radius) > 0).all()
    np.testing.assert_allclose(x[y == 0], -x[y == 1], atol=1e-12)


def test_the_plane_follows_its_formula():
    x, y = data.plane(500)
    np.testing.assert_allclose(y, np.clip((x[:, 0] + x[:, 1]) / 10, -1, 1))


def test_multi_gauss_by_hand():
    x, y = data.multi_gauss(4000)
    near = np.linalg.norm(x - [4, -2.5], axis=1)
    inside = near < 1.9  # other hills are farther away
    np.testing.assert_allclose(y[inside], -(1 - near[inside] / 2))


@pytest.mark.parametrize("name", MADE)
def test_noise_moves_points(name):
    quiet, noisy = getattr(data, name)(100), getattr(data, name)(100, noise=0.3)
    assert (quiet.x != noisy.x).any()


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("n", [-1, 2.5, True, "3"])
def test_a_wrong_number_is_refused(name, n):
    with pytest.raises((TypeError, ValueError), match=r"n "):
        getattr(data, name)(n)


@pytest.mark.parametrize("rng", [None, True, 1.5, "0"])
def test_randomness_is_a_seed_or_a_generator(rng):
    with pytest.raises(TypeError, match="rng"):
        data.circle(10, rng=rng)


@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_wrong_noise_is_refused(noise):
    with pytest.raises(ValueError, match="noise"):
        data.circle(10, noise=noise)


@pytest.mark.parametrize(
    ("name", "table"),
    [("AND", [0, 0, 0, 1]), ("OR", [0, 1, 1, 1]), ("NAND", [1, 1, 1, 0]), ("NOR", [1, 0, 0, 0]),
     ("xor", [0, 1, 1, 0]), ("Xnor", [1, 0, 0, 1])],
)  # fmt: skip
def test_logic_gates(name, table):
    x, y = data.logic_gate(name)
    assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == table


def test_an_unknown_gate_is_answered_with_the_known():
    with pytest.raises(ValueError, match="NAND"):
        data.logic_gate("IMPLIES")


def test_iris_whole_and_chosen():
    iris = data.iris()
    assert iris.x.shape == (150, 4)
    assert np.bincount(iris.y).tolist() == [50, 50, 50]
    chosen = data.iris(species=("virginica", "setosa"), features=("petal width", "sepal length"))
    assert chosen.target_names == ("virginica", "setosa")
    np.testing.assert_array_equal(chosen.x[:50], iris.x[100:][:, [3, 0]])
    np.testing.assert_array_equal(chosen.x[50:], iris.x[:50][:, [3, 0]])
    assert chosen.y.tolist() == [0] * 50 + [1] * 50


@pytest.mark.parametrize("options", [{"species": ("rose",)}, {"features": ("stem length",)}])
def test_unknown_names_are_answered_with_the_known(options):
    with pytest.raises(ValueError, match=r"setosa|petal width"):
        data.iris(**options)


def test_digits():
    x, y = data.digits()
    assert x.shape == (1797, 64)
    assert (x.min(), x.max()) == (0, 1)
    assert sorted(set(y.tolist())) == list(range(10))


def test_without_scikit_learn_the_error_helps(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"nnbook\[data\]"):
        data.iris()


def test_a_dataset_unpacks_and_says_what_it_is():
    dataset = data.circle(12)
    x, y = dataset
    assert x is dataset.x
    assert y is dataset.y
    assert len(dataset) == 12
    assert "12" in repr(dataset)
    with pytest.raises(ValueError, match=r"3.*2"):
        data.Dataset(np.zeros((3, 1)), np.zeros(2))
