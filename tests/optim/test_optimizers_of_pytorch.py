"""Every optimizer against PyTorch's, over the argument sets of PyTorch's own test-suite.

`optim_db` lists, for each class of `torch.optim`, how PyTorch's tests construct it. What we refuse
of it stands in `REFUSED`, each with the argument that is refused by name.
"""

import inspect

import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import optim_db

from nnbook import nn, optim

THEIRS = {info.optim_cls.__name__: info for info in optim_db}
OURS = {name: info for name, info in THEIRS.items() if hasattr(optim, name)}
SHAPES = [(3, 4), (4,), (2, 2, 3), (), (0, 3), (5,)]
# By class: the arguments of PyTorch's sets that are refused, and what the message says.
REFUSED = {
    "Adagrad": {"lr": "lr must be a number, not tensor"},
    "SGD": {"lr": "lr must be a number, not tensor"},
}
# Beyond PyTorch's sets, what they leave out.
MORE = [
    ("SGD", {"momentum": 0.9, "nesterov": True, "maximize": True}),
    ("SGD", {"momentum": 0.5, "dampening": -0.5}),
    ("SGD", {"lr": 0.0, "momentum": 0.9}),
    ("Adagrad", {"eps": 0.1, "initial_accumulator_value": 2.0}),
    ("Adadelta", {"rho": 0.0}),
    ("Adadelta", {"rho": 1.0, "eps": 1e-3}),
    ("RMSprop", {"alpha": 0.5, "momentum": 0.9, "eps": 1e-3}),
    ("Adam", {"betas": (0.5, 0.9), "eps": 1e-3}),
    ("Adam", {"betas": (0.0, 0.0)}),
    ("Adam", {"amsgrad": True, "maximize": True}),
    ("AdamW", {"weight_decay": 0.0}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.5, "amsgrad": True, "maximize": True}),
    ("NAdam", {"betas": (0.5, 0.9), "momentum_decay": 0.0, "eps": 1e-3}),
    ("NAdam", {"decoupled_weight_decay": True, "weight_decay": 0.3, "maximize": True}),
]


def known(name):
    """The arguments that the installed PyTorch knows; an older one lacks some."""
    return inspect.signature(THEIRS[name].optim_cls.__init__).parameters


RECENT = "decoupled_weight_decay" in known("Adam")


