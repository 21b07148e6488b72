"""The losses: by hand, by PyTorch, by central differences, by hard inputs and by wrong ones."""

import inspect
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from nnbook import nn
from nnbook.nn import functional as F  # noqa: N812
from tests.nn.parity import compare

pytestmark = pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # PyTorch, of KLDivLoss

ELEMENTWISE = [
    ("MSELoss", {}),
    ("L1Loss", {}),
    ("SmoothL1Loss", {}),
    ("SmoothL1Loss", {"beta": 0.3}),
    ("SmoothL1Loss", {"beta": 0.0}),
    ("HuberLoss", {}),
    ("HuberLoss", {"delta": 0.3}),
    ("HuberLoss", {"delta": 2.5}),
    ("BCELoss", {}),
    ("BCEWithLogitsLoss", {}),
    ("KLDivLoss", {}),
    ("KLDivLoss", {"log_target": True}),
]
CLASSES = ["NLLLoss", "CrossEntropyLoss"]
NAMES = [*dict(ELEMENTWISE), *CLASSES]
REDUCTIONS = ["mean", "sum", "none"]
LN2 = math.log(2)
each = pytest.mark.parametrize("name", NAMES)
each_reduction = pytest.mark.parametrize("reduction", REDUCTIONS)
each_elementwise = pytest.mark.parametrize(("name", "options"), ELEMENTWISE, ids=str)


def both(name, **options):
    """Our loss and PyTorch's, with the same options."""
    theirs = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    return getattr(nn, name)(**options), getattr(torch.nn, name)(**theirs)


def numbers(name, shape, rng=0, dtype=np.float64, log_target=False):
    """Input and target as the loss wants them: any numbers, probabilities, or logarithms."""
    rng = np.random.default_rng(rng)
    x, t = 2 * rng.normal(size=shape), 2 * rng.normal(size=shape)
    if name == "BCELoss":
        x = rng.uniform(size=shape)
    if name.startswith("BCE") or (name == "KLDivLoss" and not log_target):
        t = rng.uniform(size=shape)
    return np.asarray(x, dtype), np.asarray(t, dtype)


def scores(shape, rng=0, dtype=np.float64):
    """Scores (N, C, ...), or (C,), and a label for each row of classes."""
    rng = np.random.default_rng(rng)
    x = np.asarray(2 * rng.normal(size=shape), dtype)
    batch = () if len(shape) == 1 else (shape[0], *shape[2:])
    return x, rng.integers(0, shape[min(1, len(shape) - 1)], batch)


def example(name, dtype=np.float64):
    """Some input and target for any of the losses."""
    return scores((4, 3), 0, dtype) if name in CLASSES else numbers(name, (4, 3), 0, dtype)


# By hand

BY_HAND = [
    ("MSELoss", {}, [1, 2], [0, 4], 2.5, [1, -2]),
    ("L1Loss", {}, [1, 2], [0, 4], 1.5, [0.5, -0.5]),
    ("SmoothL1Loss", {"beta": 2.0}, [1, 4], [0, 0], 1.625, [0.25, 0.5]),
    ("SmoothL1Loss", {"beta": 0.0}, [1, 0], [0, 0], 0.5, [0.5, 0]),
    ("HuberLoss", {"delta": 2.0}, [1, 4], [0, 0], 3.25, [0.5, 1]),
    ("BCELoss", {}, [0.75, 0.25], [1, 1], math.log(16 / 3) / 2, [-2 / 3, -2]),
    ("BCELoss", {"weight": [3.0, 0.0]}, [0.75, 0.25], [1, 1], 1.5 * math.log(4 / 3), [-2, 0]),
    ("BCEWithLogitsLoss", {}, [0, math.log(3)], [1, 0], 1.5 * LN2, [-0.25, 0.375]),
    ("BCEWithLogitsLoss", {"pos_weight": 3.0}, [0, 0], [1, 0], 2 * LN2, [-0.75, 0.25]),
    ("NLLLoss", {}, [[-1, -2], [-3, -4]], [0, 1], 2.5, [[-0.5, 0], [0, -0.5]]),
    ("NLLLoss", {"weight": [1.0, 3.0]}, [[-1, -2], [-3, -4]], [0, 1], 3.25,
     [[-0.25, 0], [0, -0.75]]),
    ("NLLLoss", {"ignore_index": 1}, [[-1, -2], [-3, -4]], [0, 1], 1, [[-1, 0], [0, 0]]),
    ("CrossEntropyLoss", {}, [0, math.log(3)], 1, math.log(4 / 3), [0.25, -0.25]),
    # Smoothed by a half, the truth is (1/4, 3/4), which is just what the scores say.
    ("CrossEntropyLoss", {"label_smoothing": 0.5}, [0, math.log(3)], 1,
     0.25 * math.log(4) + 0.75 * math.log(4 / 3), [0, 0]),
    ("CrossEntropyLoss", {"weight": [2.0, 1.0]}, [0, 0], [0.5, 0.5], 1.5 * LN2, [-0.25, 0.25]),
    ("KLDivLoss", {}, np.log([[0.25, 0.75]]), [[0.5, 0.5]], math.log(4 / 3) / 4, [[-0.25, -0.25]]),
    ("KLDivLoss", {"reduction": "batchmean"}, np.log([[0.25, 0.75]]), [[0.5, 0.5]],
     math.log(4 / 3) / 2, [[-0.5, -0.5]]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "x", "t", "loss", "grad"), BY_HAND)
