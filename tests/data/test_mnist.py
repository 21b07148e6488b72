"""`mnist` and `fashion_mnist`, from a mirror on this machine that has a few images of each."""

import gzip
import hashlib
import struct
import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from nnbook import data
from nnbook.data import downloaded

FUNCTIONS = {"mnist": "MNIST", "fashion_mnist": "FASHION_MNIST"}


@pytest.fixture(params=FUNCTIONS)
def load(request, source_of, tmp_path, monkeypatch):
    """`load("test")`: the function under test, pointed at the mirror."""
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path))
    monkeypatch.setattr(downloaded, FUNCTIONS[request.param], source_of("missing", "fine"))
    return getattr(data, request.param)


def pixels(contents, name):
    """The images by another way than the package's."""
    raw = gzip.decompress(contents[name])
    return np.frombuffer(raw[16:], np.uint8).reshape(-1, 784)


@pytest.mark.parametrize(("split", "prefix", "n"), [("train", "train", 30), ("test", "t10k", 20)])
def test_images_and_labels(split, prefix, n, load, contents):
    x, y = dataset = load(split)
    assert (x.dtype, y.dtype) == (np.float64, np.int64)
    raw = pixels(contents, f"{prefix}-images-idx3-ubyte.gz")
    np.testing.assert_array_equal(x, raw / 255.0)
    assert (x.min(), x.max()) == (0, 1)
    assert y.tolist() == [i % 10 for i in range(n)]
    assert len(dataset.feature_names) == 784
    assert dataset.feature_names[29] == "pixel 1,1"
    assert len(dataset.target_names) == 10


def test_the_training_split_is_the_default(load):
    assert len(load()) == 30


def test_single_precision_stays_single(load):
    x, _ = load("test", dtype=np.float32)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, load("test").x, rtol=1e-7)


def test_a_split_fetches_no_more_than_it_needs_and_once(load, mirror, tmp_path):
    for _ in range(3):
        load("test")
    assert [way for way, _ in mirror.asked] == ["missing", "fine"] * 2
    kept = {path.name for path in (tmp_path / "tiny").iterdir()} - {".lock"}
    assert kept == {"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}


def test_files_put_there_by_hand_are_enough(load, mirror, contents, tmp_path):
    folder = tmp_path / "elsewhere" / "tiny"
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    assert len(load(root=tmp_path / "elsewhere", download=False)) == 30
    assert len(load(root=str(tmp_path / "elsewhere"))) == 30
    assert mirror.asked == []


def test_offline_both_kinds_of_error_are_one_for_a_chapter_that_can_do_without(load, mirror):
    with pytest.raises(OSError, match="NNBOOK_DATA"):
        load(download=False)
    mirror.server.socket.close()
    with pytest.raises(OSError, match="NNBOOK_DATA"):
        load()


@pytest.mark.parametrize("split", ["validation", "t10k", "", None])
def test_an_unknown_split_is_answered_with_the_known(split, load, mirror):
    with pytest.raises(ValueError, match="there are train, test"):
        load(split)
    assert mirror.asked == []


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, "complex64"])
def test_whole_numbers_cannot_hold_grey_values(dtype, load, mirror):
    with pytest.raises(TypeError, match=f"dtype is {np.dtype(dtype)}"):
        load(dtype=dtype)
    assert mirror.asked == []


def with_images(source, content):
    """The source as if its publisher had signed these images."""
    images, labels = source.splits["test"]
    images = replace(images, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    return replace(source, splits={"test": (images, labels)})


def test_even_a_signed_bomb_is_not_unpacked(mirror, source_of, tmp_path, monkeypatch):
    source = source_of("fine")
    head = struct.pack(">4B3I", 0, 0, 8, 3, 20, 28, 28)
    bomb = gzip.compress(head + bytes(2**26), 1)
    mirror.files["t10k-images-idx3-ubyte.gz"] = bomb
    monkeypatch.setattr(downloaded, "MNIST", source)
    with pytest.raises(ConnectionError, match=f"promises {len(bomb):,} bytes; the file has"):
        data.mnist("test", root=tmp_path)
    monkeypatch.setattr(downloaded, "MNIST", with_images(source, bomb))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="goes on after the 15,680 bytes"):
            data.mnist("test", root=tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


def test_images_and_labels_must_be_as_many(mirror, source_of, contents, tmp_path, monkeypatch):
    content = contents["train-images-idx3-ubyte.gz"]
    mirror.files["t10k-images-idx3-ubyte.gz"] = content
    monkeypatch.setattr(downloaded, "MNIST", with_images(source_of("fine"), content))
    with pytest.raises(ValueError, match="x has 30 examples; y has 20"):
        data.mnist("test", root=tmp_path)


def test_what_fetches_and_unpacks_is_not_imported_before_it_is_needed():
    code = """
import sys, nnbook.data
heavy = ("gzip", "http.client", "urllib.request", "ssl", "tqdm", "nnbook.data._download")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
