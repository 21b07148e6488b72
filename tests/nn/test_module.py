"""What a module promises: what belongs to it, its modes, its state, its looks; and containers."""

import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch

from nnbook import nn
from nnbook.scratch.gradcheck import gradcheck
from tests.nn.parity import compare, to_numpy


class Net:
    """A small network with a layer used by name, a list, a shared layer and a buffer."""

    def __new__(cls, lib, **options):
        class Small(lib.Module):
            def __init__(self):
                super().__init__()
                self.first = lib.Linear(3, 4, **options)
                self.blocks = lib.ModuleList([lib.Linear(4, 4, **options), lib.Tanh()])
                self.tied = self.first
                self.norm = lib.Sequential(lib.Identity(), lib.ReLU())

        return Small()


KINDS = ["Linear", "ModuleList", "Sequential"]


def kinds(modules):
    return [type(m).__name__ for m in modules]


def pair():
    return Net(nn), Net(torch.nn, dtype=torch.float64)


def test_names_are_those_of_pytorch():
    ours, theirs = pair()
    for method in ("named_parameters", "named_modules", "named_children"):
        mine, other = getattr(ours, method)(), getattr(theirs, method)()
        assert [n for n, _ in mine] == [n for n, _ in other], method
    assert len(list(ours.parameters())) == len(list(theirs.parameters())) == 4
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert kinds(ours.modules()) == kinds(theirs.modules())
    assert kinds(ours.children()) == kinds(theirs.children()) == KINDS


def test_looks_as_in_pytorch():
    ours, theirs = pair()
    assert repr(ours) == repr(theirs)


def test_a_module_needs_no_super():
    class Bare(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter(np.ones(2))

    assert [n for n, _ in Bare().named_parameters()] == ["weight"]


def test_modes_reach_every_module():
    model = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Tanh()))
    assert all(m.training for m in model.modules())
    assert model.eval() is model
    assert not any(m.training for m in model.modules())
    model.train()
    assert all(m.training for m in model.modules())


def test_state_goes_back_and_forth():
    a, b = Net(nn), Net(nn)
    state = a.state_dict()
    b.load_state_dict(state)
    for key, value in b.state_dict().items():
        np.testing.assert_array_equal(value, state[key])
    state["first.weight"][:] = 7  # a copy, both ways
    assert not (a.first.weight.data == 7).any()
    b.first.weight.data[:] = 8
    assert not (a.first.weight.data == 8).any()


def test_state_of_pytorch_is_taken_over():
    ours, theirs = pair()
    ours.load_state_dict(to_numpy(dict(theirs.state_dict())))
    for (_, mine), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_array_equal(mine.data, other.detach().numpy())


def test_loading_keeps_the_array_and_its_type():
    layer = nn.Linear(2, 1, dtype=np.float32)
    array = layer.weight.data
    layer.load_state_dict({"weight": np.array([[1.0, 2.0]]), "bias": [3]})
    assert layer.weight.data is array
    assert array.dtype == np.float32


def test_all_faults_of_a_state_are_named_and_nothing_is_loaded():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = model.state_dict()
    state = model.state_dict()
    state["2.weight"] = state.pop("1.weight")
    state["0.bias"] = np.zeros(4)
    state["0.weight"] = np.zeros((3, 2))
    with pytest.raises(ValueError, match=r"1\.weight is missing") as error:
        model.load_state_dict(state)
    for part in ("2.weight is unexpected", "0.bias has shape (4,)", "the module's has (3,)"):
        assert part in str(error.value)
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[key])


def test_buffers_are_saved_and_not_learned():
    class Counter(nn.Module):
        def __init__(self):
            self.register_buffer("count", np.array(0))
            self.register_buffer("nothing", None)

    counter = Counter()
    assert list(counter.state_dict()) == ["count"]
    assert list(counter.parameters()) == []
    counter.load_state_dict({"count": 5})
    assert counter.count == 5


