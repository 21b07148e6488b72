r"""Is this `backward` right? Derivatives by hand against differences that need no calculus.

Whoever has written a `backward` asks this first. Move one number $x$ a little both ways and see how
the output follows: $(f(x + \varepsilon) - f(x - \varepsilon)) / 2\varepsilon$ is its derivative, up
to an error of the order of $\varepsilon^2$. It costs two evaluations for every single number, which
is why networks learn by `backward`, and are only checked by differences.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

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
from nnbook.nn.module import Module

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
    r"""Compare `backward` with central differences, by all inputs and parameters.

    Outputs of any shape become one number $L$, their sum with fixed random weights; a gradient that
    is right for random weights is right for all. The check works in float64 on a copy of the
    module: the module itself, its gradients and its random generators stay as they are, and dropout
    drops the same units each time.

    Args:
        module: A module, a loss, or a function with `backward` given.
        *inputs: What it is called with: arrays, or tuples of arrays. By whole numbers, by truth
            values and by a `target` for which `backward` answers nothing there is no gradient.
        backward: Only for a function: `backward(grad_output, *inputs)` answers its gradients.
        eps: The step $\varepsilon$.
        rtol: How far a derivative may be off, as a fraction of the difference.
        atol: How far it may be off on top of that.
        max_entries: Of arrays with more entries than this, so many are checked, chosen at random.
        rng: A seed or generator for this choice and for the weights.

    Returns:
        A report, which says how many derivatives agreed.

    Raises:
        GradientError: If a derivative disagrees. It is an `AssertionError`, and names them, the
            worst first.
        TypeError: If a function comes without a `backward`, or a module with one.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> gradcheck(nn.Linear(3, 2, rng=0), np.ones((4, 3)))
        GradientReport(20 derivatives agree, by x, weight of Linear, bias of Linear)
        >>> def square(x):
        ...     return x**2
        >>> gradcheck(square, np.array([1.0, -3.0]), backward=lambda grad, x: grad * 2 * x)
        GradientReport(2 derivatives agree, by x)
        >>> gradcheck(square, np.array([1.0, 0.0]), backward=lambda grad, x: grad * x)
        Traceback (most recent call last):
        nnbook._gradcheck.GradientError: square: 1 of 2 derivatives disagree, the worst first
          by x at (0,): backward says 0.1257, differences say 0.2515
    """
    if isinstance(module, Module) != (backward is None):
        raise TypeError(f"a function needs backward=..., and only a function; got {module!r}")
    generator = as_generator(rng)
    probe = _in_double(copy.deepcopy(module))
    arguments = nested_map(_double, tuple(_as_array(value) for value in inputs))
    run = copy.deepcopy(probe)
    weights = nested_map(lambda out: _weights(out, generator), run(*arguments))
    name = getattr(module, "__name__", type(module).__name__)
    projection = weights_in_a_row(name, weights)
    answer = _answer(run, backward, weights, arguments)
    forward = module.forward if isinstance(module, Module) else module

    def outputs() -> list[Any]:
        out = copy.deepcopy(probe)(*arguments)  # a fresh copy draws the same random numbers
        return [o for _, o, w in pairs(out, weights, "") if w is not None]

    return check_claims(
        name,
        [*claims_on_inputs(forward, arguments, answer, _floats), *_on_parameters(probe, run)],
        outputs,
        projection,
        Tolerance(eps, rtol, atol, max_entries),
        generator,
    )


def _floats(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) and value.dtype.kind == "f" else None


def _as_array(value: Any) -> Any:
    """Numbers in a list become an array; arrays in a list stay one by one."""
    return (
        np.asarray(value)
        if isinstance(value, list) and not any(isinstance(v, np.ndarray) for v in value)
        else value
    )


def _double(value: Any) -> Any:
    """Floats as a float64 copy that may be changed; anything else as it is."""
    is_float = isinstance(value, float) or _floats(value) is not None
    return np.array(value, dtype=np.float64) if is_float else value


def _in_double(module: Any) -> Any:
    for part in module.modules() if isinstance(module, Module) else ():
        part.save_for_backward()  # what an earlier forward left need not be copied each time
        part.input_requires_grad = True
        for name, value in vars(part).items():
            if isinstance(value, np.ndarray):  # buffers
                setattr(part, name, _double(value))
    for parameter in module.parameters() if isinstance(module, Module) else ():
        parameter.data, parameter.grad = _double(parameter.data), None
    return module


def _weights(output: Any, rng: np.random.Generator) -> Any:
    """Random numbers in the shape of an output; `None` for one that has no derivative."""
    if output is None or np.asarray(output).dtype.kind != "f":
        return None
    return np.asarray(rng.normal(size=np.shape(output)))


def _answer(run: Any, backward: Any, weights: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """What backward says of each argument."""
    if backward is not None:
        answer = backward(weights, *arguments)
    else:
        answer = run.backward(*weights) if isinstance(weights, tuple) else run.backward(weights)
    if not isinstance(answer, tuple):
        return (answer,)
    if len(arguments) == 1 < len(answer) and isinstance(arguments[0], tuple):
        return (answer,)  # one argument that is itself a tuple
    return answer


def _on_parameters(probe: Any, run: Any) -> Iterator[Claim]:
    if not isinstance(probe, Module):
        return
    owners = {id(p): type(m).__name__ for m in probe.modules() for p in vars(m).values()}
    for (name, p), twin in zip(probe.named_parameters(), run.parameters(), strict=True):
        if p.requires_grad:
            yield Claim(f"{name} of {owners[id(p)]}", p.data, twin.grad)
