"""A training run in one file, in the format safetensors and without pickle: the twin in PyTorch."""

import os
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from nnbook import _checkpoint
from nnbook._checkpoint import Checkpoint
from nnbook._history import History

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint"]


def save_checkpoint(
    path: str | os.PathLike[str],
    model: nn.Module,
    optimizer: Any = None,
    scheduler: Any = None,
    history: History | None = None,
    extra: dict[str, Any] | None = None,
) -> None:
    """Save a training run in one file, that a kill at any moment leaves whole.

    The new file is written beside the old one, and takes its name only when it is on the disk.

    Args:
        path: The file; its kind is `.safetensors`.
        model: Whose weights are saved.
        optimizer: Whose memory is saved, such as the averages of Adam.
        scheduler: Whose position is saved.
        history: What has happened so far.
        extra: More to be had back: numbers, text and tensors, in dictionaries, lists and tuples.

    Raises:
        TypeError: If a state holds something that is neither a number, nor text, nor a tensor.
        ImportError: If safetensors is not installed.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "run.safetensors"
        >>> save_checkpoint(path, nn.Linear(2, 1), extra={"note": "first"})
        >>> load_checkpoint(path, nn.Linear(2, 1)).extra
        {'note': 'first'}
    """
    text, tensors = _checkpoint.collect(_is_tensor, model, optimizer, scheduler, history, extra)
    # A copy of each: safetensors refuses tensors that share memory, as tied weights do.
    copies = {k: t.detach().cpu().clone().contiguous() for k, t in tensors.items()}
    metadata = {"checkpoint": text, "checksum": str(_checksum(text, copies))}
    _checkpoint.replace(path, _safetensors().torch.save(copies, metadata))


def load_checkpoint(
    path: str | os.PathLike[str],
    model: nn.Module | None = None,
    optimizer: Any = None,
    scheduler: Any = None,
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
        ImportError: If safetensors is not installed.

    Examples:
        >>> import tempfile
        >>> path, model = Path(tempfile.mkdtemp()) / "run.safetensors", nn.Linear(2, 1)
        >>> save_checkpoint(path, model, history=History(loss=[0.5]))
        >>> other = nn.Linear(2, 1)
        >>> load_checkpoint(path, other).epoch, torch.equal(other.weight, model.weight)
        (1, True)
    """
    _safetensors()
    content = _checkpoint.read(path, _parse)
    return _checkpoint.distribute(content, path, model, optimizer, scheduler)


def _safetensors() -> ModuleType:
    try:
        import safetensors.torch
    except ImportError as error:
        raise ImportError(
            "checkpoints in PyTorch need safetensors: pip install 'nnbook[torch]'"
        ) from error
    return safetensors


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Tensor)


def _checksum(text: str, tensors: dict[str, Tensor]) -> int:
    """One number that changes with every bit; the format itself has none."""
    checksum = zlib.crc32(text.encode())
    for name in sorted(tensors):
        content: Any = tensors[name].reshape(-1).view(torch.uint8).numpy()
        checksum = zlib.crc32(content, zlib.crc32(name.encode(), checksum))
    return checksum


def _parse(path: Path) -> tuple[str, dict[str, Any]]:
    with _safetensors().safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = metadata["checkpoint"]
    if metadata["checksum"] != str(_checksum(text, tensors)):
        raise ValueError("its content is not what was written")
    return text, tensors
