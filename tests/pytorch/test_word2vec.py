"""word2vec in PyTorch: autograd says what NumPy derived by hand; training takes the same way."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from nnbook._vocabulary import Vocabulary
from nnbook._word2vec_batches import Batch, Settings, batches
from nnbook.pytorch import word2vec as twin
from nnbook.scratch import word2vec as scratch

MODELS = ("skip-gram", "cbow")
PROSE = "the cat sat on the mat and the dog sat on the cat while a bird sang to the dog"
TEXT = [PROSE.split()[i : i + 7] for i in range(12)] * 4


def pair(model="skip-gram", dim=6, dtype="float64", rng=0):
    vocabulary = Vocabulary(TEXT, 1)
    return (
        scratch.Word2Vec(vocabulary, dim, model, rng=rng, dtype=getattr(np, dtype)),
        twin.Word2Vec(vocabulary, dim, model, rng=rng, dtype=getattr(torch, dtype), device="cpu"),
    )


def examples(model, batch_size=50, dtype=np.float64):
    how = Settings(model, 3, 4, 0.2, batch_size)
    return list(batches(TEXT, Vocabulary(TEXT, 1), how, np.random.default_rng(3), dtype))


def assert_equal(ours, theirs, **how):
    for a, b in zip(ours.arrays(), theirs.arrays(), strict=True):
        np.testing.assert_allclose(b, a, **how)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_same_seed_gives_the_same_start(dtype):
    ours, theirs = pair(dtype=dtype, rng=7)
    assert theirs.vectors.dtype == theirs.out_vectors.dtype == getattr(torch, dtype)
    assert_equal(ours, theirs, rtol=0)


@pytest.mark.parametrize("model", MODELS)
def test_one_step_is_the_gradient_of_embeddings(model):
    """Against `torch.nn` alone: two embeddings, a dot product, the cross-entropy of a sigmoid."""
    ours, _ = pair(model)
    rng = np.random.default_rng(0)
    ours.vectors[:], ours.out_vectors[:] = (rng.normal(size=ours.vectors.shape) for _ in range(2))
    batch = examples(model)[0]
    assert (batch.signs == 0).any()
    v, u = (torch.nn.Embedding.from_pretrained(torch.tensor(t), freeze=False)
            for t in ours.arrays())  # fmt: skip
    h = (
        torch.from_numpy(batch.weights)[..., None] * v(torch.tensor(batch.inputs.astype(int)))
    ).sum(1)
    z = torch.einsum("bkd,bd->bk", u(torch.tensor(batch.targets.astype(int))), h)
    signs = torch.from_numpy(batch.signs)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        z, (signs > 0).double(), weight=signs.abs(), reduction="sum"
    )
    loss.backward()
    before = [table.copy() for table in ours.arrays()]
    assert ours.step(batch, lr=0.3, cap=None) == pytest.approx(loss.item(), rel=1e-12)
    for old, new, layer in zip(before, ours.arrays(), (v, u), strict=True):
        np.testing.assert_allclose(old - new, 0.3 * layer.weight.grad.numpy(), atol=1e-13)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("cap", [None, 1, 3.5, 16])
def test_the_same_steps(model, cap):
    ours, theirs = pair(model)
    for batch in examples(model) * 5:
        assert theirs.loss(batch) == pytest.approx(ours.loss(batch), rel=1e-12)
        assert theirs.step(batch, 0.3, cap) == pytest.approx(ours.step(batch, 0.3, cap), rel=1e-12)
    assert_equal(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_training_takes_the_same_way(model):
    ours, theirs = pair(model)
    how = {"window": 3, "negative": 3, "subsample": 0.2, "epochs": 4, "lr": 0.2, "batch_size": 32}
    np.testing.assert_allclose(
        theirs.train(TEXT, rng=1, **how), ours.train(TEXT, rng=1, **how), rtol=1e-10
    )
    assert_equal(ours, theirs, rtol=1e-8, atol=1e-11)
    assert theirs.analogy("the", "cat", "a", 3) == [
        (word, pytest.approx(cosine)) for word, cosine in ours.analogy("the", "cat", "a", 3)
    ]
    assert theirs.most_similar("cat", 2)[0][0] == ours.most_similar("cat", 2)[0][0]


def test_float32_stays_float32():
    ours, theirs = pair(dtype="float32")
    for batch in examples("skip-gram", dtype=np.float32):
        theirs.step(batch, 0.1)
        ours.step(batch, 0.1)
    assert theirs.vectors.dtype == theirs.out_vectors.dtype == torch.float32
    assert not theirs.vectors.requires_grad
    assert_equal(ours, theirs, rtol=1e-3, atol=1e-5)


def test_rows_that_no_example_names_stay():
    _, theirs = pair()
    batch = Batch(np.array([[1]]), np.ones((1, 1)), np.array([[2, 3, 2]]), np.array([[1.0, -1, 0]]))
    before = [table.copy() for table in theirs.arrays()]
    theirs.step(batch, 0.1)
    changed = [(a != b).any(axis=1).nonzero()[0].tolist()
               for a, b in zip(before, theirs.arrays(), strict=True)]  # fmt: skip
    assert changed == [[], [2, 3]]  # the first table waits: all out_vectors were zero


def test_either_reads_what_the_other_saved(tmp_path):
    ours, theirs = pair("cbow", dtype="float32")
    theirs.train(TEXT, epochs=1, rng=0)
    theirs.save(tmp_path / "theirs.npz")
    again = scratch.Word2Vec.load(tmp_path / "theirs.npz")
    assert_equal(again, theirs, rtol=0)
    assert again.model == "cbow"
    ours.save(tmp_path / "ours.npz")
    assert_equal(ours, loaded := twin.Word2Vec.load(tmp_path / "ours.npz"), rtol=0)
    assert loaded.vectors.dtype == torch.float32
    assert repr(loaded) == repr(ours)
    loaded.step(examples("cbow", dtype=np.float32)[0], 0.1)  # it can go on learning


def test_the_command(tmp_path):
    (tmp_path / "text.txt").write_text("A cat purrs. A dog barks. " * 50, encoding="utf-8")
    line = [sys.executable, "-m", "nnbook.pytorch.word2vec", "--corpus", "text.txt",
            "--out", "vectors.npz", "--dim", "6", "--epochs", "1"]  # fmt: skip
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "saved to vectors.npz" in done.stderr
    assert scratch.Word2Vec.load(tmp_path / "vectors.npz").vectors.dtype == np.float32


def test_refusals_are_those_of_the_twin():
    for module, dtype in ((scratch, np.int64), (twin, torch.int64)):
        with pytest.raises(ValueError, match="model is 'glove'"):
            module.Word2Vec(Vocabulary(TEXT, 1), 4, "glove")
        with pytest.raises(ValueError, match="dim is 0"):
            module.Word2Vec(Vocabulary(TEXT, 1), 0)
        with pytest.raises(TypeError, match="float dtype"):
            module.Word2Vec(Vocabulary(TEXT, 1), 4, dtype=dtype)
        with pytest.raises(ValueError, match="window is 0"):
            module.Word2Vec(Vocabulary(TEXT, 1), 4).train(TEXT, window=0)
