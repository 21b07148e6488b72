"""What generative adversarial networks in NumPy and in PyTorch have in common."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Latent = int | Callable[[int, np.random.Generator], Array]

LOSSES = ("non-saturating", "saturating", "wasserstein")


@dataclass
class History:
    """What a game has noted, one number for each step.

    Attributes:
        discriminator: The loss of the discriminator, without its penalty.
        generator: That of the generator.
        penalty: The penalty, if there was one.
        real: The mean score of real examples.
        fake: That of made ones.
    """

    discriminator: list[float] = field(default_factory=list)
    generator: list[float] = field(default_factory=list)
    penalty: list[float] = field(default_factory=list)
    real: list[float] = field(default_factory=list)
    fake: list[float] = field(default_factory=list)

    def note(self, step: int, *seen: float) -> None:
        """One step's numbers, in the order of the attributes."""
        if not all(map(math.isfinite, seen)):
            raise FloatingPointError(f"in step {step} a score is no longer a finite number")
        names = ("discriminator", "generator", "penalty", "real", "fake")
        for name, value in zip(names, seen, strict=True):
            getattr(self, name).append(value)


def check_loss(kind: str) -> None:
    """Refuse a loss that there is not."""
    if kind not in LOSSES:
        raise ValueError(f"loss is {kind!r}; it must be one of {', '.join(LOSSES)}")


def check_penalty(target: float, weight: float) -> None:
    """Refuse a penalty that means nothing."""
    for name, value in (("target", target), ("weight", weight)):
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} is {value}; it must be a finite number, not negative")


def check_game(examples: int, steps: int, batch_size: int, critic_steps: int) -> None:
    """Refuse a game that cannot be played."""
    if examples == 0:
        raise ValueError("data has no examples")
    counts = {"steps": steps, "batch_size": batch_size, "critic_steps": critic_steps}
    for name, value in counts.items():
        least = 0 if name == "steps" else 1
        if value < least:
            raise ValueError(f"{name} is {value}; it must be at least {least}")


def latent_source(latent: Latent) -> Callable[[int, np.random.Generator], Array]:
    """A function that draws latents; of a number, so many standard normal ones for each."""
    if callable(latent):
        return latent
    if isinstance(latent, bool) or not isinstance(latent, int | np.integer) or latent < 1:
        raise ValueError(f"latent is {latent!r}; it must be a number of at least 1, or a function")
    size = int(latent)
    return lambda n, rng: rng.normal(size=(n, size))


def frechet_distance(features_a: ArrayLike, features_b: ArrayLike) -> float:
    r"""How far two clouds of features lie apart: the Fréchet distance of normal distributions.

    $$d^2 = \lVert \mu_a - \mu_b \rVert^2 + \operatorname{tr}\bigl(\Sigma_a + \Sigma_b
    - 2 (\Sigma_a^{1/2} \Sigma_b \Sigma_a^{1/2})^{1/2}\bigr)$$

    The root is that of a symmetric matrix, so its trace is the sum of the roots of its eigenvalues.

    Source: Heusel, Ramsauer, Unterthiner, Nessler and Hochreiter (2017), GANs trained by a two
    time-scale update rule converge to a local Nash equilibrium, where the features are those of an
    Inception network; Dowson and Landau (1982), The Fréchet distance between multivariate normal
    distributions, for the formula.

    Args:
        features_a: Features of N examples, (N, F).
        features_b: Those of M others, (M, F).

    Returns:
        $d^2$, as one usually says it, in the units of the features squared.

    Raises:
        ValueError: If the shapes do not fit, or there are fewer than two examples.

    Examples:
        >>> x = np.array([[0.0], [2.0]])
        >>> frechet_distance(x, x + 3)
        9.0
        >>> frechet_distance(x, 3 * x)  # means 1 and 3, deviations sqrt(2) and 3 sqrt(2)
        12.0
    """
    a, b = np.asarray(features_a, dtype=float), np.asarray(features_b, dtype=float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(
            f"features have shapes {a.shape} and {b.shape}; they must be (N, F), (M, F)"
        )
    if min(len(a), len(b)) < 2:
        raise ValueError(f"there are {len(a)} and {len(b)} examples; there must be two or more")
    cov_a, cov_b = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))  # (F, F)
    values, vectors = np.linalg.eigh(cov_a)
    root_a = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    mixed = np.linalg.eigvalsh(root_a @ cov_b @ root_a)
    spread = np.trace(cov_a) + np.trace(cov_b) - 2 * np.sqrt(mixed.clip(0)).sum()
    distance = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + spread
    return round(max(float(distance), 0.0), 12)


def modes_covered(
    samples: ArrayLike, centers: ArrayLike, radius: float, least: int = 1
) -> tuple[int, float]:
    """How many centers have samples near them, and the share of samples that are near one.

    Args:
        samples: Points, (N, d).
        centers: The modes, (K, d).
        radius: What counts as near.
        least: How many samples a mode must have to count as covered.

    Returns:
        The number of modes covered, and a share from 0 to 1.

    Raises:
        ValueError: If the shapes do not fit, or there are no samples.

    Examples:
        >>> modes_covered([[0.0, 0.1], [0.1, 0.0], [9.0, 9.0]], [[0, 0], [5, 5]], radius=1)
        (1, 0.6666666666666666)
    """
    points, modes = np.asarray(samples, dtype=float), np.asarray(centers, dtype=float)
    if points.ndim != 2 or modes.ndim != 2 or points.shape[1] != modes.shape[1]:
        raise ValueError(
            f"samples have shape {points.shape}, centers {modes.shape}; they must be (N, d), (K, d)"
        )
    if len(points) == 0 or len(modes) == 0:
        raise ValueError(f"there are {len(points)} samples and {len(modes)} centers")
    distance = np.linalg.norm(points[:, None] - modes, axis=2)  # (N, 1, d) - (K, d) -> (N, K)
    near = distance.min(axis=1) <= radius
    counts = np.bincount(distance.argmin(axis=1)[near], minlength=len(modes))
    return int((counts >= least).sum()), float(near.mean())
