"""What a checkpoint holds, and how a file is replaced so that there always is a whole one."""

import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnbook import _tree
from nnbook._history import History

FORMAT, VERSION = "nnbook checkpoint", 1


@dataclass
class Checkpoint:
    """What `load_checkpoint` found beside the states that it gave back to their owners.

    Attributes:
        history: The history of the run so far.
        extra: Whatever else was saved.

    Examples:
        >>> Checkpoint(History(loss=[0.5, 0.4])).epoch
        2
    """

    history: History
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.history)


def replace(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that whoever is interrupted leaves the old one or the new one, whole."""
    path = Path(path)
    aside = path.with_name(path.name + ".tmp")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # the content is on the disk before the name is
    os.replace(aside, path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def collect(
    is_array: Callable[[Any], bool],
    model: Any,
    optimizer: Any,
    scheduler: Any,
    history: History | None,
    extra: dict[str, Any] | None,
) -> tuple[str, dict[str, Any]]:
    """All states, as a text and arrays."""
    arrays: dict[str, Any] = {}
    content = {
        "model": dict(model.state_dict()),
        "optimizer": _state(optimizer),
        "scheduler": _state(scheduler),
        "history": (history or History()).state_dict(),
        "extra": extra or {},
    }
    tree = {k: _tree.split(v, k, arrays, is_array) for k, v in content.items()}
    return json.dumps({"format": FORMAT, "version": VERSION, "content": tree}), arrays


def _state(part: Any) -> dict[str, Any] | None:
    return None if part is None else {"kind": type(part).__name__, "state": part.state_dict()}


def read(path: str | os.PathLike[str], parse: Callable[[Path], tuple[str, dict[str, Any]]]) -> Any:
    """The content of a checkpoint, once it is sure that it is one and whole.

    Args:
        path: The file.
        parse: Answers its text and its arrays, and raises anything if it cannot.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    try:
        text, arrays = parse(path)
        header = json.loads(text)
        if header["format"] != FORMAT:
            raise ValueError(f"its format is {header['format']!r}")
    except Exception as error:
        kind = type(error).__name__
        raise ValueError(
            f"{path} is no checkpoint of this kind, or it is damaged ({kind}: {error})"
        ) from error
    if header["version"] != VERSION:
        raise ValueError(
            f"{path} is a checkpoint of version {header['version']}; this nnbook reads {VERSION}"
        )
    return {key: _tree.join(value, arrays) for key, value in header["content"].items()}


def distribute(
    content: dict[str, Any], path: Any, model: Any, optimizer: Any, scheduler: Any
) -> Checkpoint:
    """Give every state back to its owner; if one does not take it, the model stays as it was."""
    for name, part in (("optimizer", optimizer), ("scheduler", scheduler)):
        saved = content[name]
        if part is not None and (saved is None or saved["kind"] != type(part).__name__):
            has = "no" if saved is None else f"{saved['kind']} as"
            raise ValueError(f"{path} has {has} {name}; given is {type(part).__name__}")
    before = None if model is None else copy.deepcopy(model.state_dict())
    try:
        if model is not None:
            model.load_state_dict(content["model"])
        for name, part in (("optimizer", optimizer), ("scheduler", scheduler)):
            if part is not None:
                part.load_state_dict(content[name]["state"])
    except (ValueError, RuntimeError) as error:
        if model is not None:
            model.load_state_dict(before)
        raise ValueError(f"{path} belongs to another run: {error}") from error
    history = History()
    history.load_state_dict(content["history"])
    return Checkpoint(history, content["extra"])
