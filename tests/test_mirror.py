"""`nnbook.scratch` and `nnbook.pytorch` mirror one another: modules, names, parameters."""

import importlib
import inspect
import pkgutil

import pytest

import nnbook.pytorch
import nnbook.scratch


def modules(package):
    """The public modules of a package, by their names below it."""
    prefix = package.__name__ + "."
    names = (m.name.removeprefix(prefix) for m in pkgutil.walk_packages(package.__path__, prefix))
    return {name for name in names if not any(part.startswith("_") for part in name.split("."))}


def public(module):
    """The classes and functions that a module defines for others."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
    }


# Where to compute, in which floats, and compiled or not: NumPy has no choice in any of these.
PYTORCHS_OWN = {"device", "amp", "compile_model"}


def parameters(value):
    """Names, kinds and defaults, without `self` and what is PyTorch's own affair.

    Types have the same name on both sides: `numpy.float64` and `torch.float64`.
    """
    found = inspect.signature(value).parameters.values()
    return [
        (p.name, p.kind, default_name(p.default))
        for p in found
        if p.name not in PYTORCHS_OWN | {"self"}
    ]


def default_name(default):
    name = default.__name__ if inspect.isclass(default) else repr(default)
    return name.removeprefix("torch.")


def methods(value):
    """A class's own public methods and properties; `forward` is PyTorch's name for a call."""
    names = {n for n in vars(value) if not n.startswith("_")} if inspect.isclass(value) else set()
    return {n for n in names if callable(getattr(value, n)) or isinstance(vars(value)[n], property)}


SHARED = sorted(modules(nnbook.scratch))


def test_the_same_modules():
    assert modules(nnbook.scratch) == modules(nnbook.pytorch) != set()


@pytest.mark.parametrize("name", SHARED)
def test_the_same_names_with_the_same_parameters(name):
    ours = public(importlib.import_module(f"nnbook.scratch.{name}"))
    theirs = public(importlib.import_module(f"nnbook.pytorch.{name}"))
    assert ours.keys() == theirs.keys() != set()
    for key, value in ours.items():
        assert parameters(value) == parameters(theirs[key]), key
        assert methods(value) == methods(theirs[key]) - {"forward"}, key
        for method in methods(value):
            mine, other = getattr(value, method), getattr(theirs[key], method)
            if callable(mine):
                assert parameters(mine) == parameters(other), f"{key}.{method}"
