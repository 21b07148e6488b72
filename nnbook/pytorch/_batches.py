"""Batches on their way: to the device, to the processes, through the model, to a loss."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from nnbook._loop import Means, Metrics, Values, measured, modes_kept
from nnbook._nested import nested_map
from nnbook.data.dataset import Dataset
from nnbook.data.loader import Loader
from nnbook.pytorch._precision import Precision
from nnbook.pytorch._tensors import tensor
from nnbook.pytorch._workers import Workers


def here(data: Any, device: torch.device) -> Any:
    """Arrays as tensors on the device, all at once; a `Loader`'s batches will come one by one."""
    if isinstance(data, (Dataset, tuple)):
        return tuple(tensor(array).to(device) for array in data)
    return data


@dataclass(frozen=True)
class Batches:
    """What is computed of a batch, and where, and by how many processes."""

    loss_fn: Any
    metrics: Metrics | None
    device: torch.device
    workers: Workers
    precision: Precision

    def __post_init__(self) -> None:
        uneven = getattr(self.loss_fn, "weight", None) is not None
        if self.workers.size > 1 and uneven and self._reduction == "mean":
            raise NotImplementedError(
                f"{type(self.loss_fn).__name__} with weight is not supported in several processes: "
                "their means would not add up to the mean"
            )

    @property
    def _reduction(self) -> str:
        return getattr(self.loss_fn, "reduction", "mean")

    def measure(self, model: nn.Module, batch: Any) -> tuple[Tensor, Values]:
        """The loss to go backward from, and what was measured of the batch, in all processes."""
        part, share = self.workers.part(batch)
        *inputs, target = (tensor(array).to(self.device) for array in part)
        with self.precision.autocast():
            output = model(*inputs)
            loss = self.loss_fn(output, target)
        if loss.ndim:
            shape = tuple(loss.shape)
            raise ValueError(f"the loss has shape {shape}; it must be one number, as a mean is")
        seen = nested_map(Tensor.detach, output)
        values = measured(loss.item(), seen, target, self.metrics)
        if self.workers.size == 1:
            return loss, values
        counts = float(share > 0) if self._reduction == "sum" else share
        shares = {name: v * (counts if name == "loss" else share) for name, v in values.items()}
        total, *sums = self.workers.add([self._ignored(target), *shares.values()], self.device)
        if total:
            raise NotImplementedError("targets of ignore_index are not supported in processes")
        # The gradients are averaged over the processes; here they must be summed.
        return loss * (counts * self.workers.size), dict(zip(values, sums, strict=True))

    def _ignored(self, target: Tensor) -> float:
        index = getattr(self.loss_fn, "ignore_index", None)
        return (
            0.0 if index is None or target.is_floating_point() else float((target == index).sum())
        )

    def means(self, model: nn.Module, loader: Loader) -> Values:
        """The means over a loader, in `eval` mode."""
        means = Means()
        with modes_kept(model), torch.no_grad():
            model.eval()
            for batch in loader:
                means.add(self.measure(model, batch)[1], len(batch[-1]))
        return means.values()
