"""One step of training: forward, loss, backward, optimizer, on a batch of 64."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier

from benchmarks.harness import Case
from nnbook import nn, optim

BATCH, CLASSES = 64, 10
Run = Callable[[], object]


def mlp(lib: Any, **dtype: Any) -> Any:
    """784-128-64-10, in NumPy or in PyTorch: the same lines."""
    return lib.Sequential(
        lib.Linear(784, 128, **dtype), lib.ReLU(),
        lib.Linear(128, 64, **dtype), lib.ReLU(),
        lib.Linear(64, CLASSES, **dtype),
    )  # fmt: skip


def lenet(lib: Any, size: int, **dtype: Any) -> Any:
    """LeNet-5 for images of 28x28, and a smaller one of its kind for the digits of 8x8."""
    padding, rest = (2, 5) if size == 28 else (2, 2)
    kernel = 5 if size == 28 else 3
    return lib.Sequential(
        lib.Conv2d(1, 6, 5, padding=padding, **dtype), lib.ReLU(), lib.MaxPool2d(2),
        lib.Conv2d(6, 16, kernel, padding=0 if size == 28 else 1, **dtype), lib.ReLU(),
        lib.MaxPool2d(2), lib.Flatten(),
        lib.Linear(16 * rest * rest, 120, **dtype), lib.ReLU(),
        lib.Linear(120, 84, **dtype), lib.ReLU(),
        lib.Linear(84, CLASSES, **dtype),
    )  # fmt: skip


def batch(*shape: int) -> tuple[Any, Any]:
    """Inputs at random, and labels."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(BATCH, *shape)).astype(np.float32), rng.integers(CLASSES, size=BATCH)


def ours(model: Any, optimizer: Any, x: Any, y: Any) -> Run:
    """Our step; as in PyTorch, nobody asks for the gradient by the data."""
    loss_fn = nn.CrossEntropyLoss()
    model.requires_input_grad_(False)

    def step() -> None:
        loss_fn(model(x), y)
        optimizer.zero_grad()
        model.backward(loss_fn.backward())
        optimizer.step()

    return step


def torchs(model: Any, optimizer: Any, x: Any, y: Any, memory: Any = None) -> Run:
    """PyTorch's step."""
    loss_fn = torch.nn.CrossEntropyLoss()
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)
    if memory is not None:
        inputs = inputs.contiguous(memory_format=memory)

    def step() -> None:
        loss = loss_fn(model(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def scikit_learns(solver: str, lr: float, x: Any, y: Any) -> Run:
    """scikit-learn's step: the same layers, one batch."""
    model = MLPClassifier(
        (128, 64), solver=solver, learning_rate_init=lr, momentum=0.0, batch_size=BATCH, alpha=0.0
    )
    classes = np.arange(CLASSES)
    return lambda: model.partial_fit(x, y, classes=classes)


def multilayer_perceptrons() -> Iterator[Case]:
    """With both optimizers, next to everything that is quick on a CPU."""
    x, y = batch(784)
    kinds = [("SGD", "sgd", 0.01, (0.65, 0.50)), ("Adam", "adam", 0.001, (0.55, 0.42))]
    for name, solver, lr, aim in kinds:

        def torch_step(compiled: bool = False, name: str = name, lr: float = lr, **how: Any) -> Run:
            model = mlp(torch.nn)
            optimizer = getattr(torch.optim, name)(model.parameters(), lr=lr, **how)
            return torchs(torch.compile(model) if compiled else model, optimizer, x, y)

        model = mlp(nn, dtype=np.float32)
        contenders = {
            "nnbook": ours(model, getattr(optim, name)(model.parameters(), lr=lr), x, y),
            "PyTorch eager": torch_step(),
            "PyTorch, fused optimizer": torch_step(fused=True),
            "PyTorch, fused and compiled": torch_step(compiled=True, fused=True),
            "scikit-learn": scikit_learns(solver, lr, x, y),
        }
        yield Case(f"MLP 784-128-64-10 with {name}", contenders, aim=aim)


def convolutional_networks() -> Iterator[Case]:
    """LeNet-5 with SGD."""
    for size, aim in [(8, (0.45, 0.33)), (28, (0.80, 0.62))]:
        x, y = batch(1, size, size)

        def torch_step(
            compiled: bool = False, memory: Any = None, size: int = size, x: Any = x, y: Any = y
        ) -> Run:
            model = lenet(torch.nn, size)
            if memory is not None:
                model = model.to(memory_format=memory)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            return torchs(torch.compile(model) if compiled else model, optimizer, x, y, memory)

        model = lenet(nn, size, dtype=np.float32)
        contenders = {
            "nnbook": ours(model, optim.SGD(model.parameters(), lr=0.01), x, y),
            "PyTorch eager": torch_step(),
            "PyTorch channels_last": torch_step(memory=torch.channels_last),
            "PyTorch compiled": torch_step(compiled=True),
        }
        yield Case(f"LeNet-5, {size}x{size}, with SGD", contenders, aim=aim)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from multilayer_perceptrons()
    yield from convolutional_networks()
