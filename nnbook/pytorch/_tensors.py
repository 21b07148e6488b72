"""Numbers into tensors without a loss, and sums that come out the same everywhere."""

from typing import Any

import numpy as np
import torch
from torch import Tensor


def tensor(values: Any) -> Tensor:
    """A tensor apart from autograd; lists get NumPy's types, for torch would halve their floats."""
    return values.detach() if isinstance(values, Tensor) else torch.from_numpy(np.array(values))


def double(values: Any) -> Tensor:
    """A float64 tensor on the processor, for not every device has float64."""
    return tensor(values).cpu().to(torch.float64)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Sums of products along the last dimension, (..., d) and (..., d) to (...).

    `a @ b` adds in an order of the processor's choice, and a score of zero may come out as 1e-17
    here and as -1e-17 there: a different answer. From left to right it is the same everywhere.
    """
    return (a * b).cumsum(dim=-1)[..., -1]
