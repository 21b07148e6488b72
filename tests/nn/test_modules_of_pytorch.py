"""Every module against PyTorch's, over the argument sets of PyTorch's own test-suite.

`module_db` lists, for each class of `torch.nn`, how PyTorch's tests construct and call it. What we
refuse of it stands in `REFUSED`, each with the argument that is refused by name.
"""

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db

from nnbook import nn
from tests.nn.parity import compare, to_numpy

OURS = {m.module_cls.__name__: m for m in module_db if hasattr(nn, m.module_cls.__name__)}
LOSSES = {name for name in OURS if name.endswith("Loss")}

# By class: the arguments that our constructor refuses with NotImplementedError, and names.
REFUSED: dict[str, set[str]] = {
    "MaxPool2d": {"return_indices"},
}
# By class and PyTorch's name of the case: inputs that we refuse, and what the message says.
REFUSED_INPUTS = {
    ("Softmax", "scalar"): "single number",
    ("LogSoftmax", "multiparam_scalar"): "single number",
}


def cases():
    for name, info in OURS.items():
        for training in (True, False):
            torch.manual_seed(0)
            inputs = info.module_inputs_func(
                info, device="cpu", dtype=torch.float64, requires_grad=False, training=training
            )
            for i, case in enumerate(inputs):
                mode = "train" if training else "eval"
                yield pytest.param(name, case, training, id=f"{name}-{mode}-{i}-{case.desc}")


def arguments(case):
    """Positional and named arguments as arrays; `input` and the like become positional."""
    args, kwargs = list(to_numpy(case.args)), to_numpy(case.kwargs)
    if "input" in kwargs:
        args.insert(0, kwargs.pop("input"))
    return args, kwargs


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # PyTorch's, of KLDivLoss
@pytest.mark.parametrize(("name", "case", "training"), list(cases()))
def test_agrees_with_pytorch(name, case, training):
    args, kwargs = arguments(case.constructor_input)
    refused = sorted(k for k in REFUSED.get(name, set()) if kwargs.get(k))
    if refused:
        with pytest.raises(NotImplementedError, match=refused[0]):
            getattr(nn, name)(*args, **kwargs)
        return
    constructor = case.constructor_input
    theirs = OURS[name].module_cls(*constructor.args, **constructor.kwargs).double()
    ours = getattr(nn, name)(*args, **kwargs)
    theirs.train(training)
    ours.train(training)
    args, kwargs = arguments(case.forward_input)
    if name in LOSSES or name == "MultiheadAttention":
        kwargs = {k: v for k, v in kwargs.items() if v is not None}
    if (name, case.desc) in REFUSED_INPUTS:
        with pytest.raises(ValueError, match=REFUSED_INPUTS[name, case.desc]):
            ours(*args, **kwargs)
        return
    compare(ours, theirs, *args, inputs=1 if name in LOSSES else None, **kwargs)


def test_every_module_is_compared():
    """PyTorch's lists lack these four, whose parity is tested elsewhere; all others are run."""
    layers = {n for n in nn.__all__ if isinstance(getattr(nn, n), type)}
    layers -= {"Module", "Parameter", "Sequential", "ModuleList"}
    assert layers - OURS.keys() == {"Dropout", "Flatten", "Identity", "Unflatten"}
    assert len(OURS) == 38


def test_nothing_is_refused_in_vain():
    for name, refused in REFUSED.items():
        used = set()
        for training in (True, False):
            info = OURS[name]
            for case in info.module_inputs_func(
                info, device="cpu", dtype=torch.float64, requires_grad=False, training=training
            ):
                used |= {k for k, v in case.constructor_input.kwargs.items() if v}
        assert refused <= used


def test_the_comparison_would_notice():
    ours, theirs = nn.Linear(3, 2, rng=0), torch.nn.Linear(3, 2).double()
    x = np.ones((4, 3))
    compare(ours, theirs, x)
    forward, backward = ours.forward, ours.backward
    ours.forward = lambda x: forward(x) * 1.0001
    with pytest.raises(AssertionError, match="output"):
        compare(ours, theirs, x)
    ours.forward, ours.backward = forward, lambda g: backward(g) * 1.0001
    with pytest.raises(AssertionError, match="gradient by input"):
        compare(ours, theirs, x)
    ours.backward = lambda g: (backward(g), backward(g))[0]
    with pytest.raises(AssertionError, match="gradient by weight"):
        compare(ours, theirs, x)
