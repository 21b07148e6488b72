"""One step of word2vec: 512 pairs with five words of noise each, 100 numbers a word."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from benchmarks.harness import Case
from nnbook._vocabulary import Vocabulary
from nnbook._word2vec_batches import Batch, Settings, batches
from nnbook.pytorch.word2vec import Word2Vec as Twin
from nnbook.scratch.word2vec import Word2Vec

DIM, PAIRS, LR = 100, 512, 1e-3


def a_batch(words: int) -> tuple[Vocabulary, Batch]:
    """Words as frequent as in a language, by Zipf's law."""
    rng = np.random.default_rng(0)
    vocabulary = Vocabulary.of(
        [f"w{i}" for i in range(words)], (10 * words // np.arange(1, words + 1)).tolist()
    )
    share = vocabulary.counts / vocabulary.counts.sum()
    text = [[f"w{i}" for i in row] for row in rng.choice(words, size=(200, 20), p=share)]
    settings = Settings("skip-gram", 5, 5, 1e-3, PAIRS)
    return vocabulary, next(batches(text, vocabulary, settings, rng, np.float32))


def autograd(vocabulary: Vocabulary, batch: Batch, sparse: bool) -> Callable[[], object]:
    """What one would write with PyTorch's own layers and optimizer; nothing is capped."""
    vectors, out_vectors = (
        torch.nn.Embedding(len(vocabulary), DIM, sparse=sparse) for _ in range(2)
    )
    optimizer = torch.optim.SGD([vectors.weight, out_vectors.weight], lr=LR)
    middle, asked = (
        torch.from_numpy(ids.astype(np.int64)) for ids in (batch.inputs[:, 0], batch.targets)
    )
    signs = torch.from_numpy(batch.signs)

    def step() -> None:
        z = (out_vectors(asked) @ vectors(middle)[:, :, None])[:, :, 0]
        loss = -(signs.abs() * torch.nn.functional.logsigmoid(signs * z)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def cases() -> Iterator[Case]:
    """A small vocabulary, and a larger one, where gradients of whole tables cost more."""
    for words in (1_000, 10_000):
        vocabulary, batch = a_batch(words)
        how: dict[str, Any] = {"dim": DIM, "rng": 0}
        ours = Word2Vec(vocabulary, dtype=np.float32, **how)
        twin = Twin(vocabulary, dtype=torch.float32, device="cpu", **how)
        contenders = {
            "nnbook": lambda ours=ours, batch=batch: ours.step(batch, LR),
            "PyTorch eager": autograd(vocabulary, batch, sparse=True),
            "PyTorch, whole gradients": autograd(vocabulary, batch, sparse=False),
            "nnbook in PyTorch": lambda twin=twin, batch=batch: twin.step(batch, LR),
        }
        yield Case(f"word2vec, {words:,} words", contenders, aim=(0.35, 0.22))
