r"""Word embeddings in PyTorch: the twin of `nnbook.scratch.word2vec`.

A net of two layers is asked which words stand near which. What goes in is one word out of V, so the
first layer is a table with a row for each word: its vector. What comes out is a score for a word,
the dot product with that word's row in a second table. Nobody needs the answers. The first table is
what one wanted.

From a terminal, for a text of any size (it is read piece by piece):

    python -m nnbook.pytorch.word2vec --corpus your.txt --out vectors.npz

Source: Mikolov, Chen, Corrado and Dean, Efficient estimation of word representations in vector
space, 2013; Mikolov, Sutskever, Chen, Corrado and Dean, Distributed representations of words and
phrases and their compositionality, 2013. The derivations follow Rong, word2vec parameter learning
explained, 2014, and Goldberg and Levy, word2vec explained, 2014.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from nnbook._rng import layer_generator
from nnbook._vocabulary import Vocabulary
from nnbook._word2vec_batches import MODELS, Batch, Schedule, Settings, batches
from nnbook._word2vec_lookup import Lookup
from nnbook.nn._checks import one_of, positive
from nnbook.pytorch._device import resolve_device

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
        rng: A seed or generator for the start. The twin in NumPy starts from the same vectors.
        dtype: The type of the vectors.
        device: Where they lie; "auto" takes a GPU if there is one.

    Attributes:
        vocabulary: As given.
        model: As given.
        vectors: The vectors of the words, $\mathbf{v}$, (V, dim); small and random at the start.
        out_vectors: Those of the second layer, $\mathbf{u}$, (V, dim); zero at the start.

    Raises:
        ValueError: If `dim` is below 1, or there is no such model.

    Examples:
        >>> text = [["a", "cat", "purrs"], ["a", "dog", "barks"], ["one", "cat", "sleeps"]]
        >>> model = Word2Vec(Vocabulary(text, min_count=1), dim=8, rng=0, device="cpu")
        >>> losses = model.train(text, window=2, subsample=None, epochs=50, lr=0.5, rng=0)
        >>> tuple(model.vectors.shape), len(losses), losses[-1] < losses[0]
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
        dtype: torch.dtype = torch.float64,
        device: str | torch.device = "auto",
    ) -> None:
        positive(dim=dim)
        one_of("model", model, MODELS)
        if not dtype.is_floating_point:
            raise TypeError(f"vectors need a float dtype such as torch.float64; got {dtype}")
        shape = (len(vocabulary), dim)
        start = layer_generator(rng).uniform(-0.5 / dim, 0.5 / dim, shape)
        self.vocabulary, self.model = vocabulary, model
        self.device = resolve_device(device, dtype)
        self._set(torch.from_numpy(start).to(dtype), torch.zeros(shape, dtype=dtype))

    def __repr__(self) -> str:
        v, dim = self.vectors.shape
        return f"Word2Vec({v} words, dim={dim}, model={self.model!r})"

    def arrays(self) -> tuple[Array, Array]:
        """The vectors and the output vectors, (V, dim) each, as NumPy arrays."""
        return self.vectors.detach().cpu().numpy(), self.out_vectors.detach().cpu().numpy()

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
        kind = self.arrays()[0].dtype
        for epoch in range(epochs):
            total = examples = 0.0
            for batch in batches(sentences, self.vocabulary, settings, generator, kind):
                total += self.step(batch, schedule.rate(epoch, batch.seen), cap)
                examples += len(batch)
            losses.append(schedule.mean(total, examples, epoch))
        return losses

    @torch.no_grad()
    def loss(self, batch: Batch) -> float:
        """The loss of a batch, summed over its examples; nothing is learned."""
        return self._forward(batch)[0].item()

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
        loss, v, u = self._forward(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        _descend(self.vectors, v, batch.inputs[batch.weights != 0], lr, cap)
        _descend(self.out_vectors, u, batch.targets[batch.signs != 0], lr, cap)
        return loss.item()

    def _forward(self, batch: Batch) -> tuple[Tensor, "_Rows", "_Rows"]:
        """The loss, and the rows of the two tables that autograd has followed."""
        weights, signs = self._placed(batch.weights), self._placed(batch.signs)
        v, u = (
            _Rows(table, self._placed(ids.astype(np.int64)))
            for table, ids in ((self.vectors, batch.inputs), (self.out_vectors, batch.targets))
        )
        h = (weights[:, None, :] @ v.picked())[:, 0]  # (B, C, dim) -> (B, dim)
        z = (u.picked() @ h[:, :, None])[:, :, 0]  # (B, 1 + K)
        return -(signs.abs() * F.logsigmoid(signs * z)).sum(), v, u

    def _placed(self, array: Array) -> Tensor:
        return torch.from_numpy(array).to(self.vectors.device)

    @classmethod
    def _from_arrays(cls, vocabulary: Vocabulary, model: str, tables: Sequence[Array]) -> Self:
        vectors, out_vectors = (torch.from_numpy(table) for table in tables)
        made = cls(vocabulary, vectors.shape[1], model, rng=0, dtype=vectors.dtype)
        made._set(vectors, out_vectors)
        return made

    def _set(self, vectors: Tensor, out_vectors: Tensor) -> None:
        self.vectors, self.out_vectors = vectors.to(self.device), out_vectors.to(self.device)


class _Rows:
    """The rows of a table that a batch names, each once: autograd need not follow the others."""

    def __init__(self, table: Tensor, ids: Tensor) -> None:
        self.ids, self.places = torch.unique(ids, return_inverse=True)
        self.values = table[self.ids].requires_grad_()

    def picked(self) -> Tensor:
        return F.embedding(self.places, self.values)


@torch.no_grad()
def _descend(table: Tensor, rows: _Rows, named: Array, lr: float, cap: float | None) -> None:
    """Subtract from a table the gradient by some of its rows, capped.

    Args:
        table: (V, dim), changed in place.
        rows: The rows, with their gradient.
        named: Their numbers, as often as they contribute.
        lr: The learning rate.
        cap: How many contributions to a row count at most.
    """
    grad = cast(Tensor, rows.values.grad)
    counts = np.bincount(named, minlength=len(table)).clip(1)
    scale = np.full(len(table), lr) if cap is None else lr * np.minimum(1, cap / counts)
    table[rows.ids] -= grad * torch.from_numpy(scale).to(table)[rows.ids, None]


if __name__ == "__main__":
    from functools import partial

    from nnbook._word2vec_command import command

    command(partial(Word2Vec, dtype=torch.float32), "nnbook.pytorch.word2vec")
