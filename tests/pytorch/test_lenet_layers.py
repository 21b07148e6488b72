"""LeNet-5's own layers in PyTorch: by autograd the same gradients as in NumPy by hand."""

import pickle

import numpy as np
import pytest
import torch

from nnbook.pytorch import lenet as twin
from nnbook.scratch import lenet as scratch

TABLE = ((0, 1), (2,), (0, 1, 2), (1, 0))
CODES = np.random.default_rng(9).normal(size=(4, 5))

# name, its arguments, a seed if it takes one, and an input's shape
CASES = [
    ("ScaledTanh", (), {}, (3, 4)),
    ("Subsampling", (3,), {"rng": 0}, (2, 3, 4, 6)),
    ("Subsampling", (3,), {"rng": 1}, (2, 3, 5, 7)),
    ("Subsampling", (3,), {"rng": 2}, (3, 4, 4)),
    ("TableConv2d", (TABLE, 3, 2), {"rng": 0}, (2, 3, 4, 5)),
    ("TableConv2d", (TABLE, 3, 3), {"rng": 1}, (3, 3, 4)),
    ("TableConv2d", (TABLE, 3, 1), {"rng": 2}, (1, 3, 1, 1)),
    ("RBF", (CODES,), {}, (3, 5)),
    ("RBF", (CODES,), {}, (0, 5)),
]


def both(name, args, kwargs, dtype="float64"):
    kind = {} if name == "ScaledTanh" else {"dtype": dtype}
    ours = getattr(scratch, name)(*args, **kwargs, **{k: getattr(np, v) for k, v in kind.items()})
    theirs = getattr(twin, name)(*args, **kwargs, **{k: getattr(torch, v) for k, v in kind.items()})
    return ours, theirs


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-5)])
def test_same_start_values_and_gradients(name, args, kwargs, shape, dtype, tolerance):
    ours, theirs = both(name, args, kwargs, dtype)
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    x_t = torch.tensor(x, requires_grad=True)
    y, y_t = ours(x), theirs(x_t)
    grad = np.random.default_rng(1).normal(size=y.shape).astype(dtype)
    y_t.backward(torch.from_numpy(grad))
    assert y_t.dtype == x_t.grad.dtype == getattr(torch, dtype)
    assert str(y.dtype) == dtype
    pairs = [(y, y_t.detach()), (ours.backward(grad), x_t.grad)]
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    for key, value in ours.state_dict().items():
        np.testing.assert_array_equal(value, state[key].numpy())
    for (n, p), (n_t, p_t) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert n == n_t
        pairs.append((p.grad, p_t.grad))
    for mine, other in pairs:
        np.testing.assert_allclose(mine, other.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), CASES)
def test_they_look_alike_and_can_be_pickled(name, args, kwargs, shape):
    ours, theirs = both(name, args, kwargs)
    assert repr(ours) == repr(theirs)
    x = torch.ones(shape, dtype=torch.float64)
    copy = pickle.loads(pickle.dumps(theirs))  # noqa: S301
    assert torch.equal(copy(x), theirs(x))


@pytest.mark.parametrize("j", [0.5, 10.0])
@pytest.mark.parametrize("n", [1, 7])
def test_the_loss_and_its_gradient(j, n):
    scores = 4 * np.random.default_rng(n).normal(size=(n, 10)) - 8
    target = np.arange(n) % 10
    ours, theirs = scratch.MAPLoss(j), twin.MAPLoss(j)
    scores_t = torch.tensor(scores, requires_grad=True)
    loss = theirs(scores_t, torch.from_numpy(target))
    loss.backward()
    assert ours(scores, target) == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(ours.backward(), scores_t.grad.numpy(), rtol=1e-10, atol=1e-14)
    assert repr(ours) == repr(theirs)


def test_the_loss_of_nothing_and_in_float32():
    assert torch.isnan(twin.MAPLoss()(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64)))
    loss = twin.MAPLoss()(torch.zeros(2, 3), torch.tensor([0, 2]))
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(np.log(3 + np.exp(-10)), rel=1e-6)


