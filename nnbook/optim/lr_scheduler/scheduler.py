"""What every schedule is: a count of epochs, and the next learning rate for each group."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from nnbook.nn._checks import refuse
from nnbook.optim.optimizer import Optimizer


class LRScheduler:
    r"""The base of all schedules.

    A schedule holds on to an optimizer and sets the `lr` of its groups, at first when it is made
    and then with each `step`. Most schedules multiply the rate that they find. So several of them
    can work on one optimizer, and their factors multiply.

    Args:
        optimizer: Whose learning rates to set.
        last_epoch: The last epoch before this one, to go on in the middle; -1 to begin.

    Attributes:
        optimizer: The optimizer.
        base_lrs: The learning rate of each group with which all began; the group keeps it at
            `"initial_lr"`.
        last_epoch: The number of the epoch that is on.

    Raises:
        TypeError: If there is no optimizer.
        ValueError: If it is to go on in the middle, and a group does not know its `initial_lr`.

    Examples:
        A schedule of your own says what becomes of a rate `lr`:

        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> class Halve(optim.lr_scheduler.LRScheduler):
        ...     def next_lr(self, lr, base_lr):
        ...         return lr if self.last_epoch == 0 else lr / 2
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.1)
        >>> scheduler = Halve(optimizer)
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.05]
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = check_optimizer(type(self).__name__, optimizer)
        if isinstance(last_epoch, bool) or not isinstance(last_epoch, int) or last_epoch < -1:
            raise ValueError(f"last_epoch is {last_epoch!r}; it must be -1 or the number of one")
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"last_epoch is {last_epoch}, but group {i} has no 'initial_lr': load the "
                    "optimizer's state_dict first, or begin with last_epoch=-1"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def next_lr(self, lr: float, base_lr: float) -> float:
        """The learning rate of epoch `last_epoch`, of a group that has `lr` now.

        Args:
            lr: The rate of the epoch before.
            base_lr: The rate with which all began.
        """
        raise NotImplementedError(f"{type(self).__name__} has no next_lr")

    def first_lr(self, lr: float, base_lr: float) -> float:
        """As `next_lr`, for the epoch in which the schedule is made, or goes on."""
        return self.next_lr(lr, base_lr)

    def step(self, epoch: None = None) -> None:
        """Go on to the next epoch, and set the learning rates; after `optimizer.step()`.

        Args:
            epoch: Not supported; PyTorch itself advises against it.
        """
        refuse(f"{type(self).__name__}.step", epoch=epoch)
        self.last_epoch += 1
        self._set(self.get_lr())

    def get_lr(self, first: bool = False) -> list[float]:
        """The learning rate of each group in epoch `last_epoch`; for `step` to ask.

        Args:
            first: Whether this is the epoch in which the schedule is made, or goes on.
        """
        groups, rule = self.optimizer.param_groups, self.first_lr if first else self.next_lr
        if len(groups) != len(self.base_lrs):
            raise ValueError(
                f"the optimizer has {len(groups)} groups; {type(self).__name__} was made for "
                f"{len(self.base_lrs)}"
            )
        return [rule(g["lr"], base) for g, base in zip(groups, self.base_lrs, strict=True)]

    def _begin(self) -> None:
        self.last_epoch += 1
        self._set(self.get_lr(first=True))

    def _restart(self) -> None:
        """Begin from the beginning, where another schedule stops."""
        self._set(self.base_lrs)
        self.last_epoch = -1
        self._begin()

    def _set(self, rates: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = list(rates)

    def get_last_lr(self) -> list[float]:
        """The learning rate of each group, as this schedule has set it."""
        return list(self._last_lr)

    def state_dict(self) -> dict[str, Any]:
        """Copies of all that the schedule knows, except for the optimizer."""
        state = {name: value for name, value in vars(self).items() if name != "optimizer"}
        return copy.deepcopy(state)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another schedule of this kind stopped.

        The learning rates themselves are the optimizer's to save and to load.

        Args:
            state_dict: What its `state_dict()` gave.

        Raises:
            ValueError: If it is that of another kind.
        """
        mine, theirs = set(vars(self)) - {"optimizer"}, set(state_dict)
        if mine != theirs:
            raise ValueError(
                f"{type(self).__name__} has {', '.join(sorted(mine))}; the state_dict has "
                f"{', '.join(sorted(theirs))}"
            )
        vars(self).update(copy.deepcopy(dict(state_dict)))


def check_optimizer(schedule: str, optimizer: object) -> Optimizer:
    """The optimizer, once it is sure that it is one.

    Examples:
        >>> check_optimizer("StepLR", 0.1)
        Traceback (most recent call last):
        TypeError: StepLR needs an Optimizer, not a float
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{schedule} needs an Optimizer, not a {type(optimizer).__name__}")
    return optimizer


def per_group(name: str, value: float | Sequence[float], optimizer: Optimizer) -> list[float]:
    """One number for each group, from one for all or from one for each.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> per_group("max_lr", 0.1, optim.SGD([nn.Parameter(np.zeros(2))]))
        [0.1]
    """
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups  # type: ignore[list-item]
    if len(value) != groups:
        raise ValueError(f"{name} has {len(value)} values; the optimizer has {groups} groups")
    return list(value)
