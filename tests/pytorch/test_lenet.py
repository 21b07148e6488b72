"""LeNet-5 in PyTorch equals its NumPy twin: start, maps, scores, loss, gradients, every step."""

import copy
import pickle

import numpy as np
import pytest
import torch

from nnbook import nn, optim
from nnbook.pytorch import lenet as twin
from nnbook.pytorch import training as training_t
from nnbook.scratch import lenet as scratch
from nnbook.scratch.training import fit


def pictures(n, size=32, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 1, size, size))


def five(module, rng=0, **kwargs):
    return module.LeNet5(rng=rng, **kwargs, **({"device": "cpu"} if module is twin else {}))


def small(module, *args, rng=0, **kwargs):
    kind = {"device": "cpu"} if module is twin else {}
    return module.SmallLeNet(*args, rng=rng, **kwargs, **kind)


MAKERS = [
    (five, 32),
    (small, 8),
    (lambda module, **k: small(module, 6, "average", **k), 6),
    (lambda module, **k: small(module, 14, "stride", **k), 14),
]


def compare(mine, other, tolerance=1e-10):
    other = other.detach().numpy()
    np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("make", "size"), MAKERS)
def test_the_same_seed_gives_the_same_start(make, size):
    for dtype in ("float64", "float32"):
        ours = make(scratch, rng=3, dtype=getattr(np, dtype)).state_dict()
        theirs = make(twin, rng=3, dtype=getattr(torch, dtype)).state_dict()
        assert list(ours) == list(theirs)
        for key, value in ours.items():
            assert str(value.dtype) == dtype
            np.testing.assert_array_equal(value, theirs[key].numpy())
    other = make(twin, rng=4).state_dict()
    assert any((other[key].numpy() != value).any() for key, value in ours.items())
    make(twin, rng=None)


@pytest.mark.parametrize(("make", "size"), MAKERS)
def test_same_maps_scores_loss_and_gradients(make, size):
    ours, theirs = make(scratch), make(twin)
    x, y = pictures(3, size), np.array([0, 7, 9])
    x_t = torch.tensor(x, requires_grad=True)
    maps, maps_t = ours.maps(x), theirs.maps(torch.from_numpy(x))
    assert list(maps) == list(maps_t)
    for name, answer in maps.items():
        assert not maps_t[name].requires_grad
        compare(answer, maps_t[name])
    loss_fn = scratch.MAPLoss() if make is five else nn.CrossEntropyLoss()
    loss_fn_t = twin.MAPLoss() if make is five else torch.nn.CrossEntropyLoss()
    scores, scores_t = ours(x), theirs(x_t)
    compare(scores, scores_t)
    loss, loss_t = loss_fn(scores, y), loss_fn_t(scores_t, torch.from_numpy(y))
    assert loss == pytest.approx(loss_t.item(), rel=1e-12)
    loss_t.backward()
    compare(ours.backward(loss_fn.backward()), x_t.grad)
    for (name, p), (name_t, p_t) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert name == name_t
        compare(p.grad, p_t.grad)


def test_training_takes_the_same_steps():
    x, y = pictures(24), np.arange(24) % 10
    ours, theirs = five(scratch), five(twin)
    kind = {"epochs": 4, "batch_size": 4, "rng": 0}
    history = fit(ours, scratch.MAPLoss(), optim.SGD(ours.parameters(), lr=0.001, momentum=0.9),
                  (x, y), **kind)  # fmt: skip
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.001, momentum=0.9)
    history_t = training_t.fit(
        theirs, twin.MAPLoss(), optimizer, (torch.from_numpy(x), torch.from_numpy(y)),
        device="cpu", **kind,
    )  # fmt: skip
    np.testing.assert_allclose(history.loss, history_t.loss, rtol=1e-10)
    assert history.loss[-1] < history.loss[0]
    for p, p_t in zip(ours.parameters(), theirs.parameters(), strict=True):
        compare(p.data, p_t)
    np.testing.assert_array_equal(theirs.output.codes.numpy(), scratch.digit_codes())


def test_parameters_are_the_papers():
    model = five(twin)
    sizes = {n: sum(p.numel() for p in m.parameters()) for n, m in model.named_children()}
    assert {n: size for n, size in sizes.items() if size} == {
        "C1": 156, "S2": 12, "C3": 1516, "S4": 32, "C5": 48_120, "F6": 10_164,
    }  # fmt: skip
    assert sum(sizes.values()) == 60_000


@pytest.mark.parametrize(("make", "size"), MAKERS)
def test_hard_inputs(make, size):
    model, x = make(twin), torch.from_numpy(pictures(3, size))
    y = model(x)
    assert model(x[:0]).shape == (0, 10)
    torch.testing.assert_close(model(x[2:]), y[2:])
    turned = x.transpose(2, 3).contiguous().transpose(2, 3)
    assert not turned.is_contiguous()
    torch.testing.assert_close(model(turned), y)
    assert torch.isfinite(model(1e30 * x)).all()
    x[0, 0, size // 2, size // 2] = torch.nan
    assert torch.isnan(model(x)[0]).all()
    torch.testing.assert_close(model(x)[1:], y[1:])


def test_slices_copies_and_looks():
    model, x = five(twin), torch.from_numpy(pictures(2))
    assert type(model[:-1]) is torch.nn.Sequential
    torch.testing.assert_close(model[:-1](x), model.maps(x)["F6"])
    assert model[0] is model.C1
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        assert torch.equal(other(x), model(x))
    ours, theirs = repr(five(scratch)), repr(model)
    assert ours == theirs
    assert repr(small(scratch, 8)) == repr(small(twin, 8))


def test_refusals_are_those_of_the_twin():
    for module, zeros in ((scratch, np.zeros), (twin, torch.zeros)):
        for shape in ((2, 1, 28, 28), (1, 32, 32), (2, 3, 32, 32)):
            words = r"\(" + ", ".join(map(str, shape)) + r"\); LeNet5 expects \(N, 1, 32, 32\)"
            for call in (five(module), five(module).maps):
                with pytest.raises(ValueError, match="x has shape " + words):
                    call(zeros(shape))
        with pytest.raises(ValueError, match=r"SmallLeNet expects \(N, 1, 8, 8\)"):
            small(module)(zeros((2, 1, 10, 10)))
        with pytest.raises(ValueError, match="size is 7; it must be even"):
            small(module, 7)
        with pytest.raises(TypeError, match="size must be a whole number, not True"):
            small(module, True)
        with pytest.raises(ValueError, match="pooling is 'mean'"):
            small(module, 8, "mean")
        with pytest.raises(TypeError, match="rng must be"):
            five(module, rng=0.5)
    with pytest.raises(RuntimeError, match=r"(?i)float.*double|double.*float"):
        five(twin)(torch.zeros(1, 1, 32, 32))
