"""A data set in small portions, for a descent that takes many small steps."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnbook._rng import as_generator
from nnbook.data.dataset import Dataset


class Loader:
    """Goes through a data set in minibatches, in a new random order each time if asked to.

    Args:
        data: A `Dataset`, a tuple (or a list) of arrays with one row for each of N examples, or one
            array.
            What can be indexed as an array is taken as it is, such as a tensor.
        batch_size: The number of examples in a batch.
        shuffle: Whether each round visits the examples in a new order. If not, batches are views
            of the arrays, and nothing is copied.
        drop_last: Whether to leave out the last batch if it is smaller than the others.
        rng: A seed or generator for the order; needed only to shuffle.

    Attributes:
        arrays: The arrays, whole.

    Raises:
        ValueError: If `batch_size` is not at least 1, or the arrays differ in length.
        TypeError: If `shuffle` is asked for without an `rng`.

    Examples:
        >>> from nnbook import data
        >>> loader = data.Loader(data.circle(10), batch_size=4, shuffle=True, rng=0)
        >>> [(x.shape, y.shape) for x, y in loader]
        [((4, 2), (4,)), ((4, 2), (4,)), ((2, 2), (2,))]
        >>> [batch.tolist() for batch in data.Loader(np.arange(5), batch_size=2)]
        [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        data: Any,
        batch_size: int,
        *,
        shuffle: bool = False,
        drop_last: bool = False,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        if not isinstance(batch_size, (int, np.integer)) or isinstance(batch_size, bool):
            raise TypeError(f"batch_size must be a whole number, not {batch_size!r}")
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
        several = isinstance(data, list) and any(hasattr(a, "shape") for a in data)
        self._single = not (several or isinstance(data, (Dataset, tuple)))
        self.arrays = tuple(_as_array(a) for a in ((data,) if self._single else data))
        self.examples = _common_length(self.arrays)
        self.batch_size, self.shuffle, self.drop_last = int(batch_size), shuffle, drop_last
        self.rng = as_generator(rng) if shuffle else None

    def __len__(self) -> int:
        """The number of batches."""
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        order = None if self.rng is None else self.rng.permutation(self.examples)
        return (self._batch(i * self.batch_size, order) for i in range(len(self)))

    def _batch(self, start: int, order: Any) -> Any:
        rows: Any = slice(start, start + self.batch_size)
        if order is not None:
            rows = order[rows]
        batch = tuple(array[rows] for array in self.arrays)
        return batch[0] if self._single else batch

    def state_dict(self) -> dict[str, Any]:
        """Where the random order stands, so that a run can be taken up again.

        Examples:
            >>> loader = Loader(np.arange(4), batch_size=4, shuffle=True, rng=0)
            >>> state = loader.state_dict()
            >>> (first,), (second,) = loader, loader
            >>> loader.load_state_dict(state)
            >>> (again,) = loader
            >>> first.tolist() == again.tolist()
            True
        """
        return {"rng": None if self.rng is None else dict(self.rng.bit_generator.state)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken.

        Raises:
            ValueError: If the state is that of another kind of generator, or of none.
        """
        state = state_dict["rng"]
        if (state is None) != (self.rng is None):
            raise ValueError(f"the state is {state!r}; this Loader has shuffle={self.shuffle}")
        if self.rng is not None:
            self.rng.bit_generator.state = state

    def __repr__(self) -> str:
        options = f"batch_size={self.batch_size}, shuffle={self.shuffle}"
        return f"Loader({self.examples} examples, {options}, drop_last={self.drop_last})"


def _as_array(values: Any) -> Any:
    return values if hasattr(values, "shape") else np.asarray(values)


def _common_length(arrays: tuple[Any, ...]) -> int:
    if not arrays:
        raise ValueError("the tuple is empty; a Loader needs at least one array")
    for i, array in enumerate(arrays):
        if not array.shape:
            raise ValueError(f"array {i} is the single number {array}; it has no rows")
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(f"the arrays have {', '.join(map(str, lengths))} rows; they must agree")
    return lengths[0]
