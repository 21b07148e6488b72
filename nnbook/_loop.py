"""The loop over epochs and batches, which is the same for NumPy and PyTorch.

What a batch does to the weights is not here: each of the two brings its own `train_batch`.
"""

import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from nnbook._history import SERIES, EarlyStopping, History
from nnbook._progress import Bar
from nnbook.data.loader import Loader

Values: TypeAlias = dict[str, float]
Metrics: TypeAlias = Mapping[str, Callable[[Any, Any], Any]]
DEFAULT_SIZE = 32


@dataclass
class Means:
    """Means over batches, each of which counts as much as it has examples."""

    sums: Values = field(default_factory=dict)
    examples: int = 0

    def add(self, values: Values, examples: int) -> None:
        """Take a batch into account."""
        self.examples += examples
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * examples

    def values(self) -> Values:
        """The means so far."""
        return {name: total / self.examples for name, total in self.sums.items()}


def measured(loss: float, output: Any, target: Any, metrics: Metrics | None) -> Values:
    """The loss of a batch, and whatever else is measured."""
    return {"loss": loss} | {k: float(f(output, target)) for k, f in (metrics or {}).items()}


@dataclass
class Loop:
    """A training run: what it is made of, and how one epoch goes.

    Attributes:
        train_batch: Learns from a batch, and answers what it measured and the number of examples.
        measure: Answers the means over a loader, in `eval` mode.
        stepped: Whether the last batch moved the weights; with float16 some do not.
    """

    model: Any
    optimizer: Any
    loader: Loader
    validation: Loader | None
    train_batch: Callable[[Any], tuple[Values, int]]
    measure: Callable[[Loader], Values]
    metrics: Metrics | None
    scheduler: Any
    scheduler_step: str
    early_stopping: EarlyStopping | None
    on_epoch: Callable[[Any, History], None] | None
    stepped: Callable[[], bool] = lambda: True
    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        _check_scheduler(self.scheduler, self.scheduler_step)
        taken = set(SERIES) & set(self.metrics or {})
        if taken:
            raise ValueError(f"a metric cannot be called {taken.pop()!r}: the history has that")
        names = ["loss", *(self.metrics or {})]
        known = [*names, *(f"val_{name}" for name in names if self.validation is not None)]
        watched = self.early_stopping.monitor if self.early_stopping else "loss"
        if watched not in known:
            raise ValueError(f"early_stopping watches {watched!r}; measured are {', '.join(known)}")

    def run(self, epochs: int, keep: Callable[[History], None], progress: bool) -> History:
        """Go on until there are so many epochs, or early stopping ends it."""
        if epochs < 0:
            raise ValueError(f"epochs is {epochs}; it cannot be negative")
        batches = len(self.loader)
        with modes_kept(self.model), Bar(progress, epochs, len(self.history), batches) as bar:
            while len(self.history) < epochs and not self._stopped():
                values = self._epoch(bar)
                keep(self.history)
                bar.note(values)
                if self.on_epoch:
                    self.on_epoch(self.model, self.history)
        if self.early_stopping:
            self.early_stopping.restore(self.model)
        return self.history

    def _stopped(self) -> bool:
        return self.early_stopping is not None and self.early_stopping.stopped

    def _epoch(self, bar: Bar) -> Values:
        start, lr = time.perf_counter(), float(self.optimizer.param_groups[0]["lr"])
        values = self._train(bar)
        if self.validation is not None:
            values |= {f"val_{name}": v for name, v in self.measure(self.validation).items()}
        self.history.append(values, lr, time.perf_counter() - start)
        if self.scheduler is not None and self.scheduler_step == "epoch":
            loss = [values.get("val_loss", values["loss"])]
            self.scheduler.step(*(loss if _wants_a_loss(self.scheduler) else []))
        if self.early_stopping:
            self.early_stopping.update(self.model, self.history)
        return values

    def _train(self, bar: Bar) -> Values:
        self.model.train()
        means = Means()
        for number, batch in enumerate(self.loader, 1):
            try:
                means.add(*self.train_batch(batch))
            except FloatingPointError as error:
                epoch = len(self.history) + 1
                raise FloatingPointError(f"epoch {epoch}, batch {number}: {error}") from error
            if self.scheduler is not None and self.scheduler_step == "batch" and self.stepped():
                self.scheduler.step()
            bar.advance()
        return means.values()


def _wants_a_loss(scheduler: Any) -> bool:
    """Whether `step` must be told a loss, as that of `ReduceLROnPlateau`."""
    parameters = inspect.signature(scheduler.step).parameters.values()
    return any(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)


def _check_scheduler(scheduler: Any, scheduler_step: str) -> None:
    if scheduler_step not in ("epoch", "batch"):
        raise ValueError(
            f"scheduler_step is {scheduler_step!r}; it must be one of 'epoch', 'batch'"
        )
    if scheduler is not None and scheduler_step == "batch" and _wants_a_loss(scheduler):
        name = type(scheduler).__name__
        raise ValueError(f"{name} looks at the loss of an epoch; scheduler_step must be 'epoch'")


@contextmanager
def modes_kept(model: Any) -> Iterator[None]:
    """Afterwards every module is in training mode, or out of it, as it was before."""
    before = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode


def as_loader(
    data: Any, batch_size: int, shuffle: bool | None = None, rng: int | np.random.Generator = 0
) -> Loader:
    """The loader that was given, or one for the arrays that were given."""
    if not isinstance(data, Loader):
        loader = Loader(data, batch_size, shuffle=bool(shuffle), rng=rng if shuffle else None)
    elif batch_size != DEFAULT_SIZE or shuffle is False or rng != 0:
        raise ValueError("a Loader has its own batch_size, shuffle and rng; give them there")
    else:
        loader = data
    if len(loader.arrays) < 2:
        raise ValueError("data must be inputs and targets; there is only one array")
    if len(loader) == 0:
        raise ValueError(f"there is nothing to go by: {loader} has no batches")
    return loader


def as_validation(data: Any, batch_size: int) -> Loader | None:
    """As `as_loader`, for data that may be missing; a Loader keeps its own size of a batch."""
    if data is None:
        return None
    return as_loader(data, DEFAULT_SIZE if isinstance(data, Loader) else batch_size)


def rows(output: Any, examples: int) -> Any:
    """The output, once it is sure that it has a row for each example."""
    shape = tuple(getattr(output, "shape", ()))
    if shape[:1] != (examples,):
        what = f"has shape {shape}" if shape else f"is a {type(output).__name__}"
        raise ValueError(f"the output {what}; predict expects a row for each of {examples}")
    return output


def number_of_classes(output: tuple[int, ...], target: tuple[int, ...]) -> int:
    """How many classes these shapes of output and target speak of."""
    if 0 in output or 0 in target:
        raise ValueError("there are no examples")
    if output == target:
        return 2
    if len(output) > 1 and output[1] > 1 and (output[0], *output[2:]) == target:
        return output[1]
    raise ValueError(
        f"output has shape {output}; target has {target}: expected (N, C) and (N,), or twice the "
        "same"
    )
