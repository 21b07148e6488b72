"""One schedule after another, such as a warm-up and what comes after it."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from nnbook.nn._checks import refuse
from nnbook.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nnbook.optim.lr_scheduler.scheduler import LRScheduler, check_optimizer
from nnbook.optim.optimizer import Optimizer


class SequentialLR(LRScheduler):
    """Several schedules, each in its turn; each begins with the first learning rate.

    Args:
        optimizer: Whose learning rates to set.
        schedulers: The schedules, all for this optimizer.
        milestones: The epochs at which the second begins, the third, and so on.
        last_epoch: Not supported, except for -1.

    Raises:
        TypeError: If something is not a schedule.
        ValueError: If the numbers of schedules and milestones do not fit, or a schedule is for
            another optimizer.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.8)
        >>> warm_up = optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
        >>> decay = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> scheduler = optim.lr_scheduler.SequentialLR(optimizer, [warm_up, decay], [2])
        >>> for _ in range(5):
        ...     print(f"{scheduler.get_last_lr()[0]:.2f}")
        ...     scheduler.step()
        0.40
        0.60
        0.80
        0.40
        0.20
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = check_optimizer("SequentialLR", optimizer)
        refuse("SequentialLR", last_epoch=None if last_epoch == -1 else last_epoch)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"{len(schedulers)} schedules need {len(schedulers) - 1} milestones between them; "
                f"got {len(milestones)}"
            )
        for i, scheduler in enumerate(schedulers):
            _check(scheduler, optimizer, f"schedulers[{i}]")
        self._schedulers, self._milestones = list(schedulers), list(milestones)
        self.last_epoch = 0
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for scheduler in schedulers:  # each began when it was made, and now waits for its turn
            scheduler.last_epoch = -1
        self._now()._begin()

    def _now(self) -> LRScheduler:
        return self._schedulers[bisect_right(self._milestones, self.last_epoch)]

    def step(self, epoch: None = None) -> None:
        """Go on to the next epoch, with the schedule whose turn it is."""
        refuse("SequentialLR.step", epoch=epoch)
        self.last_epoch += 1
        if self.last_epoch in self._milestones:
            self._now()._restart()
        else:
            self._now().step()

    def get_last_lr(self) -> list[float]:
        """The learning rate of each group, as the schedule of this epoch has set it."""
        return self._now().get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """Copies of all that the schedules know, except for the optimizer."""
        states = [scheduler.state_dict() for scheduler in self._schedulers]
        return {"last_epoch": self.last_epoch, "_milestones": list(self._milestones),
                "_schedulers": states}  # fmt: skip

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another sequence of the same schedules stopped.

        Args:
            state_dict: What its `state_dict()` gave.

        Raises:
            ValueError: If it is that of another kind.
        """
        states = state_dict.get("_schedulers", [])
        if len(states) != len(self._schedulers):
            raise ValueError(
                f"the sequence has {len(self._schedulers)} schedules; the state_dict has "
                f"{len(states)}"
            )
        for scheduler, state in zip(self._schedulers, states, strict=True):
            scheduler.load_state_dict(state)
        self.last_epoch = state_dict["last_epoch"]
        self._milestones = list(state_dict["_milestones"])


def _check(scheduler: object, optimizer: Optimizer, name: str) -> None:
    if not isinstance(scheduler, LRScheduler):
        raise TypeError(f"{name} is a {type(scheduler).__name__}, not a schedule")
    if isinstance(scheduler, (ReduceLROnPlateau, SequentialLR)):
        raise ValueError(
            f"{name} is a {type(scheduler).__name__}, which has no place in a sequence"
        )
    if scheduler.optimizer is not optimizer:
        raise ValueError(f"{name} belongs to another optimizer")
