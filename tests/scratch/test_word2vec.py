"""word2vec in NumPy: examples by hand, gradients against differences, large batches against small.

Vocabulary, batches, files and the command line are shared with PyTorch and tested here.
"""

import json
import subprocess
import sys
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import data
from nnbook._vocabulary import Vocabulary
from nnbook._word2vec_batches import Batch, Schedule, Settings, batches
from nnbook._word2vec_command import command
from nnbook.scratch.word2vec import Word2Vec, _layers

MODELS = ("skip-gram", "cbow")
TEXT = [["a", "b", "c", "a"], ["b", "a"], ["c"], [], ["d", "e", "a", "b"]] * 3


def some_batch(model, rng, v=6, b=9, k=3, dtype=np.float64):
    """Examples at random, with repeated words, noise that hits and, in CBOW, narrow windows."""
    c = 1 if model == "skip-gram" else 4
    inside = rng.random((b, c)) < 0.6
    inside[:, 0] = True
    weights = (inside / inside.sum(axis=1, keepdims=True)).astype(dtype)
    targets = rng.integers(v, size=(b, 1 + k))
    signs = np.where(targets == targets[:, :1], 0.0, -1.0).astype(dtype)
    signs[:, 0] = 1
    return Batch(rng.integers(v, size=(b, c)), weights, targets, signs)


def some_model(model, rng, v=6, dim=5, dtype=np.float64):
    vocabulary = Vocabulary.of([f"w{i}" for i in range(v)], range(2 * v, v, -1))
    made = Word2Vec(vocabulary, dim, model, rng=rng, dtype=dtype)
    made.vectors = rng.normal(size=(v, dim)).astype(dtype)
    made.out_vectors = rng.normal(size=(v, dim)).astype(dtype)
    return made


def all_batches(text, vocabulary, seed=0, **how):
    chosen = {"model": "skip-gram", "window": 2, "negative": 2, "subsample": None, "batch_size": 4}
    made = batches(
        text, vocabulary, Settings(**chosen | how), np.random.default_rng(seed), np.float64
    )
    return list(made)


# The step


def test_a_step_by_hand():
    model = Word2Vec(Vocabulary.of("abc", [3, 2, 1]), 2, rng=0)
    model.vectors[:] = [[1, 2], [0, 0], [5, 5]]
    model.out_vectors[:] = [[7, 7], [0.5, -0.25], [0, 0]]
    batch = Batch(
        np.array([[0]]), np.ones((1, 1)), np.array([[1, 2]]), np.array([[1.0, -1.0]])
    )  # both scores are 0, so both slopes one half: -1/2 for the true word, 1/2 for noise
    assert model.loss(batch) == pytest.approx(2 * np.log(2))
    assert model.step(batch, lr=0.1) == pytest.approx(2 * np.log(2))
    np.testing.assert_allclose(model.out_vectors, [[7, 7], [0.55, -0.15], [-0.05, -0.1]])
    np.testing.assert_allclose(model.vectors, [[1.025, 1.9875], [0, 0], [5, 5]])


