"""Schedules: how the learning rate changes as training goes on.

Examples:
    >>> import numpy as np
    >>> from nnbook import nn, optim
    >>> optimizer = optim.SGD([nn.Parameter(np.zeros(2))], lr=0.1)
    >>> scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for epoch in range(5):
    ...     print(scheduler.get_last_lr())
    ...     optimizer.step()
    ...     scheduler.step()
    [0.1]
    [0.1]
    [0.05]
    [0.05]
    [0.025]
"""

from nnbook.optim.lr_scheduler.cosine import CosineAnnealingLR
from nnbook.optim.lr_scheduler.cycle import OneCycleLR
from nnbook.optim.lr_scheduler.decay import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    StepLR,
)
from nnbook.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nnbook.optim.lr_scheduler.scheduler import LRScheduler
from nnbook.optim.lr_scheduler.sequence import SequentialLR

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
