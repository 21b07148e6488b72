"""Backward and step, in the floats of the weights or partly in shorter ones."""

from typing import Any

import torch
from torch import nn

DTYPES = {None: None, "bf16": torch.bfloat16, "fp16": torch.float16}


class Precision:
    """Which floats a run computes with.

    float16 knows no number between 0 and 6e-8, where many a gradient lies. So the loss is
    multiplied by a large factor before `backward`, and the gradients are divided by it after.

    Source: Micikevicius et al., Mixed precision training, 2018.
    """

    def __init__(self, device: torch.device, amp: str | None) -> None:
        if amp not in DTYPES:
            raise ValueError(f"amp is {amp!r}; it must be one of None, 'bf16', 'fp16'")
        self.device, self.dtype = device, DTYPES[amp]
        self.scaler = torch.amp.GradScaler(device.type, enabled=amp == "fp16")
        self.stepped = True

    @property
    def owners(self) -> dict[str, Any]:
        """What has a state to be saved: the factor."""
        return {"scaler": self.scaler} if self.scaler.is_enabled() else {}

    def autocast(self) -> torch.autocast:
        """Within it, what stands shorter floats is computed with them."""
        on = self.dtype is not None
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=on)

    def step(self, loss: Any, model: nn.Module, optimizer: Any, clip: float | None) -> None:
        """Backward, and a step; none if a gradient was too large for float16."""
        before = self.scaler.get_scale()
        self.scaler.scale(loss).backward()
        if clip is not None:
            if not clip >= 0:
                raise ValueError(f"clip_grad_norm is {clip}; it cannot be negative")
            self.scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        self.scaler.step(optimizer)
        self.scaler.update()
        self.stepped = self.scaler.get_scale() >= before  # an overflow makes the factor smaller