def test_gradients_add_up_and_are_forgotten():
    layer, x = nn.Linear(2, 3, rng=0), np.ones((4, 2))
    layer(x)
    layer.backward(np.ones((4, 3)))
    first = layer.weight.grad
    kept = first.copy()
    layer.backward(np.ones((4, 3)))
    np.testing.assert_array_equal(layer.weight.grad, 2 * kept)
    np.testing.assert_array_equal(first, kept)  # the old array is still what it was
    layer.zero_grad()
    assert layer.weight.grad is None
    assert layer.bias.grad is None


def test_a_frozen_parameter_gets_no_gradient():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)).requires_grad_(False)
    model[1].requires_grad_()
    model(np.ones((4, 2)))
    assert model.backward(np.ones((4, 1))).shape == (4, 2)
    assert [p.grad is None for p in model.parameters()] == [True, True, False, False]


def test_a_parameter_refuses_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"grad has shape \(2,\); the parameter has \(3,\)"):
        nn.Parameter(np.zeros(3)).add_grad(np.zeros(2))


def test_a_parameter_looks_like_one():
    assert repr(nn.Parameter(np.zeros(2))) == "Parameter containing:\narray([0., 0.])"


@pytest.mark.parametrize(
    "layer",
    [nn.Linear(2, 2), nn.Tanh(), nn.Softmax(-1), nn.Flatten(), nn.Conv2d(1, 1, 1), nn.MaxPool2d(1),
     nn.AvgPool2d(1), nn.AdaptiveAvgPool2d(1), nn.Identity(), nn.ConvTranspose2d(1, 1, 1)],
    ids=lambda m: type(m).__name__,
)  # fmt: skip
def test_backward_before_forward_says_so(layer):
    with pytest.raises(RuntimeError, match=f"{type(layer).__name__}.backward was called before"):
        layer.backward(np.ones((1, 1, 1, 2)))


def test_a_module_without_ways_says_so():
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        nn.Module()(1)
    with pytest.raises(NotImplementedError, match="Module has no backward"):
        nn.Module().backward(1)


# Sequential and ModuleList


def test_sequential_agrees_with_pytorch():
    def model(lib, **o):
        return lib.Sequential(
            lib.Flatten(), lib.Linear(6, 5, **o), lib.Tanh(), lib.Linear(5, 4, **o),
            lib.Unflatten(1, (2, 2)),
        )  # fmt: skip

    x = np.random.default_rng(0).normal(size=(3, 2, 3))
    compare(model(nn), model(torch.nn, dtype=torch.float64), x)


def test_sequential_by_name():
    ours = nn.Sequential(OrderedDict(fc=nn.Linear(2, 3), act=nn.ReLU()))
    theirs = torch.nn.Sequential(OrderedDict(fc=torch.nn.Linear(2, 3), act=torch.nn.ReLU()))
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == ["fc.weight", "fc.bias"]


def test_a_row_is_a_sequence():
    layers = [nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)]
    for row in (nn.Sequential(*layers), nn.ModuleList(layers)):
        assert len(row) == 3
        assert list(row) == layers
        assert row[-1] is layers[2]
        assert list(row[1:]) == layers[1:]
        assert type(row[:2]) is type(row)
        new = nn.ReLU()
        row[1] = new
        assert row[1] is new
        row.append(nn.Sigmoid())
        assert kinds(row) == ["Linear", "ReLU", "Linear", "Sigmoid"]
        with pytest.raises(IndexError, match="no module 9 among 4"):
            _ = row[9]
    assert len(nn.ModuleList().extend(layers)) == 3
    assert list(nn.ModuleList([layers[0]] * 2)) == [layers[0]] * 2


def test_the_same_module_twice_is_refused():
    relu = nn.ReLU()
    with pytest.raises(ValueError, match="the same ReLU stands at 0 and at 2"):
        nn.Sequential(relu, nn.Linear(1, 1), relu)
    with pytest.raises(ValueError, match="remembers only its last input"):
        nn.Sequential(relu).append(relu)


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match=r"Sequential\[1\] is .* not a Module"):
        nn.Sequential(nn.Tanh(), np.tanh)


