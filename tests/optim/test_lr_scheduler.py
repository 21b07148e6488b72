"""Schedules against PyTorch's, step by step; and what they say to nonsense."""

import copy
import inspect
import math
import re
import warnings

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as theirs

from nnbook import nn, optim
from nnbook.optim import lr_scheduler as ours

NAMES = [name for name in ours.__all__ if name != "LRScheduler"]
NEW = hasattr(theirs.LRScheduler, "_is_initial")  # older PyTorch goes on in another way


def inverse(epoch):
    return 1 / (1 + epoch)


def power(epoch):
    return 0.95**epoch


def named(case):
    """The case in words, the same in every process: a function's address is not."""
    return re.sub(r" at 0x\w+", "", str(case))


GRID = [
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 1, "gamma": 0.9}),
    ("StepLR", {"step_size": 100, "gamma": 2.0}),
    ("MultiStepLR", {"milestones": [3, 5, 40]}),
    ("MultiStepLR", {"milestones": [5, 3, 3, 90], "gamma": 0.5}),
    ("MultiStepLR", {"milestones": []}),
    ("MultiStepLR", {"milestones": (0, 1), "gamma": 0.3}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("ExponentialLR", {"gamma": 1.01}),
    ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.5, "total_iters": 20}),
    ("ConstantLR", {"factor": 1.0, "total_iters": 0}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.01, "end_factor": 0.7, "total_iters": 30}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 50}),
    ("LinearLR", {"total_iters": 1}),
    ("LambdaLR", {"lr_lambda": inverse}),
    ("LambdaLR", {"lr_lambda": [inverse, power]}),
    ("CosineAnnealingLR", {"T_max": 10}),
    ("CosineAnnealingLR", {"T_max": 60, "eta_min": 0.001}),
    ("CosineAnnealingLR", {"T_max": 1}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.2}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 70}),
    ("OneCycleLR", {"max_lr": [1.0, 0.3], "total_steps": 70, "three_phase": True}),
    ("OneCycleLR", {"max_lr": 1.0, "epochs": 7, "steps_per_epoch": 10,
                    "anneal_strategy": "linear"}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 71, "anneal_strategy": "linear",
                    "three_phase": True, "pct_start": 0.4}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 70, "cycle_momentum": False,
                    "div_factor": 10.0, "final_div_factor": 5.0}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 70, "pct_start": 0.0}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 70, "pct_start": 1.0}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 70, "base_momentum": [0.5, 0.6],
                    "max_momentum": [0.7, 0.99]}),
]  # fmt: skip
each = pytest.mark.parametrize(("name", "kwargs"), GRID)


def optimizers(kind="SGD", lrs=(0.1, 0.04)):
    """The same optimizer twice, with two groups."""
    kwargs = {"momentum": 0.9} if kind in ("SGD", "RMSprop") else {}
    mine = [{"params": [nn.Parameter(np.zeros(2))], "lr": lr} for lr in lrs]
    other = [{"params": [torch.nn.Parameter(torch.zeros(2))], "lr": lr} for lr in lrs]
    return (
        getattr(optim, kind)(mine, lr=0.5, **kwargs),
        getattr(torch.optim, kind)(other, lr=0.5, **kwargs),
    )


NAMES_OF_NUMBERS = ("lr", "momentum", "initial_lr", "max_lr", "min_lr", "max_momentum",
                    "base_momentum")  # fmt: skip


def numbers_in(optimizer):
    """All options of all groups that a schedule may change, one after the other."""
    found = []
    for group in optimizer.param_groups:
        found += [group[name] for name in NAMES_OF_NUMBERS if name in group]
        found += group.get("betas", ())
    return found


def same(mine, other):
    np.testing.assert_allclose(mine, other, rtol=1e-12, atol=1e-16)


def walk(mine, other, steps, *schedules):
    """`steps` epochs with pairs of schedules, ours and theirs."""
    ours_seen, theirs_seen = [numbers_in(mine)], [numbers_in(other)]
    other.step()  # PyTorch warns otherwise
    for _ in range(steps):
        for a, b in schedules:
            a.step()
            b.step()
            assert a.last_epoch == b.last_epoch
            ours_seen.append(numbers_in(mine) + a.get_last_lr())
            theirs_seen.append(numbers_in(other) + b.get_last_lr())
    same(ours_seen[0], theirs_seen[0])
    same(ours_seen[1:], theirs_seen[1:])