@pytest.mark.parametrize("model", MODELS)
def test_a_step_goes_against_central_differences(model):
    rng = np.random.default_rng(1)
    made, batch = some_model(model, rng), some_batch(model, rng)
    slopes, h = [], 1e-6
    for table in (made.vectors, made.out_vectors):
        slope = np.zeros_like(table)
        for place in np.ndindex(table.shape):
            value = table[place]
            table[place] = value + h
            above = made.loss(batch)
            table[place] = value - h
            slope[place] = (above - made.loss(batch)) / (2 * h)
            table[place] = value
        slopes.append(slope)
    before = [table.copy() for table in made.arrays()]
    made.step(batch, lr=1.0, cap=None)
    for old, new, slope in zip(before, made.arrays(), slopes, strict=True):
        np.testing.assert_allclose(old - new, slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("cap", [1, 2.5, 4, 1000])
def test_the_cap_counts_so_many_of_the_mean(model, cap):
    rng = np.random.default_rng(2)
    made, batch = some_model(model, rng, v=3), some_batch(model, rng, v=3, b=20)
    free = Word2Vec._from_arrays(made.vocabulary, model, [t.copy() for t in made.arrays()])
    before = [table.copy() for table in made.arrays()]
    made.step(batch, 0.1, cap=cap)
    free.step(batch, 0.1, cap=None)
    named = (batch.inputs[batch.weights != 0], batch.targets[batch.signs != 0])
    for old, capped, whole, ids in zip(before, made.arrays(), free.arrays(), named, strict=True):
        for word in range(3):
            n = np.sum(ids == word)
            expected = (whole - old)[word] * min(n, cap) / n
            np.testing.assert_allclose((capped - old)[word], expected, rtol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_scores_of_any_size(model):
    rng = np.random.default_rng(3)
    made, batch = some_model(model, rng), some_batch(model, rng)
    made.vectors *= 1e4
    assert np.isfinite(made.step(batch, 0.1))
    assert all(np.isfinite(table).all() for table in made.arrays())
    for dtype in (np.float32, np.float64):
        one = some_model(model, np.random.default_rng(0), dtype=dtype)
        one.step(some_batch(model, np.random.default_rng(1), dtype=dtype), 0.1)
        assert {table.dtype for table in one.arrays()} == {np.dtype(dtype)}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 12), max_size=80))
def test_layers(named):
    words, counts, layers, order = _layers(np.array(named, dtype=np.uint8))
    assert dict(zip(words.tolist(), counts.tolist(), strict=True)) == Counter(named)
    assert sorted(order.tolist()) == list(range(len(named)))
    assert sum(layers) == len(named)
    rest = np.array(named, dtype=int)[order].tolist()
    for i, size in enumerate(layers):  # each layer: the words named more than i times, in order
        layer, rest = rest[:size], rest[size:]
        assert layer == words[:size].tolist()
        assert (counts[:size] > i).all()
        assert (counts[size:] <= i).all()


def test_a_batch_gives_the_same_after_a_larger_one():
    rng = np.random.default_rng(4)
    made, small = some_model("cbow", rng), some_batch("cbow", rng, b=3)
    fresh = Word2Vec._from_arrays(made.vocabulary, "cbow", [t.copy() for t in made.arrays()])
    made.loss(some_batch("cbow", rng, b=50))
    assert made.step(small, 0.1) == fresh.step(small, 0.1)
    np.testing.assert_array_equal(made.vectors, fresh.vectors)
    np.testing.assert_array_equal(made.out_vectors, fresh.out_vectors)


# Large batches


def final_loss(batch_size, cap, model, lr, epochs):
    """On Python's documentation, where "the" is in every other window; nothing is thinned out."""
    text = list(data.sentences())
    made = Word2Vec(Vocabulary(text), 16, model, rng=0, dtype=np.float32)
    with np.errstate(all="ignore"):  # it may burst
        made.train(
            text, subsample=None, batch_size=batch_size, cap=cap, lr=lr, epochs=epochs, rng=0
        )
        rest = Settings(model, 5, 5, None, 10**6)
        test = list(batches(text, made.vocabulary, rest, np.random.default_rng(1), np.float32))
        return sum(made.loss(batch) for batch in test) / sum(map(len, test))


@pytest.mark.parametrize(("model", "lr", "epochs"), [("skip-gram", 0.2, 2), ("cbow", 0.5, 4)])
def test_large_batches_learn_as_small_ones_do_if_capped(model, lr, epochs):
    small = final_loss(16, None, model, lr, epochs)
    assert small < 2.5  # six times the logarithm of 2, at the start, is 4.2
    assert final_loss(1024, 16, model, lr, epochs) == pytest.approx(small, rel=0.04)
    assert not final_loss(1024, None, model, lr, epochs) < 1000  # in general it is not a number


# Words, windows, noise


def test_vocabulary():
    vocabulary = Vocabulary(TEXT, min_count=4)
    assert vocabulary.words == ("a", "b", "c")
    assert vocabulary.counts.tolist() == [12, 9, 6]
    assert vocabulary.encode(["c", "zebra", "a"]).tolist() == [2, 0]
    assert vocabulary.encode([]).shape == (0,)
    assert "d" not in vocabulary
    assert "c" in vocabulary
    assert repr(vocabulary) == "Vocabulary(3 words, 27 in the text)"
    assert Vocabulary(TEXT, 1).words[-2:] == ("d", "e")  # a tie, by the alphabet
    with pytest.raises(KeyError, match="'zebra' is not among the 3 words"):
        vocabulary.number("zebra")


