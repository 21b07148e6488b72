"""The one shape in which all data sets come."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Inputs `x` (N, d) with their targets `y` (N,), and what the columns and classes are called.

    It unpacks into its two arrays.

    Examples:
        >>> import numpy as np
        >>> dataset = Dataset(np.zeros((4, 2)), np.array([0, 1, 1, 0]), ("a", "b"), ("no", "yes"))
        >>> x, y = dataset
        >>> x.shape, y.shape, len(dataset)
        ((4, 2), (4,), 4)
        >>> dataset
        Dataset(4 examples, 2 features, classes: no, yes)
    """

    x: NDArray[Any]
    y: NDArray[Any]
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError(f"x has {len(self.x)} examples; y has {len(self.y)}")

    def __iter__(self) -> Iterator[NDArray[Any]]:
        yield self.x
        yield self.y

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        targets = f"classes: {', '.join(self.target_names)}" if self.target_names else "regression"
        return f"Dataset({len(self)} examples, {self.x.shape[1]} features, {targets})"