@pytest.fixture(autouse=True)
def _double():
    """PyTorch keeps NAdam's product in its default dtype, and we in float64."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def is_refused(kwargs):
    return [k for k, v in kwargs.items() if isinstance(v, torch.Tensor)]


def cases():
    for name, info in OURS.items():
        for i, case in enumerate(info.optim_inputs_func(device="cpu")):
            yield pytest.param(name, case.kwargs, id=f"{name}-{i}-{case.desc}")
    for i, (name, kwargs) in enumerate(MORE):
        yield pytest.param(name, kwargs, id=f"{name}-more-{i}")


def twins(rng, shapes=SHAPES, dtype=np.float64):
    values = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    ours = [nn.Parameter(value.copy()) for value in values]
    return ours, [torch.nn.Parameter(torch.tensor(value)) for value in values]


def give_gradients(rng, ours, theirs, missing=0.0):
    for mine, other in zip(ours, theirs, strict=True):
        grad = None
        if rng.random() >= missing:
            grad = np.asarray(rng.normal(size=mine.shape)).astype(mine.dtype)
        mine.grad = grad
        other.grad = None if grad is None else torch.tensor(grad)


def same_values(ours, theirs, **tolerance):
    for i, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        expected = other.detach().numpy()
        assert mine.dtype == expected.dtype
        np.testing.assert_allclose(mine.data, expected, err_msg=f"parameter {i}", **tolerance)


def same_state(ours, theirs, **tolerance):
    mine, other = ours.state_dict(), theirs.state_dict()
    assert mine.keys() == other.keys()
    assert mine["state"].keys() == other["state"].keys()
    for number, state in other["state"].items():
        assert mine["state"][number].keys() == state.keys()
        for name, value in state.items():
            assert np.shape(mine["state"][number][name]) == tuple(value.shape)
            got = mine["state"][number][name]
            np.testing.assert_allclose(got, value.numpy(), err_msg=name, **tolerance)
    for mine_group, group in zip(mine["param_groups"], other["param_groups"], strict=True):
        if RECENT:
            assert mine_group == group


@pytest.mark.parametrize(("name", "kwargs"), list(cases()))
@pytest.mark.parametrize("missing", [0.0, 0.3], ids=["all", "some-without-grad"])
def test_agrees_with_pytorch(name, kwargs, missing):
    if kwargs.keys() - known(name).keys():
        pytest.skip("the installed PyTorch is older")
    rng = np.random.default_rng(0)
    ours, theirs = twins(rng)
    if is_refused(kwargs):
        (argument,) = is_refused(kwargs)
        with pytest.raises(TypeError, match=REFUSED[name][argument]):
            getattr(optim, name)(ours, **kwargs)
        return
    mine, other = getattr(optim, name)(ours, **kwargs), THEIRS[name].optim_cls(theirs, **kwargs)
    same_state(mine, other)
    for _ in range(20):
        give_gradients(rng, ours, theirs, missing)
        mine.step()
        other.step()
        same_values(ours, theirs, rtol=1e-10, atol=1e-12)
    same_state(mine, other, rtol=1e-10, atol=1e-13)


def test_what_is_refused_is_counted():
    sets = [(name, case) for name, info in OURS.items()
            for case in info.optim_inputs_func(device="cpu")]  # fmt: skip
    refused = [(name, k) for name, case in sets for k in is_refused(case.kwargs)]
    assert len(OURS) == 7
    assert set(refused) <= {(name, k) for name, entry in REFUSED.items() for k in entry}
    if RECENT:
        assert len(refused) == sum(map(len, REFUSED.values())) == 2
        assert len(sets) >= 45


@pytest.mark.parametrize("name", OURS)
def test_agrees_in_float32(name):
    torch.set_default_dtype(torch.float32)
    rng = np.random.default_rng(1)
    ours, theirs = twins(rng, dtype=np.float32)
    kwargs = {"lr": 0.01, "weight_decay": 0.01}
    mine, other = getattr(optim, name)(ours, **kwargs), THEIRS[name].optim_cls(theirs, **kwargs)
    for _ in range(30):
        give_gradients(rng, ours, theirs)
        mine.step()
        other.step()
    same_values(ours, theirs, rtol=2e-4, atol=2e-5)
    arrays = [v for s in mine.state.values() for v in s.values() if isinstance(v, np.ndarray)]
    assert all(array.dtype == np.float32 for array in arrays)


@pytest.mark.parametrize("name", OURS)
def test_groups_with_options_of_their_own(name):
    rng = np.random.default_rng(2)
    ours, theirs = twins(rng)

    def groups(parameters):
        return [
            {"params": parameters[:2], "lr": 0.1},
            {"params": parameters[2], "weight_decay": 0.3, "maximize": "maximize" in known(name)},
            {"params": parameters[3:5]},
        ]

    kwargs = {"lr": 0.02}
    mine = getattr(optim, name)(groups(ours), **kwargs)
    other = THEIRS[name].optim_cls(groups(theirs), **kwargs)
    for step in range(12):
        if step == 4:
            mine.add_param_group({"params": ours[5:], "eps": 0.1, "lr": 0.5})
            other.add_param_group({"params": theirs[5:], "eps": 0.1, "lr": 0.5})
        if step == 8:
            for optimizer in (mine, other):
                optimizer.param_groups[0]["lr"] = 0.003
                optimizer.param_groups[1]["weight_decay"] = 0.0
        give_gradients(rng, ours, theirs, missing=0.2)
        mine.step()
        other.step()
    same_values(ours, theirs, rtol=1e-10, atol=1e-12)
    same_state(mine, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", ["SGD", "RMSprop"])
def test_momentum_that_changes_on_the_way(name):
    rng = np.random.default_rng(3)
    ours, theirs = twins(rng)
    kwargs = {"lr": 0.1, "momentum": 0.9}
    mine, other = getattr(optim, name)(ours, **kwargs), THEIRS[name].optim_cls(theirs, **kwargs)
    for momentum in (0.9, 0.9, 0.5, 0.0, 0.7, 0.7):
        mine.param_groups[0]["momentum"] = other.param_groups[0]["momentum"] = momentum
        give_gradients(rng, ours, theirs, missing=0.1)
        mine.step()
        other.step()
        same_values(ours, theirs, rtol=1e-10, atol=1e-12)


def test_momentum_that_begins_late():
    rng = np.random.default_rng(4)
    ours, theirs = twins(rng)
    mine, other = optim.SGD(ours, lr=0.1), torch.optim.SGD(theirs, lr=0.1)
    for momentum in (0.0, 0.0, 0.9, 0.9):
        for optimizer in (mine, other):
            optimizer.param_groups[0].update(momentum=momentum, dampening=0.5)
        give_gradients(rng, ours, theirs)
        mine.step()
        other.step()
    same_values(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", OURS)
def test_hard_gradients(name):
    shapes = [(7,)]
    ours, theirs = twins(np.random.default_rng(5), shapes)
    mine, other = getattr(optim, name)(ours), THEIRS[name].optim_cls(theirs)
    hard = np.array([0.0, 1e-300, -1e4, 1e200, np.inf, np.nan, -1e-30])
    for _ in range(3):
        ours[0].grad, theirs[0].grad = hard.copy(), torch.tensor(hard)
        mine.step()
        other.step()
    same_values(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", OURS)
def test_loads_what_pytorch_saved(name):
    rng = np.random.default_rng(6)
    ours, theirs = twins(rng)
    other = THEIRS[name].optim_cls(theirs, lr=0.03)
    for _ in range(3):
        give_gradients(rng, ours, theirs, missing=0.2)
        other.step()
    for a, b in zip(ours, theirs, strict=True):
        a.data[...] = b.detach().numpy()
    saved = other.state_dict()
    saved["state"] = {i: {k: v.numpy() for k, v in s.items()} for i, s in saved["state"].items()}
    mine = getattr(optim, name)(ours)
    mine.load_state_dict(saved)
    for _ in range(5):
        give_gradients(rng, ours, theirs)
        mine.step()
        other.step()
    same_values(ours, theirs, rtol=1e-10, atol=1e-12)
    same_state(mine, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", OURS)
def test_pytorch_loads_what_we_saved(name):
    rng = np.random.default_rng(7)
    ours, theirs = twins(rng)
    mine = getattr(optim, name)(ours, lr=0.03)
    for _ in range(3):
        give_gradients(rng, ours, theirs)
        mine.step()
    with torch.no_grad():
        for a, b in zip(ours, theirs, strict=True):
            b.copy_(torch.tensor(a.data))
    saved = mine.state_dict()
    saved["state"] = {
        i: {k: torch.tensor(v, dtype=torch.float64) for k, v in s.items()}
        for i, s in saved["state"].items()
    }
    other = THEIRS[name].optim_cls(theirs)
    other.load_state_dict(saved)
    give_gradients(rng, ours, theirs)
    mine.step()
    other.step()
    same_values(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.skipif(not RECENT, reason="the installed PyTorch is older")
@pytest.mark.parametrize("name", OURS)
def test_looks_as_in_pytorch(name):
    ours, theirs = twins(np.random.default_rng(0))
    wanted = repr(THEIRS[name].optim_cls([{"params": theirs[:2]}, {"params": theirs[2:]}], lr=0.25))
    got = repr(getattr(optim, name)([{"params": ours[:2]}, {"params": ours[2:]}], lr=0.25))
    assert got == wanted


@pytest.mark.skipif(not RECENT, reason="the installed PyTorch is older")
@pytest.mark.parametrize("name", OURS)
def test_arguments_are_those_of_pytorch(name):
    ours = inspect.signature(getattr(optim, name).__init__).parameters
    assert [(k, v.kind, v.default) for k, v in ours.items()] == [
        (k, v.kind, v.default) for k, v in known(name).items()
    ]


def test_the_comparison_would_notice():
    rng = np.random.default_rng(0)
    ours, theirs = twins(rng)
    mine, other = optim.Adam(ours), torch.optim.Adam(theirs)
    give_gradients(rng, ours, theirs)
    mine.step()
    other.step()
    same_state(mine, other, rtol=1e-10, atol=1e-13)
    mine.state[ours[0]]["exp_avg"][0, 0] *= 1.0001
    with pytest.raises(AssertionError, match="exp_avg"):
        same_state(mine, other, rtol=1e-10, atol=1e-13)
    ours[0].data[0, 0] *= 1.0001
    with pytest.raises(AssertionError, match="parameter 0"):
        same_values(ours, theirs, rtol=1e-10)
