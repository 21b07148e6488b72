"""Minibatches: every example once, in the order promised, without copies where none are needed."""

import json
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nnbook import data
from nnbook.data import Loader


@given(
    n=st.integers(0, 40), size=st.integers(1, 45), shuffle=st.booleans(), drop=st.booleans(),
    rounds=st.integers(1, 3),
)  # fmt: skip
def test_every_example_once_and_rows_stay_together(n, size, shuffle, drop, rounds):
    x, y = np.arange(2 * n).reshape(n, 2), 10 * np.arange(n)
    loader = Loader((x, y, y + 1), size, shuffle=shuffle, drop_last=drop, rng=0)
    for _ in range(rounds):
        batches = list(loader)
        assert len(batches) == len(loader)
        lengths = [len(b[0]) for b in batches]
        whole, rest = divmod(n, size)
        assert lengths == [size] * whole + ([rest] if rest and not drop else [])
        seen = [int(v) // 10 for b in batches for v in b[1]]
        assert len(set(seen)) == len(seen)
        if not shuffle:
            assert seen == list(range(len(seen)))
        for bx, by, bz in batches:
            np.testing.assert_array_equal(bx[:, 0] * 5, by)
            np.testing.assert_array_equal(by + 1, bz)


def test_the_order_is_numpys_permutation_and_new_each_round():
    loader = Loader(np.arange(50), 8, shuffle=True, rng=3)
    rng = np.random.default_rng(3)
    for _ in range(3):
        np.testing.assert_array_equal(np.concatenate(list(loader)), rng.permutation(50))


def test_dropping_the_last_batch_drops_other_examples_each_round():
    loader = Loader(np.arange(5), 4, shuffle=True, drop_last=True, rng=0)
    left_out = {(set(range(5)) - set(batch.tolist())).pop() for _ in range(40) for batch in loader}
    assert left_out == set(range(5))


def test_a_generator_is_used_as_it_is():
    rng = np.random.default_rng(0)
    assert Loader(np.arange(3), 1, shuffle=True, rng=rng).rng is rng


def test_datasets_unpack_tuples_stay_tuples_and_one_array_stays_alone():
    dataset = data.circle(10)
    x, y = next(iter(Loader(dataset, 3)))
    np.testing.assert_array_equal(x, dataset.x[:3])
    np.testing.assert_array_equal(y, dataset.y[:3])
    (alone,) = next(iter(Loader((dataset.x,), 3)))
    np.testing.assert_array_equal(next(iter(Loader(dataset.x, 3))), alone)
    np.testing.assert_array_equal(next(iter(Loader([[1, 2], [3, 4]], 2))), [[1, 2], [3, 4]])


def test_batches_in_order_are_views_and_shuffled_ones_are_not():
    x = np.zeros((10, 3))
    assert all(np.shares_memory(batch, x) for batch in Loader(x, 4))
    assert not any(np.shares_memory(batch, x) for batch in Loader(x, 4, shuffle=True, rng=0))


def test_layout_and_type_stay():
    x = np.asfortranarray(np.arange(12, dtype=np.float32).reshape(4, 3))
    for shuffle in (False, True):
        (batch,) = Loader(x, 4, shuffle=shuffle, rng=1)
        assert batch.dtype == np.float32
        order = np.random.default_rng(1).permutation(4) if shuffle else slice(None)
        np.testing.assert_array_equal(batch, x[order])


def test_tensors_are_taken_as_they_are():
    x = torch.arange(10.0)
    for shuffle in (False, True):
        batches = list(Loader((x, x.numpy()), 4, shuffle=shuffle, rng=0))
        assert [type(b[0]) for b in batches] == [torch.Tensor] * 3
        for tensor, array in batches:
            np.testing.assert_array_equal(tensor.numpy(), array)


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937, np.random.Philox])
def test_a_state_brings_the_same_rounds_back(kind):
    loader = Loader(np.arange(20), 6, shuffle=True, rng=np.random.Generator(kind(5)))
    list(loader)
    state = pickle.loads(pickle.dumps(loader.state_dict()))  # noqa: S301 - our own
    expected = [np.concatenate(list(loader)).tolist() for _ in range(2)]
    other = Loader(np.arange(20), 6, shuffle=True, rng=np.random.Generator(kind(99)))
    other.load_state_dict(state)
    assert [np.concatenate(list(other)).tolist() for _ in range(2)] == expected


def test_the_state_is_a_copy_and_plain_for_the_usual_generator():
    loader = Loader(np.arange(20), 6, shuffle=True, rng=5)
    state = loader.state_dict()
    before = json.dumps(state)
    list(loader)
    assert json.dumps(state) == before
    plain = Loader(np.arange(20), 6)
    plain.load_state_dict(plain.state_dict())


def test_a_state_that_does_not_fit_is_refused():
    shuffled, plain = Loader(np.arange(4), 2, shuffle=True, rng=0), Loader(np.arange(4), 2)
    with pytest.raises(ValueError, match="shuffle=True"):
        shuffled.load_state_dict(plain.state_dict())
    with pytest.raises(ValueError, match="shuffle=False"):
        plain.load_state_dict(shuffled.state_dict())
    other = Loader(np.arange(4), 2, shuffle=True, rng=np.random.Generator(np.random.Philox(0)))
    with pytest.raises(ValueError, match=r"PCG64|Philox|PRNG"):
        other.load_state_dict(shuffled.state_dict())


@pytest.mark.parametrize(
    ("values", "options", "error", "words"),
    [
        ((np.zeros(3), np.zeros(4)), {}, ValueError, "3, 4 rows"),
        ((), {}, ValueError, "empty"),
        (np.float64(3), {}, ValueError, "no rows"),
        (np.zeros(3), {"batch_size": 0}, ValueError, "batch_size is 0"),
        (np.zeros(3), {"batch_size": 1.5}, TypeError, "1.5"),
        (np.zeros(3), {"batch_size": True}, TypeError, "True"),
        (np.zeros(3), {"shuffle": True}, TypeError, "rng"),
    ],
)
def test_bad_calls_are_named(values, options, error, words):
    with pytest.raises(error, match=words):
        Loader(values, **{"batch_size": 2, **options})


def test_it_says_what_it_is():
    loader = Loader(data.circle(10), 4, shuffle=True, rng=0)
    assert repr(loader) == "Loader(10 examples, batch_size=4, shuffle=True, drop_last=False)"
