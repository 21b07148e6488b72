"""Runs for `torchrun` to start: `many_processes.py FOLDER RUN...`; their results go to the folder.

What a run is, and what one process makes of it, the tests ask from here, too.
"""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch
from torch import distributed, nn

from nnbook.pytorch import training

CLASSES = ("classes", "weighted", "ignored")
LOSSES = {
    "sum": nn.MSELoss(reduction="sum"),
    "classes": nn.CrossEntropyLoss(label_smoothing=0.1),
    "weighted": nn.CrossEntropyLoss(weight=torch.ones(2, dtype=torch.float64)),
    "ignored": nn.CrossEntropyLoss(),
}


def arrays(run):
    """23 examples: in batches of 7 the last has 2 rows, in batches of 11 but 1."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(23, 3))
    y = np.sin(x.sum(axis=1, keepdims=True))
    if run in CLASSES:
        y = (y[:, 0] > 0).astype(int)
    if run in ("ignored", "nan"):
        y[5] = {"ignored": -100, "nan": np.nan}[run]
    return x, y


def network(run):
    torch.manual_seed(0)
    drop = nn.Dropout(0.5) if run in ("whole", "killed") else nn.Identity()
    outputs = 2 if run in CLASSES else 1
    return nn.Sequential(nn.Linear(3, 6), nn.Tanh(), drop, nn.Linear(6, outputs)).double()


def rank():
    return distributed.get_rank() if distributed.is_initialized() else 0


def train(run, path=None, on_epoch=None):
    """The weights and the history of a run, without the time it took."""
    model, (x, y) = network(run), arrays(run)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    options = {"metrics": {"accuracy": training.accuracy}} if run == "classes" else {}
    if run == "stop":
        options["early_stopping"] = training.EarlyStopping(patience=2, min_delta=0.02)
    history = training.fit(
        model, LOSSES.get(run, nn.MSELoss()), optimizer, (x, y), epochs=6,
        batch_size=7 if run == "sum" else 11, validation=(x[:5], y[:5]), clip_grad_norm=1.0,
        scheduler=torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0),
        rng=3, device="cpu", checkpoint=path, on_epoch=on_epoch, **options,
    )  # fmt: skip
    state = history.state_dict()
    del state["seconds"]
    return {"weights": model.state_dict(), "history": state}


def die(_, history):
    """The second process is killed; the first, in the middle of its work, will hear of it."""
    if len(history) == 3 and rank() == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def main(folder, *runs):
    torch.set_num_threads(1)
    for run in runs:
        try:
            killed = run == "killed" and not (folder / "killed.safetensors").exists()
            result = train(run, folder / f"{run}.safetensors", die if killed else None)
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        torch.save(result, folder / f"{run}.{rank()}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
