"""Text from files, streamed, and from Python's own documentation."""

import sys
import tracemalloc
from pathlib import Path

import pytest

from nnbook import data
from nnbook.data import texts


@pytest.fixture
def written(tmp_path):
    def write(content, **how):
        path = tmp_path / "corpus.txt"
        raw = content if isinstance(content, bytes) else content.encode(**how)
        path.write_bytes(raw)
        return path

    return write


def test_a_file_by_hand(written):
    path = written(
        'It\'s 3.14, not 4. "Really?" she asked (twice!) and left\nover lines\n'
        "\nA heading\n*****\n  \nÉtat, naïve Δx x_1 __init__ 2nd don’t 'quoted' e-mail"
    )
    assert list(data.sentences(path)) == [
        ["it's", "not"],
        ["really"],
        ["she", "asked", "twice"],
        ["and", "left", "over", "lines"],
        ["a", "heading"],
        ["état", "naïve", "δx", "x_1", "__init__", "don’t", "quoted", "e", "mail"],
    ]


def test_text_is_the_file(written):
    path = written("\ufeffone\r\ntwo\r\n")  # a byte order mark and lines as Windows ends them
    assert data.text(path) == data.text(str(path)) == "one\ntwo\n"


def test_sentences_can_be_had_again_and_two_at_a_time(written):
    both = data.sentences(written("One two. Three."))
    assert list(both) == list(both) == [["one", "two"], ["three"]]
    assert list(zip(both, both, strict=True)) == [(["one", "two"],) * 2, (["three"],) * 2]


def test_a_file_that_changed_is_read_anew(written):
    found = data.sentences(path := written("One."))
    assert list(found) == [["one"]]
    path.write_text("Two.", encoding="utf-8")
    assert list(found) == [["two"]]


@pytest.mark.parametrize("block", [1, 2, 3, 5, 7, 100])
def test_the_size_of_the_blocks_does_not_show(written, monkeypatch, block):
    path = written('A b. "C d!" E f.\n \n g h\n\n\ni é j? k')
    expected = list(data.sentences(path))
    assert expected == [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"], ["i", "é", "j"], ["k"]]
    read = iter_blocks(path.read_text(encoding="utf-8"), block)
    monkeypatch.setattr(texts, "_blocks", lambda _: read)
    assert list(data.sentences(path)) == expected


def iter_blocks(content, size):
    return [content[i : i + size] for i in range(0, len(content), size)]


@pytest.mark.parametrize("content", ["", " \n\n", "...!? 1 2 3 ****"])
def test_nothing_in_it(written, content):
    path = written(content)
    assert data.text(path) == content
    assert list(data.sentences(path)) == []


def test_a_missing_file_is_named_at_once(tmp_path):
    for read in (data.text, data.sentences):
        with pytest.raises(FileNotFoundError, match=r"no file '.*gone\.txt'; name one, or 'python"):
            read(tmp_path / "gone.txt")
        with pytest.raises(IsADirectoryError, match="is a folder"):
            read(tmp_path)


def test_other_encodings_are_refused(written):
    path = written("Ein schöner Tag. " * 10, encoding="latin-1")
    with pytest.raises(ValueError, match=r"corpus\.txt is no UTF-8 text \(.*: 0xf6\)"):
        data.text(path)
    with pytest.raises(ValueError, match="save it as UTF-8"):
        list(data.sentences(path))


def test_a_line_without_an_end(written):
    words = [f"w{i}" for i in range(25_000)]
    found = list(data.sentences(written(" ".join(words))))
    assert max(map(len, found)) == 1000
    assert [word for sentence in found for word in sentence] == words


def test_a_word_without_an_end(written):
    found = list(data.sentences(written("a" * 300_000 + " b.")))
    assert "".join(word for sentence in found for word in sentence) == "a" * 300_000 + "b"


@pytest.mark.parametrize("line", ["Ten words or so in each of very many lines.\n", "no end "])
def test_a_large_file_never_lies_in_memory(tmp_path, line):
    path = tmp_path / "large.txt"
    path.write_text(line * (8_000_000 // len(line)), encoding="utf-8")
    tracemalloc.start()
    n = sum(len(sentence) for sentence in data.sentences(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n == len(line.split()) * (8_000_000 // len(line))
    assert peak < 4_000_000


def test_files_are_closed_when_one_stops_early(written):
    found = iter(data.sentences(written("One. " * 100_000)))  # filterwarnings=error would tell
    assert next(found) == ["one"]
    found.close()


def test_pythons_own_documentation():
    everything = data.text()
    assert everything == data.text("python-docs")
    assert len(everything) > 200_000
    paragraphs = everything.split("\n\n")
    assert len(set(paragraphs)) == len(paragraphs)
    found = list(data.sentences())
    assert found == list(data.sentences("python-docs"))
    words = [word for sentence in found for word in sentence]
    assert len(words) > 40_000
    assert {"list", "tuple", "exception", "__init__", "class"} <= set(words)
    assert all(word == word.lower() for word in words)


def test_a_file_called_as_the_documentation(tmp_path, monkeypatch):
    (tmp_path / "python-docs").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert data.text(Path("./python-docs")) != data.text("python-docs")
    assert data.text(Path("python-docs").resolve()) == "mine"


def test_a_python_without_documentation(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(ImportError, match="name a file of your own"):
        data.text()


def test_repr(written):
    assert repr(data.sentences()) == "sentences('python-docs')"
    assert repr(data.sentences(path := written("x"))) == f"sentences({str(path)!r})"
