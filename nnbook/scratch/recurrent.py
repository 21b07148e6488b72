r"""Recurrent networks at work: learning from one long sequence, and going on by themselves.

A recurrent layer reads a sequence of any length with the same few weights. What it learns by is
*backpropagation through time*, and over a long sequence a shortened form of it, `fit_stream`.

Sources: Elman (1990), Finding structure in time; Werbos (1990), Backpropagation through time: what
it does and how to do it; Williams and Peng (1990), An efficient gradient-based algorithm for
on-line training of recurrent network trajectories, for the shortened form.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

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
from nnbook.nn.utils import clip_grad_norm_
from nnbook.scratch._sequence_model import SequenceModel

__all__ = ["SequenceModel", "fit_stream", "gradient_by_lag", "one_hot", "roll_forward", "write"]

Array = NDArray[Any]


def one_hot(ids: ArrayLike, k: int, dtype: DTypeLike = np.float64) -> Array:
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
        array([[0., 1., 0.],
               [1., 0., 0.],
               [0., 0., 1.]])
    """
    numbers = np.asarray(ids)
    check_ids(numbers, k)
    rows: Array = np.eye(k, dtype=dtype)[numbers.astype(np.int64)]  # (...) -> (..., k)
    return rows


def fit_stream(
    model: SequenceModel,
    loss_fn: Any,
    optimizer: Any,
    x: ArrayLike,
    y: ArrayLike,
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
        >>> from nnbook import nn, optim
        >>> t = np.arange(400)
        >>> wave = np.sin(0.3 * t)[:, None]
        >>> model = SequenceModel(1, 8, 1, rng=0)
        >>> losses = fit_stream(
        ...     model, nn.MSELoss(), optim.Adam(model.parameters(), lr=0.01), wave[:-1], wave[1:],
        ...     steps=20, batch=4, epochs=20,
        ... )
        >>> len(losses), losses[-1] < 0.01 < losses[0]
        (20, True)
    """
    inputs, targets = np.asarray(x), _targets(y)
    length = stream_length(
        inputs.shape, targets.shape, model.in_features, steps=steps, batch=batch, epochs=epochs
    )
    inputs = _streams(inputs, batch, length)  # (T, in) -> (batch, length, in)
    targets = _streams(targets, batch, length)
    losses: list[float] = []
    with modes_kept(model), _no_gradient_for_data(model):
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


@contextmanager
def _no_gradient_for_data(model: SequenceModel) -> Iterator[None]:
    """Nobody changes the sequence, so the first layer need not answer for it."""
    before = model.rnn.input_requires_grad
    model.rnn.input_requires_grad = False
    try:
        yield
    finally:
        model.rnn.input_requires_grad = before


def _targets(y: ArrayLike) -> Array:
    """Classes as they are; one number to a step as a column."""
    targets = np.asarray(y)
    return targets[:, None] if targets.ndim == 1 and targets.dtype.kind == "f" else targets


def _streams(values: Array, batch: int, length: int) -> Array:
    """(T, ...) to (batch, length, ...): the first stream is the beginning, and so on."""
    return values[: batch * length].reshape(batch, length, *values.shape[1:])


def _learn(
    model: SequenceModel, loss_fn: Any, optimizer: Any, x: Array, y: Array, state: Any,
    clip: float | None,
) -> tuple[float, Any]:  # fmt: skip
    """One chunk, and a step of the optimizer: its loss, and the state after it."""
    optimizer.zero_grad()
    scores, state = model(x, state)  # (batch, steps, out)
    in_a_row = scores.reshape(-1, scores.shape[-1])  # (batch * steps, out)
    loss = float(loss_fn(in_a_row, y.reshape(-1, *y.shape[2:])))
    if not np.isfinite(loss):
        raise FloatingPointError(f"the loss is {loss}; a smaller learning rate or clip may help")
    model.backward(loss_fn.backward().reshape(scores.shape))
    if clip is not None:
        clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss, state


def roll_forward(model: SequenceModel, start: ArrayLike, n: int) -> Array:
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
        >>> roll_forward(SequenceModel(1, 4, 1, rng=0), np.zeros((10, 1)), 3).shape
        (3, 1)
    """
    first = np.asarray(start)
    check_start(first.shape, model.in_features, model.out_features, n)
    answers = np.empty((n, model.out_features), first.dtype)
    with modes_kept(model):
        model.eval()
        scores, state = model(first)
        for i in range(n):
            answers[i] = scores[-1]
            scores, state = model(answers[i : i + 1], state)
    return answers


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
        >>> text = write(SequenceModel(3, 4, 3, rng=0), "abc", "cab", 20, rng=0)
        >>> len(text), set(text) <= set("abc")
        (20, True)
    """
    check_temperature(temperature)
    ids = numbered(alphabet, prompt, model.in_features, model.out_features, n)
    generator, letters = as_generator(rng), []
    vectors = np.eye(len(alphabet), dtype=model.head.weight.data.dtype)
    with modes_kept(model):
        model.eval()
        scores, state = model(vectors[ids])
        for _ in range(n):
            i = draw(scores[-1], temperature, generator)
            letters.append(alphabet[i])
            scores, state = model(vectors[i : i + 1], state)
    return "".join(letters)


def gradient_by_lag(
    model: SequenceModel, x: ArrayLike, rng: int | np.random.Generator
) -> NDArray[np.float64]:
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
        >>> x = np.random.default_rng(0).normal(size=(50, 2))
        >>> lengths = gradient_by_lag(SequenceModel(2, 8, 1, rng=0), x, rng=0)
        >>> lengths.shape, bool(lengths[40] < 1e-3 * lengths[0])
        ((50,), True)
    """
    probe, sequence = copy.deepcopy(model), np.asarray(x)
    probe.rnn.input_requires_grad = True
    direction = as_generator(rng).normal(size=model.out_features)
    scores, _ = probe(sequence)
    if scores.ndim != 2:
        raise ValueError(f"x has shape {sequence.shape}; expected (T, {model.in_features})")
    grad_scores = np.zeros_like(scores)
    grad_scores[-1] = direction / np.linalg.norm(direction)
    grad_x, _ = probe.backward(grad_scores)
    lengths: NDArray[np.float64] = np.linalg.norm(grad_x[::-1], axis=1).astype(np.float64)
    return lengths
