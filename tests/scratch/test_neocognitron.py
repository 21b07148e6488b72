"""S-cells, C-cells and their rule of learning: by hand, by plain loops, and what they promise."""

import numpy as np
import pytest

from nnbook.scratch.neocognitron import CLayer, Neocognitron, SLayer, representatives

rng = np.random.default_rng(0)


def trained(x, selectivity=4.0, rate=1e8):
    """A plane that has learned the pattern x by heart."""
    layer = SLayer(1, 1, selectivity, len(x), rng=0)
    layer.a[:] = 1e-3 * layer.c  # so that there is some first answer
    page = np.zeros((1, 3 * len(x), 3 * len(x)))
    page[0, len(x) : 2 * len(x), len(x) : 2 * len(x)] = x
    middle = (0, len(x) + len(x) // 2, len(x) + len(x) // 2)
    layer.a[0] += rate * layer.c * x
    layer.b[0] += rate / 2 * np.sqrt(np.sum(layer.c * x**2))
    return layer, page, middle


def by_loops(layer, u):
    """The formula, cell by cell."""
    planes, in_planes, window, _ = layer.a.shape
    r, margin = layer.selectivity, window // 2
    padded = np.pad(u, ((0, 0), (margin, margin), (margin, margin)))
    answers = np.zeros((planes, *u.shape[1:]))
    for n, row, column in np.ndindex(*answers.shape):
        excitation = squares = 0.0
        for k, i, j in np.ndindex(in_planes, window, window):
            seen = padded[k, row + i, column + j]
            excitation += layer.a[n, k, i, j] * seen
            squares += layer.c[i, j] * seen**2
        held_back = 1 + 2 * r / (1 + r) * layer.b[n] * np.sqrt(squares)
        answers[n, row, column] = r * max((1 + excitation) / held_back - 1, 0)
    return answers


def test_an_s_cell_by_hand():
    layer = SLayer(1, 1, selectivity=1.0, window=1, rng=0)
    layer.a[:], layer.b[:] = 6.0, 2.0  # c is 1
    np.testing.assert_allclose(layer.c, 1.0)
    # (1 + 6 * 3) / (1 + 2 * 1 / 2 * 2 * 3) - 1 = 19 / 7 - 1
    np.testing.assert_allclose(layer(np.full((1, 1, 1), 3.0)).item(), 12 / 7)


@pytest.mark.parametrize(("in_planes", "window"), [(1, 1), (1, 3), (3, 3), (2, 5)])
def test_s_cells_are_the_formula(in_planes, window):
    layer = SLayer(in_planes, 4, 2.5, window, rng=1)
    layer.a, layer.b = 5 * rng.random(layer.a.shape), rng.random(4)
    u = rng.random((in_planes, 6, 5))
    np.testing.assert_allclose(layer(u), by_loops(layer, u), atol=1e-12)


@pytest.mark.parametrize("in_planes", [1, 3])
def test_the_fixed_weights_sum_to_one_over_all_planes(in_planes):
    assert np.isclose(SLayer(in_planes, 2, rng=0).c.sum() * in_planes, 1)


@pytest.mark.parametrize("selectivity", [0.5, 1.8, 4.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_trained_cell_measures_the_angle(selectivity, seed):
    generator = np.random.default_rng(seed)
    x, u = generator.random((2, 3, 3))
    layer, page, middle = trained(x, selectivity)
    page[0, 3:6, 3:6] = u
    likeness = np.sum(layer.c * x * u)
    likeness /= np.sqrt(np.sum(layer.c * x**2) * np.sum(layer.c * u**2))
    expected = max((1 + selectivity) * likeness - selectivity, 0)
    assert np.isclose(layer(page)[middle], expected, atol=1e-5)


def test_a_trained_cell_answers_its_pattern_with_one_however_bright():
    x = rng.random((3, 3))
    layer, page, middle = trained(x)
    for light in (0.5, 1.0, 100.0):
        assert np.isclose(layer(light * page)[middle], 1, atol=1e-5)


def test_learning_by_hand():
    layer = SLayer(1, 2, 4.0, 3, rng=0)
    u = np.zeros((1, 3, 3))
    u[0, 1] = [1, 2, 3]
    a, c = layer.a.copy(), layer.c
    first = layer(u)
    winners = layer.learn(u, rate=10.0, area=3)
    assert winners == [tuple(np.unravel_index(first.argmax(), first.shape))]
    n, row, column = winners[0]
    seen = np.pad(u[0], 1)[row : row + 3, column : column + 3]
    np.testing.assert_allclose(layer.a[n, 0], a[n, 0] + 10 * c * seen)
    assert np.isclose(layer.b[n], 5 * np.sqrt(np.sum(c * seen**2)))
    np.testing.assert_array_equal(layer.a[1 - n], a[1 - n])
    assert layer.b[1 - n] == 0


def test_darkness_teaches_nothing():
    layer = SLayer(1, 3, rng=0)
    a = layer.a.copy()
    assert layer.learn(np.zeros((1, 6, 6)), rate=1e4, area=2) == []
    np.testing.assert_array_equal(layer.a, a)
    np.testing.assert_array_equal(layer(np.zeros((1, 6, 6))), 0)


def test_c_cells_by_hand():
    u = np.zeros((2, 3, 3))
    u[0, 1, 1], u[1, 0, 0] = 3.0, 1.0
    first, second = CLayer(window=None)(u)[:, 0, 0]
    x = (1 + 3) / (1 + 2) - 1  # sums of 3 and 1, their mean 2
    assert np.isclose(first, x / (0.5 + x))
    assert second == 0
    y = CLayer(window=1, stride=2)(u)  # each looks at one cell, every other row and column
    assert y.shape == (2, 2, 2)
    x = (1 + 1) / (1 + 0.5) - 1
    np.testing.assert_allclose(y, np.array([[[0, 0], [0, 0]], [[x / (0.5 + x), 0], [0, 0]]]))


@pytest.mark.parametrize(("window", "stride"), [(3, 1), (5, 2), (5, 3)])
def test_c_cells_are_the_formula(window, stride):
    u, margin = rng.random((3, 7, 6)), window // 2
    places = np.arange(window) - margin
    d = np.exp(-np.add.outer(places**2, places**2) / (2 * (window / 2.5) ** 2))
    padded = np.pad(u, ((0, 0), (margin, margin), (margin, margin)))
    pooled = np.array([
        [[np.sum(d * plane[r : r + window, c : c + window]) for c in range(0, 6, stride)]
         for r in range(0, 7, stride)]
        for plane in padded
    ])  # fmt: skip
    x = np.maximum((1 + pooled) / (1 + pooled.mean(axis=0)) - 1, 0)
    np.testing.assert_allclose(CLayer(window, stride)(u), x / (0.5 + x), atol=1e-12)


def test_winners_are_each_of_another_plane_and_apart():
    u = rng.random((6, 9, 9))
    winners = representatives(u, area=2)
    assert len({n for n, _, _ in winners}) == len(winners)
    assert winners[0] == tuple(np.unravel_index(u.argmax(), u.shape))
    loudness = [u[w] for w in winners]
    assert loudness == sorted(loudness, reverse=True)
    for i, (_, row, column) in enumerate(winners):
        for _, r, c in winners[:i]:
            assert max(abs(row - r), abs(column - c)) > 2


def test_equally_loud_means_the_first():
    u = np.zeros((2, 3, 3))
    u[0, 1, 2], u[1, 0, 0] = 1.0, 1.0 + 1e-12
    assert representatives(u, area=3) == [(0, 1, 2)]
    assert representatives(np.zeros((2, 3, 3)), area=1) == []
    assert representatives(np.zeros((0, 3, 3)), area=1) == []


def bars():
    pictures = np.zeros((3, 12, 12))
    pictures[0, 2:10, 5] = pictures[1, 5, 2:10] = 1.0
    pictures[2, np.arange(2, 10), np.arange(2, 10)] = 1.0
    return pictures


@pytest.mark.parametrize("seed", range(3))
def test_every_pattern_finds_a_plane_and_keeps_it_when_moved(seed):
    network = Neocognitron((8, 12), (4.0, 2.0), rng=seed).train(bars())
    planes = [int(network(bar).argmax()) for bar in bars()]
    assert len(set(planes)) == 3
    for bar, plane in zip(bars(), planes, strict=True):
        for shift in ((1, 0), (0, 2), (-2, -1)):
            assert network(np.roll(bar, shift, axis=(0, 1))).argmax() == plane


def test_all_layers_show_what_they_answer():
    network = Neocognitron(rng=0)
    assert [a.shape for a in network.answers(np.zeros((16, 16)))] == [
        (8, 16, 16), (8, 8, 8), (24, 8, 8), (24, 4, 4), (24, 4, 4), (24, 1, 1),
    ]  # fmt: skip


def test_same_seed_same_network_and_inputs_stay():
    pictures = bars()
    first, second = (Neocognitron((8, 12), (4, 2), rng=7).train(pictures) for _ in range(2))
    np.testing.assert_array_equal(first(pictures[0]), second(pictures[0]))
    np.testing.assert_array_equal(pictures, bars())
    lists = Neocognitron((8, 12), (4, 2), rng=7).train(pictures.astype(int).tolist())
    np.testing.assert_array_equal(first(pictures[0]), lists(pictures[0]))


def test_no_rounds_no_learning():
    network = Neocognitron(rng=0).train(bars(), rounds=0)
    assert all((s.b == 0).all() for s, _ in network.stages)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: SLayer(0, 1), ValueError, "in_planes is 0"),
        (lambda: SLayer(1, 1, window=4), ValueError, "window is 4; it must be odd"),
        (lambda: SLayer(1, 1, selectivity=0), ValueError, "selectivity is 0; it must be above"),
        (lambda: SLayer(1, 1, np.nan), ValueError, "selectivity is nan"),
        (lambda: SLayer(1, 1.5), TypeError, "planes must be a whole number, not 1.5"),
        (
            lambda: SLayer(2, 1)(np.ones((3, 4, 4))),
            ValueError,
            r"u has shape \(3, 4, 4\); it must be \(2, height, width\)",
        ),
        (lambda: SLayer(2, 1).learn(np.ones((4, 4)), 1, 1), ValueError, r"u has shape \(4, 4\)"),
        (lambda: CLayer(window=2), ValueError, "window is 2; it must be odd"),
        (lambda: CLayer(stride=0), ValueError, "stride is 0"),
        (lambda: CLayer()(np.ones((4, 4))), ValueError, r"u has shape \(4, 4\)"),
        (lambda: Neocognitron((1, 2), (1,)), ValueError, "planes has 2 entries, selectivity 1"),
        (lambda: Neocognitron((), ()), ValueError, "planes has 0 entries"),
        (lambda: Neocognitron()(np.ones(4)), ValueError, r"a picture has shape \(4,\)"),
        (lambda: Neocognitron()(np.ones((0, 4))), ValueError, r"a picture has shape \(0, 4\)"),
        (lambda: Neocognitron()([["a"]]), TypeError, "real numbers"),
        (lambda: Neocognitron().train([]), ValueError, r"pictures has shape \(0,\)"),
        (lambda: Neocognitron().train(np.ones((4, 4))), ValueError, r"pictures has shape \(4, 4\)"),
        (lambda: Neocognitron().train(bars(), rounds=-1), ValueError, "rounds is -1"),
    ],
)
def test_malformed(call, error, message):
    with pytest.raises(error, match=message):
        call()
