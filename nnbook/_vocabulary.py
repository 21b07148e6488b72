"""The words that a model knows, how often each was seen, and what follows from that."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.nn._checks import positive

Array = NDArray[Any]


class Vocabulary:
    """The words of a text, the most frequent first; ties stand in alphabetical order.

    Args:
        sentences: Lists of words, such as `nnbook.data.sentences()`. They are gone through once.
        min_count: Words that occur less often are left out: nothing can be learned about them.

    Attributes:
        words: The words, a tuple of V.
        counts: How often each occurs, (V,).
        index: The number of each word, a dictionary.

    Raises:
        ValueError: If no word is left, or `min_count` is below 1.
        TypeError: If a sentence is a string, which would be taken for a list of letters.

    Examples:
        >>> vocabulary = Vocabulary([["to", "be", "or", "not", "to", "be"]], min_count=2)
        >>> vocabulary.words, vocabulary.counts.tolist(), len(vocabulary), "or" in vocabulary
        (('be', 'to'), [2, 2], 2, False)
        >>> vocabulary.encode(["not", "to", "be"]).tolist()
        [1, 0]
    """

    def __init__(self, sentences: Iterable[Sequence[str]], min_count: int = 5) -> None:
        positive(min_count=min_count)
        counter: Counter[str] = Counter()
        for sentence in sentences:
            if isinstance(sentence, str):
                raise TypeError(f"a sentence is the string {sentence[:20]!r}; split it into words")
            counter.update(sentence)
        kept = sorted((-n, word) for word, n in counter.items() if n >= min_count)
        if not kept:
            most = max(counter.values(), default=0)
            raise ValueError(
                f"no word occurs {min_count} times: {len(counter)} words, the most frequent {most}"
            )
        self._set(tuple(word for _, word in kept), np.array([-n for n, _ in kept]))

    @classmethod
    def of(cls, words: Sequence[str], counts: Iterable[int]) -> "Vocabulary":
        """A vocabulary that has been counted before, most frequent words first."""
        self = cls.__new__(cls)
        self._set(tuple(words), np.array(list(counts), dtype=np.int64))
        return self

    def _set(self, words: tuple[str, ...], counts: Array) -> None:
        self.words, self.counts = words, counts
        self.index = {word: i for i, word in enumerate(words)}
        # The smallest type that can hold the numbers: 16 bits are sorted ten times as fast as 64.
        self._dtype = np.min_scalar_type(len(words) - 1)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} words, {self.counts.sum()} in the text)"

    def number(self, word: str) -> int:
        """The number of a word; a word that is not there is named."""
        if word not in self.index:
            raise KeyError(f"{word!r} is not among the {len(self)} words")
        return self.index[word]

    def encode(self, sentence: Iterable[str]) -> Array:
        """The numbers of the words of a sentence; words that are not known are left out."""
        index = self.index
        return np.array([index[word] for word in sentence if word in index], dtype=self._dtype)

    def keep(self, subsample: float | None) -> Array:
        r"""With which probability each occurrence of a word is kept.

        $$P(\text{keep } w) = \min\left(1, \sqrt{\tau / f(w)}\right)$$

        where $f$ is the share of the word in the text and $\tau$ a threshold. Frequent words say
        little about their neighbors, for they are everybody's neighbor. What is rarer than
        $\tau$ stays; of what is more frequent, the more the more frequent it is, goes. Source:
        Mikolov et al., Distributed representations of words and phrases and their compositionality,
        2013.

        Args:
            subsample: The threshold $\tau$; `None` keeps everything.

        Returns:
            (V,), in the order of the words.

        Examples:
            >>> Vocabulary.of(["the", "cat"], [90, 10]).keep(0.1).round(3)
            array([0.333, 1.   ])
        """
        if subsample is None:
            return np.ones(len(self))
        if not subsample > 0:
            raise ValueError(f"subsample is {subsample}; it must be above 0, or None")
        return np.minimum(1.0, np.sqrt(subsample * self.counts.sum() / self.counts))

    def noise(self, power: float = 0.75) -> Array:
        r"""With which probability each word is drawn as noise.

        $$P_n(w) = \frac{n(w)^{3/4}}{\sum_{w'} n(w')^{3/4}}$$

        where $n$ counts. With the power 1 it would be the words as they come, with 0 each as likely
        as any other; 3/4 worked best, say the authors (Mikolov et al., 2013).

        Args:
            power: The power of the counts.

        Returns:
            (V,), in the order of the words; the sum is 1.

        Examples:
            >>> Vocabulary.of(["the", "cat"], [81, 16]).noise().round(3)  # 27 to 8
            array([0.771, 0.229])
        """
        weights: Array = self.counts.astype(np.float64) ** power
        return weights / weights.sum()
