r"""Word embeddings: words as vectors, learned from the company that they keep.

A net of two layers is asked which words stand near which. What goes in is one word out of V, so the
first layer is a table with a row for each word: its vector. What comes out is a score for a word,
the dot product with that word's row in a second table. Nobody needs the answers. The first table is
what one wanted.

From a terminal, for a text of any size (it is read piece by piece):

    python -m nnbook.scratch.word2vec --corpus your.txt --out vectors.npz

Source: Mikolov, Chen, Corrado and Dean, Efficient estimation of word representations in vector
space, 2013; Mikolov, Sutskever, Chen, Corrado and Dean, Distributed representations of words and
phrases and their compositionality, 2013. The derivations follow Rong, word2vec parameter learning
explained, 2014, and Goldberg and Levy, word2vec explained, 2014.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnbook._rng import layer_generator
from nnbook._vocabulary import Vocabulary
from nnbook._word2vec_batches import MODELS, Batch, Schedule, Settings, batches
from nnbook._word2vec_lookup import Lookup
from nnbook.nn._checks import float_dtype, one_of, positive

Array = NDArray[Any]


class Word2Vec(Lookup):
    r"""Skip-gram or CBOW, with negative sampling.

    *Skip-gram* takes the word in the middle of a window and asks about each of the others. *CBOW*,
    a continuous bag of words, takes the mean of the others and asks about the middle. Let
    $\mathbf{h}$ be what goes in, $\sum_c \alpha_c \mathbf{v}_c$ with $\alpha_c = 1$ for the only
    word of skip-gram, or one over their number for CBOW. A word $w$ has the score
    $z_w = \mathbf{u}_w^\top \mathbf{h}$. Among all V words the true one would have the probability
    $\operatorname{softmax}(\mathbf{z})_w$, for which one would have to compute V scores. So another
    question is asked instead: *is this word the true one, or noise?* That takes one sigmoid, and
    $K$ words drawn at random. With $t = 1$ for the true word and $t = -1$ for noise,

    $$\mathcal{L} = -\sum_{w} \ln \sigma(t_w z_w) .$$

    Since $\frac{d}{dz} \ln \sigma(z) = \sigma(-z)$, the slope by a score is
    $\delta_w = -t_w\, \sigma(-t_w z_w)$, which is the prediction minus the label, and by the chain
    rule

    $$\frac{\partial \mathcal{L}}{\partial \mathbf{u}_w} = \delta_w \mathbf{h}, \qquad
    \frac{\partial \mathcal{L}}{\partial \mathbf{h}} = \sum_w \delta_w \mathbf{u}_w, \qquad
    \frac{\partial \mathcal{L}}{\partial \mathbf{v}_c} =
    \alpha_c \frac{\partial \mathcal{L}}{\partial \mathbf{h}} .$$

    Only the rows of the words in question are touched: $2 + K$ for skip-gram, not V. (For CBOW, the
    program that came with the papers forgets the $\alpha_c$; İrsoy, Benton and Stratos, Corrected
    CBOW performs as well as skip-gram, 2021.)

    Args:
        vocabulary: The words.
        dim: How many numbers each word gets.
        model: "skip-gram" or "cbow".
        rng: A seed or generator for the start. The twin in PyTorch starts from the same vectors.
        dtype: The type of the vectors.

    Attributes:
        vocabulary: As given.
        model: As given.
        vectors: The vectors of the words, $\mathbf{v}$, (V, dim); small and random at the start.
        out_vectors: Those of the second layer, $\mathbf{u}$, (V, dim); zero at the start.

    Raises:
        ValueError: If `dim` is below 1, or there is no such model.

    Examples:
        >>> text = [["a", "cat", "purrs"], ["a", "dog", "barks"], ["one", "cat", "sleeps"]]
        >>> model = Word2Vec(Vocabulary(text, min_count=1), dim=8, rng=0)
        >>> losses = model.train(text, window=2, subsample=None, epochs=50, lr=0.5, rng=0)
        >>> model.vectors.shape, len(losses), losses[-1] < losses[0]
        ((7, 8), 50, True)
        >>> model
        Word2Vec(7 words, dim=8, model='skip-gram')
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        dim: int = 100,
        model: str = "skip-gram",
        *,
        rng: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        positive(dim=dim)
        one_of("model", model, MODELS)
        kind, shape = float_dtype(dtype), (len(vocabulary), dim)
        self.vocabulary, self.model = vocabulary, model
        self.vectors: Array = (
            layer_generator(rng).uniform(-0.5 / dim, 0.5 / dim, shape).astype(kind)
        )
        self.out_vectors: Array = np.zeros(shape, dtype=kind)
        self._room = _Room()

    def __repr__(self) -> str:
        v, dim = self.vectors.shape
        return f"Word2Vec({v} words, dim={dim}, model={self.model!r})"

    def arrays(self) -> tuple[Array, Array]:
        """The vectors and the output vectors, (V, dim) each."""
        return self.vectors, self.out_vectors

    def train(
        self,
        sentences: Iterable[Sequence[str]],
        *,
        window: int = 5,
        negative: int = 5,
        subsample: float | None = 1e-3,
        epochs: int = 5,
        lr: float = 0.025,
        batch_size: int = 512,
        cap: float | None = 16,
        rng: int | np.random.Generator | None = None,
    ) -> list[float]:
        r"""Learn from a text, by gradient descent with a rate that falls to nearly zero.

        Args:
            sentences: Lists of words, to be gone through once in each epoch; never all in memory.
            window: How many words to either side belong to a window at most. How many do is drawn
                for each word, so that near words count more.
            negative: How many words of noise for each true one, $K$.
            subsample: The threshold above which frequent words are thinned out, see
                `Vocabulary.keep`; `None` keeps all.
            epochs: How often the text is read.
            lr: The learning rate at the start; it falls along a straight line.
            batch_size: How many examples are learned from at once.
            cap: How many contributions to one row count at most, see `step`.
            rng: A seed or generator for windows, order and noise. The twin draws the same.

        Returns:
            The mean loss of the examples of each epoch.

        Raises:
            ValueError: If a setting makes no sense, or the sentences give no examples; a generator,
                for one, can be gone through only once.
        """
        settings = Settings(self.model, window, negative, subsample, batch_size, cap)
        schedule = Schedule(lr, epochs, int(self.vocabulary.counts.sum()))
        generator, losses = layer_generator(rng), []
        for epoch in range(epochs):
            total = examples = 0.0
            for batch in batches(
                sentences, self.vocabulary, settings, generator, self.vectors.dtype
            ):
                total += self.step(batch, schedule.rate(epoch, batch.seen), cap)
                examples += len(batch)
            losses.append(schedule.mean(total, examples, epoch))
        return losses

    def loss(self, batch: Batch) -> float:
        """The loss of a batch, summed over its examples; nothing is learned."""
        return self._forward(batch)[0]

    def step(self, batch: Batch, lr: float, cap: float | None = 16) -> float:
        r"""One step down, on the *sum* over a batch, as if each example had been taken alone.

        Summed, because most rows are touched by one example or by few, and for them it is all the
        same. But "the" may be touched by hundreds. One after the other, each would see what those
        before it have done, and the steps would shrink; all at once they add up, overshoot, and the
        next batch overshoots back, farther. So what a row receives is capped: if $n$ examples touch
        it, it moves by $\min(n, \text{cap})$ times their mean. (It is `lr * cap` that
        bounds a jump. If it is well above 1 and words are few, rows may still burst.)

        Args:
            batch: The examples.
            lr: The learning rate.
            cap: How many examples count at most; `None` for no cap.

        Returns:
            The loss before the step, summed over the examples.
        """
        room = self._room
        loss, h, u, delta = self._forward(batch)
        grad_h = (delta[:, None, :] @ u)[:, 0]  # (B, 1, 1 + K) @ (B, 1 + K, dim) -> (B, dim)
        _descend(self.out_vectors, batch.targets, delta, batch.signs != 0, h, lr, cap, room)
        _descend(
            self.vectors, batch.inputs, batch.weights, batch.weights != 0, grad_h, lr, cap, room
        )
        return loss

    def _forward(self, batch: Batch) -> tuple[float, Array, Array, Array]:
        """The loss, what goes in, what is asked about, and the slopes by the scores."""
        v = self._room.take("v", self.vectors, batch.inputs)  # (B, C, dim)
        h = (batch.weights[:, None, :] @ v)[:, 0]  # (B, 1, C) @ (B, C, dim) -> (B, dim)
        u = self._room.take("u", self.out_vectors, batch.targets)  # (B, 1 + K, dim)
        z = (u @ h[:, :, None])[:, :, 0]  # (B, 1 + K, dim) @ (B, dim, 1) -> (B, 1 + K)
        right = batch.signs * z  # how sure of the right answer
        small = np.exp(-np.abs(right))  # at most 1: nothing overflows
        losses = np.log1p(small) - np.minimum(right, 0)  # -ln sigmoid(right)
        wrong = np.where(right > 0, small, 1) / (1 + small)  # sigmoid(-right)
        return float(losses[batch.signs != 0].sum()), h, u, -batch.signs * wrong

    @classmethod
    def _from_arrays(cls, vocabulary: Vocabulary, model: str, tables: Sequence[Array]) -> Self:
        made = cls(vocabulary, tables[0].shape[1], model, rng=0, dtype=tables[0].dtype)
        made.vectors, made.out_vectors = tables
        return made


