"""Sequences in which the order says what there is to say: a tone, and DNA."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnbook._rng import as_generator
from nnbook.data.dataset import Dataset
from nnbook.nn._checks import positive

Seed = int | np.random.Generator

BASES = "ACGT"
"""The four bases of DNA, in the order of their numbers."""

_BY_AMINO_ACID = {
    "A": "GCT GCC GCA GCG", "C": "TGT TGC", "D": "GAT GAC", "E": "GAA GAG", "F": "TTT TTC",
    "G": "GGT GGC GGA GGG", "H": "CAT CAC", "I": "ATT ATC ATA", "K": "AAA AAG",
    "L": "TTA TTG CTT CTC CTA CTG", "M": "ATG", "N": "AAT AAC", "P": "CCT CCC CCA CCG",
    "Q": "CAA CAG", "R": "CGT CGC CGA CGG AGA AGG", "S": "TCT TCC TCA TCG AGT AGC",
    "T": "ACT ACC ACA ACG", "V": "GTT GTC GTA GTG", "W": "TGG", "Y": "TAT TAC",
    "*": "TAA TAG TGA",
}  # fmt: skip

GENETIC_CODE = {codon: acid for acid, codons in _BY_AMINO_ACID.items() for codon in codons.split()}
"""What each of the 64 codons stands for: an amino acid, by its letter, or "*", stop.

Source: Crick, The origin of the genetic code, 1968, table 1, with T for the U of RNA.
"""


def tone(
    n: int = 1000,
    *,
    frequencies: Sequence[float] = (440.0, 587.33),
    rate: float = 8000.0,
    noise: float = 0.05,
    rng: Seed = 0,
) -> Dataset:
    r"""A tone, sampled: at each moment its value, and as target the value at the next.

    $$x_i = \frac1m \sum_{j=1}^{m} \sin\left(\frac{2 \pi f_j\, i}{f_s} + \varphi_j\right)
    + \varepsilon_i$$

    Args:
        n: The number of samples to be read.
        frequencies: The $f_j$ of the $m$ pure tones it consists of, in hertz; an a' and a d'' if
            not given.
        rate: How many samples make a second, $f_s$, in hertz.
        noise: The standard deviation of $\varepsilon_i$; the tone itself is at most 1.
        rng: A seed, or a NumPy generator, for the phases and the noise.

    Returns:
        x (n, 1) and y (n,), float64, with `y[i] == x[i + 1, 0]`.

    Raises:
        ValueError: If there is no frequency, or one that is not above 0 or not below half the rate:
            sampled, it could not be told from a lower one.

    Examples:
        >>> x, y = tone(1000)
        >>> x.shape, bool((x[1:, 0] == y[:-1]).all())
        ((1000, 1), True)
    """
    positive(n=n)
    if not frequencies:
        raise ValueError("frequencies is empty; a tone needs one at least")
    for frequency in frequencies:
        if not 0 < frequency < rate / 2:
            raise ValueError(
                f"frequency {frequency:g} is not between 0 and rate / 2 = {rate / 2:g}"
            )
    if not 0 <= noise < math.inf:
        raise ValueError(f"noise is {noise}; it must be finite, and not negative")
    generator = as_generator(rng)
    phases = generator.uniform(0, 2 * math.pi, len(frequencies))  # (m,)
    turns = 2 * math.pi * np.outer(np.arange(n + 1), frequencies) / rate  # (n + 1, m)
    samples = np.sin(turns + phases).mean(axis=1) + generator.normal(0, noise, n + 1)
    return Dataset(samples[:-1, None], samples[1:], ("sample",))


def dna(n: int = 400, *, codons: int = 30, noise: float = 0.0, rng: Seed = 0) -> Dataset:
    """Genes, and the same letters in another order.

    Class 1 is an open reading frame: the start codon ATG, and from then on, three bases at a time,
    codons that stand for amino acids, none of them a stop. Class 0 has exactly the bases of such a
    gene, but behind the ATG they are shuffled, again and again until a stop codon stands in the
    frame. A reader who counts bases cannot tell one from the other; one who reads by threes, and
    knows the three stops, always can, as long as there is no noise.

    Args:
        n: The number of sequences; every other one is a gene.
        codons: Their length, the ATG included; at least 4.
        noise: The share of bases that are replaced by any of the four, by chance.
        rng: A seed, or a NumPy generator.

    Returns:
        x (n, 3 * codons), int64 from 0 to 3 for A, C, G and T; y (n,), int64. Sequences 0 and 1
        have the same bases, and so have 2 and 3, and so on, unless there is noise.

    Raises:
        ValueError: If `n` is not above 0, `codons` below 4, or `noise` not between 0 and 1.

    Examples:
        >>> x, y = dna(4, codons=6)
        >>> for bases, gene in zip(x, y):
        ...     print("".join(BASES[i] for i in bases), gene)
        ATGACCCGTAACCATATT 1
        ATGCTTTAGCACATAACC 0
        ATGCCTCGCGGGCAGTCA 1
        ATGGCCGCCCAGTAGGTC 0
    """
    positive(n=n)
    if codons < 4:
        raise ValueError(f"codons is {codons}; it must be at least 4")
    if not 0 <= noise <= 1:
        raise ValueError(f"noise is {noise}; it must be between 0 and 1")
    generator = as_generator(rng)
    x = np.empty((n, 3 * codons), dtype=np.int64)
    for i in range(0, n, 2):
        x[i] = _gene(codons, generator)
        if i + 1 < n:
            x[i + 1] = _shuffled(x[i], generator)
    hit = generator.random(x.shape) < noise
    x[hit] = generator.integers(0, 4, hit.sum())
    y = (np.arange(n) % 2 == 0).astype(np.int64)
    return Dataset(x, y, target_names=("shuffled", "gene"))


def _numbers(bases: str) -> list[int]:
    return [BASES.index(base) for base in bases]


_START = np.array(_numbers("ATG"))
_SENSE = np.array([_numbers(codon) for codon, acid in GENETIC_CODE.items() if acid != "*"])
_STOPS = np.array([_numbers(codon) for codon, acid in GENETIC_CODE.items() if acid == "*"])


def _gene(codons: int, generator: np.random.Generator) -> NDArray[np.int64]:
    chosen = _SENSE[generator.integers(len(_SENSE), size=codons - 1)]  # (codons - 1, 3)
    return np.concatenate([_START, chosen.ravel()])


def _has_stop(bases: NDArray[np.int64]) -> bool:
    """Whether one of the three stop codons stands in the frame."""
    read = bases.reshape(-1, 1, 3)  # (3 * codons,) -> (codons, 1, 3)
    return bool((read == _STOPS).all(axis=-1).any())


def _shuffled(gene: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """The same bases, with a stop in the frame; a gene that cannot have one is thrown away."""
    while True:
        for _ in range(1000):
            other = np.concatenate([_START, generator.permutation(gene[3:])])
            if _has_stop(other):
                return other
        gene[:] = _gene(len(gene) // 3, generator)  # no T, say: so short a gene may come
