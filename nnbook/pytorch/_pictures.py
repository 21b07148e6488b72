"""What the commands that make pictures have in common: folders in, sheets out, an average."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

KINDS = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}


def from_folder(source: str, size: int) -> NDArray[Any]:
    """The pictures of a folder and of those in it, (N, 3, size, size), from -1 to 1."""
    paths = sorted(p for p in Path(source).rglob("*") if p.suffix.lower() in KINDS)
    if not paths:
        raise FileNotFoundError(f"no pictures in {source!r}")
    from PIL import Image, ImageOps

    found = np.empty((len(paths), 3, size, size), np.float32)
    for place, path in zip(found, paths, strict=True):
        with Image.open(path) as picture:
            fitted = ImageOps.fit(picture.convert("RGB"), (size, size))
        place[...] = np.asarray(fitted, np.float32).transpose(2, 0, 1) / 127.5 - 1  # (3, H, W)
    return found


def sheet(path: Path, pictures: Tensor, columns: int) -> None:
    """Save pictures, (N, 1 or 3, H, W) from -1 to 1, side by side as one."""
    from PIL import Image

    n, c, h, w = pictures.shape
    pixels = ((pictures.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()
    rows = pixels.reshape(n // columns, columns, c, h, w).transpose(0, 3, 1, 4, 2)
    whole = rows.reshape(n // columns * h, columns * w, c)
    Image.fromarray(whole[:, :, 0] if c == 1 else whole).save(path)


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, step: int, slowness: float = 0.999) -> None:
    """Let an average of a model's weights take a step after it."""
    decay = min(slowness, 1 - 1 / (step + 2))  # at first the plain mean of all so far
    for mean, now in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(now, 1 - decay)
    for kept, seen in zip(average.buffers(), model.buffers(), strict=True):
        kept.copy_(seen)


def save(model: nn.Module, path: Path) -> None:
    """Write a model's weights as arrays."""
    values = {key: value.cpu().numpy() for key, value in model.state_dict().items()}
    np.savez(path, **values)


def say(line: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(line + "\n")