class _Room:
    """Memory for rows, used again and again.

    What is fresh has to be fetched from the system page by page, and that takes longer than all the
    arithmetic.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Array] = {}

    def take(self, name: str, table: Array, ids: Array) -> Array:
        """`table[ids]`, (..., dim), good until one takes something else of that name."""
        shape = (*ids.shape, table.shape[1])
        size, room = math.prod(shape), self._kept.get(name)
        if room is None or room.size < size or room.dtype != table.dtype:
            room = self._kept[name] = np.empty(size, dtype=table.dtype)
        return table.take(ids, axis=0, out=room[:size].reshape(shape), mode="clip")


def _descend(
    table: Array,
    ids: Array,
    factors: Array,
    used: Array,
    rows: Array,
    lr: float,
    cap: float | None,
    room: _Room,
) -> None:
    """Subtract from row `ids[b, c]` of a table `lr * factors[b, c] * rows[b]`, for all b and c.

    A row may be named many times, and `table[ids] -= ...` would take the last only.

    Args:
        table: (V, dim), changed in place.
        ids: (B, C).
        factors: (B, C).
        used: Which of them count, (B, C).
        rows: (B, dim).
        lr: The learning rate.
        cap: How many contributions to a row count at most.
        room: Where to work.
    """
    places = np.flatnonzero(used)  # (M,)
    words, counts, layers, order = _layers(ids.ravel()[places])
    places = places[order]
    parts = room.take("parts", rows, places // ids.shape[1])  # (M, dim)
    parts *= factors.ravel()[places, None]
    sums, start = parts[: len(words)], len(words)
    for size in layers[1:]:
        sums[:size] += parts[start : start + size]
        start += size
    scale = np.full(len(words), lr) if cap is None else lr * np.minimum(1, cap / counts)
    sums *= scale[:, None].astype(table.dtype)
    table[words] -= sums


def _layers(named: Array) -> tuple[Array, Array, list[int], Array]:
    """An order in which the contributions to rows that are named many times are quickly summed.

    First comes one contribution of each word, then a second of each word that has two, and so on,
    and in each of these layers the words that are named most often come first. So each layer fits
    on the front of the one below, and can be added as a whole. (`np.add.reduceat`, made for such
    sums, is several times slower.)

    Args:
        named: Numbers of words, (M,).

    Returns:
        The n different words, those named most often first; how often each is named; the size of
        each layer; and the order, (M,).

    Examples:
        >>> words, counts, layers, order = _layers(np.array([7, 3, 3, 5, 3, 7]))
        >>> words.tolist(), counts.tolist(), layers, order.tolist()
        ([3, 7, 5], [3, 2, 1], [3, 2, 1], [1, 0, 3, 2, 5, 4])
    """
    counts = np.bincount(named)
    words = np.flatnonzero(counts)
    words = words[np.argsort(-counts[words], kind="stable")]
    place = np.empty_like(counts)
    place[words], counts = np.arange(len(words)), counts[words]
    layers = np.searchsorted(-counts, -np.arange(counts.max(initial=0)))  # words named more than i
    kind = place[named].astype(np.min_scalar_type(len(words)))  # small numbers are quickly sorted
    by_word = np.argsort(kind, kind="stable")
    layer = np.arange(len(named)) - np.repeat(counts.cumsum() - counts, counts)
    order = np.empty_like(by_word)
    order[(layers.cumsum() - layers)[layer] + np.repeat(np.arange(len(words)), counts)] = by_word
    return words, counts, layers.tolist(), order


if __name__ == "__main__":
    from functools import partial

    from nnbook._word2vec_command import command

    command(partial(Word2Vec, dtype=np.float32), "nnbook.scratch.word2vec")