def test_worked_by_hand(name, options, x, t, loss, grad):
    loss_fn = getattr(nn, name)(**options)
    assert loss_fn(x, t) == pytest.approx(loss, abs=1e-15)
    np.testing.assert_allclose(loss_fn.backward(), grad, atol=1e-15)


def test_the_examples_by_hand_cover_all():
    assert {case[0] for case in BY_HAND} == set(NAMES)


@each
def test_without_words_a_loss_changes_with_itself_at_the_rate_one(name):
    loss_fn = getattr(nn, name)()
    loss_fn(*example(name))
    np.testing.assert_array_equal(loss_fn.backward(), loss_fn.backward(1.0))
    np.testing.assert_allclose(loss_fn.backward(-3), -3 * loss_fn.backward(), rtol=1e-14)


# By PyTorch


@each_elementwise
@each_reduction
@pytest.mark.parametrize("shape", [(), (1,), (5,), (4, 3), (2, 3, 4, 2)], ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_elementwise_losses_agree_with_pytorch(name, options, reduction, shape, dtype):
    x, t = numbers(name, shape, 0, dtype, options.get("log_target", False))
    compare(*both(name, reduction=reduction, **options), x, t, inputs=1)


@pytest.mark.parametrize("shape", [(), (3, 4)], ids=str)
@pytest.mark.parametrize("log_target", [False, True])
def test_batchmean_agrees_with_pytorch(shape, log_target):
    x, t = numbers("KLDivLoss", shape, log_target=log_target)
    compare(*both("KLDivLoss", reduction="batchmean", log_target=log_target), x, t, inputs=1)


@each_reduction
@pytest.mark.parametrize("name", ["BCELoss", "BCEWithLogitsLoss"])
@pytest.mark.parametrize("shape", [(), (4,), (3, 1), (1, 4), (3, 4)], ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_of_numbers_agree_with_pytorch(name, reduction, shape, dtype):
    rng = np.random.default_rng(1)
    weight, pos_weight = (np.asarray(rng.uniform(0, 3, size=shape), dtype) for _ in range(2))
    x, t = numbers(name, (3, 4), 0, dtype)
    compare(*both(name, weight=weight, reduction=reduction), x, t, inputs=1)
    if name == "BCEWithLogitsLoss":
        options = {"weight": weight, "pos_weight": pos_weight, "reduction": reduction}
        compare(*both(name, **options), x, t, inputs=1)


SHAPES = [(3,), (1,), (1, 3), (6, 3), (6, 1), (2, 3, 4), (2, 3, 4, 2), (2, 3, 1, 2, 2)]


@pytest.mark.parametrize("name", CLASSES)
@each_reduction
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore_index", [-100, -1, 0, 2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_losses_of_labels_agree_with_pytorch(name, reduction, shape, weighted, ignore_index, dtype):
    x, labels = scores(shape, 0, dtype)
    if ignore_index < 0 and labels.ndim:
        labels.reshape(-1)[::3] = ignore_index
    options = {"reduction": reduction, "ignore_index": ignore_index}
    if weighted:
        classes = shape[min(1, len(shape) - 1)]
        options["weight"] = np.random.default_rng(1).uniform(0.1, 3, classes).astype(dtype)
    compare(*both(name, **options), x, labels, inputs=1)
    if name == "CrossEntropyLoss":
        for label_smoothing in (0.1, 1.0):
            compare(*both(name, label_smoothing=label_smoothing, **options), x, labels, inputs=1)


@each_reduction
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_targets_of_probabilities_agree_with_pytorch(
    reduction, shape, weighted, label_smoothing, dtype
):
    (x, _), (t, _) = scores(shape, 0, dtype), scores(shape, 1, dtype)  # PyTorch takes any numbers
    options = {"reduction": reduction, "label_smoothing": label_smoothing}
    if weighted:
        classes = shape[min(1, len(shape) - 1)]
        options["weight"] = np.random.default_rng(1).uniform(0.1, 3, classes).astype(dtype)
    compare(*both("CrossEntropyLoss", **options), x, t, inputs=1)


@settings(max_examples=60, deadline=None)
@given(
    case=st.sampled_from(ELEMENTWISE),
    shape=array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    reduction=st.sampled_from(REDUCTIONS),
    seed=st.integers(0, 999),
)
def test_elementwise_losses_of_any_shape(case, shape, reduction, seed):
    name, options = case
    x, t = numbers(name, shape, seed, log_target=options.get("log_target", False))
    compare(*both(name, reduction=reduction, **options), x, t, inputs=1)


@settings(max_examples=100, deadline=None)
@given(
    name=st.sampled_from(CLASSES),
    sizes=array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
    classes=st.integers(1, 5),
    reduction=st.sampled_from(REDUCTIONS),
    ignore_index=st.integers(-2, 4),
    label_smoothing=st.sampled_from([0.0, 0.3]),
    probabilities=st.booleans(),
    weighted=st.booleans(),
    seed=st.integers(0, 999),
)
def test_losses_of_classes_of_any_shape(
    name, sizes, classes, reduction, ignore_index, label_smoothing, probabilities, weighted, seed
):
    x, t = scores((sizes[0], classes, *sizes[1:]), seed)
    options = {"reduction": reduction}
    if name == "CrossEntropyLoss":
        options["label_smoothing"] = label_smoothing
    if name == "CrossEntropyLoss" and probabilities:
        t = np.random.default_rng(seed).uniform(size=x.shape)
    else:
        options["ignore_index"] = ignore_index
    if weighted:
        options["weight"] = np.random.default_rng(seed).uniform(0.1, 3, classes)
    compare(*both(name, **options), x, t, inputs=1)


# By central differences


@each_reduction
@pytest.mark.parametrize(
    ("name", "options"),
    [*((n, o) for n, o in ELEMENTWISE), *((n, {}) for n in CLASSES),
     ("BCEWithLogitsLoss", {"pos_weight": np.array([0.5, 2.0, 3.0])}),
     ("CrossEntropyLoss", {"label_smoothing": 0.2, "weight": np.array([1.0, 2.0, 3.0])})],
    ids=str,
)  # fmt: skip
def test_backward_agrees_with_central_differences(name, options, reduction):
    loss_fn = getattr(nn, name)(reduction=reduction, **options)
    x, t = example(name)
    above = np.random.default_rng(2).normal(size=np.shape(loss_fn(x, t)))
    grad, central, h = loss_fn.backward(above), np.zeros_like(x), 1e-6
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        central[i] = np.sum(above * (loss_fn(x + step, t) - loss_fn(x - step, t))) / (2 * h)
    np.testing.assert_allclose(grad, central, rtol=1e-7, atol=1e-8)


# The functions


@each
@each_reduction
def test_the_function_and_its_backward_are_those_of_the_layer(name, reduction):
    function = {
        "MSELoss": "mse_loss",
        "L1Loss": "l1_loss",
        "SmoothL1Loss": "smooth_l1_loss",
        "HuberLoss": "huber_loss",
        "BCELoss": "binary_cross_entropy",
        "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
        "NLLLoss": "nll_loss",
        "CrossEntropyLoss": "cross_entropy",
        "KLDivLoss": "kl_div",
    }[name]
    x, t = example(name)
    loss_fn = getattr(nn, name)(reduction=reduction)
    loss = loss_fn(x, t)
    above = np.random.default_rng(0).normal(size=np.shape(loss))
    np.testing.assert_array_equal(getattr(F, function)(x, t, reduction=reduction), loss)
    grad = getattr(F, f"{function}_backward")(above, x, t, reduction=reduction)
    np.testing.assert_array_equal(grad, loss_fn.backward(above))
    theirs = getattr(torch.nn.functional, function)(
        torch.tensor(x), torch.tensor(t), reduction=reduction
    )
    np.testing.assert_allclose(loss, theirs.numpy(), rtol=1e-12)


def test_relations_between_losses():
    x, t = numbers("MSELoss", (5, 4))
    np.testing.assert_allclose(
        F.huber_loss(x, t, delta=0.7), 0.7 * F.smooth_l1_loss(x, t, beta=0.7), rtol=1e-14
    )
    assert F.smooth_l1_loss(x, t, beta=0.0) == F.l1_loss(x, t)
    x, labels = scores((5, 4))
    np.testing.assert_allclose(
        F.cross_entropy(x, labels), F.cross_entropy(x, np.eye(4)[labels]), rtol=1e-14
    )
    np.testing.assert_allclose(
        F.cross_entropy(x, labels), F.nll_loss(F.log_softmax(x, 1), labels), rtol=1e-14
    )
    q = F.softmax(scores((5, 4), 1)[0])
    entropy = -(q * np.log(q)).sum() / 5
    divergence = F.kl_div(F.log_softmax(x), q, reduction="batchmean")
    np.testing.assert_allclose(F.cross_entropy(x, q), entropy + divergence, rtol=1e-14)
    t = np.random.default_rng(0).uniform(size=(5, 4))
    np.testing.assert_allclose(
        F.binary_cross_entropy_with_logits(x, t), F.binary_cross_entropy(F.sigmoid(x), t)
    )


# Hard inputs


EXTREME = np.array([-1e4, -750.0, -40.0, 0.0, 40.0, 750.0, 1e4])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_extreme_logits_agree_with_pytorch(dtype, t):
    x, t = EXTREME.astype(dtype), np.full(7, t, dtype)
    options = {"reduction": "none", "pos_weight": np.asarray(2.0, dtype)}
    losses = compare(*both("BCEWithLogitsLoss", **options), x, t, inputs=1)
    assert np.isfinite(losses).all()
    for name in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"):
        compare(*both(name, reduction="none"), x, t, inputs=1)


def test_the_tail_of_a_wrong_score_keeps_its_digits():
    losses = F.binary_cross_entropy_with_logits([-21.0, -30.0], [1.0, 1.0], reduction="none")
    np.testing.assert_allclose(losses - [21, 30], np.exp([-21.0, -30.0]), rtol=0.05)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}], ids=str)
