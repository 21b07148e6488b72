"""A table of vectors, one for each word, that is learned like any other weight."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn import init
from nnbook.nn._checks import as_grad, float_dtype, positive, refuse
from nnbook.nn._embedding import refuse_options, row_number
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn.module import Module
from nnbook.nn.parameter import Parameter


class Embedding(Module):
    r"""Rows of a table, by their numbers: $\mathbf{y}_n = W_{x_n}$.

    The table starts with numbers from the standard normal distribution.

    Source: Bengio, Ducharme, Vincent and Jauvin, A neural probabilistic language model, 2003.

    Args:
        num_embeddings: How many rows.
        embedding_dim: How long each is.
        padding_idx: The number of a row that starts at zero and is not learned: it stands for
            nothing, where sentences are filled up to the same length. A negative one counts from
            the end.
        max_norm: Not supported.
        norm_type: Not supported, except for its default.
        scale_grad_by_freq: Divide the gradient of a row by how often the batch looked it up.
        sparse: Not supported.
        _weight: A table to start with; it is copied. `from_pretrained` is the way to give one.
        _freeze: Whether the table is not to be learned.
        device: Not supported.
        dtype: The type of the table, if none is given.
        rng: A generator or seed for the start.

    Attributes:
        weight: (num_embeddings, embedding_dim).

    Shapes:
        Whole numbers (*) to (*, embedding_dim).

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> layer = nn.Embedding(10, 3, padding_idx=0, rng=0)
        >>> layer(np.array([[4, 1, 0], [2, 0, 0]])).shape
        (2, 3, 3)
        >>> layer(np.array([0]))
        array([[0., 0., 0.]])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: ArrayLike | None = None,
        _freeze: bool = False,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        refuse("Embedding", device=device)
        refuse_options("Embedding", max_norm, norm_type, sparse)
        positive(num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = row_number(padding_idx, num_embeddings)
        self.scale_grad_by_freq = scale_grad_by_freq
        shape = (num_embeddings, embedding_dim)
        if _weight is None:
            table: FloatArray = np.empty(shape, float_dtype(dtype))
            init.normal_(table, rng=rng)
            if self.padding_idx is not None:
                table[self.padding_idx] = 0.0
        else:
            table = np.array(as_floats(_weight))
        if table.shape != shape:
            raise ValueError(f"_weight has shape {table.shape}; the table has {shape}")
        self.weight = Parameter(table, requires_grad=not _freeze)

    @classmethod
    def from_pretrained(
        cls, embeddings: ArrayLike, freeze: bool = True, padding_idx: int | None = None,
        max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> "Embedding":  # fmt: skip
        """A layer for a table that was learned elsewhere.

        Args:
            embeddings: The table, (num_embeddings, embedding_dim); it is copied.
            freeze: Whether it is to stay as it is.
            padding_idx: As for the class, and so are the others.
            max_norm: Not supported.
            norm_type: Not supported, except for its default.
            scale_grad_by_freq: As for the class.
            sparse: Not supported.

        Raises:
            ValueError: If `embeddings` is no table.

        Examples:
            >>> from nnbook import nn
            >>> nn.Embedding.from_pretrained([[0.0, 0.1], [1.0, 1.1]])([1])
            array([[1. , 1.1]])
        """
        shape = np.shape(embeddings)
        if len(shape) != 2:
            raise ValueError(f"embeddings have shape {shape}; they must be a table of 2 dimensions")
        return cls(
            *shape, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
            _weight=embeddings, _freeze=freeze,
        )  # fmt: skip

    def forward(self, x: ArrayLike) -> FloatArray:
        """The rows."""
        y = F.embedding(x, self.weight.data)
        self.save_for_backward(np.array(x))
        return y

    def backward(self, grad_output: ArrayLike) -> Any:
        r"""$\partial L/\partial W_v = \sum_{n:\, x_n = v} \partial L/\partial \mathbf{y}_n$.

        The answer is `None`: there is no gradient by the number of a row. The derivation stands at
        `functional.embedding_backward`.
        """
        (x,) = self.saved
        grad = as_grad(grad_output, (*x.shape, self.embedding_dim), self.weight.dtype)
        options = (self.num_embeddings, self.padding_idx, self.scale_grad_by_freq)
        self.weight.add_grad(F.embedding_backward(grad, x, *options))

    def extra_repr(self) -> str:
        """The sizes, as PyTorch shows them."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        return text + (", scale_grad_by_freq=True" if self.scale_grad_by_freq else "")
