"""Training in PyTorch: the twin of `nnbook.scratch.training`, on any device and on several.

With the same start and the same seed it takes the same steps as the twin, to the digits that
floats allow: the order of the examples is drawn by NumPy in both.
"""

import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnbook._history import EarlyStopping, History
from nnbook._keeper import Keeper, seed_of
from nnbook._loop import (
    Loop,
    Metrics,
    Values,
    as_loader,
    as_validation,
    modes_kept,
    number_of_classes,
    rows,
)
from nnbook.data.loader import Loader
from nnbook.pytorch._batches import Batches, here
from nnbook.pytorch._precision import Precision
from nnbook.pytorch._tensors import tensor
from nnbook.pytorch._workers import RandomState, Workers, follow, place_for, place_of
from nnbook.pytorch.checkpoint import Checkpoint, load_checkpoint, save_checkpoint

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
    model: nn.Module,
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
    device: str | torch.device = "auto",
    amp: str | None = None,
    compile_model: bool | str = False,
) -> History:
    """Train a model by gradient descent on minibatches.

    Each batch goes forward through the model, and its loss backward; then the optimizer takes a
    step. The model is moved to the device and stays there.

    Started by `torchrun` in several processes, they share the work: each computes its part of every
    batch, and the weights become those of one process up to rounding. Only the first writes the
    checkpoint, which all must be able to read. Batch normalization looks at each part alone.

    Args:
        model: What is trained.
        loss_fn: Called with the model's output and the targets.
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
            weights and history, to the last bit, as if it had never been interrupted; on a GPU
            as far as its sums have a fixed order.
        device: Where to train; "auto" takes a GPU if there is one, and in each of several processes
            its own.
        amp: In which floats to compute what stands it, "bf16" or "fp16"; `None` for those of the
            weights.
        compile_model: Whether `torch.compile` makes the model faster; or the name of its backend.

    Returns:
        What happened in each epoch.

    Raises:
        FloatingPointError: If a loss is not finite; it names epoch and batch.
        ValueError: If settings do not fit together, or the checkpoint is that of another run.
        NotImplementedError: If, in several processes, the loss does not count all targets alike.
        ImportError: If a bar is asked for and tqdm is not installed, or a checkpoint, and
            safetensors is not.

    Examples:
        >>> from nnbook import data
        >>> _ = torch.manual_seed(0)
        >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2)).double()
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> history = fit(
        ...     model, nn.CrossEntropyLoss(), optimizer, data.gauss(200), epochs=5,
        ...     metrics={"accuracy": accuracy}, device="cpu",
        ... )
        >>> history["accuracy"][-1]
        1.0
    """
    place, workers = place_for(device, model)
    precision = Precision(place, amp)
    model.to(place)
    follow(optimizer)
    quick = _compiled(model, compile_model)
    together = workers.wrap(quick, place)
    batches = Batches(loss_fn, metrics, place, workers, precision)

    def train_batch(batch: Any) -> tuple[Values, int]:
        optimizer.zero_grad()
        loss, values = batches.measure(together, batch)
        if check_finite and not math.isfinite(values["loss"]):
            raise FloatingPointError(f"the loss is {values['loss']}")
        precision.step(loss, model, optimizer, clip_grad_norm)
        return values, len(batch[-1])

    loop = Loop(
        model, optimizer,
        as_loader(here(data, place), batch_size, shuffle, rng),
        as_validation(here(validation, place), batch_size),
        train_batch, lambda loader: batches.means(quick, loader), metrics,
        scheduler, scheduler_step, early_stopping, on_epoch, lambda: precision.stepped,
    )  # fmt: skip
    keeper = Keeper(
        checkpoint, workers.only_first(save_checkpoint), load_checkpoint, loop,
        {"random": RandomState(workers, place)} | precision.owners,
        {"rng": seed_of(rng), "clip_grad_norm": clip_grad_norm, "amp": amp,
         "processes": workers.size},
    )  # fmt: skip
    keeper.begin(resume)
    workers.agree("epochs done", len(loop.history))
    return loop.run(epochs, keeper.keep, progress and workers.rank == 0)


def evaluate(
    model: nn.Module,
    loss_fn: Any,
    data: Any,
    *,
    batch_size: int = 32,
    metrics: Metrics | None = None,
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
        >>> x, y = torch.tensor([[1.0], [3.0]]), torch.tensor([[1.0], [1.0]])
        >>> evaluate(nn.Identity(), nn.MSELoss(), (x, y))
        {'loss': 2.0}
    """
    place = place_of(model)
    batches = Batches(loss_fn, metrics, place, Workers(), Precision(place, None))
    return batches.means(model, as_loader(here(data, place), batch_size))


def predict(model: nn.Module, x: Any, *, batch_size: int = 32) -> Tensor:
    """The outputs of a model, in `eval` mode and batch by batch.

    Args:
        model: It stays as it is.
        x: The inputs, with one row for each of N examples.
        batch_size: How many examples are computed together.

    Raises:
        ValueError: If there are no examples, or the outputs are not one row for each of them.

    Examples:
        >>> predict(nn.Linear(2, 3), torch.zeros(100, 2)).shape
        torch.Size([100, 3])
    """
    inputs, place = tensor(x), place_of(model)
    if len(inputs) == 0:
        raise ValueError("x has no examples")
    with modes_kept(model), torch.no_grad():
        model.eval()
        outputs = [rows(model(part.to(place)), len(part)) for part in Loader(inputs, batch_size)]
    return torch.cat(outputs).to(inputs.device)


def accuracy(output: Any, target: Any, threshold: float = 0.0) -> float:
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
    scores, classes = tensor(output), tensor(target)
    count = number_of_classes(tuple(scores.shape), tuple(classes.shape))
    single = scores.shape == classes.shape
    answers = scores >= threshold if single else scores.argmax(dim=1)  # (N, C, ...) -> (N, ...)
    classes = classes.to(answers.device, torch.int64 if classes.dtype == torch.bool else None)
    strange = classes[~torch.isin(classes, torch.arange(count, device=classes.device))]
    if len(strange):
        raise ValueError(
            f"target contains {strange[0].item()}; there are the classes 0 to {count - 1}"
        )
    return (answers == classes).double().mean().item()


def _compiled(model: nn.Module, wanted: bool | str) -> Any:
    """The model, compiled if that is wanted; it shares its parameters with the model."""
    if wanted is False:
        return model
    return torch.compile(model, backend="inductor" if wanted is True else wanted)