def test_extreme_scores_agree_with_pytorch(dtype, options):
    x, labels = (
        np.stack([EXTREME, -EXTREME, 1e4 + EXTREME / 1e4]).astype(dtype),
        np.array([0, 3, 6]),
    )
    for reduction in REDUCTIONS:
        loss_fn, theirs = both("CrossEntropyLoss", reduction=reduction, **options)
        assert np.isfinite(compare(loss_fn, theirs, x, labels, inputs=1)).all()
        compare(loss_fn, theirs, x, np.eye(7, dtype=dtype)[labels], inputs=1)


def test_certainties_agree_with_pytorch():
    x = np.array([0.0, 0.0, 1.0, 1.0, 1e-300, 1e-40, 1e-13, 1 - 1e-16, 0.0])
    t = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.5])
    ours, theirs = both("BCELoss", reduction="none")
    tensor = torch.tensor(x, requires_grad=True)
    expected, losses = theirs(tensor, torch.tensor(t)), ours(x, t)
    np.testing.assert_allclose(losses, expected.detach().numpy(), rtol=1e-14)
    assert losses.max() == 100.0
    expected.sum().backward()  # PyTorch keeps its 1e-12 in float32, so only 7 digits are the same
    np.testing.assert_allclose(ours.backward(np.ones(9)), tensor.grad.numpy(), rtol=1e-7)


