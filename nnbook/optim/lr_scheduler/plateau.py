"""A schedule that looks at how training goes, and slows down when it stands still."""

import math
from collections.abc import Sequence

from nnbook.nn._checks import one_of, refuse, whole
from nnbook.optim.lr_scheduler.scheduler import LRScheduler, check_optimizer, per_group
from nnbook.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """A smaller learning rate when a number, such as the loss, has not got better for long.

    Args:
        optimizer: Whose learning rates to set.
        mode: `"min"` if smaller is better, `"max"` if larger is.
        factor: What the learning rate is multiplied by.
        patience: How many epochs without progress are borne.
        threshold: How much better is better.
        threshold_mode: Whether that is a share of the best so far, `"rel"`, or a difference,
            `"abs"`.
        cooldown: How many epochs after a change do not count.
        min_lr: The smallest learning rate, or one for each group.
        eps: A change smaller than this is not made.

    Attributes:
        best: The best number so far.
        num_bad_epochs: For how many epochs it has not been beaten.
        cooldown_counter: How many epochs more do not count.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.1)
        >>> scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> for loss in [3.0, 2.0, 2.0, 2.0]:
        ...     scheduler.step(loss)
        >>> scheduler.get_last_lr()
        [0.05]
    """

    def __init__(
        self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10,
        threshold: float = 1e-4, threshold_mode: str = "rel", cooldown: int = 0,
        min_lr: float | Sequence[float] = 0, eps: float = 1e-8,
    ) -> None:  # fmt: skip
        self.optimizer = check_optimizer("ReduceLROnPlateau", optimizer)
        one_of("mode", mode, ("min", "max"))
        one_of("threshold_mode", threshold_mode, ("rel", "abs"))
        whole(patience=patience, cooldown=cooldown)
        if not factor < 1:
            raise ValueError(f"factor is {factor}; it must be less than 1")
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.factor, self.patience, self.cooldown, self.eps = factor, patience, cooldown, eps
        self.min_lrs = per_group("min_lr", min_lr, optimizer)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs, self.cooldown_counter, self.last_epoch = 0, 0, 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    @property
    def in_cooldown(self) -> bool:
        """Whether bad epochs do not count at the moment."""
        return self.cooldown_counter > 0

    def step(self, metrics: float, epoch: None = None) -> None:  # type: ignore[override]
        """Look at an epoch's number, and set the learning rates if it has stood still too long.

        Args:
            metrics: The number, such as the loss on the validation set.
            epoch: Not supported; PyTorch itself advises against it.
        """
        refuse("ReduceLROnPlateau.step", epoch=epoch)
        self.last_epoch += 1
        current = float(metrics)
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.num_bad_epochs, self.cooldown_counter = 0, self.cooldown
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _is_better(self, current: float) -> bool:
        sign = 1 if self.mode == "max" else -1  # a best of inf times a share of itself stays inf
        relative = self.threshold_mode == "rel"
        bar = self.best * (1 + sign * self.threshold) if relative else (
            self.best + sign * self.threshold)  # fmt: skip
        return sign * current > sign * bar

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            raise ValueError(
                f"the optimizer has {len(groups)} groups; ReduceLROnPlateau was made for "
                f"{len(self.min_lrs)}"
            )
        for group, smallest in zip(groups, self.min_lrs, strict=True):
            lr = max(group["lr"] * self.factor, smallest)
            if group["lr"] - lr > self.eps:
                group["lr"] = lr
