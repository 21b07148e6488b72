"""One long cycle: up to a learning rate that nearly hurts, and down to almost none."""

import math
from collections.abc import Sequence
from typing import Any

from nnbook.nn._checks import fraction, one_of, positive
from nnbook.optim.lr_scheduler.scheduler import LRScheduler, check_optimizer, per_group
from nnbook.optim.optimizer import Optimizer

# A phase: its last step, and whose values it leads from and to; the momentum goes the other way.
Phase = tuple[float, tuple[str, str], tuple[str, str]]


class OneCycleLR(LRScheduler):
    r"""The learning rate up and down once, with `step` after every batch.

    It rises from `max_lr / div_factor` to `max_lr`, and falls to the beginning's part
    `1 / final_div_factor`. Meanwhile the momentum (Adam's $\beta_1$) falls and rises. Between two
    values $a$ and $b$ the share $p$ of the way is annealed along a cosine or a line:

    $$b + \frac{a - b}{2} (1 + \cos \pi p) \qquad \text{or} \qquad a + (b - a)\, p$$

    Source: Smith and Topin, Super-convergence: very fast training of neural networks using large
    learning rates, 2018.

    Args:
        optimizer: Whose learning rates to set.
        max_lr: The largest learning rate, or one for each group.
        total_steps: How many batches there will be in all.
        epochs: How many epochs there will be, if `total_steps` is not given.
        steps_per_epoch: How many batches each of them has.
        pct_start: Which share of the steps the rise takes.
        anneal_strategy: `"cos"` or `"linear"`.
        cycle_momentum: Whether to change the momentum, too.
        base_momentum: The smallest momentum, or one for each group.
        max_momentum: The largest momentum, or one for each group.
        div_factor: How many times smaller than `max_lr` the first learning rate is.
        final_div_factor: How many times smaller than that the last one is.
        three_phase: Whether to fall back to the first learning rate in as many steps as the rise
            took, and from there to the last.
        last_epoch: See `LRScheduler`.

    Raises:
        ValueError: If the number of steps is not said, an option is out of its range, or the
            optimizer has no momentum to change.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.1, momentum=0.9)
        >>> scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
        >>> for _ in range(10):
        ...     group = optimizer.param_groups[0]
        ...     print(f"{group['lr']:.3f} {group['momentum']:.3f}")
        ...     scheduler.step()
        0.040 0.950
        0.520 0.900
        1.000 0.850
        0.950 0.855
        0.812 0.869
        0.611 0.889
        0.389 0.911
        0.188 0.931
        0.050 0.945
        0.000 0.950
    """

    def __init__(
        self, optimizer: Optimizer, max_lr: float | Sequence[float],
        total_steps: int | None = None, epochs: int | None = None,
        steps_per_epoch: int | None = None, pct_start: float = 0.3, anneal_strategy: str = "cos",
        cycle_momentum: bool = True, base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95, div_factor: float = 25.0,
        final_div_factor: float = 1e4, three_phase: bool = False, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        check_optimizer("OneCycleLR", optimizer)
        fraction("pct_start", pct_start)
        one_of("anneal_strategy", anneal_strategy, ("cos", "linear"))
        self.total_steps = _total(total_steps, epochs, steps_per_epoch)
        self.pct_start, self.three_phase = pct_start, three_phase
        self.anneal_strategy, self.cycle_momentum = anneal_strategy, cycle_momentum
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(
                f"{type(optimizer).__name__} has no momentum to cycle; use cycle_momentum=False"
            )
        peaks = per_group("max_lr", max_lr, optimizer)
        lows = per_group("base_momentum", base_momentum, optimizer)
        highs = per_group("max_momentum", max_momentum, optimizer)
        groups = optimizer.param_groups if last_epoch == -1 else []
        for group, peak, low, high in zip(groups, peaks, lows, highs, strict=bool(groups)):
            group["initial_lr"], group["max_lr"] = peak / div_factor, peak
            group["min_lr"] = group["initial_lr"] / final_div_factor
            if cycle_momentum:
                group["max_momentum"], group["base_momentum"] = high, low
        super().__init__(optimizer, last_epoch)

    def _phases(self) -> list[Phase]:
        """The phases, with the names under which a group keeps their values."""
        rise = self.pct_start * self.total_steps
        up, low = ("initial_lr", "max_lr"), ("max_momentum", "base_momentum")
        first: Phase = (rise - 1, up, low)
        if not self.three_phase:
            return [first, (self.total_steps - 1, ("max_lr", "min_lr"), low[::-1])]
        return [
            first,
            (2 * rise - 2, up[::-1], low[::-1]),
            (self.total_steps - 1, ("initial_lr", "min_lr"), ("max_momentum", "max_momentum")),
        ]

    def get_lr(self, first: bool = False) -> list[float]:
        """The learning rates of this step; the momentum is set on the way."""
        del first
        if self.last_epoch > self.total_steps:
            raise ValueError(f"this is step {self.last_epoch}; total_steps is {self.total_steps}")
        phases, start = self._phases(), 0.0
        while self.last_epoch > phases[0][0] and len(phases) > 1:
            start = phases.pop(0)[0]
        end, rates, momenta = phases[0]
        if end == start:
            raise ValueError(
                f"total_steps={self.total_steps} and pct_start={self.pct_start} leave a phase "
                f"without steps, from {start} to {end}"
            )
        share = (self.last_epoch - start) / (end - start)
        for group in self.optimizer.param_groups if self.cycle_momentum else []:
            _set_momentum(group, self._anneal(group, momenta, share))
        return [self._anneal(group, rates, share) for group in self.optimizer.param_groups]

    def _anneal(self, group: dict[str, Any], names: tuple[str, str], share: float) -> float:
        start, end = group[names[0]], group[names[1]]
        if self.anneal_strategy == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


def _total(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    if total_steps is not None:
        positive(total_steps=total_steps)
        return total_steps
    if epochs is None or steps_per_epoch is None:
        raise ValueError(
            "say how many steps there are: total_steps, or epochs and steps_per_epoch; got "
            f"epochs={epochs}, steps_per_epoch={steps_per_epoch}"
        )
    positive(epochs=epochs, steps_per_epoch=steps_per_epoch)
    return epochs * steps_per_epoch


def _set_momentum(group: dict[str, Any], momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum
