"""A training run in one file, in NumPy's own format and without pickle, to be taken up again."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from nnbook import _checkpoint
from nnbook._checkpoint import Checkpoint
from nnbook._history import History

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint"]

TEXT = "checkpoint"  # the array of this name is the text, as bytes


def save_checkpoint(
    path: str | os.PathLike[str],
    model: Any,
    optimizer: Any = None,
    scheduler: Any = None,
    history: History | None = None,
    extra: dict[str, Any] | None = None,
) -> None:
    """Save a training run in one file, that a kill at any moment leaves whole.

    The new file is written beside the old one, and takes its name only when it is on the disk.

    Args:
        path: The file; its kind is `.npz`.
        model: Whose weights are saved.
        optimizer: Whose memory is saved, such as the averages of Adam.
        scheduler: Whose position is saved.
        history: What has happened so far.
        extra: More to be had back: numbers, text and arrays, in dictionaries, lists and tuples.

    Raises:
        TypeError: If a state holds something that is neither a number, nor text, nor an array.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from nnbook import nn
        >>> path = Path(tempfile.mkdtemp()) / "run.npz"
        >>> save_checkpoint(path, nn.Linear(2, 1, rng=0), extra={"note": "first"})
        >>> load_checkpoint(path, nn.Linear(2, 1, rng=1)).extra
        {'note': 'first'}
    """
    text, arrays = _checkpoint.collect(_is_array, model, optimizer, scheduler, history, extra)
    file = io.BytesIO()
    arrays[TEXT] = np.frombuffer(text.encode(), np.uint8)
    np.savez(file, **arrays)
    _checkpoint.replace(path, file.getvalue())


def load_checkpoint(
    path: str | os.PathLike[str], model: Any = None, optimizer: Any = None, scheduler: Any = None
) -> Checkpoint:
    """Take a training run up again.

    Args:
        path: What `save_checkpoint` wrote.
        model: Gets its weights back.
        optimizer: Gets its memory back.
        scheduler: Gets its position back.

    Returns:
        The history, and what else was saved.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no checkpoint, is damaged, or is one of another model or optimizer.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from nnbook import nn
        >>> path, model = Path(tempfile.mkdtemp()) / "run.npz", nn.Linear(2, 1, rng=0)
        >>> save_checkpoint(path, model, history=History(loss=[0.5]))
        >>> other = nn.Linear(2, 1, rng=1)
        >>> load_checkpoint(path, other).epoch, bool((other.weight.data == model.weight.data).all())
        (1, True)
    """
    content = _checkpoint.read(path, _parse)
    return _checkpoint.distribute(content, path, model, optimizer, scheduler)


def _is_array(value: Any) -> bool:
    if isinstance(value, np.ndarray) and value.dtype.kind not in "biufc":
        raise TypeError(f"a checkpoint cannot hold arrays of dtype {value.dtype}")
    return isinstance(value, np.ndarray)


def _parse(path: Path) -> tuple[str, dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()  # compares all contents with their checksums
    if damaged:
        raise ValueError(f"{damaged} is not what was written")
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    return arrays.pop(TEXT).tobytes().decode(), arrays
