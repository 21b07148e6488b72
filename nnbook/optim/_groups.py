"""Groups of parameters: what may be in one, and whether a saved one fits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nnbook.nn.parameter import Parameter
from nnbook.optim._blocks import NUMBERS
from nnbook.optim._hyperparameters import RANGES

Group = dict[str, Any]


def separate_names(param_group: Group) -> Group:
    """A copy of a group, its parameters in a list, their names (if any) in another."""
    if not isinstance(param_group, dict):
        raise TypeError(f"a group must be a dictionary, not {type(param_group).__name__}")
    if "params" not in param_group:
        raise ValueError(f"a group needs 'params'; this one has only {', '.join(param_group)}")
    params = param_group["params"]
    if isinstance(params, (set, frozenset)):
        raise TypeError("params is a set, which has no order; use a list")
    if isinstance(params, Parameter):
        params = [params]
    if not isinstance(params, Iterable):
        raise TypeError(f"params must be parameters in a row, not a {type(params).__name__}")
    group = {**param_group, "params": list(params)}
    named = [isinstance(entry, tuple) for entry in group["params"]]
    if any(named):
        if not all(named):
            raise ValueError(
                f"{sum(named)} of {len(named)} parameters have names; all must, or none"
            )
        group["param_names"] = [name for name, _ in group["params"]]
        group["params"] = [parameter for _, parameter in group["params"]]
    return group


def check_new(group: Group, others: Sequence[Group]) -> None:
    """Everything is a parameter, and stands in one place only."""
    for entry in group["params"]:
        if not isinstance(entry, Parameter):
            raise TypeError(f"only a Parameter can be optimized, not a {type(entry).__name__}")
    place = {p: f"group {i}" for i, other in enumerate(others) for p in other["params"]}
    for i, parameter in enumerate(group["params"]):
        name = f"place {i} of group {len(others)}"
        if parameter in place:
            raise ValueError(f"the same parameter stands in {place[parameter]} and at {name}")
        place[parameter] = name
    for other in others[:1]:
        if ("param_names" in group) != ("param_names" in other):
            has = "has" if "param_names" in group else "has no"
            raise ValueError(f"the new group {has} names, unlike the others; all must, or none")


def check_apart(groups: Sequence[Group]) -> None:
    """Every parameter has its values for itself. Once packed they would part, and nobody notice."""
    relatives: dict[int, list[tuple[str, Parameter]]] = {}
    for i, group in enumerate(groups):
        for j, parameter in enumerate(group["params"]):
            if not isinstance(parameter, Parameter):
                continue  # `check_new` has something to say about it
            name, near = f"place {j} of group {i}", relatives.setdefault(_owner(parameter), [])
            for other, p in near:
                if p is not parameter and np.shares_memory(p.data, parameter.data):
                    raise ValueError(
                        f"the parameters at {other} and at {name} share one array: "
                        "use one Parameter in both places"
                    )
            near.append((name, parameter))


def _owner(parameter: Parameter) -> int:
    """Which memory the values lie in: only views of the same can overlap."""
    data: Any = parameter.data
    while isinstance(data, np.ndarray) and data.base is not None:
        data = data.base
    return id(data)


def names_in(group: Group, number: int) -> list[str]:
    """What to call the parameters of a group in messages."""
    numbered = [f"parameter {i} of group {number}" for i in range(len(group["params"]))]
    names: list[str] = group.get("param_names", numbered)
    return names


def check_loaded(
    optimizer: str, groups: Sequence[Group], saved: Sequence[Group], state: Mapping[int, Any]
) -> dict[Parameter, Mapping[str, Any]]:
    """What was saved of each parameter, once it is sure that all of it fits."""
    mine, theirs = [len(g["params"]) for g in groups], [len(g["params"]) for g in saved]
    if mine != theirs:
        raise ValueError(f"{optimizer} has groups of {mine} parameters; the state_dict of {theirs}")
    faults = [
        f"group {i} has no {name}"
        for i, (group, new) in enumerate(zip(groups, saved, strict=True))
        for name in sorted(RANGES.keys() & group.keys() - new.keys())
    ]
    parameters = [p for group in groups for p in group["params"]]
    numbers = [n for group in saved for n in group["params"]]
    for number, parameter in zip(numbers, parameters, strict=True):
        for name, value in state.get(number, {}).items():
            shape, wanted = np.shape(value), () if name in NUMBERS else parameter.shape
            if shape != wanted:
                faults.append(f"{name} of parameter {number} has shape {shape}, not {wanted}")
    faults += [f"there is no parameter {n}" for n in state if n not in numbers]
    if faults:
        raise ValueError(f"{optimizer} cannot load this state_dict: {'; '.join(faults)}")
    return {p: state.get(n, {}) for n, p in zip(numbers, parameters, strict=True)}
