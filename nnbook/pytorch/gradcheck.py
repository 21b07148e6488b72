r"""Is this `backward` right? Autograd, or derivatives by hand, against differences.

The twin of `nnbook.scratch.gradcheck`. Autograd knows the derivatives of PyTorch's own functions; a
`torch.autograd.Function` of your own is as right as its `backward`, and this checks it.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnbook._gradcheck import (
    Claim,
    GradientError,
    GradientReport,
    Tolerance,
    check_claims,
    claims_on_inputs,
    weights_in_a_row,
)
from nnbook._nested import nested_map, pairs
from nnbook._rng import as_generator

__all__ = ["GradientError", "GradientReport", "gradcheck"]


def gradcheck(
    module: Callable[..., Any],
    *inputs: Any,
    backward: Callable[..., Any] | None = None,
    eps: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    max_entries: int | None = 100,
    rng: int | np.random.Generator = 0,
) -> GradientReport:
    r"""Compare autograd's gradients with central differences, by all inputs and parameters.

    Outputs of any shape become one number $L$, their sum with fixed random weights; a gradient that
    is right for random weights is right for all. The check works in float64, on the processor and
    on a copy of the module: the module itself, its gradients and PyTorch's random numbers stay as
    they are, and dropout drops the same units each time.

    Args:
        module: A module, a loss, or a function.
        *inputs: What it is called with: tensors, or tuples of tensors. By whole numbers and truth
            values there is no gradient.
        backward: Only for a function: `backward(grad_output, *inputs)` answers its gradients;
            without it autograd does.
        eps: The step $\varepsilon$.
        rtol: How far a derivative may be off, as a fraction of the difference.
        atol: How far it may be off on top of that.
        max_entries: Of tensors with more entries than this, so many are checked, chosen at random.
        rng: A seed or generator for this choice, for the weights and for dropout.

    Returns:
        A report, which says how many derivatives agreed.

    Raises:
        GradientError: If a derivative disagrees. It is an `AssertionError`, and names them, the
            worst first.
        TypeError: If a module comes with a `backward`.

    Examples:
        >>> gradcheck(nn.Linear(3, 2), torch.ones(4, 3))
        GradientReport(20 derivatives agree, by input, weight of Linear, bias of Linear)
        >>> gradcheck(torch.square, torch.tensor([1.0, -3.0]), backward=lambda grad, x: grad * x)
        Traceback (most recent call last):
        nnbook._gradcheck.GradientError: square: 2 of 2 derivatives disagree, the worst first
          by input 0 at (1,): backward says -1.9213, differences say -3.8425
          by input 0 at (0,): backward says -0.1321, differences say -0.2642
    """
    if isinstance(module, nn.Module) and backward is not None:
        raise TypeError(f"only a function needs backward=...; got {module!r}")
    generator = as_generator(rng)
    probe = _in_double(copy.deepcopy(module))
    arguments = nested_map(_double, inputs)
    seed = int(generator.integers(2**63))
    run = copy.deepcopy(probe)
    output = _call(run, arguments, seed)
    weights = nested_map(lambda out: _weights(out, generator), output)
    name = getattr(module, "__name__", type(module).__name__)
    projection = weights_in_a_row(name, weights)
    answer = _answer(output, backward, weights, arguments)
    forward = module.forward if isinstance(module, nn.Module) else module

    def outputs() -> list[Any]:
        with torch.no_grad():
            out = _call(copy.deepcopy(probe), arguments, seed)
        return [o.numpy() for _, o, w in pairs(out, weights, "") if w is not None]

    return check_claims(
        name,
        [*claims_on_inputs(forward, arguments, answer, _floats), *_on_parameters(probe, run)],
        outputs,
        [w.numpy() for w in projection],
        Tolerance(eps, rtol, atol, max_entries),
        generator,
    )


def _floats(value: Any) -> Any:
    """A float tensor as an array that shares its memory; `None` for anything else."""
    return _detached(value) if isinstance(value, Tensor) and value.is_floating_point() else None


def _detached(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value


def _double(value: Any) -> Any:
    """A float tensor as a float64 copy that asks for its gradient; anything else as it is."""
    if not isinstance(value, Tensor) or not value.is_floating_point():
        return value
    return value.detach().to("cpu", torch.float64, copy=True).requires_grad_()


def _in_double(module: Any) -> Any:
    if isinstance(module, nn.Module):
        module.to("cpu", torch.float64).zero_grad()
    return module


def _call(run: Any, arguments: tuple[Any, ...], seed: int) -> Any:
    """The output, with the same random numbers each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return run(*arguments)


def _weights(output: Any, rng: np.random.Generator) -> Any:
    """Random numbers in the shape of an output; `None` for one that has no derivative."""
    if _floats(output) is None:
        return None
    return torch.from_numpy(np.asarray(rng.normal(size=tuple(output.shape))))


def _answer(
    output: Any, backward: Any, weights: Any, arguments: tuple[Any, ...]
) -> tuple[Any, ...]:
    """What backward, or autograd, says of each argument."""
    if backward is not None:
        answer = nested_map(_detached, backward(weights, *arguments))
        return answer if isinstance(answer, tuple) else (answer,)
    wanted = [(o, w) for _, o, w in pairs(output, weights, "") if w is not None]
    wanted = [(o, w) for o, w in wanted if o.requires_grad]
    torch.autograd.backward([o for o, _ in wanted], [w for _, w in wanted])
    grads = nested_map(lambda a: a.grad if isinstance(a, Tensor) else None, arguments)
    return tuple(nested_map(_detached, grads))


def _on_parameters(probe: Any, run: Any) -> Iterator[Claim]:
    if not isinstance(probe, nn.Module):
        return
    owners = {id(p): type(m).__name__ for m in probe.modules() for p in m.parameters(recurse=False)}
    for (name, p), twin in zip(probe.named_parameters(), run.parameters(), strict=True):
        if p.requires_grad:
            yield Claim(f"{name} of {owners[id(p)]}", _detached(p), _detached(twin.grad))
