"""How many parameters become a few long arrays, so that a step is a few calls to NumPy.

A small layer's bias has ten numbers, and NumPy takes as long to begin with ten as to work off a
thousand. So parameters that stand next to one another are packed into one array, a block: each
`parameter.data` becomes a view of its part of the block, and what an optimizer remembers of it
(averages of its gradients, say) is packed in the same order. Every update rule works number by
number, and does not notice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

import numpy as np

from nnbook.nn._floats import FloatArray
from nnbook.nn.parameter import Parameter

State: TypeAlias = dict[str, Any]

LARGEST = 2**16  # so many numbers, with their averages, nearly fit a processor's second cache
NUMBERS = ("step", "mu_product")  # remembered once per parameter; all else once per number of it


def pack(parameters: Sequence[Parameter], names: Sequence[str]) -> list["Block"]:
    """The blocks of a group: neighbors of one dtype, as long as they are small together."""
    ends, size = [], 0
    for i, parameter in enumerate(parameters):
        size += parameter.data.size
        if i and (size > LARGEST or parameter.dtype != parameters[i - 1].dtype):
            ends.append(i)
            size = parameter.data.size
    cuts = [0, *ends, len(parameters)]
    return [Block(parameters[a:b], names[a:b]) for a, b in pairwise(cuts) if a < b]


class Block:
    """Some parameters of one dtype in one array, with what is remembered of them.

    Attributes:
        parameters: The parameters; `names` says what to call them in messages.
        data: All their values, (size,); `views` are its parts, in the parameters' shapes.
        arrays: What is remembered of each number, by name, (size,).
        entries: What is remembered of each parameter: the numbers themselves, and the names of
            the arrays that have begun for it. Equal dictionaries are one and the same, so that
            neighbors can be compared quickly.
    """

    def __init__(self, parameters: Sequence[Parameter], names: Sequence[str]) -> None:
        self.parameters, self.names = list(parameters), list(names)
        self.offsets = list(accumulate((p.data.size for p in parameters), initial=0))
        self.data = np.empty(self.offsets[-1], dtype=parameters[0].dtype)
        self.grad = np.empty_like(self.data)
        spans = zip(parameters, pairwise(self.offsets), strict=True)
        self.views = [self.data[a:b].reshape(p.shape) for p, (a, b) in spans]
        self.arrays: dict[str, FloatArray] = {}
        self.entries: list[State] = [{}] * len(parameters)
        self.check()

    def check(self) -> None:
        """Whether all gradients fit; values that were assigned since the last step are taken over.

        Nothing is moved before every block has been checked.
        """
        for i, (parameter, view) in enumerate(zip(self.parameters, self.views, strict=True)):
            if parameter.data is not view:
                view[...] = self._fitting(parameter.data, i, "data")
                parameter.data = view
            if parameter.grad is not None:
                self._fitting(parameter.grad, i, "grad")

    def _fitting(self, given: Any, i: int, what: str) -> FloatArray:
        view, name = self.views[i], self.names[i]
        if isinstance(given, np.generic):  # what NumPy makes of an array without dimensions
            given = np.asarray(given)
        if not isinstance(given, np.ndarray):
            kind = type(given).__name__
            raise TypeError(f"{what} of {name} is a {kind}; it must be a NumPy array")
        if given.shape != view.shape:
            raise ValueError(f"{what} of {name} has shape {given.shape}, its values {view.shape}")
        if given.dtype != view.dtype:
            raise TypeError(f"{what} of {name} has dtype {given.dtype}, its values {view.dtype}")
        return given

    def runs(self) -> Iterator[tuple[int, int]]:
        """The longest stretches of parameters that have a gradient and the same past."""
        first, entries = 0, self.entries
        for i, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                if first < i:
                    yield first, i
                first = i + 1
            elif first < i and not (entries[i] is entries[first] or entries[i] == entries[first]):
                yield first, i
                first = i
        if first < len(self.parameters):
            yield first, len(self.parameters)

    def step(self, update: Callable[[FloatArray, FloatArray, State], None], start: State) -> None:
        """Let `update` move all parameters that have a gradient; `start` begins their memory."""
        for first, last in list(self.runs()):
            begin, end = self.offsets[first], self.offsets[last]
            grad, entry = self._gradient(first, last), self.entries[first]
            for a in range(begin, max(end, begin + 1), LARGEST):
                part = slice(a, min(a + LARGEST, end))
                state = self._lend(entry, start, part)
                update(self.data[part], grad[a - begin : part.stop - begin], state)
                kept = self._keep(state, part)
            self.entries[first:last] = [{**entry, **kept}] * (last - first)

    def _gradient(self, first: int, last: int) -> FloatArray:
        grads = [p.grad.reshape(-1) for p in self.parameters[first:last] if p.grad is not None]
        if len(grads) == 1:
            grad = grads[0].view()
        else:
            grad = self.grad[self.offsets[first] : self.offsets[last]]
            np.concatenate(grads, out=grad)
        grad.flags.writeable = False  # it may be the parameter's own, which is nobody's to change
        return grad

    def _lend(self, entry: State, start: State, part: slice) -> State:
        state: State = {}
        for name, value in start.items():
            if name in NUMBERS:
                state[name] = entry.get(name, value)
            elif name in entry:
                state[name] = self.arrays[name][part]
            elif value is None:
                state[name] = None
            else:
                array = state[name] = self._array(name)[part]
                array[...] = value
        return state

    def _keep(self, state: State, part: slice) -> State:
        for name, value in state.items():
            if name not in NUMBERS and value is not None:
                mine = self._array(name)[part]
                if value.base is not self.arrays[name]:  # not changed in place but made anew
                    mine[...] = value
        return {k: v if k in NUMBERS else True for k, v in state.items() if v is not None}

    def _array(self, name: str) -> FloatArray:
        if name not in self.arrays:
            self.arrays[name] = np.zeros_like(self.data)
        return self.arrays[name]

    # What is remembered, parameter by parameter

    def begin(self, start: State) -> None:
        """Begin the memory of all parameters before their first step."""
        kept = self._keep(self._lend({}, start, slice(None)), slice(None))
        self.entries = [kept] * len(self.parameters)

    def remembered(self) -> Iterator[tuple[Parameter, State]]:
        """What is remembered of each parameter, arrays in its shape."""
        spans = pairwise(self.offsets)
        for parameter, entry, (a, b) in zip(self.parameters, self.entries, spans, strict=True):
            yield (
                parameter,
                {
                    name: value
                    if name in NUMBERS
                    else self.arrays[name][a:b].reshape(parameter.shape)
                    for name, value in entry.items()
                },
            )

    def remember(self, states: Sequence[Mapping[str, Any]]) -> None:
        """Take over what `remembered` gave, here or elsewhere."""
        for i, (state, (a, b)) in enumerate(zip(states, pairwise(self.offsets), strict=True)):
            for name, value in state.items():
                if name not in NUMBERS:
                    self._array(name)[a:b] = np.asarray(value).reshape(-1)
            self.entries[i] = {k: float(v) if k in NUMBERS else True for k, v in state.items()}
