"""Optimizers in NumPy, under the names of `torch.optim`.

Examples:
    >>> import numpy as np
    >>> from nnbook import nn, optim
    >>> layer = nn.Linear(1, 1, rng=0)
    >>> optimizer = optim.SGD(layer.parameters(), lr=0.5)
    >>> x = np.array([[-1.0], [1.0]])
    >>> for _ in range(50):  # learn y = 2 x + 1
    ...     optimizer.zero_grad()
    ...     _ = layer.backward((layer(x) - (2 * x + 1)) / 2)
    ...     optimizer.step()
    >>> layer.weight.data.round(3), layer.bias.data.round(3)
    (array([[2.]]), array([1.]))
"""

from nnbook.optim import lr_scheduler
from nnbook.optim.adadelta import Adadelta
from nnbook.optim.adagrad import Adagrad
from nnbook.optim.adam import Adam, AdamW, NAdam
from nnbook.optim.optimizer import Optimizer
from nnbook.optim.rmsprop import RMSprop
from nnbook.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "lr_scheduler",
]
