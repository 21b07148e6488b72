"""A training run that dies in the middle, to be started again: `killed_run.py FOLDER HOW NUMBER`.

HOW says where the process kills itself, with SIGKILL, that nothing can catch: in a `batch`, in the
middle of writing a file (`write`), or before or after the file gets its name (`before`, `after`),
when that happens for the NUMBERth time. With `never` the run ends, and prints what came out.
"""

import hashlib
import io
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

from nnbook import nn, optim
from nnbook.scratch.training import EarlyStopping, accuracy, fit


def die_at(how, number):
    """Arrange for the end; answers a function to call in every batch."""
    calls = {"batch": 0, "write": 0, "before": 0, "after": 0}

    def reached(place):
        calls[place] += 1
        if place == how and calls[place] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    real_open, real_replace = io.open, os.replace

    class Half:
        """A file that is written in two halves, and between them may be the end."""

        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, content):
            self.file.write(content[: len(content) // 2])
            self.file.flush()
            reached("write")
            self.file.write(content[len(content) // 2 :])

    def opened(self, *args, **kwargs):
        file = real_open(self, *args, **kwargs)
        return Half(file) if args[:1] == ("wb",) else file

    def replaced(*args):
        reached("before")
        real_replace(*args)
        reached("after")

    Path.open, os.replace = opened, replaced
    return lambda: reached("batch")


class Watched(nn.MSELoss):
    """The squared error, which counts the batches."""

    def forward(self, x, target):
        if self.training:
            self.in_batch()
        return super().forward(x, target)


def main(folder, how, number):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 3))
    y = np.sin(x.sum(axis=1, keepdims=True)) + 0.1 * rng.normal(size=(50, 1))
    model = nn.Sequential(
        nn.Linear(3, 8, rng=0), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3, rng=1),
        nn.Linear(8, 1, rng=2),
    )  # fmt: skip
    loss = Watched()
    loss.in_batch = die_at(how, int(number))
    optimizer = optim.Adam(model.parameters(), lr=0.02, amsgrad=True)
    history = fit(
        model, loss, optimizer, (x, y), epochs=8, batch_size=16, validation=(x[::2], y[::2]),
        metrics={"error": lambda output, target: np.abs(output - target).mean()},
        scheduler=optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=32),
        scheduler_step="batch", clip_grad_norm=1.0, early_stopping=EarlyStopping(patience=5),
        checkpoint=Path(folder) / "run.npz",
    )  # fmt: skip
    digest = hashlib.sha256()
    for value in model.state_dict().values():
        digest.update(np.ascontiguousarray(value).tobytes())
    state = history.state_dict()
    del state["seconds"]
    sys.stdout.write(json.dumps({"weights": digest.hexdigest(), "history": state}))


if __name__ == "__main__":
    assert accuracy([1.0], [1]) == 1.0
    main(*sys.argv[1:])