@each_reduction
@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}, {"weight": np.ones(3)}], ids=str)
@pytest.mark.parametrize(
    "rows",
    [
        [[0.0, -np.inf, 1.0], [1.0, 2.0, 3.0]],
        [[-np.inf, 0.0, 1.0], [1.0, 2.0, 3.0]],
        [[0.0, np.inf, 1.0], [1.0, 2.0, 3.0]],
        [[np.nan, 0.0, 1.0], [1.0, 2.0, 3.0]],
        [[-np.inf, -np.inf, -np.inf], [1.0, 2.0, 3.0]],
    ],
    ids=str,
)
def test_infinite_scores_are_pytorchs(rows, options, reduction):
    x, loss_fns = np.array(rows), both("CrossEntropyLoss", reduction=reduction, **options)
    compare(*loss_fns, x, np.array([0, 2]), inputs=1)
    compare(*loss_fns, x, np.array([-100, 2]), inputs=1)
    compare(*loss_fns, x, np.eye(3)[[0, 2]], inputs=1)


@each_reduction
def test_what_is_ignored_may_be_infinite(reduction):
    logs, labels = np.array([[-np.inf, 0.0], [np.nan, -1.0], [-2.0, -3.0]]), np.array([-1, -1, 1])
    options = {"ignore_index": -1, "reduction": reduction}
    compare(*both("NLLLoss", **options), logs, labels, inputs=1)
    compare(*both("NLLLoss", weight=np.array([2.0, 3.0]), **options), logs, labels, inputs=1)


