"""What autoencoders are made of: the twin of `nnbook.scratch._autoencoder_layers`."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnbook._autoencoder import check_corruption, check_same
from nnbook._rng import layer_generator


class Coder(nn.Module):
    """An encoder, and a decoder that takes what it gives.

    Attributes:
        encoder: From examples to codes.
        decoder: From codes to examples.
    """

    encoder: nn.Module
    decoder: nn.Module

    def encode(self, x: Tensor) -> Tensor:
        """The code of each example."""
        code: Tensor = self.encoder(x)
        return code

    def decode(self, code: Tensor) -> Tensor:
        """The example for each code."""
        x_hat: Tensor = self.decoder(code)
        return x_hat

    def forward(self, x: Tensor) -> Any:
        """Each example, from its code."""
        return self.decode(self.encode(x))


class SparseCoder(Coder):
    """One that answers its codes, too, for a loss that looks at them."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Each example, from its code; and the code."""
        code = self.encode(x)
        return self.decode(code), code


class VariationalCoder(Coder):
    """One whose codes are drawn, around a mean and as far from it as a variance says."""

    _rng: np.random.Generator

    def encode(self, x: Tensor) -> Any:
        r"""Mean and log variance, $\boldsymbol{\mu}$ and $\boldsymbol{\ell}$, for each example."""
        return self.encoder(x).chunk(2, dim=-1)  # (N, 2 latent) -> (N, latent) twice

    def forward(self, x: Tensor, noise: Tensor | None = None) -> Any:
        r"""Each example, from a code that is drawn; and what it was drawn from.

        Args:
            x: The examples, (N, ...).
            noise: $\boldsymbol{\varepsilon}$, (N, latent); without it, it is drawn. Zeros give the
                means.

        Returns:
            The examples decoded, the means and the log variances.
        """
        mean, log_variance = self.encode(x)
        if noise is None:
            noise = torch.from_numpy(self._rng.standard_normal(tuple(mean.shape)))
        check_same(noise=noise.shape, mean=mean.shape)
        z = mean + torch.exp(log_variance / 2) * noise.to(mean)
        return self.decode(z), mean, log_variance


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
        rng: A generator or seed. The twin in NumPy draws the same.

    Raises:
        ValueError: If there is no such kind, or the amount means nothing.

    Shapes:
        Any, and the same again.

    Examples:
        >>> noise = Corruption("masking", 0.5, rng=0)
        >>> noise(torch.tensor([1.0, 2.0, 3.0, 4.0]))
        tensor([1., 0., 0., 0.])
        >>> noise.eval()(torch.tensor([1.0, 2.0, 3.0, 4.0]))
        tensor([1., 2., 3., 4.])
    """

    def __init__(
        self,
        kind: str = "masking",
        amount: float = 0.3,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        check_corruption(kind, amount)
        self.kind, self.amount, self._rng = kind, amount, layer_generator(rng)

    def forward(self, x: Tensor) -> Tensor:
        """The same, with noise."""
        if not self.training:
            return x
        shape = tuple(x.shape)
        if self.kind == "masking":
            kept = torch.from_numpy(np.asarray(self._rng.random(shape) >= self.amount))
            return torch.where(kept.to(x.device), x, torch.zeros_like(x))
        return x + self.amount * torch.from_numpy(self._rng.standard_normal(shape)).to(x)

    def extra_repr(self) -> str:
        """Kind and amount."""
        return f"{self.kind!r}, {self.amount}"
