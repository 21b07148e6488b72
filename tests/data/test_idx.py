"""The IDX parser takes what is right to the last byte, and nothing else."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnbook.data._idx import read_idx

MAGIC = bytes([0, 0, 8, 3])


def head(*shape, magic=MAGIC):
    return magic + struct.pack(f">{len(shape)}I", *shape)


@pytest.fixture
def write(tmp_path):
    """`write(content)`: a file of that content, gzipped unless told otherwise."""

    def run(content, packed=True):
        path = tmp_path / "images.gz"
        path.write_bytes(gzip.compress(content) if packed else content)
        return path

    return run


def test_by_hand(write):
    array = read_idx(write(head(2, 2, 3) + bytes(range(12))), (2, 3))
    assert array.dtype == np.uint8
    assert array.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]
    array[0] = 0  # it belongs to the caller


def test_labels_by_hand(write):
    assert read_idx(write(b"\0\0\x08\x01\0\0\0\x02\x07\x09"), ()).tolist() == [7, 9]


def test_no_examples_is_a_shape_too(write):
    assert read_idx(write(head(0, 28, 28)), (28, 28)).shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("content", "item", "told"),
    [
        (b"", (2, 2), "head of 0 bytes; expected 4"),
        (MAGIC[:2], (2, 2), "head of 2 bytes; expected 4"),
        (head(3, 2), (2, 2), "head of 8 bytes; expected 12"),
        (head(3, 2, 2), (2, 2), "body of 0 bytes; expected 12"),
        (head(3, 2, 2) + bytes(11), (2, 2), "body of 11 bytes; expected 12"),
        (head(3, 2, 2) + bytes(13), (2, 2), "goes on after the 12 bytes"),
        (head(3, 2, 2, magic=b"\0\0\x0d\x03"), (2, 2), "begins with 00 00 0d 03; .* 00 00 08 03"),
        (head(3, 2, 2, magic=b"\x01\0\x08\x03"), (2, 2), "begins with 01 00 08 03"),
        (head(3, magic=b"\0\0\x08\x01") + bytes(3), (2, 2), "begins with 00 00 08 01; .* 08 03"),
        (head(3, 2, 2) + bytes(12), (), "begins with 00 00 08 03; .* 08 01"),
        (head(3, 2, 3) + bytes(18), (2, 2), r"shape \(2, 3\); expected \(2, 2\)"),
        (head(2**32 - 1, 2, 2), (2, 2), "promises 17,179,869,180 bytes; no more than 268,435,456"),
        (head(2**26 + 1, 2, 2), (2, 2), "promises 268,435,460 bytes"),
    ],
)
def test_what_is_wrong_is_refused_with_both_sides(content, item, told, write):
    with pytest.raises(ValueError, match=f"images.gz .*{told}"):
        read_idx(write(content), item)


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


GOOD = gzip.compress(head(50, 2, 2) + bytes(range(200)), mtime=0)


@pytest.mark.parametrize(
    "content",
    [head(1, 2, 2) + bytes(4), b"<html>", GOOD + b"rubbish", GOOD[:-1], flipped(GOOD, -6)],
    ids=["not packed", "a page", "more behind", "no length", "wrong checksum"],
)
def test_what_is_no_sound_gzip_is_refused(content, write):
    with pytest.raises(ValueError, match=r"images.gz is no sound gzip file: "):
        read_idx(write(content, packed=False), (2, 2))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(end=st.integers(0, len(GOOD) - 1))
def test_a_file_cut_off_anywhere_is_refused(end, write):
    with pytest.raises(ValueError, match=r"images.gz (has a|is no)"):
        read_idx(write(GOOD[:end], packed=False), (2, 2))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(at=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255))
def test_a_damaged_file_is_refused_or_says_the_same(at, value, write):
    path = write(GOOD[:at] + bytes([value]) + GOOD[at + 1 :], packed=False)
    try:
        array = read_idx(path, (2, 2))
    except ValueError:
        return
    assert array.tobytes() == bytes(range(200))  # the change was in what gzip does not use


def bomb(size):
    """A head that promises 12 bytes, and behind it as many as wanted: a thousandth, packed."""
    return head(3, 2, 2) + bytes(size)


@pytest.mark.parametrize("members", [1, 3])
def test_a_bomb_is_never_unpacked(members, write):
    path = write(gzip.compress(bomb(2**26 // members), 1) * members, packed=False)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="goes on after the 12 bytes"):
            read_idx(path, (2, 2))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_promise_takes_no_memory(write):
    path = write(head(2**26, 2, 2) + bytes(100))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="body of 100 bytes; expected 268,435,456"):
            read_idx(path, (2, 2))
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()
