"""Training: forward, loss, backward, a small step, and the same again with the next batch.

`fit` is that loop, with what a run needs around it: batches in a random order, validation,
a learning rate that changes, an early end, and a file from which a killed run goes on as if
nothing had happened.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook._history import EarlyStopping, History
from nnbook._keeper import Generators, Keeper, seed_of
from nnbook._loop import (
    Loop,
    Means,
    Metrics,
    Values,
    as_loader,
    as_validation,
    measured,
    modes_kept,
    number_of_classes,
    rows,
)
from nnbook.data.loader import Loader
from nnbook.nn.module import Module
from nnbook.nn.utils import clip_grad_norm_
from nnbook.scratch.checkpoint import Checkpoint, load_checkpoint, save_checkpoint

__all__ = [
    "Checkpoint",
    "EarlyStopping",
    "History",
    "accuracy",
    "evaluate",
    "fit",
    "load_checkpoint",
    "predict",
    "save_checkpoint",
]


def fit(
    model: Module,
    loss_fn: Any,
    optimizer: Any,
    data: Any,
    *,
    epochs: int,
    batch_size: int = 32,
    validation: Any = None,
    metrics: Metrics | None = None,
    scheduler: Any = None,
    scheduler_step: str = "epoch",
    early_stopping: EarlyStopping | None = None,
    clip_grad_norm: float | None = None,
    check_finite: bool = True,
    shuffle: bool = True,
    rng: int | np.random.Generator = 0,
    on_epoch: Callable[[Any, History], None] | None = None,
    progress: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = True,
) -> History:
    """Train a model by gradient descent on minibatches.

    Each batch goes forward through the model, and its loss backward; then the optimizer takes a
    step. What the data would have as a gradient nobody needs, and it is not computed.

    Args:
        model: What is trained.
        loss_fn: Called with the model's output and the targets; `backward` answers the gradient.
        optimizer: Holds the model's parameters.
        data: A `Dataset`, a tuple of inputs and targets, or a `Loader`, which has its own
            `batch_size`, `shuffle` and `rng`. Of three or more arrays the last are the targets.
        epochs: How often to go through the data, with those that a checkpoint has already.
        batch_size: The number of examples in a batch; the last batch takes what is left.
        validation: More data, that is not learned from: after each epoch its mean loss is
            measured, in `eval` mode.
        metrics: More to be measured, by name: functions of output and targets, such as `accuracy`.
            Their values are averaged over batches, as the loss is.
        scheduler: Changes the learning rate. One that looks at a loss is shown that of the
            validation, if there is any.
        scheduler_step: When it takes its step, after each "epoch" or after each "batch".
        early_stopping: Ends the run when nothing improves.
        clip_grad_norm: The largest norm of all gradients together; longer ones are shortened.
        check_finite: Whether a loss that is infinite or no number ends the run, before it
            gets into the weights.
        shuffle: Whether each epoch has a new random order.
        rng: A seed or generator for that order.
        on_epoch: Called after each epoch with the model and the history.
        progress: Whether to show a bar; it needs tqdm.
        checkpoint: A file that is renewed after each epoch.
        resume: Whether to go on from that file, if it exists. The run then ends with the same
            weights and history, to the last bit, as if it had never been interrupted.

    Returns:
        What happened in each epoch.

    Raises:
        FloatingPointError: If a loss is not finite; it names epoch and batch.
        ValueError: If settings do not fit together, or the checkpoint is that of another run.
        TypeError: If the loss has no `backward`.
        ImportError: If a bar is asked for and tqdm is not installed.

    Examples:
        >>> from nnbook import data, nn, optim
        >>> model = nn.Sequential(nn.Linear(2, 8, rng=0), nn.Tanh(), nn.Linear(8, 2, rng=1))
        >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
        >>> history = fit(
        ...     model, nn.CrossEntropyLoss(), optimizer, data.gauss(200), epochs=5,
        ...     metrics={"accuracy": accuracy},
        ... )
        >>> history["accuracy"][-1]
        1.0
    """
    if not callable(getattr(loss_fn, "backward", None)):
        raise TypeError(f"the loss needs a backward; {loss_fn!r} has none")

    def train_batch(batch: Any) -> tuple[Values, int]:
        *inputs, target = batch
        optimizer.zero_grad()
        output = model(*inputs)
        loss = _loss(loss_fn, output, target)
        if check_finite and not np.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss}")
        _backward(model, loss_fn, output)
        if clip_grad_norm is not None:
            clip_grad_norm_(model.parameters(), clip_grad_norm)
        optimizer.step()
        return measured(loss, output, target, metrics), len(target)

    loop = Loop(
        model, optimizer,
        as_loader(data, batch_size, shuffle, rng), as_validation(validation, batch_size),
        train_batch, lambda loader: _measure(model, loss_fn, loader, metrics), metrics,
        scheduler, scheduler_step, early_stopping, on_epoch,
    )  # fmt: skip
    keeper = Keeper(
        checkpoint, save_checkpoint, load_checkpoint, loop, {"generators": Generators(model)},
        {"rng": seed_of(rng), "clip_grad_norm": clip_grad_norm},
    )  # fmt: skip
    keeper.begin(resume)
    with _no_gradient_for_data(model):
        return loop.run(epochs, keeper.keep, progress)


def evaluate(
    model: Module, loss_fn: Any, data: Any, *, batch_size: int = 32, metrics: Metrics | None = None
) -> dict[str, float]:
    """The mean loss of a model, and of whatever else is measured, in `eval` mode.

    Args:
        model: It stays as it is.
        loss_fn: Called with the model's output and the targets.
        data: A `Dataset`, a tuple of inputs and targets, or a `Loader`.
        batch_size: How many examples are looked at together.
        metrics: Functions of output and targets, by name.

    Raises:
        ValueError: If there are no examples.

    Examples:
        >>> from nnbook import nn
        >>> x, y = np.array([[1.0], [3.0]]), np.array([[1.0], [1.0]])
        >>> evaluate(nn.Identity(), nn.MSELoss(), (x, y))
        {'loss': 2.0}
    """
    return _measure(model, loss_fn, as_loader(data, batch_size), metrics)


def predict(model: Module, x: ArrayLike, *, batch_size: int = 32) -> NDArray[Any]:
    """The outputs of a model, in `eval` mode and batch by batch.

    Args:
        model: It stays as it is.
        x: The inputs, with one row for each of N examples.
        batch_size: How many examples are computed together.

    Raises:
        ValueError: If there are no examples, or the outputs are not one row for each of them.

    Examples:
        >>> from nnbook import nn
        >>> predict(nn.Linear(2, 3, rng=0), np.zeros((100, 2))).shape
        (100, 3)
    """
    loader = Loader(np.asarray(x), batch_size)
    if loader.examples == 0:
        raise ValueError("x has no examples")
    with modes_kept(model):
        model.eval()
        outputs = [rows(model(batch), len(batch)) for batch in loader]
    return np.concatenate(outputs)


def accuracy(output: ArrayLike, target: ArrayLike, threshold: float = 0.0) -> float:
    """The fraction of right answers.

    Args:
        output: Scores for C classes, (N, C, ...), of which the largest is the answer; or a score
            for each yes-or-no question, in the shape of `target`.
        target: The classes, (N, ...), as whole numbers; or for questions 0 and 1.
        threshold: From which score on the answer is yes: 0 for scores, 0.5 for probabilities.

    Raises:
        ValueError: If the shapes fit neither way, or a target is none of the classes.

    Examples:
        >>> accuracy([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]], [0, 1, 1])
        0.6666666666666666
        >>> accuracy([-1.0, 2.0], [0, 1]), accuracy([0.2, 0.9], [1, 1], threshold=0.5)
        (1.0, 0.5)
    """
    scores, classes = np.asarray(output), np.asarray(target)
    count = number_of_classes(scores.shape, classes.shape)
    single = scores.shape == classes.shape
    answers = scores >= threshold if single else scores.argmax(axis=1)  # (N, C, ...) -> (N, ...)
    strange = classes[~np.isin(classes, np.arange(count))]
    if strange.size:
        raise ValueError(f"target contains {strange[0]}; there are the classes 0 to {count - 1}")
    return float(np.mean(answers == classes))


def _loss(loss_fn: Any, output: Any, target: Any) -> float:
    loss = loss_fn(output, target)
    if np.ndim(loss):
        raise ValueError(
            f"the loss has shape {np.shape(loss)}; it must be one number, as a mean is"
        )
    return float(loss)


def _backward(model: Module, loss_fn: Any, output: Any) -> None:
    grad = loss_fn.backward()
    if isinstance(grad, tuple) and (isinstance(grad[0], tuple) or not isinstance(output, tuple)):
        grad = grad[0]  # the loss speaks of its targets, too
    if isinstance(output, tuple):
        model.backward(*grad)
    else:
        model.backward(grad)


def _measure(model: Module, loss_fn: Any, loader: Loader, metrics: Metrics | None) -> Values:
    means = Means()
    with modes_kept(model):
        model.eval()
        for *inputs, target in loader:
            output = model(*inputs)
            means.add(
                measured(_loss(loss_fn, output, target), output, target, metrics), len(target)
            )
    return means.values()


@contextmanager
def _no_gradient_for_data(model: Module) -> Iterator[None]:
    """Nobody changes the data, so the first layer need not answer for them."""
    before = [(module, module.input_requires_grad) for module in model.modules()]
    model.requires_input_grad_(False)
    try:
        yield
    finally:
        for module, wanted in before:
            module.input_requires_grad = wanted
