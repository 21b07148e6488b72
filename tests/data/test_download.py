"""Downloads from a mirror that misbehaves in every way we could think of."""

import sys

import pytest

from nnbook.data import _transfer
from nnbook.data._sources import FASHION_MNIST, MNIST

NAME = "train-images-idx3-ubyte.gz"


def test_a_file_comes_whole_and_is_not_asked_for_again(fetch, mirror, contents, tmp_path, left):
    path = fetch("fine")
    assert path == tmp_path / "tiny" / NAME
    assert path.read_bytes() == contents[NAME]
    assert fetch("fine") == path
    assert fetch("fine", download=False) == path
    assert mirror.asked == [("fine", None)]
    assert left() == {NAME}


@pytest.mark.parametrize(
    "way", ["breaks", "stalls", "dumb", "unsized", "unsized_open", "moved", "misplaces"]
)
def test_it_comes_whole_all_the_same(way, fetch, contents, left):
    assert fetch(way).read_bytes() == contents[NAME]
    assert left() == {NAME}


def test_a_broken_connection_is_taken_up_where_it_broke(fetch, mirror, contents):
    fetch("breaks")
    third = -(-len(contents[NAME]) // 3)
    ranges = [None, f"bytes={third}-", f"bytes={2 * third}-"]
    assert mirror.asked == [("breaks", r) for r in ranges]


def test_what_another_mirror_or_another_day_began_is_used(fetch, mirror, begun, contents):
    begun(1000)
    assert fetch("missing", "fine").read_bytes() == contents[NAME]
    assert mirror.asked == [("missing", "bytes=1000-"), ("fine", "bytes=1000-")]


@pytest.mark.parametrize("way", ["dumb", "misplaces", "refuses_ranges"])
def test_a_server_without_ranges_starts_anew(way, fetch, begun, contents):
    begun(1000)
    assert fetch(way).read_bytes() == contents[NAME]


def test_a_whole_file_that_only_lacks_its_name_is_not_fetched(fetch, mirror, begun, contents):
    begun(len(contents[NAME]))
    assert fetch("fine").read_bytes() == contents[NAME]
    assert mirror.asked == []


@pytest.mark.parametrize("length", [1000, 10**5], ids=["short", "long"])
def test_a_spoilt_beginning_costs_one_more_try(length, fetch, mirror, begun, contents):
    begun(b"\0" * length)
    assert fetch("fine").read_bytes() == contents[NAME]
    assert mirror.asked[-1] == ("fine", None)


def test_a_spoilt_beginning_of_full_length_too(fetch, mirror, begun, contents):
    begun(b"\0" * len(contents[NAME]))
    assert fetch("fine").read_bytes() == contents[NAME]
    assert mirror.asked == [("fine", None)]


FAULTS = {
    "missing": "answered 404 Not Found",
    "wrong": "sent a file with SHA-256 [0-9a-f]{64}; it must be [0-9a-f]{64}",
    "promises_more": r"promises [\d,]+ bytes; the file has [\d,]+",
    "gives_more": "sends more bytes than the file has",
    "dead": r"broke off [\d,]+ bytes before the end",
    "dumb_breaks": r"broke off [\d,]+ bytes before the end",
    "hangs_up": "did not answer: Remote end closed",
    "silent": "did not answer: timed out",
    "astray": "address ftp://127.0.0.1/file; only https",
    "in_circles": "answered 302",
}


@pytest.mark.parametrize("way", FAULTS)
def test_what_is_wrong_is_said_and_nothing_gets_the_name(way, fetch, left):
    with pytest.raises(ConnectionError, match=FAULTS[way]):
        fetch(way)
    assert NAME not in left()


@pytest.mark.parametrize("way", FAULTS)
def test_after_a_bad_mirror_comes_the_next(way, fetch, mirror, contents):
    assert fetch(way, "fine").read_bytes() == contents[NAME]
    assert mirror.asked[-1][0] == "fine"
    assert len(mirror.asked) <= 12


@pytest.mark.parametrize("way", ["gives_more", "promises_more"])
def test_a_mirror_that_never_ends_is_left_after_the_length_of_the_file(
    way, fetch, mirror, monkeypatch
):
    read = []
    pieces = _transfer._pieces
    monkeypatch.setattr(
        _transfer, "_pieces", lambda *args: (read.append(len(p)) or p for p in pieces(*args))
    )
    size = len(mirror.files[NAME])
    with pytest.raises(ConnectionError):
        fetch(way)
    assert sum(read) <= size


def test_offline_the_error_says_what_to_do(fetch, mirror, tmp_path):
    mirror.server.socket.close()
    with pytest.raises(ConnectionError) as caught:
        fetch("fine", "dumb")
    message = str(caught.value)
    assert message.startswith(f"no mirror of Tiny gave {NAME}:\n  127.0.0.1 did not answer")
    for word in [*mirror.files, mirror.url("fine"), "tiny", "root=", "NNBOOK_DATA"]:
        assert word in message
    assert (tmp_path / "tiny").as_posix() in message  # the folder that the user named


def test_without_download_nothing_is_asked_and_nothing_made(fetch, mirror, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"download is False. put .* NNBOOK_DATA"):
        fetch("fine", download=False)
    assert mirror.asked == []
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_file_under_the_name_is_neither_used_nor_overwritten(fetch, mirror, tmp_path):
    path = tmp_path / "tiny" / NAME
    path.parent.mkdir()
    path.write_bytes(b"mine")
    with pytest.raises(ValueError, match=r"has 4 bytes and SHA-256 .* must have [\d,]+ and .*anew"):
        fetch("fine")
    assert path.read_bytes() == b"mine"
    assert mirror.asked == []


def test_plain_http_is_refused_unless_allowed(fetch, mirror, monkeypatch):
    monkeypatch.setattr(_transfer, "_SCHEMES", ("https",))
    with pytest.raises(ConnectionError, match=r"http://.*; only https is allowed"):
        fetch("fine")
    assert mirror.asked == []


def test_no_way_leads_from_https_to_http(monkeypatch):
    monkeypatch.setattr(_transfer, "_SCHEMES", ("https",))
    request = _transfer.urllib.request.Request("https://example.org/file")

    class Body:
        closed = False

        def close(self):
            self.closed = True

    body = Body()
    with pytest.raises(_transfer.MirrorError, match="http://example"):
        _transfer._Redirects().redirect_request(
            request, body, 302, "Found", {}, "http://example.org/file"
        )
    assert body.closed


@pytest.mark.parametrize("source", [MNIST, FASHION_MNIST], ids=lambda source: source.title)
def test_what_the_sources_say_is_well_formed(source):
    assert len(source.mirrors) >= 2
    assert all(mirror.startswith("https://") and mirror[-1] == "/" for mirror in source.mirrors)
    files = [file for pair in source.splits.values() for file in pair]
    assert len({file.sha256 for file in files}) == len(set(source.names)) == 4
    assert all(len(file.sha256) == 64 and int(file.sha256, 16) for file in files)


def test_the_bar_shows_the_bytes(fetch, contents, capsys):
    fetch("breaks", progress=True)
    shown = capsys.readouterr().err
    assert NAME in shown
    assert "100%" in shown


def test_a_bar_without_tqdm_is_refused_before_anything_is_asked(fetch, mirror, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"nnbook\[train\]"):
        fetch("fine", progress=True)
    assert mirror.asked == []