@pytest.mark.parametrize(("n", "dtype"), [(256, np.uint8), (257, np.uint16), (65537, np.uint32)])
def test_numbers_of_words_take_as_little_room_as_they_can(n, dtype):
    vocabulary = Vocabulary.of([f"w{i}" for i in range(n)], [1] * n)
    assert vocabulary.encode([f"w{n - 1}"]).dtype == dtype
    assert vocabulary.encode([f"w{n - 1}"])[0] == n - 1


def test_windows_by_hand():
    vocabulary = Vocabulary(TEXT, 1)
    found = Counter()
    for batch in all_batches(TEXT[:5], vocabulary, window=1):
        for middle, near in zip(batch.inputs[:, 0], batch.targets[:, 0], strict=True):
            found[vocabulary.words[middle] + vocabulary.words[near]] += 1
    once = {
        "ab": 3,
        "ba": 3,
        "bc": 1,
        "cb": 1,
        "ca": 1,
        "ac": 1,
        "de": 1,
        "ed": 1,
        "ea": 1,
        "ae": 1,
    }
    assert found == once


def test_cbow_by_hand():
    vocabulary = Vocabulary([["a", "b", "c"]], 1)
    (batch,) = all_batches([["a", "b", "c"], ["c"]], vocabulary, model="cbow", window=1)
    seen = {}
    for inputs, weights, targets in zip(batch.inputs, batch.weights, batch.targets, strict=True):
        used = weights > 0
        seen[vocabulary.words[targets[0]]] = (inputs[used].tolist(), weights[used].tolist())
    assert seen == {"a": ([1], [1]), "b": ([0, 2], [0.5, 0.5]), "c": ([1], [1])}


def test_near_words_come_more_often():
    text = [[f"w{i:03}" for i in range(100)]] * 50
    vocabulary = Vocabulary(text, 1)
    far = Counter()
    for batch in all_batches(text, vocabulary, window=4, batch_size=1000):
        places = [np.array([int(w[1:]) for w in vocabulary.words])[ids]
                  for ids in (batch.inputs[:, 0], batch.targets[:, 0])]  # fmt: skip
        far.update(np.abs(places[0] - places[1]).tolist())
    assert set(far) == {1, 2, 3, 4}
    for distance, share in ((2, 3 / 4), (3, 2 / 4), (4, 1 / 4)):
        assert far[distance] / far[1] == pytest.approx(share, rel=0.1)


@pytest.mark.parametrize("model", MODELS)
def test_blocks_do_not_show(monkeypatch, model):
    vocabulary = Vocabulary(TEXT, 1)

    def examples():
        made = all_batches(TEXT, vocabulary, model=model, window=1, batch_size=7)
        assert [b.seen for b in made] == sorted(b.seen for b in made)
        assert made[-1].seen == vocabulary.counts.sum()
        rows = [
            (*np.sort(i[w > 0]), -1, t[0])
            for b in made
            for i, w, t in zip(b.inputs, b.weights, b.targets, strict=True)
        ]
        return Counter(rows)

    whole = examples()
    monkeypatch.setattr("nnbook._word2vec_batches._BLOCK", 3)
    assert examples() == whole


def test_noise_is_drawn_by_the_power_of_three_quarters():
    counts = [1000, 100, 10, 1]
    vocabulary = Vocabulary.of("abcd", counts)
    weights = np.array([177.83, 31.623, 5.6234, 1.0])  # 10 ** (9/4), 10 ** (6/4), 10 ** (3/4)
    np.testing.assert_allclose(vocabulary.noise(), weights / weights.sum(), rtol=1e-4)
    np.testing.assert_allclose(vocabulary.noise(0), 0.25)
    np.testing.assert_allclose(vocabulary.noise(1), np.array(counts) / 1111)
    text = [["a", "b"]] * 5000
    made = all_batches(text, vocabulary, window=1, negative=10)
    drawn = np.bincount(np.concatenate([b.targets[:, 1:].ravel() for b in made]), minlength=4)
    np.testing.assert_allclose(drawn / drawn.sum(), weights / weights.sum(), atol=0.004)
    for batch in made:
        assert (batch.signs[:, 0] == 1).all()
        hits = batch.targets[:, 1:] == batch.targets[:, :1]
        np.testing.assert_array_equal(batch.signs[:, 1:], np.where(hits, 0, -1))