@pytest.mark.parametrize("name", ["BCEWithLogitsLoss", "MSELoss", "SmoothL1Loss", "HuberLoss"])
def test_infinite_numbers_are_pytorchs(name):
    x = np.array([np.inf, -np.inf, np.inf, -np.inf, np.nan, 1e200])
    t = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    compare(*both(name, reduction="none"), x, t, inputs=1)


def test_infinite_logarithms_are_pytorchs():
    x, t = np.array([-np.inf, -1.0, -1.0, -np.inf]), np.array([0.0, 0.0, np.nan, 0.5])
    compare(*both("KLDivLoss", reduction="none"), x, t, inputs=1)
    t = np.array([-np.inf, -np.inf, 0.0, -1.0])
    compare(*both("KLDivLoss", reduction="none", log_target=True), x, t, inputs=1)


def test_nan_stays_nan():
    loss_fn = nn.L1Loss(reduction="none")
    assert np.isnan(loss_fn([np.nan], [0.0])).all()
    assert np.isnan(loss_fn.backward([1.0])).all()  # PyTorch's gradient is 0 there


@each
@each_reduction
def test_empty_batches_agree_with_pytorch(name, reduction):
    x, t = example(name)
    loss = compare(*both(name, reduction=reduction), x[:0], t[:0], inputs=1)
    if reduction != "none":
        assert np.isnan(loss) if reduction == "mean" else loss == 0


def test_an_empty_batch_has_no_mean_divergence():
    x = np.zeros((0, 3))
    assert np.isnan(compare(*both("KLDivLoss", reduction="batchmean"), x, x, inputs=1))


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}], ids=str)
def test_no_pixels_and_no_classes(options):
    for reduction in REDUCTIONS:
        loss_fns = both("CrossEntropyLoss", reduction=reduction, **options)
        compare(*loss_fns, np.zeros((2, 3, 0)), np.zeros((2, 0), int), inputs=1)
        loss_fns[0](np.zeros((0, 0)), np.zeros(0, int))
        assert loss_fns[0].backward(np.zeros(0) if reduction == "none" else 1.0).shape == (0, 0)


@each_reduction
@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("options", [{}, {"weight": np.array([1.0, 2.0, 3.0])}], ids=str)
def test_where_all_is_ignored(name, reduction, options):
    x, labels = scores((4, 3))
    labels[:] = -100
    loss_fns = both(name, reduction=reduction, **options)
    compare(*loss_fns, x, labels, inputs=1)
    compare(*loss_fns, x[0], np.array(-100), inputs=1)
    if name == "CrossEntropyLoss":
        loss_fns = both(name, reduction=reduction, label_smoothing=0.1, **options)
        compare(*loss_fns, x, labels, inputs=1)


