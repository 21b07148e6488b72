"""What recurrent models in NumPy and in PyTorch have in common: questions, letters, and chance."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.nn._checks import positive

CELLS = ("rnn", "lstm", "gru")


def stream_length(
    x: tuple[int, ...], y: tuple[int, ...], features: int, *, steps: int, batch: int, epochs: int
) -> int:
    """How many steps each of the streams has, once it is sure that one can learn from them.

    Args:
        x: The shape of the sequence; it must be (T, features).
        y: The shape of its targets.
        features: What the model expects.
        steps: The length of a chunk.
        batch: The number of streams.
        epochs: How often they are walked.
    """
    if len(x) != 2 or x[1] != features:
        raise ValueError(f"x has shape {x}; the model expects (T, {features}), one long sequence")
    if len(y) not in (1, 2) or y[0] != x[0]:
        raise ValueError(f"y has shape {y}; expected ({x[0]},) or ({x[0]}, out), one for each of x")
    positive(steps=steps, batch=batch)
    if epochs < 0:
        raise ValueError(f"epochs is {epochs}; it cannot be negative")
    if x[0] < batch:
        raise ValueError(f"x has {x[0]} steps; {batch} streams need at least one each")
    return x[0] // batch


def check_start(shape: tuple[int, ...], features: int, out: int, n: int) -> None:
    """A model can be fed its own answers if they have the form of its inputs."""
    if features != out:
        raise ValueError(f"the model reads {features} numbers a step and answers {out}")
    if len(shape) != 2 or shape[1] != features or shape[0] == 0:
        raise ValueError(f"start has shape {shape}; expected (T, {features}), with T at least 1")
    if n < 0:
        raise ValueError(f"n is {n}; it cannot be negative")


def check_ids(ids: NDArray[Any], k: int) -> None:
    """Whole numbers from 0 to k - 1."""
    positive(k=k)
    if ids.size and ids.dtype.kind not in "iu":
        raise TypeError(f"ids must be whole numbers; got {ids.dtype}")
    strange = ids[(ids < 0) | (ids >= k)]
    if strange.size:
        raise ValueError(f"ids contains {strange.flat[0]}; with k = {k} there are 0 to {k - 1}")


def numbered(alphabet: str, prompt: str, features: int, out: int, n: int) -> NDArray[np.int64]:
    """The letters of the prompt as numbers, once it is sure that model and alphabet fit."""
    if len(set(alphabet)) != len(alphabet):
        raise ValueError(f"a letter stands twice in the alphabet {alphabet!r}")
    if not features == out == len(alphabet):
        raise ValueError(
            f"the alphabet has {len(alphabet)} letters; the model reads {features} and answers "
            f"{out}"
        )
    if not prompt:
        raise ValueError("the prompt is empty; the model needs a letter to begin with")
    strange = sorted(set(prompt) - set(alphabet))
    if strange:
        raise ValueError(f"the prompt contains {strange[0]!r}; the alphabet is {alphabet!r}")
    if n < 0:
        raise ValueError(f"n is {n}; it cannot be negative")
    return np.array([alphabet.index(letter) for letter in prompt])


def draw(scores: ArrayLike, temperature: float, generator: np.random.Generator) -> int:
    r"""One of k classes, with the probabilities of a softmax of temperature T.

    $p_j \propto e^{z_j / T}$: a small T makes the likely likelier, and 0 leaves only the likeliest.
    """
    z = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(z).all():
        raise FloatingPointError(f"the model's scores are not finite: {z}")
    if temperature == 0:
        return int(z.argmax())
    heights = np.exp((z - z.max()) / temperature).cumsum()
    return int(np.searchsorted(heights, generator.uniform(0, heights[-1]), side="right"))


def check_temperature(temperature: float) -> None:
    """A finite number, not below 0."""
    if not (temperature >= 0 and math.isfinite(temperature)):
        raise ValueError(f"temperature is {temperature}; it must be finite and not negative")
