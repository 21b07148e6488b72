"""A schedule along half a wave of the cosine: slowly at first, fast in the middle, slowly again."""

import math

from nnbook.optim.lr_scheduler.scheduler import LRScheduler
from nnbook.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    r"""From the first learning rate to a smallest one, along a cosine.

    $$\gamma_t = \gamma_\text{min} +
    \frac{\gamma_0 - \gamma_\text{min}}{2} \left(1 + \cos \frac{\pi t}{T}\right)$$

    After $T$ epochs the wave goes up again. As in PyTorch each rate is computed from the one before
    it, so that another schedule may have a say in it too.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017.

    Args:
        optimizer: Whose learning rates to set.
        T_max: How many epochs it takes to the bottom, $T$.
        eta_min: The learning rate there, $\gamma_\text{min}$.
        last_epoch: See `LRScheduler`.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn, optim
        >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.1)
        >>> scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
        >>> for _ in range(5):
        ...     print(f"{scheduler.get_last_lr()[0]:.4f}")
        ...     scheduler.step()
        0.1000
        0.0854
        0.0500
        0.0146
        0.0000
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_max: int,  # noqa: N803 - the paper's name
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if not T_max > 0:
            raise ValueError(f"T_max is {T_max}; it must be above 0")
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base_lr: float) -> float:
        """By this epoch's height of the wave over that of the epoch before."""
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # the height before was 0
            return lr + (base_lr - self.eta_min) * (1 - math.cos(math.pi / self.T_max)) / 2
        ratio = self._height(self.last_epoch) / self._height(self.last_epoch - 1)
        return self.eta_min + (lr - self.eta_min) * ratio

    def _height(self, epoch: int) -> float:
        return 1 + math.cos(math.pi * epoch / self.T_max)

    def first_lr(self, lr: float, base_lr: float) -> float:
        """The one that is there."""
        del base_lr
        return lr
