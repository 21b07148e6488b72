"""What all losses share as layers; the losses themselves stand in `loss`."""

from collections.abc import Callable
from typing import Any, ClassVar

from numpy.typing import ArrayLike

from nnbook.nn._checks import one_of
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn._reduction import REDUCTIONS, Reduction, refuse_given
from nnbook.nn.module import Module


class Loss(Module):
    """What all losses share: a function, its gradient, and the options of both.

    Attributes:
        reduction: Whether there is one loss for all, their `"mean"` or `"sum"`, or with `"none"`
            one for each.
    """

    _function: ClassVar[Callable[..., Any]]
    _gradient: ClassVar[Callable[..., FloatArray]]
    _option_names: ClassVar[tuple[str, ...]] = ("reduction",)
    _reductions: ClassVar[tuple[str, ...]] = REDUCTIONS

    def __init__(
        self, size_average: None = None, reduce: None = None, reduction: Any = "mean"
    ) -> None:
        refuse_given(type(self).__name__, size_average=size_average, reduce=reduce)
        one_of("reduction", reduction, self._reductions)
        self.reduction = reduction

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._option_names}

    def forward(self, input: ArrayLike, target: ArrayLike) -> Any:  # noqa: A002
        """The loss: a number, or with `reduction="none"` an array."""
        self.save_for_backward(input, target)
        return self._function(input, target, **self._options())

    def backward(self, grad_output: ArrayLike = 1.0) -> FloatArray:
        r"""$\partial L/\partial \text{input}$, in the shape of the input.

        The derivation stands at the function of this loss in `functional`, whose name ends in
        `_backward`.
        """
        return self._gradient(grad_output, *self.saved, **self._options())


class WeightedLoss(Loss):
    """A loss with weights, which are saved with the model."""

    _option_names: ClassVar[tuple[str, ...]] = ("weight", "reduction")
    weight: FloatArray | None

    def __init__(
        self,
        weight: ArrayLike | None = None,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", None if weight is None else as_floats(weight))
