"""What autoencoders are made of: an encoder before a decoder, and noise before both."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook import nn
from nnbook._autoencoder import check_corruption, check_same
from nnbook._rng import layer_generator
from nnbook.nn._floats import as_floats

Array = NDArray[Any]


class Coder(nn.Module):
    """An encoder, and a decoder that takes what it gives.

    Attributes:
        encoder: From examples to codes.
        decoder: From codes to examples.
    """

    encoder: nn.Module
    decoder: nn.Module

    def encode(self, x: ArrayLike) -> Array:
        """The code of each example."""
        code: Array = self.encoder(x)
        return code

    def decode(self, code: ArrayLike) -> Array:
        """The example for each code."""
        x_hat: Array = self.decoder(code)
        return x_hat

    def forward(self, x: ArrayLike) -> Any:
        """Each example, from its code."""
        return self.decode(self.encode(x))

    def backward(self, grad_output: ArrayLike) -> Any:
        """Through the decoder, and then through the encoder."""
        return self.encoder.backward(self.decoder.backward(grad_output))

    def requires_input_grad_(self, requires_grad: bool = True) -> Any:
        """Ask, or do not ask, the encoder for the gradient by the examples."""
        self.encoder.requires_input_grad_(requires_grad)
        return self


class SparseCoder(Coder):
    """One that answers its codes, too, for a loss that looks at them."""

    def forward(self, x: ArrayLike) -> tuple[Array, Array]:
        """Each example, from its code; and the code."""
        code = self.encode(x)
        return self.decode(code), code

    def backward(self, grad_output: ArrayLike, grad_code: ArrayLike | None = None) -> Any:
        r"""The code is used twice, by the decoder and by the loss; so two gradients add up."""
        grad = self.decoder.backward(grad_output)
        if grad_code is not None:
            check_same(grad_code=np.shape(grad_code), code=grad.shape)
            grad = grad + grad_code
        return self.encoder.backward(grad)


class VariationalCoder(Coder):
    """One whose codes are drawn, around a mean and as far from it as a variance says."""

    _rng: np.random.Generator

    def encode(self, x: ArrayLike) -> Any:
        r"""Mean and log variance, $\boldsymbol{\mu}$ and $\boldsymbol{\ell}$, for each example."""
        both = self.encoder(x)  # (N, 2 latent)
        mean, log_variance = np.split(both, 2, axis=-1)
        return mean.copy(), log_variance.copy()

    def forward(self, x: ArrayLike, noise: ArrayLike | None = None) -> Any:
        r"""Each example, from a code that is drawn; and what it was drawn from.

        Args:
            x: The examples, (N, ...).
            noise: $\boldsymbol{\varepsilon}$, (N, latent); without it, it is drawn. Zeros give the
                means.

        Returns:
            The examples decoded, the means and the log variances.
        """
        mean, log_variance = self.encode(x)
        drawn = self._rng.standard_normal(mean.shape) if noise is None else as_floats(noise)
        check_same(noise=drawn.shape, mean=mean.shape)
        with np.errstate(over="ignore"):
            moved = np.exp(log_variance / 2) * drawn.astype(mean.dtype)
        self.save_for_backward(moved)
        return self.decode(mean + moved), mean, log_variance

    def backward(
        self,
        grad_output: ArrayLike,
        grad_mean: ArrayLike | None = None,
        grad_log_variance: ArrayLike | None = None,
    ) -> Any:
        r"""Through $\mathbf{z} = \boldsymbol{\mu} + e^{\boldsymbol{\ell} / 2} \varepsilon$.

        The noise is a number like any other, so $\partial \mathbf{z} / \partial \boldsymbol{\mu} =
        1$ and $\partial \mathbf{z} / \partial \boldsymbol{\ell} = \frac12 e^{\boldsymbol{\ell} / 2}
        \varepsilon$. What the loss says about both itself is added.
        """
        (moved,) = self.saved
        by_code = self.decoder.backward(grad_output)
        parts = []
        for name, through, own in (
            ("grad_mean", by_code, grad_mean),
            ("grad_log_variance", by_code * moved / 2, grad_log_variance),
        ):
            if own is not None:
                check_same(**{name: np.shape(own), "mean": moved.shape})
            parts.append(through if own is None else through + own)
        return self.encoder.backward(np.concatenate(parts, axis=-1))


class Corruption(nn.Module):
    r"""Noise for what goes in, in training only; the target is to stay clean.

    "masking" sets each number to 0 with probability `amount`, and leaves the others as they are.
    "gaussian" adds to each a number from a bell curve with standard deviation `amount`. In `eval`
    mode everything passes. Each call draws anew.

    Source: Vincent, Larochelle, Lajoie, Bengio and Manzagol (2010), Stacked denoising autoencoders,
    Journal of Machine Learning Research 11.

    Args:
        kind: "masking" or "gaussian".
        amount: A probability, or a standard deviation.
        rng: A generator or seed. The twin in PyTorch draws the same.

    Raises:
        ValueError: If there is no such kind, or the amount means nothing.

    Shapes:
        Any, and the same again.

    Examples:
        >>> noise = Corruption("masking", 0.5, rng=0)
        >>> noise(np.array([1.0, 2.0, 3.0, 4.0]))
        array([1., 0., 0., 0.])
        >>> noise.eval()(np.array([1.0, 2.0, 3.0, 4.0]))
        array([1., 2., 3., 4.])
    """

    def __init__(
        self,
        kind: str = "masking",
        amount: float = 0.3,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        check_corruption(kind, amount)
        self.kind, self.amount, self._rng = kind, amount, layer_generator(rng)

    def forward(self, x: ArrayLike) -> Array:
        """The same, with noise."""
        x = as_floats(x)
        kept: Any = None
        if self.training and self.kind == "masking":
            kept = self._rng.random(x.shape) >= self.amount
        self.save_for_backward(x.shape, kept)
        if kept is not None:
            return np.where(kept, x, 0).astype(x.dtype, copy=False)
        if self.training:
            return (x + self.amount * self._rng.standard_normal(x.shape)).astype(x.dtype)
        return x.copy()

    def backward(self, grad_output: ArrayLike) -> Array:
        """What was set to 0 has no say any more; what was added changes nothing."""
        shape, kept = self.saved
        grad = as_floats(grad_output)
        check_same(grad_output=grad.shape, output=shape)
        passed: Array = grad if kept is None else np.where(kept, grad, 0).astype(grad.dtype)
        return passed

    def extra_repr(self) -> str:
        """Kind and amount."""
        return f"{self.kind!r}, {self.amount}"