def test_frequent_words_are_thinned_out():
    vocabulary = Vocabulary.of("abc", [9000, 900, 100])
    np.testing.assert_allclose(vocabulary.keep(0.01), [np.sqrt(1 / 90), 1 / 3, 1], rtol=1e-12)
    text = [list("abc" * 100)] * 100
    made = all_batches(text, vocabulary, window=1, subsample=0.01, batch_size=1000)
    found = np.bincount(np.concatenate([b.inputs[:, 0] for b in made]), minlength=3)
    np.testing.assert_allclose(found[:2] / found[2], vocabulary.keep(0.01)[:2], atol=0.03)
    np.testing.assert_array_equal(vocabulary.keep(None), 1)


def test_the_rate_falls_along_a_line():
    schedule = Schedule(0.1, epochs=2, words=100)
    assert schedule.rate(0, 0) == 0.1
    assert schedule.rate(0, 50) == pytest.approx(0.075)
    assert schedule.rate(1, 50) == pytest.approx(0.025)
    assert schedule.rate(1, 100) == schedule.rate(1, 300) == pytest.approx(1e-5)


# The whole


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_words_in_the_same_company_come_close(model, seed):
    rng = np.random.default_rng(seed)
    things = {"cat": "purrs", "lion": "purrs", "car": "rolls", "bus": "rolls"}
    text = [["the", n := str(rng.choice(list(things))), things[n], "now"] for _ in range(2000)]
    made = Word2Vec(Vocabulary(text), 8, model, rng=seed)
    losses = made.train(text, window=2, subsample=None, epochs=5, lr=0.1, batch_size=64, rng=seed)
    assert losses[-1] < losses[0]
    assert made.similarity("cat", "lion") > 0.9 > 0.6 > made.similarity("cat", "car")
    assert made.most_similar("bus", 1)[0][0] == "car"


def test_training_follows_its_seed():
    how = {"window": 2, "epochs": 2, "subsample": 0.1}
    one, two, three = (Word2Vec(Vocabulary(TEXT, 1), 4, rng=0) for _ in range(3))
    assert one.train(TEXT, rng=5, **how) == two.train(TEXT, rng=5, **how)
    three.train(TEXT, rng=6, **how)
    np.testing.assert_array_equal(one.vectors, two.vectors)
    assert (one.vectors != three.vectors).any()
    assert Word2Vec(Vocabulary(TEXT, 1), 4, rng=0).train(TEXT, epochs=0) == []


def test_the_start():
    made = Word2Vec(Vocabulary(TEXT, 1), 50, rng=0)
    assert 0.009 < np.abs(made.vectors).max() <= 0.01
    assert not made.out_vectors.any()
    assert repr(made) == "Word2Vec(5 words, dim=50, model='skip-gram')"


def placed():
    """Words at places of a plane that one can check with a ruler."""
    words = ("man", "woman", "king", "queen", "apple")
    made = Word2Vec(Vocabulary.of(words, [5, 4, 3, 2, 1]), 3, rng=0)
    made.vectors[:] = [[1, 0, 0], [1, 1, 0], [1, 0, 1], [2, 2, 2], [-1, -1, 0]]
    return made


def test_looking_up_by_hand():
    made = placed()
    assert made.similarity("man", "woman") == pytest.approx(np.sqrt(0.5))
    assert made.similarity("woman", "apple") == pytest.approx(-1)
    assert [w for w, _ in made.most_similar("man", 3)] == ["woman", "king", "queen"]
    assert made.most_similar("woman", 1) == [("queen", pytest.approx(2 / np.sqrt(6)))]
    assert len(made.most_similar("man", 100)) == 4
    assert [w for w, _ in made.nearest([0, 0, 9], 2)] == ["king", "queen"]
    np.testing.assert_array_equal(made.vector("king"), [1, 0, 1])
    made.vector("king")[:] = 9
    np.testing.assert_array_equal(made.vector("king"), [1, 0, 1])


def test_analogies_by_hand():
    made = placed()
    # king - man + woman, each of length 1, is (0.41, 0.71, 0.71)
    ((word, cosine),) = made.analogy("man", "king", "woman")
    expected = np.array([np.sqrt(2) - 1, np.sqrt(0.5), np.sqrt(0.5)])
    assert word == "queen"
    assert cosine == pytest.approx(expected.sum() / np.linalg.norm(expected) / np.sqrt(3))
    made.vectors[:] = [[10, 0, 0], [10, 1, 0], [10, 0, 2], [9, 5, 5], [-1, 0, 0]]
    assert made.analogy("man", "king", "woman")[0][0] == "queen"
    assert made.analogy("man", "king", "woman", exclude=False)[0][0] == "king"
    assert [w for w, _ in made.analogy("man", "king", "woman", 9)] == ["queen", "apple"]


def test_a_vector_of_zeros_is_like_nothing():
    made = placed()
    made.vectors[0] = 0
    assert made.similarity("man", "king") == 0
    assert all(np.isfinite(cosine) for _, cosine in made.most_similar("king"))


# Files


def test_saved_and_read_again(tmp_path):
    text = [["naïve", "日本", "it's", '"', "\n", "\0x"]] * 5
    for model, dtype in (("cbow", np.float32), ("skip-gram", np.float64)):
        made = Word2Vec(Vocabulary(text), 4, model, rng=0, dtype=dtype)
        made.train(text, subsample=None, epochs=1, rng=0)
        path = tmp_path / "vectors"  # no ending is added
        made.save(path)
        again = Word2Vec.load(str(path))
        assert (again.model, again.vocabulary.words) == (model, made.vocabulary.words)
        assert again.vectors.dtype == dtype
        np.testing.assert_array_equal(again.vocabulary.counts, made.vocabulary.counts)
        for ours, read in zip(made.arrays(), again.arrays(), strict=True):
            np.testing.assert_array_equal(ours, read)
        how = {"subsample": None, "epochs": 1, "rng": 1}
        assert again.train(text, **how) == made.train(text, **how)
    assert [p.name for p in tmp_path.iterdir()] == ["vectors"]


def test_files_of_another_kind(tmp_path):
    path = tmp_path / "vectors.npz"
    with pytest.raises(FileNotFoundError, match="no word vectors"):
        Word2Vec.load(path)
    path.write_bytes(b"rubbish")
    with pytest.raises(ValueError, match="holds no word vectors, or is damaged"):
        Word2Vec.load(path)
    np.savez(path, x=np.zeros(3))
    with pytest.raises(ValueError, match="holds no word vectors"):
        Word2Vec.load(path)
    np.savez(path, header=np.array([{"a": 1}], dtype=object))  # a pickle, which could do anything
    with pytest.raises(ValueError, match="allow_pickle"):
        Word2Vec.load(path)
    placed().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="damaged"):
        Word2Vec.load(path)
    header = {"format": "nnbook word vectors", "version": 1, "model": "cbow", "words": ["a", "b"]}
    for changes, message in (
        ({}, r"2 words, but arrays of shapes \(\(2,\), \(3, 2\), \(3, 2\)\)"),
        ({"version": 2}, "'nnbook word vectors', version 2"),
    ):
        raw = np.frombuffer(json.dumps(header | changes).encode(), dtype=np.uint8)
        np.savez(path, header=raw, counts=[1, 2], vectors=np.zeros((3, 2)),
                 out_vectors=np.zeros((3, 2)))  # fmt: skip
        with pytest.raises(ValueError, match=message):
            Word2Vec.load(path)


