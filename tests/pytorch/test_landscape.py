"""Landscapes in PyTorch equal their NumPy twins: heights, gradients by autograd, paths."""

import numpy as np
import pytest
import torch

from nnbook import optim
from nnbook.pytorch import landscape as twin
from nnbook.scratch import landscape as scratch

NAMES = ("bowl", "ravine", "saddle", "plateau", "basins")


@pytest.mark.parametrize("name", NAMES)
def test_heights_gradients_and_places_agree(name):
    ours, theirs = scratch.Landscape(name), twin.Landscape(name)
    points = np.random.default_rng(0).uniform(-2, 2, size=(5, 20, 2))
    np.testing.assert_allclose(theirs(points).numpy(), ours(points), rtol=1e-12, atol=1e-14)
    autograd = theirs.gradient(torch.from_numpy(points)).numpy()
    np.testing.assert_allclose(autograd, ours.gradient(points), rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(theirs.start.numpy(), ours.start)
    np.testing.assert_array_equal(theirs.minimum.numpy(), ours.minimum)
    for a, b in zip(theirs.grid(1.5, 11), ours.grid(1.5, 11), strict=True):
        np.testing.assert_allclose(a.numpy(), b, rtol=1e-12, atol=1e-14)
    assert repr(theirs) == repr(ours)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        (None, {}),
        ("SGD", {"momentum": 0.9}),
        ("SGD", {"momentum": 0.9, "nesterov": True}),
        ("Adagrad", {}),
        ("RMSprop", {}),
        ("Adam", {}),
        ("AdamW", {"weight_decay": 0.1}),
    ],
)
def test_paths_agree(name, optimizer, options):
    ours, theirs = scratch.Landscape(name), twin.Landscape(name)
    classes = [getattr(o, optimizer) if optimizer else None for o in (optim, torch.optim)]
    a = scratch.descend(ours, ours.start, optimizer=classes[0], lr=0.03, steps=40, **options)
    b = twin.descend(theirs, theirs.start, optimizer=classes[1], lr=0.03, steps=40, **options)
    assert b.shape == (41, 2)
    assert not b.requires_grad
    np.testing.assert_allclose(b.numpy(), a, rtol=1e-9, atol=1e-12)


def test_any_function_and_any_gradient():
    path = twin.descend(lambda w: (w**4).sum(), [1.0, 0.5], lr=0.1, steps=5)
    other = scratch.descend(lambda w: (w**4).sum(), [1.0, 0.5], lr=0.1, steps=5)
    np.testing.assert_allclose(path.numpy(), other, atol=1e-7)
    given = twin.descend(lambda w: w, [0.0, 0.0], gradient=lambda w: np.ones(2), lr=1.0, steps=3)
    assert given[-1].tolist() == [-3.0, -3.0]


def test_an_explosion_ends_in_no_number():
    assert not torch.isfinite(
        twin.descend(twin.Landscape("saddle"), [1.0, 2.0], lr=3.0, steps=50)[-1]
    ).all()


def test_the_start_is_not_changed():
    start = torch.tensor([1.0, 1.0], dtype=torch.float64)
    twin.descend(twin.Landscape("bowl"), start, steps=3)
    assert start.tolist() == [1.0, 1.0]


def test_refusals_are_those_of_the_twin():
    for module in (scratch, twin):
        with pytest.raises(ValueError, match=r"'hill'.*bowl, ravine"):
            module.Landscape("hill")
        with pytest.raises(ValueError, match=r"\(3,\)"):
            module.descend(module.Landscape("bowl"), [1.0, 2.0, 3.0])
        with pytest.raises(ValueError, match="steps is -1"):
            module.descend(module.Landscape("bowl"), [1.0, 2.0], steps=-1)
        with pytest.raises(ValueError, match=r"\(2, 3\)"):
            module.Landscape("bowl")(np.zeros((2, 3)))