@each_reduction
@pytest.mark.parametrize("name", CLASSES)
def test_where_nothing_weighs_anything(name, reduction):
    x, labels = scores((4, 3))
    compare(*both(name, reduction=reduction, weight=np.zeros(3)), x, labels, inputs=1)


@each
@each_reduction
def test_layouts_lists_and_repetition(name, reduction):
    x, t = example(name)
    loss_fn = getattr(nn, name)(reduction=reduction)
    loss = loss_fn(x, t)
    above = np.random.default_rng(0).normal(size=np.shape(loss))
    grad = loss_fn.backward(above)
    wide, tall = np.repeat(x, 2, axis=1)[:, ::2], np.asfortranarray(x)
    for other in (wide, tall, x.tolist(), x[::-1].copy()[::-1]):
        target = t.tolist() if isinstance(other, list) else np.asfortranarray(t)
        np.testing.assert_allclose(loss_fn(other, target), loss, rtol=1e-14)
        np.testing.assert_allclose(loss_fn.backward(above), grad, rtol=1e-14)
        np.testing.assert_allclose(loss_fn.backward(above), grad, rtol=1e-14)


@pytest.mark.parametrize("name", CLASSES)
def test_layouts_of_images(name):
    x, labels = scores((2, 3, 4, 5))
    loss_fn = getattr(nn, name)(reduction="none")
    loss, grad = loss_fn(x, labels), loss_fn.backward(labels - 1.0)
    np.testing.assert_allclose(
        loss_fn(np.asfortranarray(x), np.asfortranarray(labels)), loss, rtol=1e-14
    )
    np.testing.assert_allclose(loss_fn.backward(labels - 1.0), grad, rtol=1e-14)
    by_pixel = loss_fn(x.transpose(0, 2, 3, 1).reshape(-1, 3), labels.reshape(-1))
    np.testing.assert_allclose(by_pixel, loss.reshape(-1), rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, np.uint64])
def test_labels_of_any_whole_type(dtype):
    x, labels = scores((6, 3))
    assert F.cross_entropy(x, labels.astype(dtype)) == F.cross_entropy(x, labels)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in CLASSES])
def test_whole_targets_take_the_type_of_the_input(name):
    x, t = numbers(name, (4, 3), dtype=np.float32)
    whole, loss_fn = t > 0.5, getattr(nn, name)()
    for integers in (whole, whole.astype(int)):
        assert loss_fn(x, integers) == loss_fn(x, whole.astype(np.float32))
        assert loss_fn.backward().dtype == np.float32


@each
@each_reduction
def test_nothing_that_was_given_or_kept_changes(name, reduction):
    x, t = example(name)
    before = x.copy(), t.copy()
    loss_fn = getattr(nn, name)(reduction=reduction)
    loss = loss_fn(x, t)
    above = np.ones(np.shape(loss))
    grad = loss_fn.backward(above)
    first = grad.copy()
    if reduction == "none":
        loss += 1
    grad += 1
    np.testing.assert_array_equal(above, np.ones(np.shape(loss)))
    np.testing.assert_array_equal(loss_fn.backward(above), first)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(t, before[1])


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loss_is_a_number_of_the_type_of_the_input(name, dtype):
    x, t = example(name, dtype)
    for reduction in ("mean", "sum"):
        loss_fn = getattr(nn, name)(reduction=reduction)
        assert type(loss_fn(x, t)) is dtype
        assert loss_fn.backward().dtype == dtype


# Wrong calls


@each
@pytest.mark.parametrize("legacy", ["size_average", "reduce"])
@pytest.mark.parametrize("value", [True, False])
def test_what_reduction_has_replaced_is_refused(name, legacy, value):
    if name == "HuberLoss":  # it is younger than these
        return
    with pytest.raises(NotImplementedError, match=f"{name}.*{legacy}={value}.*reduction"):
        getattr(nn, name)(**{legacy: value})