def test_values_by_hand():
    pool = twin.Subsampling(1, rng=0)
    pool.load_state_dict({"weight": torch.tensor([0.5]), "bias": torch.tensor([1.0])})
    assert pool(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]], dtype=torch.float64)).item() == 6.0
    squashed = twin.ScaledTanh()(torch.tensor([-1.0, 1.0], dtype=torch.float64))
    np.testing.assert_allclose(squashed.numpy(), [-1, 1], atol=2e-5)
    near = twin.RBF([[1.0, 1.0], [0.0, 2.0]])(torch.tensor([[1.0, 0.0]], dtype=torch.float64))
    assert near.tolist() == [[-1.0, -5.0]]


def test_the_table_moves_with_the_module_and_is_not_saved():
    layer = twin.TableConv2d(TABLE, 3, 2, rng=0)
    assert list(layer.state_dict()) == ["weight", "bias"]
    assert layer.full_weight().shape == (4, 3, 2, 2)
    assert layer.to(torch.float32).full_weight().dtype == torch.float32
    assert twin.RBF([[1.0, 2.0]]).to(torch.float32).codes.dtype == torch.float32


REFUSED = [
    (lambda m, ones: m.Subsampling(0), "channels is 0"),
    (lambda m, ones: m.Subsampling(6)(ones(2, 1, 4, 4)),
     r"x has shape \(2, 1, 4, 4\); the weights expect \(N, 6, H, W\)"),
    (lambda m, ones: m.TableConv2d([], 2, 3), "the table is empty"),
    (lambda m, ones: m.TableConv2d([(0, 2)], 2, 3), r"map 0 of the table looks at \(0, 2\)"),
    (lambda m, ones: m.TableConv2d([(0,), ()], 2, 3), r"map 1 of the table looks at \(\)"),
    (lambda m, ones: m.TableConv2d(TABLE, 3, 2)(ones(1, 2, 4, 4)),
     r"x has shape \(1, 2, 4, 4\); the weights expect \(N, 3, H, W\)"),
    (lambda m, ones: m.RBF([1.0]), r"codes has shape \(1,\)"),
    (lambda m, ones: m.RBF([[1.0, 2.0]])(ones(4, 3)),
     r"x has shape \(4, 3\); codes has shape \(1, 2\)"),
    (lambda m, ones: m.MAPLoss(-1.0), "j is -1.0; it must be positive"),
    (lambda m, ones: m.MAPLoss()(ones(2, 3), 3 * ones(2).type_as(LABELS[m])),
     "target holds 3; scores has 3 classes"),
    (lambda m, ones: m.MAPLoss()(ones(2, 3), ones(1).type_as(LABELS[m])),
     r"scores has shape \(2, 3\), target \(1,\)"),
]  # fmt: skip


class Numbers(np.ndarray):
    """An array that can be told another's type, as a tensor can."""

    def type_as(self, other):
        return np.asarray(self, dtype=other.dtype)


LABELS = {scratch: np.zeros(1, dtype=int), twin: torch.zeros(1, dtype=torch.int64)}
ONES = {
    scratch: lambda *shape: np.ones(shape).view(Numbers),
    twin: lambda *shape: torch.ones(shape, dtype=torch.float64),
}


@pytest.mark.parametrize(("call", "message"), REFUSED)
@pytest.mark.parametrize("module", [scratch, twin], ids=["NumPy", "PyTorch"])
def test_both_refuse_with_the_same_words(call, message, module):
    with pytest.raises(ValueError, match=message):
        call(module, ONES[module])


def test_types_do_not_mix():
    with pytest.raises(TypeError, match=r"x has dtype torch\.float32; codes has torch\.float64"):
        twin.RBF([[1.0, 2.0]])(torch.ones(1, 2))
    with pytest.raises(TypeError, match="target has dtype float32; labels are whole numbers"):
        twin.MAPLoss()(torch.ones(2, 3), torch.ones(2))
