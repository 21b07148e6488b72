"""What every optimizer is: groups of parameters with their options, a memory, and a rule.

A subclass writes two short methods. `initial_state` says what it remembers of each number from one
step to the next, and `update` is the algorithm. All else stands here and in `_blocks`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from nnbook.nn.parameter import Parameter
from nnbook.optim._blocks import State, pack
from nnbook.optim._groups import check_apart, check_loaded, check_new, names_in, separate_names
from nnbook.optim._hyperparameters import check, plain

Params: TypeAlias = Iterable[Parameter] | Iterable[tuple[str, Parameter]] | Iterable[dict[str, Any]]

NOT_FOR_THE_RULE = ("params", "param_names", "maximize")


class Optimizer:
    r"""The base of all optimizers.

    An optimizer looks at the gradients of its parameters and moves the parameters. A parameter
    without a gradient stays as it is, and so does what is remembered of it.

    When an optimizer is made, it packs its parameters into a few long arrays, of which each
    `parameter.data` becomes a view. An array that somebody assigns to `parameter.data` later is
    taken over, by its values, before the next step.

    Args:
        params: The parameters: in a row, as `model.parameters()` gives them, with names, as
            `model.named_parameters()` does, or as dictionaries, one for each group, with the
            parameters at `"params"` and at other keys the options in which the group differs.
        defaults: The options of all groups that say nothing else.

    Attributes:
        param_groups: One dictionary per group: its parameters and its options, such as `lr`. An
            option may be changed between steps.
        defaults: The options that were given.

    Raises:
        ValueError: If there are no parameters, if one stands in two places, or if an option is out
            of its range.
        TypeError: If something is not a `Parameter`, or an option not a number.
        NotImplementedError: If an option of PyTorch is set that is not supported here.

    Examples:
        An optimizer of your own, that only looks at the signs of the gradients:

        >>> from nnbook import nn, optim
        >>> class SignSGD(optim.Optimizer):
        ...     def __init__(self, params, lr=0.1):
        ...         super().__init__(params, {"lr": lr})
        ...
        ...     def update(self, theta, g, state, *, lr, **_):
        ...         theta -= lr * np.sign(g)
        >>> weight = nn.Parameter(np.array([1.0, 2.0]))
        >>> optimizer = SignSGD([weight])
        >>> weight.grad = np.array([30.0, -0.01])
        >>> optimizer.step()
        >>> weight.data
        array([0.9, 2.1])
    """

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        self.defaults = {name: plain(value) for name, value in defaults.items()}
        check(type(self).__name__, self.defaults)
        self.param_groups: list[dict[str, Any]] = []
        self._blocks: list[list[Any]] = []  # one list of blocks for each group
        if isinstance(params, Parameter) or not isinstance(params, Iterable):
            what = type(params).__name__
            raise TypeError(f"params must be parameters in a row, such as a list, not one {what}")
        given: list[Any] = list(params)
        if not given:
            raise ValueError("params is empty; an optimizer needs something to optimize")
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        groups = [separate_names(group) for group in groups]
        check_apart(groups)
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own, such as those of a layer that was thawed.

        Args:
            param_group: The parameters at `"params"`, and the options in which they differ.

        Raises:
            ValueError: If a parameter belongs to a group already, or an option is out of its range.
            TypeError: If something is not a `Parameter`, or an option not a number.
        """
        group = separate_names(param_group)
        check_new(group, self.param_groups)
        check_apart([*self.param_groups, group])
        given = {name: plain(value) for name, value in group.items() if name != "params"}
        check(type(self).__name__, given)
        group = {"params": group["params"], **given}
        group |= {k: v for k, v in self.defaults.items() if k not in group}
        self._blocks.append(pack(group["params"], names_in(group, len(self.param_groups))))
        self.param_groups.append(group)

    # What a subclass writes

    def initial_state(self, group: dict[str, Any]) -> dict[str, float | None]:
        """What is remembered, by PyTorch's names, and with which value it begins.

        `None` is a beginning, too: `update` finds it, and puts an array in its place.
        """
        del group
        return {}

    def update(self, *args: Any, **kwargs: Any) -> None:
        r"""One step of the algorithm: `update(theta, g, state, *, lr, ...)`.

        Args:
            *args: The parameters $\theta$, (n,), to be changed in place; their gradients $g$, (n,),
                not to be changed; and a dictionary of what is remembered, to be changed in place.
            **kwargs: The options of the group.
        """
        raise NotImplementedError(f"{type(self).__name__} has no update")

    # Steps

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move all parameters that have a gradient.

        Args:
            closure: Something to call first, that computes the gradients and returns the loss.

        Returns:
            What `closure` returned.

        Raises:
            ValueError: If a gradient, or an array assigned to `parameter.data`, has a wrong shape.
            TypeError: If it has a wrong dtype. In either case nothing is moved.
            RuntimeError: If parameters were put into or taken out of `param_groups` by hand.
        """
        loss = None if closure is None else closure()
        self._check_groups()
        for block in (block for blocks in self._blocks for block in blocks):
            block.check()
        with np.errstate(all="ignore"):  # numbers that overflow become inf, as in PyTorch
            for group, blocks in zip(self.param_groups, self._blocks, strict=True):
                options = {k: plain(v) for k, v in group.items() if k not in NOT_FOR_THE_RULE}
                rule = self._ascent if group.get("maximize") else self.update
                update, start = partial(rule, **options), self.initial_state(group)
                for block in blocks:
                    block.step(update, start)
        return loss

    def _check_groups(self) -> None:
        held = [[p for block in blocks for p in block.parameters] for blocks in self._blocks]
        given = [group["params"] for group in self.param_groups]
        if [list(map(id, ps)) for ps in held] != [list(map(id, ps)) for ps in given]:
            raise RuntimeError(
                f"param_groups holds groups of {[len(ps) for ps in given]} parameters; packed were "
                f"groups of {[len(ps) for ps in held]}, perhaps others: add with add_param_group, "
                "and leave some out by making a new optimizer"
            )

    def _ascent(self, theta: Any, g: Any, state: State, **options: Any) -> None:
        self.update(theta, -g, state, **options)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, before those of the next batch are added to them.

        Args:
            set_to_none: Whether `grad` becomes `None`, rather than an array of zeros. With zeros
                a parameter still moves, if the optimizer remembers where it was heading.
        """
        for parameter in (p for group in self.param_groups for p in group["params"]):
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else np.zeros_like(parameter.grad)

    # Saving and loading

    @property
    def state(self) -> Mapping[Parameter, dict[str, Any]]:
        """What is remembered of each parameter that has taken a step.

        The dictionaries are for reading: put new things there with `load_state_dict`. The arrays
        in them may be changed in place.
        """
        blocks = [block for blocks in self._blocks for block in blocks]
        found = (entry for block in blocks for entry in block.remembered())
        return MappingProxyType({p: state for p, state in found if state})

    def state_dict(self) -> dict[str, Any]:
        """Copies of all that is remembered, and the options, in PyTorch's form.

        Returns:
            At `"state"` what is remembered, by the number of the parameter, and at
            `"param_groups"` the options, with those numbers instead of parameters.
        """
        parameters = [p for group in self.param_groups for p in group["params"]]
        number = {parameter: i for i, parameter in enumerate(parameters)}
        groups = [dict(group, params=[number[p] for p in group["params"]]) for group in
                  self.param_groups]  # fmt: skip
        state = {
            number[parameter]: {k: v.copy() if isinstance(v, np.ndarray) else v
                                for k, v in state.items()}
            for parameter, state in self.state.items()
        }  # fmt: skip
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another optimizer, over the same parameters in the same order, stopped.

        Args:
            state_dict: What its `state_dict()` gave: of ours, or of PyTorch's with arrays for
                tensors.

        Raises:
            ValueError: If it does not fit; then nothing is loaded.
        """
        missing = [key for key in ("state", "param_groups") if key not in state_dict]
        if missing:
            raise ValueError(f"the state_dict has no {missing[0]!r}, but {list(state_dict)}")
        saved = [{k: plain(v) if k != "params" else v for k, v in group.items()}
                 for group in state_dict["param_groups"]]  # fmt: skip
        state = check_loaded(type(self).__name__, self.param_groups, saved, state_dict["state"])
        for group in saved:
            check(type(self).__name__, group)
        for group, new in zip(self.param_groups, saved, strict=True):
            mine = {k: v for k, v in group.items() if k in ("params", "param_names")}
            group.clear()
            group.update({**self.defaults, **new, **mine})
        for block in (block for blocks in self._blocks for block in blocks):
            block.remember([state[p] for p in block.parameters])

    def __getstate__(self) -> dict[str, Any]:
        # In a copy, a view is an array of its own. So a copy packs its parameters anew.
        return {"defaults": self.defaults, "param_groups": self.param_groups,
                "saved": self.state_dict()}  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.defaults, self.param_groups = state["defaults"], state["param_groups"]
        self._blocks = [pack(group["params"], names_in(group, i))
                        for i, group in enumerate(self.param_groups)]  # fmt: skip
        self.load_state_dict(state["saved"])

    def __repr__(self) -> str:
        lines = []
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}"]
            lines += [f"    {k}: {v}" for k, v in sorted(group.items()) if k != "params"]
            lines += [""]
        return f"{type(self).__name__} (\n" + "\n".join(lines)[:-1] + "\n)"
