"""A run that is saved after each epoch, and taken up again where it was killed."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnbook._history import History
from nnbook._loop import Loop


@dataclass
class Keeper:
    """Everything in a run that has a state, and the functions that save it and load it.

    Attributes:
        path: The file; `None` to save nothing.
        save: `save_checkpoint`, that of NumPy or that of PyTorch; `load` is `load_checkpoint`.
        loop: The run.
        owners: What else has a `state_dict`, such as random generators.
        settings: What must not change between the parts of one run.
    """

    path: str | os.PathLike[str] | None
    save: Callable[..., None]
    load: Callable[..., Any]
    loop: Loop
    owners: dict[str, Any]
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        loop = self.loop
        more = {
            "data": loop.loader, "validation": loop.validation,
            "early stopping": loop.early_stopping,
        }  # fmt: skip
        self.owners = {k: v for k, v in {**self.owners, **more}.items() if v is not None}
        parts = {
            "data": loop.loader, "validation": loop.validation, "saves": ", ".join(self.owners),
            "scheduler": type(loop.scheduler).__name__, "scheduler_step": loop.scheduler_step,
            "optimizer": getattr(loop.optimizer, "defaults", None),
        }  # fmt: skip
        self.settings = {name: str(value) for name, value in {**self.settings, **parts}.items()}

    def begin(self, resume: bool) -> None:
        """Give every state back to its owner, and the loop its history."""
        if self.loop.early_stopping:
            self.loop.early_stopping.reset()
        if self.path is None or not resume or not Path(self.path).exists():
            return
        self._same_run(self.load(self.path).extra)
        loop = self.loop
        checkpoint = self.load(self.path, loop.model, loop.optimizer, loop.scheduler)
        for name, owner in self.owners.items():
            owner.load_state_dict(checkpoint.extra[name])
        loop.history = checkpoint.history

    def keep(self, history: History) -> None:
        """Save all of it."""
        if self.path is None:
            return
        loop, states = self.loop, {name: owner.state_dict() for name, owner in self.owners.items()}
        extra = {**states, "settings": self.settings}
        self.save(self.path, loop.model, loop.optimizer, loop.scheduler, history, extra)

    def _same_run(self, extra: dict[str, Any]) -> None:
        saved = extra.get("settings")
        if saved is None:
            raise ValueError(f"{self.path} was not saved by fit; use load_checkpoint")
        for name, value in self.settings.items():
            if saved.get(name) != value:
                raise ValueError(
                    f"{self.path} belongs to another run: its {name} was {saved.get(name)}; now it "
                    f"is {value}. With resume=False a new run takes its place"
                )


class Generators:
    """The random generators within a model, such as those of dropout."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def _found(self) -> Iterator[tuple[str, np.random.Generator]]:
        for path, module in self.model.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, np.random.Generator):
                    yield f"{path}.{name}", value

    def state_dict(self) -> dict[str, Any]:
        """Where they stand."""
        return {name: dict(generator.bit_generator.state) for name, generator in self._found()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put them back there."""
        for name, generator in self._found():
            generator.bit_generator.state = state_dict[name]


def seed_of(rng: int | np.random.Generator) -> str:
    """A seed, to be compared; generators cannot be."""
    return "a generator" if isinstance(rng, np.random.Generator) else str(rng)
