"""What is kept of a training run, and when to end one early; for NumPy and PyTorch alike."""

import copy
import math
from dataclasses import asdict, dataclass, field
from typing import Any

SERIES = ("loss", "val_loss", "lr", "seconds")


@dataclass
class History:
    """What happened in each epoch of a training run.

    Two histories are equal if the same happened; how long it took does not matter.

    Attributes:
        loss: The mean loss of the training examples, each as it was when its batch was learned.
        val_loss: The mean loss of the validation examples after the epoch; empty without any.
        metrics: The means of what else was measured: by its name for the training examples, and by
            `"val_"` and its name for those of the validation.
        lr: The learning rate with which the epoch began.
        seconds: How long it took.

    Examples:
        >>> history = History()
        >>> history.append({"loss": 0.7, "val_loss": 0.8, "accuracy": 0.5}, lr=0.1)
        >>> history.append({"loss": 0.4, "val_loss": 0.6, "accuracy": 0.9}, lr=0.1)
        >>> len(history), history.loss, history["accuracy"]
        (2, [0.7, 0.4], [0.5, 0.9])
    """

    loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    lr: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list, compare=False)

    def __len__(self) -> int:
        """The number of epochs."""
        return len(self.loss)

    def __getitem__(self, name: str) -> list[float]:
        if name in SERIES:
            found: list[float] = getattr(self, name)
            return found
        if name not in self.metrics:
            known = ", ".join([*SERIES, *self.metrics])
            raise KeyError(f"{name!r} is not in the history; there are {known}")
        return self.metrics[name]

    def append(self, values: dict[str, float], lr: float, seconds: float = 0.0) -> None:
        """Add an epoch."""
        for name, value in values.items():
            series = self[name] if name in SERIES else self.metrics.setdefault(name, [])
            series.append(value)
        self.lr.append(lr)
        self.seconds.append(seconds)

    def state_dict(self) -> dict[str, Any]:
        """A copy of it all."""
        return asdict(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Become what `state_dict` was taken of."""
        for name, value in copy.deepcopy(state_dict).items():
            setattr(self, name, value)


class EarlyStopping:
    """Ends a run that no longer improves, and brings the best weights back.

    Source: Prechelt, Early stopping - but when?, 1998.

    Args:
        patience: After so many epochs in a row without an improvement it ends.
        min_delta: By how much a value must be better than the best to count as an improvement.
        restore_best: Whether the model gets the weights of the best epoch at the end of the run.
        monitor: What is watched, by its name in the `History`.
        mode: "min" if less is better, "max" if more is.

    Attributes:
        best: The best value.
        best_epoch: The epoch that had it, counted from 0 as in the history; `None` before any.
        waited: For how many epochs there was none better.

    Raises:
        ValueError: If `patience` is not at least 1, `min_delta` is negative, or `mode` unknown.

    Examples:
        >>> from nnbook import nn
        >>> model, stopping = nn.Linear(1, 1, rng=0), EarlyStopping(patience=2, monitor="loss")
        >>> for loss in (0.9, 0.5, 0.6, 0.7):
        ...     history = History(loss=[loss])
        ...     print(stopping.update(model, history), stopping.best, stopping.waited)
        False 0.9 0
        False 0.5 0
        False 0.5 1
        True 0.5 2
    """

    def __init__(
        self,
        patience: int = 5,
        min_delta: float = 0.0,
        restore_best: bool = True,
        monitor: str = "val_loss",
        mode: str = "min",
    ) -> None:
        if patience < 1:
            raise ValueError(f"patience is {patience}; it must be at least 1")
        if not min_delta >= 0:
            raise ValueError(f"min_delta is {min_delta}; it cannot be negative")
        if mode not in ("min", "max"):
            raise ValueError(f"mode is {mode!r}; it must be one of 'min', 'max'")
        self.patience, self.min_delta, self.restore_best = patience, min_delta, restore_best
        self.monitor, self.mode = monitor, mode
        self.reset()

    def reset(self) -> None:
        """Forget everything, for a new run."""
        self.best = math.inf if self.mode == "min" else -math.inf
        self.best_epoch: int | None = None
        self.waited = 0
        self._weights: Any = None

    @property
    def stopped(self) -> bool:
        """Whether patience is at its end."""
        return self.waited >= self.patience

    def update(self, model: Any, history: History) -> bool:
        """Look at the last epoch of a history; true if it should be the last of all."""
        value = history[self.monitor][-1]
        gain = self.best - value if self.mode == "min" else value - self.best
        if gain > self.min_delta:  # never true of nan
            self.best, self.best_epoch, self.waited = value, len(history) - 1, 0
            if self.restore_best:
                self._weights = copy.deepcopy(model.state_dict())
        else:
            self.waited += 1
        return self.stopped

    def restore(self, model: Any) -> None:
        """Give the model the weights of the best epoch, if they were to be kept."""
        if self._weights is not None:
            model.load_state_dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """Where it stands, the best weights included."""
        names = ("best", "best_epoch", "waited", "_weights")
        return {name.lstrip("_"): getattr(self, name) for name in names}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self.best, self.best_epoch = state_dict["best"], state_dict["best_epoch"]
        self.waited, self._weights = state_dict["waited"], state_dict["weights"]