@pytest.mark.parametrize("name", [n for n in F.__all__ if n.endswith(("_loss", "kl_div"))])
def test_what_the_functions_refuse(name):
    function = getattr(F, name)
    code = function.__wrapped__.__code__
    refused = {"size_average", "reduce", "weight"} & set(code.co_varnames[: code.co_argcount])
    for argument in refused - ({"weight"} if name == "nll_loss" else set()):
        with pytest.raises(NotImplementedError, match=f"{name}.*{argument}=False"):
            function([1.0], [1.0], **{argument: False})


@each
def test_an_unknown_reduction_is_named(name):
    with pytest.raises(ValueError, match=r"'avg'.*'none', 'mean', 'sum'"):
        getattr(nn, name)(reduction="avg")
    loss_fn = getattr(nn, name)()
    loss_fn.reduction = "avg"
    with pytest.raises(ValueError, match=r"'avg'"):
        loss_fn(*example(name))
    if name != "KLDivLoss":
        with pytest.raises(ValueError, match="batchmean"):
            getattr(nn, name)(reduction="batchmean")


@each
def test_backward_comes_after_forward(name):
    with pytest.raises(RuntimeError, match=name):
        getattr(nn, name)().backward()


@each
def test_the_gradient_from_above_has_the_shape_of_the_loss(name):
    x, t = example(name)
    loss_fn = getattr(nn, name)()
    loss_fn(x, t)
    with pytest.raises(ValueError, match=r"\(2,\).*\(\)"):
        loss_fn.backward(np.ones(2))
    loss_fn = getattr(nn, name)(reduction="none")
    loss = loss_fn(x, t)
    with pytest.raises(ValueError, match=r"shape \(\); output has shape \(4"):
        loss_fn.backward()
    with pytest.raises(ValueError, match=r"\(5"):
        loss_fn.backward(np.ones((5, *loss.shape[1:])))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in CLASSES])
@pytest.mark.parametrize("shape", [(3,), (4,), (4, 1), (1, 3), (3, 4)], ids=str)
def test_shapes_are_not_broadcast(name, shape):
    x, _ = numbers(name, (4, 3))
    _, t = numbers(name, shape)
    message = rf"target has shape \({', '.join(map(str, shape))},?\); input has \(4, 3\)"
    with pytest.raises(ValueError, match=message):
        getattr(nn, name)()(x, t)


@each
def test_types_are_not_mixed(name):
    x, t = example(name)
    if t.dtype.kind == "f":
        with pytest.raises(TypeError, match="target has dtype float64; input has float32"):
            getattr(nn, name)()(x.astype(np.float32), t)
    if name in ("BCELoss", "BCEWithLogitsLoss", *CLASSES):
        loss_fn = getattr(nn, name)(weight=np.ones(3, np.float32))
        with pytest.raises(TypeError, match="weight has dtype float32; input has float64"):
            loss_fn(x, t)
    with pytest.raises(TypeError, match="complex128"):
        getattr(nn, name)()(x + 0j, t)


@pytest.mark.parametrize(
    ("name", "x", "t", "value"),
    [
        ("input", [0.5, 1.25], [1.0, 1.0], "1.25"),
        ("input", [-0.5, 0.5], [1.0, 1.0], "-0.5"),
        ("input", [np.nan, 0.5], [1.0, 1.0], "nan"),
        ("target", [0.5, 0.5], [1.0, 1.5], "1.5"),
        ("target", [0.5, 0.5], [np.nan, 0.5], "nan"),
    ],
)
def test_only_probabilities_have_a_binary_cross_entropy(name, x, t, value):
    with pytest.raises(ValueError, match=rf"{name} holds {value}; .* 0 and 1"):
        F.binary_cross_entropy(x, t)
    with pytest.raises(ValueError, match=rf"{name} holds {value}"):
        F.binary_cross_entropy_backward(1.0, x, t)


@pytest.mark.parametrize("name", ["weight", "pos_weight"])
@pytest.mark.parametrize("shape", [(2,), (2, 4, 3), (4, 2)], ids=str)
def test_weights_broadcast_to_the_input_only(name, shape):
    with pytest.raises(ValueError, match=rf"^{name} has shape \({shape[0]}.*\(4, 3\)"):
        F.binary_cross_entropy_with_logits(
            np.zeros((4, 3)), np.zeros((4, 3)), **{name: np.ones(shape)}
        )