def test_the_gradient_by_data_can_be_spared():
    x, grad = np.ones((3, 2, 2)), np.ones((3, 1))
    models = [
        nn.Sequential(nn.Flatten(), nn.Linear(4, 3, rng=0), nn.Linear(3, 1, rng=1)) for _ in "ab"
    ]
    assert models[1].requires_input_grad_(False) is models[1]
    for model in models:
        model(x)
    assert models[0].backward(grad).shape == x.shape
    assert models[1].backward(grad) is None
    for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True):
        np.testing.assert_array_equal(a.grad, b.grad)
    models[1].requires_input_grad_()
    assert models[1].backward(grad).shape == x.shape
    assert nn.Sequential(nn.Tanh()).requires_input_grad_(False)[0].input_requires_grad


# Shapes


@pytest.mark.parametrize("dims", [(), (0,), (0, -1), (1, 2), (-3, -2), (2, 2)])
def test_flatten_agrees_with_pytorch(dims):
    compare(nn.Flatten(*dims), torch.nn.Flatten(*dims), np.arange(24.0).reshape(2, 3, 4))
    assert repr(nn.Flatten(*dims)) == repr(torch.nn.Flatten(*dims))


@pytest.mark.parametrize(("dim", "sizes"), [(1, (2, 3)), (-1, (2, -1)), (0, (2, 1)), (1, (6,))])
def test_unflatten_agrees_with_pytorch(dim, sizes):
    compare(nn.Unflatten(dim, sizes), torch.nn.Unflatten(dim, sizes), np.arange(12.0).reshape(2, 6))
    assert repr(nn.Unflatten(dim, sizes)) == repr(torch.nn.Unflatten(dim, sizes))


def test_flatten_of_nothing():
    compare(nn.Flatten(), torch.nn.Flatten(), np.zeros((0, 3, 4)))


def test_identity_takes_anything():
    compare(nn.Identity(3, bias=False), torch.nn.Identity(3, bias=False), np.ones((2, 3)))


def test_a_model_of_ones_own_can_be_checked():
    class Residual(nn.Module):
        def __init__(self):
            self.inner = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Tanh())

        def forward(self, x):
            return x + self.inner(x)

        def backward(self, grad_output):
            return grad_output + self.inner.backward(grad_output)

    assert gradcheck(Residual(), np.random.default_rng(0).normal(size=(4, 3)))


# Copies


def test_a_copy_has_neither_gradients_nor_the_last_batch():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    model[1].twin = model[0].weight  # shared weights stay shared
    model.backward(model(np.ones((3, 2))))
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301 - our own
        assert [p.grad for p in other.parameters()] == [None, None]
        assert other[1].twin is other[0].weight
        assert not np.shares_memory(other[0].weight.data, model[0].weight.data)
        with pytest.raises(RuntimeError, match=r"Tanh\.backward was called before forward"):
            other.backward(np.ones((3, 2)))
        np.testing.assert_array_equal(other(np.eye(2)), model(np.eye(2)))
    frozen = copy.deepcopy(model.requires_grad_(False))
    assert not any(p.requires_grad for p in frozen.parameters())
    assert model[0].weight.grad is not None


def test_a_gradient_is_nobody_elses_array():
    weight, given = nn.Parameter(np.zeros(2)), np.ones(2)
    weight.add_grad(given)
    given[...] = 7.0
    np.testing.assert_array_equal(weight.grad, [1.0, 1.0])
    number = nn.Parameter(np.array(2.0))
    number.add_grad(np.float64(3.0))
    number.add_grad(np.float64(4.0))
    assert isinstance(number.grad, np.ndarray)
    assert number.grad == 7.0


def test_nothing_is_loaded_where_one_entry_holds_no_numbers():
    layer = nn.Linear(2, 1, rng=0)
    before = layer.state_dict()
    with pytest.raises(TypeError, match="bias holds no real numbers"):
        layer.load_state_dict({"weight": np.ones((1, 2)), "bias": np.array(["a"])})
    np.testing.assert_array_equal(layer.weight.data, before["weight"])


@pytest.mark.parametrize("name", ["train", "forward", "training", "a.b", ""])
def test_names_that_would_be_in_the_way_are_refused(name):
    with pytest.raises(ValueError, match="a module cannot be called"):
        nn.Sequential({name: nn.Tanh()})
