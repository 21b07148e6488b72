"""What both style-based generators, in NumPy and in PyTorch, have in common: starts and checks."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook._rng import as_generator
from nnbook.nn._checks import fraction, positive, whole

Array = NDArray[Any]
Sampler = Callable[[int, np.random.Generator], Array]

SLOPE = 0.2  # of the leaky rectifiers, as in the paper
EPS = 1e-8  # keeps a division by the root of a mean square from exploding


def he(shape: Sequence[int], generator: np.random.Generator, gain: float = math.sqrt(2)) -> Array:
    """Weights (out, in, ...) from a bell curve that keeps the size of what goes through."""
    drawn: Array = generator.normal(0.0, gain / math.sqrt(math.prod(shape[1:])), tuple(shape))
    return drawn


def noise_shapes(channels: Sequence[int], start: int) -> list[tuple[int, int]]:
    """Height and width at each place where noise comes in: two for every size."""
    return [(start * 2**i,) * 2 for i in range(len(channels)) for _ in range(2)]


def draw_noise(
    n: int, channels: Sequence[int], start: int, generator: np.random.Generator
) -> list[Array]:
    """One map of standard normal numbers for each picture and place, (n, 1, h, w) each."""
    whole(n=n)
    return [generator.normal(size=(n, 1, *size)) for size in noise_shapes(channels, start)]


def check_generator(channels: Sequence[int], **sizes: int) -> None:
    """At least one size of maps, and whole numbers everywhere."""
    if not len(channels):
        raise ValueError("channels is empty; name the number of maps at one size at least")
    positive(**sizes, **{f"channels[{i}]": c for i, c in enumerate(channels)})


def check_features(
    what: str, shape: Sequence[int], features: int, *, dims: tuple[int, ...]
) -> None:
    """Latents or styles with as many numbers as the layer was made for."""
    if len(shape) not in dims or shape[-1] != features:
        wanted = " or ".join(f"({', '.join(['N', 'L'][: d - 1])}, {features})" for d in dims)
        raise ValueError(f"{what} has shape {tuple(shape)}; expected {wanted}")


def check_styles(shape: Sequence[int], layers: int, style: int) -> None:
    """A style for every layer."""
    if tuple(shape[1:]) != (layers, style) or len(shape) != 3:
        raise ValueError(
            f"w has shape {tuple(shape)}; the generator expects (N, {layers}, {style})"
        )


def check_maps(shape: Sequence[int], channels: int, styles: Sequence[int] | None = None) -> None:
    """Maps, with as many channels as the layer has, and as many as there are styles."""
    if len(shape) != 4 or shape[1] != channels:
        raise ValueError(f"x has shape {tuple(shape)}; the layer expects (N, {channels}, H, W)")
    if styles is not None and styles[0] != shape[0]:
        raise ValueError(f"x has {shape[0]} examples; w has {styles[0]}")


def check_noise(shape: Sequence[int], x: Sequence[int]) -> None:
    """One map of noise for each example, of the size of the maps."""
    if tuple(shape) != (x[0], 1, *x[2:]):
        wanted = (x[0], 1, *x[2:])
        raise ValueError(f"noise has shape {tuple(shape)}; x has {tuple(x)}, so expected {wanted}")


def check_noises(given: int, layers: int) -> None:
    """A map of noise for every layer."""
    if given != layers:
        raise ValueError(f"noise has {given} maps; the generator has {layers} layers")


def style_mixing(layers: int, latent: int, probability: float = 0.9) -> Sampler:
    """What mixing regularization draws from: see the twins' `style_mixing`."""
    positive(layers=layers, latent=latent)
    fraction("probability", probability)

    def draw(n: int, rng: np.random.Generator) -> Array:
        z = as_generator(rng).normal(size=(2, n, 1, latent))
        crossover = rng.integers(1, max(layers, 2), size=(n, 1))
        mixed = (rng.random((n, 1)) < probability) & (np.arange(layers) >= crossover)
        drawn: Array = np.where(mixed[:, :, None], z[1], z[0])  # (N, L, 1) ? (N, 1, d) -> (N, L, d)
        return drawn

    return draw
