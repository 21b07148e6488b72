"""Several processes that train one model together, each with its part of every batch.

`torchrun --nproc-per-node 2 train.py` starts them and tells each by environment variables who it
is. All of them draw the same order of the data; of each batch the first process takes rows 0, 2,
4, ..., the second rows 1, 3, 5, ... Their gradients are averaged, so all make the same step.
"""

import atexit
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from nnbook.pytorch._device import resolve_device


@dataclass(frozen=True)
class Workers:
    """How many processes there are, and which one this is."""

    rank: int = 0
    size: int = 1

    @classmethod
    def join(cls, device: torch.device) -> "Workers":
        """Join the others, if this process was started as one of several."""
        if not distributed.is_available():
            return cls()
        if not distributed.is_initialized():
            if int(os.environ.get("WORLD_SIZE", "1")) == 1:
                return cls()
            distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
            atexit.register(distributed.destroy_process_group)
        return cls(distributed.get_rank(), distributed.get_world_size())

    def wrap(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The model, whose gradients are averaged over all processes."""
        if self.size == 1:
            return model
        return DistributedDataParallel(
            model, device_ids=[device.index] if device.type == "cuda" else None
        )

    def part(self, batch: Any) -> tuple[tuple[Any, ...], float]:
        """This process's rows of a batch, and which share of the batch they are.

        A process for which no row is left computes the first once more, for a share of 0: the
        others wait for its gradient.
        """
        if self.size == 1:
            return tuple(batch), 1.0
        examples = len(batch[-1])
        mine = len(range(self.rank, examples, self.size))
        rows = slice(self.rank, None, self.size) if mine else slice(1)
        return tuple(array[rows] for array in batch), mine / examples

    def add(self, values: list[float], device: torch.device) -> list[float]:
        """The sums over all processes, the same in each."""
        if self.size == 1:
            return values
        total = torch.tensor(values, dtype=torch.float64, device=device)
        distributed.all_reduce(total)
        return list(total.tolist())

    def collect(self, value: Any) -> list[Any]:
        """The value of each process, in all of them."""
        if self.size == 1:
            return [value]
        values = [None] * self.size
        distributed.all_gather_object(values, value)
        return list(values)

    def agree(self, what: str, value: int) -> None:
        """Make sure that all processes have the same, such as the same file to go on from."""
        values = self.collect(value)
        if len(set(values)) > 1:
            raise RuntimeError(f"the processes differ in {what}: {', '.join(map(str, values))}")

    def only_first(self, function: Callable[..., None]) -> Callable[..., None]:
        """The function in the first process; in the others, nothing."""
        return function if self.rank == 0 else lambda *_: None


def place_for(device: str | torch.device, model: nn.Module) -> tuple[torch.device, Workers]:
    """Where a model is trained, and with whom: each process of several has a GPU of its own."""
    first = next(model.parameters(), None)
    place = resolve_device(device, torch.float32 if first is None else first.dtype)
    if place.type == "cuda":
        index = int(os.environ.get("LOCAL_RANK", "0")) if place.index is None else place.index
        place = torch.device("cuda", index)
        torch.cuda.set_device(place)
    return place, Workers.join(place)


def place_of(model: nn.Module) -> torch.device:
    """Where a model is."""
    first = next(model.parameters(), None)
    return torch.device("cpu") if first is None else first.device


def follow(optimizer: Any) -> None:
    """Bring what an optimizer remembers to where its parameters are now."""
    remembered = [
        (parameter, value)
        for parameter, state in optimizer.state.items()
        for name, value in state.items()
        if torch.is_tensor(value) and name != "step"  # which stays on the processor
    ]
    if any(value.device != parameter.device for parameter, value in remembered):
        optimizer.load_state_dict(optimizer.state_dict())


class RandomState:
    """PyTorch's own random numbers, of which dropout makes use: those of every process."""

    def __init__(self, workers: Workers, device: torch.device) -> None:
        self.workers = workers
        self.sources: list[Any] = [torch.random]
        if device.type in ("cuda", "mps"):
            self.sources.append(getattr(torch, device.type))

    def state_dict(self) -> dict[str, Any]:
        """Where they stand."""
        mine = [source.get_rng_state() for source in self.sources]
        return {"processes": self.workers.collect(mine)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put them back there."""
        mine = state_dict["processes"][self.workers.rank]
        for source, state in zip(self.sources, mine, strict=True):
            source.set_rng_state(state)