def test_the_memory_does_not_grow_with_the_text(tmp_path):
    rng = np.random.default_rng(0)
    line = " ".join(f"w{i}" for i in rng.integers(500, size=2000)) + ".\n"
    peaks = []
    for times in (100, 400):  # 1 and 4 megabytes
        path = tmp_path / "text.txt"
        path.write_text(line * times, encoding="utf-8")
        tracemalloc.start()
        text = data.sentences(path)
        made = Word2Vec(Vocabulary(text), 4, rng=0, dtype=np.float32)
        made.train(text, window=1, negative=1, epochs=1, batch_size=8192, rng=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert path.stat().st_size > 3.5e6
    assert peaks[1] < 1.1 * peaks[0]
    assert peaks[1] < 12e6


def test_the_command(tmp_path):
    (tmp_path / "my text.txt").write_text("A cat purrs. A dog barks. " * 50, encoding="utf-8")
    line = [sys.executable, "-W", "error", "-m", "nnbook.scratch.word2vec",
            "--corpus", "my text.txt", "--out", "vectors.npz", "--dim", "6", "--epochs", "2",
            "--subsample", "0", "--model", "cbow"]  # fmt: skip
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Vocabulary(5 words, 300 in the text)" in done.stderr
    assert "saved to vectors.npz" in done.stderr
    found = Word2Vec.load(tmp_path / "vectors.npz")
    assert repr(found) == "Word2Vec(5 words, dim=6, model='cbow')"
    assert found.vectors.dtype == np.float32


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--corpus gone.txt --out v.npz", "no file 'gone.txt'"),
        ("--corpus t.txt --out no/such/v.npz", "no folder for 'no/such/v.npz'"),
        ("--corpus t.txt --out v.npz", "no word occurs 5 times: 2 words, the most frequent 1"),
        ("--corpus t.txt --out v.npz --min-count 1 --dim 0", "dim is 0"),
        ("--corpus t.txt --out v.npz --min-count 1 --epochs -1", "epochs is -1"),
        ("--corpus t.txt --out v.npz --model glove", "invalid choice: 'glove'"),
        ("--corpus t.txt", "--out"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, capsys, line, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.txt").write_text("two words", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        command(Word2Vec, "nnbook.scratch.word2vec", line.split())
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "v.npz").exists()


def test_refusals():
    vocabulary = Vocabulary(TEXT, 1)
    made = Word2Vec(vocabulary, 4, rng=0)
    for wrong, message in (
        ({"window": 0}, "window is 0"),
        ({"negative": 0}, "negative is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"subsample": 0}, "subsample is 0; it must be above 0, or None"),
        ({"lr": 0.0}, r"lr is 0\.0; it must be above 0"),
        ({"epochs": -1}, "epochs is -1"),
        ({"cap": 0}, "cap is 0; it must be above 0, or None"),
    ):
        with pytest.raises(ValueError, match=message):
            made.train(TEXT, rng=0, **wrong)
    with pytest.raises(ValueError, match="min_count is 0"):
        Vocabulary(TEXT, 0)
    with pytest.raises(ValueError, match="no word occurs 5 times: 0 words"):
        Vocabulary([])
    with pytest.raises(TypeError, match="a sentence is the string 'the cat'; split it"):
        Vocabulary(["the cat"])
    with pytest.raises(ValueError, match="model is 'glove'; it must be one of 'skip-gram', 'cbow'"):
        Word2Vec(vocabulary, 4, "glove")
    with pytest.raises(ValueError, match="dim is 0"):
        Word2Vec(vocabulary, 0)
    with pytest.raises(TypeError, match="float dtype"):
        Word2Vec(vocabulary, 4, dtype=np.int64)
    with pytest.raises(KeyError, match="zebra"):
        made.most_similar("zebra")
    with pytest.raises(ValueError, match=r"vector has shape \(3,\); the words' have \(4,\)"):
        made.nearest([1, 2, 3])
    with pytest.raises(ValueError, match="n is 0"):
        made.most_similar("a", 0)


def test_a_generator_is_found_out_in_the_second_epoch():
    made = Word2Vec(Vocabulary(TEXT, 1), 4, rng=0)
    with pytest.raises(ValueError, match="epoch 2: the sentences gave no examples"):
        made.train((s for s in TEXT), epochs=2, rng=0)
    with pytest.raises(ValueError, match="epoch 1: the sentences gave no examples"):
        made.train([["a"], ["b"], ["zebra", "a"]], epochs=2, rng=0)
