"""Randomness is always asked for by name: a generator or a seed, never a hidden global state."""

import numpy as np


def as_generator(rng: int | np.random.Generator | None) -> np.random.Generator:
    """The generator itself, or a new one from a seed; anything else is refused with a reason."""
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        return np.random.default_rng(rng)
    raise TypeError(f"rng must be a numpy Generator or an int seed, not {rng!r}")
