"""From sentences to batches: windows, subsampling and noise, for NumPy and PyTorch alike.

A text may be larger than the memory. So it is walked in blocks of some ten thousand words, and what
is made of a block is shuffled within it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnbook._vocabulary import Vocabulary
from nnbook.nn._checks import one_of, positive, whole

Array = NDArray[Any]

MODELS = ("skip-gram", "cbow")
_BLOCK = 1 << 15  # words


@dataclass(frozen=True, eq=False)
class Batch:
    """Examples to learn from: some words go in, and some words are asked about.

    Attributes:
        inputs: The words that go in, (B, C): one for skip-gram, the whole window for CBOW.
        weights: How much each of them counts, (B, C); the sum of a row is 1.
        targets: The words that are asked about, (B, 1 + K): the true one, then the noise.
        signs: (B, 1 + K): 1 for the true word, -1 for noise, 0 for noise that is the true word.
        seen: How many words of the text have been read so far, in this epoch.
    """

    inputs: Array
    weights: Array
    targets: Array
    signs: Array
    seen: int = 0

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Settings:
    """How examples are made of sentences, checked."""

    model: str
    window: int
    negative: int
    subsample: float | None
    batch_size: int
    cap: float | None = None

    def __post_init__(self) -> None:
        if self.cap is not None and not self.cap > 0:
            raise ValueError(f"cap is {self.cap}; it must be above 0, or None")
        one_of("model", self.model, MODELS)
        positive(window=self.window, negative=self.negative, batch_size=self.batch_size)


def batches(
    sentences: Iterable[Sequence[str]],
    vocabulary: Vocabulary,
    settings: Settings,
    rng: np.random.Generator,
    dtype: DTypeLike,
) -> Iterator[Batch]:
    """One walk through the sentences.

    Args:
        sentences: Lists of words.
        vocabulary: The words that count; the others are as if they were not there.
        settings: What to make of them.
        rng: Draws which words are kept, how wide each window is, the order, and the noise.
        dtype: The type of weights and signs.
    """
    keep, bounds = vocabulary.keep(settings.subsample), vocabulary.noise().cumsum()
    bounds[-1] = 1.0  # it may have come out a little less
    for ids, owner, seen in _blocks(sentences, vocabulary):
        stay = rng.random(len(ids)) < keep[ids]
        inputs, weights, answers = _examples(ids[stay], owner[stay], settings, rng)
        order = rng.permutation(len(answers))
        for start in range(0, len(order), settings.batch_size):
            chosen = order[start : start + settings.batch_size]
            true = answers[chosen, None]  # (B, 1)
            draws = rng.random((len(chosen), settings.negative))
            noise = np.searchsorted(bounds, draws, side="right").astype(ids.dtype)  # (B, K)
            signs = np.where(noise == true, 0, -1)
            yield Batch(
                inputs[chosen],
                weights[chosen].astype(dtype),
                np.concatenate([true, noise], axis=1),
                np.concatenate([np.ones_like(true, dtype=dtype), signs], axis=1, dtype=dtype),
                seen,
            )


def _blocks(
    sentences: Iterable[Sequence[str]], vocabulary: Vocabulary
) -> Iterator[tuple[Array, Array, int]]:
    """Words as numbers, the number of the sentence of each, and how many have been read."""
    block: list[Array] = []
    waiting = seen = 0
    for sentence in sentences:
        ids = vocabulary.encode(sentence)
        block.append(ids)
        waiting += len(ids)
        seen += len(ids)
        if waiting >= _BLOCK:
            yield np.concatenate(block), _owners(block), seen
            block, waiting = [], 0
    if waiting:
        yield np.concatenate(block), _owners(block), seen


def _owners(block: list[Array]) -> Array:
    return np.repeat(np.arange(len(block)), [len(ids) for ids in block])


def _examples(
    ids: Array, owner: Array, settings: Settings, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Inputs (N, C), their weights (N, C), and the true answers (N,)."""
    around, inside = _windows(ids, owner, settings.window, rng)  # (n, 2 window), twice
    if settings.model == "skip-gram":  # each word of the window is asked about, given the middle
        middle = np.repeat(ids, inside.sum(axis=1))[:, None]  # (N, 1)
        return middle, np.ones(middle.shape, dtype=np.float32), around[inside]
    some = inside.any(axis=1)  # the middle is asked about, given the mean of the window
    around, inside = around[some], inside[some]
    return around, inside / inside.sum(axis=1, keepdims=True), ids[some]


def _windows(
    ids: Array, owner: Array, window: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """The words around each word, (n, 2 window), and which of them belong to its window.

    Each word has a window of its own width, from 1 to `window` words to either side, so that near
    words count more often than far ones. No window reaches into another sentence.
    """
    offsets = np.array([i for i in range(-window, window + 1) if i != 0])
    places = np.arange(len(ids))[:, None] + offsets  # (n, 2 window)
    width = rng.integers(1, window + 1, size=(len(ids), 1))
    inside = (places >= 0) & (places < len(ids)) & (np.abs(offsets) <= width)
    places = places.clip(0, max(0, len(ids) - 1))
    inside &= owner[places] == owner[:, None]
    return ids[places], inside


@dataclass(frozen=True)
class Schedule:
    """How the learning rate falls: along a straight line, to a ten-thousandth of what it was."""

    lr: float
    epochs: int
    words: int

    def __post_init__(self) -> None:
        if not self.lr > 0:
            raise ValueError(f"lr is {self.lr}; it must be above 0")
        whole(epochs=self.epochs)

    def rate(self, epoch: int, seen: int) -> float:
        """The rate, when so many words of this epoch have been read."""
        return self.lr * max(1e-4, 1 - (epoch + seen / self.words) / self.epochs)

    def mean(self, total: float, examples: float, epoch: int) -> float:
        """The loss per example, if there have been any."""
        if not examples:
            raise ValueError(
                f"epoch {epoch + 1}: the sentences gave no examples. Are they all shorter than two "
                "known words? Or is it a generator, which can be gone through only once?"
            )
        return total / examples
