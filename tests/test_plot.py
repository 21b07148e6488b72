"""The drawings: what is on the axes, not how it looks."""

import sys

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnbook import plot


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_points_tell_classes_by_marker_and_colour():
    ax = plot.points(np.eye(3)[:, :2], [0, 1, 2], labels=["a", "b", "c"])
    assert len({c.get_paths()[0].vertices.tobytes() for c in ax.collections}) == 3
    assert len({tuple(c.get_facecolor()[0]) for c in ax.collections}) == 3
    assert [t.get_text() for t in ax.texts] == ["a", "b", "c"]


def test_points_of_wrong_shape_are_named():
    with pytest.raises(ValueError, match=r"\(4, 3\)"):
        plot.points(np.zeros((4, 3)), np.zeros(4, int))


@pytest.mark.parametrize(
    ("weight", "bias"), [((1, 2), -1), ((0, 1), -0.5), ((1, 0), -0.5), ((-3, 0.1), 1)]
)
def test_a_line_is_where_the_score_is_zero_and_inside_the_picture(weight, bias):
    ax = plot.line(np.array(weight, float), bias, (-2, 2), (-1, 1))
    xs, ys = ax.lines[0].get_data()
    np.testing.assert_allclose(
        bias + weight[0] * np.array(xs) + weight[1] * np.array(ys), 0, atol=1e-9
    )
    assert np.all(np.abs(xs) <= 2 + 1e-9)
    assert np.all(np.abs(ys) <= 1 + 1e-9)


def test_no_line_is_drawn_where_there_is_none():
    assert not plot.line([0.0, 0.0], 1.0, (-1, 1), (-1, 1)).lines
    assert not plot.line([1.0, 0.0], 50.0, (-1, 1), (-1, 1)).lines


def test_the_arrow_points_to_the_yes_side_at_a_right_angle():
    ax = plot.line([1.0, 2.0], -1.0, (-2, 2), (-2, 2), arrow=True)
    arrow = next(t for t in ax.texts if getattr(t, "arrow_patch", None) is not None)
    direction = np.subtract(arrow.xy, arrow.xyann)
    assert direction @ [1.0, 2.0] > 0
    np.testing.assert_allclose(direction @ [-2.0, 1.0], 0, atol=1e-9)


def test_a_line_in_space_is_refused():
    with pytest.raises(ValueError, match=r"\(3,\)"):
        plot.line(np.ones(3), 0.0, (0, 1), (0, 1))


def test_decision_regions_shade_each_class():
    ax = plot.decision_regions(lambda x: (x[:, 0] > 0).astype(int), (-1, 1), (-2, 2))
    assert len(ax.collections) == 2
    assert ax.get_xlim() == (-1, 1)
    assert ax.get_ylim() == (-2, 2)
    left, right = (c.get_paths()[0].get_extents() for c in ax.collections)
    assert left.x1 <= right.x0 + 0.02


def test_a_function_and_its_slope():
    ax = plot.function(np.sin, np.cos, (0, 3), labels=("f", "f'"))
    curves = [line for line in ax.lines if len(line.get_xdata()) > 2]
    np.testing.assert_allclose(curves[0].get_ydata(), np.sin(curves[0].get_xdata()))
    np.testing.assert_allclose(curves[1].get_ydata(), np.cos(curves[1].get_xdata()))
    assert [t.get_text() for t in ax.texts] == ["f", "f'"]


def test_a_neuron_names_its_parts():
    texts = [t.get_text() for t in plot.neuron(["a", "b"]).texts]
    assert {"a", "b", "1", "$w_0$", "$w_1$", "$w_2$"} <= set(texts)


def colours(ax):
    """Every colour on the axes, as a hex code."""
    found = [line.get_color() for line in ax.lines] + [text.get_color() for text in ax.texts]
    for patch in [*ax.patches, *(t.arrow_patch for t in ax.texts if hasattr(t, "arrow_patch"))]:
        found += [patch.get_edgecolor()] if patch is not None else []
    for collection in ax.collections:
        found += [*collection.get_facecolor()]
    return {mpl.colors.to_hex(colour) for colour in found}


def test_every_colour_is_one_that_a_style_can_exchange():
    style = {f"#0{i}0{i}0{i}" for i in range(1, 10)}
    cycle, others = sorted(style)[:6], sorted(style)[6:]
    names = ("text.color", "axes.edgecolor", "grid.color")
    settings = {"axes.prop_cycle": mpl.cycler(color=cycle), **dict(zip(names, others, strict=True))}
    with mpl.rc_context(settings):
        drawings = [
            plot.points(np.eye(2), [0, 1], labels=["a", "b"]),
            plot.decision_regions(lambda x: (x[:, 0] > 0).astype(int), (-1, 1), (-1, 1)),
            plot.line([1.0, 1.0], 0.0, (-1, 1), (-1, 1), arrow=True),
            plot.function(np.sin, np.cos, (0, 3)),
            plot.neuron(["a", "b"]),
        ]
        for ax in drawings:
            assert colours(ax) <= style, ax
        assert {size for ax in drawings for size in (t.get_fontsize() for t in ax.texts)} != set()
        assert min(t.get_fontsize() for ax in drawings for t in ax.texts) >= 9


def test_labels_stand_where_they_are_put():
    ax = plot.points(np.eye(2), [0, 1], labels=["a", "b"], label_at=[(3, 4), (5, 6)])
    assert [text.xy for text in ax.texts] == [(3, 4), (5, 6)]


def test_labels_of_curves_that_meet_stand_apart():
    ax = plot.function(np.sin, np.sin, (0, 1))
    ax.figure.canvas.draw()
    one, other = (text.get_window_extent() for text in ax.texts)
    assert not one.overlaps(other)


def test_no_points_and_one_class():
    assert not plot.points(np.zeros((0, 2)), np.zeros(0, int)).collections
    ax = plot.decision_regions(lambda x: np.ones(len(x), int), (0, 1), (0, 1))
    assert len(ax.collections) == 1


def test_regions_are_few_polygons():
    ax = plot.decision_regions(lambda x: (x.sum(axis=1) > 0).astype(int), (-1, 1), (-1, 1))
    assert [len(c.get_paths()[0].to_polygons()) for c in ax.collections] == [1, 1]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plot.points(np.eye(2), [0, 1]),
        lambda: plot.line([1.0, 1.0], 0.0, (0, 1), (0, 1)),
        lambda: plot.neuron(["a"]),
        lambda: plot.function(np.sin, np.cos, (0, 1)),
    ],
)
def test_without_matplotlib_the_error_helps(monkeypatch, draw):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"nnbook\[plot\]"):
        draw()


def test_axes_given_are_used():
    _, ax = plt.subplots()
    assert plot.points(np.zeros((1, 2)), [0], ax=ax) is ax
