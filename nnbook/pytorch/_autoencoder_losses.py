"""What a code may cost: the twin of `nnbook.scratch._autoencoder_losses`."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from nnbook._autoencoder import (
    check_code,
    check_number,
    check_penalty,
    check_same,
    check_shares,
    pixels,
)


def sparsity(code: Any, kind: str = "l1", target: float = 0.05) -> Tensor:
    r"""How far codes are from being mostly silent.

    With the answer $a_{nj}$ of unit $j$ to example $n$ and its mean $\bar a_j$ over the batch,

    $$\text{"l1"}: \; \frac{1}{N} \sum_{n,j} |a_{nj}|, \qquad \text{"kl"}: \;
    \sum_j \rho \ln \frac{\rho}{\bar a_j} + (1 - \rho) \ln \frac{1 - \rho}{1 - \bar a_j} .$$

    Args:
        code: The answers, (N, units).
        kind: "l1" or "kl".
        target: The mean answer $\rho$ that costs nothing, for "kl".

    Returns:
        The penalty; autograd knows its gradient.

    Raises:
        ValueError: If there is no such kind, or the codes do not suit it.

    Examples:
        >>> sparsity(torch.tensor([[1.0, 0.0], [0.0, -3.0]]))
        tensor(2.)
    """
    check_penalty(kind, target)
    a = torch.as_tensor(code)
    check_code(a.shape)
    if kind == "l1":
        return a.abs().sum() / len(a)
    if a.numel():
        check_shares(float(a.detach().min()), float(a.detach().max()))
    eps = torch.finfo(a.dtype).eps  # a unit that is always silent would cost infinitely much
    mean = a.mean(dim=0)
    mean = mean + (mean.clamp(eps, 1 - eps) - mean).detach()  # its slope stays, at the ends too
    value = target * torch.log(target / mean) + (1 - target) * torch.log((1 - target) / (1 - mean))
    return value.sum()


class SparseLoss(nn.Module):
    r"""The mean squared error of what is decoded, and a price on codes that are not silent.

    Args:
        weight: The price, $\lambda$.
        kind: "l1" or "kl", of `sparsity`.
        target: The mean answer that costs nothing, for "kl".

    Raises:
        ValueError: If one of them means nothing.

    Examples:
        >>> x_hat, code = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 5.0]])
        >>> SparseLoss(weight=0.1)((x_hat, code), torch.tensor([[1.0, 0.0]]))
        tensor(2.5000)
    """

    def __init__(self, weight: float = 0.001, kind: str = "l1", target: float = 0.05) -> None:
        super().__init__()
        check_number("weight", weight)
        check_penalty(kind, target)
        self.weight, self.kind, self.target = weight, kind, target

    def forward(self, output: tuple[Tensor, Tensor], target: Tensor) -> Tensor:
        """The loss of what a `SparseAutoencoder` answers."""
        x_hat, code = output
        check_same(x_hat=x_hat.shape, target=target.shape)
        price = sparsity(code, self.kind, self.target)
        return ((x_hat - target) ** 2).mean() + self.weight * price


def elbo(
    x: Any, x_hat: Any, mean: Any, log_variance: Any, *, std: float = 1.0
) -> tuple[Tensor, Tensor]:
    r"""The two terms of the evidence lower bound, for an example on average, in nats.

    The decoder's answer $\hat{\mathbf{x}}$ is the middle of a bell curve with standard deviation
    $s$ in each of $D$ numbers; the code has $\mathcal{N}(\boldsymbol{\mu}, e^{\boldsymbol{\ell}})$,
    and before any example is seen $\mathcal{N}(0, 1)$. Then $\ln p(\mathbf{x})$ is at least
    the first term minus the second:

    $$-\frac{\lVert \mathbf{x} - \hat{\mathbf{x}} \rVert^2}{2 s^2} - \frac{D}{2} \ln (2 \pi s^2),
    \qquad \frac12 \sum_j \bigl( \mu_j^2 + e^{\ell_j} - 1 - \ell_j \bigr) .$$

    Source: Kingma and Welling (2014), Auto-encoding variational Bayes, ICLR, equation 10.

    Args:
        x: The examples, (N, ...).
        x_hat: What was decoded, in the shape of x.
        mean: The middle of each code, (N, latent).
        log_variance: The logarithm of its variance, (N, latent).
        std: $s$.

    Returns:
        The reconstruction term, and the divergence.

    Raises:
        ValueError: If shapes do not fit, or `std` is not positive.

    Examples:
        >>> one = torch.ones(1, 1)
        >>> elbo(one, one, 2 * one, 0 * one)
        (tensor(-0.9189), tensor(2.))
    """
    check_number("std", std, positive=True)
    x, x_hat, mean, log_variance = map(torch.as_tensor, (x, x_hat, mean, log_variance))
    check_same(x=x.shape, x_hat=x_hat.shape)
    check_same(mean=mean.shape, log_variance=log_variance.shape)
    constant = pixels(x.shape) / 2 * math.log(2 * math.pi * std**2)
    reconstruction = -((x - x_hat) ** 2).sum() / (2 * std**2 * len(x)) - constant
    terms = mean**2 + torch.exp(log_variance) - 1 - log_variance
    return reconstruction, terms.sum() / (2 * len(mean))


class VariationalLoss(nn.Module):
    r"""The evidence lower bound with its sign turned, to be made small; the divergence weighs beta.

    $$-\text{reconstruction} + \beta \cdot \text{divergence}$$

    With $\beta = 1$ it is the bound itself (Kingma and Welling, 2014); a larger one asks for more
    order among the codes (Higgins et al., 2017, beta-VAE, ICLR).

    Args:
        beta: The price of the divergence.
        std: The standard deviation $s$ of the pixels around what is decoded, as for `elbo`.

    Raises:
        ValueError: If one of them means nothing.

    Examples:
        >>> one = torch.ones(1, 1)
        >>> VariationalLoss(beta=0.5)((3 * one, 2 * one, 0 * one), one)
        tensor(3.9189)
    """

    def __init__(self, beta: float = 1.0, std: float = 1.0) -> None:
        super().__init__()
        check_number("beta", beta)
        check_number("std", std, positive=True)
        self.beta, self.std = beta, std

    def forward(self, output: tuple[Tensor, Tensor, Tensor], target: Tensor) -> Tensor:
        """The loss of what a `VariationalAutoencoder` answers."""
        reconstruction, divergence = elbo(target, *output, std=self.std)
        return self.beta * divergence - reconstruction