@each
@pytest.mark.parametrize("kind", ["SGD", "Adam", "RMSprop", "NAdam"])
def test_agrees_with_pytorch(name, kwargs, kind):
    mine, other = optimizers(kind)
    a, b = getattr(ours, name)(mine, **kwargs), getattr(theirs, name)(other, **kwargs)
    assert a.get_last_lr() == pytest.approx(b.get_last_lr(), rel=1e-12)
    np.testing.assert_allclose(a.base_lrs, b.base_lrs, rtol=1e-12)
    walk(mine, other, 66, (a, b))


@pytest.mark.parametrize("first", [g for g in GRID if g[0] != "OneCycleLR"], ids=named)
@pytest.mark.parametrize(
    "second", [GRID[1], GRID[5], GRID[7], GRID[10], GRID[13], GRID[18]], ids=named
)
def test_two_schedules_on_one_optimizer(first, second):
    mine, other = optimizers()
    pairs = [(getattr(ours, n)(mine, **k), getattr(theirs, n)(other, **k)) for n, k in
             (first, second)]  # fmt: skip
    walk(mine, other, 62, *pairs)


@pytest.mark.parametrize("first", [g for g in GRID if g[0] != "OneCycleLR"], ids=named)
@pytest.mark.parametrize("second", GRID[::2], ids=named)
def test_one_schedule_after_another(first, second):
    mine, other = optimizers()
    pairs = [(getattr(ours, n)(mine, **k), getattr(theirs, n)(other, **k)) for n, k in
             (first, second)]  # fmt: skip
    a = ours.SequentialLR(mine, [p[0] for p in pairs], [9])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyTorch, about itself
        b = theirs.SequentialLR(other, [p[1] for p in pairs], [9])
        assert a.get_last_lr() == pytest.approx(b.get_last_lr(), rel=1e-12)
        walk(mine, other, 62, (a, b))


def test_three_schedules_in_a_row():
    mine, other = optimizers()
    plan = [GRID[10], GRID[18], GRID[7]]
    a = ours.SequentialLR(mine, [getattr(ours, n)(mine, **k) for n, k in plan], [5, 30])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        b = theirs.SequentialLR(other, [getattr(theirs, n)(other, **k) for n, k in plan], [5, 30])
        walk(mine, other, 70, (a, b))


@pytest.mark.skipif(not NEW, reason="older PyTorch goes on with a step more")
@pytest.mark.parametrize(("name", "kwargs"), GRID)
def test_goes_on_in_the_middle(name, kwargs):
    mine, other = optimizers()
    for optimizer in (mine, other):
        for group in optimizer.param_groups:
            group.update(initial_lr=group["lr"] * 2, max_lr=1.0, min_lr=0.001,
                         max_momentum=0.9, base_momentum=0.5)  # fmt: skip
    a = getattr(ours, name)(mine, last_epoch=6, **kwargs)
    b = getattr(theirs, name)(other, last_epoch=6, **kwargs)
    assert a.last_epoch == 7
    walk(mine, other, 50, (a, b))


@each
def test_loaded_goes_on_as_if_nothing_had_been(name, kwargs):
    mine, _ = optimizers()
    scheduler = getattr(ours, name)(mine, **kwargs)
    for _ in range(23):
        scheduler.step()
    saved, groups = copy.deepcopy(scheduler.state_dict()), mine.state_dict()
    expected = []
    for _ in range(30):
        scheduler.step()
        expected.append(scheduler.get_last_lr())
    fresh, _ = optimizers(lrs=(7.0, 8.0))
    second = getattr(ours, name)(fresh, **kwargs)
    fresh.load_state_dict(groups)
    second.load_state_dict(saved)
    assert second.last_epoch == 23
    got = []
    for _ in range(30):
        second.step()
        got.append(second.get_last_lr())
    assert got == expected


