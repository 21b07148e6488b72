"""What is learned: an array, and what the loss says of it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._floats import FloatArray, as_floats


class Parameter:
    """An array to be learned, with its gradient.

    Attributes:
        data: The values.
        grad: What `backward` has added up since the last `zero_grad`, in the shape of `data`;
            `None` if it has not run.
        requires_grad: Set it to false to freeze the parameter: `backward` passes it by. Optimizers
            move what has a gradient, so one that is there already has to be set to `None`.

    Raises:
        TypeError: If `data` does not hold real numbers.

    Examples:
        >>> from nnbook import nn
        >>> bias = nn.Parameter(np.zeros(2))
        >>> bias.add_grad(np.array([1.0, 2.0]))
        >>> bias.add_grad(np.array([1.0, 2.0]))
        >>> bias.grad
        array([2., 4.])
    """

    __slots__ = ("data", "grad", "requires_grad")

    def __init__(self, data: ArrayLike, requires_grad: bool = True) -> None:
        self.data: FloatArray = as_floats(data)
        self.grad: FloatArray | None = None
        self.requires_grad = requires_grad

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values."""
        return self.data.dtype

    def add_grad(self, grad: FloatArray) -> None:
        """Add to the gradient; a parameter that is used twice is told so twice.

        Raises:
            ValueError: If `grad` does not have the shape of the values.
        """
        if np.shape(grad) != self.data.shape:
            raise ValueError(f"grad has shape {np.shape(grad)}; the parameter has {self.shape}")
        if self.requires_grad:
            # A new array each time, for the old one, or the one given, may be somebody else's too.
            with np.errstate(all="ignore"):  # inf - inf = nan, as in PyTorch
                self.grad = np.array(grad if self.grad is None else self.grad + grad)

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy, and one that is pickled, begins without a gradient, as in PyTorch.
        return type(self), (self.data, self.requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{self.data!r}"