@pytest.mark.parametrize(
    ("options", "message"), [({"beta": -0.5}, "beta is -0.5"), ({"beta": math.nan}, "beta is nan")]
)
def test_smooth_l1_needs_a_width(options, message):
    for call in (lambda: F.smooth_l1_loss([1.0], [0.0], **options),
                 lambda: F.smooth_l1_loss_backward(1.0, [1.0], [0.0], **options)):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize("delta", [0.0, -1.0])
def test_huber_needs_a_width_above_zero(delta):
    for call in (lambda: F.huber_loss([1.0], [0.0], delta=delta),
                 lambda: F.huber_loss_backward(1.0, [1.0], [0.0], delta=delta)):  # fmt: skip
        with pytest.raises(ValueError, match=f"delta is {delta}"):
            call()


X = np.zeros((4, 3))


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(
    ("x", "t", "error", "message"),
    [
        (X, [0, 1, 2, 3], ValueError, r"label 3; input has 3 classes"),
        (X, [0, 1, 2, -1], ValueError, r"label -1; input has 3 classes"),
        (X, [0, 1, 2], ValueError, r"\(3,\); input of shape \(4, 3\) needs labels of shape \(4,\)"),
        (X[0], [0], ValueError, r"\(1,\); input of shape \(3,\) needs labels of shape \(\)"),
        (X[None], [0, 1, 2, 0], ValueError, r"\(1, 4, 3\) needs labels of shape \(1, 3\)"),
        (X, [0.0, 1.0, 2.0, 0.0], TypeError, r"float64; labels must be whole"),
        (X, [True, False, True, True], TypeError, r"bool; labels must be whole"),
        (1.0, 0, ValueError, r"single number"),
        (X[:, :0], [0, 0, 0, 0], ValueError, r"label 0; input has 0 classes"),
    ],
)
def test_wrong_labels_are_named(name, x, t, error, message):
    with pytest.raises(error, match=message):
        getattr(nn, name)()(x, t)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("weight", [np.ones(2), np.ones((4, 3)), np.array(1.0)])
def test_a_weight_for_each_class(name, weight):
    with pytest.raises(ValueError, match=r"weight has shape .*; input has 3 classes"):
        getattr(nn, name)(weight=weight)(X, [0, 1, 2, 0])


def test_probabilities_are_no_labels():
    with pytest.raises(ValueError, match="ignore_index is 1, but target holds probabilities"):
        nn.CrossEntropyLoss(ignore_index=1)(X, X)
    with pytest.raises(TypeError, match=r"int64 and input's shape \(4, 3\)"):
        F.cross_entropy(X, np.zeros((4, 3), np.int64))
    with pytest.raises(ValueError, match=r"\(4, 2\); input of shape \(4, 3\)"):
        F.cross_entropy(X, np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"label_smoothing is 1.5.* 0 and 1"):
        nn.CrossEntropyLoss(label_smoothing=1.5)
    with pytest.raises(ValueError, match=r"label_smoothing is -0.1"):
        F.cross_entropy(X, X, label_smoothing=-0.1)


# As a module


@each
def test_repr_and_arguments_are_pytorchs(name):
    ours, theirs = both(name)
    assert repr(ours) == repr(theirs)
    mine, its = (inspect.signature(type(m)).parameters.values() for m in (ours, theirs))
    assert [(p.name, p.default) for p in mine] == [(p.name, p.default) for p in its]
    for p in its:
        if p.name not in ("size_average", "reduce"):
            assert getattr(ours, p.name) == p.default


@pytest.mark.parametrize("name", ["BCELoss", "BCEWithLogitsLoss", *CLASSES])
def test_weights_are_saved_with_the_model(name):
    options = {"weight": np.array([1.0, 2.0, 3.0])}
    if name == "BCEWithLogitsLoss":
        options["pos_weight"] = np.array([4.0, 5.0, 6.0])
    loss_fn, theirs = both(name, **options)
    assert list(loss_fn.state_dict()) == list(theirs.state_dict()) == list(options)
    assert list(loss_fn.parameters()) == []
    loss_fn.load_state_dict({k: 2 * v for k, v in options.items()})
    other = getattr(nn, name)(**{k: 2 * v for k, v in options.items()})
    assert loss_fn(*example(name)) == other(*example(name))
    assert getattr(nn, name)().state_dict() == {}