def test_loaded_sequence_goes_on():
    def make(lrs=(0.1, 0.04)):
        optimizer, _ = optimizers(lrs=lrs)
        parts = [ours.LinearLR(optimizer, total_iters=10), ours.CosineAnnealingLR(optimizer, 20)]
        return optimizer, ours.SequentialLR(optimizer, parts, [10])

    optimizer, scheduler = make()
    for stop in (4, 17):
        while scheduler.last_epoch < stop:
            scheduler.step()
        fresh, second = make(lrs=(1.0, 2.0))
        fresh.load_state_dict(optimizer.state_dict())
        second.load_state_dict(scheduler.state_dict())
        expected = copy.deepcopy(scheduler)
        for _ in range(12):
            expected.step()
            second.step()
            assert second.get_last_lr() == expected.get_last_lr()
            assert [g["lr"] for g in fresh.param_groups] == expected.get_last_lr()


def test_state_is_a_copy():
    optimizer, _ = optimizers()
    scheduler = ours.MultiStepLR(optimizer, [3])
    state = scheduler.state_dict()
    state["milestones"][5] += 1
    state["base_lrs"].append(1.0)
    scheduler.get_last_lr().append(1.0)
    assert dict(scheduler.milestones) == {3: 1}
    assert len(scheduler.base_lrs) == len(scheduler.get_last_lr()) == 2
    assert "optimizer" not in state


PLATEAU = [
    {},
    {"patience": 0, "factor": 0.9},
    {"mode": "max", "patience": 2},
    {"patience": 1, "cooldown": 3, "factor": 0.5},
    {"threshold": 0.2, "threshold_mode": "abs", "patience": 1},
    {"mode": "max", "threshold": 0.2, "threshold_mode": "abs", "patience": 1},
    {"mode": "max", "threshold": 0.1, "threshold_mode": "rel", "patience": 3},
    {"patience": 0, "factor": 0.1, "min_lr": 0.001},
    {"patience": 0, "factor": 0.1, "min_lr": [0.01, 0.0]},
    {"patience": 0, "factor": 0.1, "eps": 1e-3},
    {"patience": 0, "factor": 0.0},
]


def numbers(seed):
    rng = np.random.default_rng(seed)
    curve = 2 * np.exp(-np.arange(70) / 12) + 0.1 * rng.normal(size=70)
    return [*curve, math.nan, math.inf, -math.inf, 0.5, 0.5]


@pytest.mark.parametrize("kwargs", PLATEAU, ids=named)
@pytest.mark.parametrize("seed", [0, 1])
def test_plateau_agrees_with_pytorch(kwargs, seed):
    mine, other = optimizers()
    a, b = ours.ReduceLROnPlateau(mine, **kwargs), theirs.ReduceLROnPlateau(other, **kwargs)
    for number in numbers(seed):
        a.step(number)
        b.step(number)
        same(numbers_in(mine), numbers_in(other))
        assert a.get_last_lr() == [group["lr"] for group in mine.param_groups]
        for name in ("num_bad_epochs", "cooldown_counter", "last_epoch", "in_cooldown"):
            assert getattr(a, name) == getattr(b, name)
        assert a.best == b.best


def test_plateau_reacts_and_can_be_saved():
    mine, _ = optimizers()
    scheduler = ours.ReduceLROnPlateau(mine, patience=1, factor=0.5)
    for _ in range(3):
        scheduler.step(1.0)
    assert scheduler.get_last_lr() == [0.05, 0.02]
    second = ours.ReduceLROnPlateau(mine)
    second.load_state_dict(scheduler.state_dict())
    for _ in range(2):
        second.step(1.0)
    assert second.get_last_lr() == [0.025, 0.01]


def test_one_cycle_moves_the_momentum():
    mine, _ = optimizers("Adam")
    scheduler = ours.OneCycleLR(mine, max_lr=1.0, total_steps=11, pct_start=0.5)
    seen = []
    for _ in range(10):
        seen.append(mine.param_groups[0]["betas"])
        scheduler.step()
    first = [b for b, _ in seen]
    assert first[0] == 0.95
    assert min(first) < 0.86
    assert {b2 for _, b2 in seen} == {0.999}


