"""Landscapes in NumPy: values worked by hand, gradients against differences, known paths."""

import numpy as np
import pytest

from nnbook import optim
from nnbook.scratch.landscape import Landscape, descend

NAMES = ("bowl", "ravine", "saddle", "plateau", "basins")


@pytest.mark.parametrize(
    ("name", "point", "height"),
    [
        ("bowl", (3, 4), 12.5),
        ("ravine", (1, 1), 13.0),
        ("saddle", (0, 1), -0.25),
        ("saddle", (2, 2), 4.0),
        ("plateau", (0, 0), 0.0),
        ("plateau", (30, 0), 1.0),
        ("basins", (2, 1), 2.75),
        ("basins", (-1, 0), -0.375),
    ],
)
def test_heights_by_hand(name, point, height):
    assert Landscape(name)(point) == height


@pytest.mark.parametrize("name", NAMES)
def test_gradients_agree_with_central_differences(name):
    land = Landscape(name)
    points = np.random.default_rng(0).uniform(-2, 2, size=(50, 2))
    for j, step in enumerate(1e-6 * np.eye(2)):
        measured = (land(points + step) - land(points - step)) / 2e-6
        np.testing.assert_allclose(land.gradient(points)[:, j], measured, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_the_minimum_is_the_lowest_point_and_level(name):
    land = Landscape(name)
    np.testing.assert_allclose(land.gradient(land.minimum), 0, atol=1e-8)
    first, second, heights = land.grid(limit=3.0, resolution=301)
    assert heights.shape == (301, 301)
    assert land(land.minimum) <= heights.min() + 1e-12
    i, j = np.unravel_index(heights.argmin(), heights.shape)
    assert abs(abs(first[j]) - abs(land.minimum[0])) < 0.02
    assert abs(abs(second[i]) - abs(land.minimum[1])) < 0.02


def test_the_grid_has_the_first_coordinate_along_its_columns():
    first, second, heights = Landscape("ravine").grid(resolution=5)
    assert heights[0, 2] == 50.0 == Landscape("ravine")([first[2], second[0]])
    assert heights[2, 0] == 2.0


def test_the_saddle_is_level_at_zero_and_not_lowest_there():
    land = Landscape("saddle")
    assert (land.gradient([0.0, 0.0]) == 0).all()
    assert land([0.0, 0.1]) < land([0.0, 0.0]) < land([0.1, 0.0])


def test_descent_on_the_bowl_shrinks_by_one_minus_lr():
    path = descend(Landscape("bowl"), [1.0, -2.0], lr=0.3, steps=10)
    assert path.shape == (11, 2)
    np.testing.assert_allclose(path, 0.7 ** np.arange(11)[:, None] * [1.0, -2.0], rtol=1e-12)


def test_the_ravine_is_crossed_with_a_factor_of_its_own():
    path = descend(Landscape("ravine"), [1.0, 1.0], lr=0.07, steps=5)
    np.testing.assert_allclose(path[:, 0], 0.93 ** np.arange(6), rtol=1e-12)
    np.testing.assert_allclose(path[:, 1], (1 - 25 * 0.07) ** np.arange(6), rtol=1e-12)


def test_a_rate_above_two_over_the_steepness_explodes_and_does_not_warn():
    path = descend(Landscape("saddle"), [1.0, 2.0], lr=3.0, steps=50)
    assert not np.isfinite(path[-1]).all()


def test_the_basin_depends_on_the_start():
    land = Landscape("basins")
    left = descend(land, [-0.5, 1.0], lr=0.1, steps=500)[-1]
    right = descend(land, [0.5, 1.0], lr=0.1, steps=500)[-1]
    np.testing.assert_allclose(left, land.minimum, atol=1e-8)
    assert right[0] > 0.5
    assert land(right) > land(left)


def test_any_function_without_its_gradient():
    land = Landscape("basins")
    by_formula = descend(land, [1.5, 1.0], steps=20)
    np.testing.assert_allclose(descend(lambda w: land(w), [1.5, 1.0], steps=20), by_formula,
                               atol=1e-7)  # fmt: skip


def test_a_gradient_that_is_given_is_used():
    path = descend(Landscape("bowl"), [0.0, 0.0], gradient=lambda w: np.ones(2), lr=1.0, steps=3)
    np.testing.assert_allclose(path[-1], [-3.0, -3.0])


@pytest.mark.parametrize("optimizer", [optim.SGD, optim.Adam, optim.RMSprop, optim.Adagrad])
def test_all_optimizers_can_walk(optimizer):
    land = Landscape("ravine")
    path = descend(land, land.start, optimizer=optimizer, lr=0.05, steps=300)
    assert land(path[-1]) < 0.1 * land(path[0])


def test_options_reach_the_optimizer_and_the_first_momentum_steps_are_known():
    path = descend(Landscape("bowl"), [1.0, 0.0], lr=0.1, momentum=0.5, steps=2)
    np.testing.assert_allclose(path[:, 0], [1.0, 0.9, 0.9 - 0.1 * (0.5 * 1.0 + 0.9)])


def test_the_start_is_not_changed_and_no_steps_are_a_path_of_one():
    start = np.array([1.0, 1.0])
    assert descend(Landscape("bowl"), start, steps=0).tolist() == [[1.0, 1.0]]
    descend(Landscape("bowl"), start, steps=3)
    assert start.tolist() == [1.0, 1.0]


def test_refusals():
    with pytest.raises(ValueError, match=r"'hill'.*bowl, ravine"):
        Landscape("hill")
    with pytest.raises(ValueError, match=r"\(3,\)"):
        descend(Landscape("bowl"), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="steps is -1"):
        descend(Landscape("bowl"), [1.0, 2.0], steps=-1)
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        Landscape("bowl")(np.zeros((2, 3)))


def test_it_says_its_name():
    assert repr(Landscape("bowl")) == "Landscape('bowl')"
