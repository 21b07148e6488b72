"""What a code may cost, besides the errors of what is decoded from it."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook import nn
from nnbook._autoencoder import (
    check_code,
    check_number,
    check_penalty,
    check_same,
    check_shares,
    pixels,
)
from nnbook.nn._floats import as_floats

Array = NDArray[Any]
Coded = tuple[ArrayLike, ArrayLike]
Drawn = tuple[ArrayLike, ArrayLike, ArrayLike]


def sparsity(code: ArrayLike, kind: str = "l1", target: float = 0.05) -> tuple[float, Array]:
    r"""How far codes are from being mostly silent, and the gradient by them.

    With the answer $a_{nj}$ of unit $j$ to example $n$ and its mean $\bar a_j$ over the batch,

    $$\text{"l1"}: \; \frac{1}{N} \sum_{n,j} |a_{nj}|, \qquad \text{"kl"}: \;
    \sum_j \rho \ln \frac{\rho}{\bar a_j} + (1 - \rho) \ln \frac{1 - \rho}{1 - \bar a_j} .$$

    The first has the gradient $\operatorname{sign}(a_{nj}) / N$. The second is the divergence of
    one coin from another, for answers between 0 and 1; it has the gradient
    $\bigl( -\rho / \bar a_j + (1 - \rho) / (1 - \bar a_j) \bigr) / N$.

    Args:
        code: The answers, (N, units).
        kind: "l1" or "kl".
        target: The mean answer $\rho$ that costs nothing, for "kl".

    Returns:
        The penalty, and its gradient, (N, units).

    Raises:
        ValueError: If there is no such kind, or the codes do not suit it.

    Examples:
        >>> sparsity([[1.0, 0.0], [0.0, -3.0]])
        (2.0, array([[ 0.5,  0. ],
               [ 0. , -0.5]]))
        >>> value, grad = sparsity([[0.4], [0.6]], "kl", target=0.5)
        >>> abs(round(value, 6)), abs(grad.round(6)).max()
        (0.0, np.float64(0.0))
    """
    check_penalty(kind, target)
    a = as_floats(code)
    check_code(a.shape)
    if kind == "l1":
        return float(np.abs(a).sum() / len(a)), np.sign(a) / len(a)
    check_shares(a.min(initial=1), a.max(initial=0))
    eps = np.finfo(a.dtype).eps  # a unit that is always silent would cost infinitely much
    mean = a.mean(axis=0).clip(eps, 1 - eps)  # (units,)
    value = target * np.log(target / mean) + (1 - target) * np.log((1 - target) / (1 - mean))
    slope = ((1 - target) / (1 - mean) - target / mean) / len(a)
    return float(value.sum()), np.tile(slope, (len(a), 1)).astype(a.dtype, copy=False)


class SparseLoss(nn.Module):
    r"""The mean squared error of what is decoded, and a price on codes that are not silent.

    Args:
        weight: The price, $\lambda$.
        kind: "l1" or "kl", of `sparsity`.
        target: The mean answer that costs nothing, for "kl".

    Raises:
        ValueError: If one of them means nothing.

    Examples:
        >>> loss_fn = SparseLoss(weight=0.1)
        >>> loss_fn((np.array([[1.0, 2.0]]), np.array([[0.0, 5.0]])), np.array([[1.0, 0.0]]))
        2.5
        >>> loss_fn.backward()
        (array([[0., 2.]]), array([[0. , 0.1]]))
    """

    def __init__(self, weight: float = 0.001, kind: str = "l1", target: float = 0.05) -> None:
        check_number("weight", weight)
        check_penalty(kind, target)
        self.weight, self.kind, self.target = weight, kind, target

    def forward(self, output: Coded, target: ArrayLike) -> float:
        """The loss of what a `SparseAutoencoder` answers."""
        x_hat, x = as_floats(output[0]), as_floats(target)
        check_same(x_hat=x_hat.shape, target=x.shape)
        price, by_code = sparsity(output[1], self.kind, self.target)
        self.save_for_backward(x_hat - x, by_code)
        return float(((x_hat - x) ** 2).mean() + self.weight * price)

    def backward(self, grad_output: float = 1.0) -> tuple[Array, Array]:
        """The gradients by what is decoded, and by the codes."""
        difference, by_code = self.saved
        return 2 * grad_output / difference.size * difference, grad_output * self.weight * by_code


def elbo(
    x: ArrayLike,
    x_hat: ArrayLike,
    mean: ArrayLike,
    log_variance: ArrayLike,
    *,
    std: float = 1.0,
) -> tuple[float, float]:
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
        >>> one = np.ones((1, 1))
        >>> reconstruction, divergence = elbo(one, one, 2 * one, 0 * one)
        >>> round(reconstruction, 4), divergence
        (-0.9189, 2.0)
    """
    check_number("std", std, positive=True)
    x, x_hat, mean, log_variance = map(as_floats, (x, x_hat, mean, log_variance))
    check_same(x=x.shape, x_hat=x_hat.shape)
    check_same(mean=mean.shape, log_variance=log_variance.shape)
    constant = pixels(x.shape) / 2 * math.log(2 * math.pi * std**2)
    reconstruction = -((x - x_hat) ** 2).sum() / (2 * std**2 * len(x)) - constant
    with np.errstate(over="ignore"):
        terms = mean**2 + np.exp(log_variance) - 1 - log_variance
    return float(reconstruction), float(terms.sum() / (2 * len(mean)))


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
        >>> loss_fn = VariationalLoss(beta=0.5)
        >>> one = np.ones((1, 1))
        >>> round(loss_fn((3 * one, 2 * one, 0 * one), one), 4)
        3.9189
        >>> [g.item() for g in loss_fn.backward()]
        [2.0, 1.0, 0.0]
    """

    def __init__(self, beta: float = 1.0, std: float = 1.0) -> None:
        check_number("beta", beta)
        check_number("std", std, positive=True)
        self.beta, self.std = beta, std

    def forward(self, output: Drawn, target: ArrayLike) -> float:
        """The loss of what a `VariationalAutoencoder` answers."""
        x_hat, mean, log_variance = map(as_floats, output)
        x = as_floats(target)
        reconstruction, divergence = elbo(x, x_hat, mean, log_variance, std=self.std)
        self.save_for_backward(x_hat - x, mean, log_variance)
        return self.beta * divergence - reconstruction

    def backward(self, grad_output: float = 1.0) -> tuple[Array, Array, Array]:
        r"""The gradients by what is decoded, by the means and by the log variances.

        $(\hat{\mathbf{x}} - \mathbf{x}) / s^2$, $\beta \boldsymbol{\mu}$ and
        $\frac{\beta}{2} (e^{\boldsymbol{\ell}} - 1)$, each divided by $N$.
        """
        difference, mean, log_variance = self.saved
        share = grad_output / len(mean)
        with np.errstate(over="ignore"):
            widths = np.exp(log_variance) - 1
        return share / self.std**2 * difference, share * self.beta * mean, (
            share * self.beta / 2 * widths
        )  # fmt: skip