def test_values_worked_by_hand():
    def rates(name, steps, **kwargs):
        optimizer, _ = optimizers(lrs=(1.0,))
        scheduler = getattr(ours, name)(optimizer, **kwargs)
        found = [optimizer.param_groups[0]["lr"]]
        for _ in range(steps):
            scheduler.step()
            found.append(optimizer.param_groups[0]["lr"])
        return pytest.approx(found)

    assert rates("StepLR", 4, step_size=2, gamma=0.5) == [1, 1, 0.5, 0.5, 0.25]
    assert rates("MultiStepLR", 3, milestones=[1, 3]) == [1, 0.1, 0.1, 0.01]
    assert rates("ExponentialLR", 2, gamma=0.5) == [1, 0.5, 0.25]
    assert rates("ConstantLR", 2, factor=0.25, total_iters=2) == [0.25, 0.25, 1]
    assert rates("LinearLR", 4, start_factor=0.25, total_iters=3) == [0.25, 0.5, 0.75, 1, 1]
    assert rates("LambdaLR", 2, lr_lambda=inverse) == [1, 1 / 2, 1 / 3]
    assert rates("CosineAnnealingLR", 3, T_max=3) == [1, 0.75, 0.25, 0]
    wanted = [0.04, 0.52, 1.0, 0.5000020, 0.000004]
    assert rates("OneCycleLR", 4, max_lr=1.0, total_steps=5, pct_start=0.6) == wanted


@pytest.mark.skipif(not NEW, reason="older PyTorch has an argument more")
@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_pytorch(name):
    mine = inspect.signature(getattr(ours, name).__init__).parameters
    other = inspect.signature(getattr(theirs, name).__init__).parameters
    found = [(k, v.default) for k, v in mine.items()]
    assert found == [(k, v.default) for k, v in other.items()]


def sgd(lrs=(0.1,)):
    return optimizers(lrs=lrs)[0]


def later(optimizer):
    scheduler = ours.StepLR(optimizer, 2)
    optimizer.add_param_group({"params": [nn.Parameter(np.zeros(1))]})
    scheduler.step()


def too_far():
    scheduler = ours.OneCycleLR(sgd(), 1.0, total_steps=5)
    for _ in range(6):
        scheduler.step()


def grown_plateau():
    optimizer = sgd()
    scheduler = ours.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": [nn.Parameter(np.zeros(1))]})
    for _ in range(2):
        scheduler.step(1.0)


def sequence(parts, milestones, optimizer=None, **kwargs):
    optimizer = sgd() if optimizer is None else optimizer
    made = [part(optimizer) if callable(part) else part for part in parts]
    return ours.SequentialLR(optimizer, made, milestones, **kwargs)


def step2(optimizer):
    return ours.StepLR(optimizer, 2)


MALFORMED = [
    (lambda: ours.StepLR(0.1, 2), TypeError, "StepLR needs an Optimizer, not a float"),
    (lambda: ours.StepLR(sgd(), 0), ValueError, "step_size is 0"),
    (lambda: ours.StepLR(sgd(), 1.5), TypeError, "step_size .* 1.5"),
    (lambda: ours.StepLR(sgd(), 2, last_epoch=-2), ValueError, "last_epoch is -2"),
    (lambda: ours.StepLR(sgd(), 2, last_epoch=1.5), ValueError, "last_epoch is 1.5"),
    (lambda: ours.StepLR(sgd(), 2, last_epoch=3), ValueError, "group 0 has no 'initial_lr'"),
    (lambda: ours.StepLR(sgd(), 2).step(3), NotImplementedError, "StepLR.step .* epoch=3"),
    (lambda: later(sgd()), ValueError, "2 groups; StepLR was made for 1"),
    (lambda: ours.MultiStepLR(sgd(), [1.5]), TypeError, "milestone .* 1.5"),
    (lambda: ours.MultiStepLR(sgd(), [-1]), ValueError, "milestone is -1"),
    (lambda: ours.ConstantLR(sgd(), 0.0), ValueError, "factor is 0.0"),
    (lambda: ours.ConstantLR(sgd(), 1.5), ValueError, "factor is 1.5"),
    (lambda: ours.ConstantLR(sgd(), 0.5, -1), ValueError, "total_iters is -1"),
    (lambda: ours.LinearLR(sgd(), 0.0), ValueError, "start_factor is 0.0"),
    (lambda: ours.LinearLR(sgd(), 1.5), ValueError, "start_factor is 1.5"),
    (lambda: ours.LinearLR(sgd(), 0.5, 1.5), ValueError, "end_factor is 1.5"),
    (lambda: ours.LinearLR(sgd(), total_iters=1.5), TypeError, "total_iters .* 1.5"),
    (lambda: ours.LambdaLR(sgd(), 0.5), TypeError, "must be a function, not 0.5"),
    (lambda: ours.LambdaLR(sgd(), [inverse, power]), ValueError, "2 functions; .* 1 groups"),
    (lambda: ours.LambdaLR(None, inverse), TypeError, "not a NoneType"),
    (lambda: ours.CosineAnnealingLR(sgd(), 0), ValueError, "T_max is 0"),
    (lambda: ours.CosineAnnealingLR(sgd(), math.nan), ValueError, "T_max is nan"),
    (lambda: ours.OneCycleLR(sgd(), 1.0), ValueError, "total_steps, or epochs"),
    (lambda: ours.OneCycleLR(sgd(), 1.0, epochs=5), ValueError, "steps_per_epoch=None"),
    (lambda: ours.OneCycleLR(sgd(), 1.0, 0), ValueError, "total_steps is 0"),
    (lambda: ours.OneCycleLR(sgd(), 1.0, 5.0), TypeError, "total_steps .* 5.0"),
    (lambda: ours.OneCycleLR(sgd(), 1.0, epochs=0, steps_per_epoch=2), ValueError, "epochs is 0"),
    (lambda: ours.OneCycleLR(sgd(), 1.0, 9, pct_start=1.5), ValueError, "pct_start is 1.5"),
    (lambda: ours.OneCycleLR(sgd(), 1.0, 9, anneal_strategy="x"), ValueError, "'x'.*'cos'"),
    (lambda: ours.OneCycleLR(sgd(), [1.0, 2.0], 9), ValueError, "2 values; .* 1 groups"),
    (lambda: ours.OneCycleLR(sgd(), 1.0, 10, pct_start=0.1), ValueError, "without steps"),
    (lambda: ours.OneCycleLR(optimizers("Adagrad")[0], 1.0, 9), ValueError, "Adagrad has no"),
    (too_far, ValueError, "step 6; total_steps is 5"),
    (lambda: ours.ReduceLROnPlateau(sgd(), "least"), ValueError, "'least'.*'min', 'max'"),
    (lambda: ours.ReduceLROnPlateau(sgd(), threshold_mode="x"), ValueError, "'rel', 'abs'"),
    (lambda: ours.ReduceLROnPlateau(sgd(), factor=1.0), ValueError, "factor is 1.0"),
    (lambda: ours.ReduceLROnPlateau(sgd(), patience=-1), ValueError, "patience is -1"),
    (lambda: ours.ReduceLROnPlateau(sgd(), min_lr=[0, 0]), ValueError, "2 values; .* 1 groups"),
    (lambda: ours.ReduceLROnPlateau([]), TypeError, "not a list"),
    (lambda: ours.ReduceLROnPlateau(sgd()).step(1.0, 3), NotImplementedError, "epoch=3"),
    (grown_plateau, ValueError, "2 groups; .* 1"),
    (lambda: sequence([], []), ValueError, "0 schedules"),
    (lambda: sequence([step2, step2], []), ValueError, "2 schedules need 1 milestones .* got 0"),
    (lambda: sequence([step2], [], last_epoch=3), NotImplementedError, "last_epoch=3"),
    (lambda: sequence([step2, "x"], [1]), TypeError, r"schedulers\[1\] is a str"),
    (lambda: sequence([step2, ours.ReduceLROnPlateau], [1]), ValueError, "ReduceLROnPlateau"),
    (lambda: sequence([step2, step2(sgd())], [1]), ValueError, "another optimizer"),
    (lambda: sequence([step2], []).step(2), NotImplementedError, "epoch=2"),
    (lambda: sequence([step2], []).load_state_dict({}), ValueError, "1 schedules; .* 0"),
    (lambda: step2(sgd()).load_state_dict({"gamma": 1}), ValueError, "step_size.* has gamma"),
    (lambda: ours.LRScheduler(sgd()), NotImplementedError, "has no next_lr"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), MALFORMED)
def test_malformed_calls_say_why(call, error, message):
    with pytest.raises(error, match=message):
        call()
