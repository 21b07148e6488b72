"""Randomness is always asked for by name: a generator or a seed, never a hidden global state."""

import numpy as np


def as_generator(rng: int | np.random.Generator | None) -> np.random.Generator:
    """The generator itself, or a new one from a seed; anything else is refused with a reason."""
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        return np.random.default_rng(rng)
    raise TypeError(f"rng must be a numpy Generator or an int seed, not {rng!r}")


def layer_generator(rng: int | np.random.Generator | None) -> np.random.Generator:
    """As `as_generator`; with `None`, a generator that nobody can predict, as for PyTorch's layers.

    A model's lines stay those of PyTorch, where no layer is given a seed. Whoever wants the same
    weights again gives one.
    """
    return np.random.default_rng() if rng is None else as_generator(rng)
