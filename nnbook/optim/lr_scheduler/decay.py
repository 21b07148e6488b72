"""Schedules that multiply the learning rate: now and then, every time, or along a line."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nnbook.nn._checks import positive, whole
from nnbook.optim.lr_scheduler.scheduler import LRScheduler, check_optimizer
from nnbook.optim.optimizer import Optimizer

Factor = Callable[[int], float]


class StepLR(LRScheduler):
    r"""A factor every few epochs: $\gamma_t = \gamma_0\, g^{\lfloor t / s \rfloor}$.

    Args:
        optimizer: Whose learning rates to set.
        step_size: After how many epochs, $s$.
        gamma: The factor $g$.
        last_epoch: See `LRScheduler`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.8)
        >>> scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
        >>> for _ in range(4):
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [0.2]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        positive(step_size=step_size)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base_lr: float) -> float:
        """A smaller one every `step_size` epochs."""
        del base_lr
        due = self.last_epoch > 0 and self.last_epoch % self.step_size == 0
        return lr * self.gamma if due else lr


class MultiStepLR(LRScheduler):
    """A factor at each of some epochs.

    Args:
        optimizer: Whose learning rates to set.
        milestones: The epochs. One that is named twice counts twice.
        gamma: The factor.
        last_epoch: See `LRScheduler`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.8)
        >>> scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
        >>> for _ in range(3):
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [0.2]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        for milestone in self.milestones:
            whole(milestone=milestone)
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base_lr: float) -> float:
        """A smaller one at each milestone."""
        del base_lr
        return lr * self.gamma ** self.milestones[self.last_epoch]


class ExponentialLR(LRScheduler):
    r"""A factor every epoch: $\gamma_t = \gamma_0\, g^t$.

    Args:
        optimizer: Whose learning rates to set.
        gamma: The factor $g$.
        last_epoch: See `LRScheduler`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.8)
        >>> scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> for _ in range(3):
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [0.1]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base_lr: float) -> float:
        """A smaller one every time."""
        del base_lr
        return lr * self.gamma

    def first_lr(self, lr: float, base_lr: float) -> float:
        """The one that is there."""
        del base_lr
        return lr


class ConstantLR(LRScheduler):
    """A smaller learning rate for the first epochs.

    Args:
        optimizer: Whose learning rates to set.
        factor: By how much smaller, from 0 (not included) to 1.
        total_iters: For how many epochs.
        last_epoch: See `LRScheduler`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.8)
        >>> scheduler = optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
        >>> for _ in range(3):
        ...     print(scheduler.get_last_lr())
        ...     scheduler.step()
        [0.4]
        [0.4]
        [0.8]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < factor <= 1:  # PyTorch lets 0 pass, and divides by it at the end
            raise ValueError(f"factor is {factor}; it must lie above 0 and not above 1")
        whole(total_iters=total_iters)
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base_lr: float) -> float:
        """Smaller at first, as large as it was when the time has come."""
        del base_lr
        if self.last_epoch == 0:
            return lr * self.factor
        return lr / self.factor if self.last_epoch == self.total_iters else lr


class LinearLR(LRScheduler):
    r"""A factor that changes along a line, often to warm up.

    Args:
        optimizer: Whose learning rates to set.
        start_factor: The factor at the beginning, from 0 (not included) to 1.
        end_factor: The factor at the end, from 0 to 1.
        total_iters: After how many epochs the end is reached.
        last_epoch: See `LRScheduler`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.8)
        >>> scheduler = optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
        >>> for _ in range(4):
        ...     print(f"{scheduler.get_last_lr()[0]:.2f}")
        ...     scheduler.step()
        0.40
        0.60
        0.80
        0.80
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1.0 / 3, end_factor: float = 1.0,
        total_iters: int = 5, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if not 0 < start_factor <= 1:
            raise ValueError(f"start_factor is {start_factor}; it must lie above 0, up to 1")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"end_factor is {end_factor}; it must lie between 0 and 1")
        whole(total_iters=total_iters)
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base_lr: float) -> float:
        """By this epoch's factor over that of the epoch before."""
        if self.last_epoch == 0:
            return self.first_lr(lr, base_lr)
        if self.last_epoch > self.total_iters:
            return lr
        slope = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * slope
        return lr * (1 + slope / before)

    def first_lr(self, lr: float, base_lr: float) -> float:
        """By the first factor, unless it goes on in the middle."""
        del base_lr
        return lr * self.start_factor if self.last_epoch == 0 else lr


class LambdaLR(LRScheduler):
    """A factor that you compute from the epoch, always of the first learning rate.

    Args:
        optimizer: Whose learning rates to set.
        lr_lambda: A function from the epoch to the factor, or one for each group.
        last_epoch: See `LRScheduler`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.8)
        >>> scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
        >>> for _ in range(3):
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [0.2]
    """

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1
    ) -> None:
        groups = len(check_optimizer("LambdaLR", optimizer).param_groups)
        several = isinstance(lr_lambda, (list, tuple))
        self.lr_lambdas: list[Any] = list(lr_lambda) if several else [lr_lambda] * groups  # type: ignore[arg-type]
        if len(self.lr_lambdas) != groups:
            raise ValueError(
                f"lr_lambda has {len(self.lr_lambdas)} functions; the optimizer has {groups} groups"
            )
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"lr_lambda must be a function, not {function!r}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self, first: bool = False) -> list[float]:
        """The first rates, times the functions' factors."""
        del first
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base_lr * function(self.last_epoch) for base_lr, function in pairs]

    def state_dict(self) -> dict[str, Any]:
        """As in `LRScheduler`, without the functions."""
        return {k: v for k, v in super().state_dict().items() if k != "lr_lambdas"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """As in `LRScheduler`; the functions stay."""
        super().load_state_dict({**state_dict, "lr_lambdas": self.lr_lambdas})
