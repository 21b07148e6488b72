"""What an optimizer does besides its formula: packing, saving, copying, and refusing nonsense."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import nn, optim
from nnbook.optim import _blocks

NAMES = ["SGD", "Adagrad", "Adadelta", "RMSprop", "Adam", "AdamW", "NAdam"]
FULL = {  # options with which an optimizer remembers all that it can
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "Adagrad": {"lr": 0.1, "lr_decay": 0.1},
    "Adadelta": {"lr": 0.5},
    "RMSprop": {"lr": 0.01, "momentum": 0.9, "centered": True},
    "Adam": {"lr": 0.1, "amsgrad": True},
    "AdamW": {"lr": 0.1, "amsgrad": True},
    "NAdam": {"lr": 0.1, "weight_decay": 0.1},
}
each = pytest.mark.parametrize("name", NAMES)


def make(name, parameters, **more):
    return getattr(optim, name)(parameters, **{**FULL[name], **more})


def parameters_of(*values, dtype=np.float64):
    return [nn.Parameter(np.array(value, dtype=dtype)) for value in values]


def some(seed=0, shapes=((2, 3), (3,), (), (4, 1)), dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [nn.Parameter(np.asarray(rng.normal(size=s)).astype(dtype)) for s in shapes]


def give(parameters, seed):
    rng = np.random.default_rng(seed)
    for p in parameters:
        p.grad = np.asarray(rng.normal(size=p.shape)).astype(p.dtype)


def values(parameters):
    return [p.data.copy() for p in parameters]


def equal(a, b):
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


# Values


@pytest.mark.parametrize(
    ("name", "kwargs", "after"),
    [
        ("SGD", {"lr": 0.5}, [0.0, -2.0]),  # 1 - 0.5 * 2, then with gradient 4
        ("SGD", {"lr": 0.5, "momentum": 0.5}, [0.0, -2.5]),  # b = 2, 5
        ("SGD", {"lr": 0.5, "momentum": 0.5, "dampening": 0.5}, [0.0, -1.5]),  # b = 2, 3
        ("SGD", {"lr": 0.5, "momentum": 0.5, "nesterov": True}, [-0.5, -3.75]),  # 3, 4 + 5 / 2
        ("SGD", {"lr": 0.5, "weight_decay": 2.0}, [-1.0, -2.0]),  # 2 + 2, 4 - 2
        ("SGD", {"lr": 0.5, "maximize": True}, [2.0, 4.0]),
        ("Adagrad", {"lr": 1.0, "eps": 0.0}, [0.0, -4 / 20**0.5]),
        ("Adagrad", {"lr": 1.0, "eps": 0.0, "lr_decay": 1.0}, [0.0, -2 / 20**0.5]),
        ("Adagrad", {"lr": 1.0, "eps": 2.0, "initial_accumulator_value": 5.0},
         [0.6, 1 / 35]),
        ("Adadelta", {"rho": 0.0, "eps": 4.0}, [1 - 2 * 2 / 8**0.5, None]),
        ("RMSprop", {"lr": 1.0, "alpha": 0.75, "eps": 0.0}, [-1.0, -1 - 4 / 4.75**0.5]),
        ("RMSprop", {"lr": 1.0, "alpha": 0.5, "eps": 0.0, "momentum": 1.0}, [1 - 2**0.5, None]),
        ("RMSprop", {"lr": 1.0, "alpha": 0.5, "eps": 1.0, "centered": True}, [0.0, None]),
        ("Adam", {"lr": 1.0, "betas": (0.5, 0.75), "eps": 0.0}, [0.0, None]),
        ("Adam", {"lr": 1.0, "betas": (0.5, 0.5), "eps": 2.0},
         [0.5, 0.5 - (10 / 3) / (12**0.5 + 2)]),
        ("AdamW", {"lr": 0.5, "eps": 0.0, "weight_decay": 0.5}, [0.25, None]),
        ("NAdam", {"lr": 1.0, "betas": (0.0, 0.0), "eps": 0.0}, [0.0, -1.0]),
    ],
)  # fmt: skip
def test_two_steps_worked_by_hand(name, kwargs, after):
    (weight,) = parameters_of([1.0])
    optimizer = getattr(optim, name)([weight], **kwargs)
    for grad, wanted in zip([2.0, 4.0], after, strict=True):
        weight.grad = np.array([grad])
        optimizer.step()
        if wanted is not None:
            assert weight.data[0] == pytest.approx(wanted, abs=1e-12)


@each
@pytest.mark.parametrize("maximize", [False, True])
def test_finds_the_bottom_of_a_bowl(name, maximize):
    goal, curvature = np.array([3.0, -2.0, 0.5]), np.array([1.0, 5.0, 20.0])
    (weight,) = parameters_of([0.0, 0.0, 0.0])
    kwargs = {"SGD": {"lr": 0.02, "momentum": 0.9}, "Adadelta": {"lr": 20.0}}
    more = {**kwargs.get(name, {"lr": 0.1}), "maximize": maximize}
    if name == "Adagrad":
        more["lr"] = 1.0
    if name == "AdamW":
        more["weight_decay"] = 0.0
    optimizer = getattr(optim, name)([weight], **more)
    for _ in range(1500):
        optimizer.zero_grad()
        slope = curvature * (weight.data - goal)
        weight.add_grad(-slope if maximize else slope)
        optimizer.step()
    np.testing.assert_allclose(weight.data, goal, atol=0.06)


# Packing


@each
def test_values_survive_the_packing_and_stay_where_they_are(name):
    parameters = some()
    before = values(parameters)
    optimizer = make(name, parameters)
    equal(values(parameters), before)
    arrays = [p.data for p in parameters]
    give(parameters, 1)
    optimizer.step()
    assert all(p.data is array for p, array in zip(parameters, arrays, strict=True))
    assert not any(np.array_equal(p.data, b) for p, b in zip(parameters, before, strict=True))


@each
@pytest.mark.parametrize("largest", [1, 3, 8, 2**16])
def test_the_size_of_blocks_changes_nothing(name, largest, monkeypatch):
    def run():
        parameters = some(shapes=[(5,), (2, 3), (), (0,), (20,), (1,)])
        optimizer = make(name, parameters)
        for seed in range(6):
            give(parameters, seed)
            parameters[seed % 4].grad = None
            optimizer.step()
        return values(parameters), optimizer.state_dict()

    wanted, state = run()
    monkeypatch.setattr(_blocks, "LARGEST", largest)
    got, got_state = run()
    equal(got, wanted)
    for i, entry in state["state"].items():
        for key, value in entry.items():
            np.testing.assert_array_equal(got_state["state"][i][key], value)


def test_small_neighbors_share_a_block_and_large_ones_do_not():
    parameters = some(shapes=[(3,), (4,), (70000,), (2,), (65536,), (1,)])
    optimizer = optim.SGD(parameters)
    assert [len(b.parameters) for b in optimizer._blocks[0]] == [2, 1, 1, 1, 1]
    parameters = some(shapes=[(3,), (4,)]) + some(shapes=[(3,)], dtype=np.float32)
    assert [len(b.parameters) for b in optim.SGD(parameters)._blocks[0]] == [2, 1]


@each
def test_gradients_are_left_alone(name):
    for shapes in ([(3, 2)], [(3, 2), (4,)]):
        parameters = some(shapes=shapes)
        optimizer = make(name, parameters, weight_decay=0.1, maximize=True)
        give(parameters, 1)
        before = [p.grad.copy() for p in parameters]
        grads = [p.grad for p in parameters]
        for _ in range(3):
            optimizer.step()
        equal(grads, before)
        assert all(
            g.flags.writeable and p.grad is g for g, p in zip(grads, parameters, strict=True)
        )


def test_a_rule_cannot_change_gradients():
    class Rude(optim.Optimizer):
        def update(self, *args, **_):
            args[1][...] = 2  # the gradients

    (weight,) = parameters_of([1.0, 2.0])
    weight.grad = np.ones(2)
    with pytest.raises(ValueError, match="read-only"):
        Rude([weight], {"lr": 0.1}).step()


@each
@pytest.mark.parametrize("layout", ["fortran", "strided", "reversed", "broadcast"])
def test_gradients_may_lie_anyhow(name, layout):
    plain, odd = some(shapes=[(4, 3), (2,)]), some(shapes=[(4, 3), (2,)])
    first, second = make(name, plain), make(name, odd)
    for seed in range(3):
        give(plain, seed)
        grad = plain[0].grad
        if layout == "fortran":
            odd[0].grad = np.asfortranarray(grad)
        elif layout == "strided":
            odd[0].grad = np.repeat(grad, 2, axis=0)[::2]
        elif layout == "reversed":
            odd[0].grad = grad[::-1].copy()[::-1]
        else:
            odd[0].grad = plain[0].grad = np.broadcast_to(grad[:1], (4, 3))
        odd[1].grad = plain[1].grad
        first.step()
        second.step()
    equal(values(plain), values(odd))


@each
def test_values_that_were_assigned_are_taken_over(name):
    moved, still = some(), some()
    first, second = make(name, moved), make(name, still)
    for seed in range(5):
        give(moved, seed)
        give(still, seed)
        if seed == 2:
            fresh = np.arange(6.0).reshape(2, 3)
            moved[0].data, moved[2].data = fresh, np.array(5.0)
            still[0].data[...], still[2].data[...] = fresh, 5.0
        first.step()
        second.step()
        equal(values(moved), values(still))
    np.testing.assert_array_equal(fresh, np.arange(6.0).reshape(2, 3))  # theirs, left alone


@each
def test_two_optimizers_on_the_same_parameters(name):
    parameters, twins = some(), some()
    pairs = [(make(name, parameters), make(name, twins)), (make("SGD", parameters[1:]), None)]
    reference = make("SGD", twins[1:])
    for seed in range(4):
        give(parameters, seed)
        give(twins, seed)
        for p, t in zip(parameters, twins, strict=True):  # a reference that packs nothing anew
            t.data = p.data.copy()
        pairs[0][0].step()
        pairs[0][1].step()
        equal(values(parameters), values(twins))
        pairs[1][0].step()
        reference.step()
        equal(values(parameters), values(twins))


def test_loading_weights_into_a_model_reaches_its_optimizer():
    layer = nn.Linear(2, 1, rng=0)
    optimizer = optim.SGD(layer.parameters(), lr=1.0)
    layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": [3.0]})
    layer.weight.grad = np.array([[0.5, 0.0]])
    optimizer.step()
    np.testing.assert_array_equal(layer(np.array([[1.0, 1.0]])), [[5.5]])


# Parameters without a gradient


@each
def test_without_gradient_nothing_moves_and_nothing_is_remembered(name):
    parameters = some()
    optimizer = make(name, parameters)
    before = values(parameters)
    optimizer.step()
    equal(values(parameters), before)
    assert optimizer.state_dict()["state"] == {} or name == "Adagrad"
    for seed, absent in enumerate([0, 1, 3, 3]):
        give(parameters, seed)
        parameters[absent].grad = None
        kept = parameters[absent].data.copy()
        remembered = copy.deepcopy(optimizer.state.get(parameters[absent], {}))
        optimizer.step()
        np.testing.assert_array_equal(parameters[absent].data, kept)
        now = optimizer.state.get(parameters[absent], {})
        assert now.keys() == remembered.keys()
        equal(now.values(), remembered.values())


@each
def test_frozen_parameters_stay(name):
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
    model[0].requires_grad_(False)
    optimizer = make(name, model.parameters())
    before = model.state_dict()
    for _ in range(3):
        optimizer.zero_grad()
        model.backward(model(np.ones((4, 2))))
        optimizer.step()
    after = model.state_dict()
    for key in ("0.weight", "0.bias"):
        np.testing.assert_array_equal(after[key], before[key])
    for key in ("2.weight", "2.bias"):
        assert (after[key] != before[key]).any()
    model[0].requires_grad_()
    optimizer.zero_grad()
    model.backward(model(np.ones((4, 2))))
    optimizer.step()
    assert (model[0].weight.data != before["0.weight"]).any()


def test_zero_grad_forgets_or_fills_with_zeros():
    parameters = some()
    optimizer = optim.SGD(parameters, lr=0.1, momentum=0.9)
    give(parameters, 0)
    parameters[1].grad = None
    kept = parameters[0].grad
    optimizer.zero_grad(set_to_none=False)
    assert parameters[1].grad is None
    assert (parameters[0].grad == 0).all()
    assert (kept != 0).all()
    optimizer.zero_grad()
    assert all(p.grad is None for p in parameters)


# Steps


@each
def test_a_closure_is_called_first_and_answers(name):
    (weight,) = parameters_of([1.0])
    optimizer = make(name, [weight])

    def closure():
        optimizer.zero_grad()
        weight.add_grad(np.array([2.0]))
        return "the loss"

    assert optimizer.step(closure) == "the loss"
    assert weight.data[0] < 1
    assert optimizer.step() is None


@each
def test_float32_stays_float32_whatever_the_options_are(name):
    parameters, twins = some(dtype=np.float32), some(dtype=np.float32)
    optimizer, twin = make(name, parameters), make(name, twins)
    lr = 0.0625  # the same number in all dtypes
    optimizer.param_groups[0]["lr"] = np.float64(lr)
    twin.param_groups[0]["lr"] = lr
    for seed in range(3):
        give(parameters, seed)
        give(twins, seed)
        optimizer.step()
        twin.step()
    equal(values(parameters), values(twins))
    assert all(p.dtype == np.float32 for p in parameters)
    arrays = [v for s in optimizer.state.values() for v in s.values() if np.ndim(v)]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


@each
def test_a_group_of_mixed_dtypes(name):
    mixed = [*some(0), *some(1, dtype=np.float32), *some(2)]
    apart = [some(0), some(1, dtype=np.float32), some(2)]
    optimizer, singles = make(name, mixed), [make(name, part) for part in apart]
    for seed in range(4):
        give([p for part in apart for p in part], seed)
        for p, q in zip(mixed, (p for part in apart for p in part), strict=True):
            p.grad = q.grad
        optimizer.step()
        for single in singles:
            single.step()
    equal(values(mixed), values([p for part in apart for p in part]))
    assert [p.dtype for p in mixed] == [p.dtype for part in apart for p in part]


@each
def test_overflow_is_silent(name):
    parameters = some(dtype=np.float32)
    optimizer = make(name, parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for huge in (1e38, -1e38, np.inf, np.nan):
            for p in parameters:
                p.grad = np.full(p.shape, huge, dtype=np.float32)
            optimizer.step()


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    shapes=st.lists(st.lists(st.integers(0, 4), max_size=3).map(tuple), min_size=1, max_size=6),
    absent=st.lists(st.sets(st.integers(0, 5)), max_size=6),
)
def test_together_as_one_by_one(name, shapes, absent):
    together, alone = some(shapes=shapes), some(shapes=shapes)
    optimizer, singles = make(name, together), [make(name, [p]) for p in alone]
    for seed, missing in enumerate(absent):
        give(together, seed)
        give(alone, seed)
        for i in missing & set(range(len(shapes))):
            together[i].grad = alone[i].grad = None
        optimizer.step()
        for single in singles:
            single.step()
    equal(values(together), values(alone))


# Groups


def test_groups_and_names():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Linear(3, 1, rng=1))
    optimizer = optim.SGD(model.named_parameters(), lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert optimizer.param_groups[0]["params"] == list(model.parameters())
    extra = {"params": nn.Parameter(np.zeros(1)), "lr": 1.0, "name": "mine"}
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    optimizer.add_param_group(extra)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 1.0]
    assert optimizer.param_groups[1]["name"] == "mine"
    assert "momentum" not in extra  # theirs, left alone
    assert optim.SGD([{"params": []}, {"params": some()}]).step() is None


# Saving


@each
def test_resumed_goes_on_as_if_nothing_had_been(name):
    through, stopped = some(), some()
    first, second = make(name, through), make(name, stopped)
    for seed in range(4):
        for parameters, optimizer in ((through, first), (stopped, second)):
            give(parameters, seed)
            if seed == 1:
                parameters[2].grad = None
            optimizer.step()
    saved = pickle.loads(pickle.dumps(second.state_dict()))  # noqa: S301
    fresh = parameters_of(*values(stopped))
    resumed = getattr(optim, name)(fresh, lr=123.0)
    resumed.load_state_dict(saved)
    for seed in range(4, 9):
        give(through, seed)
        give(fresh, seed)
        first.step()
        resumed.step()
    equal(values(through), values(fresh))
    assert resumed.param_groups[0]["lr"] == FULL[name]["lr"]


@each
def test_state_dict_is_a_copy(name):
    parameters = some()
    optimizer = make(name, parameters)
    give(parameters, 0)
    optimizer.step()
    saved = optimizer.state_dict()
    kept = copy.deepcopy(saved)
    give(parameters, 1)
    optimizer.step()
    for i, entry in saved["state"].items():
        for key, value in entry.items():
            np.testing.assert_array_equal(value, kept["state"][i][key])
    optimizer.load_state_dict(saved)
    for entry in saved["state"].values():
        for value in entry.values():
            if isinstance(value, np.ndarray):
                value[...] = 77.0
    now = optimizer.state_dict()["state"]
    assert not any((np.asarray(v) == 77.0).any() for s in now.values() for v in s.values())


@each
@pytest.mark.parametrize("how", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
def test_copies_are_whole_and_apart(name, how):
    parameters = some()
    optimizer = make(name, parameters)
    give(parameters, 0)
    optimizer.step()
    theirs, second = how((parameters, optimizer))
    kept = values(parameters)
    assert second.param_groups[0]["params"] == theirs
    give(theirs, 1)
    second.step()
    equal(values(parameters), kept)
    give(parameters, 1)
    optimizer.step()
    equal(values(parameters), values(theirs))
    assert (values(parameters)[0] != kept[0]).all()


def test_state_shows_what_is_remembered():
    parameters = some()
    optimizer = optim.Adam(parameters)
    assert optimizer.state == {}
    give(parameters, 0)
    parameters[1].grad = None
    optimizer.step()
    assert list(optimizer.state) == [parameters[0], parameters[2], parameters[3]]
    entry = optimizer.state[parameters[0]]
    assert list(entry) == ["step", "exp_avg", "exp_avg_sq"]
    assert entry["step"] == 1
    np.testing.assert_allclose(entry["exp_avg"], 0.1 * parameters[0].grad)


def test_adamw_goes_on_from_adam_with_its_own_decay():
    parameters = some()
    adam = optim.Adam(parameters)
    give(parameters, 0)
    adam.step()
    other = optim.AdamW(some())
    other.load_state_dict(adam.state_dict())
    assert other.param_groups[0]["decoupled_weight_decay"] is True
    assert len(other.state) == 4


def test_an_optimizer_of_your_own_may_remember_anything():
    class Average(optim.Optimizer):
        """Moves to the mean of all gradients so far."""

        def initial_state(self, group):
            del group
            return {"step": 0, "total": 0.0}

        def update(self, theta, g, state, **_):
            state["step"] += 1
            state["total"] = state["total"] + g  # made anew, not in place
            theta[...] = state["total"] / state["step"]

    parameters = some()
    optimizer = Average(parameters, {"lr": 0.0})
    seen = []
    for seed in range(3):
        give(parameters, seed)
        seen.append(parameters[0].grad)
        optimizer.step()
    np.testing.assert_allclose(parameters[0].data, np.mean(seen, axis=0))
    assert repr(optimizer) == "Average (\nParameter Group 0\n    lr: 0.0\n)"


# Nonsense


P = nn.Parameter


def one():
    return P(np.zeros(2))


def stepped(optimizer_of, **changes):
    weight, other = P(np.zeros((2, 3))), P(np.zeros(4))
    optimizer = optimizer_of([weight, other])
    other.grad = np.ones(4)
    for name, value in changes.items():
        setattr(weight, name, value)
    try:
        optimizer.step()
    finally:
        assert (other.data == 0).all()  # nothing is moved


def loaded(change, optimizer=optim.Adam):
    parameters = some()
    first = optimizer(parameters)
    give(parameters, 0)
    first.step()
    state = first.state_dict()
    change(state)
    second = optimizer(parameters)
    try:
        second.load_state_dict(state)
    finally:
        assert second.state == {}
        assert second.param_groups[0]["lr"] == 1e-3


def shared():
    weight = np.zeros(3)
    return optim.SGD([P(weight), P(weight)])


def twice():
    weight = one()
    return optim.SGD([weight, weight])


def twice_in_groups():
    weight = one()
    return optim.SGD([{"params": [weight]}, {"params": [one(), weight]}])


def mixed_names():
    optimizer = optim.SGD([("weight", one())])
    optimizer.add_param_group({"params": [one()]})


def named(**changes):
    weight = one()
    optimizer = optim.SGD([("layer.weight", weight)])
    for name, value in changes.items():
        setattr(weight, name, value)
    optimizer.step()


MALFORMED = [
    # options
    (lambda: optim.SGD([one()], lr=-0.1), ValueError, r"lr is -0.1; it must lie in \[0"),
    (lambda: optim.SGD([one()], lr=float("nan")), ValueError, "lr is nan"),
    (lambda: optim.SGD([one()], lr=float("inf")), ValueError, "lr is inf"),
    (lambda: optim.SGD([one()], lr="0.1"), TypeError, "lr must be a number, not '0.1'"),
    (lambda: optim.SGD([one()], lr=None), TypeError, "lr must be a number, not None"),
    (lambda: optim.SGD([one()], lr=True), TypeError, "lr must be a number, not True"),
    (lambda: optim.SGD([one()], lr=np.array([0.1, 0.2])), TypeError, "lr must be a number"),
    (lambda: optim.SGD([one()], lr=1j), TypeError, "lr must be a number, not 1j"),
    (lambda: optim.SGD([one()], momentum=-1), ValueError, "momentum is -1"),
    (lambda: optim.SGD([one()], dampening="x"), TypeError, "dampening must be"),
    (lambda: optim.SGD([one()], weight_decay=-1), ValueError, "weight_decay is -1"),
    (lambda: optim.SGD([one()], nesterov=True), ValueError, "nesterov.*momentum=0"),
    (lambda: optim.SGD([one()], 0.1, 0.9, 0.5, nesterov=True), ValueError, "dampening=0.5"),
    (lambda: optim.Adagrad([one()], lr_decay=-1), ValueError, "lr_decay is -1"),
    (lambda: optim.Adagrad([one()], initial_accumulator_value=-1), ValueError, "value is -1"),
    (lambda: optim.Adagrad([one()], eps=-1), ValueError, "eps is -1"),
    (lambda: optim.Adadelta([one()], rho=1.1), ValueError, r"rho is 1.1; .* \[0, 1\]"),
    (lambda: optim.Adadelta([one()], rho=-0.1), ValueError, "rho is -0.1"),
    (lambda: optim.RMSprop([one()], alpha=-0.1), ValueError, "alpha is -0.1"),
    (lambda: optim.RMSprop([one()], momentum=-0.1), ValueError, "momentum is -0.1"),
    (lambda: optim.Adam([one()], betas=(1.0, 0.9)), ValueError, r"betas\[0\] is 1.0.*\[0, 1\)"),
    (lambda: optim.Adam([one()], betas=(0.9, -1.0)), ValueError, r"betas\[1\] is -1.0"),
    (lambda: optim.Adam([one()], betas=0.9), ValueError, "betas is 0.9; .* pair"),
    (lambda: optim.Adam([one()], betas=(0.9, 0.9, 0.9)), ValueError, "pair"),
    (lambda: optim.Adam([one()], betas=("a", 0.9)), TypeError, r"betas\[0\] must be"),
    (lambda: optim.AdamW([one()], weight_decay=-0.1), ValueError, "weight_decay is -0.1"),
    (lambda: optim.NAdam([one()], momentum_decay=-0.1), ValueError, "momentum_decay is -0.1"),
    (lambda: optim.SGD([{"params": [one()], "lr": -1.0}]), ValueError, "lr is -1.0"),
    (lambda: optim.Adam([{"params": [one()], "betas": (2, 0)}]), ValueError, r"betas\[0\] is 2"),
    # what is not supported
    *((lambda n=n, k=k: getattr(optim, n)([one()], **{k: True}), NotImplementedError,
       f"{n} does not support {k}=True")
      for n, ks in {"SGD": "foreach fused differentiable", "Adagrad": "foreach fused",
                    "Adadelta": "capturable", "RMSprop": "capturable foreach",
                    "Adam": "capturable fused", "AdamW": "differentiable",
                    "NAdam": "capturable"}.items() for k in ks.split()),
    (lambda: optim.SGD([{"params": [one()], "fused": True}]), NotImplementedError, "fused=True"),
    # parameters
    (lambda: optim.SGD([]), ValueError, "params is empty"),
    (lambda: optim.SGD(iter(())), ValueError, "params is empty"),
    (lambda: optim.SGD(one()), TypeError, "not one Parameter"),
    (lambda: optim.SGD(3), TypeError, "not one int"),
    (lambda: optim.SGD(None), TypeError, "not one NoneType"),
    (lambda: optim.SGD(nn.Linear(2, 1)), TypeError, "not one Linear"),
    (lambda: optim.SGD(nn.Sequential(nn.Linear(2, 1))), TypeError, "not a Linear"),
    (lambda: optim.SGD([np.zeros(2)]), TypeError, "not a ndarray"),
    (lambda: optim.SGD([one(), 1.0]), TypeError, "not a float"),
    (lambda: optim.SGD([one(), {"params": [one()]}]), TypeError, "not a dict"),
    (lambda: optim.SGD([{"params": [one()]}, one()]), TypeError, "must be a dictionary"),
    (lambda: optim.SGD([{"lr": 0.1}]), ValueError, "needs 'params'; this one has only lr"),
    (lambda: optim.SGD([{"params": {one()}}]), TypeError, "set, which has no order"),
    (lambda: optim.SGD([{"params": 3}]), TypeError, "not a int"),
    (twice, ValueError, "stands in place 0 of group 0 and at place 1 of group 0"),
    (twice_in_groups, ValueError, "stands in group 0 and at place 1 of group 1"),
    (shared, ValueError, "share one array"),
    (lambda: optim.SGD([("weight", one()), one()]), ValueError, "1 of 2 parameters have names"),
    (mixed_names, ValueError, "the new group has no names"),
    (lambda: optim.SGD([one()]).add_param_group([one()]), TypeError, "dictionary, not list"),
    # gradients and values
    (lambda: stepped(optim.SGD, grad=np.ones((3, 2))), ValueError,
     r"grad of parameter 0 of group 0 has shape \(3, 2\), its values \(2, 3\)"),
    (lambda: stepped(optim.Adam, grad=np.ones(3)), ValueError, r"\(3,\), its values \(2, 3\)"),
    (lambda: stepped(optim.Adam, grad=1.0), TypeError, "grad .* is a float"),
    (lambda: stepped(optim.Adam, grad=[[1.0] * 3] * 2), TypeError, "grad .* is a list"),
    (lambda: stepped(optim.SGD, grad=np.ones((2, 3), np.float32)), TypeError,
     "dtype float32, its values float64"),
    (lambda: stepped(optim.SGD, grad=np.ones((2, 3), int)), TypeError, "dtype int64"),
    (lambda: stepped(optim.SGD, data=np.ones((3, 2))), ValueError, r"data .* \(3, 2\)"),
    (lambda: stepped(optim.SGD, data=np.ones((2, 3), np.float32)), TypeError, "data .* float32"),
    (lambda: stepped(optim.SGD, data=[1.0]), TypeError, "data .* is a list"),
    (lambda: named(grad=np.ones(3)), ValueError, r"grad of layer.weight has shape \(3,\)"),
    # states
    (lambda: loaded(lambda s: s["param_groups"].append(s["param_groups"][0])), ValueError,
     r"groups of \[4\] parameters; the state_dict of \[4, 4\]"),
    (lambda: loaded(lambda s: s["param_groups"][0]["params"].pop()), ValueError, r"\[4\].*\[3\]"),
    (lambda: loaded(lambda s: s["param_groups"][0].pop("betas")), ValueError, "has no betas"),
    (lambda: loaded(lambda s: s["param_groups"][0].update(lr=-1.0)), ValueError, "lr is -1.0"),
    (lambda: loaded(lambda s: s["param_groups"][0].update(fused=True)), NotImplementedError,
     "fused"),
    (lambda: loaded(lambda s: s["state"].update({9: {}})), ValueError, "no parameter 9"),
    (lambda: loaded(lambda s: s["state"][0].update(exp_avg=np.zeros(5))), ValueError,
     r"exp_avg of parameter 0 has shape \(5,\), not \(2, 3\)"),
    (lambda: loaded(lambda s: s["state"][0].update(step=np.zeros(2))), ValueError, "step of"),
    (lambda: loaded(lambda s: s.pop("state")), ValueError, "no 'state'"),
    (lambda: loaded(lambda s: s.pop("param_groups")), ValueError, "no 'param_groups'"),
    (lambda: optim.Adam([one()]).load_state_dict(optim.SGD([one()]).state_dict()), ValueError,
     "has no betas"),
    (lambda: optim.Optimizer([P(np.zeros(1))], {}).update(), NotImplementedError, "no update"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), MALFORMED)
def test_malformed_calls_say_why(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_there_are_many_malformed_calls():
    assert len(MALFORMED) > 70


def test_what_is_off_is_accepted():
    for name in NAMES:
        for value in (None, False):
            getattr(optim, name)([one()], foreach=value, differentiable=False)
    assert optim.SGD([one()], lr=np.float32(0.5)).param_groups[0]["lr"] == 0.5
    assert optim.SGD([one()], lr=np.array(0.5)).param_groups[0]["lr"] == 0.5
    assert type(optim.SGD([one()], lr=np.float64(0.5)).param_groups[0]["lr"]) is float


def test_views_of_one_array_are_refused_and_empty_parameters_are_not():
    array = np.zeros(6)
    overlapping = [nn.Parameter(array[:4]), nn.Parameter(array[3:])]
    with pytest.raises(ValueError, match="share one array"):
        optim.SGD(overlapping, lr=0.1)
    with pytest.raises(ValueError, match="group 0 and at place 0 of group 1 share"):
        optim.SGD([{"params": p} for p in overlapping], lr=0.1)
    apart = [nn.Parameter(array[:3]), nn.Parameter(array[3:])]
    assert len(optim.SGD(apart, lr=0.1).param_groups[0]["params"]) == 2
    empty = [nn.Parameter(np.zeros((0, 3))), nn.Parameter(np.zeros(0)), nn.Parameter(np.ones(1))]
    optimizer = optim.SGD(empty, lr=0.1)
    for parameter in empty:
        parameter.grad = np.ones_like(parameter.data)
    optimizer.step()
    assert empty[2].data == 0.9


def test_numbers_without_dimensions_can_be_optimized():
    number = nn.Parameter(np.array(3.0))
    optimizer = optim.Adam([number], lr=0.1)
    for gradient in (np.float64(2.0), np.array(2.0)):
        number.grad = gradient
        nn.utils.clip_grad_norm_([number], 1.0)
        assert isinstance(number.grad, np.ndarray)
        optimizer.step()
    assert abs(number.data - 2.8) < 1e-6


def test_groups_changed_by_hand_are_refused():
    first, second = nn.Parameter(np.zeros(1)), nn.Parameter(np.zeros(1))
    for change in (
        lambda groups: groups[0]["params"].append(second),
        lambda groups: groups[0].update(params=[second]),
        lambda groups: groups.clear(),
    ):
        optimizer = optim.SGD([first], lr=0.1)
        change(optimizer.param_groups)
        with pytest.raises(RuntimeError, match="add with add_param_group"):
            optimizer.step()


def test_the_state_is_to_be_read():
    weight = nn.Parameter(np.zeros(1))
    optimizer = optim.Adam([weight])
    weight.grad = np.ones(1)
    optimizer.step()
    with pytest.raises(AttributeError):
        optimizer.state.clear()
    optimizer.state[weight]["exp_avg"][...] = 5.0  # the arrays are the optimizer's own
    assert optimizer.state_dict()["state"][0]["exp_avg"] == 5.0
