"""Looking words up: neighbors, analogies, and a file that keeps the vectors."""

import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook._checkpoint import replace
from nnbook._vocabulary import Vocabulary
from nnbook.nn._checks import positive

Array = NDArray[Any]

FORMAT, VERSION = "nnbook word vectors", 1


class Lookup:
    """What one can do with a vector for each word, whoever has learned them.

    Attributes:
        vocabulary: The words.
        model: "skip-gram" or "cbow", which of them learned the vectors.
    """

    vocabulary: Vocabulary
    model: str

    def arrays(self) -> tuple[Array, Array]:
        """The vectors and the output vectors as NumPy arrays, (V, dim) each."""
        raise NotImplementedError

    @classmethod
    def _from_arrays(cls, vocabulary: Vocabulary, model: str, tables: Sequence[Array]) -> Self:
        raise NotImplementedError

    def vector(self, word: str) -> Array:
        """The vector of a word, (dim,).

        Raises:
            KeyError: If the word is not known.
        """
        vector: Array = self.arrays()[0][self.vocabulary.number(word)].copy()
        return vector

    def similarity(self, a: str, b: str) -> float:
        """The cosine of the angle between the vectors of two words, from -1 to 1."""
        x, y = unit(np.stack([self.vector(a), self.vector(b)]))
        return float(x @ y)

    def most_similar(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """The words whose vectors point most nearly the same way, with the cosines.

        Args:
            word: A word that is known; it is not its own neighbor.
            n: How many.

        Raises:
            KeyError: If the word is not known.
        """
        return self.nearest(self.vector(word), n, exclude=(word,))

    def analogy(
        self, a: str, b: str, c: str, n: int = 1, *, exclude: bool = True
    ) -> list[tuple[str, float]]:
        r"""What is to `c` as `b` is to `a`? As man is to king, woman is to...

        The words nearest to $\hat b - \hat a + \hat c$, where the hats mean that each vector is
        scaled to length 1. Source: Mikolov, Yih and Zweig, Linguistic regularities in continuous
        space word representations, 2013.

        Args:
            a: As `a`...
            b: ... is to `b`,
            c: so is `c` to the answer.
            n: How many answers.
            exclude: Whether the three words themselves are no answers. It helps much, and flatters:
                the nearest word is very often one of them (Linzen, 2016).

        Raises:
            KeyError: If one of the words is not known.
        """
        x, y, z = unit(np.stack([self.vector(word) for word in (a, b, c)]))
        return self.nearest(y - x + z, n, exclude=(a, b, c) if exclude else ())

    def nearest(
        self, vector: ArrayLike, n: int = 10, *, exclude: Sequence[str] = ()
    ) -> list[tuple[str, float]]:
        """The words nearest to any vector (by the cosine), nearest first.

        Args:
            vector: (dim,).
            n: How many.
            exclude: Words that are no answers.
        """
        positive(n=n)
        table, query = self.arrays()[0], np.asarray(vector)
        if query.shape != table.shape[1:]:
            raise ValueError(f"vector has shape {query.shape}; the words' have {table.shape[1:]}")
        cosines = unit(table) @ unit(query[None])[0]  # (V, dim) @ (dim,) -> (V,)
        barred = {self.vocabulary.number(word) for word in exclude}
        order = [int(i) for i in np.argsort(-cosines, kind="stable")[: n + len(barred)]]
        found = [i for i in order if i not in barred]
        return [(self.vocabulary.words[i], float(cosines[i])) for i in found[:n]]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write words and vectors to a file: NumPy's npz, without pickle.

        The file is written aside and then renamed, so that it is never half there. NumPy and
        PyTorch read one another's.

        Args:
            path: Its name, taken as it is.
        """
        header = {"format": FORMAT, "version": VERSION, "model": self.model}
        header |= {"words": self.vocabulary.words}
        vectors, out_vectors = self.arrays()
        file = io.BytesIO()
        np.savez(
            file,
            header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
            counts=self.vocabulary.counts,
            vectors=vectors,
            out_vectors=out_vectors,
        )
        replace(path, file.getvalue())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` has written.

        Args:
            path: The file.

        Raises:
            FileNotFoundError: If it is not there.
            ValueError: If it is no file of word vectors, or damaged.
        """
        path = Path(path)
        if not path.exists():
            raise FileNotFoundError(f"there are no word vectors {path}")
        try:
            header, counts, *tables = _read(path)
        except Exception as error:
            raise ValueError(f"{path} holds no word vectors, or is damaged ({error})") from error
        vocabulary = Vocabulary.of(header["words"], counts)
        return cls._from_arrays(vocabulary, header["model"], tables)


def _read(path: Path) -> tuple[dict[str, Any], Array, Array, Array]:
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        header = json.loads(file["header"].tobytes())
        counts, vectors, out_vectors = (file[k] for k in ("counts", "vectors", "out_vectors"))
    if (header["format"], header["version"]) != (FORMAT, VERSION):
        raise ValueError(f"it is {header['format']!r}, version {header['version']}")
    n = len(header["words"])
    if counts.shape != (n,) or vectors.shape != out_vectors.shape or len(vectors) != n:
        shapes = counts.shape, vectors.shape, out_vectors.shape
        raise ValueError(f"{n} words, but arrays of shapes {shapes}")
    return header, counts, vectors, out_vectors


def unit(vectors: Array) -> Array:
    """Each row scaled to length 1; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
