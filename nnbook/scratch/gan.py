r"""Generative adversarial networks: two networks, each of which is the other's loss.

A generator makes examples of random numbers, a discriminator says of examples how real they look,
and each learns from the other's mistakes.

Source: Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville and Bengio (2014),
Generative adversarial nets, NeurIPS.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn.module import Module

__all__ = [
    "History",
    "discriminator_loss",
    "frechet_distance",
    "generator_loss",
    "gradient_penalty",
    "modes_covered",
    "train_gan",
]

Array = NDArray[Any]


def discriminator_loss(
    real: ArrayLike, fake: ArrayLike, loss: str = "non-saturating"
) -> tuple[float, Array, Array]:
    r"""How badly real and made examples are told apart, and the gradients by their scores.

    With $\sigma(s)$ for the probability of being real, it is the cross-entropy of the two classes,

    $$L_D = -\frac{1}{N} \sum_i \ln \sigma(s_i) - \frac{1}{M} \sum_j \ln(1 - \sigma(t_j)),
    \qquad \frac{\partial L_D}{\partial s_i} = \frac{\sigma(s_i) - 1}{N}, \quad
    \frac{\partial L_D}{\partial t_j} = \frac{\sigma(t_j)}{M},$$

    and for "wasserstein" the difference of the means, $\bar t - \bar s$ (Arjovsky, Chintala and
    Bottou, 2017, Wasserstein generative adversarial networks).

    Args:
        real: Scores $s$ of real examples, of any shape.
        fake: Scores $t$ of made ones.
        loss: "non-saturating", "saturating" (the same for the discriminator) or "wasserstein".

    Returns:
        The loss, and its gradients by `real` and by `fake`.

    Examples:
        >>> value, by_real, by_fake = discriminator_loss([0.0], [0.0])
        >>> round(value, 4), by_real, by_fake
        (1.3863, array([-0.5]), array([0.5]))
    """
    of_real, by_real = _part(real, -1.0, loss)
    of_fake, by_fake = _part(fake, 1.0, loss)
    return of_real + of_fake, by_real, by_fake


def generator_loss(fake: ArrayLike, loss: str = "non-saturating") -> tuple[float, Array]:
    r"""How badly the discriminator is fooled, and the gradient by its scores.

    $$L_G = -\frac{1}{M} \sum_j \ln \sigma(t_j), \qquad
    \frac{\partial L_G}{\partial t_j} = \frac{\sigma(t_j) - 1}{M}$$

    is "non-saturating". The game as first written has $L_G = \frac1M \sum_j \ln(1 - \sigma(t_j))$,
    "saturating", with the gradient $-\sigma(t_j)/M$: next to nothing where $t_j$ is very negative,
    which is where the generator has most to learn. For "wasserstein" it is $-\bar t$.

    Args:
        fake: Scores $t$ of made examples, of any shape.
        loss: "non-saturating", "saturating" or "wasserstein".

    Returns:
        The loss, and its gradient by `fake`.

    Examples:
        >>> for loss in ("non-saturating", "saturating"):  # of an example that fools nobody
        ...     print(loss, generator_loss([-10.0], loss)[1].round(4))
        non-saturating [-1.]
        saturating [-0.]
    """
    check_loss(loss)
    t = _scores(fake, "fake")
    if loss == "wasserstein":
        return float(-t.mean()), np.full_like(t, -1 / t.size)
    if loss == "saturating":
        return float(-F.softplus(t).mean()), -F.sigmoid(t) / t.size
    return float(F.softplus(-t).mean()), -F.sigmoid(-t) / t.size


def gradient_penalty(
    discriminator: Module, x: ArrayLike, *, target: float = 1.0, weight: float = 10.0
) -> float:
    r"""A price on the steepness of the discriminator; its gradient is added to the parameters'.

    $$P = \frac{\lambda}{N} \sum_i \bigl( \lVert \mathbf{g}_i \rVert - c \bigr)^2, \qquad
    \mathbf{g}_i = \nabla_{\mathbf{x}_i} D(\mathbf{x}_i)$$

    $P$ depends on the parameters $\theta$ through a gradient, so its own gradient is one of a
    gradient. No second `backward` is needed for it. With $\mathbf{v} = \partial P / \partial
    \mathbf{g}$, held constant,

    $$\frac{\partial P}{\partial \theta} = \frac{\partial}{\partial \theta} \sum_i \mathbf{v}_i^\top
    \nabla_{\mathbf{x}_i} D(\mathbf{x}_i) = \frac{d}{d\varepsilon} \nabla_\theta
    \sum_i D(\mathbf{x}_i + \varepsilon \mathbf{v}_i) \Big|_{\varepsilon = 0},$$

    for it does not matter which derivative is taken first: two ordinary passes backward, a little
    to either side, and their difference. Dropout must be off, for it would draw anew each time.

    Sources: Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville (2017), Improved training of
    Wasserstein GANs, with $c = 1$; Mescheder, Geiger and Nowozin (2018), Which training methods for
    GANs do actually converge?, with $c = 0$, called $R_1$.

    Args:
        discriminator: One score for each example.
        x: Examples, (N, ...), in float64: the difference needs the digits.
        target: The steepness that costs nothing, $c$.
        weight: The price, $\lambda$.

    Returns:
        $P$.

    Raises:
        TypeError: If x is not float64.
        ValueError: If x has no examples, or `target` or `weight` is negative.

    Examples:
        >>> from nnbook import nn
        >>> line = nn.Linear(1, 1, rng=0)
        >>> line.weight.data[:] = 3.0  # its slope is 3 everywhere
        >>> gradient_penalty(line, np.zeros((5, 1)), target=1.0, weight=10.0)
        40.0
        >>> line.weight.grad.round(6)  # 2 * 10 * (3 - 1)
        array([[40.]])
    """
    check_penalty(target, weight)
    x = np.asarray(x)
    if x.dtype != np.float64:
        raise TypeError(f"x has dtype {x.dtype}; the penalty needs float64")
    if len(x) == 0:
        raise ValueError("x has no examples")
    gradient = _by_input(discriminator, x)
    rows = gradient.reshape(len(x), -1)
    norms = np.sqrt((rows**2).sum(axis=1))  # (N,)
    excess = norms - target
    scale = np.divide(excess, norms, out=np.zeros_like(norms), where=norms > 0)
    v = (2 * weight / len(x) * scale[:, None] * rows).reshape(x.shape)
    largest = np.abs(v).max()
    if largest > 0:
        step = 1e-6 * max(1.0, float(np.abs(x).max())) / largest
        for side in (step, -step):
            scores = discriminator(x + side * v)
            discriminator.backward(np.full_like(scores, 1 / (2 * side)))
    return float(weight * (excess**2).mean())


def train_gan(
    generator: Module,
    discriminator: Module,
    data: ArrayLike,
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
) -> History:
    """Let two networks play against each other.

    In each step the discriminator learns from a batch of real and one of made examples,
    `critic_steps` times; then the generator learns from the discriminator's opinion of new ones.

    Args:
        generator: Makes examples of latents.
        discriminator: Says of examples, with one score, how real they look.
        data: The real examples, (N, ...).
        latent: How many numbers a latent has, drawn from the standard normal distribution; or a
            function of a number of them and a generator that draws them.
        steps: How many.
        batch_size: How many examples of each kind.
        generator_optimizer: Holds the generator's parameters.
        discriminator_optimizer: Holds the discriminator's.
        loss: "non-saturating", "saturating" or "wasserstein".
        critic_steps: How often the discriminator learns before the generator does once.
        penalty: The weight and the target of a `gradient_penalty`; with a target of 0 it is taken
            at the real examples (R1), else at random places between real and made ones.
        rng: A seed or generator, for batches and latents. The twin in PyTorch draws the same.
        on_step: Called after each step with its number and the history.

    Returns:
        What happened in each step.

    Raises:
        ValueError: If settings mean nothing, or there are no data.
        FloatingPointError: If a score is no longer finite.

    Examples:
        >>> from nnbook import nn, optim
        >>> g, d = nn.Linear(1, 1, rng=0), nn.Linear(1, 1, rng=1)
        >>> history = train_gan(
        ...     g, d, np.full((100, 1), 2.0), latent=1, steps=3, batch_size=8,
        ...     generator_optimizer=optim.SGD(g.parameters(), lr=0.1),
        ...     discriminator_optimizer=optim.SGD(d.parameters(), lr=0.1),
        ... )
        >>> len(history.generator)
        3
    """
    check_loss(loss)
    real_data, draw, rng = np.asarray(data), latent_source(latent), as_generator(rng)
    check_game(len(real_data), steps, batch_size, critic_steps)
    history = History()

    def made() -> Array:
        latents = draw(batch_size, rng).astype(real_data.dtype)
        return np.asarray(generator(latents))

    for step in range(steps):
        for _ in range(critic_steps):
            real = real_data[rng.integers(len(real_data), size=batch_size)]
            fake = made()
            discriminator_optimizer.zero_grad()
            seen = _judge(discriminator, real, fake, loss)
            price = _price(discriminator, real, fake, penalty, rng)
            discriminator_optimizer.step()
        generator_optimizer.zero_grad()
        scores = discriminator(made())
        value, grad = generator_loss(scores, loss)
        generator.backward(discriminator.backward(grad))
        generator_optimizer.step()
        of_both, of_real, of_fake = seen
        history.note(step, of_both, value, price, of_real, of_fake)
        if on_step is not None:
            on_step(step, history)
    return history


def _judge(
    discriminator: Module, real: Array, fake: Array, loss: str
) -> tuple[float, float, float]:
    """The discriminator's loss, with its gradients added, and the mean scores.

    Both kinds go through separately: a batch normalization would otherwise mix them.
    """
    total, means = 0.0, []
    for x, sign in ((real, -1.0), (fake, 1.0)):
        scores = discriminator(x)
        value, grad = _part(scores, sign, loss)
        discriminator.backward(grad)
        total += value
        means.append(float(np.mean(scores)))
    return total, means[0], means[1]


def _part(given: ArrayLike, sign: float, loss: str) -> tuple[float, Array]:
    """What scores of one kind cost the discriminator: real ones have the sign -1, made ones 1."""
    check_loss(loss)
    s = _scores(given, "real" if sign < 0 else "fake")
    if loss == "wasserstein":
        return float(sign * s.mean()), np.full_like(s, sign / s.size)
    # -ln sigma(s) = ln(1 + e^-s), and -ln(1 - sigma(t)) = ln(1 + e^t)
    return float(F.softplus(sign * s).mean()), sign * F.sigmoid(sign * s) / s.size


def _price(
    discriminator: Module,
    real: Array,
    fake: Array,
    penalty: tuple[float, float] | None,
    rng: np.random.Generator,
) -> float:
    if penalty is None:
        return 0.0
    weight, target = penalty
    places = real
    if target > 0:
        share = rng.random((len(real),) + (1,) * (real.ndim - 1))
        places = share * real + (1 - share) * fake
    return gradient_penalty(discriminator, places, target=target, weight=weight)


def _by_input(discriminator: Module, x: Array) -> Array:
    """The gradient of the scores by x; those of the parameters stay as they were."""
    before = [(p, None if p.grad is None else p.grad.copy()) for p in discriminator.parameters()]
    scores = discriminator(x)
    gradient = np.array(discriminator.backward(np.ones_like(scores)))
    for parameter, grad in before:
        parameter.grad = grad
    return gradient


def _scores(given: ArrayLike, name: str) -> Array:
    scores = np.asarray(given)
    if scores.dtype.kind != "f":
        scores = scores.astype(float)
    if scores.size == 0:
        raise ValueError(f"{name} has no scores")
    return scores
