"""A bar that shows how far a run has come, if tqdm is installed and somebody asks for it."""

from typing import Any


class Bar:
    """Counts batches on the screen, or does nothing."""

    def __init__(self, wanted: bool, epochs: int, done: int, batches: int) -> None:
        self._bar: Any = None
        if wanted:
            try:
                from tqdm import tqdm
            except ImportError as error:
                raise ImportError(
                    "progress=True needs tqdm: pip install 'nnbook[train]'"
                ) from error
            self._bar = tqdm(total=epochs * batches, initial=done * batches, unit="batch")

    def advance(self) -> None:
        """One batch more is done."""
        if self._bar is not None:
            self._bar.update()

    def note(self, values: dict[str, float]) -> None:
        """Show the figures of the last epoch next to the bar."""
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.4g}" for name, value in values.items()})

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
