r"""Recurrent networks at work in PyTorch: the twin of `nnbook.scratch.recurrent`.

A recurrent layer reads a sequence of any length with the same few weights. What it learns by is
*backpropagation through time*, and over a long sequence a shortened form of it, `fit_stream`.

Sources: Elman (1990), Finding structure in time; Werbos (1990), Backpropagation through time: what
it does and how to do it; Williams and Peng (1990), An efficient gradient-based algorithm for
on-line training of recurrent network trajectories, for the shortened form.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnbook._loop import modes_kept
from nnbook._recurrent import (
    check_ids,
    check_start,
    check_temperature,
    draw,
    numbered,
    stream_length,
)
from nnbook._rng import as_generator
from nnbook.pytorch._sequence_model import SequenceModel
from nnbook.pytorch._tensors import tensor

__all__ = ["SequenceModel", "fit_stream", "gradient_by_lag", "one_hot", "roll_forward", "write"]


def one_hot(ids: Any, k: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """A row for each number, with a one in its place and zeros elsewhere.

    Args:
        ids: Whole numbers from 0 to k - 1, (...).
        k: How many there are to choose from.
        dtype: The type of the ones and zeros.

    Returns:
        (..., k).

    Raises:
        ValueError: If a number is out of range.
        TypeError: If one is not whole.

    Examples:
        >>> one_hot([1, 0, 2], 3)
        tensor([[0., 1., 0.],
                [1., 0., 0.],
                [0., 0., 1.]], dtype=torch.float64)
    """
    numbers = tensor(ids)
    check_ids(numbers.cpu().numpy(), k)
    return torch.eye(k, dtype=dtype, device=numbers.device)[numbers.long()]  # (...) -> (..., k)


def fit_stream(
    model: SequenceModel,
    loss_fn: Any,
    optimizer: Any,
    x: Any,
    y: Any,
    *,
    steps: int,
    batch: int,
    epochs: int,
    clip: float | None = None,
    callback: Callable[[Any, list[float]], None] | None = None,
) -> list[float]:
    r"""Learn from one long sequence by truncated backpropagation through time.

    The sequence is cut into `batch` streams of equal length, which are walked side by side, `steps`
    at a time. After each such chunk the gradient goes back to its beginning, and no further; then
    the optimizer takes its step. The state is carried on from chunk to chunk: the network remembers
    across the cut, though it is not taught to.

    Source: Williams and Peng (1990), An efficient gradient-based algorithm for on-line training of
    recurrent network trajectories.

    Args:
        model: What is trained.
        loss_fn: Called with scores (M, out) and targets (M,) or (M, out), all steps of all streams
            in a row. `CrossEntropyLoss` and `MSELoss` are such.
        optimizer: Holds the model's parameters.
        x: The sequence, (T, in).
        y: What is to be answered at each step: classes, (T,), or numbers, (T, out). If there is one
            number to a step, (T,) will do as well.
        steps: The length of a chunk; the last one of a stream may be shorter.
        batch: The number of streams. What is left over at the end of the sequence is not used.
        epochs: How often the sequence is walked; each time from a state of zeros.
        clip: The largest norm of all gradients together; longer ones are shortened.
        callback: Called after each epoch with the model and the losses so far.

    Returns:
        The mean loss in each epoch.

    Raises:
        ValueError: If shapes do not fit, or there are fewer steps than streams.
        FloatingPointError: If the loss is no longer finite.

    Examples:
        >>> wave = torch.sin(0.3 * torch.arange(400, dtype=torch.float64))[:, None]
        >>> model = SequenceModel(1, 8, 1, rng=0, device="cpu")
        >>> optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        >>> losses = fit_stream(
        ...     model, torch.nn.MSELoss(), optimizer, wave[:-1], wave[1:],
        ...     steps=20, batch=4, epochs=20,
        ... )
        >>> len(losses), losses[-1] < 0.01 < losses[0]
        (20, True)
    """
    place = model.head.weight.device
    inputs, targets = tensor(x).to(place), _targets(y).to(place)
    length = stream_length(
        tuple(inputs.shape), tuple(targets.shape), model.in_features,
        steps=steps, batch=batch, epochs=epochs,
    )  # fmt: skip
    inputs = _streams(inputs, batch, length)  # (T, in) -> (batch, length, in)
    targets = _streams(targets, batch, length)
    losses: list[float] = []
    with modes_kept(model):
        for _ in range(epochs):
            model.train()
            total, state = 0.0, None
            for t in range(0, length, steps):
                chunk = inputs[:, t : t + steps], targets[:, t : t + steps]
                loss, state = _learn(model, loss_fn, optimizer, *chunk, state, clip)
                total += loss * chunk[0].shape[1]
            losses.append(total / length)
            if callback is not None:
                callback(model, losses)
    return losses


def _targets(y: Any) -> Tensor:
    """Classes as PyTorch wants them; one number to a step as a column."""
    targets = tensor(y)
    if not targets.is_floating_point():
        return targets.long()
    return targets[:, None] if targets.ndim == 1 else targets


def _streams(values: Tensor, batch: int, length: int) -> Tensor:
    """(T, ...) to (batch, length, ...): the first stream is the beginning, and so on."""
    return values[: batch * length].reshape(batch, length, *values.shape[1:])


def _learn(
    model: SequenceModel, loss_fn: Any, optimizer: Any, x: Tensor, y: Tensor, state: Any,
    clip: float | None,
) -> tuple[float, Any]:  # fmt: skip
    """One chunk, and a step of the optimizer: its loss, and the state after it."""
    optimizer.zero_grad()
    scores, state = model(x, state)  # (batch, steps, out)
    loss = loss_fn(scores.flatten(0, 1), y.flatten(0, 1))  # (batch * steps, out)
    if not torch.isfinite(loss):
        value = loss.item()
        raise FloatingPointError(f"the loss is {value}; a smaller learning rate or clip may help")
    loss.backward()
    if clip is not None:
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item(), _detached(state)


def _detached(state: Any) -> Any:
    """The same numbers, without the way that led to them: here the gradient will end."""
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


@torch.no_grad()
def roll_forward(model: SequenceModel, start: Any, n: int) -> Tensor:
    """Let the model go on by itself: its answer is what it reads at the next step.

    Args:
        model: Trained to answer what comes next, with as many numbers out as in.
        start: What it reads first, (T, in).
        n: For how many steps it goes on.

    Returns:
        Its answers, (n, out): the first is that to the last step of `start`.

    Raises:
        ValueError: If what it answers has not the form of what it reads.

    Examples:
        >>> model = SequenceModel(1, 4, 1, rng=0, dtype=torch.float32, device="cpu")
        >>> roll_forward(model, torch.zeros(10, 1), 3).shape
        torch.Size([3, 1])
    """
    first = tensor(start).to(model.head.weight.device)
    check_start(tuple(first.shape), model.in_features, model.out_features, n)
    answers = first.new_empty((n, model.out_features))
    with modes_kept(model):
        model.eval()
        scores, state = model(first)
        for i in range(n):
            answers[i] = scores[-1]
            scores, state = model(answers[i : i + 1], state)
    return answers


@torch.no_grad()
def write(
    model: SequenceModel,
    alphabet: str,
    prompt: str,
    n: int,
    *,
    temperature: float = 1.0,
    rng: int | np.random.Generator,
) -> str:
    r"""Let a model of characters write: each character is drawn, and read at the next step.

    It is drawn with the probabilities $p_j \propto e^{z_j / T}$ of a softmax whose *temperature* is
    $T$. At 1 they are those that the model has learned; below, likely characters become likelier.

    Args:
        model: Trained to answer the next character; what it reads is `one_hot`.
        alphabet: All characters, in the order of the model's inputs and outputs.
        prompt: What it reads first.
        n: How many characters it writes.
        temperature: $T$; at 0 it writes the likeliest character each time.
        rng: A generator or seed for the drawing.

    Returns:
        The n characters.

    Raises:
        ValueError: If alphabet, prompt and model do not fit together.

    Examples:
        >>> text = write(SequenceModel(3, 4, 3, rng=0, device="cpu"), "abc", "cab", 20, rng=0)
        >>> len(text), set(text) <= set("abc")
        (20, True)
    """
    check_temperature(temperature)
    ids = numbered(alphabet, prompt, model.in_features, model.out_features, n)
    generator, letters = as_generator(rng), []
    weight = model.head.weight
    vectors = torch.eye(len(alphabet), dtype=weight.dtype, device=weight.device)
    with modes_kept(model):
        model.eval()
        scores, state = model(vectors[torch.from_numpy(ids).to(weight.device)])
        for _ in range(n):
            i = draw(scores[-1].double().cpu().numpy(), temperature, generator)
            letters.append(alphabet[i])
            scores, state = model(vectors[i : i + 1], state)
    return "".join(letters)


def gradient_by_lag(model: SequenceModel, x: Any, rng: int | np.random.Generator) -> Tensor:
    r"""How much the answer at the last step depends on what was read so many steps ago.

    $$\left\lVert \frac{\partial\, \mathbf{v}^\top \mathbf{z}_T}{\partial\, \mathbf{x}_{T-k}}
    \right\rVert, \qquad k = 0, \dots, T - 1$$

    Here $\mathbf{v}$ is a random direction of length 1 among the answers. If there is one answer,
    that does not matter.

    Source: Bengio, Simard and Frasconi (1994), Learning long-term dependencies with gradient
    descent is difficult, who asked how these lengths must behave.

    Args:
        model: It stays as it is, and so do its gradients.
        x: One sequence, (T, in).
        rng: A generator or seed for the direction.

    Returns:
        The lengths, (T,): first that for the last step, lag 0.

    Examples:
        >>> x = torch.from_numpy(np.random.default_rng(0).normal(size=(50, 2)))
        >>> lengths = gradient_by_lag(SequenceModel(2, 8, 1, rng=0, device="cpu"), x, rng=0)
        >>> lengths.shape, bool(lengths[40] < 1e-3 * lengths[0])
        (torch.Size([50]), True)
    """
    weight = model.head.weight
    direction = as_generator(rng).normal(size=model.out_features)
    v = torch.from_numpy(direction / np.linalg.norm(direction)).to(weight)
    sequence = tensor(x).to(weight.device).requires_grad_()
    with modes_kept(model):
        model.train()  # the only mode in which cuDNN goes back; nothing is dropped here
        scores, _ = model(sequence)
    if scores.ndim != 2:
        raise ValueError(f"x has shape {tuple(sequence.shape)}; expected (T, {model.in_features})")
    (grad_x,) = torch.autograd.grad(v @ scores[-1], sequence)
    return grad_x.flip(0).norm(dim=1).double()
