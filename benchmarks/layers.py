"""Single layers, forward and backward, the gradient by the input included."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from benchmarks.harness import Case
from nnbook import nn


def _images(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def _own_order(x: Any) -> Any:
    """The same images, with their memory in the order that our convolutions give out."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)


def _ours(layer: nn.Module, x: Any) -> Any:
    grad = np.ones_like(layer(x))  # in the memory order of the output

    def run() -> None:
        layer(x)
        layer.backward(grad)
        layer.zero_grad()

    return run


def _torch(layer: torch.nn.Module, x: Any, memory: Any = torch.contiguous_format) -> Any:
    layer = layer.to(memory_format=memory)
    tensor = torch.from_numpy(x).contiguous(memory_format=memory).requires_grad_()
    grad = torch.ones_like(layer(tensor))

    def run() -> None:
        layer(tensor).backward(grad)
        layer.zero_grad()
        tensor.grad = None

    return run


def images(name: str, ours: nn.Module, theirs: torch.nn.Module, x: Any, aim: Any) -> Case:
    """A layer for images, with both memory orders on both sides."""
    return Case(
        name,
        {
            "nnbook": _ours(ours, _own_order(x)),
            "nnbook, NCHW in memory": _ours(ours, x),
            "PyTorch eager": _torch(theirs, x),
            "PyTorch channels_last": _torch(theirs, x, torch.channels_last),
        },
        aim=aim,
    )


def convolutions() -> Iterator[Case]:
    """The sizes of LeNet-5's two layers, and one from a small residual network."""
    for n, c, size, out, kernel, padding, aim in [
        (64, 1, 28, 6, 5, 2, (0.65, 0.50)),
        (64, 6, 14, 16, 5, 0, (1.2, 1.0)),
        (32, 16, 32, 32, 3, 1, (1.6, 1.25)),
    ]:
        yield images(
            f"Conv2d {n}x{c}x{size}x{size} to {out} of {kernel}x{kernel}",
            nn.Conv2d(c, out, kernel, padding=padding, dtype=np.float32, rng=0),
            torch.nn.Conv2d(c, out, kernel, padding=padding),
            _images(n, c, size, size),
            aim,
        )


def pooling() -> Iterator[Case]:
    """LeNet-5's first pooling layer."""
    x = _images(64, 6, 28, 28)
    yield images(
        "MaxPool2d 2x2 of 64x6x28x28", nn.MaxPool2d(2), torch.nn.MaxPool2d(2), x, (0.30, 0.20)
    )


def recurrent() -> Iterator[Case]:
    """A hundred steps of 32 sequences; the gradient by the input included."""
    x = np.random.default_rng(0).normal(size=(100, 32, 64)).astype(np.float32)
    tensor = torch.from_numpy(x).requires_grad_()
    for name, aim in [("RNN", (0.65, 0.50)), ("LSTM", (1.6, 1.3)), ("GRU", None)]:
        ours = getattr(nn, name)(64, 128, dtype=np.float32, rng=0)
        theirs = getattr(torch.nn, name)(64, 128)
        grad = np.ones((100, 32, 128), dtype=np.float32)

        def run(ours: Any = ours, grad: Any = grad) -> None:
            ours(x)
            ours.backward(grad)
            ours.zero_grad()

        def torch_run(theirs: Any = theirs, grad: Any = grad) -> None:
            theirs(tensor)[0].backward(torch.from_numpy(grad))
            theirs.zero_grad()
            tensor.grad = None

        contenders = {"nnbook": run, "PyTorch eager": torch_run}
        yield Case(f"{name}, 100 steps, 32x64 to 128", contenders, aim=aim)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from convolutions()
    yield from pooling()
    yield from recurrent()
