r"""Generative adversarial networks in PyTorch: the twin of `nnbook.scratch.gan`.

Source: Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville and Bengio (2014),
Generative adversarial nets, NeurIPS.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - PyTorch's own name for it

from nnbook._gan import (
    History,
    Latent,
    check_game,
    check_loss,
    check_penalty,
    frechet_distance,
    latent_source,
    modes_covered,
)
from nnbook._rng import as_generator
from nnbook.pytorch._device import resolve_device

__all__ = [
    "History",
    "discriminator_loss",
    "frechet_distance",
    "generator_loss",
    "gradient_penalty",
    "modes_covered",
    "train_gan",
]


def discriminator_loss(real: Tensor, fake: Tensor, loss: str = "non-saturating") -> Tensor:
    r"""How badly real and made examples are told apart.

    $$L_D = -\frac{1}{N} \sum_i \ln \sigma(s_i) - \frac{1}{M} \sum_j \ln(1 - \sigma(t_j)),$$

    and for "wasserstein" the difference of the means, $\bar t - \bar s$ (Arjovsky, Chintala and
    Bottou, 2017, Wasserstein generative adversarial networks).

    Args:
        real: Scores $s$ of real examples, of any shape.
        fake: Scores $t$ of made ones.
        loss: "non-saturating", "saturating" (the same for the discriminator) or "wasserstein".

    Examples:
        >>> round(discriminator_loss(torch.zeros(1), torch.zeros(1)).item(), 4)
        1.3863
    """
    check_loss(loss)
    if loss == "wasserstein":
        return fake.mean() - real.mean()
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(fake: Tensor, loss: str = "non-saturating") -> Tensor:
    r"""How badly the discriminator is fooled.

    $L_G = -\frac{1}{M} \sum_j \ln \sigma(t_j)$ is "non-saturating"; the game as first written has
    $\frac1M \sum_j \ln(1 - \sigma(t_j))$, "saturating"; for "wasserstein" it is $-\bar t$.

    Args:
        fake: Scores $t$ of made examples, of any shape.
        loss: "non-saturating", "saturating" or "wasserstein".

    Examples:
        >>> generator_loss(torch.tensor([-10.0])).item() > 10
        True
    """
    check_loss(loss)
    if loss == "wasserstein":
        return -fake.mean()
    if loss == "saturating":
        return -F.softplus(fake).mean()
    return F.softplus(-fake).mean()


def gradient_penalty(
    discriminator: nn.Module, x: Tensor, *, target: float = 1.0, weight: float = 10.0
) -> float:
    r"""A price on the steepness of the discriminator; its gradient is added to the parameters'.

    $$P = \frac{\lambda}{N} \sum_i
    \bigl( \lVert \nabla_{\mathbf{x}_i} D(\mathbf{x}_i) \rVert - c \bigr)^2$$

    PyTorch goes backward through its own way back (`create_graph`).

    Sources: Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville (2017), Improved training of
    Wasserstein GANs, with $c = 1$; Mescheder, Geiger and Nowozin (2018), Which training methods for
    GANs do actually converge?, with $c = 0$, called $R_1$.

    Args:
        discriminator: One score for each example.
        x: Examples, (N, ...).
        target: The steepness that costs nothing, $c$.
        weight: The price, $\lambda$.

    Returns:
        $P$.

    Raises:
        ValueError: If x has no examples, or `target` or `weight` is negative.

    Examples:
        >>> line = nn.Linear(1, 1)
        >>> _ = line.weight.data.fill_(3.0)  # its slope is 3 everywhere
        >>> gradient_penalty(line, torch.zeros(5, 1), target=1.0, weight=10.0)
        40.0
        >>> line.weight.grad
        tensor([[40.]])
    """
    check_penalty(target, weight)
    if len(x) == 0:
        raise ValueError("x has no examples")
    x = x.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    squares = gradient.flatten(1).square().sum(dim=1)  # (N,)
    # The root has no derivative at 0; there, nothing is to be added to the parameters' gradient.
    norms = torch.where(squares > 0, squares.clamp(min=1e-300), torch.ones_like(squares)).sqrt()
    norms = torch.where(squares > 0, norms, torch.zeros_like(norms))
    penalty = weight * (norms - target).square().mean()
    penalty.backward()  # type: ignore[no-untyped-call]
    return float(penalty.item())


def train_gan(
    generator: nn.Module,
    discriminator: nn.Module,
    data: Any,
    *,
    latent: Latent,
    steps: int,
    batch_size: int,
    generator_optimizer: Any,
    discriminator_optimizer: Any,
    loss: str = "non-saturating",
    critic_steps: int = 1,
    penalty: tuple[float, float] | None = None,
    rng: int | np.random.Generator = 0,
    on_step: Callable[[int, History], None] | None = None,
    device: str | torch.device = "auto",
) -> History:
    """Let two networks play against each other.

    In each step the discriminator learns from a batch of real and one of made examples,
    `critic_steps` times; then the generator learns from the discriminator's opinion of new ones.

    Args:
        generator: Makes examples of latents.
        discriminator: Says of examples, with one score, how real they look.
        data: The real examples, (N, ...).
        latent: How many numbers a latent has, drawn from the standard normal distribution; or a
            function of a number of them and a generator of NumPy's that draws them.
        steps: How many.
        batch_size: How many examples of each kind.
        generator_optimizer: Holds the generator's parameters.
        discriminator_optimizer: Holds the discriminator's.
        loss: "non-saturating", "saturating" or "wasserstein".
        critic_steps: How often the discriminator learns before the generator does once.
        penalty: The weight and the target of a `gradient_penalty`; with a target of 0 it is taken
            at the real examples (R1), else at random places between real and made ones.
        rng: A seed or generator, for batches and latents. The twin in NumPy draws the same.
        on_step: Called after each step with its number and the history.
        device: Where it happens; "auto" takes a GPU if there is one.

    Returns:
        What happened in each step.

    Raises:
        ValueError: If settings mean nothing, or there are no data.
        FloatingPointError: If a score is no longer finite.

    Examples:
        >>> g, d = nn.Linear(1, 1), nn.Linear(1, 1)
        >>> history = train_gan(
        ...     g, d, torch.full((100, 1), 2.0), latent=1, steps=3, batch_size=8, device="cpu",
        ...     generator_optimizer=torch.optim.SGD(g.parameters(), lr=0.1),
        ...     discriminator_optimizer=torch.optim.SGD(d.parameters(), lr=0.1),
        ... )
        >>> len(history.generator)
        3
    """
    check_loss(loss)
    place = resolve_device(device)
    real_data, draw, rng = torch.as_tensor(data).to(place), latent_source(latent), as_generator(rng)
    check_game(len(real_data), steps, batch_size, critic_steps)
    generator.to(place)
    discriminator.to(place)
    history = History()

    def made() -> Tensor:
        latents = torch.from_numpy(draw(batch_size, rng)).to(place, real_data.dtype)
        return generator(latents)

    for step in range(steps):
        for _ in range(critic_steps):
            rows = torch.from_numpy(rng.integers(len(real_data), size=batch_size)).to(place)
            real, fake = real_data[rows], made().detach()
            discriminator_optimizer.zero_grad()
            of_real, of_fake = discriminator(real), discriminator(fake)
            of_both = discriminator_loss(of_real, of_fake, loss)
            of_both.backward()  # type: ignore[no-untyped-call]
            price = _price(discriminator, real, fake, penalty, rng)
            discriminator_optimizer.step()
        generator_optimizer.zero_grad()
        value = generator_loss(discriminator(made()), loss)
        value.backward()  # type: ignore[no-untyped-call]
        generator_optimizer.step()
        seen = (of_both.item(), value.item(), price, of_real.mean().item(), of_fake.mean().item())
        history.note(step, *seen)
        if on_step is not None:
            on_step(step, history)
    return history


def _price(
    discriminator: nn.Module,
    real: Tensor,
    fake: Tensor,
    penalty: tuple[float, float] | None,
    rng: np.random.Generator,
) -> float:
    if penalty is None:
        return 0.0
    weight, target = penalty
    places = real
    if target > 0:
        share = torch.from_numpy(rng.random((len(real),) + (1,) * (real.ndim - 1))).to(real)
        places = share * real + (1 - share) * fake
    return gradient_penalty(discriminator, places, target=target, weight=weight)


if __name__ == "__main__":
    from nnbook.pytorch._gan_command import command

    command(train_gan, None)
