"""A tone and DNA: the facts they are made from, and what they promise."""

import itertools

import numpy as np
import pytest

from nnbook.data import dna, tone
from nnbook.data.sequences import BASES, GENETIC_CODE

# The standard code as NCBI's translation table 1 prints it, codons in the order of TCAG.
TABLE_1 = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"


def letters(row):
    return "".join(BASES[i] for i in row)


def read(row):
    bases = letters(row)
    return "".join(GENETIC_CODE[bases[i : i + 3]] for i in range(0, len(bases), 3))


def test_the_genetic_code():
    codons = ("".join(codon) for codon in itertools.product("TCAG", repeat=3))
    assert dict(zip(codons, TABLE_1, strict=True)) == GENETIC_CODE
    assert sum(acid == "*" for acid in GENETIC_CODE.values()) == 3
    assert len(set(GENETIC_CODE.values()) - {"*"}) == 20


def test_genes_read_through_and_shuffled_ones_stop():
    x, y = dna(200, codons=20, rng=1)
    assert (x.shape, x.dtype, y.dtype) == ((200, 60), np.int64, np.int64)
    assert y.tolist() == [1, 0] * 100
    for row, gene in zip(x, y, strict=True):
        assert letters(row[:3]) == "ATG"
        assert ("*" in read(row)) == (not gene)


def test_both_classes_have_the_same_bases():
    x, _ = dna(300, codons=12, rng=2)
    np.testing.assert_array_equal(np.sort(x[::2], axis=1), np.sort(x[1::2], axis=1))


def test_all_sense_codons_come_alike():
    x, _ = dna(4000, codons=20, rng=3)
    acids = [read(row) for row in x[::2]]
    codons = [letters(c) for row in x[::2] for c in row[3:].reshape(-1, 3)]
    counts = np.array([codons.count(c) for c, acid in GENETIC_CODE.items() if acid != "*"])
    assert abs(counts / len(codons) * 61 - 1).max() < 0.2
    assert all(acid[0] == "M" for acid in acids)


def test_short_genes_and_odd_numbers():
    x, y = dna(501, codons=4, rng=4)
    assert len(x) == 501
    assert y.sum() == 251
    assert all(("*" in read(row)) == (not gene) for row, gene in zip(x, y, strict=True))


def test_noise_replaces_bases():
    clean, _ = dna(100, rng=5)
    noisy, _ = dna(100, noise=0.4, rng=5)
    assert 0.25 < (clean != noisy).mean() < 0.35  # one of four is the same by chance
    assert set(np.unique(dna(50, noise=1.0, rng=6).x)) == {0, 1, 2, 3}


def test_the_same_seed_gives_the_same():
    for make in (dna, tone):
        first, second, third = make(20, rng=7), make(20, rng=7), make(20, rng=8)
        np.testing.assert_array_equal(first.x, second.x)
        assert (first.x != third.x).any()


def test_a_tone_has_its_frequencies_and_no_others():
    x, y = tone(8000, frequencies=(440, 1000), noise=0.0, rng=0)
    spectrum = np.abs(np.fft.rfft(x[:, 0])) / 4000  # a second, so that places are hertz
    assert set(np.flatnonzero(spectrum > 1e-6)) == {440, 1000}
    np.testing.assert_allclose(spectrum[[440, 1000]], 0.5)
    np.testing.assert_array_equal(x[1:, 0], y[:-1])
    assert np.abs(x).max() <= 1


def test_the_noise_of_a_tone():
    clean, noisy = (tone(20_000, noise=noise, rng=1).y for noise in (0.0, 0.1))
    assert 0.098 < (noisy - clean).std() < 0.102


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tone(0), "n is 0"),
        (lambda: tone(frequencies=()), "frequencies is empty"),
        (lambda: tone(frequencies=(440, 4000)), "frequency 4000 is not between 0 and rate / 2"),
        (lambda: tone(frequencies=(-1,)), "frequency -1 is not between 0"),
        (lambda: tone(noise=-0.1), r"noise is -0\.1"),
        (lambda: tone(noise=np.nan), "noise is nan"),
        (lambda: tone(noise=np.inf), "noise is inf"),
        (lambda: dna(0), "n is 0"),
        (lambda: dna(codons=3), "codons is 3; it must be at least 4"),
        (lambda: dna(noise=1.5), r"noise is 1\.5; it must be between 0 and 1"),
    ],
)
def test_malformed(call, message):
    with pytest.raises(ValueError, match=message):
        call()
