"""What an optimizer's options may be: one table, since a name means the same in all of them."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from nnbook.nn._checks import refuse

# By name: the smallest value, the largest, and whether the largest itself is allowed.
RANGES: dict[str, tuple[float, float, bool]] = {
    "lr": (0, np.inf, False),
    "lr_decay": (0, np.inf, False),
    "weight_decay": (0, np.inf, False),
    "eps": (0, np.inf, False),
    "momentum": (0, np.inf, False),
    "momentum_decay": (0, np.inf, False),
    "dampening": (-np.inf, np.inf, False),
    "initial_accumulator_value": (0, np.inf, False),
    "alpha": (0, np.inf, False),
    "rho": (0, 1, True),
    "betas": (0, 1, False),
}
# PyTorch's ways to be fast on its devices. Here there is one way only.
REFUSED = ("foreach", "fused", "capturable", "differentiable")


def check(optimizer: str, options: Mapping[str, Any]) -> None:
    """Every option is a number in its range, and nothing is asked for that is not there.

    Raises:
        NotImplementedError: If an option of PyTorch is set that is not supported here.
        TypeError: If an option is not a number.
        ValueError: If a number is out of its range.
    """
    refuse(optimizer, **{name: options.get(name) for name in REFUSED})
    for name in (name for name in RANGES if name in options):
        if name != "betas":
            _check_number(name, options[name], name)
            continue
        if not isinstance(options[name], (tuple, list)) or len(options[name]) != 2:
            raise ValueError(f"betas is {options[name]!r}; it must be a pair of numbers")
        for i, beta in enumerate(options[name]):
            _check_number(f"betas[{i}]", beta, name)


def _check_number(label: str, value: Any, name: str) -> None:
    smallest, largest, inclusive = RANGES[name]
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{label} must be a number, not {value!r}")
    if not (smallest <= float(value) < largest or (inclusive and value == largest)):
        bracket = "]" if inclusive else ")"
        raise ValueError(f"{label} is {value}; it must lie in [{smallest}, {largest}{bracket}")


def plain(value: Any) -> Any:
    """A number as Python's own: NumPy's float64 would turn float32 arrays into float64."""
    if type(value) in (float, int, bool, type(None)):
        return value
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        return value.item()
    return type(value)(map(plain, value)) if type(value) in (tuple, list) else value
